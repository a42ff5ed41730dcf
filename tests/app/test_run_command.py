"""``python -m app`` as real processes: they answer whom they should, stay up, and end when told to."""

from __future__ import annotations

import os
import signal
import socket
import subprocess
import time
from collections.abc import Callable

import pytest

from tests.app.serving import END_S, START_S, command, environment, is_alive, serving


def wait_until(condition: Callable[[], object], within_s: float = START_S) -> None:
    end = time.monotonic() + within_s
    while not condition():
        assert time.monotonic() < end, f"it did not happen within {within_s} seconds"
        time.sleep(0.05)


def memory_kb(numbers: list[int]) -> int:
    """What the processes hold together; what they share counts for each."""
    listed = ",".join(map(str, numbers))
    shown = subprocess.run(
        ["ps", "-o", "rss=", "-p", listed], capture_output=True, text=True, check=True
    ).stdout.split()
    assert len(shown) == len(numbers)
    return sum(map(int, shown))


def test_answers_from_any_folder_in_little_memory_and_ends_on_ctrl_c(tmp_path):
    with serving(tmp_path) as served:
        assert served.ask("/health") == (200, "OK")
        assert served.ask("/")[0] == 401
        served.sign_in()
        status, text = served.ask("/")
        assert status == 200
        assert "<title>Dramatis</title>" in text
        processes = served.processes()
        assert set(processes) == {"web", "pages", "worker"}
        assert memory_kb([served.process.pid, *processes.values()]) < 500 * 1024
        served.process.send_signal(signal.SIGINT)
        out, err = served.process.communicate(timeout=END_S)
        assert (served.process.returncode, err) == (0, "")
        assert out.startswith(f"Another browser: {served.address}/?token=")
        assert served.token not in out
        assert not any(map(is_alive, processes.values()))


def test_moves_to_the_next_port_and_ends_on_sigterm(tmp_path):
    with socket.create_server(("127.0.0.1", 0)) as taken:
        wanted = taken.getsockname()[1]
        with serving(tmp_path, "--port", str(wanted)) as served:
            assert wanted < served.port <= wanted + 10
            assert served.ask("/health") == (200, "OK")
            served.process.send_signal(signal.SIGTERM)
            _out, err = served.process.communicate(timeout=END_S)
            assert served.process.returncode == 0
            assert err == f"Port {wanted} is taken, so Dramatis uses {served.port}.\n"


@pytest.mark.slow
def test_what_dies_is_started_again_and_a_used_token_stays_used(tmp_path):
    with serving(tmp_path) as served:
        served.sign_in()
        before = served.processes()
        for name in ("pages", "worker"):
            os.kill(before[name], signal.SIGKILL)
        wait_until(lambda: {before["pages"], before["worker"]}.isdisjoint(served.processes().values()))
        wait_until(lambda: set(served.processes()) == {"web", "pages", "worker"})
        assert served.processes()["web"] == before["web"]
        # The socket never closed: whoever asks meanwhile waits, and gets an answer.
        assert served.ask("/")[0] == 200
        assert served.ask(f"/?token={served.token}", Cookie="")[0] == 401
        # As when the terminal is closed.
        served.process.send_signal(signal.SIGHUP)
        _out, err = served.process.communicate(timeout=END_S)
        assert served.process.returncode == 0
        assert "The worker of the jobs ended without being asked (signal 9); starting it again.\n" in err


@pytest.mark.slow
def test_nothing_is_left_when_the_supervisor_is_killed(tmp_path):
    with serving(tmp_path) as served:
        processes = served.processes()
        served.process.kill()
        wait_until(lambda: not any(map(is_alive, processes.values())), END_S)


@pytest.mark.parametrize(
    ("arguments", "more", "status", "says"),
    [
        (["--host", "0.0.0.0"], {}, 1, "run ./dramatis password"),
        (["--host", "films.example"], {}, 1, "run ./dramatis password"),
        (["--port", "65536"], {}, 2, "give a number from 0 to 65535"),
        (["--films", "no/such/folder"], {}, 1, "There is no folder no/such/folder"),
        ([], {"DRAMATIS_LOGIN": "anna:secret"}, 1, "DRAMATIS_LOGIN is not a name and the hash"),
        ([], {"DRAMATIS_HOSTS": "http://films.home"}, 1, "give names without http://"),
        ([], {"DRAMATIS_DATA": "/dev/null/data"}, 1, "set DRAMATIS_DATA to one you may write to"),
    ],
)
def test_refuses_what_it_cannot_serve(arguments, more, status, says, tmp_path):
    done = subprocess.run(
        command(*arguments),
        cwd=tmp_path,
        env=environment(tmp_path / "data", **{"DRAMATIS_LOGIN": "", **more}),
        capture_output=True,
        text=True,
        timeout=START_S,
    )
    assert done.returncode == status
    assert says in done.stderr
    assert done.stdout == ""
    if status == 1:
        assert done.stderr.count("\n") == 1
