"""``./dramatis run``: serves Dramatis on this machine and prints where."""

from __future__ import annotations

import argparse
import errno
import os
import signal
import socket
import sys
from collections.abc import Sequence
from pathlib import Path
from types import FrameType

from app import services
from app.access import HOSTS_VARIABLE, LOGIN_VARIABLE, AccessError, hosts_of, is_ip_address, login_of
from app.supervisor import Half, Supervisor

DEFAULT_PORT = 8050

# How many ports after the wanted one are tried when it is taken.
_NEXT_PORTS = 10

# The addresses that never leave this machine, and what each stands for.
_LOOPBACK = {"127.0.0.1": "127.0.0.1", "localhost": "127.0.0.1", "::1": "::1"}

# The folders whose films may be chosen without uploading them.
_FILMS_VARIABLE = "DRAMATIS_FILMS"


class RunError(Exception):
    """Dramatis cannot be served as asked; the message is one sentence with what to do. Nothing was started."""


def listen(host: str, port: int) -> socket.socket:
    """A listening socket on `port` of `host`, or on the first free one of the next ten.

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
    parser = argparse.ArgumentParser(
        prog="dramatis run",
        description="Serve Dramatis' pages on this machine, and work on the films given to them.",
    )
    parser.add_argument(
        "--port",
        type=_port,
        default=DEFAULT_PORT,
        help=f"port to listen on, or the next free one of ten (default: {DEFAULT_PORT}; 0: any free port)",
    )
    parser.add_argument(
        "--films",
        metavar="DIR",
        nargs="+",
        action="extend",
        default=[],
        help="folders of this machine whose films the pages may offer, without a copy of them",
    )
    parser.add_argument(
        "--host",
        default="127.0.0.1",
        help="address to listen on (default: 127.0.0.1, which this machine alone reaches; any other needs a login, "
        "see ./dramatis password)",
    )
    return parser.parse_args(argv)


def _port(text: str) -> int:
    if not (text.isascii() and text.isdigit() and int(text) <= 65535):
        raise argparse.ArgumentTypeError(f"{text!r} is not a port; give a number from 0 to 65535")
    return int(text)


def film_folders(folders: Sequence[str]) -> str:
    """The value of $DRAMATIS_FILMS for `folders`. Raises RunError for what is no folder."""
    for folder in folders:
        if not Path(folder).is_dir():
            raise RunError(f"There is no folder {folder}; give --films a folder with films in it.")
        if os.pathsep in folder:
            raise RunError(f"The folder {folder} has a {os.pathsep!r} in its name; give --films one without.")
    return os.pathsep.join(str(Path(folder).resolve()) for folder in folders)


def _check(host: str) -> None:
    """Raises RunError, AccessError or DramatisError for what would fail later, in another process."""
    services.check_data_folder()
    hosts_of(os.environ)
    if login_of(os.environ) is None and host not in _LOOPBACK:
        raise RunError(
            f"Dramatis shows its pages to this machine only, not on {host}, unless a login is configured; run "
            f"./dramatis password and set {LOGIN_VARIABLE}, or run ./dramatis run without --host."
        )


def _environment(host: str, folders: Sequence[str]) -> dict[str, str]:
    """What the two processes are told beside what the environment says already."""
    told = {}
    if folders:
        told[_FILMS_VARIABLE] = film_folders(folders)
    if host not in _LOOPBACK and not is_ip_address(host):
        # The name that the owner gave is one of this machine's.
        told[HOSTS_VARIABLE] = ",".join(filter(None, (os.environ.get(HOSTS_VARIABLE), host.lower())))
    return told


def _end_quietly(_signal: int, _frame: FrameType | None) -> None:
    sys.exit(0)


def main(argv: Sequence[str] | None = None) -> int:
    """Serves until it is told to end; the exit status: 0 ended, 1 cannot be served, 2 usage."""
    ending = (signal.SIGINT, signal.SIGTERM, signal.SIGHUP)
    # Until the supervisor takes them: ending Dramatis while it starts is no failure either.
    for number in ending:
        signal.signal(number, _end_quietly)
    arguments = _arguments(argv)
    try:
        _check(arguments.host)
        os.environ |= _environment(arguments.host, arguments.films)
        host = _LOOPBACK.get(arguments.host, arguments.host)
        listener = listen(host, arguments.port)
    except (RunError, AccessError, services.DramatisError) as error:
        print(error, file=sys.stderr)
        return 1
    port = listener.getsockname()[1]
    if arguments.port not in (0, port):
        print(f"Port {arguments.port} is taken, so Dramatis uses {port}.", file=sys.stderr, flush=True)
    shown_host = {"0.0.0.0": "127.0.0.1", "::": "[::1]"}.get(host, f"[{host}]" if ":" in host else host)
    python = (sys.executable, "-P", "-m")
    socket_number = listener.fileno()
    supervisor = Supervisor(
        (
            Half(
                "The server of the pages",
                (*python, "app.web", str(socket_number), f"http://{shown_host}:{port}"),
                pass_fds=(socket_number,),
                vital=True,
            ),
            Half("The worker of the jobs", (*python, "engine.jobs.worker", "--parent", str(os.getpid()))),
        )
    )
    for number in ending:
        signal.signal(number, supervisor.end)
    return supervisor.run()


if __name__ == "__main__":
    sys.exit(main())
