"""Everybody without a name, of one film or of all, as the page shows them."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import lru_cache, partial

from app.services.store import known_film, store
from app.services.unknown_acts import told
from engine.identity.index import FaceIndex
from engine.pipeline.strangers import LIKELY, Cast, Suggestion, cast_of, elsewhere, named_shares, suggestions
from engine.store.albums import AlbumRepository
from engine.store.best_faces import BestFace
from engine.store.corrections import CorrectionLog
from engine.store.database import Store
from engine.store.films import FilmRecord, FilmRepository
from engine.store.galleries import GalleryRepository
from engine.store.indexes import GalleryIndexes
from engine.types import Person
from engine.vision.model_ids import EMBEDDER_ID

N_SHOWN = 20
"""Strangers on the page at first, and more with each wish for more."""


@dataclass(frozen=True, slots=True)
class Perhaps:
    """Who a stranger may be: `person` is an id in the film, "" for somebody of the gallery `gallery`; `face` is the
    address of a picture, "" where there is none."""

    name: str
    person: str
    gallery: str
    distance: float
    face: str


@dataclass(frozen=True, slots=True)
class Also:
    """The same face, perhaps, in another film."""

    film: str
    title: str
    person: str
    name: str
    seconds: float
    distance: float
    face: str


@dataclass(frozen=True, slots=True)
class Stranger:
    """Somebody without a name: `film` is a token, `faces` addresses of pictures, the best first, of `n_tracks` moments
    in all; in an album each moment is a picture."""

    film: str
    title: str
    person: str
    name: str
    seconds: float
    n_tracks: int
    faces: tuple[str, ...]
    perhaps: tuple[Perhaps, ...]
    also: tuple[Also, ...]
    ignored: bool
    in_album: bool


@dataclass(frozen=True, slots=True)
class FilmChoice:
    """A film whose strangers can be asked for."""

    token: str
    title: str


@dataclass(frozen=True, slots=True)
class Unknowns:
    """A page of strangers, longest on screen first, of `n_all`; `named_share` of all faces' seconds has a name.
    `shares` are that before the first correction and after each, for one film, else (). `undo` and `redo` say what
    would be taken back or made again, "" for nothing. `n_analysed` films have a result. `known` are the names that may
    be meant."""

    films: tuple[FilmChoice, ...]
    film: str
    rows: tuple[Stranger, ...]
    n_all: int
    n_ignored: int
    n_named: int
    named_share: float
    shares: tuple[float, ...]
    undo: str
    redo: str
    n_analysed: int
    galleries: tuple[str, ...]
    gallery: str
    known: tuple[str, ...]

    @property
    def likely(self) -> tuple[tuple[Stranger, Perhaps], ...]:
        """The strangers of this page whose nearest suggestion is so near that it is likely, and that one."""
        return tuple((row, row.perhaps[0]) for row in self.rows if row.perhaps and row.perhaps[0].distance <= LIKELY)


def unknowns(film: str = "", gallery: str = "", n_shown: int = N_SHOWN, *, ignored: bool = False) -> Unknowns:
    """The strangers of a film or album, or of all where `film` is "", or who of them is `ignored`; with people of
    `gallery` ("": only of the film) for who they may be. Raises DramatisError for a film or gallery that is not
    there."""
    listed = (*FilmRepository(store()).films(people=False), *AlbumRepository(store()).albums(people=False))
    records = [one for one in listed if one.latest_analysis_id is not None]
    asked = [known_film(film)] if film else records
    casts = {one.token: cast for one in asked if (cast := _cast(one)) is not None}
    found = [
        (token, person) for token, cast in casts.items() for person in (cast.ignored if ignored else cast.strangers)
    ]
    found.sort(key=lambda one: -one[1].screen_time_s)
    shown = found[:n_shown]
    index = _index(gallery)
    others = {one.token: _cast(one) for one in records if one.token != film} if shown else {}
    rows = []
    for token, cast in casts.items():
        ids = [person.id for of, person in shown if of == token]
        perhaps = suggestions(cast, ids, index) if ids else {}
        rest = [other for of, other in others.items() if of != token and other is not None]
        also = elsewhere(cast, ids, rest) if ids and rest else {}
        rows += [
            _stranger(token, cast, cast_person, perhaps[cast_person.id], also.get(cast_person.id, ()), records, ignored)
            for of, cast_person in shown
            if of == token
        ]
    rows.sort(key=lambda row: -row.seconds)
    whole = sum(_track_seconds(cast) for cast in casts.values())
    named = sum(_track_seconds(cast, cast.named) for cast in casts.values())
    log, sha256 = CorrectionLog(store()), asked[0].sha256 if film else ""
    return Unknowns(
        films=tuple(FilmChoice(one.token, one.title) for one in records),
        film=film,
        rows=tuple(rows),
        n_all=len(found),
        n_ignored=sum(len(cast.ignored) for cast in casts.values()),
        n_named=sum(len(cast.named) for cast in casts.values()),
        named_share=named / whole if whole else 0.0,
        shares=_shares(casts.get(film), sha256),
        undo=told(log.last_undoable(sha256)) if film else "",
        redo=told(log.last_redoable(sha256)) if film else "",
        n_analysed=len(records),
        galleries=(*GalleryRepository(store()).names(), *GalleryIndexes(store()).ready()),
        gallery=gallery,
        known=_known(casts.values(), index),
    )


def _stranger(
    token: str,
    cast: Cast,
    person: Person,
    perhaps: Sequence[Suggestion],
    also: Sequence,
    records: Sequence[FilmRecord],
    ignored: bool,
) -> Stranger:
    by_sha256 = {one.sha256: one for one in records}
    return Stranger(
        film=token,
        title=cast.outline.film.title,
        person=person.id,
        name=person.name,
        seconds=person.screen_time_s,
        n_tracks=len(person.track_ids),
        faces=_addresses(token, cast, person.id),
        perhaps=tuple(
            Perhaps(
                one.name,
                one.person_id or "",
                one.gallery,
                one.distance,
                next(iter(_addresses(token, cast, one.person_id)), "") if one.person_id else "",
            )
            for one in perhaps
        ),
        also=tuple(
            Also(
                film := by_sha256[one.video_sha256].token,
                by_sha256[one.video_sha256].title,
                one.person.id,
                one.person.name,
                one.person.screen_time_s,
                one.distance,
                f"/media/{film}/person/{one.person.id}?analysis={by_sha256[one.video_sha256].latest_analysis_id}"
                f"&corrected={CorrectionLog(store()).last_id(one.video_sha256)}",
            )
            for one in also
        ),
        ignored=ignored,
        in_album=cast.outline.film.kind == "album",
    )


def _addresses(token: str, cast: Cast, person_id: str) -> tuple[str, ...]:
    faces = cast.faces.get(person_id)
    analysis = cast.outline.analysis_id
    if faces is None:
        return ()
    return tuple(f"/media/{token}/crop/{track}/{index}?analysis={analysis}" for track, index in faces.places)


def _shares(cast: Cast | None, sha256: str) -> tuple[float, ...]:
    steps = CorrectionLog(store()).steps(sha256) if cast else None
    return named_shares(cast.outline, steps) if cast and steps else ()


def _track_seconds(cast: Cast, people: Sequence[Person] | None = None) -> float:
    wanted = {person.id for person in (cast.outline.people if people is None else people)}
    return sum(track.end_s - track.start_s for track in cast.outline.tracks if track.person_id in wanted)


def _known(casts: object, index: FaceIndex | None) -> tuple[str, ...]:
    names = {person.name.replace("_", " ") for cast in casts for person in cast.named}
    return tuple(sorted(names | {one.replace("_", " ") for one in (index.people if index else ())}))


def _index(gallery: str) -> FaceIndex | None:
    return GalleryIndexes(store()).open(gallery, EMBEDDER_ID) if gallery else None


def _cast(record: FilmRecord) -> Cast | None:
    if record.latest_analysis_id is None:
        return None
    of_store = store()
    # All that the answer depends on.
    of = record.latest_analysis_id, tuple(one.id for one in CorrectionLog(of_store).active(record.sha256))
    kept = _kept(of_store, record.sha256)
    cast = kept.get(of)
    if cast is None:
        cast = cast_of(of_store, record.sha256, partial(_best_faces, of_store))
        # A large film takes megabytes, so its earlier states go.
        kept.clear()
        kept[of] = cast
    return cast


@lru_cache(maxsize=16)
def _kept(of_store: Store, sha256: str) -> dict[tuple[int, tuple[int, ...]], Cast | None]:
    """Where the film's cast is kept, by its analysis and the corrections that hold."""
    return {}


@lru_cache(maxsize=16)
def _best_faces(of_store: Store, analysis_id: int) -> Mapping[int, BestFace]:
    return FilmRepository(of_store).best_face_of_tracks(analysis_id)
