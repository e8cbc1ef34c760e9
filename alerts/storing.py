"""Writing what a group of events led to, in the one order of locks.

Happenings and their references (locked before), claims on open alerts by key, updates of standing alerts by id, the
receipts, and last the counters; after these only inserts that carry the numbers.
"""

import json
from collections.abc import Iterable, Sequence
from dataclasses import asdict
from typing import Any

from sqlalchemy import delete, insert
from sqlalchemy.orm import Session

from access.roles import OPEN_AUDIENCE
from alerts.changes import Of, feed_of, insert_lines
from alerts.drafts import Draft
from alerts.event_models import Event
from alerts.faint import written_faint
from alerts.found_orders import store_signs
from alerts.happenings import Ground, keep_happenings
from alerts.models import Alert, AlertCondition, AlertDesk, AlertEvent, AlertLink, AlertMatch, OpenAlert
from alerts.raising import Outcome, Raised
from alerts.rules.words import RANK, State
from alerts.setting import Room
from db.base import table_of
from db.engine import upsert
from db.errors import Contended
from db.positions import Feed, Taken, Wanted, take
from db.sealed import Place, keys_of, seal


def store(session: Session, ground: Ground, outcome: Outcome, room: Room) -> None:
    """Write happenings, events and alerts of a group; the counters are taken last."""
    homes = [raised.home.final() for raised in outcome.raised]
    keep_happenings(session, ground, [home for home in homes if home.has_alerts])
    _insert_events(session, outcome.raised)
    for one in outcome.raised:
        event = (one.fresh.posted.by.force, one.home.final().id, one.fresh.event_id)
        store_signs(session, event, outcome.signs.get(one.fresh.event_id, ()), one.fresh.received_at)
    _take_claims(session, [draft for draft in outcome.drafts if draft.is_new])
    for draft in outcome.drafts:
        if draft.is_new and draft.claim.audience == OPEN_AUDIENCE:
            draft.pass_on(room.passes(draft.claim.force, draft.claim.queue))
        if not draft.is_new:
            draft.put_down(room.ladder, room.now)
            _drop_bettered(session, draft)
    session.flush()
    if outcome.drafts:
        _number_and_insert(session, outcome.drafts, room)


def _insert_events(session: Session, raised: Sequence[Raised]) -> None:
    if not raised:
        return
    ring = keys_of(session)
    rows = []
    for one in raised:
        fresh, faint = one.fresh, written_faint(one.faint)
        row_id = str(fresh.event_id)
        rows.append(
            {
                "force": fresh.posted.by.force,
                "id": fresh.event_id,
                "happening_id": one.home.final().id,
                "ordinal": one.place,
                "source": fresh.posted.source,
                "kind": fresh.posted.kind,
                "occurred_at": fresh.occurred_at,
                "received_at": fresh.received_at,
                "voiceless": fresh.posted.voiceless,
                "payload_sealed": seal(ring, Place("events", "payload", row_id), fresh.posted.payload),
                "asked_keys": fresh.asked_keys,
                "faint_sealed": seal(ring, Place("events", "faint", row_id), faint) if faint else None,
            }
        )
    session.execute(insert(table_of(Event)), rows)


def _take_claims(session: Session, drafts: Sequence[Draft]) -> None:
    """Claim what there is one open alert of. Whoever stands there already was reopened this moment: try again."""
    if not drafts:
        return
    table = OpenAlert.__table__
    ordered = sorted(drafts, key=lambda draft: draft.claim)
    rows = [
        {
            "force": draft.claim.force,
            "happening_id": draft.claim.happening,
            "subject": draft.claim.subject,
            "queue": draft.claim.queue,
            "audience": draft.claim.audience,
            "alert_id": draft.id,
        }
        for draft in ordered
    ]
    add = upsert(session, table)
    keys = ["force", "happening_id", "subject", "queue", "audience"]
    statement = add.on_conflict_do_update(index_elements=keys, set_={"alert_id": table.c.alert_id}).returning(
        table.c.alert_id
    )
    standing = set(session.execute(statement, rows).scalars())
    if standing != {draft.id for draft in drafts}:
        raise Contended("open_alert")


def _drop_bettered(session: Session, draft: Draft) -> None:
    """A match that was bettered is written anew: remove what stands."""
    if draft.touched:
        mine = (AlertMatch.force == draft.claim.force, AlertMatch.alert_id == draft.id)
        session.execute(delete(AlertMatch).where(*mine, AlertMatch.target_id.in_(draft.touched)))


def _number_and_insert(session: Session, drafts: Sequence[Draft], room: Room) -> None:
    wanted: dict[tuple[str, Feed], Wanted] = {}
    for draft in drafts:
        of = _of(draft)
        wants = Wanted(len(draft.lines), int(draft.is_new))
        wanted[of.force, of.feed] = wanted.get((of.force, of.feed), Wanted()) + wants
    taken = take(session, wanted)
    for draft in drafts:
        if draft.is_new:
            session.add(draft_row := _new_row(draft, taken, room))
            draft_row.call, draft_row.incident = draft.call, draft.incident
    session.flush()
    _insert_parts(session, drafts)
    lines = [(_of(draft), line) for draft in drafts for line in draft.lines]
    insert_lines(session, lines, taken, room.now)


def _of(draft: Draft) -> Of:
    return Of(draft.claim.force, draft.id, feed_of(draft.claim.audience))


def _new_row(draft: Draft, taken: dict[tuple[str, Feed], Taken], room: Room) -> Alert:
    claim, feed = draft.claim, feed_of(draft.claim.audience)
    return Alert(
        force=claim.force,
        id=draft.id,
        feed=feed.value,
        number=taken[claim.force, feed].number(),
        audience=claim.audience,
        queue=claim.queue,
        happening_id=claim.happening,
        subject=claim.subject,
        state=State.RAISED.value,
        priority=draft.priority.value,
        priority_rank=RANK[draft.priority],
        because=json.dumps(draft.because),
        raised_at=room.now,
        due_at=room.ladder.due_at(draft.priority, room.now),
        escalation_level=0,
        previous_id=draft.previous,
        event_count=draft.event_count,
        version=draft.version,
        pattern=draft.pattern.written() if draft.pattern else None,
        assigned_to=draft.officer,
        grouped_by=draft.grouped_by,
    )


def _insert_parts(session: Session, drafts: Iterable[Draft]) -> None:
    """Events, matches, desks and links of the alerts, one statement a table."""
    ring = keys_of(session)
    events: list[dict[str, Any]] = []
    matches: list[dict[str, Any]] = []
    desks: list[dict[str, Any]] = []
    links: list[dict[str, Any]] = []
    for draft in drafts:
        mine: dict[str, Any] = {"force": draft.claim.force, "alert_id": draft.id}
        for place, (force, event) in enumerate(draft.events, start=draft.stored_events + 1):
            events.append(mine | {"ordinal": place, "event_force": force, "event_id": event})
        for match in (draft.matches if draft.is_new else draft.touched).values():
            fields = {name: getattr(match, name) for name in match.__dataclass_fields__ if name != "evidence"}
            place_of = Place("alert_matches", "evidence", f"{draft.id}/{match.target_id}")
            evidence = seal(ring, place_of, json.dumps(list(match.evidence)))
            matches.append(mine | fields | {"evidence_sealed": evidence})
        if draft.is_new:
            desks.append(mine | {"desk": draft.claim.queue, "level": 0})
            desks += [mine | {"desk": desk, "level": 1} for desk in draft.passed_on]
        links += [mine | {"related_id": other} for other in draft.links]
    _keep_findings(session, drafts)
    for model, rows in ((AlertEvent, events), (AlertMatch, matches), (AlertDesk, desks), (AlertLink, links)):
        if rows:
            session.execute(insert(table_of(model)), rows)


def _keep_findings(session: Session, drafts: Iterable[Draft]) -> None:
    """What was found of orders' conditions; of what stands already, the more telling stays."""
    ring, table = keys_of(session), table_of(AlertCondition)
    rows = []
    for draft in drafts:
        for one in draft.findings.values():
            fields = asdict(one)
            place = Place("alert_conditions", "evidence", f"{draft.id}/{one.order_id}/{one.condition}")
            evidence = seal(ring, place, json.dumps(fields.pop("evidence")))
            mine = {"force": draft.claim.force, "alert_id": draft.id, "weight": one.weight}
            rows.append(fields | mine | {"evidence_sealed": evidence})
    if rows:
        add = upsert(session, table)
        better = {name: add.excluded[name] for name in ("finding", "certain", "weight", "evidence_sealed", "at")}
        keys = ["force", "alert_id", "order_id", "condition"]
        where = table.c.weight < add.excluded.weight
        session.execute(add.on_conflict_do_update(index_elements=keys, set_=better, where=where), rows)
