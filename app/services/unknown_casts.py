"""The best faces of people who were named in a film, added to a cast, so that the next film knows them."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from app.services import galleries
from app.services.store import file_of, known_film, store
from engine.config import cast_dir
from engine.errors import GalleryError, MediaError
from engine.names import name_key, one_line
from engine.pipeline.strangers import cast_of
from engine.store.cast_folders import CastFolders
from engine.store.films import FilmRepository

N_PICTURES = 5
"""Of a person: more of one film show the same light and look."""

_MARGIN, _SIDE_PX = 0.7, 400  # round a face, so that it is found again in the picture; as large as most faces of films


@dataclass(frozen=True, slots=True)
class NamedPerson:
    """Somebody of a film who has a name, and the address of a picture."""

    person: str
    name: str
    face: str


def named_people(film: str) -> tuple[NamedPerson, ...]:
    """Who has a name in a film, longest on screen first; () for one that was never analysed. Raises MediaError."""
    record = known_film(film)
    found = cast_of(store(), record.sha256)
    if found is None:
        return ()
    return tuple(
        NamedPerson(
            person.id,
            person.name,
            f"/media/{film}/crop/{track}/{index}?analysis={found.outline.analysis_id}",
        )
        for person in found.named
        if person.id in found.faces
        for track, index in found.faces[person.id].places[:1]
    )


def casts() -> tuple[str, ...]:
    """The casts whose pictures are here, so that more can be added."""
    return tuple(one.name for one in galleries.casts() if one.folder_id) + tuple(
        one.name for one in galleries.drafts() if one.name
    )


def add_to_cast(film: str, people: Sequence[str], cast: str, owner: str = "") -> str:
    """Adds up to `N_PICTURES` of each of these people's best faces to the cast of that name, a new one if there is
    none, and asks for it to be built. Returns the cast's name. Raises GalleryError, MediaError."""
    from engine.media.stills import face_crop, frames_at, jpeg_bytes

    record, cast = known_film(film), one_line(cast)
    found, path = cast_of(store(), record.sha256), file_of(record)
    if not name_key(cast):
        raise GalleryError("The cast needs a name; choose one, or type a new one.")
    if found is None or path is None:
        raise MediaError(f"The file of {record.title} is not there any more; add the film again.")
    chosen = [person for person in found.named if person.id in set(people) and person.id in found.faces]
    if not chosen:
        raise GalleryError("Nobody was chosen; tick the people who are to be added.")
    folder_id = _folder(cast)
    for person in chosen:
        places = found.faces[person.id].places[:N_PICTURES]
        of_tracks = FilmRepository(store()).faces(record.sha256, [track for track, _ in places])
        faces = sorted((of_tracks[track][index] for track, index in places), key=lambda face: face.t_s)
        for face, frame in zip(faces, frames_at(path, [face.t_s for face in faces]), strict=True):
            picture = jpeg_bytes(face_crop(frame.image, face.box_xyxy, _MARGIN, _SIDE_PX), quality=92)
            galleries.add_picture(folder_id, person.name, picture)
    galleries.build(folder_id, owner)
    return cast


def _folder(cast: str) -> str:
    """The id of the pictures of the cast of this name, made now if there is no such cast."""
    folders = CastFolders(cast_dir())
    known = next((one for one in folders.all() if name_key(one.name) == name_key(cast)), None)
    if known is not None:
        return known.id
    if galleries.is_taken(cast):
        raise GalleryError(f"The pictures of the cast {cast} are not here, so none can be added; type another name.")
    draft = galleries.new_draft()
    galleries.rename_draft(draft.id, cast)
    return draft.id
