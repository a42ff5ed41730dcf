"""The dialog of the library in which films are taken from folders. `ids` is the page's enumeration of ids."""

from __future__ import annotations

from typing import Any

import dash_bootstrap_components as dbc


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
