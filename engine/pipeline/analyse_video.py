"""Who is on screen in a film, and for how long.

The film is read twice: once small and fast for its shots, once sampled for its faces. The second reading is cut at
shots into segments that are worked on side by side, and begins as soon as the first ones are known; memory does not
grow with the length of the film but for the answer itself.
"""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace
from pathlib import Path

from engine import __version__
from engine.config import AnalysisSettings
from engine.errors import MediaError
from engine.media.shots import ShotScan
from engine.media.video import probe
from engine.pipeline.film_pieces import FilmPieces
from engine.pipeline.film_tracks import Finished, find_tracks
from engine.pipeline.models import Models
from engine.pipeline.people import name_people
from engine.pipeline.pieces import Pieces
from engine.pipeline.rerun import KnownTracks
from engine.types import Analysis, Gallery, Progress, Track, VideoInfo, ignore_progress

LACKING_S, LACKING_SHARE = 2.0, 0.05  # sound often outlasts the picture by this much, and some files state its length
DecidedTracks = Callable[[str, Sequence[Track]], Mapping[int, str]]
"""Told the SHA-256 of a film and its tracks: `engine.store.films.FilmRepository.decided_tracks`."""
_HASH_CHUNK_BYTES = 1 << 22  # some milliseconds of work


def analyse_video(
    path: Path,
    gallery: Gallery | None,
    settings: AnalysisSettings,
    models: Models,
    progress: Progress = ignore_progress,
    *,
    partial: bool = False,
    video_sha256: str | None = None,
    pieces: Pieces | None = None,
    known: KnownTracks | None = None,
    finished: Finished = lambda tracks: None,
    called: str | None = None,
    decided: DecidedTracks = lambda video_sha256, tracks: {},
) -> Analysis:
    """Analyses the film `path` with the people of `gallery` (None: everybody is a stranger).

    A file that breaks off well before the length it states is refused, for its figures would pass for the whole
    film's; `partial` analyses what is there.

    `video_sha256`, if the caller knows it, spares reading the file for it. With `pieces` the shots and each segment's
    tracks are kept there when they are finished, and those of an interrupted analysis are taken from there instead of
    being worked on again; the answer is the same to the last bit. `known` are the tracks of an earlier analysis
    (`engine.pipeline.rerun.known_tracks`), which then only get names. `finished` hears the tracks of each segment as
    soon as they are there. `called` is what warnings call the film, if that is not the name of its file. `decided` is
    asked which of the tracks are of whom because a person said so.

    `progress` hears the phases "reading" (unless the hash is given), "shots", "faces" and "names", each with a
    fraction, first the one that was there already; what it raises stops the work at once and is raised from here, as
    is KeyboardInterrupt. Raises MediaError if the film cannot be read, StorageError if `pieces` cannot be kept.
    Publishes nothing.
    """
    video = probe(path)
    called = called or path.name
    video_sha256 = video_sha256 or file_sha256(path, lambda fraction: progress("reading", fraction))
    if known:
        progress("shots", 1.0)
        _check_length(video, known.shots[-1].end_s, partial, called)
        shots, tracks, warnings, n_damaged = known.shots, known.tracks, known.warnings, known.n_frames_damaged
        video = replace(video, duration_s=shots[-1].end_s)
        progress("faces", 1.0)
    else:
        film_pieces = FilmPieces(pieces, video_sha256, settings, models.ids)

        def check(scan: ShotScan) -> tuple[str, ...]:
            return _check_length(video, scan.duration_s, partial, called)

        scan, found = find_tracks(video, settings, models, film_pieces, progress, finished, check)
        shots, tracks, n_damaged = scan.shots, tuple(found), scan.n_damaged
        warnings = (*check(scan), *_damage(scan))
        video = replace(video, duration_s=scan.duration_s)
    progress("names", 0.0)
    people = name_people(tracks, gallery, settings, shots, decided(video_sha256, tracks))
    progress("names", 1.0)
    return Analysis(
        video=video,
        video_sha256=video_sha256,
        engine_version=__version__,
        model_ids=models.ids,
        settings=settings.as_dict(),
        shots=shots,
        people=people.people,
        tracks=tracks,
        person_of_track=people.person_of_track,
        distance_of_track=people.distance_of_track,
        n_frames_damaged=n_damaged,
        warnings=warnings,
        candidates=people.candidates,
        chances=people.chances,
        gallery=gallery.name if gallery else None,
        cast=gallery.people if gallery else (),
    )


def file_sha256(path: Path, progress: Callable[[float], None] | None = None) -> str:
    """SHA-256 of a file's content, in hex; `progress` hears the share that is read, 0 to 1, and may raise to stop.
    Raises MediaError if the file cannot be read."""
    progress = progress or (lambda fraction: None)
    digest = hashlib.sha256()
    try:
        with path.open("rb") as file:
            n_bytes = max(1, path.stat().st_size)
            n_read = 0
            progress(0.0)
            while chunk := file.read(_HASH_CHUNK_BYTES):
                digest.update(chunk)
                n_read += len(chunk)
                progress(min(1.0, n_read / n_bytes))
    except OSError as error:
        raise MediaError(
            f"The film {path} cannot be read ({error.strerror or error}); check that its disk is there."
        ) from error
    progress(1.0)
    return digest.hexdigest()


def _check_length(video: VideoInfo, duration_s: float, partial: bool, called: str) -> tuple[str, ...]:
    """A sentence if the film breaks off after `duration_s`, else none. Raises MediaError instead unless `partial`."""
    lacking_s = video.duration_s - duration_s
    if lacking_s <= max(LACKING_S, LACKING_SHARE * video.duration_s):
        return ()
    told = f"{called} breaks off after {duration_s:.1f} s of the {video.duration_s:.1f} s it states"
    if not partial:
        raise MediaError(f"{told}; copy it again from its source, or have the part analysed that is there (--partial).")
    return (f"{told}; only this part was analysed.",)


def _damage(scan: ShotScan) -> tuple[str, ...]:
    if not scan.n_damaged:
        return ()
    return (f"{scan.n_damaged} of {scan.n_frames + scan.n_damaged} frames are damaged and were left out.",)
