"""The entry script, with a stand-in for Python: what it runs, what it installs, and what each failure tells to do.

Each test works in a copy of the script in a folder of its own, on a PATH that holds only the tools that the script
needs, so that nothing is downloaded and the machine's own Python stays out of it.
"""

from __future__ import annotations

import contextlib
import os
import pty
import shutil
import signal
import subprocess
import time
from dataclasses import dataclass
from pathlib import Path

import pytest

PROJECT_DIR = Path(__file__).resolve().parents[1]
SCRIPT = PROJECT_DIR / "dramatis"
REQUIREMENTS = ("requirements.txt", "constraints.txt", "requirements-nodeps.txt")
TOOLS = "cat cksum cp grep id mkdir mv readlink rm rmdir sed sh sleep tail uname".split()

# Stands in for Python: notes how it was called, makes "environments" that hold itself, installs as $PIP_DOES says.
FAKE_PYTHON = """#!/bin/sh
case "$*" in
    *_base_executable*) echo "$0" ;;
    *"import venv,ensurepip"*) exit "${NO_VENV:-0}" ;;
    "-c "*) ;;
    "-m venv "*)
        for folder; do :; done
        mkdir -p "$folder/bin" && cp "$0" "$folder/bin/python" && echo "version = 3.12.0" >"$folder/pyvenv.cfg"
        ;;
    "-m pip "*)
        echo "$*" >>"$CALLS"
        eval "${PIP_DOES:-:}"
        ;;
    *) printf '%s|' "$PWD" "$PYTHONPATH" "$@" ;;
esac
"""


@dataclass
class Copy:
    """A copy of the script, and the surroundings it is started in."""

    folder: Path
    path: Path
    calls: Path
    elsewhere: Path

    @property
    def script(self) -> Path:
        return self.folder / "dramatis"

    def environment(self, **extra: str) -> dict[str, str]:
        return {"PATH": str(self.path), "CALLS": str(self.calls), "HOME": str(self.elsewhere), **extra}

    def start(self, *arguments: str, script: Path | None = None, **extra: str) -> subprocess.CompletedProcess[str]:
        return subprocess.run(
            [str(script or self.script), *arguments],
            cwd=self.elsewhere,
            env=self.environment(**extra),
            capture_output=True,
            text=True,
            timeout=30,
        )

    def installs(self) -> int:
        return len(self.calls.read_text("utf-8").splitlines()) if self.calls.exists() else 0


@pytest.fixture
def copy(tmp_path) -> Copy:
    made = Copy(tmp_path / "a copy", tmp_path / "bin", tmp_path / "calls", tmp_path / "else where")
    for folder in (made.folder, made.path, made.elsewhere):
        folder.mkdir()
    for name in ("dramatis", *REQUIREMENTS):
        shutil.copy2(PROJECT_DIR / name, made.folder / name)
    for tool in TOOLS:
        found = shutil.which(tool)
        assert found, tool
        (made.path / tool).symlink_to(found)
    return made


@pytest.fixture
def with_python(copy) -> Copy:
    fake = copy.path / "python3.12"
    fake.write_text(FAKE_PYTHON, "utf-8")
    fake.chmod(0o755)
    return copy


def wait_until(condition) -> None:
    end = time.monotonic() + 20
    while not condition():
        assert time.monotonic() < end, "it did not happen within 20 seconds"
        time.sleep(0.02)


@pytest.mark.parametrize("shell", ["sh", "dash", "bash"])
def test_syntax(shell):
    if shutil.which(shell) is None:
        pytest.skip(f"no {shell} here")
    subprocess.run([shell, "-n", SCRIPT], check=True, timeout=20)


def test_the_entry_and_the_ci_script_are_executable():
    assert os.access(SCRIPT, os.X_OK)
    assert os.access(PROJECT_DIR / ".ci" / "run", os.X_OK)


@pytest.mark.parametrize(
    ("arguments", "runs"),
    [
        (["run", "--port", "8055"], ["-P", "-m", "app", "--port", "8055"]),
        (["password", "anna"], ["-P", "-m", "app.password", "anna"]),
        (["analyze", "my film.mp4", ""], ["-P", "-m", "engine", "analyze", "my film.mp4", ""]),
        (["--help"], ["-P", "-m", "engine", "--help"]),
        ([], ["-P", "-m", "engine", "--help"]),
    ],
)
def test_command_runs_in_the_users_folder(with_python, arguments, runs):
    done = with_python.start(*arguments, PYTHONPATH="/another/project")
    assert done.stdout == "|".join([str(with_python.elsewhere), str(with_python.folder), *runs, ""])
    assert done.returncode == 0


def test_tests_run_in_the_project(with_python):
    done = with_python.start("test", "-k", "a or b")
    assert done.stdout.split("|")[:-1] == [str(with_python.folder)] * 2 + ["-P", "-m", "pytest", "-k", "a or b"]


def test_a_chain_of_links_leads_to_the_script(with_python):
    first = with_python.elsewhere / "first link"
    second = with_python.path / "second"
    first.symlink_to("../a copy/dramatis")
    second.symlink_to(first)
    assert with_python.start("run", script=second).stdout.split("|")[1] == str(with_python.folder)


def test_installs_at_first_use_only(with_python):
    assert "Setting up Dramatis (first use" in with_python.start("run").stderr
    assert with_python.installs() == 2
    assert with_python.start("run").stderr == ""
    assert with_python.installs() == 2
    assert not (with_python.folder / ".venv.lock").exists()


@pytest.mark.slow
def test_a_terminal_shows_the_step_and_what_it_is_at(with_python):
    ours, theirs = pty.openpty()
    pip = 'case "$*" in *requirements.txt*) echo "Collecting numpy==2.4 (from -r somewhere)"; sleep 2.5 ;; esac'
    with open(ours, "rb", buffering=0) as screen:
        subprocess.run(
            [str(with_python.script), "--version"],
            cwd=with_python.elsewhere,
            env=with_python.environment(PIP_DOES=pip),
            stdout=subprocess.DEVNULL,
            stderr=theirs,
            check=True,
            timeout=30,
        )
        os.close(theirs)
        shown = b""
        with contextlib.suppress(OSError):  # what Linux says at the end
            while part := screen.read(4096):
                shown += part
    text = shown.decode()
    places = [
        text.index(said) for said in ("Step 1 of 3", "Step 2 of 3", "Looking up numpy==2.4", "Step 3 of 3", "is set up")
    ]
    assert places == sorted(places)


@pytest.mark.parametrize("name", REQUIREMENTS)
def test_installs_again_when_the_requirements_change(with_python, name):
    with_python.start("run")
    with (with_python.folder / name).open("a") as file:
        file.write("# changed\n")
    assert "up to date" in with_python.start("run").stderr
    assert with_python.installs() == 4


def test_another_python_that_is_asked_for_makes_the_environment_anew(with_python):
    with_python.start("run")
    (with_python.folder / ".venv" / "old").touch()
    other = with_python.elsewhere / "python"
    shutil.copy2(with_python.path / "python3.12", other)
    with_python.start("run", DRAMATIS_PYTHON=str(other))
    assert with_python.installs() == 4
    assert not (with_python.folder / ".venv" / "old").exists()
    assert with_python.start("run", DRAMATIS_PYTHON=str(other)).stderr == ""
    assert with_python.start("run").stderr == ""


def test_a_name_that_leads_nowhere_is_passed_over(with_python):
    shim = with_python.path / "python3.13"
    shim.write_text("#!/bin/sh\necho not installed >&2\nexit 127\n", "utf-8")
    shim.chmod(0o755)
    assert with_python.start("run").returncode == 0


def test_an_interrupted_installation_is_repaired(with_python):
    process = subprocess.Popen(
        [str(with_python.script), "run"],
        cwd=with_python.elsewhere,
        env=with_python.environment(PIP_DOES="exec sleep 60"),
        stderr=subprocess.PIPE,
        text=True,
    )
    wait_until(lambda: with_python.installs() == 1)
    process.send_signal(signal.SIGTERM)
    _out, err = process.communicate(timeout=20)
    assert process.returncode == 143
    assert f"run: '{with_python.script}' run" in err
    assert not (with_python.folder / ".venv.lock").exists()
    done = with_python.start("run")
    assert "the last time did not finish" in done.stderr
    assert done.returncode == 0


def test_two_starts_at_once_install_once(with_python):
    gate = with_python.elsewhere / "gate"
    environment = with_python.environment(PIP_DOES=f"until [ -e '{gate}' ]; do sleep 0.05; done")
    processes = [
        subprocess.Popen(
            [str(with_python.script), "run"],
            cwd=with_python.elsewhere,
            env=environment,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            text=True,
        )
        for _ in range(2)
    ]
    wait_until(lambda: with_python.installs() == 1)
    gate.touch()
    answers = [process.communicate(timeout=20) for process in processes]
    assert [process.returncode for process in processes] == [0, 0]
    assert all("app" in out for out, _err in answers)
    assert with_python.installs() == 2
    assert not (with_python.folder / ".venv.lock").exists()


def test_the_lock_of_a_dead_start_is_inherited(with_python):
    dead = subprocess.Popen(["true"])
    dead.wait()
    lock = with_python.folder / ".venv.lock"
    lock.mkdir()
    (lock / "owner").write_text(f"{dead.pid}\n")
    assert with_python.start("run").returncode == 0
    assert not lock.exists()


def only_line(done: subprocess.CompletedProcess[str]) -> str:
    assert done.returncode == 1
    assert done.stdout == ""
    assert done.stderr.count("\n") == 1
    return done.stderr


def last_line(done: subprocess.CompletedProcess[str]) -> str:
    assert done.returncode == 1
    return done.stderr.splitlines()[-1]


@pytest.mark.parametrize(("system", "command"), [("Linux", "apt install python3 python3-venv"), ("Darwin", "brew")])
def test_without_python_names_the_command_that_installs_it(copy, system, command):
    (copy.path / "uname").unlink()
    (copy.path / "uname").write_text(f"#!/bin/sh\necho {system}\n", "utf-8")
    (copy.path / "uname").chmod(0o755)
    line = only_line(copy.start("run"))
    assert line.startswith("Dramatis needs Python 3.11 or newer and finds none; run: ")
    assert command in line


def test_without_venv_names_the_package(with_python):
    assert only_line(with_python.start("run", NO_VENV="1")).endswith("apt install python3.12-venv\n")


def test_a_wrong_python_that_is_asked_for_is_named(with_python):
    assert "/no/python" in only_line(with_python.start("run", DRAMATIS_PYTHON="/no/python"))


@pytest.mark.parametrize(
    ("log", "compiler", "says"),
    [
        ("[Errno 28] No space left on device", False, "The disk is full"),
        ("Failed to establish a new connection: Temporary failure in name resolution", False, "connect this machine"),
        ("Failed building wheel for annoy", False, "apt install g++"),
        ("fatal error: Python.h: No such file or directory", True, "apt install python3-dev"),
        ("Failed building wheel for annoy", True, "to try again, run: "),
    ],
)
def test_a_failed_installation_shows_the_log_and_one_command(with_python, log, compiler, says):
    if compiler:
        (with_python.path / "g++").symlink_to(with_python.path / "sh")
    done = with_python.start("run", PIP_DOES=f"echo '{log}' >&2; exit 1")
    assert f"    {log}\n" in done.stderr
    assert says in last_line(done)
    assert with_python.start("run").returncode == 0


@pytest.mark.skipif(os.geteuid() == 0, reason="root may write anywhere")
def test_a_folder_that_cannot_be_written_is_named(with_python):
    with_python.folder.chmod(0o555)
    try:
        assert "cannot be written to; run: cp -R" in only_line(with_python.start("run"))
    finally:
        with_python.folder.chmod(0o755)
