"""Names, desks and roles as an administrator's forms have them, and the second one who agrees to what reaches far.

Who grants a role that reads what others may not, or that grants, does not do so alone: another administrator signs with
their own password, as at sign-in, and both stand in the trail.
"""

from collections.abc import Mapping

from fastapi import Request

from access.roles import GRANTED_BY_TWO, Caller, Role
from markers.names import a_name, a_persons_name
from web.console.forms import Form
from web.console.sign_in import checked
from web.console.words import gettext as _
from web.console.words import sentence
from web.errors import SignInFailed, TooManyTries

ROLES = {
    Role.HANDLER: "call handler", Role.OFFICER: "safeguarding officer", Role.SUPERVISOR: "supervisor",
    Role.INTEGRATION: "integration", Role.AUDITOR: "auditor", Role.ADMIN: "administrator",
}  # fmt: skip


def role_in(form: Form, wrong: dict[str, str], but: Role | None = None) -> Role:
    """The role that was chosen; a handler where none was, and that is wrong."""
    if form["role"] not in set(Role) or form["role"] == but:
        wrong["role"] = _("Choose what they are")
        return Role.HANDLER
    return Role(form["role"])


def name_in(form: Form, field: str, wrong: dict[str, str]) -> str:
    """A name of somebody that histories can hold."""
    try:
        return a_persons_name(form[field])
    except ValueError as error:
        wrong[field] = sentence(str(error))
        return ""


def names_in(form: Form, field: str, wrong: dict[str, str]) -> frozenset[str]:
    """Desks or sources, separated by commas."""
    try:
        return frozenset(a_name(one) for one in form[field].split(",") if one.strip())
    except ValueError as error:
        wrong[field] = sentence(str(error))
        return frozenset()


async def second_agrees(request: Request, caller: Caller, role: Role, form: Form) -> Mapping[str, str]:
    """What is wrong with the second administrator's word; nothing where it is good, or none is wanted."""
    if role not in GRANTED_BY_TWO:
        return {}
    if not form["second"] or form["second"] == caller.name:
        return {"second": _("A second administrator has to agree to this role: their name and password")}
    try:
        user = await checked(request, form["second"], form["second_password"])
    except TooManyTries:
        return {"second": _("Too many tries: wait some minutes")}
    except SignInFailed:
        return {"second": _("This name and password do not belong together")}
    if Role(user.role) is not Role.ADMIN or user.force != caller.force:
        return {"second": _("Only an administrator can agree to this")}
    return {}
