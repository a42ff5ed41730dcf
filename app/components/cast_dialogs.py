"""The dialogs of the pages of casts: delete, licence, export, import, merge. Pure; what they do stands in
app/components/cast_callbacks.py."""

from __future__ import annotations

from collections.abc import Sequence
from urllib.parse import urlencode

import dash_bootstrap_components as dbc
from dash import html

from app.components.cast_editor import MOST_NOTE_LETTERS
from app.components.cast_ids import Ids
from app.components.questions import delete_question, question
from app.services.gallery_files import Offered
from app.services.gallery_merges import MergePreview
from app.services.gallery_records import CastRecord
from app.words import count, listed


def dialogs() -> list[dbc.Modal]:
    """All of them, closed."""
    no, yes = (Ids.IMPORT_NO, "Do not import"), (Ids.IMPORT_YES, "Import")
    # One of the two must be pressed: they keep or delete the file that was sent.
    taken_in = question(Ids.IMPORT, "Import a cast", Ids.IMPORT_BODY, no, yes, must_answer=True)
    return [delete_question(Ids), _terms(), _export(), taken_in, _merge()]


def what_goes(cast: CastRecord) -> list:
    """What is deleted with a cast, and what stays."""
    here = bool(cast.folder_id)
    pictures = count(cast.n_pictures + len(cast.left_out), "picture", "pictures")
    gone = [
        f"{count(len(cast.people), 'person', 'people')} and the measurements of their faces",
        f"its {pictures}, as they are stored here" if here else "",
        "its search index",
        "what is remembered of its pictures, but for those that another cast has too",
    ]
    stays = "Films analysed with it keep the names they have. The files you made it from stay where you have them."
    return [
        html.P("This deletes for good:"),
        html.Ul([html.Li(one) for one in gone if one]),
        html.P(stays, className="soft"),
    ]


def _terms() -> dbc.Modal:
    return dbc.Modal(
        [
            dbc.ModalHeader(dbc.ModalTitle(id=Ids.TERMS_TITLE)),
            dbc.ModalBody(
                [
                    html.Label("Where the pictures are from, and under which terms", htmlFor=Ids.TERMS_TEXT),
                    dbc.Textarea(id=Ids.TERMS_TEXT, rows=5, maxlength=MOST_NOTE_LETTERS),
                ]
            ),
            dbc.ModalFooter(dbc.Button("Save", id=Ids.TERMS_YES, color="primary")),
        ],
        id=Ids.TERMS,
        centered=True,
    )


def _export() -> dbc.Modal:
    return dbc.Modal(
        [dbc.ModalHeader(dbc.ModalTitle(id=Ids.EXPORT_TITLE)), dbc.ModalBody(id=Ids.EXPORT_BODY)],
        id=Ids.EXPORT,
        centered=True,
    )


def export_choices(name: str, has_pictures: bool, note: str) -> list:
    """The ways in which a cast can leave as one file."""

    def way(words: str, what: str, look: str, pictures: bool) -> html.Div:
        query = urlencode({"name": name, **({"pictures": "1"} if pictures else {})})
        link = html.A(words, href=f"/cast-files/export?{query}", className=f"btn {look}")
        return html.Div([link, html.P(what, className="hint")], className="way")

    whole = way("Save with pictures", "It can be changed where it is imported.", "btn-primary", True)
    bare = way(
        "Save without pictures",
        "Names and measurements of faces: small, and enough to recognise people.",
        "btn-outline-secondary" if has_pictures else "btn-primary",
        False,
    )
    terms = f"The licence note goes along: {note}" if note else "There is no licence note; you can write one first."
    return [*([whole] if has_pictures else []), bare, html.P(terms, className="soft cast-terms")]


def import_offer(offered: Offered) -> list:
    """What is in the file, before any of it is kept."""
    told = (
        f"{offered.file} holds {count(offered.n_people, 'person', 'people')}, measured in "
        f"{count(offered.n_faces, 'picture', 'pictures')}. "
        + ("The pictures come along." if offered.has_pictures else "The pictures are not in it.")
    )
    taken = f"There is a cast called {offered.name} already: give this one another name." if offered.is_taken else ""
    return [
        html.P(told),
        html.P(
            f"Licence: {offered.licence_note}" if offered.licence_note else "It has no licence note.",
            className="cast-note",
        ),
        html.Label("Name of the cast here", htmlFor=Ids.IMPORT_NAME),
        dbc.Input(id=Ids.IMPORT_NAME, value=offered.name, maxlength=80, invalid=offered.is_taken or None),
        html.P(taken, className="hint cast-taken") if taken else None,
    ]


def _merge() -> dbc.Modal:
    return dbc.Modal(
        [
            dbc.ModalHeader(dbc.ModalTitle("Merge two casts into a new one")),
            dbc.ModalBody(
                [
                    html.Div(
                        [
                            html.Div(
                                [html.Label("The first", htmlFor=Ids.MERGE_FIRST), dbc.Select(id=Ids.MERGE_FIRST)]
                            ),
                            html.Div(
                                [html.Label("The second", htmlFor=Ids.MERGE_SECOND), dbc.Select(id=Ids.MERGE_SECOND)]
                            ),
                        ],
                        className="cast-pair",
                    ),
                    html.Div(
                        [
                            html.P("In both. Tick who is the same person; the others stay two people."),
                            dbc.Checklist(id=Ids.MERGE_SHARED, options=[], value=[], className="people-list"),
                        ],
                        id=Ids.MERGE_SHARED_BOX,
                        hidden=True,
                        className="cast-shared",
                    ),
                    html.Div(id=Ids.MERGE_PREVIEW, className="cast-preview", **{"aria-live": "polite"}),
                    html.Label("Name of the new cast", htmlFor=Ids.MERGE_NAME),
                    dbc.Input(id=Ids.MERGE_NAME, maxlength=80, placeholder="The two stay as they are"),
                ]
            ),
            dbc.ModalFooter(dbc.Button("Merge", id=Ids.MERGE_YES, color="primary")),
        ],
        id=Ids.MERGE,
        size="lg",
        scrollable=True,
    )


def merge_preview(found: MergePreview) -> list:
    """What comes of it, in numbers."""
    heads = ("", "First", "Second", "New cast")
    rows = [("People", found.n_people), ("Pictures", found.n_pictures)]
    table = html.Table(
        [
            html.Thead(html.Tr([html.Th(word) for word in heads])),
            html.Tbody([html.Tr([html.Th(word), *(html.Td(str(n)) for n in numbers)]) for word, numbers in rows]),
        ],
        className="table table-sm",
    )
    notes: Sequence[str] = [
        f"{count(found.n_same, 'picture is', 'pictures are')} in both and {'counts' if found.n_same == 1 else 'count'} "
        "once."
        if found.n_same
        else "",
        f"{count(found.n_disputed, 'picture is', 'pictures are')} left out: the two casts say different names of it."
        if found.n_disputed
        else "",
        f"The pictures of {listed(list(found.without_pictures))} are not stored here, so the new cast is without "
        "pictures: it recognises as well, but cannot be changed."
        if found.without_pictures
        else "",
    ]
    return [table, *(html.P(note, className="soft") for note in notes if note)]
