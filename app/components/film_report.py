"""The result of one film on paper: facts, table, who with whom, and how it was found."""

from __future__ import annotations

from typing import Any

from dash import dcc, html

from app.components.film_head import QUICK
from app.services import screen_time
from app.services.film_views import FilmView, PersonView
from app.words import chance, clock, count, day, percent, span

MOST_IN_TABLE = 14
"""People in the table of who appears with whom: as many columns as an upright page holds."""

SETTINGS = {
    "sample_fps": "Pictures looked at in a second",
    "min_probability": "How sure a name must be",
    "max_distance": "Farthest distance that gets a name",
    "stranger_distance": "Farthest distance within one stranger",
    "smallest_face_px": "Smallest face, in pixels",
}


BOUNDS = (
    "The least counts only what is sure and was seen without gaps; the most also counts what is possible, and a "
    "sampling step where somebody comes or goes. Where the two are given, they differ by more than half a second."
)
HARD = "A face is hard to see while it is tiny, turned away, dark or blurred; an estimate."
CLEAR_ONLY = (
    "Moments in which a face is hard to see do not count. The least and the most that the seconds can be count every "
    "moment, so they are not given here."
)


def report(view: FilmView, pictures: bool = True) -> html.Div:
    """The whole page; `pictures` says whether there is one of the film."""
    return html.Div(
        [
            html.Div(
                [
                    dcc.Link("Back to the film", href=address("/film", view), className="btn btn-outline-secondary"),
                    html.Button("Print", id="report-print", type="button", className="btn btn-primary"),
                ],
                className="report-tools",
            ),
            head(view, pictures),
            people_table(view) if view.people else html.P(nobody(view)),
            *(together_table(view) if len(view.people) > 1 else []),
            *found_how(view),
        ],
        className="report",
    )


def address(page: str, view: FilmView) -> str:
    """Where a page shows the film and counts as here."""
    return f"{page}?id={view.token}" + ("&count=clear" if view.clear_only else "")


def nobody(view: FilmView) -> str:
    return f"Nobody {'is clearly seen' if view.clear_only else 'was found'} in this film."


def head(view: FilmView, pictures: bool) -> html.Header:
    n_named = sum(person.kind == "known" or person.named_by_hand for person in view.people)
    shares = screen_time.shares(view)
    return html.Header(
        [
            html.Img(src=f"/media/{view.token}/poster", alt="") if pictures else None,
            html.Div(
                [
                    html.P("Screen time", className="report-kind"),
                    html.H1(view.title),
                    html.P(
                        f"{clock(view.duration_s, 0)} long. {count(n_named, 'person', 'people')} with a name and "
                        f"{count(len(view.people) - n_named, 'without', 'without')} are on screen for "
                        f"{percent(shares.somebody_s / view.duration_s)} of it."
                    ),
                    html.P(f"Analysed on {day(view.analysed_at)}.", className="soft"),
                    *([html.P(CLEAR_ONLY, className="fp-warning")] if view.clear_only else []),
                    *([html.P(QUICK, className="fp-warning")] if view.quick else []),
                ]
            ),
        ],
        className="report-head",
    )


def people_table(view: FilmView) -> html.Table:
    longest = view.people[0].seconds
    bounded = any(person.bounds for person in view.people)
    # What is left out of everything else is no column of it.
    hard = not view.clear_only and any(person.hard for person in view.people)
    optional = [*(["Least to most"] if bounded else []), *(["Hard to see"] if hard else [])]
    columns = ("", "Name", "On screen", *optional, "Share", "", "Times", "First", "Last")
    return html.Table(
        [
            html.Caption("Time on screen"),
            html.Thead(
                html.Tr(
                    [
                        html.Th(name, scope="col", className="" if name or n == 0 else "report-bars")
                        for n, name in enumerate(columns)
                    ]
                )
            ),
            html.Tbody(
                [_person_row(n, person, longest, bounded, hard) for n, person in enumerate(view.people, start=1)]
            ),
        ],
        className="report-people",
    )


def _person_row(n: int, person: PersonView, longest: float, bounded: bool, hard: bool) -> html.Tr:
    bar = html.Span(className=f"report-bar is-{person.kind}", style={"width": f"{100 * person.seconds / longest:.1f}%"})
    name = [person.name]
    if person.named_by_hand:
        name.append(html.Span(" named by hand", className="soft"))
    elif person.is_passer_by():
        name.append(html.Span(" passer-by", className="soft"))
    bounds = " to ".join(span(*person.bounds)) if person.bounds else ""
    return html.Tr(
        [
            html.Td(str(n), className="number soft"),
            html.Th(name, scope="row"),
            html.Td(clock(person.seconds), className="number", title=person.role.reason),
            *([html.Td(bounds, className="number soft")] if bounded else []),
            *([html.Td(clock(person.hard_s) if person.hard else "", className="number soft")] if hard else []),
            html.Td(percent(person.share), className="number"),
            html.Td(bar, className="report-bars", **{"aria-hidden": "true"}),
            html.Td(str(len(person.intervals)), className="number"),
            html.Td(clock(person.first_s, 0), className="number"),
            html.Td(clock(person.last_s, 0), className="number"),
        ]
    )


def together_table(view: FilmView) -> list:
    """Who with whom in numbers: the upper half says all, so the lower one stays empty."""
    together = screen_time.together(view, MOST_IN_TABLE)
    n = len(together.seconds)
    shown = f"the {n} people seen longest" if together.n_left_out else "everybody"
    rows = [
        html.Tr(
            [
                html.Th([html.Span(f"{i + 1} ", className="soft"), view.people[i].name], scope="row"),
                *(html.Td(_cell(together.seconds[i][j], i, j), className="number") for j in range(n)),
            ]
        )
        for i in range(n)
    ]
    return [
        html.Table(
            [
                html.Caption(f"Time on screen together: {shown}, minutes and seconds"),
                html.Thead(html.Tr([html.Th(""), *(html.Th(str(j + 1), scope="col") for j in range(n))])),
                html.Tbody(rows),
            ],
            className="report-together",
        )
    ]


def _cell(seconds: float, i: int, j: int) -> str:
    if i == j:
        return "·"
    # Tenths where they still fit.
    return clock(seconds, 1 if seconds < 600 else 0) if j > i and seconds > 0 else ""


def found_how(view: FilmView) -> list:
    """What another person needs to find the same."""
    rows: list[tuple[str, Any]] = [
        ("Cast", f"{view.gallery}: {count(len(view.cast), 'person', 'people')}" if view.gallery else "none"),
        ("Dramatis", view.engine_version),
        ("Picture", f"{view.width} × {view.height}"),
        ("Shots", str(len(view.shots))),
        *([("Quick look", "yes")] if view.quick else []),
    ]
    settings = {**view.settings, **({"sample_fps": view.looked_fps} if view.looked_fps else {})}
    rows += [(label, _setting(key, settings[key])) for key, label in SETTINGS.items() if key in settings]
    where = (
        "where a face is near enough to the pictures of one of the cast"
        if view.least is None
        else "where it is sure enough by the pictures of the cast, by clothes and by who else is near in time"
    )
    return [
        html.H2("How this was found"),
        *(html.P(warning, className="fp-warning") for warning in view.warnings),
        html.Dl([html.Div([html.Dt(label), html.Dd(value)]) for label, value in rows], className="report-how"),
        html.P(
            f"A second counts where the face is visible. A name is given {where}; everybody else has a number.",
            className="soft",
        ),
        *([html.P(BOUNDS, className="soft")] if any(person.bounds for person in view.people) else []),
        *([html.P(HARD, className="soft")] if view.clear_only or any(person.hard for person in view.people) else []),
    ]


def _setting(key: str, value: Any) -> str:
    if value is None:
        return "chosen by the film's size"
    if key == "min_probability":
        return chance(value)
    return f"{value:g}" if isinstance(value, float) else str(value)
