"""Two casts as one: what would come of it, and the doing."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass

from app.services import galleries, ready_galleries
from app.services.store import store
from engine.errors import GalleryError
from engine.names import name_key, one_line
from engine.pipeline.galleries import merge_saved, merged_gallery, named_gallery


@dataclass(frozen=True, slots=True)
class MergePreview:
    """What a merge would give. `shared` are the people whose name is in both, spelt as in the first; `n_same` pictures
    are in both and count once, `n_disputed` would be left out, because the two say different names of them.
    `licence_note` is that of both; `without_pictures` are those of the two whose pictures are not stored here, which
    leaves the new cast without any."""

    n_people: tuple[int, int, int]  # of the first, of the second, of both together
    n_pictures: tuple[int, int, int]
    shared: tuple[str, ...]
    n_same: int
    n_disputed: int
    licence_note: str
    without_pictures: tuple[str, ...]


def names() -> tuple[str, ...]:
    """What can be merged: the saved casts, then the galleries that come with Dramatis."""
    return tuple(one.name for one in galleries.casts()) + tuple(one.name for one in ready_galleries.ready())


def preview(first: str, second: str, apart: Collection[str] = ()) -> MergePreview:
    """What merging `first` and `second` would give; people in `apart` stay two, though their names are one. Raises
    GalleryError if one is not there, ModelError if they cannot be compared."""
    _two(first, second)
    (one, _), (other, _) = named_gallery(store(), first), named_gallery(store(), second)
    merged, note = merged_gallery(store(), first, second, "both", apart)
    keys = set(map(name_key, other.people))
    contents = set(one.sha256), set(other.sha256), set(merged.sha256)
    return MergePreview(
        (len(one.people), len(other.people), len(merged.people)),
        (len(contents[0]), len(contents[1]), len(contents[2])),
        tuple(person for person in one.people if name_key(person) in keys),
        len(contents[0] & contents[1] & contents[2]),
        len((contents[0] | contents[1]) - contents[2]),
        note,
        tuple(gallery.name for gallery in (one, other) if not galleries.to_export(gallery.name)[0]),
    )


def merge(first: str, second: str, name: str, apart: Collection[str] = ()) -> str:
    """Saves what `preview` tells as the cast `name`, and returns the name as it is kept; the two stay. Raises
    GalleryError, ModelError, StorageError."""
    _two(first, second)
    if not name_key(one_line(name)):
        raise GalleryError("The new cast needs a name; type one.")
    if galleries.is_taken(name):
        raise GalleryError(f"There is a cast called {one_line(name)} already; take another name.")
    return merge_saved(store(), first, second, name, apart).name


def _two(first: str, second: str) -> None:
    if name_key(first) == name_key(second):
        raise GalleryError("Choose two different casts to merge.")
