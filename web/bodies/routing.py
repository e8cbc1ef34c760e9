"""Rules that name desks, as bodies."""

import json
import re
from typing import Annotated

from pydantic import AfterValidator, Field, field_validator

from alerts.rules.routing import MOST_DESKS, MOST_RULES
from markers.matching.values import Numbering, Problem
from markers.targets import understand_target
from markers.words import Risk, TargetKind
from web.bodies.shapes import Given, Name, ShortText
from web.bodies.targets import AreaGiven


def _is_part(text: str) -> str:
    if not re.fullmatch(r"[A-Z]{1,2}(\d[A-Z\d]?( \d([A-Z]{2})?)?)?", text.strip().upper(), re.ASCII):
        raise ValueError("the beginning of a postcode is wanted: L, L1, L1 4 or L1 4DS")
    return text.strip().upper()


PostcodePart = Annotated[str, Field(strict=True, max_length=8), AfterValidator(_is_part)]


class RuleBody(Given):
    """Desks, and when they answer: what is named has to fit, what is not fits always; an area or a postcode will do."""

    name: ShortText = Field(examples=["stalking, in the north"])
    categories: list[ShortText] = Field(default=[], max_length=50)
    risks: list[Risk] = Field(default=[], max_length=3)
    channels: list[ShortText] = Field(default=[], max_length=50, examples=[["999"]])
    areas: list[AreaGiven] = Field(default=[], max_length=20)
    postcodes: list[PostcodePart] = Field(default=[], max_length=200, examples=[["L", "L1", "L1 4"]])
    desks: list[Name] = Field(min_length=1, max_length=MOST_DESKS, examples=[["call-taking", "dispatch"]])

    @field_validator("desks")
    @classmethod
    def _once(cls, value: list[str]) -> list[str]:
        if len(set(value)) != len(value):
            raise ValueError("a desk stands twice")
        return value


class RoutingBody(Given):
    """The whole table, in the place of what stood."""

    rules: list[RuleBody] = Field(max_length=MOST_RULES)


def wrong_with(body: RoutingBody) -> list[Problem]:
    """What single rules can't tell: two of one name, an area that is none."""
    wrong: list[Problem] = []
    names = [rule.name for rule in body.rules]
    for place, rule in enumerate(body.rules):
        if rule.name in names[:place]:
            wrong.append(Problem(f"rules[{place}].name", "name_taken", "two rules have this name"))
        for number, area in enumerate(rule.areas):
            given = json.loads(area.model_dump_json(exclude_none=True))
            understood = understand_target(TargetKind.AREA, given, Numbering())
            if isinstance(understood, Problem):
                wrong.append(understood.under(f"rules[{place}].areas[{number}]"))
    return wrong
