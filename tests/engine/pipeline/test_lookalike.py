"""Who looks like whom, on the demo's selfies: the right person first, everybody in a group, and what no photo is."""

from __future__ import annotations

import io
import json
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from engine.cli import main
from engine.errors import GalleryError, MediaError, StorageError
from engine.evaluate.ready_gallery import read_names
from engine.exports.lookalike import lookalike_json, lookalike_text
from engine.identity.gallery import build_gallery
from engine.identity.index import FaceIndex
from engine.identity.index_build import build_index, open_index
from engine.pipeline.lookalike import faces_of_photo, lookalikes
from engine.store import indexes as indexes_module
from engine.store.database import open_store
from engine.store.galleries import GalleryRepository
from engine.store.index_folders import index_folder
from engine.store.indexes import GalleryIndexes
from engine.store.ready_pictures import fetch_lfw, ready_picture
from engine.types import Gallery
from engine.vision.embed import EMBEDDER_ID
from tests.heif_files import heic

PROJECT = Path(__file__).resolve().parents[3]
LIKENESSES = {"user_1": "Helena_Marsh", "user_2": "Viktor_Hale", "user_3": "Naomi_Okafor"}


@pytest.fixture(scope="module")
def stars(demo, models, tmp_path_factory):
    """The demo's people with two pictures each."""
    folder = tmp_path_factory.mktemp("stars")
    for person in sorted((demo / "gallery").iterdir()):
        (folder / person.name).mkdir()
        for number in ("01", "06"):
            (folder / person.name / f"{number}.jpg").write_bytes((person / f"{number}.jpg").read_bytes())
    return build_gallery(folder, "Stars", models.detector, models.aligner, models.embedder)


@pytest.fixture(scope="module")
def index(stars):
    return FaceIndex.of_gallery(stars)


@pytest.fixture(scope="module")
def selfies(demo, models):
    return {name: faces_of_photo(demo / "selfies" / f"{name}.jpg", models) for name in LIKENESSES}


@pytest.mark.parametrize(("name", "person"), LIKENESSES.items())
def test_a_selfie_finds_its_lookalike_first(selfies, index, name, person):
    answer = lookalikes([selfies[name]], index, k=3)
    (face,) = answer.faces
    assert [match.name for match in face.matches][0] == person
    assert len(face.matches) == 3 and face.nearest == face.matches[0]
    first = face.matches[0]
    assert first.distance == first.pictures[0].distance and first.pictures[0].path.startswith(person)
    assert first.closer_than_strangers > face.matches[1].closer_than_strangers > 0.9
    assert (answer.n_people, answer.n_faces, answer.method) == (10, 20, "all compared")


def test_everybody_in_a_group_is_found_from_left_to_right(demo, models, index):
    photo = faces_of_photo(demo / "selfies" / "user_4_group.jpg", models, chips=True)
    truth = json.loads((demo / "selfies" / "group_truth.json").read_text())
    assert [face.number for face in photo.faces] == [1, 2, 3]
    lefts = [face.box_xyxy[0] for face in photo.faces]
    assert lefts == sorted(lefts) and truth
    assert all(face.chip.shape == (150, 150, 3) for face in photo.faces)
    answer = lookalikes([photo], index, k=1, max_distance=0.5)
    assert answer.faces[1].matches[0].name == "Finn_Gallagher"
    assert answer.faces[0].matches == () and answer.faces[0].nearest.distance > 0.5
    text = lookalike_text(answer)
    assert "face 1 of 3" in text and "nobody within 0.5; the nearest is" in text


@pytest.mark.slow
def test_forty_people_are_all_found(demo, models):
    pictures = sorted((demo / "gallery").glob("*/0[1-4].jpg"))[:40]
    crowd = Image.new("RGB", (8 * 144, 5 * 144))
    for i, path in enumerate(pictures):
        crowd.paste(Image.open(path).resize((144, 144), Image.Resampling.LANCZOS), (i % 8 * 144, i // 8 * 144))
    stream = io.BytesIO()
    crowd.save(stream, "PNG")
    assert len(faces_of_photo(stream.getvalue(), models).faces) == 40


def test_several_photos_of_one_person_count_by_the_nearest_of_each(selfies, index, demo, models):
    both = lookalikes([selfies["user_1"], selfies["user_2"]], index, k=10)
    (face,) = both.faces
    alone = [lookalikes([selfies[name]], index, k=10).faces[0].matches for name in ("user_1", "user_2")]
    nearest = {}
    for match in (*alone[0], *alone[1]):
        nearest[match.name] = min(match.distance, nearest.get(match.name, 9.0))
    assert {match.name: match.distance for match in face.matches} == nearest
    assert "one person in 2 photos" in lookalike_text(both)
    group = faces_of_photo(demo / "selfies" / "user_4_group.jpg", models)
    with pytest.raises(MediaError, match="shows 3 faces"):
        lookalikes([group, selfies["user_1"]], index)


def test_only_some_people_and_nobody_at_all(selfies, index):
    answer = lookalikes([selfies["user_1"]], index, people=["mei kuroda", "Kenji_Mori"])
    assert {match.name for match in answer.faces[0].matches} == {"Mei_Kuroda", "Kenji_Mori"}
    assert (answer.n_people, answer.n_faces) == (2, 4)
    empty = Gallery("None", EMBEDDER_ID, (), (), (), np.empty((0, 128)))
    with pytest.raises(GalleryError, match="is empty"):
        lookalikes([selfies["user_1"]], FaceIndex.of_gallery(empty))
    other = Gallery("Old", "old-model", ("A",), ("a",), ("",), np.zeros((1, 128)))
    with pytest.raises(GalleryError, match="old-model"):
        lookalikes([selfies["user_1"]], FaceIndex.of_gallery(other))


def test_the_json_holds_what_the_contract_says(selfies, index):
    record = json.loads(lookalike_json(lookalikes([selfies["user_2"]], index, k=2)))
    assert record["schema"] == "dramatis.lookalike/1"
    assert record["gallery"]["name"] == "Stars" and record["method"] == "all compared"
    (face,) = record["faces"]
    assert face["of"] == [{"photo": 0, "number": 1}] and len(face["matches"]) == 2
    assert face["matches"][0]["meaning"].startswith("closer than 99.")
    assert len(record["photos"][0]["faces"][0]["box"]) == 4


def as_bytes(image, form, **options):
    stream = io.BytesIO()
    image.save(stream, form, **options)
    return stream.getvalue()


@pytest.mark.slow
def test_a_photo_may_be_turned_grey_or_of_another_kind(demo, models):
    upright = Image.open(demo / "selfies" / "user_1.jpg").resize((360, 480))
    exif = Image.Exif()
    exif[0x0112] = 6
    turned = as_bytes(upright.transpose(Image.Transpose.ROTATE_90), "JPEG", exif=exif.tobytes(), quality=95)
    straight = faces_of_photo(as_bytes(upright, "JPEG", quality=95), models).faces[0]
    for content in (
        turned,
        heic(np.rot90(np.asarray(upright)), quarter_turns=3),
        as_bytes(upright.convert("L"), "PNG"),
        as_bytes(upright, "WEBP"),
        as_bytes(upright, "GIF", save_all=True, append_images=[Image.new("RGB", upright.size)]),
    ):
        face = faces_of_photo(content, models).faces[0]
        assert np.allclose(face.box_xyxy, straight.box_xyxy, atol=30)


@pytest.mark.parametrize(
    ("content", "said"),
    [
        (b"\0\0\0\x18ftypheic\0\0\0\0mif1heic" + bytes(64), "is not a picture"),
        (b"", "is empty"),
        (b"GIF89a" + bytes(5), "picture"),
        (as_bytes(Image.new("1", (11_000, 10_000)), "PNG"), "megapixels"),
        (as_bytes(Image.new("RGB", (200, 150), "white"), "PNG"), "No face was found"),
    ],
)
def test_what_is_no_photo_of_a_face_is_said_in_one_sentence(tmp_path, capsys, content, said):
    path = tmp_path / "photo.jpg"
    path.write_bytes(content)
    assert main(["lookalike", str(path), "--gallery", "actors"]) == 1
    out, err = capsys.readouterr()
    assert out == "" and said in err and err.count("\n") == 1 and err.endswith(".\n")


def test_the_ready_gallery_answers_in_the_terminal(demo, capsys):
    assert main(["lookalike", str(demo / "selfies" / "user_2.jpg"), "--gallery", "Actors", "-k", "2", "--json"]) == 0
    record = json.loads(capsys.readouterr().out)
    assert record["gallery"]["name"] == "actors" and record["gallery"]["people"] >= 250
    assert "Labeled Faces in the Wild" in record["gallery"]["note"]
    assert len(record["faces"][0]["matches"]) == 2
    assert main(["gallery", "list"]) == 0
    assert "actors: " in capsys.readouterr().out
    assert main(["lookalike", str(demo / "selfies" / "user_2.jpg"), "--gallery", "Nobody"]) == 1
    assert "There is no gallery called 'Nobody'" in capsys.readouterr().err
    with pytest.raises(SystemExit) as usage:
        main(["lookalike"])
    assert usage.value.code == 2


def test_the_ready_gallery_is_whole_and_holds_whom_its_list_names():
    index = open_index(PROJECT / "indexes" / "actors", EMBEDDER_ID)  # every checksum is compared
    named = read_names(PROJECT / "indexes" / "actors" / "names.txt")
    assert len(named) >= 250 and set(index.people) == set(named.values())
    folders = {index.name_of(row): index.picture(row)[0].split("/")[0] for row in range(len(index))}
    assert folders == {name: folder for folder, name in named.items()}


def test_the_ready_gallery_holds_no_pictures():
    files = [path for path in (PROJECT / "indexes").rglob("*") if path.is_file()]
    assert files
    for path in files:
        assert path.suffix in (".json", ".txt", ".f32", ".ann") or path.name == ".lock"
        with pytest.raises(OSError):
            Image.open(path)


@pytest.fixture
def repository(tmp_path, monkeypatch):
    monkeypatch.setenv("DRAMATIS_DATA", str(tmp_path / "data"))
    store = open_store(tmp_path / "data.sqlite3")
    return GalleryRepository(store), GalleryIndexes(store, tmp_path / "ready")


def test_a_gallery_has_its_index_built_when_it_is_asked_for(repository, stars, monkeypatch):
    galleries, indexes = repository
    galleries.save(stars, "From the demo.")
    index = indexes.open("stars", EMBEDDER_ID)
    assert (index.name, index.note, len(index)) == ("Stars", "From the demo.", 20)
    built = {path.name: path.stat().st_mtime_ns for path in index_folder("Stars").iterdir()}
    assert indexes.open("Stars", EMBEDDER_ID).search(stars.vectors[4], 1).rows.tolist() == [4]
    assert {path.name: path.stat().st_mtime_ns for path in index_folder("STARS").iterdir()} == built
    with monkeypatch.context() as patch:  # nor is every row asked again
        patch.setattr(indexes_module, "fingerprint", lambda rows: pytest.fail("was reckoned"))
        assert len(indexes.open("Stars", EMBEDDER_ID)) == 20
    with pytest.raises(GalleryError, match="was made with the network"):
        indexes.build("Stars", "another")


def changed(stars, rows):
    return Gallery(
        "Stars",
        EMBEDDER_ID,
        *(tuple(of[i] for i in rows) for of in (stars.names, stars.paths, stars.sha256)),
        stars.vectors[rows],
    )


def test_an_index_never_answers_for_a_gallery_that_has_changed(repository, stars, monkeypatch):
    galleries, indexes = repository
    galleries.save(changed(stars, list(range(18))))
    indexes.open("Stars", EMBEDDER_ID)
    with monkeypatch.context() as patch:  # as whoever changes rows one by one leaves it
        patch.setattr("engine.store.galleries.forget_index", lambda name: None)
        galleries.save(changed(stars, list(range(1, 20))))
    with monkeypatch.context() as patch:
        patch.setattr(indexes_module, "ALL_COMPARED_UP_TO", 5)  # a gallery whose index takes long to build
        patch.setattr(indexes_module, "MOST_CHANGED", 0.5)
        now = indexes.open("Stars", EMBEDDER_ID)
        assert (now.n_added, now.n_removed) == (2, 1)
        assert now.search(stars.vectors[19], 1).rows.tolist() == [18]
        assert now.search(stars.vectors[0], 1).distances[0] > 0
        patch.setattr(indexes_module, "MOST_CHANGED", 0.1)
        assert indexes.open("Stars", EMBEDDER_ID).n_added == 0
    galleries.delete("Stars")
    assert not list(index_folder("Stars").iterdir())


def test_an_index_outlives_its_gallery_only_where_that_has_grown(repository, stars, monkeypatch):
    galleries, indexes = repository

    def files():
        return sorted(path.name for path in index_folder("Stars").iterdir())

    galleries.save(changed(stars, list(range(18))), "CC BY")
    indexes.open("Stars", EMBEDDER_ID)
    built = files()
    galleries.save(changed(stars, list(range(20))))
    assert files() == built
    with monkeypatch.context() as patch:
        patch.setattr(indexes_module, "ALL_COMPARED_UP_TO", 5)
        patch.setattr(indexes_module, "MOST_CHANGED", 0.5)
        now = indexes.open("Stars", EMBEDDER_ID)  # new faces are found at once
        assert now.n_added == 2 and now.search(stars.vectors[19], 1).rows.tolist() == [19]
    assert indexes.open("Stars", EMBEDDER_ID).n_added == 0
    galleries.save(changed(stars, list(range(20))), "CC0")
    assert files() == []
    assert indexes.open("Stars", EMBEDDER_ID).note == "CC0"
    galleries.save(changed(stars, list(range(19))))
    assert files() == []


def test_a_whole_licence_is_a_note_and_a_book_is_none(repository, stars):
    galleries, indexes = repository
    note = '"\u2028ö' * 30_000
    galleries.save(stars, note)
    assert indexes.open("Stars", EMBEDDER_ID).note == note
    with pytest.raises(GalleryError, match="too long"):
        galleries.save(stars, "x" * 100_001)
    assert galleries.licence_note("Stars") == note


def test_the_same_pictures_looked_at_otherwise_are_another_gallery(repository, stars):
    galleries, indexes = repository
    galleries.save(stars)
    indexes.open("Stars", EMBEDDER_ID)
    moved = Gallery("Stars", EMBEDDER_ID, stars.names, stars.paths, stars.sha256, stars.vectors[::-1])
    galleries.save(moved)
    assert indexes.open("Stars", EMBEDDER_ID).search(stars.vectors[0], 1).rows.tolist() == [19]


def test_a_gallery_deleted_while_its_index_is_built_leaves_none(repository, stars, monkeypatch):
    galleries, indexes = repository
    galleries.save(stars)

    def built_late(*arguments):
        galleries.delete("Stars")
        return build_index(*arguments)

    monkeypatch.setattr(indexes_module, "build_index", built_late)
    assert len(indexes.open("Stars", EMBEDDER_ID)) == 20
    assert not list(index_folder("Stars").iterdir())


def test_a_ready_gallery_stands_beside_those_of_the_store(repository, stars, tmp_path):
    galleries, indexes = repository
    assert indexes.names() == ()
    with pytest.raises(GalleryError, match="build one first"):
        indexes.open("stars", EMBEDDER_ID)
    build_index(stars, tmp_path / "ready" / "stars", "Ready.")
    assert indexes.names() == ("stars",)
    assert indexes.open("STARS", EMBEDDER_ID).note == "Ready."
    again = indexes.gallery("stars", EMBEDDER_ID)
    assert (again.name, again.names, again.paths, again.sha256) == ("Stars", stars.names, stars.paths, stars.sha256)
    assert again.vectors.tobytes() == stars.vectors.tobytes()
    galleries.save(changed(stars, [0, 1]))
    assert len(indexes.gallery("stars", EMBEDDER_ID).names) == 2
    assert indexes.names() == ("Stars",) and len(indexes.open("stars", EMBEDDER_ID)) == 2
    galleries.delete("Stars")
    next((tmp_path / "ready" / "stars").glob("vectors-*")).write_bytes(b"")
    with pytest.raises(GalleryError, match="cannot be used"):
        indexes.open("stars", EMBEDDER_ID)


def test_pictures_are_fetched_only_when_asked_for_and_a_missing_network_is_said(tmp_path, monkeypatch):
    monkeypatch.setenv("DRAMATIS_DATA", str(tmp_path))
    assert ready_picture("AJ_Cook/AJ_Cook_0001.jpg") is None

    def no_network(**options):
        raise OSError("no route")

    with pytest.raises(StorageError, match="needs a network"):
        fetch_lfw(lambda line: None, no_network)

    def fetched(data_home, **options):
        person = Path(data_home) / "lfw_home" / "lfw_funneled" / "AJ_Cook"
        person.mkdir(parents=True)
        (person / "AJ_Cook_0001.jpg").write_bytes(b"x")

    fetch_lfw(lambda line: None, fetched)
    assert ready_picture("AJ_Cook/AJ_Cook_0001.jpg").read_bytes() == b"x"
    assert ready_picture("../../../etc/passwd") is None and ready_picture("/etc/passwd") is None
    fetch_lfw(lambda line: None, no_network)  # they are there
