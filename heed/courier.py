"""The courier: takes what waits in the outbox to the partners, signed, each in its own order, until it arrives.

A thread of each process; whose turn a partner is, is agreed on in the database, so that one process sends to it at a
time. A partner that hangs keeps nobody else waiting. Each try is a disclosure in the trail before it is made: what may
have been told is never unrecorded.
"""

import asyncio
import logging
import ssl
import threading
import time
from collections.abc import Callable, Mapping
from concurrent.futures import Future, ThreadPoolExecutor
from contextlib import suppress
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from email.utils import parsedate_to_datetime
from functools import cache

import httpx2
from sqlalchemy import or_, select
from sqlalchemy.orm import Session
from standardwebhooks.webhooks import Webhook

from access.trail import Act, Operation, Recorder, Thing
from alerts.events import Notice, Posted, told_by_service
from alerts.intake import Intake, IntakeFull, IntakeStopped
from alerts.models import Alert
from alerts.notices import written
from alerts.outbox import DEAD, IS_WAITING, SENT
from alerts.partner_models import Partner, PartnerNotice
from alerts.queries import is_open_about
from alerts.rules.telling import next_try
from alerts.seen import number_of
from db.clock import Clock
from db.errors import StorageError
from db.session import Database

EVERY_S = 1.0
LEASE = timedelta(seconds=60)
ANSWERED_WITHIN_S = 10.0
AT_ONCE = 16
"""Partners that one process sends to at the same time."""
IN_A_ROW = 20
TOLD_WITHIN_S = 30.0
"""Notices that one partner is sent before its turn is over."""
SOURCE = "heed/partners"
CONTENT_TYPE = "application/cloudevents+json; charset=utf-8"
GONE = 410
log = logging.getLogger("heed.courier")


@dataclass(frozen=True, slots=True)
class Letter:
    """A notice as it is sent."""

    url: str
    body: str
    headers: Mapping[str, str]


@dataclass(frozen=True, slots=True)
class Answered:
    """What became of one try: nothing failed, or a word for what did; and when the partner asks to come again."""

    failed_with: str | None = None
    again_in: timedelta | None = None
    is_gone: bool = False


@dataclass(frozen=True, slots=True)
class GivenUp:
    """A notice that is not tried any more, and what people are told of it."""

    told: Posted | None


Send = Callable[[Letter], Answered]


def send(letter: Letter) -> Answered:
    """One try over HTTP, on a line of its own, within ten seconds in all; of the answer its head alone is read.

    What a partner says twice must not be taken for its next answer, and one that drips bytes must hold nobody up.
    """
    try:
        return asyncio.run(_sent(letter))
    except TimeoutError:
        return Answered("no answer in time")
    except (httpx2.HTTPError, OSError) as error:
        return Answered(type(error).__name__)


@cache
def _trusted() -> ssl.SSLContext:
    """Whose certificates are taken for good; read once, for it takes longer than a whole try."""
    return httpx2.create_ssl_context()


async def _sent(letter: Letter) -> Answered:
    headers = {**letter.headers, "Connection": "close"}
    async with asyncio.timeout(ANSWERED_WITHIN_S):
        client = httpx2.AsyncClient(
            timeout=ANSWERED_WITHIN_S, follow_redirects=False, trust_env=False, verify=_trusted()
        )
        async with client, client.stream("POST", letter.url, content=letter.body.encode(), headers=headers) as answer:
            if answer.is_success:
                return Answered()
            asked = _again_in(answer.headers.get("retry-after", ""))
            return Answered(f"status {answer.status_code}", asked, answer.status_code == GONE)


def _again_in(text: str) -> timedelta | None:
    """What `Retry-After` asks for: seconds, or a moment of HTTP's own form."""
    if text.isascii() and text.isdigit() and len(text) < 7:
        return timedelta(seconds=int(text))
    try:
        return parsedate_to_datetime(text) - datetime.now(UTC)
    except (TypeError, ValueError):
        return None


class Courier:
    """Looks once a second for partners whose turn it is."""

    def __init__(
        self, db: Database, clock: Clock, recorder: Recorder, intake: Intake, default_queue: str, send: Send = send
    ) -> None:
        self._db = db
        self._clock = clock
        self._recorder = recorder
        self._intake = intake
        self._default_queue = default_queue
        self._send = send
        self._stop = threading.Event()
        self._beat = time.monotonic()
        self._hands = ThreadPoolExecutor(AT_ONCE, "heed-courier")
        self._out: dict[tuple[str, str], Future[None]] = {}
        self._leases: dict[tuple[str, str], datetime] = {}
        self._thread = threading.Thread(target=self._carry, name="heed-courier", daemon=True)

    def start(self) -> None:
        """Begin to carry."""
        self._thread.start()

    def stop(self) -> None:
        """Take nothing more; what is on its way is waited for, as long as a partner may take to answer."""
        self._stop.set()
        if self._thread.is_alive():
            self._thread.join()
        self._hands.shutdown(wait=True, cancel_futures=True)

    def seconds_since_beat(self) -> float:
        """How long ago the courier last looked."""
        return time.monotonic() - self._beat

    def _carry(self) -> None:
        while not self._stop.wait(EVERY_S):
            try:
                self._out = {whose: future for whose, future in self._out.items() if not future.done()}
                for whose in self._due():
                    if whose not in self._out:
                        self._out[whose] = self._hands.submit(self.serve, *whose)
            except StorageError as error:
                log.warning("could not look for notices", extra={"reason": error.code})
            except Exception as error:  # noqa: BLE001  a courier that has died carries nothing
                log.error("the courier failed", extra={"kind": type(error).__name__})
            self._beat = time.monotonic()

    def _due(self) -> list[tuple[str, str]]:
        with self._db.reading() as session:
            now = self._clock.now(session)
            waits = (IS_WAITING, PartnerNotice.next_at <= now, Partner.disabled_at.is_(None))
            free = or_(Partner.leased_until.is_(None), Partner.leased_until <= now)
            of_partner = (Partner.force == PartnerNotice.force) & (Partner.name == PartnerNotice.partner)
            asked = select(Partner.force, Partner.name).join(PartnerNotice, of_partner).where(*waits, free).distinct()
            return [(row.force, row.name) for row in session.execute(asked.order_by(Partner.force, Partner.name))]

    def serve(self, force: str, name: str) -> None:
        """One partner's turn: what waits, in its order, as long as it arrives."""
        try:
            for _ in range(IN_A_ROW):
                if self._stop.is_set() or not self._one(force, name):
                    return
        except StorageError as error:
            log.warning("a notice could not be sent", extra={"reason": error.code})
        except (IntakeFull, IntakeStopped, TimeoutError) as error:
            log.warning("people could not be told of a notice", extra={"kind": type(error).__name__})
        except Exception as error:  # noqa: BLE001  one partner's trouble is not the others'
            log.error("the courier failed", extra={"kind": type(error).__name__})
        finally:
            with suppress(StorageError), self._db.transaction() as session:
                partner = session.get(Partner, (force, name), with_for_update=True)
                # One that took longer than its lease leaves it to whoever has it now.
                if partner is not None and partner.leased_until == self._leases.pop((force, name), None):
                    partner.leased_until = None

    def _one(self, force: str, name: str) -> bool:
        """Send the first that waits; true when it has gone, and the next one's turn is come."""
        with self._db.transaction() as session:
            taken = self._take(session, force, name)
        if taken is None:
            return False
        key, letter = taken
        answered = self._send(letter) if letter is not None else None
        with self._db.transaction() as session:
            given_up = self._note(session, key, answered)
        if given_up is not None:
            self._give_up(key, given_up)
        return answered is None or answered.failed_with is None

    def _give_up(self, key: tuple[str, str, int], given_up: "GivenUp") -> None:
        """People are told before it counts as given up: a process that ends between the two tells them again."""
        if given_up.told is not None:
            [answer] = self._intake.take([given_up.told])
            answer.result(TOLD_WITHIN_S)
        with self._db.transaction() as session:
            notice = session.get_one(PartnerNotice, key, with_for_update=True)
            notice.state, notice.ended_at = DEAD, self._clock.now(session)

    def _take(self, session: Session, force: str, name: str) -> tuple[tuple[str, str, int], Letter | None] | None:
        """The first that waits, if it is due: its key, and how it is sent (`None`: its agreement ended meanwhile)."""
        now = self._clock.now(session)
        partner = session.get(Partner, (force, name), with_for_update=True)
        if partner is None or partner.disabled_at is not None:
            return None
        waiting = (PartnerNotice.force == force, PartnerNotice.partner == name, IS_WAITING)
        first = select(PartnerNotice).where(*waiting).order_by(PartnerNotice.sequence).limit(1)
        notice = session.scalars(first.with_for_update()).first()
        if notice is None or notice.next_at > now:
            return None
        partner.leased_until = self._leases[force, name] = now + LEASE
        key = (force, name, notice.sequence)
        told = written(session, notice, now)
        if told is None:
            return key, None
        body, case, may = told
        if notice.body_sealed is None:
            notice.body = body
        act = Act(
            operation=Operation.DISCLOSURE, action="tell_partner", force=force,
            objects=[
                Thing("partner", partner.id, 1, notice.audience),
                Thing("alert", notice.alert_id, notice.version, notice.audience),
                Thing("case", case.id, case.version, notice.audience),
            ],
            reason=f"{name}: agreement of case {case.reference}: {', '.join(may)}",
        )  # fmt: skip
        self._recorder.record(session, None, act, now)
        return key, Letter(partner.url, notice.body or body, _signed(partner, notice, notice.body or body, now))

    def _note(self, session: Session, key: tuple[str, str, int], answered: Answered | None) -> "GivenUp | None":
        """What became of it; where it is to be given up, the word for people, unless they have one that is open."""
        now = self._clock.now(session)
        notice = session.get_one(PartnerNotice, key, with_for_update=True)
        if answered is None or answered.failed_with is None:
            notice.state, notice.ended_at = SENT, now
            notice.failed_with = None if answered is not None else "no agreement"
            notice.body_sealed = None
            return None
        notice.attempts += 1
        notice.failed_with = answered.failed_with
        again = None if answered.is_gone else next_try(notice.attempts, notice.made_at, now, answered.again_in)
        if again is not None:
            notice.next_at = again
            return None
        is_told = is_open_about(session, notice.force, f"partner:{notice.partner}", notice.audience)
        return GivenUp(None if is_told else self._word_of(session, notice, answered.failed_with))

    def _word_of(self, session: Session, notice: PartnerNotice, why: str) -> Posted:
        alert = session.get(Alert, (notice.force, notice.alert_id))
        queue = alert.queue if alert is not None else self._default_queue
        of = f"alert {number_of(alert)}" if alert is not None else "an alert"
        because = f"the partner {notice.partner} could not be told of {of}: {why}"
        subject = f"partner:{notice.partner}"
        summary = f"{because}. What was given up is listed, and can be sent again."
        about = Notice(subject=subject, queue=queue, audience=notice.audience, because=because)
        return told_by_service(notice.force, SOURCE, f"{notice.id}:{notice.attempts}", summary, about)


def _signed(partner: Partner, notice: PartnerNotice, body: str, now: datetime) -> dict[str, str]:
    """The headers of Standard Webhooks: the notice's id, this moment, and a signature by each secret that is good."""
    old = partner.old_secret if partner.old_secret_until and partner.old_secret_until > now else None
    secrets = [secret for secret in (partner.secret, old) if secret]
    signatures = [Webhook(secret).sign(str(notice.id), now, body) for secret in secrets]
    return {
        "Content-Type": CONTENT_TYPE, "User-Agent": "Heed", "webhook-id": str(notice.id),
        "webhook-timestamp": str(int(now.timestamp())), "webhook-signature": " ".join(signatures),
    }  # fmt: skip
