"""The process that serves the pages: gunicorn over a socket that listens already. `app.supervisor` starts it."""

from __future__ import annotations

import contextlib
import os
import signal
import socket
import sys
import threading
from collections.abc import Sequence
from typing import Any

from gunicorn.app.base import BaseApplication
from gunicorn.arbiter import Arbiter

from app.access import Access, Tokens

# One process: the pages' state between requests is in one place. Threads wait for disks and databases side by side.
_WORKERS = 1
_THREADS = 8

# How long requests under way may take to end after SIGTERM.
GRACE_S = 10


class _Master(Arbiter):
    """Ends when the process that started it is gone, however it went: nobody else would end this one."""

    def __init__(self, app: BaseApplication) -> None:
        self._started_by = os.getppid()
        super().__init__(app)

    def maybe_promote_master(self) -> None:
        # Called in each round of the main loop, once a second at least.
        if os.getppid() != self._started_by:
            raise StopIteration
        super().maybe_promote_master()


class Server(BaseApplication):
    """Dramatis' pages on a socket that listens already, so that no other program can take the port in between."""

    def __init__(self, listener: socket.socket, address: str) -> None:
        self._listener = listener
        self._address = address
        # Before the fork: a worker that takes a crashed one's place shares the count of the used tokens.
        self._tokens = Tokens(self._announce)
        super().__init__()

    def _announce(self, token: str) -> None:
        _tell(f"Another browser: {self._address}/?token={token}")

    def load_config(self) -> None:
        def worker_ready(worker: Any) -> None:
            # Said by the first worker, not by its replacement after a crash: the address is known by then.
            if worker.age == 1:
                _tell(f"Dramatis is at {self._address}/?token={self._tokens.current} (Ctrl-C ends it)")

        settings = {
            "bind": f"fd://{self._listener.fileno()}",
            "worker_class": "gthread",
            "workers": _WORKERS,
            "threads": _THREADS,
            "graceful_timeout": GRACE_S,
            "accesslog": None,
            "loglevel": "warning",
            "proc_name": "dramatis",
            # What proxies tell is judged in app.sessions.
            "forwarded_allow_ips": "",
            # A second door for commands to the server, under the user's home folder; nothing here uses it.
            "control_socket_disable": True,
            "post_worker_init": worker_ready,
        }
        for name, value in settings.items():
            self.cfg.set(name, value)

    def load(self) -> Any:
        # Imported in the worker: nothing may open a database or start a thread before gunicorn forks.
        from app.factory import served_app
        from app.services import uploads

        threading.Thread(target=uploads.tidy, name="tidy", daemon=True).start()
        return served_app(Access.from_environment(self._tokens))

    def run(self) -> None:
        _Master(self).run()


def _tell(line: str) -> None:
    # Whoever read our output may be gone (a pipe, a closed terminal); the pages go on.
    with contextlib.suppress(OSError):
        print(line, flush=True)


def main(argv: Sequence[str]) -> None:
    """`argv`: the number of the open socket, and the address that leads to it."""
    # Until gunicorn handles these signals itself: ending Dramatis while it starts is no failure.
    for number in (signal.SIGINT, signal.SIGTERM):
        signal.signal(number, lambda *_: sys.exit(0))
    Server(socket.socket(fileno=int(argv[0])), argv[1]).run()


if __name__ == "__main__":
    main(sys.argv[1:])
