"""Nightly work by APScheduler; each job is a plain function that any process may run, and that does no harm twice."""

import logging
from datetime import timedelta

from apscheduler.schedulers.background import BackgroundScheduler
from apscheduler.triggers.cron import CronTrigger

from alerts.intake import IntakeFull, IntakeStopped
from alerts.retention import remove_expired
from db.clock import Clock
from db.errors import StorageError
from db.session import Database
from heed.nightly import Ground, drill_all

log = logging.getLogger("heed.schedule")


def remove_what_has_expired(db: Database, clock: Clock, feed_window: timedelta) -> None:
    """One night's removal, in one transaction."""
    with db.transaction() as session:
        removed = remove_expired(session, clock.now(session), feed_window)
    log.info("expired rows removed", extra={"removed": removed})


def nightly_drill(ground: Ground) -> None:
    """One night's drill; what stops it is told, and the next night begins anew."""
    try:
        drill_all(ground)
    except StorageError as error:
        log.error("the nightly drill stopped", extra={"reason": error.code})
    except (IntakeFull, IntakeStopped, TimeoutError) as error:
        log.error("the nightly drill stopped", extra={"kind": type(error).__name__})


def make_schedule(ground: Ground, feed_window: timedelta) -> BackgroundScheduler:
    """The schedule, not started. A run that a suspended machine delayed is made up for, once."""
    schedule = BackgroundScheduler(
        timezone="UTC", job_defaults={"misfire_grace_time": None, "coalesce": True, "max_instances": 1}
    )
    schedule.add_job(
        remove_what_has_expired,
        CronTrigger(hour=3, minute=20, jitter=600, timezone="UTC"),
        args=(ground.db, ground.clock, feed_window),
        id="remove_expired",
    )
    schedule.add_job(
        nightly_drill, CronTrigger(hour=2, minute=10, jitter=300, timezone="UTC"), args=(ground,), id="nightly_drill"
    )
    return schedule
