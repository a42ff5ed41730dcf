"""``./dramatis run``: serves Dramatis on this machine and prints where."""

from __future__ import annotations

import argparse
import errno
import signal
import socket
import sys
from collections.abc import Sequence
from types import FrameType
from typing import Any

from gunicorn.app.base import BaseApplication

DEFAULT_PORT = 8050

# How many ports after the wanted one are tried when it is taken.
_NEXT_PORTS = 10

# What --host may be, and the address it stands for. Dramatis has no login yet, so it listens on loopback alone.
_LOOPBACK = {"127.0.0.1": "127.0.0.1", "localhost": "127.0.0.1", "::1": "::1"}

# One process: the pages' state between requests is in one place. Threads wait for disks and databases side by side.
_WORKERS = 1
_THREADS = 8

# How long requests under way may take to end after SIGTERM.
_GRACE_S = 10


class RunError(Exception):
    """Dramatis cannot be served as asked; the message is one sentence with what to do. Nothing was started."""


class Server(BaseApplication):
    """gunicorn over a socket that listens already, so that no other program can take the port in between."""

    def __init__(self, listener: socket.socket, address: str) -> None:
        self._listener = listener
        self._address = address
        super().__init__()

    def load_config(self) -> None:
        def worker_ready(worker: Any) -> None:
            # Said by the first worker, not by its replacement after a crash: the address is known by then.
            if worker.age == 1:
                print(f"Dramatis is at {self._address} (Ctrl-C ends it)", flush=True)

        def end_on_hangup(arbiter: Any) -> None:
            # gunicorn reloads on SIGHUP. Here it means that the terminal was closed, which ends Dramatis like Ctrl-C.
            arbiter.handle_hup = arbiter.handle_int

        settings = {
            "bind": f"fd://{self._listener.fileno()}",
            "worker_class": "gthread",
            "workers": _WORKERS,
            "threads": _THREADS,
            "graceful_timeout": _GRACE_S,
            "accesslog": None,
            "loglevel": "warning",
            "proc_name": "dramatis",
            # A second door for commands to the server, under the user's home folder; nothing here uses it.
            "control_socket_disable": True,
            "post_worker_init": worker_ready,
            "when_ready": end_on_hangup,
        }
        for name, value in settings.items():
            self.cfg.set(name, value)

    def load(self) -> Any:
        # Imported in the worker: nothing may open a database or start a thread before gunicorn forks.
        from app.wsgi import server

        return server


def listen(host: str, port: int) -> socket.socket:
    """A listening socket on `port` of the loopback address `host`, or on the first free one of the next ten.

    Port 0 lets the system choose. Raises RunError where none can be had.
    """
    last = port if port == 0 else min(port + _NEXT_PORTS, 65535)
    family = socket.AF_INET6 if ":" in host else socket.AF_INET
    for candidate in range(port, last + 1):
        try:
            return socket.create_server((host, candidate), family=family, backlog=128)
        except OSError as error:
            if error.errno == errno.EADDRINUSE:
                continue
            reason = error.strerror or str(error)
            raise RunError(
                f"Dramatis cannot listen on port {candidate} of {host} ({reason}); run ./dramatis run --port "
                f"{DEFAULT_PORT}."
            ) from error
    raise RunError(f"Ports {port} to {last} are all taken; run ./dramatis run --port 0 to have a free one chosen.")


def _arguments(argv: Sequence[str] | None) -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="dramatis run", description="Serve Dramatis' pages on this machine.")
    parser.add_argument(
        "--port",
        type=_port,
        default=DEFAULT_PORT,
        help=f"port to listen on, or the next free one of ten (default: {DEFAULT_PORT}; 0: any free port)",
    )
    parser.add_argument(
        "--host", default="127.0.0.1", help="127.0.0.1, localhost or ::1: this machine only (default: 127.0.0.1)"
    )
    return parser.parse_args(argv)


def _port(text: str) -> int:
    if not (text.isascii() and text.isdigit() and int(text) <= 65535):
        raise argparse.ArgumentTypeError(f"{text!r} is not a port; give a number from 0 to 65535")
    return int(text)


def _end_quietly(_signal: int, _frame: FrameType | None) -> None:
    sys.exit(0)


def main(argv: Sequence[str] | None = None) -> int:
    """Serves until it is told to end; the exit status: 0 ended, 1 cannot be served, 2 usage."""
    # Until gunicorn handles these signals itself: ending Dramatis while it starts is no failure either.
    for number in (signal.SIGINT, signal.SIGTERM):
        signal.signal(number, _end_quietly)
    arguments = _arguments(argv)
    try:
        if arguments.host not in _LOOPBACK:
            raise RunError(
                f"Dramatis has no login yet and shows its pages to this machine only, not on {arguments.host}; "
                "run ./dramatis run without --host."
            )
        host = _LOOPBACK[arguments.host]
        listener = listen(host, arguments.port)
    except RunError as error:
        print(error, file=sys.stderr)
        return 1
    port = listener.getsockname()[1]
    if arguments.port not in (0, port):
        print(f"Port {arguments.port} is taken, so Dramatis uses {port}.", file=sys.stderr)
    shown_host = f"[{host}]" if ":" in host else host
    Server(listener, f"http://{shown_host}:{port}").run()
    return 0


if __name__ == "__main__":
    sys.exit(main())
