"""Albums as pages and routes see them: what is sent, started, listed, saved and deleted."""

from __future__ import annotations

import dataclasses
import hashlib
from datetime import UTC, datetime
from fractions import Fraction
from types import SimpleNamespace

import numpy as np
import pytest
from PIL import Image

from app.components import album_views
from app.services import albums, jobs
from app.services.store import store
from engine.config import albums_dir
from engine.errors import DramatisError, MediaError
from engine.store.albums import AlbumRepository, SeenPicture
from engine.store.films import FilmRepository
from engine.store.jobs import JobRepository
from engine.timeline import Interval, Timeline
from engine.types import Analysis, FaceSamples, Person, Track, VideoInfo
from tests.app.test_job_views import words

pytestmark = pytest.mark.usefixtures("own_data")


@pytest.fixture
def looked_at(tmp_path):
    """looked_at("Lake") -> the record of an album of two pictures with one person in both and one in the second, and a
    picture that cannot be read."""

    def make(title="Lake"):
        folder = tmp_path / title
        folder.mkdir()
        seen = [SeenPicture("bad.jpg", "", 0, 0, "is damaged or cut off; copy it again from its source.")]
        for name, colour in (("a.png", "red"), ("b.png", "blue")):
            Image.new("RGB", (200, 100), colour).save(folder / name)
            seen.append(SeenPicture(name, hashlib.sha256((folder / name).read_bytes()).hexdigest(), 200, 100))
        repository = AlbumRepository(store())
        album = repository.add(folder, title)
        repository.put_pictures(album.sha256, seen)
        tracks = []
        for id, number, left in ((1, 0, 10), (2, 1, 10), (3, 1, 110)):
            box = [[left, 10, left + 80, 90]]
            faces = FaceSamples([number], box, [0.5 + number / 4], np.zeros((1, 128)), "m")
            tracks.append(Track(id, number, number + 1, [number], box, [1.0], faces))
        people = (
            Person("unknown:1", "unknown_1", "unknown", Timeline([Interval(0, 2)]), 1.0, (1, 2)),
            Person("known:ana", "Ana", "known", Timeline([Interval(1, 2)]), 1.0, (3,)),
        )
        of_track = {1: "unknown:1", 2: "unknown:1", 3: "known:ana"}
        video = VideoInfo(folder, 2.0, Fraction(1), 200, 100, "pictures")
        FilmRepository(store()).save_analysis(
            Analysis(video, album.sha256, "0", ("m",), {}, (Interval(0, 2),), people, tuple(tracks), of_track, {})
        )
        return FilmRepository(store()).by_sha256(album.sha256)

    return make


def test_pictures_are_sent_one_by_one_and_become_an_album(client):
    begun = client.post("/album-pictures")
    assert begun.status_code == 201
    album_id = begun.json["id"]
    for path, content in (("Lake/a.jpg", b"1"), ("Lake/b.jpg", b"2")):
        answer = client.post(f"/album-pictures/{album_id}", query_string={"path": path}, data=content)
        assert (answer.status_code, answer.json) == (200, {"path": path})
    answer = client.post(f"/album-pictures/{album_id}", query_string={"path": "a.exe"}, data=b"1")
    assert (answer.status_code, answer.json["error"][:24]) == (400, "is not called like a pic")
    answer = client.post(f"/album-pictures/{album_id}", query_string={"path": "a.jpg"}, data=bytes(15_000_001))
    assert (answer.status_code, answer.json["error"][:23]) == (413, "is larger than 15 MB; s")
    assert client.post("/album-pictures/nobody", query_string={"path": "a.jpg"}, data=b"1").status_code == 400
    job_id = albums.import_sent(album_id, " Summer\nat the lake ")
    (album,) = albums.albums()
    assert (album.title, album.folder, album.looked_at, album.n_people) == ("Summer at the lake", "", None, 0)
    (job,) = jobs.job_dicts()
    assert (job["id"], job["kind"], job["film"], job["title"]) == (job_id, "album", album.token, "Summer at the lake")
    assert JobRepository(store()).get(job_id).spec["folder"] == str((albums_dir() / album_id).resolve())
    assert albums.look_again(album.token) == job_id  # it is in line already
    with pytest.raises(MediaError, match="send them again"):
        albums.import_sent("nobody", "x")


def test_a_folder_of_this_machine_is_looked_at_where_it_is(tmp_path, monkeypatch):
    assert albums.folder_albums() == ()
    (tmp_path / "Shelf" / "Lake").mkdir(parents=True)
    Image.new("RGB", (20, 20)).save(tmp_path / "Shelf" / "Lake" / "a.png")
    monkeypatch.setenv("DRAMATIS_FILMS", str(tmp_path / "Shelf"))
    shelf, lake = albums.folder_albums()
    assert (shelf.name, lake.name, lake.n_pictures) == ("Shelf", "Shelf/Lake", 1)
    albums.import_folder(lake.id)
    (album,) = albums.albums()
    assert (album.title, album.folder) == ("Lake", "Lake")
    assert words(album_views.folder_options([lake])[0]["label"]) == "Shelf/Lake 1 picture"
    with pytest.raises(MediaError, match="look at the list again"):
        albums.import_folder("../../etc")


def test_an_album_is_listed_with_faces_and_problems(looked_at, client):
    token = looked_at().token
    (album,) = albums.albums()
    assert (album.token, album.n_pictures, album.n_people, album.n_unknown) == (token, 2, 2, 1)
    assert album.problems == (("bad.jpg", "is damaged or cut off; copy it again from its source."),)
    assert [(face.name, face.n_pictures) for face in album.faces] == [("unknown_1", 2), ("Ana", 1)]
    for face in album.faces:
        answer = client.get(face.picture)
        assert (answer.status_code, answer.mimetype) == (200, "image/jpeg")
    assert client.get(f"/media/{token}/crop/3/0").status_code == 200
    assert client.get(f"/media/{token}/crop/4/0").status_code == 404
    assert client.get(f"/media/{token}/poster").status_code == 200
    answer = client.get(f"/media/{token}/film")
    assert answer.status_code == 404 and answer.text.endswith(".\n")
    said = words(album_views.album_card(album, None))
    for part in ("Lake", "2 pictures", "2 people, 1 without a name", "1 picture cannot be read", "is damaged"):
        assert part in said


def test_the_page_of_strangers_names_the_people_of_an_album(looked_at):
    from app.services import unknown_acts, unknowns

    token = looked_at().token
    found = unknowns.unknowns(token)
    assert [one.title for one in found.films] == ["Lake"] and found.n_all == 1
    assert unknowns.unknowns().n_all == 1
    unknown_acts.name(token, ["unknown:1"], "Ben")
    (album,) = albums.albums()
    assert album.n_unknown == 0 and {face.name for face in album.faces} == {"Ben", "Ana"}


def test_films_and_albums_do_not_mix(looked_at, demo):
    from app.services import library
    from tests.app.known_films import add_film

    token, film = looked_at().token, add_film(demo / "trailer.mp4")
    assert [one.token for one in library.films()] == [film]
    assert [one.token for one in albums.albums()] == [token]
    with pytest.raises(MediaError, match="not in Dramatis any more"):
        albums.deletion(film)


def test_faces_are_saved_as_a_table(looked_at, client):
    album = looked_at()
    answer = client.get(f"/album-files/{album.token}/faces.csv")
    assert 'filename="Lake faces.csv"' in answer.headers["Content-Disposition"]
    assert [line.split(",")[:3] for line in answer.text.splitlines()[1:]] == [
        ["a.png", "unknown_1", "unknown"],
        ["b.png", "unknown_1", "unknown"],
        ["b.png", "Ana", "known"],
    ]
    new = AlbumRepository(store()).add(album.path.parent, "New")
    answer = client.get(f"/album-files/{new.token}/faces.csv")
    assert answer.status_code == 404 and "look through it first" in answer.text
    assert client.get("/album-files/nobody/faces.csv").status_code == 404


def test_deleting_says_what_goes_and_waits_for_the_job(looked_at):
    album = looked_at()
    deletion = albums.deletion(album.token)
    assert any("names" in one for one in deletion.removes) and "the folder Lake" in deletion.stays[0]
    job_id = albums.look_again(album.token)
    for ask in (albums.deletion, albums.delete):
        with pytest.raises(DramatisError, match="cancel that first"):
            ask(album.token)
    jobs.cancel(job_id)
    assert albums.delete(album.token) == "Lake"
    assert albums.albums() == () and len(list(album.path.iterdir())) == 2 and jobs.job_dicts() == []


def test_pictures_that_were_sent_are_deleted_with_the_album():
    album_id = albums.begin()
    albums.add_picture(album_id, "a.jpg", b"1")
    jobs.cancel(albums.import_sent(album_id, ""))
    (album,) = albums.albums()
    assert album.title == "Pictures"
    deletion = albums.deletion(album.token)
    assert "the copies of the pictures that you sent" in deletion.removes and deletion.stays == ()
    albums.delete(album.token)
    assert list(albums_dir().iterdir()) == []


def test_titles_are_cleaned_and_not_empty(looked_at):
    token = looked_at().token
    assert albums.retitle(token, " Sea\n") == "Sea"
    with pytest.raises(MediaError, match="needs a title"):
        albums.retitle(token, " \n")


def test_the_folder_of_an_album_may_be_gone(looked_at, tmp_path):
    album = looked_at()
    album.path.rename(tmp_path / "elsewhere")
    with pytest.raises(MediaError, match="put it back"):
        albums.look_again(album.token)


# Views.


ALBUM = albums.AlbumRecord("t", "Lake", 2, 0, 0, (), (), "Lake", datetime(2026, 5, 1, tzinfo=UTC), None)


@pytest.mark.parametrize(
    ("changes", "job", "said", "not_said"),
    [
        ({}, None, ("Added", "Not looked through to the end", "Look through it"), ("Name the people", "table")),
        ({}, {"state": "running"}, ("Being looked through",), ("Look through it", "Not looked")),
        ({}, {"state": "failed", "error": "No room."}, ("Failed.", "No room.", "Look through it"), ("Not looked",)),
        ({"looked_at": ALBUM.added_at}, None, ("Look for new pictures", "table", "0 people"), ("Name the people",)),
        (
            {"looked_at": ALBUM.added_at, "n_people": 3},
            {"state": "done"},
            ("Name the people", "3 people"),
            ("without",),
        ),
    ],
)
def test_a_card_offers_what_can_be_done(changes, job, said, not_said):
    text = words(album_views.album_card(dataclasses.replace(ALBUM, **changes), job))
    assert all(part in text for part in said), text
    assert not any(part in text for part in not_said), text


def test_an_empty_list_says_what_albums_are():
    assert "Name them" in words(album_views.album_list((), ()))
    assert "Who is in these pictures?" in words(album_views.head(0))
    assert "Drop another folder" in words(album_views.head(1))
    assert album_views.folder_button(False) is None


def test_long_lists_of_problems_are_cut_short():
    many = [(f"{i}.jpg", "is damaged.") for i in range(album_views.MOST_PROBLEMS + 3)]
    said = words(album_views.problems(many))
    assert "203 pictures cannot be read" in said and "and 3 more" in said
    assert "and 3 more" not in words(album_views.problems(many[:5]))
    assert album_views.problems(()) is None and album_views.not_taken(()) is None
    assert "1 file was not taken" in words(album_views.not_taken([["a.exe", "is no picture"]]))


def test_buttons_of_the_page_do_what_they_say(looked_at, client, monkeypatch):
    from app.pages import albums as page  # once there is an application

    token = looked_at().token
    told = {}
    monkeypatch.setattr(page.dash, "set_props", lambda id, props: told.update({id: props}))
    page.do({"act": "rename", "film": token, "title": "Sea"})
    assert albums.albums()[0].title == "Sea"
    page.do({"act": "delete", "film": token})
    assert told[page.Ids.DELETE] == {"is_open": True} and told[page.Ids.SUBJECT] == {"data": token}
    page.do({"act": "again", "film": token})
    assert jobs.active_job(token) is not None
    page.do(None)
    live = page.show_live(jobs.job_dicts())
    assert len(live) == 1 and "Album: Sea" in words(live)
    monkeypatch.setattr(page.dash, "ctx", SimpleNamespace(triggered_id=page.Ids.DELETE_NO))
    assert page.delete(None, 1, token) is False and len(albums.albums()) == 1
