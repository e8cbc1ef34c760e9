"""The run of events of a case (or of a marker without one): what came, counted over windows of time.

One row per happening, subject and audience: a call, its position and its log are one contact. What a closed circle was
told counts in its own run alone. Counted in SQL from keys and times; nothing is opened.
"""

import json
from collections.abc import Collection, Sequence
from dataclasses import asdict, dataclass, replace
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

from sqlalchemy import ColumnElement, and_, case, delete, func, or_, select, update
from sqlalchemy.orm import Session

from alerts.event_models import Contact, ContactMark
from alerts.rules.patterns import DAYS, Window
from db.base import table_of
from db.engine import upsert

CONTACT = "contact"
NUMBER, PLACE = "number", "place"
SHOWN_AT_MOST = 20


@dataclass(frozen=True, slots=True, order=True)
class Run:
    """Whose run of events: the subject of its alerts, in one audience."""

    force: str
    subject: str
    audience: str


def run_of(force: str, subject: str, audience: str) -> Run | None:
    """The run that an alert belongs to; another force's alert counts with the case's own force."""
    owner, _, own = subject.rpartition("/")
    return Run(owner or force, own, audience) if own.startswith(("case:", "marker:")) else None


@dataclass(frozen=True, slots=True, kw_only=True)
class Met:
    """What a happening adds to a run. `hour` is that of the clock on the wall."""

    kind: str
    at: datetime
    hour: int
    voiceless: bool = False
    breach: bool = False
    number: bytes | None = None
    place: bytes | None = None


def note(session: Session, run: Run, happening: UUID, met: Met) -> None:
    """Add a happening to a run, or better what is known of it there."""
    table = table_of(Contact)
    mine = {"force": run.force, "subject": run.subject, "audience": run.audience}
    add = upsert(session, table).values(**mine, happening_id=happening, is_false=False, **asdict(met))
    new, old = add.excluded, table.c
    better = {
        "kind": case((or_(old.kind == CONTACT, new.kind == CONTACT), CONTACT), else_=old.kind),
        "voiceless": or_(old.voiceless, new.voiceless),
        "breach": or_(old.breach, new.breach),
        "is_false": False,
        "number": func.coalesce(old.number, new.number),
        "place": func.coalesce(old.place, new.place),
    }
    keys = ["force", "happening_id", "subject", "audience"]
    stands = add.on_conflict_do_update(index_elements=keys, set_=better).returning(table.c.number, table.c.place)
    number, place = session.execute(stands).one()
    named = [(kind, digest) for kind, digest in ((NUMBER, number), (PLACE, place)) if digest is not None]
    if named and met.kind == CONTACT:
        marks = [mine | {"kind": kind, "digest": digest} for kind, digest in named]
        session.execute(upsert(session, table_of(ContactMark)).on_conflict_do_nothing(), marks)


def in_run(run: Run) -> ColumnElement[bool]:
    """The condition under which a contact is one of this run's."""
    return and_(Contact.force == run.force, Contact.subject == run.subject, Contact.audience == run.audience)


def counted_in(run: Run) -> ColumnElement[bool]:
    """The contacts that a run counts: such as raised, and were no false match."""
    return and_(in_run(run), Contact.kind == CONTACT, ~Contact.is_false)


def _of(run: Run, kind: str, since: datetime) -> ColumnElement[bool]:
    return and_(in_run(run), Contact.kind == kind, Contact.at > since, ~Contact.is_false)


@dataclass(frozen=True, slots=True, kw_only=True)
class Pattern:
    """A run as it stood at a moment: its windows, when it began and was last added to, and its hours of the day.

    `hours` counts the last four weeks, by the hour on the wall clock. `because` are the sentences of the rules.
    """

    windows: Sequence[Window]
    first_at: datetime
    last_at: datetime
    hours: Sequence[tuple[int, int]]
    because: Sequence[str] = ()

    def written(self) -> str:
        """As an alert's row keeps it: counts and times alone."""
        return json.dumps(
            {
                "windows": [asdict(one) for one in self.windows],
                "first_at": self.first_at.isoformat(), "last_at": self.last_at.isoformat(),
                "hours": [list(pair) for pair in self.hours], "because": list(self.because),
            }
        )  # fmt: skip

    @classmethod
    def read(cls, text: str | None) -> "Pattern | None":
        """What `written` wrote."""
        if text is None:
            return None
        kept = json.loads(text)
        return cls(
            windows=[Window(**one) for one in kept["windows"]], first_at=datetime.fromisoformat(kept["first_at"]),
            last_at=datetime.fromisoformat(kept["last_at"]), because=kept["because"],
            hours=[(hour, count) for hour, count in kept["hours"]],
        )  # fmt: skip

    def told(self, because: Sequence[str]) -> "Pattern":
        """With the sentences of the rules."""
        return replace(self, because=tuple(because))


def pattern_of(session: Session, run: Run, now: datetime) -> Pattern | None:
    """The run as it stands; `None` where there is none.

    The year is counted in one row; only of the last four weeks a row comes back for each number and place.
    """
    year = _year(session, run, now)
    if year is None:
        return None
    window, first_at, last_at = year
    shorter = [days for days in DAYS if days != window.days]
    columns: list[Any] = [Contact.number, Contact.place]
    for days in shorter:
        within = Contact.at > now - timedelta(days=days)
        counted = (within, and_(within, Contact.voiceless), and_(within, Contact.breach))
        columns += [func.sum(case((more, 1), else_=0)) for more in counted]
    lately = _of(run, CONTACT, now - timedelta(days=max(shorter)))
    rows = session.execute(select(*columns).where(lately).group_by(Contact.number, Contact.place)).all()
    by_hour = select(Contact.hour, func.count()).where(lately).group_by(Contact.hour).order_by(Contact.hour)
    hours = [(hour, count) for hour, count in session.execute(by_hour)]
    windows = [_window(days, 2 + 3 * place, rows) for place, days in enumerate(shorter)]
    return Pattern(windows=[*windows, window], first_at=first_at, last_at=last_at, hours=hours)


def _year(session: Session, run: Run, now: datetime) -> tuple[Window, datetime, datetime] | None:
    days = max(DAYS)
    mine = _of(run, CONTACT, now - timedelta(days=days))
    counted = select(
        func.count(), func.sum(case((Contact.voiceless, 1), else_=0)), func.sum(case((Contact.breach, 1), else_=0))
    )
    events, voiceless, breaches = session.execute(counted.where(mine)).one()
    if not events:
        return None
    of_run = (ContactMark.force == run.force, ContactMark.subject == run.subject, ContactMark.audience == run.audience)
    marks = dict(
        session.execute(select(ContactMark.kind, func.count()).where(*of_run).group_by(ContactMark.kind)).all()
    )
    window = Window(
        days=days, events=events, voiceless=voiceless, breaches=breaches, numbers=marks.get(NUMBER, 0),
        places=marks.get(PLACE, 0),
    )  # fmt: skip
    # The ends of the index, one row each.
    ends = [
        session.scalars(select(Contact.at).where(mine).order_by(end).limit(1)).one()
        for end in (Contact.at, Contact.at.desc())
    ]
    return window, ends[0], ends[1]


def _window(days: int, column: int, rows: Sequence[Any]) -> Window:
    within = [row for row in rows if row[column]]
    return Window(
        days=days,
        events=sum(row[column] for row in within),
        voiceless=sum(row[column + 1] for row in within),
        breaches=sum(row[column + 2] for row in within),
        numbers=len({row[0] for row in within} - {None}),
        places=len({row[1] for row in within} - {None}),
    )


def count_of(session: Session, run: Run, kind: str, since: datetime) -> int:
    """How many happenings of a kind came to a run since then."""
    return session.scalar(select(func.count()).select_from(Contact).where(_of(run, kind, since))) or 0


def happenings_of(session: Session, run: Run, kind: str, since: datetime) -> Sequence[UUID]:
    """The newest of them, oldest first."""
    newest = select(Contact.happening_id).where(_of(run, kind, since)).order_by(Contact.at.desc())
    return list(reversed(session.scalars(newest.limit(SHOWN_AT_MOST)).all()))


def move_contacts(session: Session, force: str, other: UUID, home: UUID) -> None:
    """A happening became part of another: what both were about is one contact."""
    table = table_of(Contact)
    twice = table.alias("twice")
    same = and_(
        twice.c.force == table.c.force, twice.c.happening_id == home, twice.c.subject == table.c.subject,
        twice.c.audience == table.c.audience,
    )  # fmt: skip
    of_other = (table.c.force == force, table.c.happening_id == other)
    session.execute(delete(table).where(*of_other, select(twice.c.at).where(same).exists()))
    session.execute(update(table).where(*of_other).values(happening_id=home))


def lock_contacts(session: Session, forces: Collection[str], happenings: Collection[UUID]) -> None:
    """Lock the contacts of happenings, before their claims: in the one order of locks."""
    mine = (Contact.force.in_(forces), Contact.happening_id.in_(happenings))
    order = (Contact.force, Contact.happening_id, Contact.subject, Contact.audience)
    session.execute(select(Contact.at).where(*mine).order_by(*order).with_for_update()).all()


def judge_contact(session: Session, run: Run, happening: UUID, *, is_false: bool, breach: bool | None) -> None:
    """What people found out: a false match counts no longer, and a breach is one or none."""
    values: dict[str, Any] = {"is_false": is_false} | ({} if breach is None else {"breach": breach})
    session.execute(update(Contact).where(in_run(run), Contact.happening_id == happening).values(**values))
    if is_false:
        _drop_marks(session, run)


def _drop_marks(session: Session, run: Run | None = None) -> None:
    """Numbers and places that no contact has any more are none of the run's (of any run, where none is named)."""
    held = or_(
        and_(ContactMark.kind == NUMBER, Contact.number == ContactMark.digest),
        and_(ContactMark.kind == PLACE, Contact.place == ContactMark.digest),
    )
    same = (
        Contact.force == ContactMark.force, Contact.subject == ContactMark.subject,
        Contact.audience == ContactMark.audience, Contact.kind == CONTACT, ~Contact.is_false,
    )  # fmt: skip
    gone = delete(ContactMark).where(~select(Contact.at).where(*same, held).exists())
    if run is not None:
        mine = (ContactMark.force == run.force, ContactMark.subject == run.subject)
        gone = gone.where(*mine, ContactMark.audience == run.audience)
    session.execute(gone)


def forget_contacts(session: Session, before: datetime) -> int:
    """Drop what no window counts any more; how many."""
    gone = session.scalars(delete(Contact).where(Contact.at <= before).returning(Contact.happening_id)).all()
    if gone:
        _drop_marks(session)
    return len(gone)
