"""Which moves a state allows, and what state they lead to."""

from collections.abc import Mapping
from datetime import timedelta

from alerts.rules.words import Move, State

_RAISED, _ACKNOWLEDGED, _RESOLVED = State

AFTER: Mapping[Move, Mapping[State, State]] = {
    Move.ACKNOWLEDGE: {_RAISED: _ACKNOWLEDGED},
    Move.RELEASE: {_ACKNOWLEDGED: _RAISED},
    Move.ASSIGN: {_RAISED: _RAISED, _ACKNOWLEDGED: _ACKNOWLEDGED},
    Move.ESCALATE: {_RAISED: _RAISED, _ACKNOWLEDGED: _ACKNOWLEDGED},
    Move.SHELVE: {_RAISED: _RAISED, _ACKNOWLEDGED: _ACKNOWLEDGED},
    Move.UNSHELVE: {_RAISED: _RAISED, _ACKNOWLEDGED: _ACKNOWLEDGED},
    Move.RESOLVE: {_RAISED: _RESOLVED, _ACKNOWLEDGED: _RESOLVED},
    Move.REOPEN: {_RESOLVED: _RAISED},
    Move.REGRADE: {_RAISED: _RAISED, _ACKNOWLEDGED: _ACKNOWLEDGED},
    # What was asked for says where a confirmation leads; it has to wait for one (`second_person.py`).
    Move.CONFIRM: {_RAISED: _RAISED, _ACKNOWLEDGED: _ACKNOWLEDGED},
    Move.REFUSE: {_RAISED: _RAISED, _ACKNOWLEDGED: _ACKNOWLEDGED},
    Move.INCIDENT: {_RAISED: _RAISED, _ACKNOWLEDGED: _ACKNOWLEDGED},
    Move.NOTE: {_RAISED: _RAISED, _ACKNOWLEDGED: _ACKNOWLEDGED, _RESOLVED: _RESOLVED},
}
"""Move → state before → state after. What is not here is not allowed."""

REOPEN_WITHIN = timedelta(minutes=15)
"""A resolved alert can be reopened this long; later, a new event opens a new one."""

LONGEST_SHELF = timedelta(days=7)
"""Shelving always ends: nothing is put away for longer than this."""


LONGEST_FOLLOW_UP = timedelta(days=90)
"""What somebody will look at again comes back by then."""


class MoveNotAllowed(Exception):
    """The alert's state does not allow this move."""

    def __init__(self, move: Move, state: str) -> None:
        super().__init__(f"an alert that is {state} does not allow: {move}")


def after(state: State, move: Move) -> State:
    """The state that `move` leads to from `state`, or `MoveNotAllowed`."""
    try:
        return AFTER[move][state]
    except KeyError:
        raise MoveNotAllowed(move, state) from None
