"""People who sign in: who is here as what and at which desks; made, given another password or desks, and disabled."""

import json
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Literal
from uuid import UUID

from fastapi import APIRouter, Request
from sqlalchemy.orm import Session
from starlette.concurrency import run_in_threadpool
from starlette.responses import RedirectResponse, Response

from access import people, sessions
from access.models import User
from access.people import BadPassword, NewPerson, UserNameTaken
from access.roles import Caller, Permission, Role
from access.trail import Act, Operation, Outcome, Thing
from web.caller import TheHouse
from web.console.forms import Form
from web.console.granting import ROLES, name_in, names_in, role_in, second_agrees
from web.console.pages import Page, show
from web.console.session import KeepsPeopleAtScreen, ReadsPeopleAtScreen, TheForm
from web.console.words import gettext as _
from web.console.words import sentence
from web.errors import NothingThere
from web.house import House
from web.ids import read_id
from web.registry import Registry

router = APIRouter(include_in_schema=False)


@dataclass(frozen=True, slots=True)
class PersonSeen:
    """Somebody as a row of the list."""

    id: UUID
    name: str
    role: str
    desks: str
    signed_in_at: datetime | None
    created_at: datetime
    disabled_at: datetime | None


def _seen(row: User) -> PersonSeen:
    desks = ", ".join(json.loads(row.desks))
    return PersonSeen(row.id, row.name, row.role, desks, row.signed_in_at, row.created_at, row.disabled_at)


@router.get("/people", operation_id="people_page")
def people_page(request: Request, caller: ReadsPeopleAtScreen, house: TheHouse) -> Response:
    """Everybody of the force who signs in, those who are enabled first."""
    return show(request, Page("people.html", _holds(house, caller)))


def _holds(house: House, caller: Caller) -> dict[str, Any]:
    with house.db.reading() as session:
        rows = [_seen(row) for row in people.listed(session, caller.force)]
    house.record(caller, Act(operation=Operation.CONSULTATION, action="list_users", outcome=Outcome.SHOWN))
    choices = [("", _("Choose")), *((r.value, _(told)) for r, told in ROLES.items() if r is not Role.INTEGRATION)]
    return {
        "rows": rows, "roles": ROLES, "role_choices": choices, "typed": {}, "wrong": {},
        "may_keep": caller.may(Permission.KEEP_PEOPLE), "shortest": people.SHORTEST_PASSWORD,
    }  # fmt: skip


@router.post("/people", operation_id="make_person")
async def make_person(request: Request, caller: KeepsPeopleAtScreen, house: TheHouse, form: TheForm) -> Response:
    """Make somebody who may sign in; where their role reaches far, a second administrator agrees."""
    wrong: dict[str, str] = {}
    role = role_in(form, wrong, but=Role.INTEGRATION)
    name, desks = name_in(form, "name", wrong), names_in(form, "desks", wrong)
    if form["password"] != form["password_again"]:
        wrong["password_again"] = _("The two are not the same")
    wrong |= {} if wrong else await second_agrees(request, caller, role, form)
    if not wrong:
        person = NewPerson(name=name, role=role, force=caller.force, desks=desks)
        wrong = await run_in_threadpool(_made, house, caller, person, form)
    if not wrong:
        return RedirectResponse("/people", 303)
    # A password is never shown again, nor kept.
    typed = {name: value for name, value in form.items() if "password" not in name}
    holds = await run_in_threadpool(_holds, house, caller)
    return show(request, Page("people.html", holds | {"typed": typed, "wrong": wrong}, 422))


def _made(house: House, caller: Caller, person: NewPerson, form: Form) -> dict[str, str]:
    try:
        with house.db.transaction() as session:
            registry = Registry(house, session, caller)
            made = people.create(session, person, form["password"], registry.desk.now, house.ids)
            registry.record(Operation.ALTERATION, "create_user", Thing("user", made, 1), _agreed(form, person.role))
    except UserNameTaken as error:
        return {"name": sentence(str(error))}
    except BadPassword as error:
        return {"password": sentence(str(error))}
    return {}


def _agreed(form: Form, role: Role) -> str | None:
    """Why the trail says that it was done: who agreed, beside who did it."""
    return _("as {role}, agreed by {name}").format(role=role.value, name=form["second"]) if form["second"] else None


@router.get("/people/{user_id}", operation_id="person_page")
def person_page(request: Request, caller: ReadsPeopleAtScreen, house: TheHouse, user_id: str) -> Response:
    """Somebody, and what an administrator can do about them."""
    return show(request, Page("person.html", _person(house, caller, user_id)))


def _person(house: House, caller: Caller, user_id: str) -> dict[str, Any]:
    with house.db.reading() as session:
        user = _found(session, caller, user_id)
        seen = _seen(user)
    act = Act(
        operation=Operation.CONSULTATION, action="read_user", outcome=Outcome.SHOWN, objects=[Thing("user", seen.id, 1)]
    )  # fmt: skip
    house.record(caller, act)
    may_keep = caller.may(Permission.KEEP_PEOPLE)
    return {"person": seen, "roles": ROLES, "typed": {"desks": seen.desks}, "wrong": {}, "tried": "",
            "may_keep": may_keep, "shortest": people.SHORTEST_PASSWORD}  # fmt: skip


def _found(session: Session, caller: Caller, user_id: str) -> User:
    wanted = read_id(user_id)
    user = people.of_id(session, caller.force, wanted) if wanted else None
    if user is None:
        raise NothingThere
    return user


@router.post("/people/{user_id}/{move}", operation_id="change_person")
async def change_person(
    request: Request, caller: KeepsPeopleAtScreen, house: TheHouse, user_id: str,
    move: Literal["desks", "password", "disable"], form: TheForm,
) -> Response:  # fmt: skip
    """Give somebody other desks or another password, or disable them; with the last two all their sessions end."""
    holds = await run_in_threadpool(_person, house, caller, user_id)
    wrong: dict[str, str] = {}
    if move == "password":
        # Whoever gives a password could sign in by it: what reaches far is not one administrator's alone.
        wrong |= await second_agrees(request, caller, Role(holds["person"].role), form)
    if not wrong:
        wrong = await run_in_threadpool(_changed, house, caller, (user_id, move), form)
    if not wrong:
        return RedirectResponse(f"/people/{user_id}", 303)
    typed = {name: value for name, value in form.items() if "password" not in name}
    holds |= {"typed": holds["typed"] | typed, "wrong": wrong, "tried": move}
    return show(request, Page("person.html", holds, 422))


def _changed(house: House, caller: Caller, what: tuple[str, str], form: Form) -> dict[str, str]:
    user_id, move = what
    with house.db.transaction() as session:
        registry = Registry(house, session, caller)
        user = _found(session, caller, user_id)
        if user.disabled_at:
            return {"desks": _("They are disabled already")}
        wrong = MOVES[move](registry, user, form)
        if not wrong:
            session.flush()
            why = _agreed(form, Role(user.role)) if move == "password" else None
            registry.record(Operation.ALTERATION, ACTS[move], Thing("user", user.id, 1), why)
    return wrong


ACTS = {"desks": "change_desks", "password": "change_password", "disable": "disable_user"}


def _desks(_registry: Registry, user: User, form: Form) -> dict[str, str]:
    wrong: dict[str, str] = {}
    desks = names_in(form, "desks", wrong)
    if not wrong:
        people.set_desks(user, desks)
    return wrong


def _password(registry: Registry, user: User, form: Form) -> dict[str, str]:
    if form["password"] != form["password_again"]:
        return {"password_again": _("The two are not the same")}
    try:
        people.set_password(user, form["password"])
    except BadPassword as error:
        return {"password": sentence(str(error))}
    sessions.end_others(registry.session, user.force, user.id, None, registry.desk.now)
    return {}


def _disable(registry: Registry, user: User, form: Form) -> dict[str, str]:
    if user.name == registry.caller.name:
        return {"sure": _("You cannot disable yourself")}
    if form["sure"] != user.name:
        return {"sure": _("Write their name, to be sure that it is they")}
    people.disable(registry.session, user.name, user.force, registry.desk.now)
    sessions.end_others(registry.session, user.force, user.id, None, registry.desk.now)
    return {}


MOVES = {"desks": _desks, "password": _password, "disable": _disable}
