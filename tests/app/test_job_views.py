"""What is shown of a job: words for each state, the buttons that fit, and no markup from a title."""

from __future__ import annotations

from typing import Any

import pytest

from app.components import job_views

JOB: dict[str, Any] = {
    "id": 3,
    "kind": "analyse",
    "title": "Gaslight",
    "state": "running",
    "phase": "Finding the cuts",
    "percent": 12,
    "left": "about 2 min left",
    "place": 0,
    "ahead": None,
    "error": "",
    "film": "token",
    "gallery": None,
    "people": None,
    "can_cancel": True,
    "stopping": False,
    "so_far": [],
    "left_out": [],
}


def words(component: Any) -> str:
    """All text of a component."""
    if component is None:
        return ""
    if isinstance(component, (list, tuple)):
        return " ".join(filter(None, map(words, component)))
    return words(component.children) if hasattr(component, "children") else str(component)


def buttons(component: Any) -> list[str]:
    return [
        part.to_plotly_json()["props"]["data-act"]
        for part in component._traverse()
        if getattr(part, "data-act", None) is not None
    ]


@pytest.mark.parametrize(
    ("change", "said", "offered"),
    [
        ({}, "Finding the cuts · about 2 min left", ["cancel"]),
        ({"left": ""}, "Finding the cuts", ["cancel"]),
        ({"stopping": True, "can_cancel": False}, "Stopping", []),
        ({"state": "queued", "place": 1}, "Next in line", ["cancel"]),
        ({"state": "queued", "place": 1, "ahead": ("gallery", "Cast A")}, "Next, after Cast: Cast A", ["cancel"]),
        ({"state": "queued", "place": 4, "ahead": ("gallery", "Cast A")}, "Number 4 in line", ["cancel"]),
        ({"state": "done", "people": 1, "can_cancel": False}, "Done: 1 person found", ["dismiss"]),
        ({"state": "done", "people": 0, "can_cancel": False}, "Done: nobody found", ["dismiss"]),
        ({"state": "done", "kind": "gallery", "people": 9, "can_cancel": False}, "Done: 9 people", ["dismiss"]),
        ({"state": "failed", "error": "Cut off.", "can_cancel": False}, "Failed", ["dismiss"]),
        ({"state": "cancelled", "can_cancel": False}, "Stopped", ["dismiss"]),
    ],
)
def test_every_state_in_words(change, said, offered):
    job = JOB | change
    assert job_views.status(job) == said
    card = job_views.progress_card(job)
    assert said in words(card)
    assert buttons(card) == offered
    assert ("Open" in words(card)) == (job["state"] == "done")
    assert job["error"] in words(card)


def test_what_was_found_so_far_and_left_out():
    found = [["Anna_Lee", 71.2], ["unknown", 9.0], ["C", 1], ["D", 1], ["E", 1]]
    assert "So far: Anna Lee 1:11, strangers 9 s, C 1 s, D 1 s and 1 more" in words(
        job_views.progress_card(JOB | {"so_far": found})
    )
    many = [[f"Anna/{i}.jpg", "no face found"] for i in range(job_views.N_LEFT_OUT + 2)]
    text = words(job_views.progress_card(JOB | {"state": "done", "kind": "gallery", "left_out": many}))
    assert "10 pictures were left out" in text
    assert "and 2 more" in text


def test_the_tray_lists_every_job_and_says_when_there_is_none():
    assert "Nothing is being worked on" in words(job_views.tray([]))
    text = words(job_views.tray([JOB | {"id": 4, "title": "Second"}, JOB]))
    assert text.index("Second") < text.index("Gaslight")


def test_stopping_what_has_begun_asks_first():
    (button,) = [b for b in job_views.progress_card(JOB)._traverse() if getattr(b, "data-act", None) == "cancel"]
    assert "What was found so far is lost" in getattr(button, "data-question")
    card = job_views.progress_card(JOB | {"percent": 0, "state": "queued"})
    (button,) = [b for b in card._traverse() if getattr(b, "data-act", None) == "cancel"]
    assert getattr(button, "data-question") == ""


def test_an_album_is_called_one_leads_to_the_albums_and_keeps_what_was_seen():
    running = job_views.progress_card(JOB | {"kind": "album", "title": "The lake"})
    assert "Album: The lake" in words(running)
    (stop,) = [part for part in running._traverse() if getattr(part, "data-act", None) == "cancel"]
    assert "is kept for the next time" in getattr(stop, "data-question")  # noqa: B009  no attribute has such a name
    done = job_views.progress_card(JOB | {"kind": "album", "state": "done", "can_cancel": False})
    assert [part.href for part in done._traverse() if hasattr(part, "href")] == ["/albums"]
    film = job_views.progress_card(JOB | {"state": "done", "can_cancel": False})
    assert [part.href for part in film._traverse() if hasattr(part, "href")] == ["/film?id=token"]
