"""Nightly work by APScheduler; each job is a plain function that any process may run, and that does no harm twice."""

import logging
import time
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

from apscheduler.schedulers.background import BackgroundScheduler
from apscheduler.triggers.cron import CronTrigger
from apscheduler.triggers.date import DateTrigger
from apscheduler.triggers.interval import IntervalTrigger

from access import kept, limits, sessions
from alerts.case_rounds import look_over_cases
from alerts.happenings import JOINS_FOR
from alerts.intake import IntakeFull, IntakeStopped
from alerts.marker_report import keep_month
from alerts.partners import KEPT_FOR, forget_notices
from alerts.retention import forget_keys, remove_expired
from alerts.runs import forget_contacts
from alerts.silence import forget_told, mark_told, silences, speaking
from db.clock import Clock
from db.errors import StorageError
from db.session import Database
from heed.mail import Post, mail_reviews
from heed.nightly import ANSWERED_WITHIN_S, Ground, drill_all
from markers.cases.queries import forget_signs

A_YEAR = timedelta(days=366)
BEAT_EVERY_S = 1
LISTEN_EVERY_S = 5
MADE_UP_AFTER_S = 30
"""So long after its start a process makes up for the nights and mornings that it was away."""
_BEAT = "beat"
log = logging.getLogger("heed.schedule")


@dataclass(frozen=True, slots=True)
class Windows:
    """For how long changes of the feed, and the keys of events, are kept."""

    feed: timedelta
    look_back: timedelta


def remove_what_has_expired(db: Database, clock: Clock, windows: Windows) -> None:
    """One night's removal, in one transaction."""
    with db.transaction() as session:
        now = clock.now(session)
        removed = remove_expired(session, now, windows.feed)
        removed["asked_keys"] = forget_keys(session, now - windows.look_back)
        removed["sessions"] = sessions.remove_ended(session, now)
        removed["kept_forms"] = kept.remove_old(session, now)
        removed["rates"] = limits.forget_spent(session, now)
        removed["contacts"] = forget_contacts(session, now - A_YEAR)
        removed["partner_notices"] = forget_notices(session, now - KEPT_FOR)
        removed["order_signs"] = forget_signs(session, now - JOINS_FOR)
    log.info("expired rows removed", extra={"removed": removed})


def nightly_drill(ground: Ground) -> None:
    """One night's drill; what stops it is told, and the next night begins anew."""
    try:
        drill_all(ground)
    except StorageError as error:
        log.error("the nightly drill stopped", extra={"reason": error.code})
    except (IntakeFull, IntakeStopped, TimeoutError) as error:
        log.error("the nightly drill stopped", extra={"kind": type(error).__name__})


def daily_reviews(ground: Ground) -> None:
    """One morning's round: what is due to be looked at is asked for. Harmless twice, and on any number of processes."""
    try:
        with ground.db.transaction() as session:
            now = ground.clock.now(session)
            look_over_cases(session, ground.ids, now)
            keep_month(session, now)
    except StorageError as error:
        log.error("the daily reviews stopped", extra={"reason": error.code})


def daily_mail(post: Post) -> None:
    """Who has not been told today is told what waits for them."""
    try:
        mail_reviews(post)
    except StorageError as error:
        log.error("mail could not be sent", extra={"reason": error.code})


def listen(ground: Ground) -> None:
    """One look at the sources that are expected: what has fallen silent is told, by whichever process sees it first."""
    try:
        with ground.db.reading() as session:
            now = ground.clock.now(session)
            told, again = silences(session, now), speaking(session, now)
        if not (told or again):
            return
        for answer in ground.intake.take([posted for _, posted in told]):
            answer.result(ANSWERED_WITHIN_S)
        with ground.db.transaction() as session:
            now = ground.clock.now(session)
            mark_told(session, [source for source, _ in told], now)
            forget_told(session, again)
    except StorageError as error:
        log.error("could not listen to the sources", extra={"reason": error.code})
    except (IntakeFull, IntakeStopped, TimeoutError) as error:
        log.error("could not listen to the sources", extra={"kind": type(error).__name__})


class Schedule:
    """The nightly work, and a beat that shows that it would be done.

    A run that a suspended machine delayed is made up for, once.
    """

    def __init__(self, ground: Ground, windows: Windows, post: Post | None = None) -> None:
        self._beat = time.monotonic()
        self.jobs = BackgroundScheduler(
            timezone="UTC", job_defaults={"misfire_grace_time": None, "coalesce": True, "max_instances": 1}
        )
        night = {"minute": 20, "jitter": 600, "timezone": "UTC"}
        removal = (ground.db, ground.clock, windows)
        self.jobs.add_job(remove_what_has_expired, CronTrigger(hour=3, **night), args=removal, id="remove_expired")
        night = {"minute": 10, "jitter": 300, "timezone": "UTC"}
        self.jobs.add_job(nightly_drill, CronTrigger(hour="2-6", **night), args=(ground,), id="nightly_drill")
        early = {"hour": 4, "minute": 40, "jitter": 300, "timezone": "UTC"}
        self.jobs.add_job(daily_reviews, CronTrigger(**early), args=(ground,), id="daily_reviews")
        self._make_up(ground, removal)
        if post is not None:
            # Each hour, for what the hour before could not send; who was told today is not told again.
            hourly = CronTrigger(minute=50, jitter=300, timezone="UTC")
            self.jobs.add_job(daily_mail, hourly, args=(post,), id="daily_mail")
        every = IntervalTrigger(seconds=LISTEN_EVERY_S, jitter=1, timezone="UTC")
        self.jobs.add_job(listen, every, args=(ground,), id="listen")
        self.jobs.add_job(self.beat, IntervalTrigger(seconds=BEAT_EVERY_S, timezone="UTC"), id=_BEAT)

    def _make_up(self, ground: Ground, removal: tuple[Database, Clock, Windows]) -> None:
        """Once after the start: a service that was down at night does the night's work now. Each is harmless twice."""
        for delay, (name, job, args) in enumerate(
            (
                ("daily_reviews", daily_reviews, (ground,)), ("remove_expired", remove_what_has_expired, removal),
                ("nightly_drill", nightly_drill, (ground,)),
            )
        ):  # fmt: skip
            at = datetime.now(UTC) + timedelta(seconds=MADE_UP_AFTER_S + delay)
            self.jobs.add_job(job, DateTrigger(at), args=args, id=f"{name}_made_up")

    def beat(self) -> None:
        """It lives."""
        self._beat = time.monotonic()

    def seconds_since_beat(self) -> float:
        """How long ago it last ran anything."""
        return time.monotonic() - self._beat

    def revive(self) -> None:
        """Reckon the next beat from now: APScheduler waits for a wall clock that was set back to catch up (tried)."""
        self.jobs.reschedule_job(_BEAT, trigger=IntervalTrigger(seconds=BEAT_EVERY_S, timezone="UTC"))

    def start(self) -> None:
        """Begin."""
        self.jobs.start()

    def stop(self) -> None:
        """End, and wait for nothing."""
        self.jobs.shutdown(wait=False)
