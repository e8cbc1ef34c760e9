"""`make rules`: write the policy tables out as a page, so that what people read is what the service does."""

from collections.abc import Iterator, Sequence
from pathlib import Path

from alerts.rules.ladder import IDLE, PATIENCE
from alerts.rules.orders import RULES as ORDERS
from alerts.rules.patterns import ADDS_UP
from alerts.rules.patterns import RULES as PATTERNS
from alerts.rules.priority import RULES as PRIORITIES
from alerts.rules.second_person import RULES as SECOND_PERSON
from markers.cases.reviews import EXPIRY_TOLD_AT
from markers.cases.rules.law import Duty, OrderLaw, tables
from markers.cases.rules.words import Consequence

FILE = Path(__file__).parents[1] / "docs" / "explanation" / "rules.md"
_DAYS = {1: "24 hours", 365: "12 months"}


def _table(heads: Sequence[str], rows: Iterator[Sequence[str]]) -> Iterator[str]:
    yield f"| {' | '.join(heads)} |"
    yield f"|{' --- |' * len(heads)}"
    for row in rows:
        yield f"| {' | '.join(cell.replace('|', '/') for cell in row)} |"
    yield ""


def _page() -> Iterator[str]:
    yield "# The rules\n"
    yield (
        "Written by `make rules` from the tables in `alerts/rules/` and `markers/cases/rules/`, and held equal to them by a "
        "test: what stands\nhere is what the service does. In each table the first row that holds counts.\n"
    )
    yield "## How pressing a match is\n"
    yield from _table(("priority", "because"), ((rule.priority, rule.because) for rule in PRIORITIES))
    yield (
        "A match is *certain* when it is the exact number, one of a marked range, the same premises, inside the area, or the "
        "same building\nwhere no unit was given. Nobody spoke where 55 was pressed, or the line was silent, cut off or cleared "
        "before anyone spoke.\n"
    )
    yield "## When an order may have been broken\n"
    yield from _table(("priority", "because"), ((rule.priority, rule.because) for rule in ORDERS))
    yield (
        "`possible_breach`: in one event his number as caller and hers as called; his number as caller, his vehicle or "
        "account, or his full name as suspect\nor caller, with a place of the condition (where his call is located "
        "elsewhere, an incident there is not about it); a position of his own call, or\nof his tag or car, outside of where "
        "he has to be. `worth_checking`: both only mentioned, or in two events; both named; a name that may be his;\nan "
        "uncertain place; another vehicle or telephone than the one he may use; or service not recorded: then the alert "
        "asks *whether he knows of\nthe order*. Her calling him is no breach of his. What events of one happening show is "
        "judged together; conditions that are `task` or `reported`\nare never watched. An order does not look back: it is "
        "judged from its first event after it was recorded.\n"
    )
    yield "## When events add up\n"
    yield from _table(
        ("priority", "within", "because"),
        ((rule.priority, _DAYS.get(rule.days, f"{rule.days} days"), rule.because) for rule in PATTERNS),
    )
    yield (
        "Counted for each case over all its numbers, places and forces (for a marker without a case, by itself), for each "
        "audience apart; a\ncall with its position and its log is one contact; a false match counts no longer. What is marked by a "
        "block of numbers or an area is\nmany people's and adds up to nothing. Numbers in `HEED_CHANNEL_NUMBERS` count as nobody's.\n"
    )
    yield "Events each below alerting level make one `routine` alert:\n"
    yield from _table(
        ("so many", "within", "of these"),
        ((str(rule.events), _DAYS.get(rule.days, f"{rule.days} days"), rule.because) for rule in ADDS_UP),
    )
    yield "## When one person is not enough\n"
    yield from _table(("a second person has to agree where",), ((rule.because,) for rule in SECOND_PERSON))
    yield (
        "A supervisor other than the one who asked; with no other supervisor signed in (or with a token), another person of the "
        "desk, and the\nalert says so. Until then the alert stays on the queue and goes up.\n"
    )
    yield "## When an alert goes up\n"
    yield from _table(
        ("priority", "unanswered for"), ((one, f"{int(after.total_seconds())} s") for one, after in PATIENCE.items())
    )
    yield "Taken, and nothing done with it by anybody, it stands raised again:\n"
    yield from _table(
        ("priority", "idle for"), ((one, f"{int(after.total_seconds() // 60)} min") for one, after in IDLE.items())
    )
    yield "## Orders\n"
    steps = f"{', '.join(str(day) for day in EXPIRY_TOLD_AT if day > 1)} and 1 days before, and on the day"
    yield (
        "Check the law before you rely on it: these tables are what Heed uses. A date outside of them warns, and is stored all "
        f"the same. That\nan order ends is asked about {steps}.\n"
    )
    for name, laws in tables().values():
        yield f"### {name}\n"
        yield from _table(
            ("order", "who makes it", "for how long", "a breach is", "of service", "he has to"),
            map(_law, laws.values()),
        )


def _law(law: OrderLaw) -> Sequence[str]:
    arrest = (
        f" ({Consequence.ARREST_UNDER_POWER} under a condition with a power of arrest)"
        if law.power_of_arrest_by_condition
        else ""
    )
    told = f"`{law.breach}`{arrest}: {law.breach_told}"
    source = f"{law.name} ({law.source})" if law.source else law.name
    return (
        source,
        law.who,
        _lasts(law),
        told,
        law.service_told,
        "; ".join(map(_duty, law.duties)),
    )


def _lasts(law: OrderLaw) -> str:
    said = [
        f"at least {law.at_least_days} days" if law.at_least_days else "",
        f"at most {law.at_most_days} days" if law.at_most_days else "",
        "or until further order" if law.until_further_order else "",
        f"a tag at most {law.tag_at_most_days} days at a time" if law.tag_at_most_days else "",
        f"binds in {law.binds}" if law.binds else "",
    ]
    return "; ".join(filter(None, said)) or "a fixed time"


def _duty(duty: Duty) -> str:
    told = f"{duty.what}, within {duty.within_days} days of {'service' if duty.counted_from == 'service' else 'the day it was made'}; again with {duty.again}"
    if duty.not_after_replacing:
        told += f"; not a first time after {duty.not_after_replacing.replace('_', ' ')}"
    if duty.not_beside:
        told += "; not while a stalking protection order is in force"
    return told


def written() -> str:
    """The page as it has to stand."""
    return "\n".join(_page()).rstrip() + "\n"


if __name__ == "__main__":
    FILE.write_text(written())
