"""`heed audit`: the audit trail."""

import typer

from access.verify import Verdict, verify
from heed.commands.ground import FINDING, database
from heed.keys import key_file_of
from heed.settings import read_settings

app = typer.Typer(help="The audit trail.", no_args_is_help=True)


@app.command("verify")
def audit_verify() -> None:
    """Read the whole trail; 0 when every entry is as it was written, 1 and the first broken one when not."""
    settings = read_settings()
    typer.echo(f"keys: {key_file_of(settings).name if not settings.sealing_keys else 'settings'}", err=True)
    with database(settings) as db, db.reading() as session:
        verdict = verify(session)
    if not verdict.is_intact:
        named = f"entry {verdict.broken} {verdict.what}" if verdict.broken else verdict.what
        typer.echo(f"broken: {named} ({_told(verdict)})")
        raise typer.Exit(FINDING)
    typer.echo(f"intact: {_told(verdict)}, each as it was written")


def _told(verdict: Verdict) -> str:
    by_others = "of them sealed for a process that had ended or was held up"
    adopted = f", {verdict.adopted} {by_others}" if verdict.adopted else ""
    return f"{verdict.entries} entries, {verdict.slices} slices, {verdict.pending} pending{adopted}"
