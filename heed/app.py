"""The application, put together: `create_app` takes settings, clock, ids, randomness and keys, and reads no more."""

import asyncio
import os
import secrets
import socket
from collections.abc import AsyncIterator
from contextlib import ExitStack, asynccontextmanager
from dataclasses import dataclass, replace
from datetime import timedelta
from functools import partial
from importlib.metadata import version
from zoneinfo import ZoneInfo

import anyio.to_thread
from fastapi import FastAPI
from sqlalchemy import select
from starlette.middleware.trustedhost import TrustedHostMiddleware

from access.sessions import Patience
from access.slices import Ledger
from access.trail import Recorder
from alerts.group import Desk
from alerts.intake import Intake
from alerts.looking_back import Ways
from db.clock import Clock, DatabaseClock
from db.engine import safety_of
from db.ids import Ids, Randomness, new_ids
from db.keyring import KeyRing
from db.session import Database
from heed.courier import Courier
from heed.guard import Guard, Part
from heed.looker import Ground as Past
from heed.looker import Looker
from heed.mail import Post
from heed.metrics import IntakeWatcher, Metrics, State
from heed.nightly import Ground
from heed.schedule import Schedule, Windows
from heed.schema import is_at_head
from heed.sealer import Sealer
from heed.settings import Settings, told
from heed.watch import Watch
from markers.matcher import Reading
from web import headers, problems, status
from web.api import (
    alerts,
    audit,
    cases,
    categories,
    describe,
    desks,
    event_batch,
    events,
    hand_over,
    imports,
    lookups,
    markers,
    measures,
    orders,
    partners,
    reviews,
    sources,
    stream,
    together,
)
from web.api.event_body import parts_of_stored
from web.at_head import OnlyAtHead
from web.console import front
from web.console.foreign import OwnPagesOnly
from web.console.plainly import Plainly
from web.deadline import Deadline
from web.gone import Gone
from web.house import Console, House
from web.stream import Hub
from web.unread import Unread

DESCRIPTION = """
Safeguarding markers on addresses and phone numbers, matched against calls and incidents, raised as alerts that a named
person answers for. Errors are RFC 9457 problem details.
"""


def create_app(
    settings: Settings,
    clock: Clock | None = None,
    ids: Ids | None = None,
    randomness: Randomness = secrets.token_bytes,
    *,
    keys: KeyRing,
) -> FastAPI:
    """The service over one database. Its threads start and end with the application's lifespan.

    A test brings its own clock, ids and randomness; without them the clock is the database's and ids are new ones.
    """
    clock, ids = clock or DatabaseClock(), ids or new_ids(randomness)
    metrics = Metrics()
    db = Database(settings.database_url, keys, pool_size=settings.pool_size)
    writer_db = db.for_writer()
    ledger = Ledger(f"{socket.gethostname()}:{os.getpid()}:{randomness(4).hex()}")
    recorder = Recorder(ids, ledger)
    reading = Reading(settings.numbering, settings.near_m, metrics)
    desk = Desk(
        clock=clock, ids=ids, recorder=recorder, reading=reading, ladder=settings.ladder,
        default_queue=settings.default_queue, looks_back=settings.look_back > 0,
        zone=ZoneInfo(settings.time_zone), channels=settings.channels,
    )  # fmt: skip
    intake = Intake(writer_db, desk, IntakeWatcher(metrics), settings.intake_waiting)
    watch = Watch(db, clock, settings.ladder, settings.default_queue)
    sealer = Sealer(db, clock, ledger)
    ways = Ways(reading=replace(reading, counting=None), parts_of=partial(parts_of_stored, settings.numbering))
    looker = _looker(settings, db, desk, ways)
    hub = Hub(db, clock, recorder, randomness)
    metrics.streams.set_function(lambda: hub.streams)
    metrics.registry.register(State(db, clock))
    house = House(
        db=db, clock=clock, ids=ids, recorder=recorder, reading=reading, ladder=settings.ladder,
        default_queue=settings.default_queue, review_days=settings.review_days,
        provisional_for=timedelta(days=settings.provisional_days),
        intake_deadline_s=settings.intake_deadline_s, intake=intake, hub=hub, look_back=looker.at_once,
        is_ready=lambda: _readiness(running), force=settings.force, randomness=randomness, console=_console(settings),
        settings_told=told(settings),
    )  # fmt: skip
    schedule = _schedule(settings, db, desk, intake)
    courier = Courier(db, clock, recorder, intake, settings.default_queue)
    beats = {
        "writer": intake.seconds_since_beat, "watch": watch.seconds_since_beat, "sealer": sealer.seconds_since_beat,
        "looker": looker.seconds_since_beat, "feed": hub.seconds_since_beat, "courier": courier.seconds_since_beat,
        "bell": db.bell.seconds_since_beat,
    }  # fmt: skip
    parts = [Part(name, beat) for name, beat in beats.items()]
    parts.append(Part("schedule", schedule.seconds_since_beat, schedule.revive))
    for part in parts:
        metrics.beat(part.name, part.seconds_since_beat)
    guard = Guard(parts, lambda: _answers(db), partial(_clock_was_set, metrics, watch))
    running = _Running(
        db=db, writer_db=writer_db, intake=intake, watch=watch, looker=looker, sealer=sealer, hub=hub,
        schedule=schedule, courier=courier, guard=guard, threads=settings.pool_size,
    )  # fmt: skip
    app = _web(settings, running, house.console)
    app.state.house, app.state.metrics, app.state.guard = house, metrics.registry, guard
    app.state.looker = looker
    return app


def _console(settings: Settings) -> Console:
    return Console(
        patience=Patience(timedelta(minutes=settings.idle_minutes), timedelta(hours=settings.session_hours)),
        zone=ZoneInfo(settings.time_zone), tile_url=settings.tile_url, tile_attribution=settings.tile_attribution,
        map_start=settings.map_start, supervisor_phone=settings.supervisor_phone,
    )  # fmt: skip


def _clock_was_set(metrics: Metrics, watch: Watch, seconds: float) -> None:
    metrics.clock_steps.inc()
    watch.clock_was_set(seconds)


def _schedule(settings: Settings, db: Database, desk: Desk, intake: Intake) -> Schedule:
    ground = Ground(db, desk.clock, intake, desk.reading, settings.default_queue, desk.ids)
    windows = Windows(timedelta(hours=settings.feed_window_hours), timedelta(hours=settings.look_back))
    post = Post(db, desk.clock, desk.recorder, settings.mail) if settings.mail is not None else None
    return Schedule(ground, windows, post)


def _looker(settings: Settings, db: Database, desk: Desk, ways: Ways) -> Looker:
    past = Past(
        db=db, clock=desk.clock, ids=desk.ids, recorder=desk.recorder, ways=ways, ladder=desk.ladder,
        default_queue=desk.default_queue, window=timedelta(hours=settings.look_back),
    )  # fmt: skip
    return Looker(past)


@dataclass(frozen=True, slots=True, kw_only=True)
class _Running:
    """What lives and ends with the application."""

    db: Database
    writer_db: Database
    intake: Intake
    watch: Watch
    looker: Looker
    sealer: Sealer
    hub: Hub
    schedule: Schedule
    courier: Courier
    guard: Guard
    threads: int

    @asynccontextmanager
    async def lifespan(self, _: FastAPI) -> AsyncIterator[None]:
        """Start everything, and end it the other way round."""
        # As many as there are connections: who comes later waits for a thread, and is not refused for want of one.
        anyio.to_thread.current_default_thread_limiter().total_tokens = self.threads
        with ExitStack() as stack:
            stack.callback(self.writer_db.close)
            stack.callback(self.db.close)
            self.db.bell.open()
            stack.enter_context(self.hub.listening(asyncio.get_running_loop()))
            for thing in (
                self.sealer,
                self.intake,
                self.watch,
                self.looker,
                self.schedule,
                self.courier,
                self.guard,
            ):
                thing.start()
                stack.callback(thing.stop)
            # Ends what is left of the streams where another server than ours runs the application.
            stack.callback(self.hub.stop)
            yield
            await self.hub.settle()


def _web(settings: Settings, running: _Running, console: Console) -> FastAPI:
    """The routes, and what every answer has in common."""
    app = FastAPI(
        title="Heed", version=version("heed-service"), description=DESCRIPTION, lifespan=running.lifespan,
        docs_url=None, redoc_url=None, redirect_slashes=False, separate_input_output_schemas=False,
    )  # fmt: skip
    # The stream's route stands before `/{alert_id}`, which would take its name for an id.
    for router in (
        events, event_batch, imports, markers, lookups, stream, alerts, hand_over, together, cases, orders, reviews,
        sources, desks, categories, partners, measures, audit, status,
    ):  # fmt: skip
        app.include_router(router.router)
    limits = {
        "/v1/events": settings.intake_deadline_s + 0.1,
        "/v1/events/batch": event_batch.PATIENCE * settings.intake_deadline_s + 1,
        "/v1/markers/import": None,
        "/import": None,
        "/readyz": 1.0,
    }
    problems.install(app)
    front.install(app)
    describe.install(app)
    app.add_middleware(Gone)
    app.add_middleware(Deadline, limits=limits)
    app.add_middleware(OnlyAtHead, fits=lambda: running.watch.fits)
    app.add_middleware(OwnPagesOnly)
    app.add_middleware(Unread)
    app.add_middleware(TrustedHostMiddleware, allowed_hosts=list(settings.allowed_hosts), www_redirect=False)
    app.add_middleware(Plainly, console=console)
    app.add_middleware(headers.Manners)
    return app


def _answers(db: Database) -> bool:
    try:
        with db.reading() as session:
            session.execute(select(1))
    except Exception:  # noqa: BLE001  whatever is wrong with it, it does not answer
        return False
    return True


def _readiness(running: _Running) -> dict[str, bool]:
    """Each part that has to work, and whether it does."""
    try:
        with running.db.reading() as session:
            connection = session.connection()
            at_head, safe = is_at_head(connection), not safety_of(connection)
    except Exception:  # noqa: BLE001  whatever is wrong with it, it is not reachable
        at_head = safe = False
    return {
        "database": at_head,
        "storage_safe": safe,
        **running.guard.beating(),
        "serving": not running.hub.stopping,
    }
