"""Which pictures a cast was made without, and why. Pure: records in, components out."""

from __future__ import annotations

from collections.abc import Sequence
from itertools import islice

from dash import html

from app.services.gallery_records import LeftOutPicture
from app.words import count

MOST_SHOWN = 200
"""Pictures named for one reason; who has more wrong ones knows what is wrong by then."""

_WORDS = {
    "faces found, one expected": "several faces, one expected",
    "the same picture": "the same picture twice",
    "too small": "too small to find a face in",
}


def summary(left_out: Sequence[LeftOutPicture]) -> str:
    """How many of each reason, the most frequent first: "3 no face found, 1 the same picture twice"."""
    return ", ".join(f"{len(pictures)} {kind}" for kind, pictures in _by_kind(left_out))


def report(left_out: Sequence[LeftOutPicture], n_taken: int) -> list:
    """All reasons with their pictures, folded; a sentence where nothing was left out."""
    if not left_out:
        return [html.P("Every picture shows exactly one face and is in the cast.", className="soft")]
    n_all = len(left_out) + n_taken
    told = (
        f"{len(left_out)} of {count(n_all, 'picture', 'pictures')} {'is' if len(left_out) == 1 else 'are'} not in it:"
    )
    return [html.P(told), *(_fold(kind, pictures) for kind, pictures in _by_kind(left_out))]


def problems(found: Sequence[Sequence[str]]) -> html.Div | None:
    """Pictures that were not taken on their way in: [name, why], a line for each reason."""
    if not found:
        return None
    by_reason: dict[str, list[str]] = {}
    for name, why in found:
        by_reason.setdefault(why, []).append(name)
    heading = f"{count(len(found), 'picture was', 'pictures were')} not taken:"
    rows = [_names(why, names) for why, names in sorted(by_reason.items(), key=lambda one: -len(one[1]))]
    return html.Div([html.P(heading), html.Ul(rows)], className="problems", role="status")


def _names(why: str, names: list[str]) -> html.Li:
    if len(names) == 1:
        return html.Li([html.Span(names[0], className="left-out-name"), " ", why])
    inside = [html.Li(html.Span(name, className="left-out-name")) for name in names[:MOST_SHOWN]]
    return html.Li(html.Details([html.Summary(f"{len(names)}: {why}"), html.Ul([*inside, *_more(len(names))])]))


def _by_kind(left_out: Sequence[LeftOutPicture]) -> list[tuple[str, list[LeftOutPicture]]]:
    found: dict[str, list[LeftOutPicture]] = {}
    for one in left_out:
        found.setdefault(_WORDS.get(one.kind, one.kind), []).append(one)
    return sorted(found.items(), key=lambda item: -len(item[1]))


def _fold(kind: str, pictures: Sequence[LeftOutPicture]) -> html.Details:
    rows = [_row(one) for one in islice(pictures, MOST_SHOWN)]
    head = html.Summary([html.Span(kind[:1].upper() + kind[1:]), html.Span(str(len(pictures)), className="tally")])
    return html.Details([head, html.Ul([*rows, *_more(len(pictures))])], className="reason")


def _row(one: LeftOutPicture) -> html.Li:
    # A background, which browsers fetch only once its fold is open.
    style = {"backgroundImage": f'url("{one.picture}")'}
    shown = html.Span(className="left-out-picture", style=style) if one.picture else None
    why = html.Span(one.reason, className="soft") if one.reason != one.kind else None
    return html.Li([shown, html.Span([html.Span(one.path, className="left-out-name"), why])])


def _more(n: int) -> list[html.Li]:
    return [html.Li(f"and {n - MOST_SHOWN} more", className="soft")] if n > MOST_SHOWN else []
