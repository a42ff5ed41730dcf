"""Albums as wholes: imported, imported again for what is new alone, killed and resumed, deleted.

Pictures here are plain colours, and a looker that tells people by colours stands in for the networks; those are in the
last tests.
"""

from __future__ import annotations

import io
import json
import os
import shutil
import signal
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from engine import config
from engine.errors import Cancelled, MediaError
from engine.evaluate.clusters import score_clusters
from engine.identity.everybody import PictureFaces
from engine.pipeline import albums, correct
from engine.store.albums import AlbumRepository
from engine.store.database import open_store
from engine.store.films import FilmRepository

PROJECT = Path(__file__).resolve().parents[3]


class FakeLooker:
    """Finds one person for each half of a picture that is not black, and takes the vector from the half's colour."""

    model_id = albums.EMBEDDER_ID
    id = "fake/1"

    def __init__(self):
        self.n_looks = 0

    def look(self, content):
        self.n_looks += 1
        try:
            pixels = np.asarray(Image.open(io.BytesIO(content)).convert("RGB"))
        except OSError:
            return PictureFaces.unreadable("is damaged or cut off; copy it again from its source.")
        height, width = pixels.shape[:2]
        middle = width // 2
        halves = [(x, pixels[:, x : x + middle].mean(axis=(0, 1)) / 255) for x in (0, middle)]
        halves = [(x, colour) for x, colour in halves if colour.any()]
        boxes = [(x, 0, x + middle, height) for x, _ in halves]
        vectors = [np.concatenate([2 * colour, np.zeros(125)]) for _, colour in halves]
        n = len(halves)
        return PictureFaces(
            width, height, np.reshape(boxes, (n, 4)), np.ones(n), np.ones(n), np.reshape(vectors, (n, 128))
        )


@pytest.fixture(autouse=True)
def data(tmp_path, monkeypatch, session_data):
    """A data folder for each test, with the networks that were built for all of them."""
    folder = tmp_path / "data"
    folder.mkdir()
    (folder / "models").symlink_to(config.models_dir())
    monkeypatch.setenv("DRAMATIS_DATA", str(folder))
    return folder


@pytest.fixture
def looker(monkeypatch):
    fake = FakeLooker()
    monkeypatch.setattr(albums, "_looker", lambda: fake)
    return fake


@pytest.fixture
def store():
    return open_store(config.database_path())


COLOURS = {"r": (250, 0, 0), "g": (0, 250, 0), "b": (0, 0, 250), "w": (250, 250, 250), "-": (0, 0, 0)}


@pytest.fixture
def folder(tmp_path):
    """folder({"a/1.png": "rg"}) -> a folder with that picture: a red and a green person; a third sign makes it another
    picture of the same two."""

    def make(pictures, name="Family"):
        root = tmp_path / name
        for path, (left, right, *more) in pictures.items():
            picture = Image.new("RGB", (40, 20), COLOURS[left])
            picture.paste(COLOURS[right], (20, 0, 40, 20))
            if more:
                picture.putpixel((0, 0), tuple(max(0, c - ord(more[0]) + 96) for c in COLOURS[left]))
            (root / path).parent.mkdir(parents=True, exist_ok=True)
            picture.save(root / path)
        return root

    return make


def groups(store, album):
    """{person: pictures of that one by number}, by name."""
    analysis = FilmRepository(store).latest(album.sha256)
    number = {track.id: int(track.start_s) for track in analysis.tracks}
    return {person.name: sorted(number[i] for i in person.track_ids) for person in analysis.people}


def test_faces_are_grouped_into_people_and_their_time_is_the_number_of_pictures(store, looker, folder):
    root = folder({"1.png": "rg", "2.png": "r-", "deep/er/3.png": "gr", "deep/4.png": "--", "5.png": "-b"})
    (root / ".hidden.png").write_bytes((root / "1.png").read_bytes())
    (root / "notes.txt").write_text("no picture")
    (root / "bad.jpg").write_bytes(b"no picture at all")
    imported = albums.import_album(store, root)
    album = imported.album
    assert (album.title, album.kind, album.path, album.fps) == ("Family", "album", root, 1)
    assert (imported.n_pictures, imported.n_looked, len(imported.pictures)) == (5, 6, 6)
    assert [(one.path, one.problem) for one in imported.problems] == [
        ("bad.jpg", "is damaged or cut off; copy it again from its source.")
    ]
    assert [one.path for one in imported.pictures if one.number == 2] == ["5.png"]
    assert groups(store, album) == {"unknown_1": [0, 1, 4], "unknown_2": [0, 4], "unknown_3": [2]}
    assert [person.screen_time_s for person in album.people] == [3.0, 2.0, 1.0]
    analysis = FilmRepository(store).latest(album.sha256)
    assert (analysis.video.duration_s, analysis.shots[0].end_s) == (5.0, 5.0)
    assert all(person.low_s is None and person.high_s is None for person in analysis.people)
    first = analysis.tracks[0]
    assert (first.t_s.tolist(), first.start_s, first.end_s) == ([0.0], 0.0, 1.0)
    assert first.boxes_xyxy.tolist() == [[0, 0, 20, 20]] and len(first.faces) == 1


def test_two_faces_of_one_picture_are_two_people_however_alike(store, looker, folder):
    imported = albums.import_album(store, folder({"1.png": "rr"}))
    assert groups(store, imported.album) == {"unknown_1": [0], "unknown_2": [0]}


def test_only_new_pictures_are_looked_at_and_people_keep_numbers_and_names(store, looker, folder):
    root = folder({"1.png": "rg", "2.png": "r-", "3.png": "-b"})
    first = albums.import_album(store, root)
    assert groups(store, first.album) == {"unknown_1": [0, 1], "unknown_2": [0], "unknown_3": [2]}
    correct.name(store, first.album.sha256, ["unknown:3"], "Ben")
    folder({"0.png": "b-", "4.png": "b-x", "5.png": "bw"})
    (root / "2.png").rename(root / "moved.png")
    (root / "1.png").unlink()
    again = albums.import_album(store, root)
    assert (again.n_looked, looker.n_looks, again.album.token) == (3, 6, first.album.token)
    assert groups(store, again.album) == {"unknown_1": [1], "Ben": [2, 3, 4, 5], "unknown_4": [5]}
    assert len(AlbumRepository(store).albums()) == 1 and again.album.duration_s == 6.0
    folder({"1.png": "rg"})
    assert groups(store, albums.import_album(store, root).album) == {
        "unknown_1": [0, 1],
        "unknown_2": [0],
        "Ben": [2, 3, 4, 5],
        "unknown_4": [5],
    }
    assert looker.n_looks == 6


def test_what_people_decided_holds_in_the_next_import(store, looker, folder):
    root = folder({"1.png": "rg", "2.png": "r-", "3.png": "-b", "4.png": "rw", "5.png": "-w"})
    sha256 = albums.import_album(store, root).album.sha256
    correct.name(store, sha256, ["unknown:1"], "Ana")
    red = {int(t.start_s): t.id for t in FilmRepository(store).latest(sha256).tracks if not t.boxes_xyxy[0, 0]}
    correct.merge(store, sha256, ["unknown:3", "unknown:4"])  # who looks green is who looks blue
    correct.split(store, sha256, [red[3]])  # and who looks red in the fourth picture is not Ana
    folder({"6.png": "w-a", "7.png": "r-a"})
    again = albums.import_album(store, root)
    assert groups(store, again.album) == {
        "Ana": [0, 1, 6],
        "unknown_2": [3, 4, 5],
        "unknown_3": [0, 2],
        "unknown_5": [3],
    }
    (album,) = AlbumRepository(store).albums()
    assert {person.name: person.named_by_hand for person in album.people}["Ana"]


def test_a_title_is_given_and_kept(store, looker, folder):
    root = folder({"1.png": "rg"})
    assert albums.import_album(store, root, "  Summer\n2015 ").album.title == "Summer 2015"
    assert albums.import_album(store, root).album.title == "Summer 2015"
    assert albums.import_album(store, root, "Lake").album.title == "Lake"


def test_folders_without_a_readable_picture_are_refused(store, looker, folder, tmp_path):
    with pytest.raises(MediaError, match="cannot be read"):
        albums.import_album(store, tmp_path / "nothing")
    (tmp_path / "empty").mkdir()
    with pytest.raises(MediaError, match="There is no picture in .*empty; name a folder"):
        albums.import_album(store, tmp_path / "empty")
    (tmp_path / "empty" / "bad.jpg").write_bytes(b"x")
    with pytest.raises(MediaError, match="None of the 1 pictures .* bad.jpg, is damaged"):
        albums.import_album(store, tmp_path / "empty")
    assert AlbumRepository(store).albums() == ()


def test_what_cannot_be_read_is_told_and_nothing_leads_out_of_the_folder(store, looker, folder, tmp_path, monkeypatch):
    outside = folder({"secret.png": "b-"}, "outside")
    root = folder({"1.png": "rg", "large.png": "g-"})
    (root / "link.png").symlink_to(outside / "secret.png")
    (root / "inner.png").symlink_to(root / "1.png")
    (root / "folder").symlink_to(outside)
    os.close(os.open(os.fsencode(root) + b"/\xff.png", os.O_CREAT | os.O_WRONLY))
    monkeypatch.setattr(albums, "MAX_PICTURE_BYTES", (root / "large.png").stat().st_size - 1)
    read = Path.read_bytes

    def broken(path):
        if path.name == "inner.png":
            raise PermissionError(13, "Permission denied")
        return read(path)

    monkeypatch.setattr(Path, "read_bytes", broken)
    folder({"1.png": "--"})
    found = {one.path: one.problem for one in albums.import_album(store, root).pictures}
    assert found == {
        "1.png": None,
        "inner.png": "cannot be read (Permission denied); check its permissions and its disk.",
        "large.png": "is larger than 0 MB; save it smaller.",
        "\\udcff.png": "has a name that is no text; rename it.",
    }


@pytest.mark.parametrize("error", [Cancelled("stopped"), KeyboardInterrupt()])
@pytest.mark.parametrize("phase", ["album", "names", "saving"])
def test_an_import_that_is_stopped_leaves_the_old_album(store, looker, folder, error, phase):
    root = folder({"1.png": "rg"})
    old = albums.import_album(store, root)
    before = groups(store, old.album)

    def stop(now, fraction):
        if now == phase and fraction != 1.0 / 3:
            raise error

    folder({"2.png": "r-", "3.png": "b-"})
    with pytest.raises(type(error)):
        albums.import_album(store, root, "Other", progress=stop)
    assert groups(store, old.album) == before
    assert [album.title for album in AlbumRepository(store).albums()] == ["Family"]


KILLED = """
import os, signal, sys
from pathlib import Path
sys.path.insert(0, {folder!r})
from test_albums import FakeLooker
from engine import config
from engine.pipeline import albums, correct
from engine.store.database import open_store

class Deadly(FakeLooker):
    def look(self, content):
        if self.n_looks >= 12:
            os.kill(os.getpid(), signal.SIGKILL)
        return super().look(content)

albums._looker = Deadly
albums.import_album(open_store(config.database_path()), Path(sys.argv[1]))
"""


def test_a_killed_import_leaves_the_old_album_and_goes_on_where_it_was(store, looker, folder):
    old = albums.import_album(store, folder({"0.png": "rg"}))
    before = groups(store, old.album)
    root = folder({f"{i}.png": f"{'rgbw'[i % 4]}-{chr(97 + i // 4)}" for i in range(1, 40)})
    script = KILLED.format(folder=str(Path(__file__).parent))
    done = subprocess.run([sys.executable, "-c", script, str(root)], cwd=PROJECT, check=False)
    assert done.returncode == -signal.SIGKILL
    assert groups(store, old.album) == before
    resumed = albums.import_album(store, root)
    assert resumed.n_pictures == 40 and resumed.n_looked <= 30  # what the threads had in hand was lost
    found = groups(store, resumed.album)
    shutil.rmtree(config.album_faces_dir())
    assert groups(store, albums.import_album(store, root).album) == found


def test_deleting_an_album_leaves_nothing_but_its_folder(store, looker, folder, data):
    one, two = folder({"1.png": "rg", "2.png": "b-"}), folder({"1.png": "rg"}, "Other")
    before = {path for path in data.rglob("*") if path.is_dir()}
    album = albums.import_album(store, one).album
    albums.import_album(store, two)
    albums.delete_album(store, album)
    assert [left.title for left in AlbumRepository(store).albums()] == ["Other"]
    assert len(list(one.iterdir())) == 2 and not (config.data_dir() / "pictures" / album.token).exists()
    n = looker.n_looks
    assert albums.import_album(store, two).n_looked == 0 and looker.n_looks == n
    assert albums.import_album(store, one).n_looked == 1  # what the other album has too was not forgotten
    assert before


def test_pictures_that_were_uploaded_go_with_their_album(store, looker, folder):
    source = folder({"1.png": "rg"})
    uploaded = config.albums_dir("some-id")
    shutil.copy(source / "1.png", uploaded)
    album = albums.import_album(store, uploaded, "Sent").album
    assert albums.is_uploaded(album)
    albums.delete_album(store, album)
    assert not uploaded.exists()


def test_albums_are_found_by_title_or_folder(store, looker, folder):
    root, other = folder({"1.png": "rg"}), folder({"1.png": "b-"}, "other")
    albums.import_album(store, root, "Lake")
    assert albums.find_album(store, "LAKE").path == albums.find_album(store, str(root)).path == root
    albums.import_album(store, other, "lake")
    with pytest.raises(MediaError, match="2 albums are called Lake; say the folder"):
        albums.find_album(store, "Lake")
    with pytest.raises(MediaError, match="no album called Sea"):
        albums.find_album(store, "Sea")


@pytest.mark.slow
def test_a_gallery_names_the_people_of_an_album(store, demo, models, tmp_path):
    gallery_folder = tmp_path / "gallery"
    for person in ("father", "mother"):
        (gallery_folder / person).mkdir(parents=True)
        for picture in (demo / "family").glob(f"{person}*.jpg"):
            shutil.copy(picture, gallery_folder / person)
    from engine.identity.gallery import build_gallery

    gallery = build_gallery(gallery_folder, "parents", *models.networks)
    imported = albums.import_album(store, demo / "album", gallery=gallery)
    analysis = FilmRepository(store).latest(imported.album.sha256)
    named = {person.name: len(person.track_ids) for person in analysis.people if person.kind == "known"}
    truth = _truth(demo)
    for name in ("father", "mother"):
        assert named[name] >= 0.8 * sum(who == name for who in truth.values())


@pytest.mark.slow
def test_the_demos_album_is_grouped_into_its_people(store, demo):
    imported = albums.import_album(store, demo / "album")
    analysis = FilmRepository(store).latest(imported.album.sha256)
    path_of = {one.number: one.path for one in imported.pictures}
    truth = _truth(demo)
    people, clusters = [], []
    for track in analysis.tracks:
        left, top, right, bottom = track.boxes_xyxy[0].tolist()
        middle = ((left + right) / 2, (top + bottom) / 2)
        who = [
            name for (file, box), name in truth.items() if file == path_of[int(track.start_s)] and _holds(box, middle)
        ]
        people.append(who[0] if who else f"nobody {track.id}")
        clusters.append(analysis.person_of_track[track.id])
    assert len(analysis.tracks) == len(truth) == 52
    score = score_clusters(people, clusters)
    assert score.f1 >= 0.9, score


def _truth(demo):
    """{(file, box): person} of the demo's album."""
    pictures = json.loads((demo / "album_truth.json").read_text())["pictures"]
    return {(one["file"], tuple(who["box"])): who["name"] for one in pictures for who in one["people"]}


def _holds(box, middle):
    return box[0] <= middle[0] <= box[2] and box[1] <= middle[1] <= box[3]
