"""The dialog in which people who were named are added to a cast. Pure: records in, components out."""

from __future__ import annotations

from collections.abc import Sequence

import dash_bootstrap_components as dbc
from dash import dcc, html

from app.components.unknown_ids import Ids
from app.services.unknown_casts import N_PICTURES, NamedPerson

_WHAT = f"Up to {N_PICTURES} of the best faces of each become pictures of the cast, and the next film knows them."


def dialog() -> dbc.Modal:
    """Closed, and empty: `people` fills it."""
    return dbc.Modal(
        [
            dbc.ModalHeader(dbc.ModalTitle("Add to a cast")),
            dbc.ModalBody(
                [
                    html.P(_WHAT),
                    dbc.Checklist([], [], id=Ids.CAST_PEOPLE, class_name="uk-cast-people"),
                    html.Label("Cast", htmlFor=Ids.CAST_NAME),
                    dcc.Input(
                        id=Ids.CAST_NAME,
                        type="text",
                        list=Ids.CASTS,
                        maxLength=80,
                        placeholder="One there is, or a new one",
                        className="form-control",
                    ),
                    html.Datalist(id=Ids.CASTS),
                ]
            ),
            dbc.ModalFooter(dbc.Button("Add them", id=Ids.CAST_YES, color="primary")),
        ],
        id=Ids.CAST,
        centered=True,
    )


def people(found: Sequence[NamedPerson]) -> list[dict]:
    """Who may be added, as options."""
    return [
        {
            "label": html.Span([html.Img(src=one.face, alt="", width=32, height=32), one.name.replace("_", " ")]),
            "value": one.person,
        }
        for one in found
    ]
