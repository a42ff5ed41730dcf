"""Saved galleries as wholes: built again for what is new alone, killed and resumed, sent, merged, deleted.

Pictures here are text, and a looker that reads the text stands in for the networks; those are in the last test.
"""

from __future__ import annotations

import io
import json
import os
import shutil
import signal
import subprocess
import sys
import zipfile
from functools import partial
from pathlib import Path
from types import SimpleNamespace

import numpy as np
import pytest
from PIL import Image

from engine import config
from engine.cli import main
from engine.errors import Cancelled, GalleryError, MediaError
from engine.identity.looks import Look
from engine.pipeline import galleries
from engine.store.cast_folders import CastFolders
from engine.store.database import open_store
from engine.store.galleries import GalleryRepository
from engine.store.indexes import GalleryIndexes
from engine.store.jobs import JobRepository
from engine.types import LeftOut
from engine.vision.model_ids import EMBEDDER_ID

NETWORKS = {"detector": None, "aligner": None, "embedder": None}
PROJECT = Path(__file__).resolve().parents[3]


class FakeLooker:
    """Takes a vector from the average colour of the picture; a black one shows nobody."""

    model_id = galleries.EMBEDDER_ID
    id = "fake/1"

    def __init__(self):
        self.n_looks = 0

    def look(self, content):
        self.n_looks += 1
        colour = np.asarray(Image.open(io.BytesIO(content)).convert("RGB")).mean(axis=(0, 1))
        if not colour.any():
            return Look(None, "no face found")
        return Look(np.resize(colour / 255, 128).astype(np.float32))


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
    monkeypatch.setattr(galleries, "_looker", lambda n_views=0: fake)
    return fake


@pytest.fixture
def store():
    return open_store(config.database_path())


@pytest.fixture
def people(tmp_path):
    """people({person: [shade, ...]}, name="people") -> a folder with pictures 0.png, 1.png ... of each person."""

    def make(shades, name="people"):
        folder = tmp_path / name
        shutil.rmtree(folder, ignore_errors=True)
        for person, own in shades.items():
            (folder / person).mkdir(parents=True)
            for number, shade in enumerate(own):
                Image.new("RGB", (4, 4), (shade, shade // 2, 0)).save(folder / person / f"{number}.png")
        return folder

    return make


def same(one, other):
    assert (one.names, one.paths, one.sha256, one.left_out) == (other.names, other.paths, other.sha256, other.left_out)
    assert one.vectors.tobytes() == other.vectors.tobytes()


def on_disk(data):
    return {str(path.relative_to(data)) for path in data.rglob("*") if "models" not in path.parts}


def test_only_new_pictures_are_looked_at_and_an_old_licence_stays(store, looker, people):
    folder = people({"Anna": [10, 20], "Bo": [30, 0]})
    first = galleries.build_saved(store, folder, "Stars", "CC BY")
    assert (first.n_looked, looker.n_looks) == (4, 4)
    same(GalleryRepository(store).load("stars"), first.gallery)
    assert [(one.path, one.reason) for one in first.gallery.left_out] == [("Bo/1.png", "no face found")]
    again = galleries.build_saved(store, folder, "Stars")
    assert (again.n_looked, looker.n_looks) == (0, 4)
    same(again.gallery, first.gallery)
    more = galleries.build_saved(store, people({"Anna": [10, 20, 40], "Bo": [30, 0]}), "Stars")
    assert (more.n_looked, looker.n_looks) == (1, 5)
    assert GalleryRepository(store).licence_note("Stars") == "CC BY"


def test_folder_zip_and_list_give_one_gallery(store, looker, people, tmp_path):
    folder = people({"Anna": [10, 20], "Bo": [30]})
    shutil.make_archive(str(tmp_path / "packed"), "zip", tmp_path, "people")
    rows = "".join(f"{p.parent.name},people/{p.parent.name}/{p.name}\n" for p in sorted(folder.rglob("*.png")))
    (tmp_path / "list.csv").write_text(rows)
    built = [galleries.build_saved(store, tmp_path / name, name) for name in ("people", "packed.zip", "list.csv")]
    same(built[1].gallery, built[0].gallery)
    assert built[2].gallery.names == built[0].gallery.names and built[2].gallery.sha256 == built[0].gallery.sha256
    assert looker.n_looks == 3


def test_what_left_the_pictures_is_forgotten_unless_another_gallery_has_it(store, looker, people):
    galleries.build_saved(store, people({"Anna": [10, 20, 50]}), "One")
    galleries.build_saved(store, people({"Anna": [20]}), "Two")
    galleries.build_saved(store, people({"Anna": [10]}), "One")
    n = looker.n_looks
    galleries.build_saved(store, people({"Anna": [10, 20]}), "Three")
    assert looker.n_looks == n
    galleries.build_saved(store, people({"Anna": [50]}), "Four")
    assert looker.n_looks == n + 1


@pytest.mark.parametrize("error", [Cancelled("stopped"), KeyboardInterrupt()])
def test_a_build_that_is_stopped_leaves_the_old_gallery(store, looker, people, error):
    old = galleries.build_saved(store, people({"Anna": [10]}), "Stars").gallery

    def stop(_phase, fraction):
        if fraction > 0.5:
            raise error

    with pytest.raises(type(error)):
        galleries.build_saved(store, people({"Anna": [20, 30, 40]}), "Stars", "new terms", stop)
    same(GalleryRepository(store).load("Stars"), old)
    assert GalleryRepository(store).licence_note("Stars") == ""


def test_a_damaged_cache_costs_time_alone(store, looker, people):
    folder = people({"Anna": [10, 20]})
    first = galleries.build_saved(store, folder, "Stars").gallery
    (config.looks_dir() / "cache.db").write_bytes(b"damaged" * 5000)
    again = galleries.build_saved(store, folder, "Stars")
    assert again.n_looked == 2
    same(again.gallery, first)
    assert galleries.build_saved(store, folder, "Stars").n_looked == 0


KILLED = """
import os, signal, sys
from pathlib import Path
sys.path.insert(0, {folder!r})
from test_galleries import FakeLooker
from engine import config
from engine.pipeline import galleries
from engine.store.database import open_store

class Deadly(FakeLooker):
    def look(self, content):
        if self.n_looks >= 12:
            os.kill(os.getpid(), signal.SIGKILL)
        return super().look(content)

galleries._looker = Deadly
galleries.build_saved(open_store(config.database_path()), Path(sys.argv[1]), "Stars")
"""


def test_a_killed_build_leaves_the_old_gallery_and_resumes(store, looker, people):
    old = galleries.build_saved(store, people({"Anna": [250]}), "Stars").gallery
    folder = people({"Anna": range(10, 40), "Bo": [*range(50, 60), 11, 0]})
    script = KILLED.format(folder=str(Path(__file__).parent))
    done = subprocess.run([sys.executable, "-c", script, str(folder)], cwd=PROJECT, check=False)
    assert done.returncode == -signal.SIGKILL
    same(GalleryRepository(store).load("Stars"), old)
    resumed = galleries.build_saved(store, folder, "Stars")
    n_pictures = 42
    assert resumed.n_looked <= n_pictures - 10  # what two threads had not put away yet was lost
    assert len(resumed.gallery.names) + len(resumed.gallery.left_out) == n_pictures
    shutil.rmtree(config.looks_dir())
    anew = galleries.build_saved(store, folder, "Anew")
    assert anew.n_looked >= n_pictures - 1  # one is there twice
    same(resumed.gallery, anew.gallery)


def test_a_gallery_travels_and_the_file_is_the_same_again(store, looker, people, tmp_path):
    folder = people({"Anna": [10, 20], "Bo": [30, 0]})
    built = galleries.build_saved(store, folder, "Stars", "CC BY").gallery
    one, other, third = (tmp_path / name for name in ("1", "2", "3"))
    galleries.export_gallery(store, "stars", one)
    with pytest.raises(GalleryError, match="Stars already; choose another name.$"):
        galleries.import_gallery(store, one)
    galleries.delete_gallery(store, "Stars")
    same(galleries.import_gallery(store, one), built)
    galleries.export_gallery(store, "Stars", other)
    assert other.read_bytes() == one.read_bytes()
    assert galleries.import_gallery(store, one, "Twin").name == "Twin"
    assert GalleryRepository(store).licence_note("twin") == "CC BY"
    with pytest.raises(GalleryError, match="not stored here"):
        galleries.export_gallery(store, "Stars", third, pictures=True)
    assert not third.exists()


def test_pictures_travel_too_and_make_a_cast_that_can_be_changed(store, looker, people, tmp_path):
    folder = people({"Anna": [10, 20], "Bo": [30]})
    built = galleries.build_saved(store, folder, "Stars").gallery
    galleries.export_gallery(store, "Stars", tmp_path / "file", pictures=True, source=folder)
    galleries.delete_gallery(store, "Stars")
    same(galleries.import_gallery(store, tmp_path / "file"), built)
    (cast,) = CastFolders(config.cast_dir()).all()
    assert cast.name == "Stars" and [(p.name, p.files) for p in cast.people] == [
        ("Anna", ("0.png", "1.png")),
        ("Bo", ("0.png",)),
    ]
    same(galleries.build_saved(store, cast.path, "Stars").gallery, built)
    galleries.export_gallery(store, "Stars", tmp_path / "again", pictures=True)
    assert (tmp_path / "again").read_bytes() == (tmp_path / "file").read_bytes()


def test_an_import_that_fails_leaves_nothing(store, looker, people, tmp_path, data, monkeypatch):
    folder = people({"Anna": [10, 20]})
    galleries.build_saved(store, folder, "Stars")
    galleries.export_gallery(store, "Stars", tmp_path / "file", pictures=True, source=folder)
    galleries.delete_gallery(store, "Stars")
    before = on_disk(data)
    whole = (tmp_path / "file").read_bytes()
    with zipfile.ZipFile(tmp_path / "file") as archive:
        last = archive.infolist()[-1]
    at = last.header_offset + 120 + last.file_size // 2
    for content in (whole[: len(whole) // 2], whole[:at] + bytes([whole[at] ^ 1]) + whole[at + 1 :]):
        (tmp_path / "file").write_bytes(content)
        with pytest.raises((GalleryError, MediaError)):
            galleries.import_gallery(store, tmp_path / "file")
    (tmp_path / "file").write_bytes(whole)

    def refuse(*_args, **_more):
        raise GalleryError("no")

    monkeypatch.setattr(GalleryRepository, "save", refuse)
    with pytest.raises(GalleryError, match="^no$"):
        galleries.import_gallery(store, tmp_path / "file")
    assert {path for path in on_disk(data) if "sqlite3-" not in path} == before | {"casts"}


def test_merging_joins_people_keeps_both_licences_and_both_galleries(store, looker, people):
    galleries.build_saved(store, people({"Anna Lee": [10, 20], "Bo": [30]}), "One", "CC BY")
    galleries.build_saved(store, people({"anna_lee": [20, 40], "Carl": [30, 50]}), "Two", "ours")
    merged = galleries.merge_saved(store, "one", "two", "Both")
    assert sorted(merged.names) == ["Anna Lee", "Anna Lee", "Anna Lee", "Carl"]
    assert len(merged.left_out) == 2
    same(GalleryRepository(store).load("both"), merged)
    assert GalleryRepository(store).licence_note("Both") == "CC BY\nours"
    assert GalleryRepository(store).names() == ("Both", "One", "Two")
    with pytest.raises(GalleryError, match="One already"):
        galleries.merge_saved(store, "one", "two", "ONE")
    with pytest.raises(GalleryError, match="no gallery called 'Three'"):
        galleries.merge_saved(store, "one", "Three", "New")


def test_casts_with_all_their_pictures_merge_into_one_that_can_be_changed(store, looker, people):
    folders = CastFolders(config.cast_dir())
    for name, shades in (("One", {"Anna": [10], "Bo": [30]}), ("Two", {"ANNA": [40]})):
        cast = folders.copy_of(people(shades), name)
        galleries.build_saved(store, cast.path, name)
    merged = galleries.merge_saved(store, "One", "Two", "Both")
    (cast,) = [one for one in folders.all() if one.name == "Both"]
    assert galleries.build_saved(store, cast.path, "Both").n_looked == 0
    again = GalleryRepository(store).load("Both")
    assert sorted(again.sha256) == sorted(merged.sha256) and set(again.names) == {"Anna", "Bo"}


def test_a_name_means_the_gallery_and_a_path_the_folder(store, looker, people, monkeypatch):
    folder = people({"Ana": [80]})
    monkeypatch.chdir(folder.parent)
    monkeypatch.setattr(galleries, "build_gallery", lambda folder, name, *networks: (folder, name))
    folder_of = partial(galleries.gallery_of_folder, store=store, models=SimpleNamespace(**NETWORKS))
    assert folder_of("people") == (Path("people"), "people"), "no gallery is called so yet"
    galleries.build_saved(store, folder, "PEOPLE")
    assert folder_of("people") is None
    assert folder_of("./people") == (Path("people"), "people")
    assert folder_of("no such folder") is None


def test_deleting_leaves_nothing(store, looker, people, data):
    cast = CastFolders(config.cast_dir()).copy_of(people({"Anna": [10, 20], "Bo": [0]}), "Stars")
    built = galleries.build_saved(store, cast.path, "Stars").gallery
    other = galleries.build_saved(store, people({"Anna": [20]}), "Other").gallery
    GalleryIndexes(store).open("stars", EMBEDDER_ID)

    def holding(gallery, row):
        vector = gallery.vectors[row].tobytes()
        return [path.name for path in data.rglob("*") if path.is_file() and vector in path.read_bytes()]

    assert len(holding(built, 0)) >= 3
    galleries.delete_gallery(store, "STARS")
    assert holding(built, 0) == []
    assert len(holding(other, 0)) == 2  # its row and its look
    assert GalleryRepository(store).names() == ("Other",)
    galleries.delete_gallery(store, "Other")
    left = {path for path in on_disk(data) if "sqlite3" not in path}
    assert left == {"casts", "indexes", "looks", "looks/cache.db"}
    with pytest.raises(GalleryError, match="no gallery called"):
        galleries.delete_gallery(store, "Other")


def test_a_ready_gallery_is_taken_as_any_other_but_stays(store, looker, people, tmp_path):
    ready, note = galleries.named_gallery(store, "ACTORS")
    assert ready.name == "actors" and len(ready.people) >= 250 and "Labeled Faces in the Wild" in note
    galleries.export_gallery(store, "actors", tmp_path / "f")
    taken = galleries.import_gallery(store, tmp_path / "f", "Stars")
    assert taken.vectors.tobytes() == ready.vectors.tobytes()
    galleries.build_saved(store, people({"Anna": [10]}), "Mine", "CC BY")
    both = galleries.merge_saved(store, "actors", "Mine", "Both")
    assert len(both.people) == len(ready.people) + 1
    assert GalleryRepository(store).licence_note("Both") == f"{note}\nCC BY"
    with pytest.raises(GalleryError, match="^The gallery actors comes with the project and cannot be deleted; .*own"):
        galleries.delete_gallery(store, "Actors")
    with pytest.raises(GalleryError, match="comes with the project and so does its index"):
        GalleryIndexes(store).build("actors", EMBEDDER_ID)
    galleries.build_saved(store, people({"Anna": [10]}), "Actors")  # one's own of that name is meant from now on
    assert galleries.named_gallery(store, "actors")[0].people == ("Anna",)
    assert galleries.delete_gallery(store, "actors") == "Actors"
    assert galleries.named_gallery(store, "actors")[0].people == ready.people


@pytest.mark.parametrize(
    ("kind", "spec"), [("gallery", {"name": "STARS", "folder": "x"}), ("analyse", {"gallery": "stars"})]
)
def test_a_gallery_in_use_is_not_deleted(store, looker, people, kind, spec):
    galleries.build_saved(store, people({"Anna": [10]}), "Stars")
    job = JobRepository(store).submit(kind, "a film", spec)
    with pytest.raises(GalleryError, match="Stars is being used for a film"):
        galleries.delete_gallery(store, "stars")
    assert GalleryRepository(store).names() == ("Stars",)
    JobRepository(store).request_cancel(job.id)
    galleries.delete_gallery(store, "stars")


@pytest.mark.parametrize("name", ["", " _ ", "\u202e", "x" * 201])
def test_a_gallery_needs_a_name(store, looker, people, name):
    with pytest.raises(GalleryError, match="needs a name"):
        galleries.build_saved(store, people({"Anna": [10]}), name)


def test_a_file_name_that_is_no_text_is_left_out(store, looker, people):
    folder = people({"Anna": [10, 20]})
    os.rename(os.fsencode(folder / "Anna" / "1.png"), os.fsencode(folder / "Anna") + b"/caf\xe9.png")
    gallery = galleries.build_saved(store, folder, "Stars").gallery
    assert gallery.left_out == (LeftOut("Anna/caf\\udce9.png", "its name is no text; rename it"),)


def test_the_commands_say_what_they_did(demo, tmp_path, capsys):
    """With the networks: from pictures to a deleted gallery."""
    folder = tmp_path / "cast"
    for person in ("Clara_Winther", "Mei_Kuroda"):
        (folder / person).mkdir(parents=True)
        shutil.copy(demo / "gallery" / person / "01.jpg", folder / person)
    Image.new("RGB", (64, 64)).save(folder / "Mei_Kuroda" / "2.png")

    def said(*arguments):
        status = main(["gallery", *map(str, arguments)])
        out, err = capsys.readouterr()
        return status, out, err

    status, out, err = said("list")
    assert status == 0 and out.startswith("actors: ") and "comes with the project\n  licence: " in out
    assert err == "There is no gallery of yours yet; make one with ./dramatis gallery build FOLDER --name NAME.\n"
    status, out, err = said("build", folder, "--name", "Stars", "--licence", "CC BY 4.0")
    assert (status, out) == (0, "Stars: 2 people, 2 pictures\n")
    assert "3 of 3 pictures were new." in err and "Mei_Kuroda/2.png: no face found" in err
    assert "0 of 3 pictures were new." in said("build", folder, "--name", "Stars")[2]
    assert said("list")[1].startswith("Stars: 2 people, 2 pictures\n  licence: CC BY 4.0\nactors: ")
    listed = json.loads(said("list", "--json")[1])
    assert [(one["name"], one["left_out"], one["is_ready"]) for one in listed] == [
        ("Stars", 1, False),
        ("actors", None, True),
    ]
    shown = said("show", "stars")[1]
    assert "licence: CC BY 4.0" in shown and "Clara_Winther: 1" in shown and "2.png: no face found" in shown
    assert said("export", "Stars", tmp_path / "f", "--pictures", "--from", folder)[0] == 0
    assert said("import", tmp_path / "f", "--name", "Twin")[1:] == (
        "Twin: 2 people, 2 pictures\n",
        "licence: CC BY 4.0\n",
    )
    assert said("merge", "Stars", "Twin", "--name", "Both")[1] == "Both: 2 people, 2 pictures\n"
    plain = GalleryRepository(open_store(config.database_path())).load("Stars")
    shutil.copy(demo / "gallery" / "Clara_Winther" / "02.jpg", folder / "Clara_Winther")
    shutil.copy(demo / "gallery" / "Clara_Winther" / "03.jpg", folder / "Clara_Winther")
    assert said("build", folder, "--name", "Stars", "--augment")[1] == "Stars: 2 people, 4 pictures\n"
    steady = GalleryRepository(open_store(config.database_path())).load("Stars")
    assert steady.vectors[0].tobytes() == plain.vectors[0].tobytes()  # three pictures are not few
    moved = float(np.linalg.norm(steady.vectors[3] - plain.vectors[1]))
    assert 0 < moved < 0.4  # another vector of the same face
    for name in ("Stars", "Twin", "Both"):
        assert said("delete", name)[1] == f"{name} is deleted.\n"
    status, out, err = said("delete", "Stars")
    assert (status, out) == (1, "") and err == "There is no gallery called 'Stars'; build one first.\n"
    assert said("export", "Stars", tmp_path / "g", "--from", folder)[0] == 1
