"""Statements about alerts, each named for its question. Reads that people see start at `readable_by`."""

import re
from collections.abc import Collection, Iterable, Sequence
from datetime import datetime
from uuid import UUID

from sqlalchemy import ColumnElement, Select, and_, delete, exists, func, literal, or_, select
from sqlalchemy.orm import Session

from access.roles import OPEN_AUDIENCE, Caller, audiences_of
from alerts.event_models import Contact, Event, EventKey
from alerts.models import Alert, AlertDesk, AlertEvent, AlertLink, AlertMatch, HistoryLine, OpenAlert
from alerts.rules.words import Priority, State
from alerts.runs import SHOWN_AT_MOST, Run, counted_in
from db.positions import Feed
from markers.models import Marker

IS_OPEN = Alert.state != literal(State.RESOLVED.value, literal_execute=True)
"""What is not resolved. Written into statements as its index has it: SQLite knows a partial index by nothing else."""
WAITS_FOR_SOMEBODY = and_(
    or_(Alert.state == State.RAISED.value, Alert.awaiting.is_not(None)), Alert.shelved_until.is_(None)
)
"""What has a due time that counts: nobody has it, or what somebody asked for waits for a second person."""
NEWEST_EVENTS = 20
"""So many events of an alert stand in lists and stream messages."""


LAST_ALERTS = 50


def readable_by(caller: Caller) -> ColumnElement[bool]:
    """The condition under which an alert exists for this caller."""
    return and_(Alert.force == caller.force, Alert.audience.in_(sorted(audiences_of(caller))))


def readable_alerts(caller: Caller) -> Select[Alert]:
    """The alerts that exist for this caller."""
    return select(Alert).where(readable_by(caller))


def alert_readable_by(session: Session, caller: Caller, alert_id: UUID) -> Alert | None:
    """One alert as this caller may see it, if it exists for them."""
    return session.scalars(readable_alerts(caller).where(Alert.id == alert_id)).one_or_none()


def last_alerts_of(session: Session, caller: Caller, marker: Marker) -> Sequence[Alert]:
    """The alerts that a marker stands on and that exist for this caller, the newest first, `LAST_ALERTS` at most."""
    matched = select(AlertMatch.alert_id).where(
        AlertMatch.marker_id == marker.id, AlertMatch.marker_force == marker.force
    )
    newest = (Alert.raised_at.desc(), Alert.id.desc())
    return session.scalars(
        readable_alerts(caller).where(Alert.id.in_(matched)).order_by(*newest).limit(LAST_ALERTS)
    ).all()


def last_alert_by_target(session: Session, caller: Caller, marker: Marker) -> dict[UUID, Alert]:
    """Target of a marker → the last alert that it stands on, as far as that exists for this caller."""
    mine = (AlertMatch.marker_id == marker.id, AlertMatch.marker_force == marker.force, readable_by(caller))
    of_alert = and_(Alert.force == AlertMatch.force, Alert.id == AlertMatch.alert_id)
    newest = func.row_number().over(partition_by=AlertMatch.target_id, order_by=(Alert.raised_at.desc(), Alert.id))
    ranked = select(AlertMatch.target_id, Alert.id, newest.label("place")).join(Alert, of_alert).where(*mine).subquery()
    last = select(ranked.c.target_id, Alert).join(Alert, Alert.id == ranked.c.id).where(ranked.c.place == 1)
    return {row[0]: row[1] for row in session.execute(last)}


def moments_of_run(session: Session, run: Run, since: datetime, limit: int = 500) -> Sequence[datetime]:
    """When the newest contacts of a run were, as far back as `since`."""
    newest = select(Contact.at).where(counted_in(run), Contact.at > since).order_by(Contact.at.desc()).limit(limit)
    return session.scalars(newest).all()


def answers_at(desks: Collection[str]) -> ColumnElement[bool]:
    """The condition under which one of `desks` answers for an alert: its own queue, or one it was escalated to."""
    mine = (AlertDesk.force == Alert.force, AlertDesk.alert_id == Alert.id, AlertDesk.desk.in_(sorted(desks)))
    return exists().where(*mine)


def in_view(caller: Caller, queue: str | None) -> ColumnElement[bool]:
    """What stands in this caller's list and stream: one desk's, else their own desks', else every readable alert."""
    if queue is not None:
        return and_(readable_by(caller), answers_at([queue]))
    if caller.desks:
        return and_(readable_by(caller), answers_at(caller.desks))
    return readable_by(caller)


def lock_alerts(session: Session, forces: Collection[str], alert_ids: Collection[UUID]) -> dict[UUID, Alert]:
    """Alerts by id, locked in the order of their ids until this transaction ends, as they stand now.

    `forces` are those that the alerts belong to: every key begins with the force, and is no help without it.
    """
    if not alert_ids:
        return {}
    rows = session.scalars(
        select(Alert)
        .where(Alert.force.in_(forces), Alert.id.in_(alert_ids))
        .order_by(Alert.id)
        .with_for_update()
        .execution_options(populate_existing=True)
    )
    return {row.id: row for row in rows}


def claim_late(session: Session, now: datetime, limit: int = 100) -> Sequence[Alert]:
    """Alerts not acknowledged, or not agreed upon, by their time and not on the shelf, longest waiting first, locked.

    Another process asking at once gets others (`SKIP LOCKED`; on SQLite there is one writer).
    """
    statement = select(Alert).where(WAITS_FOR_SOMEBODY, Alert.due_at <= now).order_by(Alert.due_at).limit(limit)
    return session.scalars(statement.with_for_update(skip_locked=True)).all()


def claim_shelf_ended(session: Session, now: datetime, limit: int = 100) -> Sequence[Alert]:
    """Alerts whose time on the shelf has ended, locked as in `claim_late`."""
    statement = select(Alert).where(Alert.shelved_until <= now).order_by(Alert.shelved_until).limit(limit)
    return session.scalars(statement.with_for_update(skip_locked=True)).all()


def follow_ups_due(session: Session, now: datetime, limit: int = 100) -> Sequence[Alert]:
    """Alerts that somebody wanted to look at again by now; not locked: their claims come first."""
    statement = select(Alert).where(Alert.follow_up_at <= now).order_by(Alert.follow_up_at).limit(limit)
    return session.scalars(statement).all()


def matches_of(session: Session, forces: Collection[str], alert_ids: Iterable[UUID]) -> dict[UUID, list[AlertMatch]]:
    """Alert → its matches, in the order in which they came."""
    found: dict[UUID, list[AlertMatch]] = {alert_id: [] for alert_id in alert_ids}
    if found:
        these = (AlertMatch.force.in_(forces), AlertMatch.alert_id.in_(found))
        for row in session.scalars(select(AlertMatch).where(*these).order_by(AlertMatch.ordinal)):
            found[row.alert_id].append(row)
    return found


def alerts_of_happenings(session: Session, happening_ids: Collection[UUID]) -> Sequence[Alert]:
    """All alerts, open and resolved, that happenings have raised, in the order of raising."""
    return session.scalars(
        select(Alert).where(Alert.happening_id.in_(happening_ids)).order_by(Alert.raised_at, Alert.number)
    ).all()


def events_of_happenings(session: Session, force: str, happening_ids: Collection[UUID]) -> Sequence[Event]:
    """All events of happenings, in the order in which they came."""
    these = (Event.force == force, Event.happening_id.in_(happening_ids))
    return session.scalars(select(Event).where(*these).order_by(Event.received_at, Event.ordinal, Event.id)).all()


def newest_events(
    session: Session, forces: Collection[str], alert_ids: Collection[UUID], limit: int | None = NEWEST_EVENTS
) -> dict[UUID, list[Event]]:
    """Alert → the events that it shows, newest first, at most `limit` of each."""
    found: dict[UUID, list[Event]] = {alert_id: [] for alert_id in alert_ids}
    if not found:
        return found
    statement = (
        select(AlertEvent.alert_id, Event)
        .join(Event, and_(Event.force == AlertEvent.event_force, Event.id == AlertEvent.event_id))
        .join(Alert, and_(Alert.force == AlertEvent.force, Alert.id == AlertEvent.alert_id))
        .where(AlertEvent.force.in_(forces), AlertEvent.alert_id.in_(found))
        .order_by(AlertEvent.alert_id, AlertEvent.ordinal.desc())
    )
    if limit is not None:
        statement = statement.where(AlertEvent.ordinal > Alert.event_count - limit)
    for alert_id, event in session.execute(statement):
        found[alert_id].append(event)
    return found


def desks_of(session: Session, forces: Collection[str], alert_ids: Collection[UUID]) -> dict[UUID, list[AlertDesk]]:
    """Alert → the desks that answer for it, its own first."""
    found: dict[UUID, list[AlertDesk]] = {alert_id: [] for alert_id in alert_ids}
    if found:
        these = (AlertDesk.force.in_(forces), AlertDesk.alert_id.in_(found))
        for row in session.scalars(select(AlertDesk).where(*these).order_by(AlertDesk.level, AlertDesk.desk)):
            found[row.alert_id].append(row)
    return found


def related_to(session: Session, forces: Collection[str], alert_ids: Collection[UUID]) -> dict[UUID, list[UUID]]:
    """Alert → the alerts that it names; they are of its own audience."""
    found: dict[UUID, list[UUID]] = {alert_id: [] for alert_id in alert_ids}
    if found:
        rows = session.execute(
            select(AlertLink.alert_id, AlertLink.related_id)
            .join(Alert, and_(Alert.force == AlertLink.force, Alert.id == AlertLink.related_id))
            .where(AlertLink.force.in_(forces), AlertLink.alert_id.in_(found))
            .order_by(Alert.number)
        )
        for alert_id, related_id in rows:
            found[alert_id].append(related_id)
    return found


def history_of(session: Session, alert: Alert) -> Sequence[HistoryLine]:
    """Everything that happened to an alert, oldest first; never capped."""
    mine = (HistoryLine.force == alert.force, HistoryLine.alert_id == alert.id)
    return session.scalars(select(HistoryLine).where(*mine).order_by(HistoryLine.version)).all()


def count_open(session: Session, view: ColumnElement[bool]) -> int:
    """How many unresolved alerts stand in a view, shelved ones too."""
    return session.scalar(select(func.count()).select_from(Alert).where(view, IS_OPEN)) or 0


def open_figures(session: Session) -> tuple[dict[str, int], datetime | None]:
    """Unresolved alerts of the open audience by priority, in all forces; and since when the oldest waits for an answer.

    Shelved ones count, and do not wait.
    """
    unresolved = (Alert.audience == OPEN_AUDIENCE, IS_OPEN)
    counted = session.execute(select(Alert.priority, func.count()).where(*unresolved).group_by(Alert.priority))
    waiting = (Alert.audience == OPEN_AUDIENCE, Alert.state == State.RAISED.value, Alert.shelved_until.is_(None))
    oldest = session.scalar(select(func.min(Alert.raised_at)).where(*waiting))
    return {row.priority: row[1] for row in counted}, oldest


def pressing(session: Session, caller: Caller, queue: str | None, limit: int = 200) -> Sequence[Alert]:
    """Immediate alerts of a view that nobody has."""
    these = (
        IS_OPEN, Alert.state == State.RAISED, Alert.priority == Priority.IMMEDIATE, Alert.shelved_until.is_(None)
    )  # fmt: skip
    return session.scalars(
        select(Alert).where(in_view(caller, queue), *these).order_by(Alert.raised_at).limit(limit)
    ).all()


def shelved_or_awaiting(session: Session, caller: Caller, limit: int) -> Sequence[Alert]:
    """What is on a shelf or waits for a second person, as far as it exists for this caller, the oldest first."""
    waits = or_(Alert.shelved_until.is_not(None), Alert.awaiting.is_not(None))
    oldest = (Alert.raised_at, Alert.id)
    return session.scalars(readable_alerts(caller).where(IS_OPEN, waits).order_by(*oldest).limit(limit)).all()


def last_event(session: Session, force: str) -> tuple[str, datetime] | None:
    """The source of the event that came last to a force, and when."""
    last = select(EventKey.source, EventKey.received_at).where(EventKey.force == force)
    found = session.execute(last.order_by(EventKey.received_at.desc()).limit(1)).first()
    return (found.source, found.received_at) if found is not None else None


def alert_numbered(session: Session, caller: Caller, number: str) -> Alert | None:
    """An alert by the number that people know it by (`1042`, a circle's `c17`), as this caller may see it."""
    found = re.fullmatch(r"(c?)(\d{1,12})", number, re.ASCII)
    if found is None:
        return None
    feed = Feed.CIRCLE if found.group(1) else Feed.OPEN
    this = (Alert.feed == feed.value, Alert.number == int(found.group(2)))
    return session.scalars(readable_alerts(caller).where(*this)).one_or_none()


def alerts_by_id(session: Session, caller: Caller, ids: Collection[UUID]) -> Sequence[Alert]:
    """Those of these alerts that exist for this caller, in the order of their numbers."""
    if not ids:
        return []
    return session.scalars(readable_alerts(caller).where(Alert.id.in_(ids)).order_by(Alert.number)).all()


def is_open_about(session: Session, force: str, subject: str, audience: str) -> bool:
    """Is there an unresolved alert about this subject already, in this audience and whatever happening?"""
    about = (OpenAlert.force == force, OpenAlert.subject == subject, OpenAlert.audience == audience)
    return session.scalars(select(OpenAlert.alert_id).where(*about).limit(1)).first() is not None


def in_circle_since(session: Session, caller: Caller) -> datetime | None:
    """When the first covert marker of a circle of this caller's was placed; `None` for one who is in no circle.

    A desk is a circle from its first covert marker on: until then its people see nothing of other circles' counting.
    """
    circles = sorted(audiences_of(caller) - {OPEN_AUDIENCE})
    if not circles:
        return None
    theirs = (Marker.force == caller.force, Marker.audience.in_(circles))
    return session.scalar(select(func.min(Marker.placed_at)).where(*theirs))


def give_up_claim(session: Session, alert: Alert) -> None:
    """A resolved alert is no longer what its happening's next event joins."""
    mine = (OpenAlert.force == alert.force, OpenAlert.alert_id == alert.id)
    session.execute(delete(OpenAlert).where(*mine))


def contacts_of(session: Session, run: Run, *, but: UUID | None = None) -> Sequence[tuple[Contact, Alert | None]]:
    """The newest contacts of a run (`but` one happening's), each with the last alert that it raised there."""
    newest = select(Contact).where(counted_in(run))
    if but is not None:
        newest = newest.where(Contact.happening_id != but)
    contacts = session.scalars(newest.order_by(Contact.at.desc()).limit(SHOWN_AT_MOST)).all()
    of_these = Alert.happening_id.in_([one.happening_id for one in contacts])
    theirs = (Alert.force == run.force, Alert.subject == run.subject, Alert.audience == run.audience)
    raised = session.scalars(select(Alert).where(of_these, *theirs).order_by(Alert.number))
    by_happening = {one.happening_id: one for one in raised}
    return [(one, by_happening.get(one.happening_id)) for one in contacts]
