"""Conditions as courts make them: how a breach of each becomes known, and what an event shows of those that are watched."""

from dataclasses import dataclass, field
from typing import Any

import pytest

from tests.scenarios.safeguarding import HERS, HIS, HIS_CAR, HIS_NAME, IN_ZONE, OUTSIDE, ZONE, found, record_order
from tests.world import World

HOME = {"address": {"text": "Flat 2, 10 Bold Street, Liverpool", "postcode": "L1 4DS"}}
SCHOOL_DAYS = [{"from": "08:00", "until": "16:00", "days": ["mon", "tue", "wed", "thu", "fri"]}]
NIGHT = [{"from": "19:00", "until": "07:00"}]
HIM: dict[str, Any] = {"people": [{"name": HIS_NAME, "role": "suspect"}]}
HE_CALLS = {"phones": [{"number": HIS, "role": "caller"}]}


def at(point: dict[str, Any], role: str = "incident") -> dict[str, Any]:
    return {"locations": [{"role": role, "point": point}]}


AT_HOME = {"locations": [{"role": "incident", "address": "flat 2 10 bold st", "postcode": "L1 4DS"}]}


@dataclass(frozen=True)
class Row:
    """A condition, an event that breaks it, and one that does not."""

    text: str
    means: str
    more: dict[str, Any] = field(default_factory=dict)
    breaks: dict[str, Any] | None = None
    finding: str | None = None
    harmless: dict[str, Any] | None = None


ROWS = (
    Row(
        "No contact with her by any means.", "watched", {"watch": {"contact": {}}},
        HE_CALLS | {"phones": [*HE_CALLS["phones"], {"number": HERS, "role": "called"}]}, "possible_breach", HE_CALLS,
    ),
    Row("No contact through others.", "reported"),
    Row("Not to go to her home.", "watched", {"watch": {"zone": HOME}}, HIM | AT_HOME, "possible_breach", HIM | at(OUTSIDE)),
    Row(
        "Not to go to her work.", "watched", {"watch": {"zone": ZONE}, "hours": [{"from": "09:00", "until": "17:30"}]},
        HIM | at(IN_ZONE), "possible_breach", HIM | at(IN_ZONE) | {"occurred_at": "2026-11-23T20:00:00Z"},
    ),
    Row(
        "Not to go to the children's school.", "watched", {"watch": {"zones": [ZONE, HOME]}, "hours": SCHOOL_DAYS},
        HIM | at(IN_ZONE), "possible_breach", HIM | at(IN_ZONE) | {"occurred_at": "2026-11-22T12:00:00Z"},
    ),
    Row("Not to go to her gym.", "watched", {"watch": {"zone": ZONE}}, HE_CALLS | at(IN_ZONE), "possible_breach", at(IN_ZONE)),
    Row(
        "Not to enter the mapped area.", "watched",
        {"watch": {"zone": {"area": {"polygon": {"type": "Polygon", "coordinates": [[
            [-2.985, 53.395], [-2.975, 53.395], [-2.975, 53.405], [-2.985, 53.405], [-2.985, 53.395]]]}}}}},
        HE_CALLS | at(IN_ZONE), "possible_breach", HE_CALLS | at(OUTSIDE),
    ),
    Row("Not to come within 100 metres of her.", "reported"),
    Row("Not to mention her online.", "reported"),
    Row("To use named accounts only.", "reported"),
    Row("Not to photograph her.", "reported"),
    Row("No court application that names her without leave.", "reported"),
    Row("Not to follow or watch her.", "reported"),
    Row("Not to track her by any device.", "reported"),
    Row("To hand over devices and their codes.", "task", {"due_on": "2026-12-01"}),
    Row("One telephone only, its number told to the police.", "watched", {"watch": {"only": {"phones": [{"number": HIS}]}}},
        {"people": [{"name": HIS_NAME, "role": "caller"}], "phones": [{"number": "07700 900888", "role": "caller"}]},
        "worth_checking", {"people": [{"name": HIS_NAME, "role": "caller"}], "phones": [{"number": HIS, "role": "caller"}]}),
    Row("To sign on at the station weekly.", "task", {"due_on": "2026-12-01", "every_days": 7}),
    Row("To attend the programme.", "task", {"due_on": "2026-12-15"}),
    Row("No vehicle other than his own.", "watched", {"watch": {"only": {"vehicles": [HIS_CAR]}}},
        HIM | {"identifiers": [{"kind": "vehicle", "value": "XY99 ZZZ", "role": "mentioned"}]}, "worth_checking",
        HIM | {"identifiers": [{"kind": "vehicle", "value": HIS_CAR, "role": "mentioned"}]}),
    Row("To tell a new name or address within three days.", "task", {"due_on": "2026-11-27"}),
    Row("To be at home at night (tag).", "watched", {"watch": {"stay_in": ZONE}, "hours": NIGHT},
        HE_CALLS | at(OUTSIDE, "caller") | {"occurred_at": "2026-11-24T03:00:00Z"}, "possible_breach",
        HE_CALLS | at(OUTSIDE, "caller")),
)  # fmt: skip


def test_there_are_twenty_and_each_is_of_one_kind() -> None:
    assert len(ROWS) >= 20
    assert {row.means for row in ROWS} == {"watched", "task", "reported"}
    assert all((row.breaks is None) == (row.means != "watched") for row in ROWS)


@pytest.mark.parametrize("row", ROWS, ids=[row.text for row in ROWS])
def test_a_condition(world: World, row: Row) -> None:
    condition = {"number": "7", "kind": "prohibition", "text": row.text, "means": row.means} | row.more
    order = record_order(world, condition)
    assert order["conditions"][0]["watched"] is (row.means == "watched")
    if row.harmless is not None:
        world.happen(type="incident", **row.harmless)
        assert world.queue() == []
    if row.breaks is not None:
        world.happen(type="incident", **row.breaks)
        [alert] = world.queue()
        assert found(alert) == [("7", row.finding)]
        assert alert["conditions"][0]["text"] == row.text
