"""Films into the library and out again: uploads, files that stay in place, and folders that may be looked into."""

from __future__ import annotations

import hashlib
import os
import threading
from pathlib import Path

import pytest

from engine.config import database_path, films_dir, incoming_dir, pictures_dir
from engine.errors import MediaError, StorageError
from engine.pipeline.import_film import (
    FOLDER_DEPTH,
    MAX_LISTED,
    allowed_film,
    allowed_films,
    allowed_folders,
    delete_film,
    film_file,
    import_path,
    import_upload,
    tidy,
)
from engine.store.database import Store, open_store
from engine.store.films import FilmRepository
from engine.store.incoming import Incoming
from engine.store.upload import BadUpload, NoSuchUpload


@pytest.fixture(autouse=True)
def data_folder(tmp_path, monkeypatch) -> Path:
    monkeypatch.setenv("DRAMATIS_DATA", str(tmp_path / "data"))
    return tmp_path / "data"


@pytest.fixture
def store(data_folder) -> Store:
    return open_store(database_path())


@pytest.fixture
def incoming(data_folder) -> Incoming:
    return Incoming(free_reserve_bytes=0)


@pytest.fixture(scope="session")
def trailer(demo) -> bytes:
    return (demo / "trailer.mp4").read_bytes()


def upload(incoming: Incoming, content: bytes, name: str = "My trailer.mp4") -> str:
    id = incoming.begin(name, len(content)).id
    for at in range(0, len(content), 2**20):
        incoming.append(id, at, content[at : at + 2**20])
    return id


def files(folder: Path) -> list[str]:
    """Everything below a folder but the database."""
    return sorted(
        str(path.relative_to(folder)) for path in folder.rglob("*") if path.is_file() and "sqlite3" not in path.name
    )


def test_an_upload_becomes_a_film(incoming, store, trailer, demo):
    imported = import_upload(incoming, upload(incoming, trailer), store)
    film = imported.film
    assert imported.is_new and film.title == "My trailer" and film.sha256 == hashlib.sha256(trailer).hexdigest()
    assert (film.width, film.height, film.codec, film.n_analyses) == (1280, 720, "h264", 0)
    assert film_file(film) == films_dir() / film.sha256 and film_file(film).read_bytes() == trailer
    assert film_file(film).stat().st_mode & 0o077 == 0
    assert incoming.unfinished() == () and not any(name.endswith("part") for name in files(incoming_dir()))


def test_finishing_again_gives_the_same_film(incoming, store, trailer):
    id = upload(incoming, trailer)
    first, again = import_upload(incoming, id, store), import_upload(incoming, id, store)
    assert first.film == again.film and not again.is_new


def test_finishing_twice_at_once_gives_one_film(incoming, store, trailer):
    id, found = upload(incoming, trailer), []
    threads = [threading.Thread(target=lambda: found.append(import_upload(incoming, id, store))) for _ in range(3)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert sorted(one.is_new for one in found) == [False, False, True]
    assert len({one.film.token for one in found}) == 1 == len(FilmRepository(store).films())


def test_the_same_film_is_not_kept_twice_and_keeps_its_title(incoming, store, trailer):
    first = import_upload(incoming, upload(incoming, trailer), store)
    again = import_upload(incoming, upload(incoming, trailer, "Another name.mp4"), store)
    assert not again.is_new and again.film.token == first.film.token and again.film.title == "My trailer"
    assert files(films_dir()) == [first.film.sha256]


def test_an_upload_restores_a_copy_that_is_gone(incoming, store, trailer):
    film = import_upload(incoming, upload(incoming, trailer), store).film
    (films_dir() / film.sha256).unlink()
    assert film_file(film) is None
    again = import_upload(incoming, upload(incoming, trailer), store)
    assert not again.is_new and film_file(again.film).read_bytes() == trailer


def test_a_film_in_a_folder_stays_there(store, demo, data_folder):
    imported = import_path(demo / "trailer.mp4", store)
    assert imported.is_new and imported.film.title == "trailer"
    assert film_file(imported.film) == demo / "trailer.mp4" and files(data_folder) == []
    assert not import_path(demo / "trailer.mp4", store).is_new


def test_a_film_that_moved_is_found_in_its_new_place(store, trailer, tmp_path):
    for name in ("a.mp4", "b.mp4"):
        (tmp_path / name).write_bytes(trailer)
    import_path(tmp_path / "a.mp4", store)
    (tmp_path / "a.mp4").unlink()
    film = import_path(tmp_path / "b.mp4", store).film
    assert film_file(film) == tmp_path / "b.mp4" and len(FilmRepository(store).films()) == 1


def test_an_incomplete_upload_is_not_imported_and_not_lost(incoming, store, trailer):
    id = incoming.begin("film.mp4", len(trailer)).id
    incoming.append(id, 0, trailer[:1000])
    with pytest.raises(BadUpload):
        import_upload(incoming, id, store)
    assert incoming.status(id).received == 1000


def test_what_is_no_film_is_refused_under_its_own_name_and_gone(incoming, store, data_folder):
    id = upload(incoming, b"#!/bin/sh\necho hello\n", "Film.mp4")
    with pytest.raises(MediaError) as error:
        import_upload(incoming, id, store)
    assert "Film.mp4" in str(error.value) and str(data_folder) not in str(error.value)
    with pytest.raises(NoSuchUpload):
        import_upload(incoming, id, store)
    assert files(data_folder) == [] and FilmRepository(store).films() == ()


def test_when_the_library_cannot_be_written_the_upload_is_kept(incoming, store, trailer, monkeypatch):
    id = upload(incoming, trailer)

    def fails(*_):
        raise StorageError("The disk is full, so it could not be written; free some space and try again.")

    with monkeypatch.context() as patch:
        patch.setattr(FilmRepository, "add", fails)
        with pytest.raises(StorageError):
            import_upload(incoming, id, store)
    assert files(films_dir()) == []
    assert import_upload(incoming, id, store).is_new


def test_deleting_leaves_nothing_of_a_film(incoming, store, trailer, data_folder):
    film = import_upload(incoming, upload(incoming, trailer), store).film
    (pictures_dir(film.token) / "poster.jpg").write_bytes(b"x")
    delete_film(film, store)
    assert FilmRepository(store).films() == () and film_file(film) is None
    assert not any(film.token in name or film.sha256 in name for name in files(data_folder))
    delete_film(film, store)


def test_deleting_leaves_a_users_own_file(store, demo, trailer, tmp_path):
    path = tmp_path / "mine.mp4"
    path.write_bytes(trailer)
    delete_film(import_path(path, store).film, store)
    assert path.read_bytes() == trailer and FilmRepository(store).films() == ()


def test_an_upload_of_a_film_deleted_since_is_to_be_sent_again(incoming, store, trailer):
    id = upload(incoming, trailer)
    delete_film(import_upload(incoming, id, store).film, store)
    with pytest.raises(NoSuchUpload):
        import_upload(incoming, id, store)


def test_tidying_takes_what_belongs_to_no_film(incoming, store, trailer, monkeypatch):
    film = import_upload(incoming, upload(incoming, trailer), store).film
    pictures = pictures_dir(film.token) / "poster.jpg"
    pictures.write_bytes(b"x")
    orphans = (films_dir() / ("0" * 64), pictures_dir("gone") / "poster.jpg")
    for path in orphans:
        path.write_bytes(b"x")
    waiting = upload(incoming, b"not finished")
    tidy(incoming, store)  # nothing is old enough
    assert all(path.exists() for path in (*orphans, pictures, film_file(film)))
    monkeypatch.setattr("engine.pipeline.import_film.ORPHANS_KEPT_S", -1.0)
    tidy(incoming, store)
    assert not any(path.exists() for path in orphans)
    assert pictures.exists() and film_file(film) is not None and incoming.status(waiting)


@pytest.fixture
def shelf(tmp_path) -> Path:
    """A folder with films (by name), other files, links and depths."""
    root = tmp_path / "shelf"
    deep = root
    for level in range(1, FOLDER_DEPTH + 2):
        deep = deep / str(level)
        deep.mkdir(parents=True)
        (deep / f"depth {level}.MKV").write_bytes(b"x" * level)
    for name in ("b.mp4", "A.mov", "text.txt", ".hidden.mp4", "no suffix", "weird\n\u202ename.avi"):
        (root / name).write_bytes(b"x")
    outside = tmp_path / "outside"
    outside.mkdir()
    (outside / "secret.mp4").write_bytes(b"x")
    (root / "way out.mp4").symlink_to(outside / "secret.mp4")
    (root / "way out").symlink_to(outside)
    (root / "round").symlink_to(root)
    (root / "inside.mp4").symlink_to(root / "b.mp4")
    (root / "broken.mp4").symlink_to(root / "none.mp4")
    (root / "folder.mp4").mkdir()
    os.mkfifo(root / "pipe.mp4")
    return root


def test_folders_show_their_films_and_nothing_else(shelf):
    found = allowed_films([shelf])
    names = [film.name for film in found]
    depths = {f"{'/'.join('123'[:n])}/depth {n}.MKV" for n in range(1, FOLDER_DEPTH + 1)}
    assert set(names) == {"A.mov", "b.mp4", "inside.mp4", "weird name.avi"} | depths
    assert names == sorted(names, key=str.casefold)
    assert len({film.id for film in found}) == len(found)
    assert next(film for film in found if "depth 3" in film.name).n_bytes == 3


def test_a_film_is_found_by_its_id_while_it_is_allowed(shelf, tmp_path):
    film = allowed_films([shelf])[0]
    assert allowed_film(film.id, [shelf]) == film.path
    assert allowed_film(film.id, [tmp_path / "other"]) is None
    assert allowed_film(str(film.path), [shelf]) is None and allowed_film("../b.mp4", [shelf]) is None


def test_a_folder_with_very_many_films_shows_some(tmp_path):
    for n in range(MAX_LISTED + 20):
        (tmp_path / f"{n}.mp4").touch()
    assert len(allowed_films([tmp_path])) == MAX_LISTED


def test_the_environment_names_the_folders(shelf, tmp_path, monkeypatch):
    monkeypatch.delenv("DRAMATIS_FILMS", raising=False)
    assert allowed_folders() == () and allowed_films() == []
    monkeypatch.setenv("DRAMATIS_FILMS", os.pathsep.join([str(shelf), str(tmp_path / "none"), ""]))
    assert allowed_folders() == (shelf, tmp_path / "none")
    assert "b.mp4" in [film.name for film in allowed_films()]
