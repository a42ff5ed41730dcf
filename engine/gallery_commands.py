"""What can be done with galleries, as commands: what each is called, what it takes, and its outcome as text.

Heavy rooms are imported inside the commands, so that help and usage errors come at once.
"""

from __future__ import annotations

import argparse
import json
from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from engine.errors import GalleryError

if TYPE_CHECKING:
    from engine.store.database import Store
    from engine.types import Gallery, Progress


@dataclass(frozen=True, slots=True)
class Outcome:
    """The result, for stdout, and what there is to say about it, for stderr ("" for nothing)."""

    text: str
    notes: str = ""


Action = Callable[[argparse.Namespace, "Store", "Progress"], Outcome]


def add_actions(parser: argparse.ArgumentParser, common: argparse.ArgumentParser) -> None:
    """Adds a command for each action to ``gallery``. Parsed options have `action`, an `Action`, which raises as the
    functions of `engine.pipeline.galleries` do."""
    actions = parser.add_subparsers(required=True, metavar="ACTION")

    def add(name: str, action: Action, what: str) -> argparse.ArgumentParser:
        command = actions.add_parser(name, parents=[common], help=what)
        command.set_defaults(action=action)
        return command

    build = add("build", _build, "make a gallery of pictures, or make it again")
    build.add_argument(
        "source",
        type=Path,
        metavar="SOURCE",
        help="a folder <Person Name>/*.jpg, a zip of one, or a CSV of person,picture",
    )
    build.add_argument("--name", required=True)
    build.add_argument("--licence", metavar='"..."', help="the terms under which the pictures may be used")
    build.add_argument(
        "--augment",
        action="store_true",
        help="for people with one or two pictures: the mean over several views of each face",
    )
    listing = add("list", _list, "the galleries there are")
    listing.add_argument("--json", action="store_true", help="as JSON")
    show = add("show", _show, "who is in a gallery, and which pictures were left out")
    show.add_argument("name", metavar="NAME")
    show.add_argument("--json", action="store_true", help="as JSON")
    export = add("export", _export, "write a gallery to one file")
    export.add_argument("name", metavar="NAME")
    export.add_argument("file", type=Path, metavar="FILE")
    export.add_argument("--pictures", action="store_true", help="put the pictures in too")
    export.add_argument(
        "--from", dest="source", type=Path, metavar="SOURCE", help="where the pictures are: what it was built from"
    )
    take = add("import", _import, "take a gallery from a file")
    take.add_argument("file", type=Path, metavar="FILE")
    take.add_argument("--name", help="another name than the file's")
    merge = add("merge", _merge, "make one gallery of two")
    merge.add_argument("first", metavar="A")
    merge.add_argument("second", metavar="B")
    merge.add_argument("--name", required=True, metavar="C")
    delete = add("delete", _delete, "delete a gallery and everything that belongs to it")
    delete.add_argument("name", metavar="NAME")


def left_out_report(gallery: Gallery) -> str:
    """Which pictures are not in the gallery and why, a line each, after how many there are of each reason; "" if none
    is missing."""
    if not gallery.left_out:
        return ""
    n = len(gallery.left_out) + len(gallery.names)
    lines = [f"{len(gallery.left_out)} of {n} pictures were left out of the gallery:"]
    kinds = Counter(_kind(one.reason) for one in gallery.left_out)
    if len(gallery.left_out) > len(kinds) > 1:
        lines.append("  " + "; ".join(f"{kind}: {count}" for kind, count in kinds.most_common()))
    lines.extend(f"  {one.path}: {one.reason}" for one in gallery.left_out)
    return "\n".join(lines)


def _kind(reason: str) -> str:
    """The reason without what differs from picture to picture."""
    for kind in ("the same picture under two people", "the same picture", "there is no picture", "too small"):
        if reason.startswith(kind):
            return kind
    for kind in ("faces found, one expected", "columns, two expected"):
        if kind in reason:
            return kind
    return reason


def _build(options: argparse.Namespace, store: Store, progress: Progress) -> Outcome:
    from engine.pipeline.galleries import build_saved

    built = build_saved(store, options.source, options.name, options.licence, progress, options.augment)
    n = len(built.gallery.names) + len(built.gallery.left_out)
    notes = f"{built.n_looked} of {n} pictures were new."
    return Outcome(_summary(built.gallery), "\n".join(filter(None, (notes, left_out_report(built.gallery)))))


def _list(options: argparse.Namespace, store: Store, _progress: Progress) -> Outcome:
    from engine.store.overviews import gallery_overviews

    found = sorted(gallery_overviews(store), key=lambda one: one.name.casefold())
    if options.json:
        rows = [
            {"name": one.name, "people": len(one.people), "pictures": one.n_pictures, "left_out": len(one.left_out)}
            for one in found
        ]
        return Outcome(json.dumps(rows, ensure_ascii=False, indent=1))
    if not found:
        return Outcome("", "There is no gallery yet; make one with ./dramatis gallery build FOLDER --name NAME.")
    return Outcome("\n".join(f"{one.name}: {len(one.people)} people, {one.n_pictures} pictures" for one in found))


def _show(options: argparse.Namespace, store: Store, _progress: Progress) -> Outcome:
    from engine.store.galleries import GalleryRepository

    galleries = GalleryRepository(store)
    gallery, note = galleries.load(options.name), galleries.licence_note(options.name)
    pictures = Counter(gallery.names)
    if options.json:
        record = {
            "name": gallery.name,
            "model_id": gallery.model_id,
            "licence_note": note,
            "people": [{"name": name, "pictures": pictures[name]} for name in gallery.people],
            "left_out": [{"path": one.path, "reason": one.reason} for one in gallery.left_out],
        }
        return Outcome(json.dumps(record, ensure_ascii=False, indent=1))
    lines = [_summary(gallery), f"vectors of {gallery.model_id}", f"licence: {note or 'nothing said'}"]
    lines += [f"  {name}: {pictures[name]}" for name in gallery.people]
    return Outcome("\n".join(filter(None, (*lines, left_out_report(gallery)))))


def _export(options: argparse.Namespace, store: Store, _progress: Progress) -> Outcome:
    from engine.pipeline.galleries import export_gallery

    if options.source and not options.pictures:
        raise GalleryError("--from says where the pictures are; say --pictures too, or leave it out.")
    gallery = export_gallery(store, options.name, options.file, options.pictures, options.source)
    return Outcome(f"{_summary(gallery)}, written to {options.file}")


def _import(options: argparse.Namespace, store: Store, _progress: Progress) -> Outcome:
    from engine.pipeline.galleries import import_gallery
    from engine.store.galleries import GalleryRepository

    gallery = import_gallery(store, options.file, options.name)
    note = GalleryRepository(store).licence_note(gallery.name)
    return Outcome(_summary(gallery), f"licence: {note}" if note else "")


def _merge(options: argparse.Namespace, store: Store, _progress: Progress) -> Outcome:
    from engine.pipeline.galleries import merge_saved

    gallery = merge_saved(store, options.first, options.second, options.name)
    return Outcome(_summary(gallery), left_out_report(gallery))


def _delete(options: argparse.Namespace, store: Store, _progress: Progress) -> Outcome:
    from engine.pipeline.galleries import delete_gallery

    return Outcome(f"{delete_gallery(store, options.name)} is deleted.")


def _summary(gallery: Gallery) -> str:
    return f"{gallery.name}: {len(gallery.people)} people, {len(set(gallery.sha256))} pictures"
