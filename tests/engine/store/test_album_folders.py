"""Pictures that are sent for an album: where they go, and what is not taken."""

from __future__ import annotations

import pytest

from engine.errors import MediaError, StorageError
from engine.store import album_folders
from engine.store.album_folders import AlbumFolders


@pytest.fixture
def folders(tmp_path):
    return AlbumFolders(tmp_path / "albums")


@pytest.mark.parametrize(
    ("shown", "path"),
    [
        ("IMG_1.jpg", "IMG_1.jpg"),
        ("Summer 2015/Lake/IMG_1.JPG", "Summer 2015/Lake/IMG_1.JPG"),
        ("../../etc/passwd.png", "etc/passwd.png"),
        ("/root/.ssh/..\\key.png", "root/ssh/key.png"),
        ("C:\\Users\\me\\a.tif", "C/Users/me/a.tif"),
        ("a\0b/c\n.webp", "a b/c.webp"),
        ("x" * 300 + ".jpeg", "x" * 80 + ".jpeg"),
        (". .jpg", "picture.jpg"),
        ("/".join("abcdefghijkl") + "/z.heic", "e/f/g/h/i/j/k/l/z.heic"),
    ],
)
def test_a_picture_keeps_its_path_and_leads_nowhere(folders, shown, path):
    album = folders.create()
    assert folders.add(album, shown, b"content") == path
    (found,) = [one for one in folders.path(album).rglob("*") if one.is_file()]
    assert found == folders.path(album) / path and found.read_bytes() == b"content"


def test_the_same_picture_is_kept_once_and_another_of_its_name_beside_it(folders):
    album = folders.create()
    assert [folders.add(album, "a.jpg", content) for content in (b"1", b"1", b"2", b"3", b"2")] == [
        "a.jpg",
        "a.jpg",
        "a (2).jpg",
        "a (3).jpg",
        "a (2).jpg",
    ]


def test_what_is_not_taken(folders, monkeypatch):
    album = folders.create()
    for shown, content, why in (
        ("a.jpg", b"", "is empty"),
        ("a.exe", b"x", "is not called like a picture"),
        (".jpg", b"x", "is not called like a picture"),
        ("", b"x", "is not called like a picture"),
        ("a.jpg", bytes(album_folders.MAX_PICTURE_BYTES + 1), "is larger than 15 MB"),
    ):
        with pytest.raises(MediaError, match=why):
            folders.add(album, shown, content)
    for unknown in ("nobody", "../" + album, "", "a" * 16):
        with pytest.raises(MediaError, match="send them again"):
            folders.add(unknown, "a.jpg", b"x")
    monkeypatch.setattr(album_folders, "FREE_RESERVE_BYTES", 10**18)
    with pytest.raises(StorageError, match="nearly full"):
        folders.add(album, "a.jpg", b"x")
    assert list(folders.path(album).iterdir()) == []
