"""The supervisor over small processes: what it starts again, when it gives up, and that nothing outlives it."""

from __future__ import annotations

import signal
import sys
import threading
import time
from pathlib import Path

import pytest

from app.supervisor import Half, Supervisor
from tests.app.serving import is_alive

STUBBORN = "import signal, time\nsignal.signal(signal.SIGTERM, signal.SIG_IGN)\nopen({ready!r}, 'w')\ntime.sleep(60)"


def python(text: str) -> tuple[str, ...]:
    return (sys.executable, "-c", text)


def wait_for(path: Path) -> None:
    end = time.monotonic() + 20
    while not path.exists():
        assert time.monotonic() < end
        time.sleep(0.01)


@pytest.mark.slow
def test_gives_up_on_pages_that_do_not_stay_up(tmp_path):
    count = tmp_path / "count"
    half = Half("The server", python(f"open({str(count)!r}, 'a').write('x'); raise SystemExit(3)"), vital=True)
    other = Half("The other", python("import time; time.sleep(60)"))
    said: list[str] = []
    assert Supervisor((half, other), said.append, first_pause_s=0.02).run() == 1
    assert count.read_text() == "xxxxx"
    assert said[:4] == ["The server ended without being asked (status 3); starting it again."] * 4
    assert said[4].startswith("The server ended again and again (status 3); ")
    assert other.process is not None and not is_alive(other.process.pid)


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGINT])
def test_kills_what_does_not_end_with_all_that_it_started(number, tmp_path):
    ready, grandchild = tmp_path / "ready", tmp_path / "grandchild"
    text = (
        "import subprocess, sys\n"
        f"child = subprocess.Popen([sys.executable, '-c', {STUBBORN.format(ready=str(ready))!r}])\n"
        f"open({str(grandchild)!r}, 'w').write(str(child.pid))\n"
    ) + STUBBORN.format(ready=str(tmp_path / "own"))
    half = Half("The server", python(text))
    supervisor = Supervisor((half,), grace_s=0.3)
    ending = threading.Thread(target=lambda: (wait_for(ready), wait_for(tmp_path / "own"), supervisor.end(number)))
    ending.start()
    assert supervisor.run() == 0
    ending.join()
    assert half.process is not None and half.process.returncode == -signal.SIGKILL
    end = time.monotonic() + 5
    while is_alive(int(grandchild.read_text())):
        assert time.monotonic() < end
        time.sleep(0.01)


def test_a_second_signal_takes_the_grace_away(tmp_path):
    ready = tmp_path / "ready"
    supervisor = Supervisor((Half("The server", python(STUBBORN.format(ready=str(ready)))),), grace_s=60)

    def end_twice() -> None:
        wait_for(ready)
        supervisor.end(signal.SIGTERM)
        time.sleep(0.2)
        supervisor.end(signal.SIGTERM)

    ending = threading.Thread(target=end_twice)
    ending.start()
    begun = time.monotonic()
    assert supervisor.run() == 0
    assert time.monotonic() - begun < 30
    ending.join()
