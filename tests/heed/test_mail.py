"""Mail: once a day, to those who have an address; how much waits, and never whom it is about."""

import smtplib
import socket
from collections.abc import Iterator
from datetime import timedelta
from email.message import EmailMessage
from typing import Any

import pytest
from aiosmtpd.controller import Controller

from access import people
from access.slices import Ledger
from access.trail import Recorder
from db.ids import new_ids
from heed.mail import BadServer, Post, Server, mail_reviews
from heed.settings import BadSetting, read_settings
from markers.cases.reviews import send_up
from tests.scenarios.safeguarding import open_case, record_order
from tests.web.console.screen import give_passwords
from tests.world import CIRCLE, World


class Inbox:
    """A mail server's inside: what it was handed, or that it is full."""

    def __init__(self) -> None:
        self.got: list[tuple[str, str]] = []
        self.says = "250 taken"

    async def handle_DATA(self, _server: Any, _session: Any, envelope: Any) -> str:  # noqa: N802  the library's name
        if self.says.startswith("250"):
            self.got.append((envelope.rcpt_tos[0], envelope.content.decode()))
        return self.says


@pytest.fixture
def inbox() -> Iterator[Inbox]:
    made = Inbox()
    with socket.create_server(("127.0.0.1", 0)) as found:
        port = found.getsockname()[1]
    controller = Controller(made, hostname="127.0.0.1", port=port)
    controller.start()
    made.url = f"smtp://127.0.0.1:{port}"  # type: ignore[attr-defined]
    yield made
    controller.stop()


def post_of(world: World, inbox: Any) -> Post:
    server = Server(inbox.url, "heed@force.example", "https://heed.force.example/")
    return Post(world.db, world.clock, Recorder(new_ids(), Ledger("test")), server)


def with_mail(world: World, *names: str) -> None:
    give_passwords(world.db, world.clock, names)
    with world.db.transaction() as session:
        for name in names:
            user = people.who_is(session, "default", name)
            assert user is not None
            user.email = f"{name.lower()}@force.example"


def test_who_has_something_to_look_at_is_told_once_a_day_how_much(world: World, inbox: Any) -> None:
    with_mail(world, "Owen", "Priya")
    world.place(case="SPO-17", reference="MRK-1", valid_until="2026-11-25T00:00:00Z")
    world.place(as_="Noor", sensitivity="covert", queue=CIRCLE)
    post = post_of(world, inbox)
    assert [mail_reviews(post), mail_reviews(post)] == [1, 0], "Priya has nothing, and nobody is told twice"
    [(to, text)] = inbox.got
    assert to == "owen@force.example"
    assert "Subject: Heed: something waits for you" in text
    assert "1 to be looked at:" in text
    assert "case incomplete" in text
    assert "https://heed.force.example/" in text
    for word in ("SPO-17", "MRK-1", "07700"):
        assert word not in text
    world.clock.advance(days=2)
    assert mail_reviews(post) == 1
    assert "1 of them late" in inbox.got[-1][1]
    entries = world.get("/v1/audit", "Ada", operation="disclosure").json()["items"]
    assert [one["action"] for one in entries] == ["mail_reviews"] * 2


def test_one_that_could_not_be_sent_is_tried_again(world: World, inbox: Any) -> None:
    with_mail(world, "Owen")
    world.place(case="SPO-17")
    post = post_of(world, inbox)
    inbox.says = "452 the disk is full"
    assert mail_reviews(post) == 0
    inbox.says = "250 taken"
    assert mail_reviews(post) == 1

    def refuses(_message: EmailMessage) -> None:
        raise smtplib.SMTPServerDisconnected

    world.clock.advance(days=1)
    assert mail_reviews(post, refuses) == 0
    assert mail_reviews(post) == 1


def test_what_went_up_is_told_to_whom_it_went(world: World, inbox: Any) -> None:
    with_mail(world, "Sam")
    open_case(world, deputy="Sam")
    record_order(world, service={"state": "not_recorded"})
    assert mail_reviews(post_of(world, inbox)) == 0
    with world.db.transaction() as session:
        send_up(session, world.clock.moment + timedelta(days=3))
    assert mail_reviews(post_of(world, inbox)) == 1
    assert "service not recorded" in inbox.got[0][1]


@pytest.mark.parametrize("url", ["http://host", "smtp://", "host"])
def test_an_address_that_is_no_mail_servers_is_refused_by_name(url: str, monkeypatch: pytest.MonkeyPatch) -> None:
    with pytest.raises(BadServer):
        Server(url, "a@b")
    monkeypatch.setenv("HEED_SMTP_URL", url)
    with pytest.raises(BadSetting, match="smtp"):
        read_settings()
