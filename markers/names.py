"""Names that can stand on alerts and in the trail: of people, tokens, desks and sources."""

from markers.words import SERVICE

COMMAND = " (command)"
"""What the trail adds to the name of a user of the machine who ran a command."""
LONGEST = 100


def a_name(text: str) -> str:
    """A name that can stand on an alert: some printable characters, and not too many."""
    name = text.strip()
    if not (0 < len(name) <= LONGEST and name.isprintable()):
        raise ValueError(f"names, desks and sources are 1 to {LONGEST} printable characters")
    return name


def a_persons_name(text: str) -> str:
    """A name for a holder of a token or a password: none that the trail and the history give to the service itself."""
    name = a_name(text)
    if name.casefold() == SERVICE or name.endswith(COMMAND):
        raise ValueError(f"{name!r} is what the service itself is called in histories and in the trail: choose another")
    return name
