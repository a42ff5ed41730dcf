"""A child looks at the film: the same answer as in this process, and a sentence whatever happens to it."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import threading
import time
from pathlib import Path

import pytest

from engine.config import PROJECT_DIR
from engine.errors import MediaError
from engine.media.guarded import probe_guarded
from engine.media.video import probe


def one_sentence(error):
    text = str(error.value)
    assert text.endswith(".") and "\n" not in text and ". " not in text
    return text


def test_the_answer_is_that_of_probe(demo):
    assert probe_guarded(demo / "trailer.mp4") == probe(demo / "trailer.mp4")


def test_a_rotated_film_is_upright(clips, tmp_path):
    path = clips.write(tmp_path / "a film's name.mp4", clips.numbered(5), rotation=90)
    assert probe_guarded(path) == probe(path)


@pytest.mark.parametrize("content", [b"", b"#EXTM3U\nfile:///etc/passwd\n", os.urandom(5000)])
def test_what_is_no_film_gets_a_sentence_with_the_users_name_for_it(tmp_path, content):
    path = tmp_path / "part"
    path.write_bytes(content)
    with pytest.raises(MediaError) as error:
        probe_guarded(path, called="My film.mp4")
    told = one_sentence(error)
    assert "My film.mp4" in told and str(tmp_path) not in told


def test_a_film_that_hangs_gets_a_sentence_in_time_and_no_child_stays(tmp_path):
    pipe = tmp_path / "film.mp4"
    pipe.write_bytes(b"x")
    began_s = time.monotonic()
    with pytest.raises(MediaError) as error:
        probe_guarded(pipe, timeout_s=0.01)
    assert "0.01 s" in one_sentence(error) and time.monotonic() - began_s < 30


def in_a_child(code):
    """What Python code prints in a process under the limits."""
    program = f"from engine.media.limits import restrict\nrestrict(1)\n{code}"
    env = {"PYTHONPATH": str(PROJECT_DIR)}
    return subprocess.run([sys.executable, "-P", "-c", program], env=env, capture_output=True, text=True, timeout=60)


def test_a_child_may_not_have_more_memory():
    assert "MemoryError" in in_a_child("bytearray(3 * 2**30)").stderr


def test_a_child_may_not_write_files(tmp_path):
    child = in_a_child(f"open({str(tmp_path / 'x')!r}, 'w', buffering=1).write('x' * 10 + '\\n')")
    assert "File too large" in child.stderr


def test_a_child_that_computes_for_ever_is_ended():
    assert in_a_child("while True: pass").returncode == -signal.SIGXCPU


@pytest.mark.skipif(sys.platform != "linux", reason="only Linux gives a process a network of its own")
def test_a_child_reaches_no_host():
    code = "import socket\nsocket.create_connection(('192.0.2.1', 80), timeout=2)"
    child = in_a_child(code)
    if "timed out" in child.stderr:
        pytest.skip("this system does not let a process leave the network")
    assert "unreachable" in child.stderr


def test_a_child_ends_with_the_process_that_asked(tmp_path):
    if sys.platform != "linux":
        pytest.skip("needs prctl")
    code = (
        "import os, subprocess, sys\n"
        "child = subprocess.Popen([sys.executable, '-P', '-c', "
        "'from engine.media.limits import restrict; restrict(60); '"
        "'import time; print(1, flush=True); time.sleep(60)'"
        "], stdout=subprocess.PIPE)\n"
        "child.stdout.read(1)\nprint(child.pid, flush=True)\nos.kill(os.getpid(), 9)"
    )
    env = {"PYTHONPATH": str(PROJECT_DIR)}
    told = subprocess.run([sys.executable, "-P", "-c", code], env=env, stdout=subprocess.PIPE, text=True, timeout=60)
    pid, until_s = int(told.stdout), time.monotonic() + 10
    while Path(f"/proc/{pid}/stat").exists() and time.monotonic() < until_s:
        if Path(f"/proc/{pid}/stat").read_text().rsplit(")", 1)[1].split()[0] == "Z":
            break
        time.sleep(0.02)
    else:
        assert not Path(f"/proc/{pid}").exists()


def test_many_may_be_looked_at_at_once(demo):
    answers = []
    threads = [threading.Thread(target=lambda: answers.append(probe_guarded(demo / "trailer.mp4"))) for _ in range(3)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert len(answers) == 3 and len(set(answers)) == 1


@pytest.mark.parametrize("share", [0.3, 0.6, 0.9])
def test_a_film_that_is_cut_off_is_found_out_where_a_whole_one_is_wanted(demo, tmp_path, share):
    content = (demo / "trailer.mp4").read_bytes()
    path = tmp_path / "part"
    path.write_bytes(content[: int(len(content) * share)])
    assert probe_guarded(path).duration_s > 40
    with pytest.raises(MediaError) as error:
        probe_guarded(path, called="My film.mp4", whole=True)
    assert "My film.mp4 is cut off" in one_sentence(error)


def test_whole_films_of_every_kind_are_whole(clips, demo, tmp_path):
    assert probe_guarded(demo / "trailer.mp4", whole=True) == probe(demo / "trailer.mp4")
    for suffix in (".mp4", ".mkv", ".avi", ".ts", ".mov"):
        path = clips.write(tmp_path / f"film{suffix}", clips.numbered(75))
        assert probe_guarded(path, whole=True) == probe(path)
