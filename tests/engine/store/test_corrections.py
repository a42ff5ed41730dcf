from __future__ import annotations

import dataclasses
from datetime import UTC, datetime, timedelta

import pytest

from engine.errors import StorageError
from engine.store.corrections import CorrectionLog
from engine.store.database import open_store
from engine.store.films import FilmRepository

FILM = "f" * 64


@pytest.fixture
def log(store, make_analysis):
    for sha256 in (FILM, "e" * 64):
        FilmRepository(store).save_analysis(make_analysis({"p": "unknown_1"}, sha256=sha256))
    return CorrectionLog(store)


def kinds(log):
    return [correction.kind for correction in log.active(FILM)]


def test_a_correction_comes_back_as_it_was(log, database):
    payload = {"people": ["p", "q"], "at_s": 1 / 3, "why": None, "name": "Zoë"}
    correction_id = log.append(FILM, "note", payload, author="Ana")
    (correction,) = CorrectionLog(open_store(database)).active(FILM)
    assert dataclasses.replace(correction, created_at=None) == dataclasses.replace(
        correction, id=correction_id, video_sha256=FILM, author="Ana", kind="note", payload=payload, created_at=None
    )
    assert timedelta(0) <= datetime.now(UTC) - correction.created_at < timedelta(minutes=1)


def test_order_is_kept_through_undo_and_redo(log):
    first, second, third = (log.append(FILM, kind, {}) for kind in ("note", "mark", "not"))
    assert kinds(log) == ["note", "mark", "not"]
    log.undo(second)
    log.undo(second)
    log.undo(first)
    assert kinds(log) == ["not"]
    log.redo(first)
    log.redo(third)
    assert kinds(log) == ["note", "not"]
    log.redo(second)
    assert kinds(log) == ["note", "mark", "not"]


def test_the_last_that_can_be_undone(log):
    assert log.last_undoable(FILM) is None
    log.append("e" * 64, "note", {})
    first, second = (log.append(FILM, kind, {}) for kind in ("note", "mark"))
    assert log.last_undoable(FILM) == log.active(FILM)[-1]
    assert log.last_undoable(FILM).id == second
    log.undo(second)
    assert log.last_undoable(FILM).id == first
    log.undo(first)
    assert log.last_undoable(FILM) is None


def test_films_have_their_own_logs(log):
    log.append("e" * 64, "note", {})
    assert log.active(FILM) == ()
    assert len(log.active("e" * 64)) == 1
    assert log.active("0" * 64) == ()


def test_an_unknown_film_cannot_be_corrected(log):
    with pytest.raises(StorageError, match="analyse it first"):
        log.append("0" * 64, "note", {})


@pytest.mark.parametrize("method", ["undo", "redo"])
def test_an_unknown_correction(log, method):
    with pytest.raises(StorageError, match="no correction 77"):
        getattr(log, method)(77)


@pytest.mark.parametrize("payload", [{}, {"person_id": "p"}, {"name": "Ana"}, {"person_id": 1, "name": "Ana"}])
def test_a_rename_needs_a_person_and_a_name(log, payload):
    with pytest.raises(ValueError, match="needs the texts"):
        log.append(FILM, "rename", payload)
    assert log.active(FILM) == ()
