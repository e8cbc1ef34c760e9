"""A line to PostgreSQL that can be cut: a proxy of our own, on loopback, between a service and its database."""

import socket
import threading
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from typing import Any

from sqlalchemy.engine import URL, make_url


class Proxy:
    """Passes bytes on; `hold` keeps them back, `cut` ends every line and lets none through, `mend` makes all well."""

    def __init__(self, url: str) -> None:
        self._to = make_url(url)
        self._listening = socket.create_server(("127.0.0.1", 0))
        self._flows = threading.Event()
        self._flows.set()
        self._is_cut = False
        self._lines: set[socket.socket] = set()
        self._lock = threading.Lock()
        threading.Thread(target=self._accept, daemon=True).start()

    @property
    def url(self) -> str:
        """Where a service finds its database by way of this line."""
        host, port = self._listening.getsockname()
        plain = self._to.set(host=host, port=port, query={}, username=self._to.username or "postgres")
        return plain.render_as_string(hide_password=False)

    def hold(self) -> None:
        """Nothing moves: the server hangs, as everybody sees it."""
        self._flows.clear()

    def cut(self) -> None:
        """The server is gone: lines break, and new ones are refused."""
        self._is_cut = True
        self._flows.set()
        with self._lock:
            for line in self._lines:
                with suppress(OSError):
                    line.shutdown(socket.SHUT_RDWR)

    def mend(self) -> None:
        """The server is back."""
        self._is_cut = False
        self._flows.set()

    def close(self) -> None:
        """End every line."""
        self.cut()
        self._listening.close()

    def _accept(self) -> None:
        while True:
            try:
                near, _ = self._listening.accept()
            except OSError:
                return
            if self._is_cut:
                near.close()
                continue
            far = _connected(self._to)
            with self._lock:
                self._lines |= {near, far}
            for source, target in ((near, far), (far, near)):
                threading.Thread(target=self._pump, args=(source, target), daemon=True).start()

    def _pump(self, source: socket.socket, target: socket.socket) -> None:
        with suppress(OSError):
            while data := source.recv(65536):
                self._flows.wait()
                target.sendall(data)
        with suppress(OSError):
            target.shutdown(socket.SHUT_RDWR)
        with self._lock:
            self._lines.discard(source)
        source.close()


def _connected(to: URL) -> socket.socket:
    folder: Any = to.query.get("host")
    if folder:
        line = socket.socket(socket.AF_UNIX)
        line.connect(f"{folder}/.s.PGSQL.{to.query.get('port', 5432)}")
        return line
    return socket.create_connection((to.host or "127.0.0.1", to.port or 5432))


@contextmanager
def a_line_to(url: str) -> Iterator[Proxy]:
    """A proxy that ends with the block."""
    proxy = Proxy(url)
    try:
        yield proxy
    finally:
        proxy.close()
