"""People as a form has them: a role, a name, and numbers, addresses and other marks of theirs, one in a line.

What somebody's address holds beside its words (a postcode, a UPRN) stays with it as long as its line is left alone.
"""

import re
from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from markers.matching.values import IdentifierKind, Problem
from markers.words import SubjectRole
from web.console.forms import Form
from web.console.words import gettext as _
from web.console.words import sentence

MOST_PEOPLE, MOST_LINES = 20, 20
PARTS = {"phones": "numbers", "addresses": "addresses", "identifiers": "things", "name": "name", "role": "role"}
"""Where the contract speaks of a part of somebody, the form's own name of its field."""
ROLES = {
    SubjectRole.VICTIM: "victim", SubjectRole.SUSPECT: "suspect", SubjectRole.CONVICTED: "convicted",
    SubjectRole.WITNESS: "witness", SubjectRole.OTHER: "other",
}  # fmt: skip


def lines_of(person: Mapping[str, Any], prefix: str) -> dict[str, str]:
    """Somebody as their fields."""
    return {
        f"{prefix}role": str(person.get("role", "")), f"{prefix}name": str(person.get("name") or ""),
        f"{prefix}numbers": "\n".join(str(one["number"]) for one in person.get("phones", ())),
        f"{prefix}addresses": "\n".join(map(_address_line, person.get("addresses", ()))),
        f"{prefix}things": "\n".join(f"{one['kind']} {one['value']}" for one in person.get("identifiers", ())),
    }  # fmt: skip


def _address_line(address: Mapping[str, Any]) -> str:
    text, postcode = address.get("text") or "", address.get("postcode") or ""
    if text:
        return f"{text}, {postcode}" if postcode and postcode not in text else str(text)
    return str(postcode or (f"UPRN {address['uprn']}" if address.get("uprn") else _("a position")))


def person_in(form: Form, prefix: str, was: Mapping[str, Any] | None = None) -> dict[str, Any]:
    """Somebody as the contract has them; empty where nothing was filled in. `was` is who stood there."""
    known = {_address_line(one): one for one in (was or {}).get("addresses", ())}
    person: dict[str, Any] = {"name": form[f"{prefix}name"]} if form[f"{prefix}name"] else {}
    phones = [{"number": line} for line in _lines(form[f"{prefix}numbers"])]
    addresses = [dict(known.get(line, {"text": line})) for line in _lines(form[f"{prefix}addresses"])]
    things = [_thing(line) for line in _lines(form[f"{prefix}things"])]
    lists = {"phones": phones, "addresses": addresses, "identifiers": things}
    return person | {name: given for name, given in lists.items() if given}


def _thing(line: str) -> dict[str, str]:
    """`vehicle AB12 CDE`; without its kind: an address of mail has an @, an account a colon, a mark neither."""
    kind, _space, value = line.partition(" ")
    if kind in set(IdentifierKind) and value:
        return {"kind": kind, "value": value}
    guess = IdentifierKind.ACCOUNT if ":" in line else IdentifierKind.EMAIL if "@" in line else IdentifierKind.VEHICLE
    return {"kind": guess.value, "value": line}


def _lines(text: str) -> list[str]:
    return [line.strip() for line in text.split("\n") if line.strip()][: MOST_LINES + 1]


def people_in(form: Form, was: Sequence[Mapping[str, Any]]) -> tuple[list[dict[str, Any]], list[str]]:
    """Everybody that a case's form names with their role, and the prefix of each one's fields."""
    people, prefixes = [], []
    for index in range(MOST_PEOPLE):
        prefix = f"p{index}_"
        stood = was[index] if index < len(was) else None
        person = person_in(form, prefix, stood)
        if person and form[f"{prefix}gone"] != "yes":
            people.append({"role": form[f"{prefix}role"] or "other"} | person)
            prefixes.append(prefix)
    return people, prefixes


def field_of_person(at: str, prefixes: Sequence[str]) -> str | None:
    """The form's field that a problem at `people[2].phones[0]` is about."""
    index, rest = index_in(at)
    if index is None or index >= len(prefixes):
        return None
    return prefixes[index] + PARTS.get(rest.lstrip(".").partition("[")[0].partition(".")[0], "name")


def index_in(at: str) -> tuple[int | None, str]:
    """`people[2].name` → 2 and `.name`."""
    number, bracket, rest = at.partition("[")[2].partition("]")
    return (int(number), rest) if bracket and number.isdigit() else (None, "")


def required(name: str) -> str:
    """That a field is wanted, by its name: in a summary of several, each says which."""
    return _("{field}: this is required").format(
        field=sentence(_(re.sub(r"^[a-z]\d{1,2}_", "", name)).replace("_", " "))
    )


def by_field(problems: Iterable[Problem], fields: Mapping[str, str], prefixes: Sequence[str]) -> dict[str, str]:
    """Field → what is wrong with it, in the order in which it was found; what is required is named."""
    wrong: dict[str, str] = {}
    for problem in problems:
        first = problem.at.partition("[")[0].partition(".")[0]
        own = field_of_person(problem.at, prefixes) if first == "people" else None
        name = own or fields.get(first, next(iter(fields.values())))
        wrong.setdefault(name, required(name) if problem.code == "required" else sentence(_(problem.detail)))
    return wrong
