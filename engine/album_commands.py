"""What can be done with albums, as commands: what each is called, what it takes, and its outcome as text.

Heavy rooms are imported inside the commands, so that help and usage errors come at once.
"""

from __future__ import annotations

import argparse
import json
from pathlib import Path
from typing import TYPE_CHECKING, Any

from engine.gallery_commands import Action, Outcome

if TYPE_CHECKING:
    from engine.store.database import Store
    from engine.store.film_records import FilmRecord
    from engine.types import Progress


def add_album_actions(parser: argparse.ArgumentParser, common: argparse.ArgumentParser) -> None:
    """Adds a command for each action to ``album``. Parsed options have `action`, an `Action`, which raises as the
    functions of `engine.pipeline.albums` do."""
    actions = parser.add_subparsers(required=True, metavar="ACTION")

    def add(name: str, action: Action, what: str) -> argparse.ArgumentParser:
        command = actions.add_parser(name, parents=[common], help=what)
        command.set_defaults(action=action)
        return command

    take = add("import", _import, "look at a folder of pictures and group the faces into people")
    take.add_argument("folder", type=Path, metavar="FOLDER", help="pictures, at any depth; they stay where they are")
    take.add_argument("--gallery", metavar="NAME", help="people who get their names: a saved gallery")
    take.add_argument("--name", default="", metavar="TITLE", help="what the album is called (default: as the folder)")
    listing = add("list", _list, "the albums there are")
    listing.add_argument("--json", action="store_true", help="as JSON")
    export = add("export", _export, "write the faces of an album and whose they are to a CSV")
    export.add_argument("name", metavar="NAME", help="the album's title, or its folder")
    export.add_argument("file", type=Path, metavar="FILE.csv")
    delete = add("delete", _delete, "delete an album and everything but its pictures")
    delete.add_argument("name", metavar="NAME", help="the album's title, or its folder")


def _import(options: argparse.Namespace, store: Store, progress: Progress) -> Outcome:
    from engine.pipeline.albums import import_album
    from engine.pipeline.galleries import named_gallery

    gallery = named_gallery(store, options.gallery)[0] if options.gallery else None
    imported = import_album(store, options.folder, options.name, gallery, progress)
    notes = [f"{imported.n_looked} of {len(imported.pictures)} pictures were new."]
    if imported.problems:
        notes.append(f"{len(imported.problems)} of {len(imported.pictures)} pictures cannot be read:")
        notes += [f"  {one.path} {one.problem}" for one in imported.problems]
    return Outcome(_summary(_record(imported.album, imported.n_pictures)), "\n".join(notes))


def _list(options: argparse.Namespace, store: Store, _progress: Progress) -> Outcome:
    from engine.store.albums import NO_NUMBER, AlbumRepository

    albums = AlbumRepository(store)
    rows = []
    for album in sorted(albums.albums(), key=lambda one: one.title.casefold()):
        pictures = albums.pictures(album.sha256)
        row = _record(album, len({one.number for one in pictures} - {NO_NUMBER}))
        problems = [{"path": one.path, "problem": one.problem} for one in pictures if one.problem is not None]
        rows.append(row | {"problems": problems})
    if options.json:
        return Outcome(json.dumps(rows, ensure_ascii=False, indent=1))
    notes = "" if rows else "There is no album yet; make one with ./dramatis album import FOLDER."
    return Outcome("\n".join(f"{_summary(row)}, {row['folder']}" for row in rows), notes)


def _export(options: argparse.Namespace, store: Store, _progress: Progress) -> Outcome:
    from engine.errors import MediaError
    from engine.exports.album_csv import album_csv
    from engine.exports.files import write_together
    from engine.pipeline.albums import find_album
    from engine.store.albums import AlbumRepository
    from engine.store.films import FilmRepository

    album = find_album(store, options.name)
    if album.latest_analysis_id is None:
        raise MediaError(f"The album {album.title} was not looked at to its end; import {album.path} again.")
    analysis = FilmRepository(store).load_analysis(album.latest_analysis_id, faces=False)
    text = album_csv(analysis, AlbumRepository(store).pictures(album.sha256))
    write_together({options.file: text})
    return Outcome(f"{album.title}: {len(analysis.tracks)} faces, written to {options.file}")


def _delete(options: argparse.Namespace, store: Store, _progress: Progress) -> Outcome:
    from engine.pipeline.albums import delete_album, find_album

    album = find_album(store, options.name)
    delete_album(store, album)
    return Outcome(f"{album.title} is deleted.")


def _record(album: FilmRecord, n_pictures: int) -> dict[str, Any]:
    named = [person for person in album.people if person.kind == "known" or person.named_by_hand]
    return {
        "title": album.title,
        "folder": str(album.path),
        "pictures": n_pictures,
        "people": len(album.people),
        "unknown": len(album.people) - len(named),
    }


def _summary(row: dict[str, Any]) -> str:
    return f"{row['title']}: {row['pictures']} pictures, {row['people']} people, {row['unknown']} of them unknown"
