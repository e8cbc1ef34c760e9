"""What the trail keeps of a move on an alert, made by the API or at a screen."""

from access.trail import Act, Operation
from alerts.handing_over import HandedOver
from alerts.handling import Done
from alerts.moving import Asked
from alerts.rules.words import Move
from alerts.seen import thing_of

SAYS_WHY = frozenset(
    {Move.RELEASE, Move.ASSIGN, Move.ESCALATE, Move.SHELVE, Move.UNSHELVE, Move.REOPEN, Move.REGRADE, Move.REFUSE}
)  # fmt: skip
"""Moves whose words say why they were made. What is told with the others is what happened to somebody: it stands in the
alert's history, for those who may read the alert, and not in the trail, whose auditors read no narrative."""


def act_of(asked: Asked, done: Done, in_hand: str | None) -> Act:
    """The move, with the version that it made; one that was only answered again is a look."""
    return Act(
        operation=Operation.CONSULTATION if done.is_repeated else Operation.ALTERATION,
        action=f"{asked.move}_alert",
        objects=[thing_of(done.alert)],
        in_hand=in_hand,
        reason=asked.note if asked.move in SAYS_WHY else None,
    )


def act_of_hand_over(done: HandedOver) -> Act:
    """One entry for all that have another owner now."""
    moved = [thing_of(alert) for alert in done.moved]
    return Act(operation=Operation.ALTERATION, action="hand_over_alerts", objects=moved)
