"""Whatever people correct, take back and analyse again, in whatever order: no name is lost, what was said to be two
people is two, and taking a correction back gives exactly what was there."""

from __future__ import annotations

import shutil
from copy import deepcopy
from fractions import Fraction
from pathlib import Path

import numpy as np
import pytest
from hypothesis import HealthCheck, example, given, settings
from hypothesis import strategies as st

from engine.errors import DecisionError
from engine.names import name_key
from engine.pipeline import correct
from engine.pipeline.people import keep_strangers
from engine.store.database import open_store
from engine.store.films import FilmRepository
from engine.timeline import Interval, Timeline
from engine.types import Analysis, FaceSamples, Person, Track, VideoInfo

FILM = "f" * 64
N_FACES = 7  # each is seen once, ten seconds after the one before, in another place
NAMES = ("Ada", "Bela", "Caius")
VIDEO = VideoInfo(Path("/films/Any.mp4"), 10.0 * N_FACES, Fraction(25), 640, 360, "h264")


def track(number: int, face: int, first: float, last: float, random: np.random.Generator) -> Track:
    t_s = np.linspace(10 * face + first, 10 * face + last, 9)
    boxes = np.tile([50.0 * face, 40, 50 * face + 80, 140], (9, 1)) + random.uniform(-4, 4, (9, 4))
    faces = FaceSamples(t_s[:1], boxes[:1], np.ones(1), np.zeros((1, 128)), "dlib-resnet-1")
    return Track(number, t_s[0], t_s[-1] + 0.1, t_s, boxes, np.ones(9), faces)


def analysed(seed: int) -> Analysis:
    """What some analysis might say of the film: faces grouped anyhow, numbered anyhow, one named by its pictures at
    times, one in two parts at times, one overlooked at times."""
    random = np.random.default_rng(seed)
    tracks, group_of = [], {}
    numbers = iter(random.permutation(100).tolist())
    groups = random.integers(0, 4, N_FACES)
    for face in range(N_FACES):
        chance = random.random()
        parts = [(0.0, 4.0)] if chance > 0.3 else [(0.0, 1.9), (2.0, 4.0)] if chance > 0.1 else []
        for first, last in parts:
            one = track(next(numbers), face, first, last, random)
            tracks.append(one)
            group_of[one.id] = int(groups[face])
    known = int(random.integers(0, 8))  # half of the time nobody's
    people = []
    for number, group in enumerate(sorted(set(group_of.values())), start=1):
        own = [one for one in tracks if group_of[one.id] == group]
        person = (
            ("known:ada", "Ada", "known") if group == known else (f"unknown:{number}", f"unknown_{number}", "unknown")
        )
        people.append(Person(*person, Timeline(one.interval for one in own), 0.9, tuple(one.id for one in own)))
    people.sort(key=lambda person: -person.screen_time_s)
    return Analysis(
        video=VIDEO,
        video_sha256=FILM,
        engine_version="1",
        model_ids=("m",),
        settings={},
        shots=(Interval(0, 10.0 * N_FACES),),
        people=tuple(people),
        tracks=tuple(tracks),
        person_of_track={number: person.id for person in people for number in person.track_ids},
        distance_of_track=dict.fromkeys(one.id for one in tracks),
        gallery="Stars",
        cast=("Ada",),
    )


class Film:
    """The film as the store has it, and beside it what people said of its faces, kept by the test itself."""

    def __init__(self, path: Path) -> None:
        self.store = open_store(path)
        self.films = FilmRepository(self.store)
        self.name_of: dict[int, str] = {}  # of faces
        self.apart: list[tuple[frozenset[int], frozenset[int]]] = []
        self.not_them: list[tuple[frozenset[int], str]] = []
        self.done: list[tuple] = []
        self.undone: list[tuple] = []
        self.face_of: dict[int, int] = {}  # by track

    def state(self) -> dict:
        outline = self.films.outline(FILM)
        return {
            person.id: (
                person.name, person.kind, person.timeline, person.confidence, frozenset(person.track_ids), person.low_s
            )
            for person in outline.people
        }  # fmt: skip

    def people(self) -> list[tuple[Person, frozenset[int]]]:
        """Everybody and which faces are theirs."""
        outline = self.films.outline(FILM)
        self.face_of = {one.id: int(one.start_s // 10) for one in outline.tracks}
        return [(person, frozenset(self.face_of[number] for number in person.track_ids)) for person in outline.people]

    def said(self) -> tuple:
        return deepcopy((self.name_of, self.apart, self.not_them))

    def analyse(self, seed: int) -> None:
        self.films.save_analysis(keep_strangers(analysed(seed), self.films))

    def act(self, kind: str, pick: int, number: int) -> None:
        people = self.people()
        if not people:
            return
        person, faces = people[pick % len(people)]
        other, others = people[(pick + 1 + number) % len(people)]
        before, said = self.state(), self.said()
        some = person.track_ids[: 1 + number % len(person.track_ids)]
        chosen = frozenset(self.face_of[one] for one in some)
        whole = {one for one in faces if all(self.face_of[n] != one or n in some for n in person.track_ids)}
        try:
            match kind:
                case "name":
                    named = correct.name(self.store, FILM, [person.id], NAMES[number % len(NAMES)])
                    if person.id == "known:ada":  # another name for all that she is, and nothing about any face
                        self.name_of.update(dict.fromkeys((f for f in self.name_of if f in faces), named.name))
                    else:
                        self.name_of.update(dict.fromkeys(faces, named.name))
                case "merge" if other.id != person.id:
                    correct.merge(self.store, FILM, [person.id], other.id)
                    moved = faces | (frozenset() if other.id == "known:ada" else others)
                    self.name_of.update(dict.fromkeys(moved, other.name))
                case "split" if len(some) < len(person.track_ids) and whole == chosen:
                    correct.split(self.store, FILM, some)
                    self.forget(chosen)
                    self.apart.append((chosen, faces - chosen if person.id != "known:ada" else frozenset()))
                    self.not_them.append((chosen, person.id))
                case "is not" if whole == chosen:
                    correct.is_not(self.store, FILM, some)
                    self.forget(chosen)
                    self.apart.append((chosen, faces - chosen if person.id != "known:ada" else frozenset()))
                    self.not_them.append((chosen, person.id))
                case "move" if other.id != person.id and whole == chosen:
                    correct.move(self.store, FILM, some, other.id)
                    self.name_of.update(dict.fromkeys(chosen, other.name))
                    self.not_them.append((chosen, person.id))
                case "drop" if whole == chosen:
                    correct.drop(self.store, FILM, some)
                    self.forget(chosen)
                case "ignore":
                    correct.ignore(self.store, FILM, [person.id])
                case _:
                    return
        except DecisionError as error:
            assert "said not to be" in str(error)
            assert self.state() == before
            return
        after = self.state()
        assert correct.undo(self.store, FILM) is not None
        assert self.state() == before
        assert correct.redo(self.store, FILM) is not None
        assert self.state() == after
        self.done.append(said)
        self.undone.clear()

    def take_back(self) -> None:
        if self.done:
            assert correct.undo(self.store, FILM) is not None
            self.undone.append(self.said())
            self.name_of, self.apart, self.not_them = self.done.pop()
        else:
            assert correct.undo(self.store, FILM) is None

    def hold_again(self) -> None:
        if self.undone:
            assert correct.redo(self.store, FILM) is not None
            self.done.append(self.said())
            self.name_of, self.apart, self.not_them = self.undone.pop()

    def forget(self, faces: frozenset[int]) -> None:
        for face in faces:
            self.name_of.pop(face, None)

    def check(self) -> None:
        whose = {face: person for person, faces in self.people() for face in faces}
        for face, called in self.name_of.items():
            if called.startswith("unknown_") or face not in self.face_of.values():
                continue
            assert face in whose, f"face {face}, who is {called}, is nobody's"
            assert name_key(whose[face].name) == name_key(called), f"face {face}"
        for these, those in self.apart:
            for one in these & whose.keys():
                for another in those & whose.keys():
                    assert whose[one].id != whose[another].id, (one, another)
        for these, person_id in self.not_them:
            for face in these & whose.keys():
                assert whose[face].id != person_id, (face, person_id)


ACTS = st.tuples(
    st.sampled_from(["name", "name", "merge", "split", "is not", "move", "drop", "ignore", "undo", "redo", "analyse"]),
    st.integers(0, 9),
    st.integers(0, 9),
)


@pytest.fixture(scope="module")
def empty(tmp_path_factory) -> Path:
    path = tmp_path_factory.mktemp("empty") / "dramatis.sqlite3"
    open_store(path)
    return path


WALKS = {"seed": st.integers(0, 10_000), "acts": st.lists(ACTS, min_size=3, max_size=6)}
ONE_FOLDER = [HealthCheck.function_scoped_fixture]  # each walk begins with an empty database in it


# Somebody was given the name of one whom a later analysis knows, and then another one.
RENAMED = example(seed=1439, acts=[("name", 1, 0), ("name", 3, 0), ("name", 4, 2), ("analyse", 0, 0)])


@settings(max_examples=10, suppress_health_check=ONE_FOLDER)
@RENAMED
@given(**WALKS)
def test_no_name_is_lost_and_no_two_become_one(tmp_path, empty, seed, acts):
    walk(tmp_path, empty, seed, acts)


@pytest.mark.slow
@settings(max_examples=200, suppress_health_check=ONE_FOLDER)
@given(**WALKS)
def test_so_it_is_in_two_hundred_walks(tmp_path, empty, seed, acts):
    walk(tmp_path, empty, seed, acts)


def walk(tmp_path: Path, empty: Path, seed: int, acts: list[tuple[str, int, int]]) -> None:
    path = tmp_path / "dramatis.sqlite3"
    for old in tmp_path.glob("dramatis.sqlite3*"):
        old.unlink()
    shutil.copy(empty, path)
    film = Film(path)
    film.analyse(seed)
    for k, (kind, pick, number) in enumerate(acts):
        match kind:
            case "undo":
                film.take_back()
            case "redo":
                film.hold_again()
            case "analyse":
                film.analyse(seed + 1 + k)
            case _:
                film.act(kind, pick, number)
        film.check()


def test_numbers_are_kept_and_not_given_twice(tmp_path, empty):
    path = tmp_path / "dramatis.sqlite3"
    shutil.copy(empty, path)
    film = Film(path)
    film.analyse(3)
    for seed in (4, 5, 3):
        film.analyse(seed)
    first, *_ = [person for person, _ in film.people() if person.kind == "unknown"]
    given = film.films.highest_unknown_number(FILM)
    correct.is_not(film.store, FILM, first.track_ids[:1])
    assert film.films.highest_unknown_number(FILM) == given + 1
    correct.undo(film.store, FILM)
    correct.is_not(film.store, FILM, first.track_ids[:1])
    assert film.films.highest_unknown_number(FILM) == given + 2
    held = {person.id for person, _ in film.people()}
    correct.name(film.store, FILM, [first.id], "Bela")
    film.analyse(3)
    assert {person.id for person, _ in film.people()} == held
    correct.undo(film.store, FILM)
    assert {person.id for person, _ in film.people()} == held
