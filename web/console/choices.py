"""What a person chooses for their own screens: theme, density, sounds, and keys."""

import json
from dataclasses import asdict, dataclass, field, fields
from typing import Any

THEMES = ("system", "light", "dark")
DENSITIES = ("normal", "dense")

ACTIONS: dict[str, tuple[str, str]] = {
    "look_up": ("/", "Look up, from anywhere (Esc goes back)"),
    "queue": ("q", "The queue"),
    "down": ("j", "Next alert"),
    "up": ("k", "Previous alert"),
    "open": ("o", "Open the alert (Enter, too)"),
    "acknowledge": ("a", "Acknowledge: you answer for it"),
    "resolve": ("r", "Resolve (opens a form)"),
    "shelve": ("s", "Shelve until a time (opens a form)"),
    "escalate": ("e", "Send it up (opens a form)"),
    "hand_on": ("t", "Hand it to somebody (opens a form)"),
    "note": ("n", "Add a note"),
    "regrade": ("g", "Regrade (opens a form)"),
    "agree": ("d", "Go to what a second person is asked (Enter agrees)"),
    "copy": ("c", "Copy the incident reference"),
    "newest": ("i", "The newest immediate alert"),
    "show_new": ("N", "Show what is new"),
    "hold": ("h", "Hold the list still, or let it go"),
    "mute": ("m", "No sound for two minutes"),
    "back": ("u", "Back to the queue"),
    "help": ("?", "This list"),
}
"""What a key does: the key as it comes, and what is said of it."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Choices:
    """The choices in force; what is not chosen is as it comes."""

    theme: str = "system"
    density: str = "normal"
    has_keys: bool = True
    has_sound: bool = True
    routine_sound: bool = False
    volume: int = 60
    keys: dict[str, str] = field(default_factory=dict)

    @classmethod
    def read(cls, text: str) -> "Choices":
        """From what is kept; a name that is no choice any more is passed over."""
        kept: dict[str, Any] = json.loads(text)
        return cls(**{one.name: kept[one.name] for one in fields(cls) if one.name in kept})

    def written(self) -> str:
        """As it is kept."""
        return json.dumps(asdict(self))

    def key_of(self, action: str) -> str:
        """The key that does something."""
        return self.keys.get(action) or ACTIONS[action][0]

    def for_scripts(self) -> dict[str, Any]:
        """What the page's scripts go by."""
        return {
            "keys": {self.key_of(action): action for action in ACTIONS} if self.has_keys else {},
            "sound": self.has_sound,
            "routine": self.routine_sound,
            "volume": self.volume,
        }


class BadKeysChosen(ValueError):
    """Two things can't be done by one key; says which."""


def keys_chosen(given: dict[str, str]) -> dict[str, str]:
    """The keys of a form: one character each, none twice; those that are as they come are left out."""
    wanted = {action: (given.get(action) or default)[:1] for action, (default, _) in ACTIONS.items()}
    taken: dict[str, str] = {}
    for action, key in wanted.items():
        if key in taken:
            raise BadKeysChosen(f"the key {key} stands for two things")
        taken[key] = action
    return {action: key for action, key in wanted.items() if key != ACTIONS[action][0]}
