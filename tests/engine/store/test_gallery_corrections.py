"""The log of what people decided about a gallery: over any building of it, in any order, and back to the byte."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from engine.errors import GalleryError, StorageError
from engine.identity.gallery_decisions import TAKEN_OUT, GalleryDecision, corrected
from engine.store.database import Store, open_store
from engine.store.galleries import GalleryRepository
from engine.store.gallery_corrections import GalleryLog
from engine.store.index_folders import index_folder
from engine.types import Gallery, LeftOut
from tests.engine.store.test_galleries import assert_same

PEOPLE = ("Ana", "Bo", "Cy_Lee", "Zoë")
SHA = tuple(f"{number:064x}" for number in range(8))


def gallery(rows: list[tuple[str, int]], name: str = "Stars") -> Gallery:
    """A gallery of (person, number of the picture)."""
    return Gallery(
        name,
        "dlib-resnet-1",
        tuple(person for person, _ in rows),
        tuple(f"{person}/{number}.jpg" for person, number in rows),
        tuple(SHA[number] for _, number in rows),
        np.array([np.full(128, 0.1 + number / 7) for _, number in rows], np.float32).reshape(-1, 128),
        (LeftOut("Ana/blurred.jpg", "no face found", "f" * 64), LeftOut("Bo/gone.jpg", "cannot be read")),
    )


STARS = gallery([("Ana", 0), ("Ana", 1), ("Bo", 2), ("Ana", 3), ("Cy_Lee", 4)])

pictures = st.lists(st.sampled_from(SHA), min_size=1, max_size=3, unique=True).map(tuple)
people = st.sampled_from((*PEOPLE, "ana", "New One"))
decisions = st.one_of(
    st.builds(GalleryDecision, st.just("remove"), pictures),
    st.builds(GalleryDecision, st.just("right"), pictures),
    st.builds(GalleryDecision, st.just("move"), pictures, people),
    st.builds(lambda to, who: GalleryDecision("merge", to=to, people=(who,)), people, people),
)


@given(st.lists(decisions, max_size=6))
def test_every_picture_is_somebodys_or_left_out(made):
    now = corrected(STARS, made)
    kept = list(zip(now.gallery.paths, now.gallery.sha256, strict=True))
    out = [(one.path, one.sha256) for one in now.gallery.left_out if one.reason == TAKEN_OUT]
    there = list(zip(STARS.paths, STARS.sha256, strict=True))
    assert sorted(kept + out) == sorted(there)
    assert kept == [picture for picture in there if picture in kept]
    assert now.gallery.left_out[:2] == STARS.left_out
    rows = [there.index(picture) for picture in kept]
    assert now.gallery.vectors.tobytes() == STARS.vectors[rows].tobytes()
    assert len({person.casefold() for person in now.gallery.people}) == len(now.gallery.people)
    assert now.by_hand <= set(now.gallery.sha256)


@given(st.lists(decisions, max_size=5))
def test_what_is_decided_last_about_a_picture_counts(made):
    moved = corrected(STARS, [*made, GalleryDecision("move", (SHA[0],), "Bo")]).gallery
    assert moved.names[moved.sha256.index(SHA[0])].casefold() == "bo"
    assert SHA[0] not in corrected(STARS, [*made, GalleryDecision("remove", (SHA[0],))]).gallery.sha256


@given(st.lists(decisions, max_size=5), st.permutations(range(5)))
def test_the_order_of_the_pictures_changes_nothing_but_the_order(made, order):
    def owners(of: Gallery) -> dict[str, str]:
        names = zip(of.sha256, of.names, strict=True)
        return {sha256: name.casefold() for sha256, name in names}

    rows = [(STARS.names[i], int(STARS.sha256[i], 16)) for i in order]
    assert owners(corrected(gallery(rows), made).gallery) == owners(corrected(STARS, made).gallery)


@pytest.mark.parametrize(
    "fields",
    [
        ("remove",),
        ("move", (SHA[0],)),
        ("move", (SHA[0],), "  "),
        ("remove", (SHA[0],), "Bo"),
        ("merge", (), "Bo"),
        ("merge", (SHA[0],), "Bo", ("Ana",)),
        ("rename", (SHA[0],)),
    ],
)
def test_a_decision_says_what_it_is_about(fields):
    with pytest.raises(ValueError):
        GalleryDecision(*fields)


@pytest.fixture
def log(store: Store) -> GalleryLog:
    GalleryRepository(store).save(STARS, "CC BY 4.0")
    return GalleryLog(store)


@pytest.fixture
def load(store: Store):
    return lambda: GalleryRepository(store).load("Stars")


def test_taken_back_is_as_it_was_to_the_byte(log, load):
    removed = log.decide("stars", GalleryDecision("remove", (SHA[1], SHA[4]), before=("Ana", "Cy_Lee")), "Kim")
    assert load().names == ("Ana", "Bo", "Ana")
    assert load().left_out[2:] == (LeftOut("Ana/1.jpg", TAKEN_OUT, SHA[1]), LeftOut("Cy_Lee/4.jpg", TAKEN_OUT, SHA[4]))
    one = log.history("Stars")[0]
    assert (one.id, one.author, one.decision.before, one.undone_at) == (removed, "Kim", ("Ana", "Cy_Lee"), None)
    log.undo("Stars", removed)
    assert_same(load(), STARS)
    log.redo("Stars", removed)
    assert load().names == ("Ana", "Bo", "Ana")


@settings(max_examples=25, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(made=st.lists(decisions, max_size=5), undone=st.lists(st.integers(0, 4), max_size=4), rebuilt=st.booleans())
def test_any_corrections_taken_back_in_any_order(tmp_path_factory, empty_database, made, undone, rebuilt):
    path: Path = tmp_path_factory.mktemp("log") / "dramatis.sqlite3"
    path.write_bytes(empty_database.read_bytes())
    store = open_store(path)
    galleries, log = GalleryRepository(store), GalleryLog(store)
    galleries.save(STARS)
    ids: list[int] = []
    kept: list[GalleryDecision] = []
    for decision in made:
        try:
            ids.append(log.decide("Stars", decision))
        except GalleryError:  # about who is not there, or leaves nobody
            continue
        kept.append(decision)
    now = STARS
    if rebuilt and kept:
        now = gallery([("Bo", 2), ("Ana", 0), ("Ana", 1), ("Zoë", 5), ("Cy_Lee", 4), ("Ana", 3)])
        galleries.save(now)
    holds = dict(zip(ids, kept, strict=True))
    for place in undone:
        if place < len(ids) and corrected(now, (d for i, d in holds.items() if i != ids[place])).gallery.names:
            log.undo("Stars", ids[place])
            holds.pop(ids[place], None)
            expected = corrected(now, holds.values())
            assert_same(galleries.load("Stars"), expected.gallery)
            assert log.by_hand("Stars") == (expected.by_hand if holds else frozenset())
    for one in reversed(ids):
        log.undo("Stars", one)
    assert_same(galleries.load("Stars"), now)


def test_a_new_building_keeps_what_was_decided(store, log, load):
    log.decide("Stars", GalleryDecision("remove", (SHA[1],)))
    log.decide("Stars", GalleryDecision("move", (SHA[2],), "Zoë"))
    log.decide("Stars", GalleryDecision("merge", to="Ana", people=("Cy_Lee",)))
    # The folder has a new picture of each, another order, and the wrong picture under another path.
    again = gallery([("Cy_Lee", 5), ("Bo", 2), ("Bo", 1), ("Ana", 0), ("Bo", 6)])
    saved = GalleryRepository(store).save(again)
    assert_same(saved, load())
    assert list(zip(load().names, load().sha256, strict=True)) == [
        ("Ana", SHA[5]),
        ("Zoë", SHA[2]),
        ("Ana", SHA[0]),
        ("Bo", SHA[6]),
    ]
    assert GalleryRepository(store).licence_note("Stars") == "CC BY 4.0"
    assert log.by_hand("Stars") == {SHA[2]}
    for one in log.history("Stars"):
        log.undo("Stars", one.id)
    assert_same(load(), again)


def test_undo_and_redo_know_what_is_next(log):
    assert log.last_undoable("Stars") is None and log.last_redoable("Stars") is None
    first = log.decide("Stars", GalleryDecision("remove", (SHA[1],)))
    second = log.decide("Stars", GalleryDecision("right", (SHA[0],)))
    assert log.last_undoable("Stars").id == second
    log.undo("Stars", second)
    assert (log.last_undoable("Stars").id, log.last_redoable("Stars").id) == (first, second)
    log.decide("Stars", GalleryDecision("remove", (SHA[0],)))
    assert log.last_redoable("Stars") is None


def test_what_cannot_be_done_is_said_and_changes_nothing(log, load, store):
    for wrong in (
        GalleryDecision("remove", (SHA[7],)),
        GalleryDecision("merge", to="Ana", people=("Nobody",)),
        GalleryDecision("remove", tuple(STARS.sha256)),
    ):
        with pytest.raises(GalleryError):
            log.decide("Stars", wrong)
    with pytest.raises(GalleryError, match="no gallery called"):
        log.decide("Moons", GalleryDecision("right", (SHA[0],)))
    with pytest.raises(StorageError, match="no correction 99"):
        log.undo("Stars", 99)
    assert_same(load(), STARS)
    assert log.history("Stars") == ()
    log.decide("Stars", GalleryDecision("remove", (SHA[2],)))
    with pytest.raises(GalleryError, match="All pictures of Stars were taken out"):
        GalleryRepository(store).save(gallery([("Bo", 2)]))
    assert load().names == ("Ana", "Ana", "Ana", "Cy_Lee")


def test_a_gallerys_log_goes_with_it(log, store, row_counts):
    log.decide("Stars", GalleryDecision("remove", (SHA[1],)))
    assert {"gallery_corrections", "gallery_built"} <= set(row_counts())
    GalleryRepository(store).delete("Stars")
    assert row_counts() == {}
    GalleryRepository(store).save(STARS)
    assert log.history("Stars") == ()


def test_nothing_is_put_aside_when_nothing_holds(log, row_counts):
    one = log.decide("Stars", GalleryDecision("remove", (SHA[1],)))
    log.undo("Stars", one)
    assert "gallery_built" not in row_counts()


def test_an_index_goes_when_a_face_does_and_stays_when_one_comes_back(log, store):
    version = GalleryRepository(store).version("Stars")
    built = index_folder("Stars") / "manifest.json"
    built.touch()
    one = log.decide("Stars", GalleryDecision("remove", (SHA[1],)))
    assert not built.exists() and GalleryRepository(store).version("Stars") != version
    index_folder("Stars")
    built.touch()
    log.undo("Stars", one)
    assert built.exists()


def test_two_galleries_have_two_logs(log, store):
    other = replace(STARS, name="Moons")
    GalleryRepository(store).save(other)
    one = log.decide("Moons", GalleryDecision("remove", (SHA[1],)))
    assert log.history("Stars") == ()
    with pytest.raises(StorageError):
        log.undo("Stars", one)
