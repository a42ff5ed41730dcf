"""What the dialogs of the pages of casts do, on each of these pages."""

from __future__ import annotations

import time
from typing import Any

import dash
from dash import Input, Output, State, no_update

from app.components import cast_dialogs
from app.components.cast_ids import Ids
from app.components.cast_views import address
from app.errors import say
from app.ids import Shell
from app.services import galleries, gallery_files, gallery_merges


def opened(asked: dict[str, Any] | None) -> dict[str, dict[str, Any]]:
    """What an act of a button sets, by id: the dialog it opens and what stands in it; {} for any other act. Raises
    GalleryError if the cast is gone."""
    match asked:
        case {"act": "delete", "name": name}:
            cast = galleries.known(name)
            return {
                Ids.DELETE_TITLE: {"children": f"Delete the cast {name}?"},
                Ids.DELETE_BODY: {"children": cast_dialogs.what_goes(cast)},
                Ids.DELETE: {"is_open": True},
            }
        case {"act": "terms", "name": name}:
            return {
                Ids.TERMS_TITLE: {"children": f"Licence of the pictures of {name}"},
                Ids.TERMS_TEXT: {"value": galleries.known(name).licence_note},
                Ids.TERMS: {"is_open": True},
            }
        case {"act": "export", "name": name}:
            has_pictures, note = galleries.to_export(name)
            return {
                Ids.EXPORT_TITLE: {"children": f"Export {name}"},
                Ids.EXPORT_BODY: {"children": cast_dialogs.export_choices(name, has_pictures, note)},
                Ids.EXPORT: {"is_open": True},
            }
        case {"act": "merge"}:
            names = gallery_merges.names()
            first = asked.get("name") or names[0]
            options = [{"label": name, "value": name} for name in names]
            return {
                Ids.MERGE_FIRST: {"options": options, "value": first},
                Ids.MERGE_SECOND: {"options": options, "value": next((one for one in names if one != first), None)},
                Ids.MERGE_NAME: {"value": ""},
                Ids.MERGE: {"is_open": True},
            }
    return {}


def shared(first: str | None, second: str | None) -> tuple[list[dict[str, str]], list[str], bool]:
    """Options, those ticked and whether to hide the list of the people who are in both."""
    if not first or not second or first == second:
        return [], [], True
    names = gallery_merges.preview(first, second).shared
    return [{"label": name.replace("_", " "), "value": name} for name in names], list(names), not names


def previewed(first: str | None, second: str | None, same: list[str], options: list[dict[str, str]]) -> list:
    """What the merge would give, or what is still missing."""
    if not first or not second or first == second:
        return ["Choose two different casts."]
    return cast_dialogs.merge_preview(gallery_merges.preview(first, second, _apart(same, options)))


def _apart(same: list[str] | None, options: list[dict[str, str]] | None) -> list[str]:
    return [one["value"] for one in options or [] if one["value"] not in (same or [])]


def _redraw() -> None:
    dash.set_props(Ids.CHANGED, {"data": time.time()})


def register(application: dash.Dash) -> None:
    """Ties the dialogs of `cast_dialogs.dialogs` to what they do."""
    callback = application.callback

    @callback(Output(Ids.SUBJECT, "data"), Input(Ids.ACT, "data"), prevent_initial_call=True)
    def open_dialog(asked: dict[str, Any] | None) -> Any:
        parts = opened(asked)
        for part, props in parts.items():
            dash.set_props(part, props)
        return asked.get("name") if asked and parts else no_update

    @callback(
        Output(Ids.DELETE, "is_open"),
        Input(Ids.DELETE_YES, "n_clicks"),
        Input(Ids.DELETE_NO, "n_clicks"),
        State(Ids.SUBJECT, "data"),
        State(Ids.SHOWN, "data"),
        prevent_initial_call=True,
    )
    def delete(_yes: int | None, _no: int | None, name: str | None, shown: str | None) -> bool:
        if dash.ctx.triggered_id == Ids.DELETE_YES and name:
            galleries.delete(name)
            say(f"The cast {name} is deleted.", "success")
            if shown:
                dash.set_props(Shell.LOCATION, {"href": "/casts"})
            else:
                _redraw()
        return False

    @callback(
        Output(Ids.TERMS, "is_open"),
        Input(Ids.TERMS_YES, "n_clicks"),
        State(Ids.TERMS_TEXT, "value"),
        State(Ids.SUBJECT, "data"),
        prevent_initial_call=True,
    )
    def set_terms(n_clicks: int | None, text: str | None, name: str | None) -> Any:
        if not n_clicks or not name:
            return no_update
        galleries.set_licence(name, text or "")
        _redraw()
        return False

    @callback(
        Output(Ids.IMPORT, "is_open"),
        Output(Ids.IMPORT_BODY, "children"),
        Output(Ids.SUBJECT, "data", allow_duplicate=True),
        Input(Ids.ARRIVED, "data"),
        prevent_initial_call=True,
    )
    def offer(arrived: dict[str, Any] | None) -> Any:
        if not arrived:
            return no_update, no_update, no_update
        found = gallery_files.offered(arrived["id"])
        return True, cast_dialogs.import_offer(found), found.upload_id

    @callback(
        Output(Ids.IMPORT, "is_open", allow_duplicate=True),
        Input(Ids.IMPORT_YES, "n_clicks"),
        State(Ids.SUBJECT, "data"),
        State(Ids.IMPORT_NAME, "value"),
        prevent_initial_call=True,
        running=[
            (Output(Ids.IMPORT_YES, "disabled"), True, False),
            (Output(Ids.IMPORT_YES, "children"), "Checking and storing …", "Import"),
        ],
    )
    def take(n_clicks: int | None, upload_id: str | None, name: str | None) -> Any:
        if not n_clicks or not upload_id:
            return no_update
        kept = gallery_files.take_cast(upload_id, name or "")
        say(f"The cast {kept} is imported.", "success", link=("Open", address(kept)))
        _redraw()
        return False

    @callback(
        Output(Ids.IMPORT, "is_open", allow_duplicate=True),
        Input(Ids.IMPORT_NO, "n_clicks"),
        State(Ids.SUBJECT, "data"),
        prevent_initial_call=True,
    )
    def leave(n_clicks: int | None, upload_id: str | None) -> Any:
        if n_clicks and upload_id:
            gallery_files.forget(upload_id)
        return False

    @callback(
        Output(Ids.MERGE_SHARED, "options"),
        Output(Ids.MERGE_SHARED, "value"),
        Output(Ids.MERGE_SHARED_BOX, "hidden"),
        Input(Ids.MERGE_FIRST, "value"),
        Input(Ids.MERGE_SECOND, "value"),
        prevent_initial_call=True,
    )
    def draw_shared(first: str | None, second: str | None) -> Any:
        return shared(first, second)

    @callback(
        Output(Ids.MERGE_PREVIEW, "children"),
        Input(Ids.MERGE_SHARED, "value"),
        State(Ids.MERGE_SHARED, "options"),
        State(Ids.MERGE_FIRST, "value"),
        State(Ids.MERGE_SECOND, "value"),
        prevent_initial_call=True,
    )
    def draw_preview(same: list[str], options: list[dict[str, str]], first: str | None, second: str | None) -> Any:
        return previewed(first, second, same, options)

    @callback(
        Output(Ids.MERGE, "is_open"),
        Input(Ids.MERGE_YES, "n_clicks"),
        State(Ids.MERGE_FIRST, "value"),
        State(Ids.MERGE_SECOND, "value"),
        State(Ids.MERGE_NAME, "value"),
        State(Ids.MERGE_SHARED, "value"),
        State(Ids.MERGE_SHARED, "options"),
        prevent_initial_call=True,
        running=[(Output(Ids.MERGE_YES, "disabled"), True, False)],
    )
    def merge(
        n_clicks: int | None,
        first: str | None,
        second: str | None,
        name: str | None,
        same: list[str],
        options: list[dict[str, str]],
    ) -> Any:
        if not n_clicks:
            return no_update
        made = gallery_merges.merge(first or "", second or "", name or "", _apart(same, options))
        say(f"The cast {made} is made of {first} and {second}.", "success", link=("Open", address(made)))
        _redraw()
        return False
