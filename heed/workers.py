"""Several serving processes on one socket: a master that restarts what dies, and ends all of them in time.

Each worker is a whole service with its own writer, watch and streams; they agree in the database. A worker whose master
is gone ends, too: nobody would restart it.
"""

import logging
import multiprocessing
import os
import signal
import socket
import threading
import time
from multiprocessing.connection import wait
from multiprocessing.context import SpawnProcess
from types import FrameType

from heed.app import create_app
from heed.keys import find_keys
from heed.serving import PLAIN, Wire, serve
from heed.settings import read_settings
from heed.telemetry import set_up_logs

ENDED_WITHIN_S = 9.0
"""A worker that is still there so long after it was told to end is killed."""
AGAIN_AFTER_S = 1.0
"""Between a worker's death and its successor: one that can't start must not take the machine."""
log = logging.getLogger("heed.workers")
_spawn = multiprocessing.get_context("spawn")


def serve_many(bound: socket.socket, count: int, wire: Wire = PLAIN) -> None:
    """Serve on `bound` by `count` processes until SIGTERM or SIGINT."""
    stopping = threading.Event()

    def told(_number: int, _frame: FrameType | None) -> None:
        stopping.set()

    for number in (signal.SIGTERM, signal.SIGINT):
        signal.signal(number, told)
    workers = [_started(bound, wire) for _ in range(count)]
    while not stopping.is_set():
        wait([worker.sentinel for worker in workers], timeout=0.5)
        for place, worker in enumerate(workers):
            if worker.exitcode is not None and not stopping.is_set():
                log.error("a worker died", extra={"status": worker.exitcode})
                stopping.wait(AGAIN_AFTER_S)
                workers[place] = worker if stopping.is_set() else _started(bound, wire)
    _end(workers)


def _started(bound: socket.socket, wire: Wire) -> SpawnProcess:
    worker = _spawn.Process(target=serve_one, args=(bound, wire), name="heed-worker")
    worker.start()
    return worker


def _end(workers: list[SpawnProcess]) -> None:
    deadline = time.monotonic() + ENDED_WITHIN_S
    for worker in workers:
        if worker.exitcode is None:
            worker.terminate()
    for worker in workers:
        worker.join(max(0.0, deadline - time.monotonic()))
        if worker.exitcode is None:
            log.error("a worker did not end in time, and was killed")
            worker.kill()
            worker.join()


def serve_one(bound: socket.socket, wire: Wire = PLAIN) -> None:
    """One worker: a service of its own, on the socket that all share."""
    settings = read_settings()
    set_up_logs(settings.log_format)
    threading.Thread(target=_end_with_master, name="heed-master-watch", daemon=True).start()
    serve(create_app(settings, keys=find_keys(settings, may_make=False).keys), bound, wire)


def _end_with_master() -> None:
    master = multiprocessing.parent_process()
    if master is not None:
        master.join()
        os.kill(os.getpid(), signal.SIGTERM)
