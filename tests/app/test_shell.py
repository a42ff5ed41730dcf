"""What stands around every page: the document, the navigation, the jobs, and what is said when something fails."""

from __future__ import annotations

import json
import logging

import dash
import flask
import pytest

import engine
from app import errors, factory, shell
from app.access import Access, Tokens
from app.ids import Shell
from app.services import DramatisError


def job(number: int, state: str, **more) -> dict:
    about = {"kind": "analyse", "title": f"Film {number}", "film": "token", "error": ""}
    return {"id": number, "state": state, **about, **more}


def call(client, output: str, inputs: list[dict], state: list[dict] | None = None):
    """The answer to a callback, asked as the browser does. `output` stands in the callback's output."""
    dependencies = client.get("/_dash-dependencies").json
    spec = next(entry["output"] for entry in dependencies if output in entry["output"])
    outputs = [
        dict(zip(("id", "property"), one.split("@")[0].rsplit(".", 1), strict=True))
        for one in spec.strip(".").split("...")
    ]
    return client.post(
        "/_dash-update-component",
        json={
            "output": spec,
            "outputs": outputs if len(outputs) > 1 or spec.startswith("..") else outputs[0],
            "inputs": inputs,
            "state": state or [],
            "changedPropIds": [f"{inputs[0]['id']}.{inputs[0]['property']}"],
        },
    )


def shown_by(client, path: str) -> str:
    """What Dash puts into the page for `path`."""
    answer = call(
        client,
        "_pages_content",
        [
            {"id": "_pages_location", "property": "pathname", "value": path},
            {"id": "_pages_location", "property": "search", "value": ""},
        ],
    )
    assert answer.status_code == 200
    return answer.get_data(as_text=True).replace(r"\u002f", "/")


def asked_for_jobs(client, known: list[dict]):
    return call(
        client,
        f"{Shell.JOBS}.data",
        [
            {"id": Shell.POLL, "property": "n_intervals", "value": 1},
            {"id": Shell.WAKE, "property": "data", "value": None},
            {"id": Shell.LOCATION, "property": "pathname", "value": "/"},
        ],
        [{"id": Shell.JOBS, "property": "data", "value": known}],
    )


def test_index_is_a_document_with_a_title_and_a_language(client):
    text = client.get("/").get_data(as_text=True)
    assert text.startswith('<!DOCTYPE html>\n<html lang="en">')
    assert "<title>Dramatis</title>" in text
    # Before any style, or the wrong colours would flash; and once.
    assert text.index("/assets/theme.js") < text.index('rel="stylesheet"')
    assert text.count("theme.js") == 1
    assert text.index("/vendor/bootstrap.min.css") < text.index("/assets/dramatis.css")


def test_the_shell_has_its_parts_once(client):
    text = client.get("/_dash-layout").get_data(as_text=True)
    for part in Shell:
        assert text.count(f'"id":"{part}"') == 1, part
    assert engine.__version__ in text
    assert "Sign out" not in text


def test_unknown_path_shows_that_there_is_no_page(client):
    assert "There is no page at this address" in shown_by(client, "/no/such/page")


def test_every_page_of_the_navigation_is_there(client):
    for _, path in shell.PAGES:
        assert "There is no page at this address" not in shown_by(client, path)


def test_polling_stops_when_nothing_runs(client, monkeypatch):
    monkeypatch.setattr(shell.jobs, "job_dicts", lambda: [job(1, "running")])
    answer = asked_for_jobs(client, []).json["response"]
    assert answer[Shell.POLL] == {"disabled": False}
    assert answer[Shell.JOBS]["data"][0]["state"] == "running"
    monkeypatch.setattr(shell.jobs, "job_dicts", list)
    answer = asked_for_jobs(client, []).json["response"]
    # Nothing is written that is there already: pages redraw at each write.
    assert answer == {Shell.POLL: {"disabled": True}}


def test_the_end_of_a_job_is_said_once(client, monkeypatch):
    now = [job(3, "failed", error="The film breaks off."), job(2, "done"), job(1, "done"), job(4, "cancelled")]
    now.append(job(5, "done", kind="album", title="The lake"))
    monkeypatch.setattr(shell.jobs, "job_dicts", lambda: now)
    known = [job(3, "running"), job(2, "queued"), job(1, "done"), job(4, "running"), job(5, "running")]
    said = asked_for_jobs(client, known).json["sideUpdate"][Shell.NOTICE]["data"]
    texts = ["Film 3: The film breaks off.", "Film 2 is analysed.", "The lake is looked through."]
    assert [notice["text"] for notice in said] == texts
    assert [notice["kind"] for notice in said] == ["danger", "success", "success"]
    assert [notice["link"] for notice in said[1:]] == [["Open", "/film?id=token"], ["Open", "/albums"]]
    assert "sideUpdate" not in asked_for_jobs(client, now).json


@pytest.mark.parametrize(
    ("error", "sentence"),
    [
        (DramatisError("The disk is full; free some space."), "The disk is full; free some space."),
        (KeyError("x"), None),
    ],
)
def test_an_error_in_a_callback_becomes_a_sentence(client, monkeypatch, caplog, error, sentence):
    def fail():
        raise error

    monkeypatch.setattr(shell.jobs, "job_dicts", fail)
    with caplog.at_level(logging.ERROR):
        answer = asked_for_jobs(client, [])
    assert answer.status_code == 200
    said = answer.json["sideUpdate"][Shell.NOTICE]["data"]
    assert [(notice["text"], notice["kind"]) for notice in said] == [(sentence or errors.UNEXPECTED, "danger")]
    # A defect leaves its traceback in the terminal; what a user can mend does not.
    assert ("Traceback" in caplog.text) == (sentence is None)
    assert "KeyError" not in json.dumps(answer.json)


def test_notices_of_one_callback_are_all_shown(monkeypatch):
    written = {}
    monkeypatch.setattr(dash, "set_props", lambda store, props: written.update({store: props["data"]}))
    with flask.Flask("x").test_request_context("/"):
        errors.say("One.", "info", action=("Undo", "store"))
        errors.say("Two.")
    assert [notice["text"] for notice in written[Shell.NOTICE]] == ["One.", "Two."]


def test_building_twice_registers_each_page_once():
    access = Access("a key for tests", Tokens())
    factory.create_app(access)
    first = list(dash.page_registry)
    application = factory.create_app(access)
    import app.pages.not_found_404  # noqa: F401  a later import must not register it again

    assert list(dash.page_registry) == first
    client = application.server.test_client()
    assert client.get(f"/?token={access.tokens.current}").status_code == 303
    # The callbacks of components are there in the second one too.
    outputs = " ".join(entry["output"] for entry in client.get("/_dash-dependencies").json)
    assert Shell.TRAY_BODY in outputs
