"""Folders of pictures that the owner allows."""

from __future__ import annotations

from engine.pipeline import allowed_albums as module
from engine.pipeline.allowed_albums import allowed_album, allowed_albums


def test_folders_with_pictures_are_listed_and_counted(tmp_path, monkeypatch):
    shelf, outside = tmp_path / "shelf", tmp_path / "outside"
    for path in ("a.jpg", "2015/b.JPG", "2015/lake/c.heic", "2015/lake/notes.txt", "films/x.mp4", ".hidden/d.jpg"):
        (shelf / path).parent.mkdir(parents=True, exist_ok=True)
        (shelf / path).touch()
    (shelf / "1/2/3/4/5").mkdir(parents=True)
    (shelf / "1/2/3/4/5/deep.png").touch()
    outside.mkdir()
    (outside / "secret.jpg").touch()
    (shelf / "link").symlink_to(outside)
    found = allowed_albums([shelf, tmp_path / "none"])
    assert [(one.name, one.n_pictures) for one in found] == [
        ("shelf", 4),
        ("shelf/1", 1),
        ("shelf/1/2", 1),
        ("shelf/1/2/3", 1),
        ("shelf/2015", 2),
        ("shelf/2015/lake", 1),
    ]
    assert str(tmp_path) not in found[0].id
    assert allowed_album(found[5].id, [shelf]) == shelf / "2015/lake"
    assert allowed_album("../outside", [shelf]) is None
    monkeypatch.setenv("DRAMATIS_FILMS", str(outside))
    assert [one.name for one in allowed_albums()] == ["outside"]
    monkeypatch.setattr(module, "MAX_SEEN", 1)
    assert [one.n_pictures for one in allowed_albums([shelf])] == [1]
