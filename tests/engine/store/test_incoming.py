"""Uploads in chunks: repeated, out of order, at once, after a restart, and where there is no room."""

from __future__ import annotations

import hashlib
import os
import resource
import shutil
import threading
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from engine.errors import StorageError
from engine.store.incoming import CHUNK_BYTES, MAX_UNFINISHED, Incoming
from engine.store.upload import BadUpload, NoRoom, NoSuchUpload, OutOfStep, TooMuch, shown_name

DATA = bytes(range(256)) * 40


@pytest.fixture
def incoming(tmp_path: Path) -> Incoming:
    for name in ("incoming", "films"):
        (tmp_path / name).mkdir()
    return Incoming(tmp_path / "incoming", films=tmp_path / "films", free_reserve_bytes=0)


def one_sentence(error):
    text = str(error.value)
    assert text.endswith(".") and "\n" not in text and ". " not in text
    return text


def with_room_for(incoming, n_bytes):
    """The same uploads, on a disk that has just so much room."""
    free = shutil.disk_usage(incoming.folder).free
    return Incoming(incoming.folder, films=incoming.films, free_reserve_bytes=free - n_bytes)


def test_chunks_become_the_file(incoming):
    upload = incoming.begin("film.mp4", len(DATA))
    for offset in range(0, len(DATA), 1000):
        received = incoming.append(upload.id, offset, DATA[offset : offset + 1000])
    assert received == len(DATA)
    assert incoming.finish(upload.id).read_bytes() == DATA
    assert incoming.status(upload.id).received == len(DATA)


def test_a_chunk_may_come_again_and_may_overlap(incoming):
    upload = incoming.begin("film.mp4", len(DATA))
    assert incoming.append(upload.id, 0, DATA[:3000]) == 3000
    assert incoming.append(upload.id, 0, DATA[:3000]) == 3000
    assert incoming.append(upload.id, 1000, DATA[1000:2000]) == 3000
    assert incoming.append(upload.id, 2000, DATA[2000:]) == len(DATA)
    assert incoming.append(upload.id, len(DATA), b"") == len(DATA)
    assert incoming.finish(upload.id).read_bytes() == DATA


def test_a_gap_is_refused_and_says_where_to_go_on(incoming):
    upload = incoming.begin("film.mp4", len(DATA))
    incoming.append(upload.id, 0, DATA[:3000])
    with pytest.raises(OutOfStep) as error:
        incoming.append(upload.id, 4000, DATA[4000:5000])
    assert error.value.received == 3000 and "3000" in one_sentence(error)
    assert incoming.status(upload.id).received == 3000


def test_more_than_announced_is_refused(incoming):
    upload = incoming.begin("film.mp4", 10)
    with pytest.raises(TooMuch) as error:
        incoming.append(upload.id, 0, DATA[:11])
    one_sentence(error)
    with pytest.raises(TooMuch) as error:
        incoming.append(upload.id, 0, bytes(CHUNK_BYTES + 1))
    one_sentence(error)
    assert incoming.status(upload.id).received == 0


def test_an_incomplete_upload_cannot_be_finished(incoming):
    upload = incoming.begin("film.mp4", 10)
    incoming.append(upload.id, 0, b"123")
    with pytest.raises(BadUpload) as error:
        incoming.finish(upload.id)
    assert "7 bytes" in one_sentence(error)


def test_uploads_outlive_the_server(incoming):
    upload = incoming.begin("My film.mp4", len(DATA))
    incoming.append(upload.id, 0, DATA[:5000])
    after = Incoming(incoming.folder, films=incoming.films, free_reserve_bytes=0)
    assert after.status(upload.id) == (upload.__class__(upload.id, "My film.mp4", len(DATA), 5000))
    after.append(upload.id, 5000, DATA[5000:])
    assert after.finish(upload.id).read_bytes() == DATA


def test_requests_for_one_upload_take_turns(incoming):
    upload = incoming.begin("film.mp4", len(DATA))
    chunks = [(offset, DATA[offset : offset + 500]) for offset in range(0, len(DATA), 500)] * 3

    def send(chunk):
        while True:
            try:
                return incoming.append(upload.id, *chunk)
            except OutOfStep:
                continue

    with ThreadPoolExecutor(8) as pool:
        list(pool.map(send, chunks))
    assert incoming.finish(upload.id).read_bytes() == DATA


def test_a_discarded_upload_is_gone_for_those_who_wait_too(incoming):
    upload = incoming.begin("film.mp4", len(DATA))
    with incoming.locked(upload.id):
        raised = []

        def send():
            try:
                incoming.append(upload.id, 0, DATA)
            except NoSuchUpload as error:
                raised.append(error)

        waiting = threading.Thread(target=send)
        waiting.start()
        incoming.remove(upload.id)
    waiting.join(10)
    assert len(raised) == 1 and list(incoming.folder.iterdir()) == []
    incoming.discard(upload.id)


@pytest.mark.parametrize("id", ["", "..", "../../etc/passwd", "a" * 24, "/etc", "x\0y", ".", "a" * 65, None, 7])
def test_an_unknown_id_is_no_path(incoming, id):
    for ask in (incoming.status, incoming.finish, lambda id: incoming.append(id, 0, b"x")):
        with pytest.raises(NoSuchUpload) as error:
            ask(id)
        one_sentence(error)
    incoming.discard(id)


@pytest.mark.parametrize("n_bytes", [0, -1, 1.5, "12", None, True])
def test_a_size_that_makes_no_sense(incoming, n_bytes):
    with pytest.raises(BadUpload) as error:
        incoming.begin("film.mp4", n_bytes)
    one_sentence(error)
    assert list(incoming.folder.iterdir()) == []


def test_unfinished_uploads_are_counted(incoming):
    uploads = [incoming.begin(f"{n}.mp4", 10) for n in range(MAX_UNFINISHED)]
    with pytest.raises(NoRoom) as error:
        incoming.begin("one more.mp4", 10)
    assert str(MAX_UNFINISHED) in one_sentence(error)
    incoming.discard(uploads[0].id)
    incoming.begin("one more.mp4", 10)


def test_the_quota_counts_films_and_what_is_announced(incoming):
    small = Incoming(incoming.folder, films=incoming.films, quota_bytes=10_000, free_reserve_bytes=0)
    (small.films / "a").write_bytes(bytes(4000))
    first = small.begin("first.mp4", 3000)
    with pytest.raises(NoRoom) as error:
        small.begin("second.mp4", 3001)
    one_sentence(error)
    second = small.begin("second.mp4", 3000)
    small.append(first.id, 0, bytes(3000))
    (small.films / "b").write_bytes(bytes(4000))  # came by another way
    with pytest.raises(NoRoom):
        small.append(second.id, 0, bytes(100))
    assert small.status(second.id).received == 0


def test_free_space_counts_what_others_still_need(incoming):
    with_room_for(incoming, 50_000_000).begin("first.mp4", 30_000_000)
    with pytest.raises(NoRoom) as error:
        with_room_for(incoming, 50_000_000).begin("second.mp4", 30_000_000)
    assert "30.0 MB" in one_sentence(error)
    with_room_for(incoming, 100_000_000).begin("second.mp4", 30_000_000)


def test_when_the_disk_shrinks_the_older_upload_may_finish(incoming):
    first, second = incoming.begin("first.mp4", 30_000_000), incoming.begin("second.mp4", 30_000_000)
    os.utime(incoming.folder / first.id / "meta.json", (1, 1))
    less = with_room_for(incoming, 50_000_000)
    with pytest.raises(NoRoom):
        less.append(second.id, 0, DATA)
    assert less.append(first.id, 0, DATA) == len(DATA)


def test_a_full_disk_leaves_what_was_there_before(incoming):
    upload = incoming.begin("film.mp4", 3_000_000)
    incoming.append(upload.id, 0, bytes(1_000_000))
    before = resource.getrlimit(resource.RLIMIT_FSIZE)
    resource.setrlimit(resource.RLIMIT_FSIZE, (1_500_000, before[1]))  # writes half of it, then fails
    try:
        with pytest.raises(StorageError) as error:
            incoming.append(upload.id, 1_000_000, bytes(2_000_000))
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, before)
    assert "space" in one_sentence(error)
    assert incoming.status(upload.id).received == 1_000_000
    assert incoming.append(upload.id, 1_000_000, bytes(2_000_000)) == 3_000_000


def test_a_part_that_became_a_link_is_not_followed(incoming, tmp_path):
    upload = incoming.begin("film.mp4", 10)
    victim = tmp_path / "victim"
    victim.write_bytes(b"")
    part = incoming.folder / upload.id / "part"
    part.unlink()
    part.symlink_to(victim)
    with pytest.raises(StorageError):
        incoming.append(upload.id, 0, b"0123456789")
    assert victim.read_bytes() == b""


def test_old_uploads_expire_and_fresh_ones_stay(incoming):
    old, fresh = incoming.begin("old.mp4", 10), incoming.begin("fresh.mp4", 10)
    broken = incoming.folder / ("b" * 24)
    broken.mkdir()
    for path in (incoming.folder / old.id, *(incoming.folder / old.id).iterdir(), broken):
        os.utime(path, (1, 1))
    assert incoming.expire(3600) == 2
    assert [upload.id for upload in incoming.unfinished()] == [fresh.id]
    assert [path.name for path in incoming.folder.iterdir()] == [fresh.id]


def test_a_settled_upload_is_remembered_but_not_unfinished(incoming):
    upload = incoming.begin("film.mp4", 4)
    incoming.append(upload.id, 0, b"film")
    with incoming.locked(upload.id) as locked:
        incoming.settle(locked, hashlib.sha256(b"film").hexdigest())
    assert incoming.unfinished() == ()
    assert incoming.status(upload.id).sha256 == hashlib.sha256(b"film").hexdigest()
    assert incoming.append(upload.id, 0, b"film") == 4
    assert not (incoming.folder / upload.id / "part").exists()
    incoming.begin("another.mp4", 4)
    assert incoming.status(upload.id).sha256
    for path in (incoming.folder / upload.id, incoming.folder / upload.id / "meta.json"):
        os.utime(path, (1, 1))
    incoming.begin("a third.mp4", 4)
    with pytest.raises(NoSuchUpload):
        incoming.status(upload.id)


def test_what_is_kept_is_for_the_owner_alone(incoming):
    upload = incoming.begin("film.mp4", 4)
    folder = incoming.folder / upload.id
    assert folder.stat().st_mode & 0o077 == 0 and (folder / "part").stat().st_mode & 0o077 == 0


@pytest.mark.parametrize(
    ("name", "shown"),
    [
        ("film.mp4", "film.mp4"),
        ("../../../etc/passwd", "passwd"),
        ("C:\\Users\\me\\Film.mp4", "Film.mp4"),
        ("/films/", "films"),
        ("evil\u202egpj.exe", "evilgpj.exe"),
        ("a\x00b\x1b[31mc\nd.mp4", "ab[31mc d.mp4"),
        ("  ..  ", "film"),
        ("", "film"),
        ("\u200b\u2066", "film"),
        ("x" * 300 + ".mp4", "x" * 200),
        ("cafe\u0301.mp4", "caf\u00e9.mp4"),
        (
            "\u0645\u06cc\u200c\u062e\u0648\u0627\u0647\u0645.mp4",
            "\u0645\u06cc\u200c\u062e\u0648\u0627\u0647\u0645.mp4",
        ),
        ("lone\ud800.mp4", "lone.mp4"),
    ],
)
def test_names_are_shown_without_tricks(name, shown):
    assert shown_name(name) == shown


@settings(max_examples=200)
@given(st.text(st.characters(), max_size=400))
def test_a_shown_name_is_text_on_one_line_and_stays_the_same(name):
    shown = shown_name(name)
    assert 0 < len(shown) <= 200 and "/" not in shown and "\\" not in shown
    assert all(char.isprintable() or char in "\u200c\u200d" for char in shown)
    assert shown_name(shown) == shown
    shown.encode()


@settings(max_examples=40)
@given(st.lists(st.tuples(st.integers(0, 60), st.integers(0, 30)), max_size=30))
def test_whatever_is_sent_in_whatever_order_the_file_is_right_so_far(tmp_path_factory, chunks):
    folder = tmp_path_factory.mktemp("incoming")
    (folder / "films").mkdir()
    incoming = Incoming(folder, films=folder / "films", free_reserve_bytes=0)
    upload = incoming.begin("film.mp4", 64)
    for offset, length in chunks:
        before = incoming.status(upload.id).received
        try:
            after = incoming.append(upload.id, offset, DATA[offset : offset + length])
            assert after == max(before, offset + length)
        except OutOfStep:
            assert offset > before
        except TooMuch:
            assert offset + length > 64
    received = incoming.status(upload.id).received
    assert (folder / upload.id / "part").read_bytes() == DATA[:received]
