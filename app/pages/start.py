"""The start page: what Dramatis does, and how to ask it from the terminal today."""

from __future__ import annotations

import dash
from dash import html

# What to run, and what it does.
COMMANDS = (
    ("./dramatis analyze demo/trailer.mp4 --gallery demo/gallery", "Try it on the trailer that comes with Dramatis."),
    ("./dramatis analyze FILM --gallery FOLDER_OF_CAST", "Your own film, with one folder of pictures for each person."),
    ("./dramatis --help", "Everything else it can do."),
)


def layout(**_query: str) -> html.Div:
    """The page; it takes no query."""
    return html.Div(
        [
            html.H1("Who is on screen, and for how long?"),
            html.P(
                "Give Dramatis a film and a few pictures of each member of the cast. It finds the faces, follows them "
                "from shot to shot, and reports for each person how many seconds they are on screen, and when.",
                className="lead",
            ),
            html.P(
                "Nothing leaves this machine: films, pictures and results stay where they are, and Dramatis, once it "
                "is set up, asks no other computer for anything."
            ),
            html.H2("Start in the terminal", id="terminal"),
            html.P("The work is done from the terminal today, in the folder of Dramatis:"),
            html.Dl(
                [
                    html.Div([html.Dt(html.Code(command)), html.Dd(purpose)], className="command")
                    for command, purpose in COMMANDS
                ],
                className="commands",
            ),
        ]
    )


dash.register_page("app.pages.start", path="/", name="Start", title="Dramatis", layout=layout)
