"""Which protocols a folder of ground truth allows, and that one command runs them."""

from __future__ import annotations

import argparse

import pytest

from engine.errors import EvaluationError
from engine.evaluate import networks
from engine.evaluate.commands import add_protocols
from engine.evaluate.everything import plan


def a_film(folder, cast):
    folder.mkdir(parents=True)
    (folder / "clip.mp4").touch(), (folder / "truth.csv").touch()
    if cast:
        (folder / "cast").mkdir()
    return str(folder)


def test_everything_that_is_there_is_measured(tmp_path):
    named, strangers = (a_film(tmp_path / "clips" / name, name == "a") for name in ("a", "b"))
    (tmp_path / "clips" / "no film").mkdir()
    (tmp_path / "lfw").mkdir(), (tmp_path / "faces").mkdir(), (tmp_path / "demo").mkdir()
    lfw, faces, demo = (str(tmp_path / name) for name in ("lfw", "faces", "demo"))
    assert plan(tmp_path, 5, demo=tmp_path / "demo") == [
        ["screentime", demo, named, strangers],
        ["pictures", named],
        ["clusters", strangers],
        ["networks", faces],
        ["lfw", lfw, "--jitter", "5"],
        ["clusters", lfw],
        ["clusters", lfw, "--album"],
        ["identification", lfw],
        ["distances", lfw],
        ["sampling", named, strangers],
    ]


def test_what_is_not_there_is_left_out(tmp_path):
    (tmp_path / "faces").mkdir()
    assert plan(tmp_path, demo=tmp_path / "demo") == [["networks", str(tmp_path / "faces")]]


def test_a_folder_without_ground_truth_says_what_it_needs(tmp_path, demo):
    with pytest.raises(EvaluationError, match="There is no ground truth in"):
        plan(tmp_path, demo=demo)


def test_one_command_runs_them_and_tells_the_command_of_each(tmp_path, monkeypatch):
    (tmp_path / "faces").mkdir()
    monkeypatch.setattr("engine.evaluate.everything.plan", lambda folder, jitter: plan(folder, jitter, tmp_path / "no"))
    embedder = {"n_pictures": 2, "n_faces": 3, "largest_coordinate_difference": 1e-7, "largest_distance": 1e-6}
    monkeypatch.setattr(networks, "evaluate_networks", lambda *arguments: {"embedder": embedder})
    parser = argparse.ArgumentParser()
    add_protocols(parser, argparse.ArgumentParser(add_help=False))
    options = parser.parse_args(["all", str(tmp_path)])
    record, text = options.protocol(options, lambda phase, share: None)
    command = f"evaluate networks {tmp_path / 'faces'}"
    assert record == {"parts": [{"command": command, "record": {"embedder": embedder}}]}
    assert text.splitlines()[0] == command and "3 faces of 2 pictures" in text


@pytest.mark.parametrize("arguments", [["lfw", "x", "--jitter", "-1"], ["sampling", "x", "--rates", "b"], ["lfw"], []])
def test_wrong_usage_is_told(arguments, capsys):
    parser = argparse.ArgumentParser()
    add_protocols(parser, argparse.ArgumentParser(add_help=False))
    with pytest.raises(SystemExit) as stop:
        parser.parse_args(arguments)
    assert stop.value.code == 2
