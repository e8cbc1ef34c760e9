"""`heed db`: the database's schema."""

import typer

from heed.schema import migrate
from heed.settings import read_settings

app = typer.Typer(help="The database's schema.", no_args_is_help=True)


@app.command("upgrade")
def db_upgrade() -> None:
    """Bring the database's schema to head."""
    settings = read_settings()
    migrate(settings.database_url)
    typer.echo("the schema is at head")
