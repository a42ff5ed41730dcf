"""``python -m app`` as a real process: it answers over loopback, moves to a free port, and ends when told to."""

from __future__ import annotations

import http.client
import os
import re
import signal
import socket
import subprocess
import sys
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

PROJECT_DIR = Path(__file__).resolve().parents[2]

# Generous: a busy machine loads Dash slowly. Only a failure takes this long.
START_S = 60
END_S = 20


def command(*arguments: str) -> list[str]:
    return [sys.executable, "-P", "-m", "app", *arguments]


def environment() -> dict[str, str]:
    return {**os.environ, "PYTHONPATH": str(PROJECT_DIR)}


@contextmanager
def running(*arguments: str, cwd: Path) -> Iterator[tuple[subprocess.Popen[str], int]]:
    """The process and its port, once it has printed its address."""
    process = subprocess.Popen(
        command(*arguments), cwd=cwd, env=environment(), stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True
    )
    watchdog = threading.Timer(START_S, process.kill)
    watchdog.start()
    try:
        assert process.stdout is not None
        line = process.stdout.readline()
        found = re.fullmatch(r"Dramatis is at http://(127\.0\.0\.1|\[::1\]):(\d+) \(Ctrl-C ends it\)\n", line)
        assert found, (line, process.communicate(timeout=END_S))
        watchdog.cancel()
        yield process, int(found[2])
    finally:
        watchdog.cancel()
        if process.poll() is None:
            process.terminate()
        try:
            process.communicate(timeout=END_S)
        except subprocess.TimeoutExpired:
            process.kill()
            process.communicate()


def get(port: int, path: str) -> tuple[int, str]:
    connection = http.client.HTTPConnection("127.0.0.1", port, timeout=END_S)
    try:
        connection.request("GET", path)
        answer = connection.getresponse()
        return answer.status, answer.read().decode("utf-8")
    finally:
        connection.close()


def test_answers_and_ends_on_ctrl_c(tmp_path):
    with running("--port", "0", cwd=tmp_path) as (process, port):
        assert get(port, "/health") == (200, "OK")
        status, text = get(port, "/")
        assert status == 200
        assert "<title>Dramatis</title>" in text
        process.send_signal(signal.SIGINT)
        out, err = process.communicate(timeout=END_S)
        assert (process.returncode, out, err) == (0, "", "")


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGHUP])
def test_moves_to_the_next_port_and_ends_on(number, tmp_path):
    with socket.create_server(("127.0.0.1", 0)) as taken:
        wanted = taken.getsockname()[1]
        with running("--port", str(wanted), cwd=tmp_path) as (process, port):
            assert wanted < port <= wanted + 10
            assert get(port, "/health") == (200, "OK")
            process.send_signal(number)
            _out, err = process.communicate(timeout=END_S)
            assert process.returncode == 0
            assert err == f"Port {wanted} is taken, so Dramatis uses {port}.\n"


@pytest.mark.parametrize(
    ("arguments", "status", "says"),
    [
        (["--host", "0.0.0.0"], 1, "run ./dramatis run without --host"),
        (["--host", "films.example"], 1, "run ./dramatis run without --host"),
        (["--port", "65536"], 2, "give a number from 0 to 65535"),
    ],
)
def test_refuses_what_it_cannot_serve(arguments, status, says, tmp_path):
    done = subprocess.run(
        command(*arguments), cwd=tmp_path, env=environment(), capture_output=True, text=True, timeout=START_S
    )
    assert done.returncode == status
    assert says in done.stderr
    assert done.stdout == ""
    if status == 1:
        assert done.stderr.count("\n") == 1
