"""Player and timeline of the film page. The components are the frame; assets/player.js and timeline.js fill it."""

from __future__ import annotations

from dash import html

from app.services.film_views import FilmView
from app.services.films import FilmState
from app.services.sureness import SURE
from app.words import chance

# Key, and what it does: shown under the timeline, and what assets/timeline.js listens to.
KEYS = (
    ("Space", "play or pause"),
    ("← →", "one second; with Shift ten"),
    ("↑ ↓", "the row above or below"),
    ("N P", "next or previous appearance of the row's person"),
    ("Enter", "why is this person here?"),
    ("+ −", "zoom; 0 shows the whole film"),
    ("Home End", "start or end of the film"),
)


def stage(view: FilmView, state: FilmState) -> html.Section:
    """The film with its boxes, and the buttons below it."""
    return html.Section(
        [
            html.Div(
                [
                    html.Video(
                        id="film-video",
                        src=f"/media/{view.token}/film" if state.playable else None,
                        poster=f"/media/{view.token}/poster" if state.pictures else None,
                        preload="metadata",
                        playsInline=True,
                    ),
                    html.Canvas(id="film-boxes-canvas", **{"aria-hidden": "true"}),
                    html.P(cannot_play(state), id="film-cannot-play", className="fp-note", hidden=state.playable),
                    html.Div(
                        [
                            html.Span(id="film-moments-words"),
                            html.Button("Stop", id="film-moments-end", type="button"),
                        ],
                        id="film-moments",
                        className="fp-moments",
                        hidden=True,
                    ),
                ],
                className="fp-screen",
                style={"aspectRatio": f"{view.width} / {view.height}"},
            ),
            controls(state.playable),
        ],
        id="film-stage",
        className="fp-stage",
        **{"aria-label": "Player"},
    )


def plain_player(view: FilmView, state: FilmState) -> html.Section:
    """The film with the browser's own buttons: where nobody was found there is nothing to draw over it."""
    film = html.Video(
        src=f"/media/{view.token}/film" if state.playable else None,
        poster=f"/media/{view.token}/poster" if state.pictures else None,
        preload="metadata",
        playsInline=True,
        controls=True,
    )
    note = html.P(cannot_play(state), className="fp-note", hidden=state.playable)
    return html.Section(
        html.Div([film, note], className="fp-screen", style={"aspectRatio": f"{view.width} / {view.height}"}),
        className="fp-stage",
        **{"aria-label": "Player"},
    )


def cannot_play(state: FilmState) -> str:
    """Why there is no moving picture."""
    if not state.file_there:
        return (
            "The film's file is not where it was, so it cannot be played; the result below is complete. "
            "Add the same file again to play it."
        )
    return "This browser cannot play the film; the timeline and everything else work without it."


def controls(playable: bool) -> html.Div:
    """The row of buttons; those that need a moving picture rest where there is none."""
    return html.Div(
        [
            _button("film-previous", "Previous appearance of the selected person (P)", "tool tool-previous"),
            _button("film-back", "Back 5 seconds", "tool tool-back"),
            _button("film-play", "Play", "tool tool-play is-main", disabled=not playable),
            _button("film-forward", "On 5 seconds", "tool tool-forward"),
            _button("film-next", "Next appearance of the selected person (N)", "tool tool-next"),
            html.Span(
                [html.Span("0:00.0", id="film-clock"), html.Span(" / "), html.Span("", id="film-length")],
                className="fp-time",
            ),
            html.Span(className="fp-gap"),
            _button("film-boxes", "Boxes around faces", "tool tool-boxes", pressed=True),
            html.Button(
                "1×", id="film-speed", type="button", className="fp-speed", title="Speed", disabled=not playable
            ),
            _button("film-mute", "Sound off", "tool tool-mute", pressed=False, disabled=not playable),
            _button("film-full", "Whole screen", "tool tool-full"),
        ],
        className="fp-controls",
        role="group",
        **{"aria-label": "Playback"},
    )


def timeline(doubts: bool = False, hard: bool = False) -> html.Section:
    """The rows of people over time, with a word about the pale bars if there are `doubts`, and about the thin ones if
    faces are `hard` to see. The list of people beside it says the same in words and numbers."""
    keys = [
        ("doubt", f"pale: less than {chance(SURE)} sure", doubts),
        ("hard", "thin: hard to see", hard),
    ]
    return html.Section(
        [
            html.Div(
                [
                    html.H2("Timeline"),
                    html.Span(id="film-view-words", className="tl-view"),
                    html.Span(className="fp-gap"),
                    *(_key(look, words) for look, words, is_there in keys if is_there),
                    # Filled by assets/people.js, beside the same in the list.
                    html.Button(id="film-passers-by", type="button", className="tl-whole fold-mark", hidden=True),
                    _button("film-zoom-out", "Zoom out (−)", "tool tool-minus"),
                    _button("film-zoom-in", "Zoom in (+)", "tool tool-plus"),
                    html.Button("Whole film", id="film-whole", type="button", className="tl-whole", disabled=True),
                ],
                className="panel-head",
            ),
            html.Div(
                id="film-timeline",
                className="tl",
                tabIndex="0",
                role="slider",
                **{
                    "aria-label": "Timeline: who is on screen when",
                    "aria-valuemin": "0",
                    "aria-valuemax": "0",
                    "aria-valuenow": "0",
                    "aria-describedby": "film-keys",
                },
            ),
            html.Details(
                [
                    html.Summary("Press a bar to see why; drag over rows to zoom in. All keys"),
                    html.Dl(
                        [html.Div([html.Dt(html.Kbd(key)), html.Dd(what)]) for key, what in KEYS],
                        id="film-keys",
                    ),
                ],
                className="tl-keys",
            ),
        ],
        className="panel fp-tl",
        **{"aria-label": "Timeline"},
    )


def _key(look: str, words: str) -> html.Span:
    """assets/people.js takes away the one for moments that do not count."""
    mark = html.Span(className=f"tl-mark is-{look}", **{"aria-hidden": "true"})
    return html.Span([mark, words], id=f"film-key-{look}", className="tl-key")


def _button(button_id: str, label: str, look: str, pressed: bool | None = None, disabled: bool = False) -> html.Button:
    state = {} if pressed is None else {"aria-pressed": str(pressed).lower()}
    return html.Button(
        id=button_id,
        type="button",
        className=look,
        title=label,
        disabled=disabled,
        **{"aria-label": label, **state},
    )
