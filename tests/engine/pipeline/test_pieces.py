"""An interrupted analysis goes on where it stopped, and its answer is the same to the last bit."""

from __future__ import annotations

import io
from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays

from engine import __version__
from engine.config import AnalysisSettings
from engine.errors import Cancelled, MediaError, StorageError
from engine.media.shots import ShotScan
from engine.pipeline import film_pieces
from engine.pipeline.analyse_video import analyse_video
from engine.pipeline.film_pieces import FilmPieces, read_scan, read_tracks, scan_bytes, tracks_bytes
from engine.pipeline.models import Models
from engine.pipeline.pieces import FolderPieces, newest_piece_s
from engine.pipeline.rerun import known_tracks
from engine.timeline import Interval
from engine.types import Analysis, FaceSamples, Track
from tests.engine.conftest import SMALL_FILM_SETTINGS

SETTINGS = AnalysisSettings(**SMALL_FILM_SETTINGS)
SHOTS = (Interval(0.0, 1 / 3), Interval(1 / 3, 7.123456789012345))
SCAN = ShotScan(SHOTS, SHOTS[-1].end_s, 170, 3)


class Counting(FolderPieces):
    """Folder pieces that remember what was saved."""

    def __init__(self, folder: Path) -> None:
        super().__init__(folder)
        self.saved: list[str] = []

    def save(self, name: str, content: bytes) -> None:
        super().save(name, content)
        self.saved.append(name)


def bits(tracks: Sequence[Track]) -> list[tuple]:
    """Everything of the tracks, comparable bit for bit."""
    return [
        (track.id, track.start_s, track.end_s, track.faces.model_id)
        + tuple(
            (array.dtype.str, array.shape, array.tobytes())
            for record, names in (
                (track, ("t_s", "boxes_xyxy", "scores")),
                (track.faces, ("t_s", "boxes_xyxy", "quality", "vectors")),
            )
            for array in (getattr(record, name) for name in names)
        )
        for track in tracks
    ]


@st.composite
def some_track(draw: st.DrawFn) -> Track:
    def floats(*shape: int, width: int = 32) -> np.ndarray:
        dtype = np.float32 if width == 32 else np.float64
        return draw(arrays(dtype, shape, elements=st.floats(width=width)))

    n, n_faces = draw(st.integers(1, 4)), draw(st.integers(0, 3))
    start_s, end_s = sorted(draw(st.tuples(*[st.floats(0, 1e5)] * 2)))
    faces = FaceSamples(
        floats(n_faces, width=64),
        floats(n_faces, 4),
        floats(n_faces),
        floats(n_faces, 8),
        draw(st.text("ab-1", max_size=9)),
    )
    return Track(draw(st.integers(0, 2**40)), start_s, end_s, floats(n, width=64), floats(n, 4), floats(n), faces)


@settings(max_examples=30)
@given(st.lists(some_track(), max_size=3))
def test_tracks_come_back_bit_for_bit(tracks: list[Track]) -> None:
    assert bits(read_tracks(tracks_bytes(tracks))) == bits(tracks)


def test_the_shots_come_back_bit_for_bit() -> None:
    assert read_scan(scan_bytes(SCAN)) == SCAN


def test_nothing_is_pickled() -> None:
    """numpy would pickle an array of objects; then reading would run what the file says."""
    trap = np.array([{"id": 1}], dtype=object)
    file = io.BytesIO()
    np.savez(file, ids=trap)
    with pytest.raises(ValueError, match="allow_pickle"):
        read_tracks(file.getvalue())


@pytest.mark.parametrize("damage", ["cut off", "empty", "a bit", "longer"])
def test_a_damaged_piece_is_none(damage: str, tmp_path: Path) -> None:
    pieces = FolderPieces(tmp_path)
    pieces.save("a", b"0123456789")
    pieces.save("b", b"")
    assert (pieces.load("a"), pieces.load("b"), pieces.load("c")) == (b"0123456789", b"", None)
    file = tmp_path / "a.piece"
    whole = file.read_bytes()
    damaged = {
        "cut off": whole[:-1],
        "empty": b"",
        "a bit": whole[:-3] + bytes([whole[-3] ^ 1]) + whole[-2:],
        "longer": whole + b"0",
    }
    file.write_bytes(damaged[damage])
    assert pieces.load("a") is None
    pieces.save("a", b"new")
    assert pieces.load("a") == b"new"
    assert sorted(path.name for path in tmp_path.iterdir()) == ["a.piece", "b.piece"]


def test_a_piece_that_is_whole_but_senseless_is_none(tmp_path: Path) -> None:
    class Senseless:
        def load(self, name: str) -> bytes:
            return b"PK\x03\x04 neither JSON nor npz"

        def save(self, name: str, content: bytes) -> None: ...

    film = FilmPieces(Senseless(), "f" * 64, SETTINGS, ("m",))
    assert film.scan() is None
    assert film.tracks(SHOTS) is None


def test_pieces_of_other_conditions_are_not_found(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    pieces = FolderPieces(tmp_path)
    film = FilmPieces(pieces, "f" * 64, SETTINGS, ("detector", "embedder"))
    film.keep_scan(SCAN)
    film.keep_tracks(SHOTS, [])
    assert (film.scan(), film.tracks(SHOTS)) == (SCAN, [])
    assert film.tracks(SHOTS[:1]) is None

    def found(sha256: str = "f" * 64, settings: AnalysisSettings = SETTINGS, ids: tuple = ("detector", "embedder")):
        other = FilmPieces(pieces, sha256, settings, ids)
        return other.scan() is not None, other.tracks(SHOTS) is not None

    assert found(sha256="e" * 64) == (False, False)
    assert found(ids=("detector", "better embedder")) == (True, False)
    assert found(settings=replace(SETTINGS, sample_fps=1.0)) == (True, False)
    assert found(settings=replace(SETTINGS, smallest_face_px=40)) == (True, False)
    assert found(settings=replace(SETTINGS, max_distance=0.5, stranger_distance=0.4, workers=2)) == (True, True)
    monkeypatch.setattr(film_pieces, "__version__", f"{__version__}.1")
    assert found() == (False, False)


def test_a_folder_that_cannot_be_written_is_a_sentence(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("in the way")
    with pytest.raises(StorageError, match="cannot be kept"):
        FolderPieces(tmp_path / "file").save("a", b"1")


def test_pieces_of_earlier_attempts_are_found_but_never_written(tmp_path: Path) -> None:
    earlier = FolderPieces(tmp_path / "earlier")
    earlier.save("a", b"old")
    pieces = FolderPieces(tmp_path / "now", [tmp_path / "none", tmp_path / "earlier"])
    assert pieces.load("a") == b"old"
    pieces.save("a", b"new")
    assert (pieces.load("a"), earlier.load("a")) == (b"new", b"old")
    assert newest_piece_s(tmp_path / "now") > 0
    assert newest_piece_s(tmp_path / "none") == 0.0


@pytest.mark.slow
def test_an_interrupted_analysis_goes_on_where_it_stopped(
    small_film: Path, analysed: tuple[Analysis, Path], models: Models, tmp_path: Path
) -> None:
    whole, _ = analysed
    heard: list[Sequence[Track]] = []

    def stop_after_two(tracks: Sequence[Track]) -> None:
        heard.append(tracks)
        if len(heard) == 2:
            raise Cancelled("Enough.")

    first = Counting(tmp_path)
    with pytest.raises(Cancelled):
        analyse_video(small_film, None, SETTINGS, models, pieces=first, finished=stop_after_two)
    n_done = len(first.saved) - 1  # but for the shots; a third segment may have been finished meanwhile
    assert 2 <= n_done < 5

    second = Counting(tmp_path)
    told: list[tuple[str, float]] = []
    heard.clear()
    again = analyse_video(
        small_film,
        None,
        SETTINGS,
        models,
        lambda phase, fraction: told.append((phase, fraction)),
        pieces=second,
        finished=heard.append,
    )
    assert not set(first.saved) & set(second.saved)
    assert len(first.saved + second.saved) == 1 + 5
    assert len(heard) == 5
    assert [fraction for phase, fraction in told if phase == "shots"] == [1.0]
    faces = [fraction for phase, fraction in told if phase == "faces"]
    assert faces[0] > 0.3
    assert faces == sorted(faces)
    assert faces[-1] == 1.0
    assert bits(again.tracks) == bits(whole.tracks)
    assert replace(again, tracks=()) == replace(whole, tracks=())


def test_known_tracks_only_get_names(
    small_film: Path, analysed: tuple[Analysis, Path], models: Models, tmp_path: Path
) -> None:
    whole, folder = analysed
    changed = replace(SETTINGS, stranger_distance=0.2)
    known = known_tracks(whole, changed, models.ids)
    assert known is not None
    pieces = Counting(tmp_path)
    again = analyse_video(
        small_film, None, changed, models, video_sha256=whole.video_sha256, pieces=pieces, known=known
    )
    assert pieces.saved == []
    from_pieces = analyse_video(small_film, None, changed, models, pieces=FolderPieces(folder))
    assert bits(again.tracks) == bits(from_pieces.tracks)
    assert replace(again, tracks=()) == replace(from_pieces, tracks=())
    assert len(again.people) > len(whole.people)


def test_tracks_are_known_only_where_they_would_be_found_again(analysed: tuple[Analysis, Path]) -> None:
    whole, _ = analysed
    ids = whole.model_ids
    assert known_tracks(None, SETTINGS, ids) is None
    assert known_tracks(whole, replace(SETTINGS, max_distance=0.4), ids) is not None
    assert known_tracks(whole, replace(SETTINGS, sample_fps=1.0), ids) is None
    assert known_tracks(whole, replace(SETTINGS, smallest_face_px=40), ids) is None
    assert known_tracks(whole, SETTINGS, (*ids[:1], "better embedder")) is None
    assert known_tracks(replace(whole, engine_version="0.0.9"), SETTINGS, ids) is None


def test_a_film_that_breaks_off_is_refused_with_known_tracks_too(
    small_film: Path, analysed: tuple[Analysis, Path], models: Models
) -> None:
    whole, _ = analysed
    warning = "small.mp4 breaks off; only this part was analysed."
    short = replace(whole, shots=whole.shots[:3], tracks=whole.tracks[:1], warnings=(warning,))
    known = known_tracks(short, SETTINGS, whole.model_ids)
    with pytest.raises(MediaError, match="breaks off"):
        analyse_video(small_film, None, SETTINGS, models, known=known)
    taken = analyse_video(small_film, None, SETTINGS, models, known=known, partial=True)
    assert taken.warnings == (warning,)
    assert taken.video.duration_s == short.shots[-1].end_s
