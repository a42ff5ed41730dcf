"""The two dialogs of the library. `ids` is the page's enumeration of ids."""

from __future__ import annotations

from typing import Any

import dash_bootstrap_components as dbc


def delete_dialog(ids: Any) -> dbc.Modal:
    """Asks before a film is deleted; title and body say what goes."""
    return dbc.Modal(
        [
            dbc.ModalHeader(dbc.ModalTitle(id=ids.DELETE_TITLE)),
            dbc.ModalBody(id=ids.DELETE_BODY),
            dbc.ModalFooter(
                [
                    dbc.Button("Keep it", id=ids.DELETE_NO, color="secondary", outline=True),
                    dbc.Button("Delete", id=ids.DELETE_YES, color="danger"),
                ]
            ),
        ],
        id=ids.DELETE,
        centered=True,
    )


def folder_dialog(ids: Any) -> dbc.Modal:
    """The films of the folders that the owner of the machine allows, to be ticked."""
    search = dbc.Input(id=ids.FOLDER_SEARCH, type="search", placeholder="Find a film", size="sm")
    return dbc.Modal(
        [
            dbc.ModalHeader(dbc.ModalTitle("Films in your folders")),
            dbc.ModalBody([search, dbc.Checklist(id=ids.FOLDER_LIST, options=[], value=[], className="folder-list")]),
            dbc.ModalFooter(dbc.Button("Add", id=ids.FOLDER_ADD, color="primary")),
        ],
        id=ids.FOLDER,
        scrollable=True,
        size="lg",
    )
