"""Which events belong together, and what is open for them.

Events that share a reference are one happening. Three locks are taken here, in the house's order: the references by
digest, the happenings by id, their open alerts by key; from then on nobody else joins or raises for them. What follows
is decided in memory (`Ground`), event by event, in the order in which they came.
"""

from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

from sqlalchemy import ColumnElement, and_, case, exists, insert, or_, select, update
from sqlalchemy.orm import Session

from access.roles import OPEN_AUDIENCE
from alerts.event_models import Event, Happening, HappeningRef
from alerts.events import Fresh
from alerts.models import OpenAlert
from alerts.runs import lock_contacts, move_contacts
from db.base import table_of
from db.engine import upsert
from db.ids import Ids
from db.keyring import Use
from db.sealed import keys_of
from markers.case_models import OrderSign

JOINS_FOR = timedelta(hours=72)
"""How long after it was last seen a reference still joins; an incident joins as long as an alert of it is open, too."""

_RefKey = tuple[str, bytes]


Key = tuple[str, str, str, str]
"""(force, subject, queue, audience): what there is one open alert of in a happening."""


@dataclass(frozen=True, slots=True, order=True)
class Claim:
    """What there is one open alert of: per force, happening, subject, queue and audience."""

    force: str
    happening: UUID
    subject: str
    queue: str
    audience: str

    @property
    def key(self) -> Key:
        """The claim whatever its happening: one that became part of another keeps its claims."""
        return (self.force, self.subject, self.queue, self.audience)


@dataclass(slots=True)
class Shared:
    """A happening as it stands in this transaction.

    `raised` says that its own force's open audience was alerted, `has_alerts` that anybody was. `merged` are happenings
    that became part of it in this transaction, `parts` all that ever did. `place` is its place among the new ones.
    """

    force: str
    id: UUID
    begun_at: datetime
    is_new: bool
    voiceless: bool = False
    raised: bool = False
    has_alerts: bool = False
    caller: bytes | None = None
    stored_as: tuple[object, ...] | None = None
    merged: list[UUID] = field(default_factory=list)
    parts: list[UUID] = field(default_factory=list)
    place: int = 0
    into: "Shared | None" = None
    open: dict[Claim, UUID] = field(default_factory=dict)

    def final(self) -> "Shared":
        """The happening that this one has become a part of, or itself."""
        return self.into.final() if self.into else self

    @property
    def stored(self) -> list[UUID]:
        """The happenings under which the events that came to it before are stored."""
        return [*([] if self.is_new else [self.id]), *self.merged]

    def absorb(self, other: "Shared") -> None:
        """Take over what another happening had: its alerts, of closed circles and other forces, go on being joined."""
        self.has_alerts = self.has_alerts or other.has_alerts
        self.merged += other.stored
        self.parts += [other.id, *other.parts]
        self.open |= other.open

    @property
    def age(self) -> tuple[bool, datetime, int]:
        """Sorts happenings, the oldest first; whatever the clock says, one that was stored is older than a new one."""
        return (self.is_new, self.begun_at, self.place)


@dataclass(slots=True)
class Ground:
    """The references, happenings and open alerts of a group of events, locked; the group is decided upon it."""

    where: dict[_RefKey, Shared]
    moved: list[tuple[Shared, Shared]] = field(default_factory=list)

    def happenings(self) -> list[Shared]:
        """Every happening of the group, each once."""
        return list({shared.id: shared for shared in self.where.values()}.values())

    def settle(self, fresh: Fresh, refs: Sequence[_RefKey], wanted: Collection[Key]) -> "Settled":
        """The happening that an event belongs to. `wanted` are the alerts that it asks for.

        Two happenings meet in an event that carries both: one that has raised nothing joins the other (of two such the
        younger joins the older). Where both have raised, neither is closed: the event goes to the one that has an open
        alert for what it matches, else to the older, and their alerts are to name each other.

        Only what the open audience was told counts here: what a closed circle was told must change nothing for others.
        """
        met = sorted({id(self.where[ref]): self.where[ref] for ref in refs}.values(), key=lambda shared: shared.age)
        if not met:
            return Settled(Shared(fresh.posted.by.force, fresh.event_id, fresh.received_at, is_new=True))
        raised = [shared for shared in met if shared.raised]
        home = next((shared for shared in raised if _wants(shared, wanted)), raised[0] if raised else met[0])
        for other in met:
            if other is not home and not other.raised:
                self._merge(other, home)
        return Settled(home, [shared for shared in raised if shared is not home])

    def _merge(self, other: Shared, home: Shared) -> None:
        home.voiceless = home.voiceless or other.voiceless
        home.caller = home.caller or other.caller
        other.into = home
        self.moved.append((other, home))
        for ref, shared in self.where.items():
            if shared is other:
                self.where[ref] = home


@dataclass(frozen=True, slots=True)
class Settled:
    """Where an event belongs, and the other happenings that it also named."""

    home: Shared
    related: list[Shared] = field(default_factory=list)


def _wants(shared: Shared, wanted: Collection[Key]) -> bool:
    return any(is_public(claim, shared.force) and claim.key in wanted for claim in shared.open)


def is_public(claim: Claim, force: str) -> bool:
    """Is it of the open audience of `force`, where everybody who reads alerts may know of it?"""
    return claim.audience == OPEN_AUDIENCE and claim.force == force


def refs_of(session: Session, fresh: Fresh) -> list[_RefKey]:
    """The references of an event, as the digests that the table knows."""
    ring = keys_of(session)
    force = fresh.posted.by.force
    return [(force, ring.digest_of(Use.REFERENCE, f"{kind}\x00{text}")) for kind, text in fresh.posted.references]


def happenings_for(session: Session, events: Iterable[Fresh], now: datetime, ids: Ids) -> Ground:
    """Lock and load all that the group's references lead to; references seen for the first time lead to new ones."""
    kinds: dict[_RefKey, str] = {}
    proposed: dict[_RefKey, UUID] = {}
    for fresh in events:
        refs = refs_of(session, fresh)
        # References that come together are proposed the same happening: mostly both are new, and nothing has to move.
        together = next((proposed[ref] for ref in refs if ref in proposed), None) or ids()
        for ref, (kind, _) in zip(refs, fresh.posted.references, strict=True):
            kinds[ref] = kind
            proposed.setdefault(ref, together)
    if not kinds:
        return Ground({})
    proposed = dict(sorted(proposed.items()))
    led_to = _take_refs(session, kinds, proposed, now)
    known = {(ref[0], happening) for ref, happening in led_to.items() if happening != proposed[ref]}
    shared = lock_happenings(session, known)
    for place, ref in enumerate(kinds):
        if led_to[ref] not in shared:
            shared[led_to[ref]] = Shared(ref[0], led_to[ref], now, is_new=True, place=place)
    return Ground({ref: shared[happening] for ref, happening in led_to.items()})


def _take_refs(
    session: Session, kinds: Mapping[_RefKey, str], proposed: Mapping[_RefKey, UUID], now: datetime
) -> dict[_RefKey, UUID]:
    """Reference → happening, each row locked; an expired one is replaced in the same statement."""
    table = HappeningRef.__table__
    rows = [
        {"force": ref[0], "digest": ref[1], "kind": kinds[ref], "happening_id": happening, "seen_at": now}
        for ref, happening in proposed.items()
    ]
    add = upsert(session, table)
    expired = and_(table.c.seen_at < now - JOINS_FOR, or_(table.c.kind != "incident", ~is_openly_alerted(table.c)))
    statement = add.on_conflict_do_update(
        index_elements=["force", "digest"],
        set_={
            "happening_id": case((expired, add.excluded.happening_id), else_=table.c.happening_id),
            "seen_at": add.excluded.seen_at,
        },
    ).returning(table.c.force, table.c.digest, table.c.happening_id)
    return {(force, digest): happening for force, digest, happening in session.execute(statement, rows)}


def is_openly_alerted(ref: Any) -> ColumnElement[bool]:
    """The condition under which a reference's happening has an open alert that everybody may know of."""
    public = (OpenAlert.force == ref.force, OpenAlert.audience == OPEN_AUDIENCE)
    return exists().where(*public, OpenAlert.happening_id == ref.happening_id)


def lock_happenings(session: Session, known: Collection[tuple[str, UUID]]) -> dict[UUID, Shared]:
    """The happenings that stand, locked by id, each with its open alerts, locked by key."""
    if not known:
        return {}
    forces, ids = {force for force, _ in known}, {happening for _, happening in known}
    these = (Happening.force.in_(forces), Happening.id.in_(ids))
    rows = session.scalars(select(Happening).where(*these).order_by(Happening.id).with_for_update())
    found = {row.id: _stored(row) for row in rows}
    # Nobody else merges into a happening that is locked.
    whole = dict(found)
    parts = (Happening.force.in_(forces), Happening.merged_into.in_(found))
    for part, home in session.execute(select(Happening.id, Happening.merged_into).where(*parts)):
        assert home is not None
        found[home].parts.append(part)
        whole[part] = found[home]
    # What is known of them in runs: moves lock it before their claims, too.
    lock_contacts(session, forces, whole)
    claims = (OpenAlert.force, OpenAlert.happening_id, OpenAlert.subject, OpenAlert.queue, OpenAlert.audience)
    open_rows = session.execute(
        select(*claims, OpenAlert.alert_id).where(OpenAlert.happening_id.in_(whole)).order_by(*claims).with_for_update()
    )
    for force, happening, subject, queue, audience, alert_id in open_rows:
        key = Claim(force, happening, subject, queue, audience)
        whole[key.happening].open[key] = alert_id
    return found


def _stored(row: Happening) -> Shared:
    facts = (row.voiceless, row.raised, row.has_alerts, row.caller)
    return Shared(row.force, row.id, row.begun_at, False, *facts, stored_as=facts)  # noqa: FBT003  not new


def keep_happenings(session: Session, ground: Ground, settled: Iterable[Shared]) -> None:
    """Store what became of the happenings: new ones, changed facts, and what was merged into another."""
    every = {shared.id: shared for shared in settled}
    every |= {shared.id: shared for shared in ground.happenings()}
    fresh: list[dict[str, Any]] = []
    for shared in every.values():
        facts = _facts(shared)
        if shared.is_new:
            fresh.append(_new_row(shared, None))
        elif shared.stored_as != tuple(facts.values()):
            this = (Happening.force == shared.force, Happening.id == shared.id)
            session.execute(update(Happening).where(*this).values(**facts))
    fresh += [_new_row(other, home.final().id) for other, home in ground.moved if other.is_new]
    if fresh:
        session.execute(insert(table_of(Happening)), fresh)
    for other, home in ground.moved:
        _move(session, other, home.final())


def _new_row(shared: Shared, merged_into: UUID | None) -> dict[str, Any]:
    return {
        "force": shared.force,
        "id": shared.id,
        "begun_at": shared.begun_at,
        "merged_into": merged_into,
    } | _facts(shared)


def _facts(shared: Shared) -> dict[str, Any]:
    """What is those of all its events."""
    return {
        "voiceless": shared.voiceless, "raised": shared.raised, "has_alerts": shared.has_alerts,
        "caller": shared.caller,
    }  # fmt: skip


def _move(session: Session, other: Shared, home: Shared) -> None:
    """What led to `other` leads to `home` from now on."""
    force = home.force
    of_other = (HappeningRef.force == force, HappeningRef.happening_id == other.id)
    session.execute(update(HappeningRef).where(*of_other).values(happening_id=home.id))
    if other.is_new:
        return
    for table in (Event, OrderSign):
        of_it = (table.force == force, table.happening_id == other.id)
        session.execute(update(table).where(*of_it).values(happening_id=home.id))
    move_contacts(session, force, other.id, home.id)
    family = or_(Happening.id == other.id, Happening.merged_into == other.id)
    session.execute(update(Happening).where(Happening.force == force, family).values(merged_into=home.id))
