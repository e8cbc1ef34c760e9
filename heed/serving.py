"""Listening and ending: the socket is bound here, so that a reader that is stuck is closed by the kernel."""

import socket
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

import uvicorn
from fastapi import FastAPI

from heed.guard import BROKEN
from web import headers
from web.house import House


@dataclass(frozen=True, slots=True)
class Wire:
    """How clients reach us: by a proxy whose word about them is taken (which ones), by TLS of our own, or plainly."""

    proxies: tuple[str, ...] = ()
    certificate: Path | None = None
    key: Path | None = None

    @property
    def is_private(self) -> bool:
        """Nobody on the way reads along."""
        return bool(self.proxies or self.certificate)


PLAIN = Wire()
STUCK_AFTER_MS = 4000
ENDS_WITHIN_S = 8


def bind(host: str, port: int) -> socket.socket:
    """A listening socket (port 0: any free one). Unread answers close a connection after four seconds."""
    family, kind, protocol, _, address = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)[0]
    bound = socket.socket(family, kind, protocol)
    bound.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    if hasattr(socket, "TCP_USER_TIMEOUT"):
        bound.setsockopt(socket.IPPROTO_TCP, socket.TCP_USER_TIMEOUT, STUCK_AFTER_MS)
    bound.bind(address)
    bound.listen(1024)
    return bound


class Server(uvicorn.Server):
    """Uvicorn that tells the streams goodbye before it waits for them to end.

    Lifespan's end comes after the streams have ended, so it can't be what ends them: with streams open, plain uvicorn
    was still there after 12 s (tried); so it is gone in a fraction of one.
    """

    def __init__(self, config: uvicorn.Config, say_goodbye: Callable[[], None]) -> None:
        super().__init__(config)
        self._say_goodbye = say_goodbye

    async def shutdown(self, sockets: list[socket.socket] | None = None) -> None:
        """Streams first, then everything else."""
        self._say_goodbye()
        await super().shutdown(sockets)


def make_server(app: FastAPI, wire: Wire = PLAIN) -> Server:
    """Uvicorn as Heed wants it: it trusts no forwarded header but a proxy's, keeps h11's limits, and ends in time."""
    house: House = app.state.house
    config = uvicorn.Config(
        app,
        http="h11",
        ws="none",
        lifespan="on",
        log_config=None,
        access_log=False,
        proxy_headers=bool(wire.proxies),
        forwarded_allow_ips=list(wire.proxies),
        ssl_certfile=wire.certificate,
        ssl_keyfile=wire.key,
        server_header=False,
        timeout_graceful_shutdown=ENDS_WITHIN_S,
        timeout_keep_alive=15,
        h11_max_incomplete_event_size=headers.AT_MOST,
    )
    return Server(config, house.hub.stop)


def serve(app: FastAPI, bound: socket.socket, wire: Wire = PLAIN) -> None:
    """Serve until told to end. One that ends itself, for a part of it has died, exits with a status of its own."""
    server, guard = make_server(app, wire), app.state.guard

    def end() -> None:
        server.should_exit = True

    guard.end_by(end)
    server.run(sockets=[bound])
    if guard.gave_up_on is not None:
        raise SystemExit(BROKEN)
