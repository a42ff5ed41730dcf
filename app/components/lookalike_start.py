"""How a photo comes in: the place to drop it, the camera, the samples, and the photos that are held. Pure: records in,
components out.

Buttons carry ``data-lookalike``; assets/lookalike.js hears them and sends photos.
"""

from __future__ import annotations

from collections.abc import Sequence

from dash import html

from app.components.lookalike_ids import Ids
from app.components.page_head import page_head
from app.services.photos import PhotoRecord
from app.words import count

N_FACES = 12
"""Faces answered at once: with five matches each as many cards as a page should have. More come when asked for."""

N_CROWD = 9
"""From so many faces on their numbers stand below them, small, or they would hide them."""

FORGOTTEN = (
    "Photos are held in this machine's memory, never on a disk, and forgotten when you close or reload the page."
)


def head(n_photos: int, samples: Sequence[str]) -> list:
    """Title and the place for photos: large, with samples to try, while there is none."""
    if n_photos:
        return [
            page_head("Lookalike", "Who a face resembles most, how far apart the two are, and what that means."),
            drop_zone(large=False),
        ]
    return [
        html.H1("Who do you look like?", className="hero"),
        html.P(
            "Give Dramatis a photo. It finds every face in it, and for each the people of a gallery who look most like "
            "it, how far apart they are, and what that distance means.",
            className="lead",
        ),
        drop_zone(large=True),
        _samples(samples),
    ]


def drop_zone(*, large: bool) -> html.Div:
    words = "Drop a photo here" if large else "Another photo: drop it here"
    buttons = html.Div(
        [
            _button("Choose a photo", "choose", "btn-primary" if large else "btn-outline-secondary"),
            # Shown where the browser has a camera that it lets this page use.
            _button("Use the camera", "camera", "btn-outline-secondary", hidden=True),
        ],
        className="drop-buttons",
    )
    return html.Div(
        [
            html.Span(className="drop-sign", **{"aria-hidden": "true"}),
            html.Div(
                [html.Strong(words), html.Span("Of one person or of many; JPEG, PNG, WebP or HEIC", className="soft")],
                className="drop-words",
            ),
            buttons,
            html.P(className="hint", hidden=True, **{"data-lookalike": "no-camera"}),
        ],
        className=f"drop-zone{' drop-zone-large' if large else ''}",
        **{"data-lookalike": "zone"},
    )


def camera() -> html.Dialog:
    """The camera's picture before it is taken; opened by assets/lookalike.js."""
    return html.Dialog(
        [
            html.Video(id="lookalike-video", **{"aria-label": "What the camera sees"}),
            html.Div(
                [
                    _button("Take the photo", "shoot", "btn-primary"),
                    _button("Cancel", "close-camera", "btn-outline-secondary"),
                ],
                className="camera-buttons",
            ),
        ],
        id="lookalike-camera",
        className="camera",
        **{"aria-label": "Camera"},
    )


def photos(held: Sequence[PhotoRecord], shown: PhotoRecord | None, numbers: bool) -> list:
    """The photo that is answered, its faces in boxes with their `numbers` if there are several, and the others to
    choose from."""
    if shown is None:
        return []
    marks = [
        html.A(
            html.Span(str(face.number)) if numbers else None,
            href=f"#lookalike-face-{face.number}",
            className="photo-face",
            style={
                "left": f"{100 * face.left:.2f}%",
                "top": f"{100 * face.top:.2f}%",
                "width": f"{100 * face.width:.2f}%",
                "height": f"{100 * face.height:.2f}%",
            },
            # How many faces' answers are to be drawn for this one's to be there.
            **{"aria-label": f"Face {face.number}", "data-faces": str(-(-face.number // N_FACES) * N_FACES)},
        )
        for face in shown.faces
    ]
    n_faces = count(len(shown.faces), "face", "faces")
    stage = html.Div(
        [
            html.Img(
                src=f"/photos/{shown.id}",
                alt=f"{shown.name}: {n_faces}, numbered from left to right",
                width=str(shown.width),
                height=str(shown.height),
            ),
            *marks,
        ],
        className="photo-stage" + (" photo-stage-crowd" if len(shown.faces) >= N_CROWD else ""),
        # As high as it fits; the width follows, so that the boxes stay on the faces.
        style={"--ratio": f"{shown.width / shown.height:.4f}"},
    )
    said = html.P([html.Span(shown.name, className="photo-name"), f" · {n_faces}"], className="photo-words soft")
    return [stage, said, html.Ul([html.Li(_thumb(one, one.id == shown.id)) for one in held], className="photo-strip")]


def _thumb(photo: PhotoRecord, is_shown: bool) -> html.Div:
    return html.Div(
        [
            html.Button(
                html.Img(src=f"/photos/{photo.id}/1", alt=photo.name, width="56", height="56"),
                type="button",
                className="thumb",
                title=photo.name,
                **{
                    "data-store": Ids.ACT,
                    "data-act": "show",
                    "data-photo": photo.id,
                    "aria-pressed": str(is_shown).lower(),
                },
            ),
            html.Button(
                "×",
                type="button",
                className="thumb-close",
                title=f"Forget {photo.name}",
                **{
                    "data-store": Ids.ACT,
                    "data-act": "forget",
                    "data-photo": photo.id,
                    "aria-label": f"Forget {photo.name}",
                },
            ),
        ],
        className="thumb-box",
    )


def problems(sentences: Sequence[str]) -> html.Div | None:
    """Photos that were not taken, and why."""
    if not sentences:
        return None
    return html.Div([html.P(sentence) for sentence in sentences], className="problems", role="alert")


def _samples(names: Sequence[str]) -> html.Div:
    tries = [
        html.Li(
            html.Button(
                html.Img(src=f"/lookalike/samples/{name}", alt=f"Sample {number}", width="96", height="128"),
                type="button",
                className="sample",
                **{"data-lookalike": "sample", "data-sample": name, "aria-label": f"Try sample {number}"},
            )
        )
        for number, name in enumerate(names, 1)
    ]
    offered = [html.P("Or try one of these, rendered people all of them:"), html.Ul(tries, className="samples")]
    return html.Div([*(offered if tries else ()), html.P(FORGOTTEN, className="soft")], className="lookalike-start")


def _button(word: str, act: str, kind: str, *, hidden: bool = False) -> html.Button:
    return html.Button(word, type="button", hidden=hidden, className=f"btn {kind}", **{"data-lookalike": act})
