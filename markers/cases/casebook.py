"""The casebook: a case is opened, amended, noted in. Its risk history is only ever added to."""

import json
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import select
from sqlalchemy.orm import Session

from access.roles import OPEN_AUDIENCE, Caller, Role, circle_of
from db.sealed import read_json
from markers.case_models import Case, CaseNote, CasePart, CaseRisk
from markers.cases.parts import PartGiven, PartValue, keys_for, of_person, understood
from markers.cases.queries import (
    case_of,
    drop_parts,
    is_circle,
    markers_of_case,
    notes_of,
    orders_of_cases,
    risks_of,
    store_part_keys,
)
from markers.cases.refusals import CaseNotUnderstood, CaseReferenceTaken
from markers.cases.reviews import Ask, ask_for, still_covered
from markers.cases.rules.breach import Side
from markers.cases.rules.words import ReviewKind
from markers.drafts import Desk
from markers.matching.keys import VERSION
from markers.matching.values import Problem
from markers.models import Marker
from markers.words import Risk, SubjectRole, is_lower

_HIS = frozenset({SubjectRole.SUSPECT.value, SubjectRole.CONVICTED.value})


@dataclass(frozen=True, slots=True, kw_only=True)
class RiskGiven:
    """A risk grade as somebody gave it: theirs in their own words, and ours; by which model, when, by whom, why."""

    grade: Risk
    as_written: str | None = None
    model: str | None = None
    version: str | None = None
    assessed_at: datetime | None = None
    by: str | None = None
    reason: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class CaseDraft:
    """All that a case says, before it is one. `people` and `partners` are the objects of the contract."""

    reference: str
    officer: str
    deputy: str | None = None
    team: str | None = None
    queue: str | None = None
    present_force: str | None = None
    people: Sequence[Mapping[str, Any]] = ()
    partners: Sequence[Mapping[str, Any]] = ()
    risk: Sequence[RiskGiven] = field(default=())


def open_case(session: Session, draft: CaseDraft, desk: Desk) -> Case:
    """Open a case, or complete one that a marker opened by naming it."""
    audience = _audience_of(session, draft, desk.caller)
    standing = _standing(session, desk.caller.force, audience, draft.reference)
    if standing is not None and is_complete(standing):
        raise CaseReferenceTaken("case")
    case = standing or _new(session, draft.reference, audience, desk)
    if standing is not None:
        case.version += 1
    _write(session, case, draft, desk)
    _add_risks(session, case, [], draft.risk, desk)
    return case


def _audience_of(session: Session, draft: CaseDraft, caller: Caller) -> str:
    """Who is to know of a case: its circle alone, where one of the caller's circles has it already, where its desk is
    such a circle, or where the caller is of nothing else; else everybody.
    """
    circles = sorted(desk for desk in caller.circles if is_circle(session, caller.force, desk))
    for desk in circles:
        if _standing(session, caller.force, circle_of(desk), draft.reference) is not None:
            return circle_of(desk)
    if draft.queue in circles:
        return circle_of(draft.queue)
    is_of_one = len(circles) == 1 and caller.desks == frozenset(circles)
    return circle_of(circles[0]) if is_of_one and draft.queue is None else OPEN_AUDIENCE


def open_for(session: Session, reference: str, audience: str, desk: Desk) -> Case:
    """The case that an officer's marker or order names: the one that is known, or one that is opened by it."""
    known = case_of(session, desk.caller.force, audience, reference)
    if known is not None:
        return known
    case = _new(session, reference, audience, desk)
    session.flush()
    ask = Ask(
        kind=ReviewKind.CASE_INCOMPLETE, occasion=f"incomplete:{case.id}", about=("case", case.id), due_at=desk.now,
        said=f"case {reference} was opened by a marker or an order: it wants a deputy and a team",
    )  # fmt: skip
    ask_for(session, case, [ask], desk.ids, desk.now)
    return case


def open_cases(session: Session, markers: Sequence[Marker], desk: Desk) -> None:
    """An officer's marker opens the case that it names; on anybody else's it is a label until an officer opens it.

    A covert one opens a case of its own circle, of which nobody else knows.
    """
    if desk.caller.role is Role.OFFICER:
        named = {(one.case_reference, one.audience) for one in markers if one.case_reference}
        for reference, audience in sorted(named):
            open_for(session, reference, audience, desk)


def is_complete(case: Case) -> bool:
    """Has it an officer, a deputy and a team? One that a marker opened is that marker's reference as yet."""
    return bool(case.officer and case.deputy and case.team)


def _standing(session: Session, force: str, audience: str, reference: str) -> Case | None:
    this = (Case.force == force, Case.audience == audience, Case.reference == reference)
    return session.scalars(select(Case).where(*this).with_for_update()).one_or_none()


def _new(session: Session, reference: str, audience: str, desk: Desk) -> Case:
    caller = desk.caller
    case = Case(
        force=caller.force, id=desk.ids(), audience=audience, reference=reference, officer=caller.name,
        opened_by=caller.name, opened_at=desk.now, changed_at=desk.now, version=1,
    )  # fmt: skip
    session.add(case)
    return case


def amend_case(session: Session, case: Case, draft: CaseDraft, changed: frozenset[str], desk: Desk) -> Case:
    """Put what `draft` says in a case's place, as far as `changed` names it; a risk history is only added to."""
    if draft.reference != case.reference:
        raise CaseNotUnderstood([Problem("reference", "not_amendable", "markers and orders go by this reference")])
    before = read_json(case.people, []) or []
    case.version += 1
    _write(session, case, draft, desk, changed)
    if "risk" in changed:
        _add_risks(session, case, risks_of(session, case), draft.risk, desk)
    if "people" in changed and list(before) != list(draft.people):
        markers = [one for one in markers_of_case(session, case) if one.withdrawn_at is None]
        orders = orders_of_cases(session, {case.force}, {case.id})[case.id]
        ask_for(session, case, still_covered(markers, orders, case, desk.now), desk.ids, desk.now)
    return case


def grade(session: Session, case: Case, given: RiskGiven, desk: Desk) -> None:
    """Add a risk grade to a case's history, which stays."""
    standing = risks_of(session, case)
    history = [RiskGiven(grade=Risk(row.grade)) for row in standing]
    _add_risks(session, case, standing, [*history, given], desk)
    case.version += 1
    case.changed_at = desk.now
    session.flush()


_ALL = frozenset({"people", "partners"})


def _write(session: Session, case: Case, draft: CaseDraft, desk: Desk, changed: frozenset[str] = _ALL) -> None:
    parts = [part for one in _parts(draft.people) for part in one] if "people" in changed else []
    known, problems = understood(parts, desk.reading.numbering)
    if problems:
        raise CaseNotUnderstood(problems)
    with session.no_autoflush:
        case.officer, case.deputy, case.team = draft.officer, draft.deputy, draft.team
        case.queue, case.present_force = draft.queue, draft.present_force
        if "people" in changed:
            case.people = json.dumps(list(draft.people))
        if "partners" in changed:
            case.partners = json.dumps(list(draft.partners))
        case.changed_at = desk.now
        session.flush()
    if "people" in changed:
        drop_parts(session, case.force, (CasePart.case_id == case.id) & CasePart.order_id.is_(None))
        add_parts(session, case, None, known, desk)


def _parts(people: Sequence[Mapping[str, Any]]) -> Iterable[Iterable[PartGiven]]:
    """Whoever is suspected or convicted is known as he; the others, as those whom he may turn to."""
    for index, person in enumerate(people):
        yield of_person(f"people[{index}]", person, Side.RESPONDENT if person.get("role") in _HIS else Side.PROTECTED)


def add_parts(
    session: Session, case: Case, order_id: UUID | None, known: Sequence[tuple[PartGiven, PartValue]], desk: Desk
) -> None:
    """Keep parts, and the keys by which events find them."""
    keys: list[tuple[UUID, str]] = []
    for part, value in known:
        row = CasePart(
            force=case.force, id=desk.ids(), case_id=case.id, order_id=order_id, condition=part.condition,
            side=part.side.value, kind=part.kind, keys_version=VERSION,
        )  # fmt: skip
        session.add(row)
        row.given = json.dumps(dict(part.given))
        keys += [(row.id, key) for key in keys_for(part.side, value)]
    session.flush()
    store_part_keys(session, case.force, keys)


def _add_risks(
    session: Session, case: Case, standing: Sequence[CaseRisk], given: Sequence[RiskGiven], desk: Desk
) -> None:
    if len(given) < len(standing) or any(not _says(one, row) for one, row in zip(given, standing, strict=False)):
        told = "what was graded before stays: send the history as it is, and add to it"
        raise CaseNotUnderstood([Problem("risk", "history_is_kept", told)])
    last = standing[-1] if standing else None
    for ordinal, one in enumerate(given[len(standing) :], start=len(standing)):
        if last is not None and is_lower(one.grade, Risk(last.grade)) and not one.reason:
            told = f"it lowers what {last.by} graded {last.grade} on {last.assessed_at:%Y-%m-%d}: say why"
            raise CaseNotUnderstood([Problem(f"risk[{ordinal}].reason", "reason_wanted", told)])
        row = CaseRisk(
            force=case.force, case_id=case.id, ordinal=ordinal, grade=one.grade.value, as_written=one.as_written,
            model=one.model, model_version=one.version, assessed_at=one.assessed_at or desk.now,
            by=one.by or desk.caller.name, recorded_by=desk.caller.name, recorded_at=desk.now,
        )  # fmt: skip
        session.add(row)
        row.reason = one.reason
        last = row
    session.flush()


def _says(given: RiskGiven, row: CaseRisk) -> bool:
    """Does an entry say what stands already? What it leaves out, it does not change."""
    pairs = (
        (given.grade.value, row.grade), (given.as_written, row.as_written), (given.model, row.model),
        (given.version, row.model_version), (given.assessed_at, row.assessed_at), (given.by, row.by),
        (given.reason, row.reason),
    )  # fmt: skip
    return all(said is None or said == stands for said, stands in pairs)


def add_note(session: Session, case: Case, text: str, desk: Desk) -> CaseNote:
    """Words added to a case."""
    case.version += 1
    case.changed_at = desk.now
    note = CaseNote(
        force=case.force, case_id=case.id, ordinal=len(notes_of(session, case)), at=desk.now, by=desk.caller.name
    )
    session.add(note)
    note.text = text
    session.flush()
    return note
