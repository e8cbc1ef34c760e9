"""The register of markers: place, amend, suspend, reinstate, withdraw, renew. A rule's breach is an exception here.

A marker that would never fire is not stored: every target has to be understood, and its dates have to lie ahead.
"""

import json
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy.orm import Session, object_session

from access.people import answering_at
from access.roles import OPEN_AUDIENCE, Caller, Role, circle_of
from markers.cases.casebook import open_cases
from markers.drafts import Dates, Desk, Draft, TargetGiven
from markers.drill import prove
from markers.gazetteer import resolved
from markers.keeping import ask_of_marker, renew
from markers.matching.keys import VERSION, stored_keys
from markers.matching.values import Numbering, Problem, TargetValue
from markers.models import Marker, Target
from markers.queries import ask_to_look_back, drop_targets, references_taken, store_keys, with_targets
from markers.refusals import CircleTooSmall, MarkerNotUnderstood, ReferenceTaken, StandingNotAllowed
from markers.retention import by_category, give_review_dates
from markers.standing import row_mark, status_at
from markers.targets import understand_target
from markers.words import Sensitivity, Standing, Status

CIRCLE_AT_LEAST = 2
"""So many enabled people or tokens have to answer at a covert marker's desk: one may be asleep."""


def problems_of(draft: Draft, numbering: Numbering) -> Sequence[Problem]:
    """What is wrong with a draft's targets, said without asking the database."""
    return _understood(draft, numbering).problems


def place(session: Session, draft: Draft, desk: Desk) -> Marker:
    """Store a marker with its targets and their keys: it fires from the moment that this transaction ends."""
    return place_all(session, [draft], desk)[0]


def place_all(session: Session, drafts: Sequence[Draft], desk: Desk) -> list[Marker]:
    """Store several markers, in this order; if one of them can't be, none is."""
    if _any_reference_taken(session, drafts, desk):
        raise ReferenceTaken
    stored = []
    for ordinal, draft in enumerate(drafts):
        understood = _understood(draft, desk.reading.numbering)
        problems = [*understood.problems, *_covert_problems(draft, desk.caller), *_date_problems(draft, desk.now)]
        if problems:
            raise MarkerNotUnderstood(problems)
        marker = _new(session, draft, desk)
        marker.placed_ordinal = ordinal
        stored.append((marker, draft, understood))
    with session.no_autoflush:
        for marker, draft, _ in stored:
            session.add(marker)
            _write(marker, draft, desk, _SEALED)
        give_review_dates(session, [marker for marker, _, _ in stored], desk.now)
        session.flush()
        targets = {
            marker.id: (marker, _add_targets(session, marker, draft.targets, desk)) for marker, draft, _ in stored
        }
        session.flush()
    keyed = zip(targets.values(), stored, strict=True)
    _key_targets(
        session, desk.caller.force,
        [pair for (_, rows), (_, _, understood) in keyed for pair in zip(rows, understood.values, strict=True)],
    )  # fmt: skip
    prove(session, targets, desk.reading, desk.now)
    open_cases(session, [marker for marker, _, _ in stored], desk)
    for marker, rows in targets.values():
        ask_of_marker(session, marker, rows, desk)
    ask_to_look_back(session, [marker for marker, _, _ in stored], desk.now)
    return [marker for marker, _, _ in stored]


def _any_reference_taken(session: Session, drafts: Sequence[Draft], desk: Desk) -> bool:
    """Is one of the references in use in the audience that its marker would belong to? One question for all."""
    by_audience: dict[str, list[str]] = {}
    for draft in drafts:
        if draft.reference:
            by_audience.setdefault(_audience_of(draft), []).append(draft.reference)
    force = desk.caller.force
    return any(references_taken(session, force, audience, asked) for audience, asked in by_audience.items())


def _audience_of(draft: Draft) -> str:
    covert = draft.sensitivity is Sensitivity.COVERT
    return circle_of(draft.queue) if covert and draft.queue else OPEN_AUDIENCE


def _new(session: Session, draft: Draft, desk: Desk) -> Marker:
    covert = draft.sensitivity is Sensitivity.COVERT
    if (
        covert
        and draft.queue
        and len(answering_at(session, desk.caller.force, draft.queue, desk.now)) < CIRCLE_AT_LEAST
    ):
        raise CircleTooSmall
    return Marker(
        id=desk.ids(),
        force=desk.caller.force,
        audience=_audience_of(draft),
        sensitivity=draft.sensitivity.value,
        placed_by=desk.caller.name,
        placed_at=desk.now,
        provisional_until=desk.now + desk.provisional_for if draft.provisional else None,
        version=1,
    )


def amend(session: Session, marker: Marker, draft: Draft, changed: frozenset[str], desk: Desk) -> Marker:
    """Put those fields of `draft` that `changed` names in a marker's place; its targets are keyed anew if they changed.

    A sealed text that did not change is left as it lies: it may be one that can't be opened. Sensitivity never changes,
    nor a covert marker's queue: both say who may know of it. Withdraw, and place anew.
    """
    status = status_at(marker, desk.now)
    if status is Status.WITHDRAWN:
        raise StandingNotAllowed(status, "amended")
    understood = _understood(draft, desk.reading.numbering) if "targets" in changed else _Targets((), ())
    problems = [*understood.problems, *_fixed_problems(marker, draft)]
    if changed & {"valid_from", "valid_until"}:
        problems += _date_problems(draft, desk.now)
    if problems:
        raise MarkerNotUnderstood(problems)
    if (
        draft.reference
        and draft.reference != marker.reference
        and references_taken(session, marker.force, marker.audience, [draft.reference])
    ):
        raise ReferenceTaken
    with session.no_autoflush:
        marker.version += 1
        _write(marker, draft, desk, changed)
        session.flush()
    if "targets" in changed:
        drop_targets(session, marker.force, marker.id)
        rows = _add_targets(session, marker, draft.targets, desk)
        session.flush()
        _key_targets(session, marker.force, zip(rows, understood.values, strict=True))
    prove(session, with_targets(session, [marker]), desk.reading, desk.now)
    if "case" in changed:
        open_cases(session, [marker], desk)
    ask_of_marker(session, marker, with_targets(session, [marker])[marker.id][1], desk)
    ask_to_look_back(session, [marker], desk.now)
    return marker


def stand(session: Session, marker: Marker, standing: Standing, dates: Dates, desk: Desk) -> Marker:
    """Suspend, reinstate, withdraw or renew a marker; the reason is the trail's to keep."""
    now = desk.now
    status = status_at(marker, now)
    allowed = {
        Standing.SUSPEND: status not in (Status.WITHDRAWN, Status.SUSPENDED),
        Standing.REINSTATE: status is Status.SUSPENDED,
        Standing.WITHDRAW: status is not Status.WITHDRAWN,
        Standing.RENEW: status is not Status.WITHDRAWN,
    }
    if standing is Standing.RENEW and marker.provisional_until is not None:
        raise StandingNotAllowed(status, "renewed while it is provisional: confirm it")
    if not allowed[standing]:
        raise StandingNotAllowed(status, f"{_PAST[standing]}")
    if standing is Standing.SUSPEND:
        marker.suspended_at = now
    elif standing is Standing.REINSTATE:
        marker.suspended_at = None
    elif standing is Standing.WITHDRAW:
        marker.withdrawn_at = now
    else:
        renew(marker, by_category(session, marker, dates), now)
    marker.version += 1
    marker.changed_at = now
    marker.mark = row_mark(session, marker)
    session.flush()
    prove(session, with_targets(session, [marker]), desk.reading, now)
    if standing in (Standing.REINSTATE, Standing.RENEW):
        ask_to_look_back(session, [marker], now)
    return marker


_PAST = {
    Standing.SUSPEND: "suspended",
    Standing.REINSTATE: "reinstated",
    Standing.WITHDRAW: "withdrawn",
    Standing.RENEW: "renewed",
}


@dataclass(frozen=True, slots=True)
class _Targets:
    values: tuple[TargetValue, ...]
    problems: tuple[Problem, ...]


def _understood(draft: Draft, numbering: Numbering) -> _Targets:
    values: list[TargetValue] = []
    problems: list[Problem] = []
    for index, target in enumerate(draft.targets):
        value = understand_target(target.kind, target.given, numbering)
        if isinstance(value, Problem):
            problems.append(value.under(f"targets[{index}].{target.kind}"))
        else:
            values.append(value)
    return _Targets(tuple(values), tuple(problems))


def _covert_problems(draft: Draft, caller: Caller) -> list[Problem]:
    if draft.sensitivity is not Sensitivity.COVERT:
        return []
    if not draft.queue:
        return [Problem("queue", "required", "a covert marker names the desk that alone may know of it")]
    if draft.queue not in caller.circles or (caller.role is not Role.OFFICER and not draft.provisional):
        return [Problem("queue", "not_your_desk", "only somebody whose desk this is may place a covert marker there")]
    return []


def _date_problems(draft: Draft, now: datetime) -> list[Problem]:
    if draft.valid_until is None:
        return []
    if draft.valid_until <= now:
        return [Problem("valid_until", "date_in_the_past", "it would never fire: this date has passed")]
    if draft.valid_from and draft.valid_until <= draft.valid_from:
        return [Problem("valid_until", "date_before_start", "it would never fire: it ends before it begins")]
    return []


def _fixed_problems(marker: Marker, draft: Draft) -> list[Problem]:
    told = "is not amended: withdraw this marker and place another"
    fixed = []
    if draft.sensitivity != marker.sensitivity:
        fixed.append(Problem("sensitivity", "not_amendable", f"sensitivity {told}"))
    if marker.audience != OPEN_AUDIENCE and draft.queue != marker.queue:
        fixed.append(Problem("queue", "not_amendable", f"the desk of a covert marker {told}"))
    return fixed


_SEALED = frozenset({"instruction", "narrative", "response.code_word"})


def _write(marker: Marker, draft: Draft, desk: Desk, changed: frozenset[str]) -> None:
    marker.reference = draft.reference
    marker.category = draft.category
    marker.category_as_written = draft.category_as_written
    marker.subject_role = draft.subject_role.value
    marker.risk = draft.risk.value
    marker.queue = draft.queue
    marker.case_reference = draft.case
    if "instruction" in changed:
        marker.instruction = draft.instruction
    if "narrative" in changed:
        marker.narrative = draft.narrative
    if "response.code_word" in changed:
        marker.response_code_word = draft.response.code_word
    marker.response_grade = draft.response.grade.value if draft.response.grade else None
    marker.response_call_back = draft.response.call_back.value if draft.response.call_back else None
    marker.valid_from = draft.valid_from or desk.now
    marker.valid_until = draft.valid_until
    if marker.provisional_until is not None:
        # Unconfirmed it ends then, whatever else was wished for it.
        marker.valid_until = min(draft.valid_until or marker.provisional_until, marker.provisional_until)
    marker.review_due = draft.review_due
    marker.changed_at = desk.now
    session = object_session(marker)
    assert session is not None
    marker.mark = row_mark(session, marker)


def _add_targets(session: Session, marker: Marker, targets: Sequence[TargetGiven], desk: Desk) -> list[Target]:
    rows = []
    for ordinal, target in enumerate(targets):
        row = Target(force=marker.force, id=desk.ids(), marker_id=marker.id, ordinal=ordinal, kind=target.kind.value)
        row.keys_version = VERSION
        session.add(row)
        out_of_use = target.given.get("out_of_use")
        if out_of_use is not None:
            row.out_of_use_since = datetime.fromisoformat(out_of_use["since"]) if out_of_use.get("since") else desk.now
        row.given = json.dumps(target.given)
        rows.append(row)
    return rows


def _key_targets(session: Session, force: str, keyed: Iterable[tuple[Target, TargetValue]]) -> None:
    pairs = list(keyed)
    rows = [row for row, _ in pairs]
    known = resolved(session, rows, [value for _, value in pairs])
    store_keys(
        session, force, [(row.id, key) for row, value in zip(rows, known, strict=True) for key in stored_keys(value)]
    )
    session.flush()
