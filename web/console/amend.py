"""Amending a marker: what it says, what it is on, for whom. Who opened an older version is shown what stands now."""

from collections.abc import Sequence
from typing import Any

from fastapi import APIRouter, Request
from starlette.responses import RedirectResponse, Response

from access.roles import Caller
from access.trail import Act, Operation, Outcome
from db.sealed import read_json
from markers import register
from markers.drafts import Draft, TargetGiven
from markers.matching.values import Numbering
from markers.models import Marker, Target
from markers.queries import targets_of
from markers.refusals import MarkerNotUnderstood, ReferenceTaken, StandingNotAllowed
from markers.things import thing_of
from markers.words import Risk, Sensitivity, TargetKind
from web.caller import TheHouse
from web.console.forms import Form
from web.console.marker import CATEGORIES, field_of, required_in, says_wrong, subject_role_in
from web.console.marker_helps import SUGGESTED
from web.console.marker_page import in_words_of
from web.console.pages import Page, show
from web.console.queue import desks_of
from web.console.session import PlacesAtScreen, TheForm
from web.console.targets_form import corners_of, targets_in
from web.console.words import gettext as _
from web.console.written import NOT_YET, OPENED, Came, opened_with, overtaken
from web.house import House
from web.registry import Markers

router = APIRouter(include_in_schema=False)
SAYS = {
    "category": "Category", "instruction": "What must the call handler do?", "risk": "Risk",
    "subject_role": "The person is", "grade": "Required response", "call_back": "Ringing back",
    "code_word": "Code word", "queue": "Alerts go to", "case": "Case", "narrative": "Background",
}  # fmt: skip
OF_CONTRACT = {"grade": "response", "call_back": "response", "code_word": "response.code_word"}
LONGEST_WHY = 200


@router.get("/markers/{marker_id}/amend", operation_id="amend_marker_page")
def amend_page(request: Request, caller: PlacesAtScreen, house: TheHouse, marker_id: str) -> Response:
    """The form, with what stands."""
    holds = _holds(house, caller, marker_id)
    typed = holds["as_it_is"] | {OPENED: opened_with(holds["as_it_is"])}
    return show(
        request,
        Page("marker_amend.html", holds | {"typed": typed, "wrong": {}, "stands": []}, has_tiles=True),
    )


def _holds(house: House, caller: Caller, marker_id: str) -> dict[str, Any]:
    with house.db.reading() as session:
        registry = Markers(house, session, caller)
        marker = registry.find(marker_id, to_change=False)
        rows = targets_of(session, marker.force, [marker.id])[marker.id]
        now = standing(marker) | _uses(rows)
        targets = [
            {"id": row.id.hex, "kind": kind, "words": words}
            for row in rows for kind, words in [in_words_of(row, house.reading.numbering)]
        ]  # fmt: skip
    act = Act(operation=Operation.CONSULTATION, action="read_marker", outcome=Outcome.SHOWN, objects=[thing_of(marker)])
    house.record(caller, act, session)
    # The desk that it has stays to be chosen, also where the officer does not sit at it.
    desks = list(dict.fromkeys([*desks_of(house, caller), *([marker.queue] if marker.queue else [])]))
    return {
        "marker": marker, "as_it_is": now, "targets": targets, "desks": desks, "categories": CATEGORIES,
        "suggested": SUGGESTED, "tile_url": house.console.tile_url or "",
        "map_start": house.console.map_start, "corners": corners_of({}),
        "tile_attribution": house.console.tile_attribution,
    }  # fmt: skip


def told_of(name: str) -> str:
    """A field's name as somebody would say it."""
    if name in SAYS:
        return _(SAYS[name])
    ways = {"use": _("One of its targets"), "why": _("Why a target is out of use"), "number": _("Another number"),
            "address": _("Another address"), "centre": _("Another area")}  # fmt: skip
    return ways.get(name.partition("_")[0], name.replace("_", " "))


def standing(marker: Marker) -> dict[str, str]:
    """What a marker says, as its form has it."""
    return {
        "category": marker.category, "instruction": marker.instruction or "", "risk": marker.risk,
        "subject_role": marker.subject_role, "grade": marker.response_grade or "",
        "call_back": marker.response_call_back or "", "code_word": marker.response_code_word or "",
        "queue": marker.queue or "", "case": marker.case_reference or "", "narrative": marker.narrative or "",
    }  # fmt: skip


def _uses(rows: Sequence[Target]) -> dict[str, str]:
    """Of each target whether it is in use, and why not."""
    told: dict[str, str] = {}
    for row in rows:
        out = (read_json(row.given, None) or {}).get("out_of_use") or {}
        told[f"use_{row.id.hex}"] = "in" if row.out_of_use_since is None else "out"
        told[f"why_{row.id.hex}"] = str(out.get("reason", "")) if row.out_of_use_since else ""
    return told


@router.post("/markers/{marker_id}/amend", operation_id="amend_marker_at_screen")
def amend_at_screen(
    request: Request, caller: PlacesAtScreen, house: TheHouse, marker_id: str, form: TheForm
) -> Response:
    """Save what was changed; what is wrong stands at its field, and nothing typed is lost."""
    came = NOT_YET if form["act"] == "more" else _amended(house, caller, marker_id, form)
    if came.wrong is None:
        return RedirectResponse(f"/markers/{marker_id}", 303)
    holds = _holds(house, caller, marker_id)
    typed = holds["as_it_is"] | dict(form.items())
    if came.merged:
        typed = {**came.merged, OPENED: opened_with(holds["as_it_is"])}
    holds |= {"typed": typed, "wrong": came.wrong, "stands": came.stands, "corners": corners_of(typed)}
    return show(request, Page("marker_amend.html", holds, came.status, has_tiles=True))


def _amended(house: House, caller: Caller, marker_id: str, form: Form) -> Came:
    fields: list[str] = []
    try:
        with house.db.transaction() as session:
            registry = Markers(house, session, caller)
            marker = registry.find(marker_id, to_change=True)
            now = standing(marker)
            rows = targets_of(session, marker.force, [marker.id])[marker.id]
            if form["seen"] != str(marker.version):
                return overtaken(now | _uses(rows), form, told_of)
            wrong = says_wrong(form, [*desks_of(house, caller), marker.queue or ""])
            targets, fields = _targets(rows, form, wrong, house.reading.numbering)
            if wrong:
                return Came(wrong=wrong)
            changed = {OF_CONTRACT.get(name, name) for name, told in now.items() if told != form[name]}
            draft = _draft(marker, form, targets or [])
            if targets is not None:
                changed.add("targets")
            if changed:
                register.amend(session, marker, draft, frozenset(changed), registry.desk)
                registry.record(Operation.ALTERATION, "amend_marker", thing_of(marker))
            found = marker.id
    except MarkerNotUnderstood as error:
        return Came(wrong={field_of(problem.at, fields): problem.detail for problem in error.problems})
    except (StandingNotAllowed, ReferenceTaken) as error:
        return Came(wrong={"instruction": str(error)}, status=409)
    house.look_back([(caller.force, found)])
    return Came(str(found))


def _draft(marker: Marker, form: Form, targets: Sequence[TargetGiven]) -> Draft:
    """The form over what the form does not speak of."""
    return Draft(
        category=form["category"], risk=Risk(form["risk"]), instruction=form["instruction"], targets=targets,
        sensitivity=Sensitivity(marker.sensitivity),
        subject_role=subject_role_in(form),
        category_as_written=marker.category_as_written if form["category"] == marker.category else None,
        reference=marker.reference, narrative=form["narrative"] or None, queue=form["queue"] or None,
        case=form["case"] or None,
        response=required_in(form),
        valid_from=marker.valid_from, valid_until=marker.valid_until, review_due=marker.review_due,
        provisional=marker.provisional_until is not None,
    )  # fmt: skip


def _targets(
    rows: Sequence[Target], form: Form, wrong: dict[str, str], numbering: Numbering
) -> tuple[list[TargetGiven] | None, list[str]]:
    """What it is on from now on with the field that each came from, or nothing where that is as it was."""
    kept: list[TargetGiven] = []
    fields: list[str] = []
    was = _uses(rows)
    is_changed = False
    for row in rows:
        use, why = f"use_{row.id.hex}", f"why_{row.id.hex}"
        given = read_json(row.given, None)
        wanted = form[use] or was[use]
        is_changed |= wanted != was[use] or (wanted == "out" and form[why] != was[why])
        if wanted == "gone":
            continue
        if wanted == "out" and not 0 < len(form[why]) <= LONGEST_WHY:
            wrong[why] = _("Say why it is out of use, in at most {most} characters").format(most=LONGEST_WHY)
        if given is None:
            wrong[use] = _("This cannot be opened: take it away, and give it anew")
            continue
        kept.append(TargetGiven(kind=TargetKind(row.kind), given=_used(row, given, wanted, form[why])))
        fields.append(use)
    added, of_added = targets_in(form, wrong, numbering)
    if not (added or is_changed):
        # One that can't be opened hinders nobody who changes something else.
        for name in [name for name in wrong if name.startswith("use_")]:
            del wrong[name]
        return None, fields
    if not (kept or added):
        wrong["number"] = _("Give a number, an address or an area: without one it would never fire")
    return [*kept, *added], [*fields, *of_added]


def _used(row: Target, given: dict[str, Any], use: str, why: str) -> dict[str, Any]:
    """A target as it was given, in use or out of it; one that was out stays so since when it was."""
    plain = {name: value for name, value in given.items() if name != "out_of_use"}
    if use != "out":
        return plain
    since = {"since": row.out_of_use_since.isoformat()} if row.out_of_use_since else {}
    return plain | {"out_of_use": {"reason": why} | since}
