"""What the buttons of jobs do, wherever they are shown."""

from __future__ import annotations

import time
from typing import Any

import dash
from dash import Input

from app.components.job_views import JOB_ACT
from app.ids import Shell
from app.services import jobs


def act(asked: dict[str, Any] | None) -> None:
    """Does what a button asked for: {act: "cancel"|"dismiss", job: id}."""
    match asked:
        case {"act": "cancel", "job": int(job_id)}:
            jobs.cancel(job_id)
        case {"act": "dismiss", "job": int(job_id)}:
            jobs.dismiss(job_id)


def register(application: dash.Dash) -> None:
    """Ties the store of `job_views.parts` to `act`."""

    @application.callback(Input(JOB_ACT, "data"), prevent_initial_call=True)
    def do(asked: dict[str, Any] | None) -> None:
        act(asked)
        dash.set_props(Shell.WAKE, {"data": time.time()})
