"""Corrections of a gallery in a person's words."""

from __future__ import annotations

from collections.abc import Iterable

from engine.exports.told_corrections import ToldCorrection
from engine.store.gallery_corrections import GalleryCorrection


def told_gallery_corrections(corrections: Iterable[GalleryCorrection]) -> tuple[ToldCorrection, ...]:
    """Each correction of a gallery in words, in their order."""
    return tuple(
        ToldCorrection(one.id, gallery_words(one), one.author, one.created_at, one.undone_at is None)
        for one in corrections
    )


def gallery_words(one: GalleryCorrection) -> str:
    """What one correction says, as in "2 pictures of Anna Lee moved to Ben Okri"."""
    said = one.decision
    n = len(said.pictures)
    pictures = f"{n} {'picture' if n == 1 else 'pictures'} of {_listed(said.before)}"
    match said.kind:
        case "remove":
            return f"{pictures} taken out"
        case "move":
            return f"{pictures} moved to {_plain(said.to)}"
        case "right":
            return f"{pictures} said to be right"
    return f"{_listed(said.people)} joined with {_plain(said.to)}"


def _listed(names: Iterable[str]) -> str:
    shown = [_plain(name) for name in dict.fromkeys(names)]
    if len(shown) > 3:
        return f"{len(shown)} people"
    return " and ".join(filter(None, (", ".join(shown[:-1]), *shown[-1:])))


def _plain(name: str) -> str:
    """The names of a gallery are those of folders."""
    return " ".join(name.replace("_", " ").split()) or name
