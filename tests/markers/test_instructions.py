"""An instruction says what is to be done, and promises nothing."""

import pytest

from markers.instructions import warnings_of
from tests.builders import on_phone
from tests.world import World


@pytest.mark.parametrize(
    ("text", "codes"),
    [
        ("TAU", ["no_action"]), ("T.A.U.", ["no_action"]), ("Treat as urgent", ["no_action"]),
        ("HIGH RISK", ["no_action"]), ("High risk DV victim, ex partner has key", ["no_action"]),
        ("Treat as urgent. Deploy at once.", []), ("Do not ring back.", []), ("Ask for the children by name", []),
        ("Send a unit. A silent call will be enough for police to attend.", ["promises_help_for_silence"]),
        ("Told her: police will come if she presses 55.", ["no_action", "promises_help_for_silence"]),
        ("Deploy; she only needs to call and hang up.", ["promises_help_for_silence"]),
        ("Deploy. A silent call will bring police at once.", ["promises_help_for_silence"]),
        ("Tell her: just stay silent and officers will come", ["promises_help_for_silence"]),
        ("Tell her: ring 999 and press 55 and we will come", ["promises_help_for_silence"]),
        ("Attend. If she does not speak, help is on its way", ["promises_help_for_silence"]),
        ("Ring. Remain quiet on the line; a car is sent automatically", ["promises_help_for_silence"]),
        ("If she is silent, send a unit.", []), ("Deploy to the address if the line is silent.", []),
        ("Deploy. She may not be able to speak.", []), ("Deploy. On silence assume she is there.", []),
    ],
)  # fmt: skip
def test_warned(text: str, codes: list[str]) -> None:
    assert [code for code, _ in warnings_of(text)] == codes


def test_it_is_placed_all_the_same_and_its_officer_is_warned(world: World) -> None:
    """Lancashire, 2023: `treat as urgent`, and nobody could say what the words required."""
    placed = world.place(on_phone(), instruction="TAU", reference="MRK-1")
    [warning] = placed["warnings"]
    assert (warning["at"], warning["code"]) == ("instruction", "no_action")
    assert world.get(f"/v1/markers/{placed['id']}", "Priya").json()["warnings"] is None
