"""Alembic's entry. Connection and tables are handed over in `Config.attributes`: nothing of ours is imported here."""

from pkgutil import resolve_name
from typing import Any, Literal

from alembic import context
from alembic.util import CommandError
from sqlalchemy.types import TypeDecorator


def rendered(kind: str, item: Any, _autogenerate: Any) -> str | Literal[False]:
    """Types of ours are written as what they are kept as: migrations import nothing of ours."""
    if kind == "type" and isinstance(item, TypeDecorator):
        return f"sa.{item.impl_instance!r}"
    return False


def run() -> None:
    """Migrate over the connection that was handed over, or that the configured provider makes."""
    attributes = context.config.attributes
    if "connection" not in attributes:
        provider = context.config.get_main_option("provider")
        if not provider:
            raise CommandError("no connection was handed over: use `heed db upgrade`")
        resolve_name(provider)(attributes)
    connection: Any = attributes["connection"]
    context.configure(
        connection=connection,
        target_metadata=attributes["metadata"],
        # SQLite cannot alter a table in place: batch mode makes a new one and copies. PostgreSQL just alters.
        render_as_batch=True,
        render_item=rendered,
        compare_type=True,
        compare_server_default=True,
        transaction_per_migration=True,
    )
    with context.begin_transaction():
        context.run_migrations()


run()
