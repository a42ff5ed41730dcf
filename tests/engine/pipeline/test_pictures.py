"""Poster, people and faces of a film: made once, made again when missing, never those of an older analysis."""

from __future__ import annotations

import threading
import time
from fractions import Fraction
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from engine.errors import Cancelled, MediaError, StorageError
from engine.media.stills import frames_at
from engine.pipeline import pictures as module
from engine.pipeline.pictures import FaceAt, FilmPictures
from engine.store.database import open_store
from engine.store.films import FilmRepository
from engine.timeline import Interval, Timeline
from engine.types import Analysis, FaceSamples, Person, Track, VideoInfo

LENGTH_S = 42.67
FACES = {
    "known:anna": FaceAt(3, 0, 5.0, (500.0, 200.0, 700.0, 430.0), 0.4),
    "unknown:1": FaceAt(7, 2, 20.0, (100.0, 50.0, 220.0, 190.0), 0.9),
}


@pytest.fixture
def pictures(demo, tmp_path):
    return FilmPictures(demo / "trailer.mp4", tmp_path / "pictures")


def size(path):
    with Image.open(path) as picture:
        assert picture.format == "JPEG"
        return picture.size


def names(folder):
    return sorted(path.name for path in folder.iterdir() if not path.name.startswith("."))


def differ(path, image):
    return np.abs(np.asarray(Image.open(path)).astype(int) - image).mean()


def test_everything_is_written_in_one_pass(pictures, demo):
    told = []
    pictures.write_all(FACES, LENGTH_S, told.append)
    assert told == pytest.approx([1 / 3, 2 / 3, 1])
    assert size(pictures.poster) == (640, 360)
    for person_id, face in FACES.items():
        frame = next(frames_at(demo / "trailer.mp4", [face.t_s]))
        assert size(pictures.person(person_id)) == (160, 160)
        assert differ(pictures.person(person_id), module.face_crop(frame.image, face.box_xyxy)) < 6


def test_the_poster_shows_the_largest_clear_face_else_the_tenth_part(pictures, demo, tmp_path):
    large = next(frames_at(demo / "trailer.mp4", [20.0])).image  # 140 px at 0.9 above 230 px at 0.4
    pictures.write_all(FACES, LENGTH_S)
    assert differ(pictures.poster, module.shrunk(large, 640)) < 6
    nobody = FilmPictures(demo / "trailer.mp4", tmp_path / "nobody")
    nobody.write_all({}, LENGTH_S)
    tenth = next(frames_at(demo / "trailer.mp4", [LENGTH_S / 10])).image
    assert differ(nobody.poster, module.shrunk(tenth, 640)) < 6
    assert names(nobody.folder) == ["poster.jpg"]


def test_a_new_analysis_leaves_no_picture_of_an_older_one(pictures):
    pictures.write_all(FACES, LENGTH_S)
    old = pictures.crop(FaceAt(1, 0, 9.0, (10.0, 10.0, 90.0, 90.0)))
    same_number = FaceAt(1, 0, 11.0, (10.0, 10.0, 90.0, 90.0))
    assert pictures.crop(same_number) != old
    pictures.write_all({"unknown:1": FACES["unknown:1"]}, LENGTH_S)
    assert names(pictures.folder) == sorted(["poster.jpg", pictures.person("unknown:1").name])


def test_faces_are_made_on_demand_and_once(pictures, monkeypatch):
    faces = [FaceAt(4, n, 8.0 + n / 4, (300.0, 100.0, 420.0, 250.0)) for n in range(6)]
    passes = []
    real = module.frames_at
    monkeypatch.setattr(module, "frames_at", lambda path, times_s: (passes.append(times_s), real(path, times_s))[1])
    paths = pictures.crops(faces[::-1])
    assert [size(path) for path in paths] == [(160, 160)] * 6 and len(set(paths)) == 6
    assert passes == [[face.t_s for face in faces]]
    assert pictures.crop(faces[2]) == paths[3] and len(passes) == 1


def test_those_who_ask_at_once_wait_for_the_one_who_decodes(pictures, monkeypatch):
    passes = []
    real = module.frames_at

    def slow(path, times_s):
        passes.append(times_s)
        time.sleep(0.3)
        return real(path, times_s)

    monkeypatch.setattr(module, "frames_at", slow)
    face = FaceAt(4, 0, 8.0, (300.0, 100.0, 420.0, 250.0))
    threads = [threading.Thread(target=pictures.crop, args=[face]) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert len(passes) == 1


def test_without_the_film_only_what_was_made_can_be_had(pictures):
    made = pictures.crop(FACES["unknown:1"])
    gone = FilmPictures(None, pictures.folder)
    assert gone.crop(FACES["unknown:1"]) == made
    with pytest.raises(MediaError) as error:
        gone.crop(FACES["known:anna"])
    assert str(error.value).endswith(".")


def test_a_persons_picture_and_the_poster_are_made_on_demand(pictures):
    assert size(pictures.write_person("known:anna", FACES["known:anna"])) == (160, 160)
    assert pictures.write_poster(FACES, LENGTH_S) == pictures.poster and size(pictures.poster) == (640, 360)


def test_ids_of_people_are_no_paths(pictures):
    for person_id in ("../../x", "known:a/b", "known:" + "x" * 500, "known:\ud800", ""):
        assert pictures.person(person_id).parent == pictures.folder and len(pictures.person(person_id).name) < 40


def test_a_wish_to_stop_is_heard(pictures):
    def stop(fraction):
        raise Cancelled("The work was stopped.")

    with pytest.raises(Cancelled):
        pictures.write_all(FACES, LENGTH_S, stop)
    assert not any(path.name.endswith(".partial") for path in pictures.folder.iterdir())


def test_a_folder_that_cannot_be_written_is_a_sentence(demo, tmp_path):
    (tmp_path / "file").write_text("in the way")
    with pytest.raises(StorageError) as error:
        FilmPictures(demo / "trailer.mp4", tmp_path / "file").crop(FACES["unknown:1"])
    assert str(error.value).endswith(".")


def test_best_faces_are_the_same_from_memory_and_from_the_store(analysed, films):
    best = module.best_faces(analysed)
    stored = module.stored_best_faces(films, analysed.video_sha256)
    assert best.keys() == stored.keys() == {person.id for person in analysed.people}
    for person in analysed.people:
        mine, theirs = best[person.id], stored[person.id]
        assert (mine.track_id, mine.index, mine.t_s) == (theirs.track_id, theirs.index, theirs.t_s)
        assert mine.box_xyxy == pytest.approx(theirs.box_xyxy) and mine.quality == pytest.approx(theirs.quality)
        assert mine.track_id in person.track_ids
        assert mine.quality == pytest.approx(
            max(quality for t in analysed.tracks if t.id in person.track_ids for quality in t.faces.quality)
        )


@pytest.fixture
def analysed(films, tmp_path: Path):
    """A small analysis, saved; faces of any quality at any place."""
    rng = np.random.default_rng(3)
    tracks = []
    for number in range(1, 7):
        t_s = number * 5 + np.arange(4) / 8
        boxes = np.tile([10.0, 20, 110, 140], (4, 1)) + rng.integers(0, 50, (4, 1))
        faces = FaceSamples(t_s[:3], boxes[:3], rng.random(3), rng.random((3, 128)), "dlib-resnet-1")
        tracks.append(Track(number, t_s[0], t_s[-1] + 0.125, t_s, boxes, np.ones(4), faces))
    people = tuple(
        Person(f"unknown:{n}", f"unknown_{n}", "unknown", Timeline([t.interval for t in mine]), 0.5, (2 * n - 1, 2 * n))
        for n, mine in ((1, tracks[:2]), (2, tracks[2:4]), (3, tracks[4:]))
    )
    analysis = Analysis(
        video=VideoInfo(tmp_path / "film.mp4", 60.0, Fraction(24), 1280, 720, "h264"),
        video_sha256="a" * 64,
        engine_version="0",
        model_ids=("d", "dlib-resnet-1"),
        settings={},
        shots=(Interval(0, 60),),
        people=people,
        tracks=tuple(tracks),
        person_of_track={i: person.id for person in people for i in person.track_ids},
        distance_of_track={t.id: None for t in tracks},
    )
    films.save_analysis(analysis)
    return analysis


@pytest.fixture
def films(tmp_path: Path):
    return FilmRepository(open_store(tmp_path / "dramatis.sqlite3"))
