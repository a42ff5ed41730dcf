"""What is kept of pictures: it comes back as it was, and no damage to it does any harm."""

from __future__ import annotations

import hashlib
import sqlite3
import subprocess
import sys
from pathlib import Path

import diskcache
import numpy as np
import pytest

from engine.identity.everybody import PictureFaces
from engine.identity.looks import Look
from engine.store.look_cache import FaceCache, LookCache

PROJECT = Path(__file__).resolve().parents[3]
FACE = Look(np.random.default_rng(3).normal(size=128).astype(np.float32))
NOBODY = Look(None, "no face found \u00e9")
ONE, TWO = "1" * 64, "2" * 64


@pytest.fixture
def folder(tmp_path):
    return tmp_path / "looks"


def filled(folder):
    with LookCache(folder) as cache:
        cache.put(ONE, "net/1", FACE)
        cache.put(TWO, "net/1", NOBODY)
    return folder / "cache.db"


def same(look, other):
    if other.vector is None:
        return look is not None and look.vector is None and look.reason == other.reason
    return look is not None and look.vector.dtype == np.float32 and look.vector.tobytes() == other.vector.tobytes()


def test_looks_come_back_bit_for_bit_and_only_for_their_looker(folder):
    filled(folder)
    with LookCache(folder) as cache:
        assert same(cache.get(ONE, "net/1"), FACE) and same(cache.get(TWO, "net/1"), NOBODY)
        assert cache.get(ONE, "net/2") is None and cache.get("3" * 64, "net/1") is None


@pytest.mark.parametrize("n", [0, 1, 40])
def test_faces_of_an_albums_picture_come_back_bit_for_bit(folder, n):
    random = np.random.default_rng(n)
    arrays = [random.normal(size=shape).astype(np.float32) for shape in ((n, 4), n, n, (n, 128))]
    crowd = PictureFaces(4000, 3000, *arrays)
    with FaceCache(folder) as cache:
        cache.put(ONE, "net/1", crowd)
        cache.put(TWO, "net/1", PictureFaces.unreadable("is damaged \u00e9"))
    with FaceCache(folder) as cache:
        found, unreadable = cache.get(ONE, "net/1"), cache.get(TWO, "net/1")
    assert (found.width, found.height, found.problem) == (4000, 3000, "")
    names = ("boxes_xyxy", "scores", "quality", "vectors")
    assert [getattr(found, name).tobytes() for name in names] == [array.tobytes() for array in arrays]
    assert (len(unreadable), unreadable.problem) == (0, "is damaged \u00e9")


def test_a_crowd_is_forgotten_to_its_last_byte(folder):
    crowd = PictureFaces(4000, 3000, np.ones((90, 4)), np.ones(90), np.ones(90), np.full((90, 128), 0.1234567))
    with FaceCache(folder) as cache:
        cache.put(ONE, "net/1", crowd)
        cache.forget(ONE.__eq__)
        assert cache.get(ONE, "net/1") is None
    assert not any(crowd.vectors[:1].tobytes() in path.read_bytes() for path in folder.rglob("*") if path.is_file())


def test_what_is_forgotten_is_gone_from_the_disk(folder):
    filled(folder)
    vector = FACE.vector.tobytes()
    assert any(vector in path.read_bytes() for path in folder.iterdir())
    with LookCache(folder) as cache:
        cache.forget(ONE.__eq__)
        assert cache.get(ONE, "net/1") is None and same(cache.get(TWO, "net/1"), NOBODY)
    assert not any(vector in path.read_bytes() for path in folder.iterdir())


def test_forgetting_makes_no_cache(folder):
    with LookCache(folder) as cache:
        cache.forget(lambda sha256: True)
    assert not folder.exists()


@pytest.mark.parametrize(
    "damage",
    [
        lambda content: b"",
        lambda content: b"no database at all" * 1000,
        lambda content: content[: len(content) // 2],
        lambda content: content[:100] + bytes(len(content) - 100),
        lambda content: bytes(4096) + content[4096:],
    ],
    ids=["empty", "text", "half", "zeros", "no first page"],
)
def test_a_damaged_cache_is_thrown_away(folder, damage):
    path = filled(folder)
    path.write_bytes(damage(path.read_bytes()))
    with LookCache(folder) as cache:
        assert cache.get(ONE, "net/1") is None
        cache.put(ONE, "net/1", FACE)
    with LookCache(folder) as cache:
        assert same(cache.get(ONE, "net/1"), FACE)


def test_any_damaged_byte_is_a_look_unknown_or_the_right_one(folder):
    path = filled(folder)
    whole = path.read_bytes()
    for at in range(0, len(whole), max(1, len(whole) // 40)):
        folder.mkdir(exist_ok=True)
        path.write_bytes(whole[:at] + bytes([whole[at] ^ 0x5A]) + whole[at + 1 :])
        with LookCache(folder) as cache:
            look = cache.get(ONE, "net/1")
            assert look is None or same(look, FACE), at


def test_pickles_are_not_read(folder, tmp_path):
    class Trap:
        def __reduce__(self):
            return Path.touch, (tmp_path / "sprung",)

    filled(folder)
    with diskcache.Cache(str(folder)) as cache:
        cache.set(f"{ONE}:net/1", Trap())
        cache.set((ONE, 1), b"x")
    with LookCache(folder) as cache:
        assert cache.get(ONE, "net/1") is None
        cache.forget(lambda sha256: False)
    assert not (tmp_path / "sprung").exists()


def test_a_folder_that_cannot_be_made_is_no_cache(tmp_path):
    (tmp_path / "file").write_text("x")
    with LookCache(tmp_path / "file" / "looks") as cache:
        cache.put(ONE, "net/1", FACE)
        assert cache.get(ONE, "net/1") is None


def test_a_locked_cache_is_left_as_it_is(folder, monkeypatch):
    path = filled(folder)
    with LookCache(folder) as cache:
        assert same(cache.get(ONE, "net/1"), FACE)

        def locked(*_args, **_more):
            raise sqlite3.OperationalError("database is locked")

        monkeypatch.setattr(diskcache.Cache, "set", locked)
        cache.put(ONE, "net/1", NOBODY)
        assert same(cache.get(ONE, "net/1"), FACE)
    assert path.is_file()


def test_two_processes_may_write_at_once(folder):
    script = (
        "import sys; import numpy as np; from pathlib import Path\n"
        "from engine.identity.looks import Look; from engine.store.look_cache import LookCache\n"
        "import hashlib; who = sys.argv[2]\n"
        "with LookCache(Path(sys.argv[1])) as cache:\n"
        "    for i in range(150):\n"
        "        sha256 = hashlib.sha256(f'{who}{i}'.encode()).hexdigest()\n"
        "        cache.put(sha256, 'net', Look(np.full(128, i, np.float32)))\n"
    )
    started = [subprocess.Popen([sys.executable, "-c", script, str(folder), who], cwd=PROJECT) for who in "ab"]
    assert [process.wait(timeout=120) for process in started] == [0, 0]
    with LookCache(folder) as cache:
        for who in "ab":
            for i in range(150):
                look = cache.get(hashlib.sha256(f"{who}{i}".encode()).hexdigest(), "net")
                assert look is not None and (look.vector == i).all()
