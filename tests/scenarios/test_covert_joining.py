"""Twin worlds that play a seeded script of joining: what a closed circle is told changes nothing that others see."""

import random
import re
from contextlib import ExitStack
from typing import Any

import pytest

from tests.builders import NOON, on_phone
from tests.world import CIRCLE, World, a_world

NUMBERS = [f"07700 9001{index:02}" for index in range(6)]
UUID = re.compile(r"[0-9a-f]{8}-[0-9a-f]{4}-7[0-9a-f]{3}-[0-9a-f]{4}-[0-9a-f]{12}")


def a_script(seeded: random.Random) -> dict[str, Any]:
    """Markers, and a sequence of events, moves and passing hours; references come from a small stock, so that they meet."""

    def marker(number: str) -> dict[str, Any]:
        return {"number": number, "risk": seeded.choice(["standard", "high"]), "case": seeded.choice([None, "X"])}

    def references() -> dict[str, str]:
        call, incident = f"T{seeded.randint(1, 2)}", f"I{seeded.randint(1, 2)}"
        return seeded.choice([{"call": call}, {"incident": incident}, {"call": call, "incident": incident}])

    def step() -> tuple[str, Any]:
        kind = seeded.choices(["event", "move", "hours"], [7, 2, 1])[0]
        if kind == "hours":
            return kind, seeded.choice([0.1, 5, 80])
        if kind == "move":
            return kind, (seeded.choice(["acknowledge", "resolve", "resolve", "reopen"]), seeded.randint(0, 5))
        event: dict[str, Any] = references()
        if seeded.random() < 0.6:
            event["phones"] = [{"number": seeded.choice(NUMBERS), "role": seeded.choice(["caller", "mentioned"])}]
        if seeded.random() < 0.3:
            event["abandoned"] = True
        event["type"] = seeded.choices(["call", "concern"], [9, 1])[0]
        return kind, event

    return {
        "open": [marker(number) for number in NUMBERS[:3]],
        "covert": [marker(number) for number in seeded.sample(NUMBERS, 4)],
        "steps": [step() for _ in range(seeded.randint(5, 14))],
    }


MOVES = {"acknowledge": {}, "resolve": {"outcome": "attended"}, "reopen": {"reason": "r"}}


def played(world: World, script: dict[str, Any], *, with_circle: bool) -> list[str]:
    """What outsiders are answered, ids named in the order in which they appear."""
    said: list[str] = []

    def say(answer: Any) -> Any:
        said.append(f"{answer.status_code} {answer.text}")
        return answer.json()

    for marker in script["open"]:
        world.place(on_phone(marker["number"]), risk=marker["risk"], case=marker["case"])
    for marker in script["covert"] if with_circle else ():
        world.place(on_phone(marker["number"]), as_="Noor", sensitivity="covert", queue=CIRCLE, risk=marker["risk"])
    alerts: list[str] = []
    for number, (kind, what) in enumerate(script["steps"]):
        world.clock.advance(seconds=1)
        if kind == "hours":
            world.clock.advance(hours=what)
        elif kind == "event":
            body = {"source": "s", "id": f"e{number}", "occurred_at": NOON.isoformat()} | what
            receipt = say(world.post("/v1/events", body, "Alex"))
            alerts += [one["alert"] for one in receipt["alerts"] if one["alert"] not in alerts]
        elif alerts:
            move, which = what
            say(world.move(alerts[which % len(alerts)], move, MOVES[move]))
        say(world.get("/v1/alerts"))
    for alert in alerts:
        say(world.get(f"/v1/alerts/{alert}"))
    names: dict[str, str] = {}
    return [UUID.sub(lambda found: names.setdefault(found.group(0), f"id-{len(names)}"), text) for text in said]


@pytest.mark.parametrize(
    "seeds", [range(4), pytest.param(range(4, 200), marks=[pytest.mark.stress, pytest.mark.timeout(1800)])]
)
@pytest.mark.usefixtures("no_other_watch")
def test_whatever_joins_whatever_outsiders_see_the_same(engines: Any, seeds: range) -> None:
    covert = 0
    for seed in seeds:
        script = a_script(random.Random(seed))
        with ExitStack() as stack:
            plain, hidden = (stack.enter_context(a_world(stack.enter_context(engines.fresh()))) for _ in range(2))
            expected, found = played(plain, script, with_circle=False), played(hidden, script, with_circle=True)
            for number, (one, other) in enumerate(zip(expected, found, strict=True)):
                assert one == other, (seed, number)
            assert not any(answer.startswith("5") for answer in found), seed
            covert += len(hidden.queue("Kit", queue=CIRCLE))
    assert covert > len(seeds) / 2
