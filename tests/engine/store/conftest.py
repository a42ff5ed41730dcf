"""A store in a temporary folder, and small analyses and galleries to put into it."""

from __future__ import annotations

import shutil
from fractions import Fraction
from pathlib import Path

import numpy as np
import pytest
from sqlalchemy import Engine, event, func, select

from engine.store.database import Store, open_store
from engine.store.schema import METADATA
from engine.timeline import Interval, Timeline
from engine.types import Analysis, FaceSamples, Gallery, LeftOut, Person, Track, VideoInfo

MODEL = "dlib-resnet-1"


@pytest.fixture
def database(tmp_path: Path) -> Path:
    return tmp_path / "dramatis.sqlite3"


@pytest.fixture(scope="session")
def empty_database(tmp_path_factory: pytest.TempPathFactory) -> Path:
    path = tmp_path_factory.mktemp("empty") / "dramatis.sqlite3"
    open_store(path)
    return path


@pytest.fixture
def store(database: Path, empty_database: Path) -> Store:
    """An empty store; copied, because to migrate from nothing takes longer than most tests."""
    shutil.copy(empty_database, database)
    return open_store(database)


@pytest.fixture
def make_analysis():
    """make_analysis({person id: name}, ...) -> Analysis with `n_tracks` tracks for each, strangers by their name."""

    def make(
        people: dict[str, str],
        sha256: str = "f" * 64,
        n_tracks: int = 2,
        n_boxes: int = 3,
        n_faces: int = 2,
        model_id: str = MODEL,
        path: str = "/films/Gaslight.mp4",
        gallery: str | None = None,
    ) -> Analysis:
        rng = np.random.default_rng(7)
        tracks, records, of_track, distances = [], [], {}, {}
        for number, (person_id, name) in enumerate(people.items()):
            mine = []
            for _ in range(n_tracks):
                start = 10 * len(tracks) + 1 / 3
                t_s = start + np.arange(n_boxes) * 1001 / 24000
                faces = FaceSamples(
                    t_s=t_s[:1].repeat(n_faces),
                    boxes_xyxy=rng.random((n_faces, 4)),
                    quality=rng.random(n_faces),
                    vectors=rng.normal(size=(n_faces, 128)),
                    model_id=model_id,
                )
                tracks.append(
                    Track(
                        id=100 + len(tracks),
                        start_s=start,
                        end_s=start + 2,
                        t_s=t_s,
                        boxes_xyxy=rng.random((n_boxes, 4)) * 1000,
                        scores=rng.random(n_boxes),
                        faces=faces,
                        clothes=rng.random(294),
                    )
                )
                mine.append(tracks[-1])
                of_track[tracks[-1].id] = person_id
                distances[tracks[-1].id] = None if name.startswith("unknown") else 0.1 + number / 3
            records.append(
                Person(
                    id=person_id,
                    name=name,
                    kind="unknown" if name.startswith("unknown") else "known",
                    timeline=Timeline(track.interval for track in mine),
                    confidence=1 / 3,
                    track_ids=tuple(track.id for track in reversed(mine)),
                    low_s=None if number else 1 / 7,
                    high_s=None if number else 22 / 7,
                )
            )
        return Analysis(
            video=VideoInfo(Path(path), 7200 / 7, Fraction(24000, 1001), 1920, 1080, "h264"),
            video_sha256=sha256,
            engine_version="0.1",
            model_ids=("detector", model_id),
            settings={"every": 2, "nested": {"threshold": 0.6}, "cast": ["Ingrid", None]},
            shots=(Interval(0.0, 5.5), Interval(5.5, 1028.0)),
            people=tuple(records),
            tracks=tuple(tracks),
            person_of_track=of_track,
            distance_of_track=distances,
            n_frames_damaged=3,
            warnings=("two frames could not be decoded",),
            candidates={
                track.id: tuple((("Ingrid", i / 3), ("Zoë", 1 + i / 7)) for i in range(n_faces)) for track in tracks
            }
            if gallery and n_faces
            else {},
            chances={track.id: (("Zoë", 2 / 3), ("Ingrid", 0.1 + 0.2)) for track in tracks} if gallery else {},
            gallery=gallery,
            cast=("Ingrid", "Zoë") if gallery else (),
        )

    return make


@pytest.fixture
def make_gallery():
    def make(name: str = "Stars", names: tuple[str, ...] = ("Zoë", "Ana", "Zoë"), n_dims: int = 128) -> Gallery:
        n = len(names)
        return Gallery(
            name=name,
            model_id=MODEL,
            names=names,
            paths=tuple(f"{i // 2}.jpg" for i in range(n)),  # two faces to a picture
            sha256=tuple(f"{i // 2:064x}" for i in range(n)),
            vectors=np.random.default_rng(3).normal(size=(n, n_dims)),
            left_out=(LeftOut("blurred.jpg", "no face was found"), LeftOut("a.jpg", "two faces were found")),
        )

    return make


@pytest.fixture
def row_counts(store):
    """row_counts() -> table name -> rows, for the tables that have any; the version table is left out."""

    def count() -> dict[str, int]:
        with store.read() as connection:
            counts = {
                name: connection.scalar(select(func.count()).select_from(table))
                for name, table in METADATA.tables.items()
            }
        return {name: n for name, n in counts.items() if n}

    return count


@pytest.fixture
def statements():
    """The SQL statements executed from here on, a list that grows; one that is given many rows counts once."""
    executed = []

    def note(_connection, _cursor, statement, *_):
        executed.append(statement)

    event.listen(Engine, "before_cursor_execute", note)
    yield executed
    event.remove(Engine, "before_cursor_execute", note)


@pytest.fixture
def full_disk(store):
    """full_disk() lets every database grow no further than this one is now: "database or disk is full"."""

    def limit(connection, _record):
        # SQLite never lowers the limit below the present size, so 1 means "what is there".
        connection.execute("PRAGMA max_page_count=1")

    yield lambda: event.listen(Engine, "connect", limit)
    if event.contains(Engine, "connect", limit):
        event.remove(Engine, "connect", limit)
