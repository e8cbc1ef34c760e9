"""Desks: to which one each passes on what nobody there can answer, and the rules that route to them."""

from datetime import datetime

from sqlalchemy.orm import Mapped, mapped_column

from db.base import Base


class Desk(Base):
    """A desk that somebody has spoken of. `fallback` is the desk that answers, too, where nobody is signed in here."""

    __tablename__ = "desks"

    force: Mapped[str] = mapped_column(primary_key=True)
    name: Mapped[str] = mapped_column(primary_key=True)
    fallback: Mapped[str | None]
    set_by: Mapped[str]
    set_at: Mapped[datetime]


class RoutingTable(Base):
    """A force's routing rules, as they were given (JSON): changed together, so that none stands half."""

    __tablename__ = "routing_tables"

    force: Mapped[str] = mapped_column(primary_key=True)
    rules: Mapped[str]
    version: Mapped[int]
    set_by: Mapped[str]
    set_at: Mapped[datetime]
