"""The page shell: what stands around every page, and the HTML document that the pages are loaded into."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import dash
import dash_bootstrap_components as dbc
from dash import ClientsideFunction, Input, Output, State, dcc, html

from app.components import job_views
from app.components.inspector_ids import inspector_address
from app.errors import say
from app.ids import Shell
from app.services import jobs

# Dash's own document, plus a language for screen readers, our own icon, the colours before the first style arrives (no
# flash of the other ones), and a sentence for a browser without JavaScript.
INDEX_DOCUMENT = """<!DOCTYPE html>
<html lang="en">
    <head>
        {%metas%}
        <meta name="color-scheme" content="light dark">
        <title>{%title%}</title>
        <link rel="icon" type="image/svg+xml" href="/assets/favicon.svg">
        <script src="/assets/theme.js"></script>
        {%css%}
    </head>
    <body>
        <noscript>Dramatis' pages need JavaScript; allow it for this address and load the page again.</noscript>
        {%app_entry%}
        {%config%}
        {%scripts%}
        {%renderer%}
    </body>
</html>
"""

# What the navigation leads to, left to right.
PAGES = (
    ("Films", "/"),
    ("Albums", "/albums"),
    ("Strangers", "/unknowns"),
    ("Casts", "/casts"),
    ("Inspector", "/inspector"),
    ("Lookalike", "/lookalike"),
    ("Family", "/family"),
)

THEMES = (("light", "Light colours"), ("system", "Colours as the system has them"), ("dark", "Dark colours"))

# How often running jobs are asked about.
_POLL_MS = 1000


def layout(version: str, user: str | None) -> html.Div:
    """The frame around the page content. `version` is shown at the foot; `user` is the name of the login, None where
    there is none to sign out of."""
    return html.Div(
        [
            dcc.Location(id=Shell.LOCATION, refresh="callback-nav"),
            dcc.Store(id=Shell.THEME),
            dcc.Store(id=Shell.JOBS, data=[]),
            dcc.Store(id=Shell.WAKE),
            dcc.Store(id=Shell.NOTICE),
            dcc.Interval(id=Shell.POLL, interval=_POLL_MS, disabled=True),
            *job_views.parts(),
            html.A("Skip to the page", href="#content", className="skip-link"),
            html.Header(_header(user), className="top", **{"data-menu": "closed"}),
            html.Main(dash.page_container, id="content", className="page", tabIndex=-1),
            html.Footer(
                f"Dramatis {version}. Films, faces and results stay on this machine.", className="foot frame-wide"
            ),
            dbc.Offcanvas(html.Div(id=Shell.TRAY_BODY), id=Shell.TRAY, title="Jobs", placement="end", is_open=False),
            html.Div(id=Shell.NOTICES, className="notices"),
        ],
        className="shell",
    )


def _header(user: str | None) -> html.Div:
    themes = [
        html.Button(
            html.Span(className=f"icon icon-{choice}"),
            type="button",
            title=label,
            **{"data-theme-choice": choice, "aria-label": label, "aria-pressed": "false"},
        )
        for choice, label in THEMES
    ]
    side: list[Any] = [html.Div(themes, id=Shell.THEME_SWITCH, className="theme-switch", role="group")]
    if user is not None:
        out = html.Button("Sign out", type="submit", title=f"Signed in as {user}", className="btn btn-sm btn-link")
        side.append(html.Form(out, method="POST", action="/logout"))
    return html.Div(
        [
            dcc.Link([html.Span(className="brand-mark"), "Dramatis"], href="/", className="brand"),
            html.Div(
                [
                    html.Nav(
                        [dcc.Link(name, href=path) for name, path in PAGES], id=Shell.NAV, **{"aria-label": "Pages"}
                    ),
                    html.Div(side, className="menu-side"),
                ],
                className="menu",
            ),
            html.Button(
                [html.Span(className="gauge"), html.Span("Jobs", id=Shell.TRAY_LABEL)],
                id=Shell.TRAY_BUTTON,
                type="button",
                className="tray-button",
                **{"aria-haspopup": "dialog"},
            ),
            html.Button(
                html.Span(className="icon icon-menu"),
                id=Shell.MENU_BUTTON,
                type="button",
                className="menu-button",
                **{"aria-label": "Menu", "aria-expanded": "false"},
            ),
        ],
        className="top-row frame-wide",
    )


def newly_ended(before: Sequence[Mapping[str, Any]], now: Sequence[Mapping[str, Any]]) -> list[Mapping[str, Any]]:
    """The jobs of `now` that have ended and had not in `before`."""
    went_on = {job["id"] for job in before if job["state"] in jobs.ACTIVE}
    return [job for job in now if job["id"] in went_on and job["state"] not in jobs.ACTIVE]


def _tell(job: Mapping[str, Any]) -> None:
    if job["state"] == "done" and job["kind"] == "inspect":
        address = inspector_address(job["gallery"] or "", job["film"] or "")
        say(f"The map of {job['title']} is ready.", "success", link=("Open", address))
    elif job["state"] == "done" and job["kind"] == "album":
        say(f"{job['title']} is looked through.", "success", link=("Open", "/albums"))
    elif job["state"] == "done" and job["film"]:
        say(f"{job['title']} is analysed.", "success", link=("Open", f"/film?id={job['film']}"))
    elif job["state"] == "done":
        say(f"The cast {job['title']} is ready.", "success")
    elif job["state"] == "failed":
        say(f"{job['title']}: {job['error']}")


def register(application: dash.Dash) -> None:
    """Adds the shell's callbacks to `application`."""

    @application.callback(
        Output(Shell.JOBS, "data"),
        Output(Shell.POLL, "disabled"),
        Input(Shell.POLL, "n_intervals"),
        Input(Shell.WAKE, "data"),
        Input(Shell.LOCATION, "pathname"),
        State(Shell.JOBS, "data"),
    )
    def ask_for_jobs(_n: int | None, _wake: Any, _path: str | None, known: list[dict[str, Any]]) -> tuple[Any, bool]:
        now = jobs.job_dicts()
        for job in newly_ended(known, now):
            _tell(job)
        idle = not any(job["state"] in jobs.ACTIVE for job in now)
        # Written only when something changed: pages redraw at each write.
        return (dash.no_update if now == known else now), idle

    @application.callback(Output(Shell.TRAY_BODY, "children"), Input(Shell.JOBS, "data"), Input(Shell.TRAY, "is_open"))
    def show_jobs(known: list[dict[str, Any]], is_open: bool) -> Any:
        return job_views.tray(known) if is_open else dash.no_update

    application.clientside_callback(
        ClientsideFunction("shell", "theme"), Output(Shell.THEME, "data"), Input(Shell.THEME_SWITCH, "id")
    )
    application.clientside_callback(ClientsideFunction("shell", "moved"), Input(Shell.LOCATION, "pathname"))
    application.clientside_callback(ClientsideFunction("shell", "notify"), Input(Shell.NOTICE, "data"))
    application.clientside_callback(
        ClientsideFunction("shell", "gauge"), Output(Shell.TRAY_LABEL, "children"), Input(Shell.JOBS, "data")
    )
    application.clientside_callback(
        ClientsideFunction("shell", "openTray"),
        Output(Shell.TRAY, "is_open"),
        Input(Shell.TRAY_BUTTON, "n_clicks"),
        Input(Shell.LOCATION, "href"),
        prevent_initial_call=True,
    )
