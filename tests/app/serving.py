"""Dramatis as its user starts it: the supervisor, the pages and the worker, in processes of their own."""

from __future__ import annotations

import http.client
import os
import re
import signal
import subprocess
import sys
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

PROJECT_DIR = Path(__file__).resolve().parents[2]

# Generous: a busy machine loads Dash slowly. Only a failure takes this long.
START_S = 90
END_S = 30

_LINE = re.compile(r"Dramatis is at (http://(127\.0\.0\.1|\[::1\]):(\d+))/\?token=([0-9a-f]{32}) \(Ctrl-C ends it\)\n")


@dataclass
class Served:
    """A running Dramatis. `address` has no slash at its end; `/?token=` behind it lets one browser in."""

    process: subprocess.Popen[str]
    address: str
    port: int
    token: str
    data: Path
    cookie: str = ""

    @property
    def opening_address(self) -> str:
        return f"{self.address}/?token={self.token}"

    def ask(self, path: str, method: str = "GET", body: bytes | None = None, **headers: str) -> tuple[int, str]:
        """Status and text of the answer; with the session that `sign_in` got, if it was called."""
        status, text, _ = self.answer(path, method, body, **headers)
        return status, text

    def answer(
        self, path: str, method: str = "GET", body: bytes | None = None, **headers: str
    ) -> tuple[int, str, http.client.HTTPMessage]:
        connection = http.client.HTTPConnection("127.0.0.1", self.port, timeout=END_S)
        try:
            sent = {name.replace("_", "-"): value for name, value in headers.items()}
            connection.request(method, path, body, ({"Cookie": self.cookie} if self.cookie else {}) | sent)
            answer = connection.getresponse()
            return answer.status, answer.read().decode("utf-8", "replace"), answer.headers
        finally:
            connection.close()

    def sign_in(self) -> None:
        status, _, headers = self.answer(f"/?token={self.token}")
        assert status == 303
        self.cookie = headers["Set-Cookie"].split(";")[0]

    def processes(self) -> dict[str, int]:
        """Numbers of the processes below the supervisor: "web" (gunicorn's master), "pages" (its worker), "worker"."""
        found = {}
        for number, parent, command in _all_processes():
            if parent == self.process.pid:
                found["web" if "app.web" in command else "worker"] = number
        for number, parent, _ in _all_processes():
            if parent == found.get("web"):
                found["pages"] = number
        return found


def _all_processes() -> Iterator[tuple[int, int, str]]:
    shown = subprocess.run(["ps", "-axo", "pid=,ppid=,args="], capture_output=True, text=True, check=True).stdout
    for line in shown.splitlines():
        number, parent, command = line.split(None, 2)
        yield int(number), int(parent), command


def is_alive(number: int) -> bool:
    """Whether a process runs; a dead one that nobody has waited for does not."""
    shown = subprocess.run(["ps", "-o", "stat=", "-p", str(number)], capture_output=True, text=True).stdout.strip()
    return bool(shown) and not shown.startswith("Z")


def command(*arguments: str) -> list[str]:
    return [sys.executable, "-P", "-m", "app", *arguments]


def environment(folder: Path, **more: str) -> dict[str, str]:
    kept = {name: value for name, value in os.environ.items() if not name.startswith("DRAMATIS_")}
    return {**kept, "PYTHONPATH": str(PROJECT_DIR), "DRAMATIS_DATA": str(folder), **more}


@contextmanager
def serving(folder: Path, *arguments: str, stderr: int | None = subprocess.PIPE, **more: str) -> Iterator[Served]:
    """Dramatis with its data in ``folder/data``, started from `folder` on any free port unless `arguments` say
    otherwise, once it has printed its address. `more` goes into its environment."""
    data = folder / "data"
    process = subprocess.Popen(
        command(*(arguments or ("--port", "0"))),
        cwd=folder,
        env=environment(data, **more),
        stdout=subprocess.PIPE,
        stderr=stderr,
        text=True,
    )
    watchdog = threading.Timer(START_S, process.kill)
    watchdog.start()
    try:
        assert process.stdout is not None
        line = process.stdout.readline()
        found = _LINE.fullmatch(line)
        assert found, (line, process.communicate(timeout=END_S))
        watchdog.cancel()
        yield Served(process, found[1], int(found[3]), found[4], data)
    finally:
        watchdog.cancel()
        if process.poll() is None:
            process.send_signal(signal.SIGINT)
        try:
            process.communicate(timeout=END_S)
        except subprocess.TimeoutExpired:
            process.kill()
            process.communicate()
