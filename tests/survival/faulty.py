"""`heed` with a fault: the process ends, or an answer is lost, at a named place; or a promise is taken out of the code.

    SURVIVAL_FAULT=before_commit:7 python -m tests.survival.faulty serve --port 0

Random kills hit the moments that matter too seldom; these hit them on purpose. None of this is in the product: the
process is the product's own, with one function replaced before it starts. `SURVIVAL_MUTATION` names what is taken out;
each must be caught (test_mutations.py).
"""

import os
import threading
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from datetime import timedelta
from typing import Any

import sqlalchemy as sa
from sqlalchemy.orm import Session

from alerts import changes, events, group, handling, intake, lateness, queries, storing
from alerts.event_models import EventKey
from alerts.models import Alert, OpenAlert
from alerts.rules import ladder
from db import wake
from db.base import table_of
from db.errors import StorageUnavailable
from db.positions import Counter, Feed, Taken, Wanted
from db.session import Database
from heed import guard, metrics, schedule, sealer, watch
from heed.cli import main
from web import body, stream
from web.api import event_body
from web.api import events as posting

KILLED = 99
"""How a process ends that was killed at a named place."""
A_MOMENT_S = 0.03
"""So long a process lives on at its last place: an answer that was given too early gets out."""


class Countdown:
    """Says yes once, at the so-manieth time it is asked."""

    def __init__(self, nth: int) -> None:
        self._left = nth
        self._lock = threading.Lock()

    def has_come(self) -> bool:
        """Is this the time?"""
        with self._lock:
            self._left -= 1
            return self._left == 0


def before_commit(nth: int) -> None:
    """The group's work is done, and is not stored."""
    countdown = Countdown(nth)

    def end(_session: Session) -> None:
        if _is_the_writer() and countdown.has_come():
            time.sleep(A_MOMENT_S)
            os._exit(KILLED)

    sa.event.listen(Session, "before_commit", end)


def after_counter(nth: int) -> None:
    """The counter's row is locked, and its numbers are not used yet."""
    _end_after(storing, "take", nth)


def after_commit(nth: int) -> None:
    """The group is stored, and nobody was answered."""
    _end_before(metrics.IntakeWatcher, "group_stored", nth)


def after_first_answer(nth: int) -> None:
    """One of the group may have been answered, its neighbours not."""
    _end_after(intake, "_answer", nth)


def before_sealing(nth: int) -> None:
    """Entries are stored, and stand in no slice."""
    _end_before(sealer, "seal_waiting", nth)


def after_claim(nth: int) -> None:
    """Late alerts are claimed, and nothing is done to them yet."""
    plain, countdown = queries.claim_late, Countdown(nth)

    def claim_late(session: Any, now: Any) -> Sequence[Alert]:
        found = plain(session, now)
        if found and countdown.has_come():
            os._exit(KILLED)
        return found

    _replace(lateness, "claim_late", claim_late)


def commit_unknown(nth: int) -> None:
    """The group is stored, and the connection breaks before the database says so: the writer must ask again."""
    plain, countdown = Database.transaction, Countdown(nth)

    @contextmanager
    def transaction(self: Database) -> Iterator[Any]:
        with plain(self) as session:
            yield session
        if _is_the_writer() and countdown.has_come():
            raise StorageUnavailable("08006")

    _replace(Database, "transaction", transaction)


PLACES: Mapping[str, Callable[[int], None]] = {
    place.__name__: place
    for place in (
        before_commit, after_counter, after_commit, after_first_answer, before_sealing, after_claim, commit_unknown,
    )
}  # fmt: skip


def _replace(owner: Any, name: str, by: Any) -> None:
    setattr(owner, name, by)


def _is_the_writer() -> bool:
    return threading.current_thread().name == "heed-intake"


def _end_after(owner: Any, name: str, nth: int) -> None:
    plain, countdown = getattr(owner, name), Countdown(nth)

    def wrapped(*given: Any, **named: Any) -> Any:
        answer = plain(*given, **named)
        if countdown.has_come():
            os._exit(KILLED)
        return answer

    setattr(owner, name, wrapped)


def _end_before(owner: Any, name: str, nth: int) -> None:
    plain, countdown = getattr(owner, name), Countdown(nth)

    def wrapped(*given: Any, **named: Any) -> Any:
        if countdown.has_come():
            os._exit(KILLED)
        return plain(*given, **named)

    setattr(owner, name, wrapped)


def answer_before_commit() -> None:
    """Whoever waits is answered when the work is done, and not when it is stored."""

    def store(self: Any, waiting: Sequence[Any]) -> None:
        with self._db.transaction() as session:
            results, _ = group.store_group(session, [one.event for one in waiting], self._desk, group.Laps())
            for one, result in zip(waiting, results, strict=True):
                intake._answer(one.answer, result)

    _replace(intake.Intake, "_store", store)


def number_before_commit() -> None:
    """Positions as a sequence gives them: taken at once, by a transaction of their own."""
    engines: dict[str, sa.Engine] = {}

    def take(session: Session, wanted: Mapping[tuple[str, Feed], Wanted]) -> dict[tuple[str, Feed], Taken]:
        url = session.connection().engine.url
        engine = engines.setdefault(str(url), sa.create_engine(url))
        taken = {}
        with engine.begin() as connection:
            for (force, feed), wants in wanted.items():
                table = Counter.__table__
                connection.execute(
                    sa.text("INSERT INTO feeds VALUES (:force, :feed, 0, 0) ON CONFLICT DO NOTHING"),
                    {"force": force, "feed": feed.value},
                )
                more = {"position": Counter.position + wants.changes, "number": Counter.number + wants.alerts}
                mine = (Counter.force == force, Counter.feed == feed.value)
                asked = sa.update(Counter).where(*mine).values(more).returning(table.c.position, table.c.number)
                position, number = connection.execute(asked).one()
                taken[force, feed] = Taken(position - wants.changes + 1, number - wants.alerts + 1)
        session.info["feeds_changed"] = True
        return taken

    _replace(storing, "take", take)
    _replace(changes, "take", take)


def no_unique_event() -> None:
    """Whether an event is there is looked up first and written afterwards (its key is dropped by the test)."""

    def ask(session: Session, proposed: Any, now: Any) -> Any:
        known = {}
        for key, row in proposed.items():
            force, source = key[:2]
            mine = (EventKey.force == force, EventKey.source == source, EventKey.id_digest == row.id_digest)
            found = session.execute(sa.select(EventKey.__table__).where(*mine)).first()
            if found is None:
                fields = {"content_digest": row.content_digest, "event_id": row.event_id, "received_at": now}
                names = {"force": force, "source": source, "id_digest": row.id_digest}
                session.execute(sa.insert(table_of(EventKey)), names | fields | {"seen_at": now, "receipt": None})
                found = session.execute(sa.select(EventKey.__table__).where(*mine)).first()
            known[key] = found
        return known

    _replace(events, "_ask", ask)


def no_unique_open_alert() -> None:
    """An open alert is claimed without asking who has claimed it (its key is dropped by the test)."""

    def claim(session: Session, drafts: Sequence[Any]) -> None:
        for draft in drafts:
            of = draft.claim
            row = {
                "force": of.force, "happening_id": of.happening, "subject": of.subject, "queue": of.queue,
                "audience": of.audience, "alert_id": draft.id,
            }  # fmt: skip
            session.execute(sa.insert(table_of(OpenAlert)), row)

    def claim_again(session: Session, alert: Alert) -> bool:
        names = ("force", "happening_id", "subject", "queue", "audience")
        row = {name: getattr(alert, name) for name in names} | {"alert_id": alert.id}
        session.execute(sa.insert(table_of(OpenAlert)), row)
        return True

    _replace(storing, "_take_claims", claim)
    _replace(handling, "claim_again", claim_again)


def claim_without_lock() -> None:
    """Late alerts are read as anybody reads them; both have time to see the same."""

    def claim_late(session: Session, now: Any) -> Sequence[Alert]:
        late = (Alert.state == "raised", Alert.shelved_until.is_(None), Alert.due_at <= now)
        found = session.scalars(sa.select(Alert).where(*late)).all()
        if found:
            time.sleep(1.2)
        return found

    _replace(lateness, "claim_late", claim_late)


def fail_on_what_was_sent() -> None:
    """A fault of the service's own, whose words hold all that was sent: as a library's would."""
    wanted = os.environ.pop("SURVIVAL_SENTINEL")

    def failing(plain: Callable[..., Any], place: int) -> Callable[..., Any]:
        def wrapped(*given: Any) -> Any:
            if wanted in str(given[place]):
                raise RuntimeError(str(given))
            return plain(*given)

        return wrapped

    _replace(posting, "read_event", failing(event_body.read_event, 0))
    _replace(body, "validated", failing(body.validated, 1))


MUTATIONS: Mapping[str, Callable[[], None]] = {
    mutation.__name__: mutation
    for mutation in (
        answer_before_commit, number_before_commit, no_unique_event, no_unique_open_alert, claim_without_lock,
        fail_on_what_was_sent,
    )
}  # fmt: skip


def dead_part(name: str) -> None:
    """A part of the process dies alone, as soon as it has begun; the guard waits for seconds, and not for half a minute."""

    async def ended(_self: Any) -> None:
        """The probe of the feed is a task."""

    def end(*_: Any) -> None:
        """Everything else is a thread, or a call of one."""

    owner, loop = PARTS[name]
    _replace(owner, loop, ended if name == "feed" else end)
    _replace(guard, "SILENT_AFTER_S", 2.5)
    _replace(guard, "ENDS_AFTER_S", 4.0)


PARTS = {
    "writer": (intake.Intake, "_write"), "watch": (watch.Watch, "_watch"), "sealer": (sealer.Sealer, "_seal"),
    "feed": (stream.Hub, "_probe"), "schedule": (schedule.Schedule, "beat"), "bell": (wake.NotifyingBell, "_for_ever"),
}  # fmt: skip
"""Each part that has to beat, and the function that is its life."""


def hurry(seconds: float) -> None:
    """Alerts are late after so many seconds, whatever their priority."""
    _replace(ladder.Ladder, "due_at", lambda _self, _priority, since: since + timedelta(seconds=seconds))


if __name__ == "__main__":
    if mutation := os.environ.pop("SURVIVAL_MUTATION", ""):
        MUTATIONS[mutation]()
    place, _, times = os.environ.pop("SURVIVAL_FAULT", "").partition(":")
    if place:
        PLACES[place](int(times))
    if part := os.environ.pop("SURVIVAL_DEAD", ""):
        dead_part(part)
    if seconds := os.environ.pop("SURVIVAL_DUE_S", ""):
        hurry(float(seconds))
    main()
