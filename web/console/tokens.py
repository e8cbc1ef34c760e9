"""Bearer tokens: what programs and people without a password hold; made once, shown once, and revoked."""

import json
from datetime import datetime, timedelta
from typing import Any

from fastapi import APIRouter, Request
from starlette.concurrency import run_in_threadpool
from starlette.responses import RedirectResponse, Response

from access import tokens
from access.models import Token
from access.roles import Caller, Permission
from access.tokens import Grant, NoSuchToken, TokenNameTaken
from access.trail import Act, Operation, Outcome, Thing
from web.caller import TheHouse
from web.console.forms import Form, whole
from web.console.granting import ROLES, name_in, names_in, role_in, second_agrees
from web.console.pages import Page, show
from web.console.session import KeepsPeopleAtScreen, ReadsPeopleAtScreen, TheForm
from web.console.words import gettext as _
from web.console.words import sentence
from web.house import House
from web.registry import Registry

router = APIRouter(include_in_schema=False)
MOST_DAYS = 3650


@router.get("/tokens", operation_id="tokens_page")
def tokens_page(request: Request, caller: ReadsPeopleAtScreen, house: TheHouse) -> Response:
    """All tokens of the force, those in use first; their secrets are kept nowhere."""
    return show(request, Page("tokens.html", _holds(house, caller)))


def _holds(house: House, caller: Caller) -> dict[str, Any]:
    with house.db.reading() as session:
        now = house.clock.now(session)
        rows = [_seen(row, now) for row in tokens.listed(session, caller.force)]
    house.record(caller, Act(operation=Operation.CONSULTATION, action="list_tokens", outcome=Outcome.SHOWN))
    return {
        "rows": rows, "roles": ROLES, "typed": {}, "wrong": {}, "made": None,
        "role_choices": [("", _("Choose")), *((role.value, _(told)) for role, told in ROLES.items())],
        "may_keep": caller.may(Permission.KEEP_PEOPLE),
    }  # fmt: skip


def _seen(row: Token, now: datetime) -> dict[str, Any]:
    is_over = row.expires_at is not None and row.expires_at <= now
    state = _("revoked") if row.revoked_at else _("expired") if is_over else _("in use")
    plain = ("name", "role", "created_at", "last_used_at", "expires_at")
    return {name: getattr(row, name) for name in plain} | {
        "desks": ", ".join(json.loads(row.desks)), "sources": ", ".join(json.loads(row.sources)), "state": state,
        "is_good": not (row.revoked_at or is_over), "is_revoked": row.revoked_at is not None,
    }  # fmt: skip


@router.post("/tokens", operation_id="make_token")
async def make_token(request: Request, caller: KeepsPeopleAtScreen, house: TheHouse, form: TheForm) -> Response:
    """Make one, and show its secret, this once; where its role reaches far, a second administrator agrees."""
    wrong: dict[str, str] = {}
    role, name = role_in(form, wrong), name_in(form, "name", wrong)
    desks, sources = names_in(form, "desks", wrong), names_in(form, "sources", wrong)
    days = whole(form["days"], MOST_DAYS) if form["days"] else None
    if form["days"] and not days:
        wrong["days"] = _("Days from 1 to {most}; nothing: until it is revoked").format(most=MOST_DAYS)
    wrong |= {} if wrong else await second_agrees(request, caller, role, form)
    secret = ""
    if not wrong:
        grant = Grant(name=name, role=role, force=caller.force, desks=desks, sources=sources)
        wrong, secret = await run_in_threadpool(_made, house, caller, (grant, days), form)
    holds = await run_in_threadpool(_holds, house, caller)
    if wrong:
        typed = {name: value for name, value in form.items() if "password" not in name}
        return show(request, Page("tokens.html", holds | {"typed": typed, "wrong": wrong}, 422))
    return show(request, Page("tokens.html", holds | {"made": (name, secret)}, 201))


def _made(
    house: House, caller: Caller, wanted: tuple[Grant, int | None], form: Form
) -> tuple[dict[str, str], str]:  # fmt: skip
    grant, days = wanted
    try:
        with house.db.transaction() as session:
            registry = Registry(house, session, caller)
            now = registry.desk.now
            ending = Grant(
                name=grant.name, role=grant.role, force=grant.force, desks=grant.desks, sources=grant.sources,
                expires_at=now + timedelta(days=days) if days else None,
            )  # fmt: skip
            made = tokens.create(session, ending, now, house.ids, house.randomness)
            why = f"as {grant.role.value}, agreed by {form['second']}" if form["second"] else None
            registry.record(Operation.ALTERATION, "create_token", Thing("token", made.id, 1), why)
            return {}, made.secret
    except TokenNameTaken as error:
        return {"name": sentence(str(error))}, ""


@router.post("/tokens/revoke", operation_id="revoke_token_at_screen")
def revoke_token_at_screen(request: Request, caller: KeepsPeopleAtScreen, house: TheHouse, form: TheForm) -> Response:
    """End one: the next request with it is refused, and its streams end at their next beat."""
    try:
        with house.db.transaction() as session:
            registry = Registry(house, session, caller)
            revoked = tokens.revoke(session, form["name"], caller.force, registry.desk.now)
            registry.record(Operation.ALTERATION, "revoke_token", Thing("token", revoked, 2))
    except NoSuchToken as error:
        return show(
            request, Page("tokens.html", _holds(house, caller) | {"wrong": {"name": sentence(str(error))}}, 409)
        )
    return RedirectResponse("/tokens", 303)
