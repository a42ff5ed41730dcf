"""Albums as cards, and what stands there while there are none. Pure: records in, components out.

Buttons carry ``data-store="albums-act"``; assets/library.js hears them. The zone and its buttons belong to
assets/albums.js.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any
from urllib.parse import urlencode

import dash_bootstrap_components as dbc
from dash import dcc, html

from app.components.album_ids import Ids
from app.components.inspector_ids import inspector_address
from app.components.page_head import page_head
from app.components.person_ids import person_address
from app.services.albums import AlbumFace, AlbumRecord, Deletion, FolderAlbum
from app.services.jobs import ACTIVE
from app.words import count, day

MOST_PROBLEMS = 200
"""Pictures that are named; who has more wrong ones knows what is wrong by then."""


def head(n_albums: int) -> list:
    """Title and drop zone: large while there is nothing else to look at."""
    if n_albums:
        says = "Folders of pictures, grouped by who is in them: say once who it is, for all pictures at once."
        return [page_head("Albums", says), drop_zone(large=False)]
    return [
        html.H1("Who is in these pictures?", className="hero"),
        html.P(
            "Give Dramatis a folder of pictures. It finds the faces, puts those of one person together, and you say "
            "once who it is, for all pictures at once.",
            className="lead",
        ),
        drop_zone(large=True),
    ]


def drop_zone(large: bool) -> html.Div:
    """Where pictures are dropped or chosen."""
    buttons = [
        html.Button("Choose a folder", type="button", className="btn btn-primary", **{"data-album": "folder"}),
        html.Button("Choose pictures", type="button", className="btn btn-outline-secondary", **{"data-album": "files"}),
    ]
    return html.Div(
        [
            html.Span(className="drop-sign", **{"aria-hidden": "true"}),
            html.Div(
                [
                    html.Strong("Drop a folder of pictures here" if large else "Drop another folder of pictures here"),
                    html.Span("JPEG, PNG, TIFF, WebP and others, at any depth, up to 15 MB each", className="soft"),
                ],
                className="drop-words",
            ),
            html.Div(buttons, className="drop-buttons"),
        ],
        className="drop-zone drop-zone-large" if large else "drop-zone",
        **{"data-album": "zone"},
    )


def folder_button(has_folders: bool) -> html.P | None:
    if not has_folders:
        return None
    button = html.Button("a folder of this machine", id=Ids.FOLDER_OPEN, type="button", className="link-button")
    return html.P(["Or look through ", button, ", without a copy."], className="soft folder-line")


def album_list(albums: Sequence[AlbumRecord], jobs: Sequence[Mapping[str, Any]]) -> list:
    """The cards, or what becomes of pictures."""
    if not albums:
        steps = (
            ("Choose the pictures", "A folder with whatever is in it. Faces and results stay on this machine."),
            ("See who is who", "Every person is one group, with all pictures that show them."),
            ("Name them", "A name for a group is a name in all its pictures, and goes out as a table."),
        )
        rows = [html.Li([html.Strong(word), html.Span(text, className="soft")]) for word, text in steps]
        return [html.Ol(rows, className="steps album-steps")]
    newest: dict[str, Mapping[str, Any]] = {}
    for job in jobs:
        if job["kind"] == "album" and job["film"]:
            newest.setdefault(job["film"], job)
    return [html.Ul([html.Li(album_card(one, newest.get(one.token))) for one in albums], className="cast-grid")]


def album_card(album: AlbumRecord, job: Mapping[str, Any] | None) -> html.Article:
    """One album; `job` is its newest, also one that ended."""
    faces = [_face(album, one) for one in album.faces]
    if (more := album.n_people - len(album.faces)) > 0:
        faces.append(html.Span(f"+{more}", className="face face-more"))
    return html.Article(
        [
            html.H3(album.title, className="cast-name film-title", title=album.title),
            html.P(facts(album), className="soft"),
            html.Div(faces, className="faces faces-row") if faces else None,
            _state(album, job),
            problems(album.problems),
            html.Div(_actions(album, job), className="film-actions"),
        ],
        # The class by which assets/library.js finds what is renamed.
        className="cast-card film-card album-card",
        **{"data-album-card": album.token},
    )


def facts(album: AlbumRecord) -> str:
    """How many pictures and people, and since when."""
    if album.looked_at is None:
        return f"Added {day(album.added_at)}"
    people = count(album.n_people, "person", "people")
    if album.n_people and album.n_unknown:
        people += f", {album.n_unknown} without a name"
    where = f" · {album.folder}" if album.folder and album.folder != album.title else ""
    return f"{count(album.n_pictures, 'picture', 'pictures')} · {people} · {day(album.looked_at)}{where}"


def problems(found: Sequence[tuple[str, str]]) -> html.Details | None:
    """The pictures that cannot be read and why, folded."""
    if not found:
        return None
    rows = [html.Li([html.Span(path, className="left-out-name"), f" {why}"]) for path, why in found[:MOST_PROBLEMS]]
    if (more := len(found) - MOST_PROBLEMS) > 0:
        rows.append(html.Li(f"and {more} more", className="soft"))
    heading = f"{count(len(found), 'picture', 'pictures')} cannot be read"
    return html.Details([html.Summary(heading), html.Ul(rows)], className="left-out")


def not_taken(found: Sequence[Sequence[str]]) -> html.Div | None:
    """Pictures that were refused on their way in, as [name, why]."""
    if not found:
        return None
    rows = [html.Li([html.Span(name, className="left-out-name"), f" {why}"]) for name, why in found[:MOST_PROBLEMS]]
    heading = f"{count(len(found), 'file was', 'files were')} not taken:"
    return html.Div([html.P(heading), html.Ul(rows)], className="problems", role="status")


def deletion_body(deletion: Deletion) -> list:
    """What a person confirms before an album is deleted."""
    return [
        html.P("This deletes, for good:"),
        html.Ul([html.Li(text) for text in deletion.removes]),
        *(html.P(text, className="soft") for text in deletion.stays),
    ]


def folder_options(folders: Sequence[FolderAlbum]) -> list[dict[str, Any]]:
    """The folders of this machine, to choose one."""
    return [
        {
            "label": html.Span(
                [html.Span(one.name), html.Span(count(one.n_pictures, "picture", "pictures"), className="soft")],
                className="folder-film",
            ),
            "value": one.id,
        }
        for one in folders
    ]


def folder_dialog() -> dbc.Modal:
    """The folders that the owner of the machine allows."""
    search = dbc.Input(id=Ids.FOLDER_SEARCH, type="search", placeholder="Find a folder", size="sm")
    return dbc.Modal(
        [
            dbc.ModalHeader(dbc.ModalTitle("Pictures in your folders")),
            dbc.ModalBody([search, dbc.RadioItems(id=Ids.FOLDER_LIST, options=[], className="folder-list")]),
            dbc.ModalFooter(dbc.Button("Look through it", id=Ids.FOLDER_ADD, color="primary")),
        ],
        id=Ids.FOLDER,
        scrollable=True,
        size="lg",
    )


def _state(album: AlbumRecord, job: Mapping[str, Any] | None) -> html.P | None:
    if job is not None and job["state"] in ACTIVE:
        return html.P("Being looked through", className="film-state soft")
    if job is not None and job["state"] == "failed":
        return html.P([html.Strong("Failed. "), job["error"]], className="film-state film-failed")
    if album.looked_at is None:
        return html.P("Not looked through to the end", className="film-state film-new")
    return None


def _actions(album: AlbumRecord, job: Mapping[str, Any] | None) -> list:
    actions: list[Any] = []
    if album.looked_at is not None:
        if album.n_people:
            address = f"/unknowns?{urlencode({'film': album.token})}"
            actions.append(dcc.Link("Name the people", href=address, className="btn btn-sm btn-primary"))
            actions.append(dcc.Link("Inspect", href=inspector_address(film=album.token)))
        actions.append(html.A("Save as a table", href=f"/album-files/{album.token}/faces.csv"))
    if job is None or job["state"] not in ACTIVE:
        again = "Look for new pictures" if album.looked_at else "Look through it"
        actions.append(_button(again, "again", album))
    actions.append(_button("Rename", "rename", album))
    actions.append(_button("Delete", "delete", album))
    return actions


def _button(word: str, act: str, album: AlbumRecord) -> html.Button:
    return html.Button(
        word,
        type="button",
        className="link-button",
        **{
            "data-store": Ids.ACT.value,
            "data-act": act,
            "data-film": album.token,
            "aria-label": f"{word}: {album.title}",
        },
    )


def _face(album: AlbumRecord, face: AlbumFace) -> dcc.Link:
    """One of the people, which leads to all of their pictures."""
    words = f"{face.name.replace('_', ' ')}: {count(face.n_pictures, 'picture', 'pictures')}"
    look = {"backgroundImage": f'url("{face.picture}")'}
    hidden = html.Span(words, className="visually-hidden")
    return dcc.Link(hidden, href=person_address(album.token, face.person), className="face", style=look, title=words)
