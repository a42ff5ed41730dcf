"""A file stands in its place whole, or not at all."""

from __future__ import annotations

import os
import stat
from pathlib import Path

import pytest

from engine.files import beside, write_whole


@pytest.mark.parametrize("synced", [True, False])
@pytest.mark.parametrize("older", [b"old and longer", None])
def test_a_file_is_put_in_its_place_for_its_owner_alone(tmp_path: Path, synced: bool, older: bytes | None) -> None:
    path = tmp_path / "note"
    if older:
        path.write_bytes(older)
    write_whole(path, b"new", synced=synced)
    assert path.read_bytes() == b"new" and os.listdir(tmp_path) == ["note"]
    assert stat.S_IMODE(path.stat().st_mode) == 0o600


@pytest.mark.parametrize("step", ["fsync", "replace"])
@pytest.mark.parametrize("failure", [OSError, KeyboardInterrupt])
def test_what_fails_leaves_the_older_file_alone(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, step: str, failure: type[BaseException]
) -> None:
    def fail(*_) -> None:
        raise failure

    path = tmp_path / "note"
    path.write_bytes(b"old")
    monkeypatch.setattr(os, step, fail)
    with pytest.raises(failure):
        write_whole(path, b"new", synced=True)
    assert path.read_bytes() == b"old" and os.listdir(tmp_path) == ["note"]


def test_what_is_on_its_way_is_hidden_and_gone_unless_it_was_moved(tmp_path: Path) -> None:
    with beside(tmp_path / "film.mp4") as partial:
        assert partial.parent == tmp_path and partial.name.startswith(".") and partial.read_bytes() == b""
    assert os.listdir(tmp_path) == []
