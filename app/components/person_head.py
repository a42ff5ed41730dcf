"""The top of a person's page, who this is and what can be done with the whole person; and what was corrected."""

from __future__ import annotations

from typing import Any

from dash import dcc, html

from app.components.inspector_ids import inspector_address
from app.components.person_data import face_address
from app.components.person_ids import Ids
from app.services.history import History, Step
from app.services.person import PersonPage, PersonView
from app.words import clock, count, day

SMALL = "btn btn-sm btn-outline-secondary"


def home(page: PersonPage) -> str:
    """Where the page belongs: the film, or the list of albums, which have no page of their own."""
    return "/albums" if page.in_album else f"/film?id={page.token}"


def back(page: PersonPage) -> html.Nav:
    """The ways from here."""
    return html.Nav(
        [
            dcc.Link(f"← {page.title}", href=home(page), className="ps-back-film"),
            dcc.Link("All strangers", href=f"/unknowns?film={page.token}"),
            dcc.Link("Inspect", href=inspector_address(film=page.token, person=page.person.id if page.person else "")),
        ],
        className="ps-back",
        **{"aria-label": "Back"},
    )


def head(page: PersonPage, made: History) -> list:
    """Film, person, and what can be done with the whole person; for somebody who is gone the film alone."""
    one = page.person
    if one is None:
        return [back(page), steps(made)]
    return [
        back(page),
        html.Header(
            [
                _portrait(page, one),
                html.Div(
                    [_title(one), html.P([html.Span(part) for part in facts(one, page.in_album)], className="ps-facts")]
                ),
                html.Div(
                    [
                        _act("Rename", "rename-open"),
                        _act("Same as …", "same-open", "This person and another one are one"),
                        _act("Ask again", "regard", "Ask about this person again")
                        if one.ignored
                        else _act("Ignore", "ignore", "Do not ask about this person any more"),
                        steps(made),
                    ],
                    className="ps-actions",
                ),
            ],
            className="ps-head",
        ),
    ]


def facts(one: PersonView, in_album: bool = False) -> list[str]:
    """How often and how long, and what people said of it."""
    n_hand = sum(face.decided for face in one.faces)
    where = f"in {count(round(one.seconds), 'picture', 'pictures')}" if in_album else f"{clock(one.seconds)} on screen"
    parts = [count(len(one.faces), "face", "faces"), where]
    if n_hand:
        parts.append(f"{n_hand} decided by hand")
    if one.ignored:
        parts.append("not asked about")
    return parts


def steps(made: History) -> html.Div:
    """The two buttons of the last correction, each with what it would do."""
    return html.Div(
        [
            _step_button("Undo", "undo", made.undo, "Nothing to take back"),
            _step_button("Redo", "redo", made.redo, "Nothing to redo"),
        ],
        id=Ids.STEPS,
        className="ps-steps",
    )


def _step_button(verb: str, act: str, words: str | None, nothing: str) -> html.Button:
    inside = [verb, html.Span(words, className="ps-step-hint")] if words else verb
    return _act(inside, act, f"{verb}: {words}" if words else nothing, disabled=not words)


def gone(page: PersonPage) -> html.Section:
    """In the place of the faces where the person is not in the film (any more)."""
    of = "album" if page.in_album else "film"
    return html.Section(
        [
            html.H1(f"This person is not in the {of} any more"),
            html.P(
                "All of the faces belong to somebody else by now, or were left out. "
                "Undo brings them back, as far as it was the last correction; the list below holds every one."
            ),
            dcc.Link(
                "All albums" if page.in_album else "Back to the film", href=home(page), className="btn btn-primary"
            ),
        ],
        className="ps-empty",
    )


def no_film() -> html.Section:
    return html.Section(
        [
            html.H1("This film has no people yet"),
            html.P("It is not in Dramatis any more, or it was not analysed; choose another one."),
            dcc.Link("All films", href="/", className="btn btn-primary"),
        ],
        className="ps-empty",
    )


def corrections(made: History) -> list:
    """Every correction of the film, the newest first."""
    if not made.steps:
        return [html.P("Nothing was corrected yet.", className="ps-note")]
    return [html.Ol([_step(one) for one in made.steps], className="ps-steps-list")]


def _step(one: Step) -> html.Li:
    verb, act = ("Take back", "take-back") if one.holds else ("Make hold again", "hold-again")
    who = f"{one.author}, " if one.author else ""
    local = one.made_at.astimezone()
    return html.Li(
        [
            html.Span(html.S(one.words) if not one.holds else one.words, className="ps-step-words"),
            html.Span(f"{who}{day(one.made_at)}, {local:%H:%M}", className="ps-step-when"),
            html.Button(
                verb,
                type="button",
                className="link",
                **{"data-do": act, "data-step": str(one.id), "aria-label": f"{verb}: {one.words}"},
            ),
        ],
        className="ps-step" if one.holds else "ps-step is-undone",
    )


def _title(one: PersonView) -> html.Div:
    stranger = one.kind == "unknown" and not one.named_by_hand
    mark = "no name yet" if stranger else "named by hand" if one.named_by_hand else "known by pictures"
    return html.Div(
        [
            html.H1(one.name, className="ps-name"),
            html.Span(mark, className="ps-kind"),
            html.Div(
                [
                    dcc.Input(
                        id=Ids.NAME,
                        value="" if stranger else one.name,
                        placeholder=f"Name of {one.name}",
                        maxLength=100,
                        autoComplete="off",
                        spellCheck="false",
                        className="form-control",
                    ),
                    _act("Keep", "rename", look="btn btn-sm btn-primary"),
                    _act("Cancel", "rename-close"),
                ],
                className="ps-rename",
            ),
        ],
        className="ps-title",
    )


def _portrait(page: PersonPage, one: PersonView) -> html.Img | html.Span:
    src = face_address(page, one.face)
    if not src:
        return html.Span(one.name[:1].upper(), className="ps-portrait is-letter", **{"aria-hidden": "true"})
    return html.Img(src=src, alt="", className="ps-portrait")


def _act(words: Any, act: str, title: str = "", disabled: bool = False, look: str = SMALL) -> html.Button:
    return html.Button(words, type="button", className=look, title=title or None, disabled=disabled, **{"data-do": act})
