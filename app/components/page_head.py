"""The head of a page: its title, in one line what it is for, and what stands beside that. Pure."""

from __future__ import annotations

from dash import html
from dash.development.base_component import Component


def page_head(title: str, says: str, *beside: Component) -> html.Div:
    """`says` is one sentence."""
    words = html.Div([html.H1(title, className="page-title"), html.P(says, className="page-says")])
    return html.Div([words, *beside], className="page-head")
