"""What can be done with galleries, as commands: what each is called, what it takes, and its outcome as text.

Heavy rooms are imported inside the commands, so that help and usage errors come at once.
"""

from __future__ import annotations

import argparse
import json
import textwrap
from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Any

from engine.errors import GalleryError

if TYPE_CHECKING:
    from engine.store.database import Store
    from engine.types import Gallery, Progress


@dataclass(frozen=True, slots=True)
class Outcome:
    """The result, for stdout, and what there is to say about it, for stderr ("" for nothing)."""

    text: str
    notes: str = ""


_NOTE_LENGTH = 100  # of a licence note in a list; ``show`` tells the whole

Action = Callable[[argparse.Namespace, "Store", "Progress"], Outcome]


def add_actions(parser: argparse.ArgumentParser, common: argparse.ArgumentParser, tell: Callable[[str], None]) -> None:
    """Adds a command for each action to ``gallery``. Parsed options have `action`, an `Action`, which raises as the
    functions of `engine.pipeline.galleries` do. `tell` says at once, on stderr, what cannot wait for the outcome."""
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
    index = add("index", _index, "build a gallery's index anew; it is done when needed")
    index.add_argument("name", metavar="NAME")
    derive = add("derive", _derive, "make a ready gallery: names and vectors, no pictures")
    derive.add_argument("folder", type=Path, metavar="FOLDER", help="<Person_Name>/*.jpg, or images/ with these")
    derive.add_argument("--names", type=Path, required=True, metavar="FILE", help="whom: a folder's name a line")
    derive.add_argument("--out", type=Path, required=True, metavar="DIR", help="the ready gallery; its name is DIR's")
    derive.add_argument("--licence", metavar='"..."', help="where the pictures are from, and under which terms")
    add("fetch-lfw", partial(_fetch_lfw, tell), "bring the pictures behind the gallery of actors")


def left_out_report(gallery: Gallery) -> str:
    """Which pictures are not in the gallery and why, a line each, after how many there are of each reason; "" if none
    is missing."""
    if not gallery.left_out:
        return ""
    n = len(gallery.left_out) + len(gallery.names)
    lines = [f"{len(gallery.left_out)} of {n} pictures were left out of the gallery:"]
    kinds = Counter(one.kind for one in gallery.left_out)
    if len(gallery.left_out) > len(kinds) > 1:
        lines.append("  " + "; ".join(f"{kind}: {count}" for kind, count in kinds.most_common()))
    lines.extend(f"  {one.path}: {one.reason}" for one in gallery.left_out)
    return "\n".join(lines)


def _build(options: argparse.Namespace, store: Store, progress: Progress) -> Outcome:
    from engine.pipeline.galleries import build_saved

    built = build_saved(store, options.source, options.name, options.licence, progress, options.augment)
    n = len(built.gallery.names) + len(built.gallery.left_out)
    notes = f"{built.n_looked} of {n} pictures were new."
    return Outcome(_summary(built.gallery), "\n".join(filter(None, (notes, left_out_report(built.gallery)))))


def _list(options: argparse.Namespace, store: Store, _progress: Progress) -> Outcome:
    rows, notes = _listed(store)
    if options.json:
        return Outcome(json.dumps(rows, ensure_ascii=False, indent=1), "\n".join(notes))
    if all(row["is_ready"] for row in rows):
        notes.append("There is no gallery of yours yet; make one with ./dramatis gallery build FOLDER --name NAME.")
    lines = []
    for row in rows:
        origin = ", comes with the project" if row["is_ready"] else ""
        lines.append(f"{row['name']}: {row['people']} people, {row['pictures']} pictures{origin}")
        if row["licence_note"]:
            lines.append(f"  licence: {textwrap.shorten(row['licence_note'], _NOTE_LENGTH, placeholder=' ...')}")
    return Outcome("\n".join(lines), "\n".join(notes))


def _listed(store: Store) -> tuple[list[dict[str, Any]], list[str]]:
    """A record for each gallery, the store's own first, and what is wrong with ready ones. What was left out of a ready
    one is not known."""
    from engine.identity.index_files import read_manifest
    from engine.store.indexes import GalleryIndexes
    from engine.store.overviews import gallery_overviews

    found = [
        (one.name, len(one.people), one.n_pictures, len(one.left_out), one.licence_note, False)
        for one in sorted(gallery_overviews(store), key=lambda one: one.name.casefold())
    ]
    wrong = []
    for name, folder in GalleryIndexes(store).ready().items():
        try:
            manifest = read_manifest(folder)
        except GalleryError as error:
            wrong.append(str(error))
            continue
        if manifest is not None:
            found.append((name, manifest.n_people, manifest.count, None, manifest.note, True))
    keys = ("name", "people", "pictures", "left_out", "licence_note", "is_ready")
    return [dict(zip(keys, row, strict=True)) for row in found], wrong


def _show(options: argparse.Namespace, store: Store, _progress: Progress) -> Outcome:
    from engine.pipeline.galleries import named_gallery

    gallery, note = named_gallery(store, options.name)
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


def _index(options: argparse.Namespace, store: Store, progress: Progress) -> Outcome:
    from engine.store.indexes import GalleryIndexes
    from engine.vision.model_ids import EMBEDDER_ID

    index = GalleryIndexes(store).build(options.name, EMBEDDER_ID, progress)
    return Outcome(f"{index.name}: {len(index.people)} people, {len(index)} faces in the index")


def _derive(options: argparse.Namespace, _store: Store, progress: Progress) -> Outcome:
    from engine.evaluate.ready_gallery import read_names, ready_gallery
    from engine.identity.index_build import build_index
    from engine.identity.index_files import read_manifest

    name = options.out.resolve().name
    if not name:
        raise GalleryError(f"{options.out} names no folder; give one, like indexes/actors.")
    note = options.licence
    if note is None:
        old = read_manifest(options.out)
        note = old.note if old else ""
    gallery = ready_gallery(options.folder, read_names(options.names), name, progress)
    build_index(gallery, options.out, note, progress)
    return Outcome(f"{_summary(gallery)}, in {options.out}", left_out_report(gallery))


def _fetch_lfw(
    tell: Callable[[str], None], _options: argparse.Namespace, _store: Store, _progress: Progress
) -> Outcome:
    from engine.store.ready_pictures import fetch_lfw

    return Outcome(f"The pictures are in {fetch_lfw(tell)}")


def _summary(gallery: Gallery) -> str:
    return f"{gallery.name}: {len(gallery.people)} people, {len(set(gallery.sha256))} pictures"
