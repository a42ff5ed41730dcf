"""Pictures of albums: numbers that stay, folders that change, and rows that go together."""

from __future__ import annotations

import pytest

from engine.errors import StorageError
from engine.store.albums import NO_NUMBER, AlbumRepository, SeenPicture, album_sha256
from engine.store.corrections import CorrectionLog
from engine.store.films import FilmRepository


@pytest.fixture
def albums(store):
    return AlbumRepository(store)


def seen(*names):
    """Pictures "path=content", or "path!" for one that cannot be read."""
    found = []
    for name in names:
        path, _, content = name.partition("=")
        if path.endswith("!"):
            found.append(SeenPicture(path[:-1], "", 0, 0, "is damaged"))
        else:
            found.append(SeenPicture(path, (content or path) * 8, 640, 480))
    return found


def numbers(pictures):
    return {one.path: one.number for one in pictures}


def test_an_album_is_its_folder(albums, tmp_path):
    (tmp_path / "other").symlink_to(tmp_path)
    album = albums.add(tmp_path, "Family")
    assert (album.kind, album.title, album.path, album.sha256) == ("album", "Family", tmp_path, album_sha256(tmp_path))
    assert albums.add(tmp_path / "other", "Again") == album
    assert albums.albums() == (album,)
    assert album_sha256(tmp_path) != album_sha256(tmp_path.parent)


def test_equal_content_has_one_number_for_ever(albums, tmp_path):
    sha256 = albums.add(tmp_path, "Family").sha256
    first = albums.put_pictures(sha256, seen("a.jpg=A", "b/c.jpg=C", "copy.jpg=A", "bad.jpg!"))
    assert numbers(first) == {"a.jpg": 0, "b/c.jpg": 1, "copy.jpg": 0, "bad.jpg": NO_NUMBER}
    assert albums.pictures(sha256) == tuple(sorted(first, key=lambda one: one.path))
    # C is moved, A becomes another picture, B is new.
    later = albums.put_pictures(sha256, seen("a.jpg=D", "moved.jpg=C", "b.jpg=B"))
    assert numbers(later) == {"a.jpg": 2, "moved.jpg": 1, "b.jpg": 3}
    assert numbers(albums.pictures(sha256)) == numbers(later)
    assert FilmRepository(albums._store).by_sha256(sha256).duration_s == 4.0


def test_what_left_the_folder_keeps_its_number_and_it_is_given_to_nobody_else(albums, tmp_path):
    sha256 = albums.add(tmp_path, "Family").sha256
    albums.put_pictures(sha256, seen("a.jpg=A", "b.jpg=B"))
    albums.put_pictures(sha256, seen("a.jpg=A"))
    assert numbers(albums.pictures(sha256)) == {"a.jpg": 0}
    assert numbers(albums.put_pictures(sha256, seen("c.jpg=C"))) == {"c.jpg": 2}
    assert numbers(albums.put_pictures(sha256, seen("b.jpg=B", "a.jpg!"))) == {"b.jpg": 1, "a.jpg": NO_NUMBER}
    assert numbers(albums.put_pictures(sha256, seen("a.jpg=A"))) == {"a.jpg": 0}
    assert albums.contents() == {content * 8 for content in "ABC"}


def test_films_and_albums_are_listed_apart(albums, store, make_analysis, tmp_path):
    films = FilmRepository(store)
    films.save_analysis(make_analysis({"p1": "Ingrid"}))
    album = albums.add(tmp_path, "Family")
    assert [film.kind for film in films.films()] == ["film"]
    assert albums.albums() == (album,)
    assert films.by_token(album.token) == album


def test_an_album_leaves_no_row_behind(albums, store, make_analysis, tmp_path, row_counts):
    films = FilmRepository(store)
    sha256 = albums.add(tmp_path, "Family").sha256
    albums.put_pictures(sha256, seen("a.jpg=A"))
    films.save_analysis(make_analysis({"p1": "unknown_1"}, sha256=sha256))
    CorrectionLog(store).append(sha256, "rename", {"person_id": "p1", "name": "Ana"})
    (album,) = albums.albums()
    assert (album.title, album.kind, [person.name for person in album.people]) == ("Family", "album", ["Ana"])
    albums.delete(sha256)
    assert row_counts() == {}
    albums.delete(sha256)


def test_a_film_is_not_deleted_as_an_album(albums, store, make_analysis):
    FilmRepository(store).save_analysis(make_analysis({"p1": "Ingrid"}))
    albums.delete("f" * 64)
    assert len(FilmRepository(store).films()) == 1


def test_pictures_of_an_album_that_is_gone_are_refused(albums):
    with pytest.raises(StorageError, match="import its folder again"):
        albums.put_pictures("0" * 64, seen("a.jpg"))
    assert albums.pictures("0" * 64) == ()
