"""What can be wrong with a request itself. `problems.py` says how each is told."""

from collections.abc import Sequence

from markers.matching.values import Problem


class Unauthenticated(Exception):
    """There is no token, or none that is good."""

    def __init__(self) -> None:
        super().__init__("send a good token: Authorization: Bearer TOKEN")


class SignedOut(Exception):
    """There is no session in the console, or none that is good."""

    def __init__(self) -> None:
        super().__init__("sign in to go on")


class SignInFailed(Exception):
    """The name and the password are not those of somebody here; which of the two is wrong is not said."""

    def __init__(self) -> None:
        super().__init__("the name or the password is not right")


class TooManyTries(Exception):
    """Too many tries for this name, or from this address, in too short a time."""

    def __init__(self) -> None:
        super().__init__("too many tries: wait a minute, then try again")


class ForeignRequest(Exception):
    """A form that another site sent, or that nobody can say who sent."""

    def __init__(self) -> None:
        super().__init__("this was not sent from one of Heed's own pages")


class NotPermitted(Exception):
    """The caller's role may not do this, to any object."""

    def __init__(self) -> None:
        super().__init__("this is not for your role")


class NotYourSource(Exception):
    """The token may post under other source names only."""

    def __init__(self) -> None:
        super().__init__("your token does not post for this source")


class NotYourEventType(Exception):
    """People of the room post concerns; calls and incidents come from integrations."""

    def __init__(self) -> None:
        super().__init__("your role posts events of type concern only")


class UnsupportedMedia(Exception):
    """The content's type or encoding is none that is read here."""

    def __init__(self, wanted: str) -> None:
        super().__init__(f"send {wanted}, and no Content-Encoding")


class BadHeader(ValueError):
    """The file's first line does not name the columns that are wanted; nothing of it was read."""

    def __init__(self, why: str, columns: Sequence[str]) -> None:
        super().__init__(f"{why}; expected, in any order: {','.join(columns)}")


class TooLarge(Exception):
    """The body is larger than may be."""

    def __init__(self, limit: int, unit: str = "bytes") -> None:
        super().__init__(f"at most {limit} {unit}")


class ImportsRunning(Exception):
    """As many files as may are being brought in: ask again in a moment."""

    def __init__(self) -> None:
        super().__init__("other files are being brought in")


class TooSlow(Exception):
    """The body did not arrive in time."""

    def __init__(self, seconds: float) -> None:
        super().__init__(f"a body has {seconds:.0f} seconds to arrive")


class BadBody(Exception):
    """Parts of the request can't be used; each is named, and none repeated."""

    def __init__(self, problems: Sequence[Problem]) -> None:
        super().__init__("; ".join(f"{problem.at}: {problem.detail}" for problem in problems[:3]))
        self.problems = tuple(problems)


class BadCursor(Exception):
    """The cursor was not given by this list with these filters."""

    def __init__(self) -> None:
        super().__init__("take the cursor from next_cursor of the same list with the same filters")


class MarkerNotFound(Exception):
    """There is no such marker for this caller: absent and hidden are one answer."""

    def __init__(self) -> None:
        super().__init__("there is no such marker")


class NothingThere(Exception):
    """There is no such case, order or review for this caller: absent and hidden are one answer."""

    def __init__(self) -> None:
        super().__init__("there is no such thing here")


class PreconditionRequired(Exception):
    """A change has to say which version it was made on."""

    def __init__(self) -> None:
        super().__init__("send If-Match with the ETag that you saw")


class MarkerChanged(Exception):
    """The marker (the case, the order) has changed since the caller saw it."""

    def __init__(self, version: int, what: str = "marker") -> None:
        super().__init__(f"the {what} has changed since you saw it")
        self.version = version


class OtherSchema(Exception):
    """The database is at another version's schema: what this one would write there, nobody has tried."""

    def __init__(self) -> None:
        super().__init__("the database's schema is not this version's")


class WaitedTooLong(Exception):
    """The event was not stored in time; it may still be."""

    def __init__(self) -> None:
        super().__init__("the event was not stored in time")
