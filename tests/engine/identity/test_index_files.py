"""An index on the disk: whole or as before whatever happens to its builder, and refused when it is not what it says."""

from __future__ import annotations

import json
import os
from contextlib import suppress

import numpy as np
import pytest

from engine.errors import DramatisError, GalleryError, StorageError
from engine.identity import index_files
from engine.identity.index_build import build_index, open_index
from engine.types import Gallery

MODEL = "test-model"


def gallery(n, seed=0, people=3):
    vectors = np.random.default_rng(seed).normal(size=(n, 16)).astype(np.float32)
    names = tuple(f"Person {i % people}" for i in range(n))
    return Gallery("Stars", MODEL, names, tuple(f"é{i}.jpg" for i in range(n)), ("0" * 64,) * n, vectors)


@pytest.fixture(params=[1_000, 10], ids=["plain", "forest"])
def limit(request):
    """How many faces need no forest: the gallery of 60 has none, or has one."""
    return request.param


@pytest.fixture
def built(tmp_path, limit):
    folder = tmp_path / "stars"
    build_index(gallery(60), folder, "From a test.", all_compared_up_to=limit)
    return folder


def content(folder):
    return {path.name: path.read_bytes() for path in folder.iterdir() if not path.name.startswith(".")}


def test_an_index_comes_back_as_it_was(built):
    index, made = open_index(built, MODEL), gallery(60)
    assert (index.name, index.note, index.people, len(index)) == ("Stars", "From a test.", made.people, 60)
    assert [index.name_of(row) for row in range(60)] == list(made.names)
    assert index.picture(7) == ("é7.jpg", "0" * 64)
    for row in (0, 30, 59):
        assert index.search(made.vectors[row], 1).rows.tolist() == [row]
    assert open_index(built.parent / "none", MODEL) is None


def test_equal_galleries_give_equal_files(built, limit, tmp_path):
    build_index(gallery(60), tmp_path / "again", "From a test.", all_compared_up_to=limit)
    assert content(built) == content(tmp_path / "again")


def test_an_empty_gallery_has_an_index(tmp_path):
    build_index(gallery(0), tmp_path)
    assert len(open_index(tmp_path, MODEL)) == 0


@pytest.mark.parametrize("step", (0, 1, 3, 5, 6, 7, 8, 9, 10, 12))
def test_a_builder_killed_at_any_step_leaves_the_old_index_or_the_new(built, limit, monkeypatch, step):
    """Every move of a file into its place, and every removal, may be the last thing that happens."""
    before, n_steps = open_index(built, MODEL), 0

    class Killed(BaseException):
        pass

    def mortal(do):
        def done_if_alive(*arguments, **options):
            nonlocal n_steps
            n_steps += 1
            if n_steps > step:
                raise Killed  # and again for whoever wants to clean up: the dead do not
            return do(*arguments, **options)

        return done_if_alive

    with monkeypatch.context() as patch:
        patch.setattr(index_files.os, "replace", mortal(os.replace))
        patch.setattr(index_files.Path, "unlink", mortal(index_files.Path.unlink))
        with suppress(Killed):
            build_index(gallery(80, seed=1), built, all_compared_up_to=limit)
    after = open_index(built, MODEL)
    assert len(after) in (60, 80)
    made = gallery(60) if len(after) == 60 else gallery(80, seed=1)
    assert after.search(made.vectors[5], 1).rows.tolist() == [5]
    # Who had the old one open keeps it, and the next build cleans up.
    assert before.search(gallery(60).vectors[9], 1).rows.tolist() == [9]
    build_index(gallery(80, seed=1), built, all_compared_up_to=limit)
    manifest = index_files.read_manifest(built)
    files = {part.file for part in manifest.parts.values()}
    assert {path.name for path in built.iterdir()} == files | {"manifest.json", ".lock"}


def test_a_mapped_file_is_never_written_again(built, limit):
    index = open_index(built, MODEL)
    inodes = {path.name: path.stat().st_ino for path in built.glob("vectors-*")}
    build_index(gallery(60), built, all_compared_up_to=limit)  # the same content, so the same names
    assert {path.name for path in built.glob("vectors-*")} == set(inodes)
    assert {path.name: path.stat().st_ino for path in built.glob("vectors-*")} != inodes
    assert index.search(gallery(60).vectors[3], 1).rows.tolist() == [3]


def test_an_index_replaced_while_it_is_opened_is_opened_anew(built, monkeypatch):
    check = index_files.check_parts
    calls = []

    def replaced_meanwhile(folder, manifest):
        calls.append(manifest.count)
        if len(calls) == 1:
            build_index(gallery(20, seed=2), built)
        check(folder, manifest)

    monkeypatch.setattr(index_files, "check_parts", replaced_meanwhile)
    assert len(open_index(built, MODEL)) == 20
    assert calls == [60, 20]


def change(part):
    def flip(folder):
        path = next(folder.glob(f"{part}-*"))
        data = bytearray(path.read_bytes())
        data[len(data) // 2] ^= 1
        path.write_bytes(data)

    return flip


def cut(part):
    return lambda folder: os.truncate(next(folder.glob(f"{part}-*")), 100)


def lose(part):
    return lambda folder: next(folder.glob(f"{part}-*")).unlink()


def say(**changes):
    def write(folder):
        record = json.loads((folder / "manifest.json").read_bytes())
        for key, value in changes.items():
            *path, last = key.split("__")
            target = record
            for step in path:
                target = target[step]
            target[last] = value
        (folder / "manifest.json").write_text(json.dumps(record))

    return write


def put(text):
    return lambda folder: (folder / "manifest.json").write_bytes(text)


@pytest.mark.parametrize(
    "harm",
    [
        *(harm(part) for part in ("vectors", "people", "pictures") for harm in (change, cut, lose)),
        put(b""),
        put(b"{"),
        put(b"[]"),
        put(b"null"),
        put(b"\xff\xfe\x00"),
        put(b"[" * 50_000),
        put(b" " * 2_000_000),
        say(schema="dramatis.index/2"),
        say(metric="angular"),
        say(count=61),
        say(count=-1),
        say(count=True),
        say(count=1e9),
        say(count=2**60),
        say(dimension=0),
        say(dimension=8),
        say(n_people=2),
        say(n_people=61),
        say(name=7),
        say(name="x" * 5_000),
        say(note="x" * 100_001),
        say(parts={}),
        say(parts__vectors__file="../../etc/passwd"),
        say(parts__vectors__file="/etc/passwd"),
        say(parts__vectors__file="people-0123456789abcdef.json"),
        say(parts__vectors__sha256="0" * 64),
        say(parts__vectors__n_bytes="many"),
        say(parts__people__n_bytes=3),
    ],
)
def test_a_damaged_index_is_refused_in_one_sentence_that_says_what_to_do(built, harm):
    harm(built)
    with pytest.raises(GalleryError) as caught:
        open_index(built, MODEL)
    text = str(caught.value)
    assert "delete that folder and build it anew" in text and text.endswith(".") and "\n" not in text


@pytest.mark.parametrize("harm", [change("annoy"), cut("annoy"), lose("annoy"), say(n_trees=0)])
def test_a_damaged_forest_is_refused_before_annoy_sees_it(tmp_path, monkeypatch, harm):
    build_index(gallery(60), tmp_path, all_compared_up_to=10)
    harm(tmp_path)
    monkeypatch.setattr("engine.identity.index_build.open_forest", lambda *_: pytest.fail("was opened"))
    with pytest.raises(GalleryError, match="cannot be used"):
        open_index(tmp_path, MODEL)


def test_a_forest_of_other_trees_than_said_is_refused(tmp_path):
    build_index(gallery(60), tmp_path, all_compared_up_to=10)
    say(n_trees=3)(tmp_path)
    with pytest.raises(GalleryError, match="60 vectors and 50 trees"):
        open_index(tmp_path, MODEL)


def test_another_network_is_refused(built):
    with pytest.raises(GalleryError, match="holds vectors of the network test-model, which cannot be compared"):
        open_index(built, "another-model")


def test_vectors_that_are_no_numbers_are_a_defect(tmp_path):
    wrong = gallery(3)
    vectors = wrong.vectors.copy()
    vectors[1, 1] = np.inf
    bad = Gallery(wrong.name, MODEL, wrong.names, wrong.paths, wrong.sha256, vectors)
    with pytest.raises(ValueError, match="no number"):
        build_index(bad, tmp_path / "x")
    assert not (tmp_path / "x").exists()


def test_a_folder_that_cannot_be_written_is_said(tmp_path):
    (tmp_path / "file").write_bytes(b"")
    with pytest.raises(StorageError, match="cannot be written") as caught:
        build_index(gallery(3), tmp_path / "file" / "index")
    assert isinstance(caught.value, DramatisError)
