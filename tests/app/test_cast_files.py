"""Files of casts: zips and lists of pictures on their way in, a cast as one file out and in, two casts as one."""

from __future__ import annotations

import io
import zipfile

import numpy as np
import pytest

from app.components import cast_callbacks, cast_views
from app.components.cast_ids import Ids
from app.components.cast_report import problems, report
from app.services import galleries, gallery_files, gallery_merges, ready_galleries
from app.services.gallery_records import LeftOutPicture
from app.services.store import store
from engine.config import outgoing_dir
from engine.errors import DramatisError, GalleryError, MediaError
from engine.store.galleries import GalleryRepository
from engine.store.incoming import Incoming
from engine.types import Gallery, LeftOut
from engine.vision.model_ids import EMBEDDER_ID
from tests.app.test_casts import picture
from tests.app.test_job_views import words

pytestmark = pytest.mark.usefixtures("own_data")


def zipped(*files: tuple[str, bytes]) -> bytes:
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w") as archive:
        for name, content in files:
            archive.writestr(name, content)
    return out.getvalue()


def sent(content: bytes, name: str) -> str:
    """The id of an upload with this content."""
    incoming = Incoming()
    upload = incoming.begin(name, len(content))
    incoming.append(upload.id, 0, content)
    return upload.id


def save(name: str, *people: str, note: str = "", first: int = 0, left_out: tuple[LeftOut, ...] = ()) -> Gallery:
    """A saved gallery with a picture a person, numbered from `first` on: equal numbers are equal pictures."""
    paths = tuple(f"{person}/1.jpg" for person in people)
    hashes = tuple(f"{first + i:064x}" for i in range(len(people)))
    vectors = np.arange(128 * len(people), dtype=np.float32).reshape(-1, 128) / 1000
    gallery = Gallery(name, EMBEDDER_ID, people, paths, hashes, vectors, left_out)
    GalleryRepository(store()).save(gallery, note)
    return gallery


def test_a_zip_is_taken_in_steps_and_then_gone(client, monkeypatch):
    draft = galleries.new_draft()
    same = picture()
    upload = sent(
        zipped(
            ("Cast/Anna Lee/1.png", same),
            ("Cast/Anna Lee/2.png", same),
            ("Cast/Ben/1.png", picture("blue")),
            ("Cast/Ben/2.jpg", b"nothing"),
        ),
        "Our cast.zip",
    )
    monkeypatch.setattr(gallery_files, "STEP_S", -1.0)  # one picture a request
    told, at = [], 0
    while at < 4:
        step = client.post(f"/cast-pictures/{draft.id}/zip?upload={upload}&from={at}").json
        assert (step["n"], step["next"]) == (4, at + 1)
        told += step["problems"]
        at = step["next"]
    assert told == [
        ["Anna Lee/2.png", gallery_files.IS_THERE],
        ["Ben/2.jpg", "is not a picture that can be read; use JPEG, PNG, WebP or HEIC"],
    ]
    assert [(one.name, len(one.pictures)) for one in galleries.draft(draft.id).people] == [("Anna Lee", 1), ("Ben", 1)]
    with pytest.raises(DramatisError, match="not known here"):
        Incoming().status(upload)


@pytest.mark.parametrize(
    ("content", "said"),
    [
        (b"no zip at all", "Our cast.zip is no zip file"),
        (zipped(("../Anna/1.png", picture())), "lead out of its folder"),
        (zipped(("readme.txt", b"hello")), "There are no pictures of people in Our cast.zip"),
        (zipped(*((f"{n}/1.png", picture()) for n in range(501))), "holds 501 people"),
    ],
)
def test_a_hostile_zip_is_refused_in_a_sentence_and_deleted(client, content, said):
    draft, upload = galleries.new_draft(), sent(content, "Our cast.zip")
    answer = client.post(f"/cast-pictures/{draft.id}/zip?upload={upload}&from=0")
    assert answer.status_code == 400
    assert said in answer.json["error"]
    assert str(Incoming().folder) not in answer.json["error"]
    assert Incoming().unfinished() == ()
    assert galleries.draft(draft.id).people == ()


@pytest.mark.parametrize("query", ["upload=nobody&from=0", "upload=../../x&from=0", "from=0", "upload=a&from=-1", ""])
def test_a_zip_that_was_not_sent_is_none(client, query):
    draft = galleries.new_draft()
    answer = client.post(f"/cast-pictures/{draft.id}/zip?{query}")
    assert answer.status_code == 400 and answer.json["error"]


def test_a_list_says_whom_pictures_show_and_reads_no_file(client):
    content = b"person;picture\nAnna Lee;a/1.jpg\n\nBen;/etc/passwd\n;b.jpg\nBen\n"
    answer = client.post("/cast-files/list?name=cast.csv", data=content)
    assert answer.json["rows"] == [["Anna Lee", "a/1.jpg"], ["Ben", "/etc/passwd"]]
    assert answer.json["problems"] == [
        ["line 5", "a person's name is missing"],
        ["line 6", "1 columns, two expected: person and picture"],
    ]
    for wrong in (b"\xff\xfe", b"", b"one column"):
        refused = client.post("/cast-files/list?name=cast.csv", data=wrong)
        assert refused.status_code == 400
        assert "cast.csv" in refused.json["error"]


def test_a_cast_leaves_as_a_file_and_comes_back(client):
    save("Ours: the cast", "Anna Lee", "Ben", note="CC0\nby Ann")
    answer = client.get("/cast-files/export?name=ours:+the+CAST")
    assert answer.status_code == 200
    assert 'filename="Ours the cast.gallery"' in answer.headers["Content-Disposition"]
    assert answer.headers["Cache-Control"] == "private, no-store"
    assert int(answer.headers["Content-Length"]) == len(answer.data)
    assert list(outgoing_dir().iterdir()) == [], "nothing is left of it here"

    upload = sent(answer.data, "ours.gallery")
    found = gallery_files.offered(upload)
    assert (found.name, found.n_people, found.has_pictures, found.is_taken) == ("Ours: the cast", 2, False, True)
    with pytest.raises(GalleryError, match="already"):
        gallery_files.take_cast(upload, "OURS: the cast")
    with pytest.raises(GalleryError, match="needs a name"):
        gallery_files.take_cast(upload, " ")
    assert gallery_files.take_cast(upload, "Theirs") == "Theirs"
    assert galleries.known("Theirs").licence_note == "CC0\nby Ann"
    assert Incoming().unfinished() == ()


@pytest.mark.parametrize("query", ["name=Nobody", "name=", "", "name=../../etc/passwd", "name=actors&pictures=1"])
def test_what_cannot_be_exported_is_said(client, query):
    answer = client.get(f"/cast-files/export?{query}")
    assert (answer.status_code, answer.mimetype) == (404, "text/plain")
    assert list(outgoing_dir().iterdir()) == []


@pytest.mark.parametrize("content", [b"nothing", zipped(("manifest.json", b"{}")), zipped(("../x", b""))])
def test_a_hostile_file_of_a_cast_is_refused_in_a_sentence_and_deleted(content):
    upload = sent(content, "theirs.gallery")
    with pytest.raises((GalleryError, MediaError), match=r"theirs\.gallery") as refused:
        gallery_files.offered(upload)
    assert str(Incoming().folder) not in str(refused.value)
    assert Incoming().unfinished() == ()


def test_the_licence_note_is_that_of_the_saved_cast_once_there_is_one():
    draft = galleries.new_draft()
    galleries.rename_draft(draft.id, "The cast")
    galleries.set_draft_licence(draft.id, "  CC0\u202e \n by Ann\n\n")
    galleries.set_augment(draft.id, True)
    kept = galleries.draft(draft.id)
    assert (kept.name, kept.licence_note, kept.augment) == ("The cast", "CC0\nby Ann", True)
    save("The cast", "Anna Lee")
    galleries.set_draft_licence(draft.id, "CC BY")
    assert galleries.known("the cast").licence_note == galleries.draft(draft.id).licence_note == "CC BY"
    with pytest.raises(GalleryError):
        galleries.set_licence("Nobody's", "CC0")
    with pytest.raises(GalleryError, match="too long"):
        galleries.set_licence("The cast", "x" * 100_001)


def test_a_merge_is_foretold_and_the_same_name_may_be_two_people():
    save("One", "Anna Lee", "Ben", note="CC0")
    save("Other", "anna lee", "Cy", note="CC BY", first=10)
    found = gallery_merges.preview("One", "Other")
    assert (found.n_people, found.n_pictures, found.shared) == ((2, 2, 3), (2, 2, 4), ("Anna Lee",))
    assert (found.n_same, found.n_disputed, found.licence_note) == (0, 0, "CC0\nCC BY")
    assert found.without_pictures == ("One", "Other")
    assert gallery_merges.preview("One", "Other", ["Anna Lee"]).n_people == (2, 2, 4)
    for first, second, name, said in (
        ("One", "one", "Both", "two different"),
        ("One", "Other", "ONE", "already"),
        ("One", "Other", "", "needs a name"),
        ("One", "Nobody's", "Both", "no gallery called"),
    ):
        with pytest.raises(GalleryError, match=said):
            gallery_merges.merge(first, second, name)
    assert gallery_merges.merge("One", "Other", "Both", ["ANNA_LEE"]) == "Both"
    assert [one.name for one in galleries.known("Both").people] == ["Anna Lee", "anna lee (Other)", "Ben", "Cy"]
    assert galleries.known("Both").licence_note == "CC0\nCC BY"


def test_a_picture_said_to_show_two_people_is_counted():
    save("One", "Anna Lee", "Ben")
    save("Other", "Cy", "Ben")  # Anna Lee's picture under another name, and Ben's
    found = gallery_merges.preview("One", "Other")
    assert (found.n_same, found.n_disputed) == (1, 1)


def test_what_comes_with_dramatis_is_listed_apart_and_stays():
    (actors,) = ready_galleries.ready()
    assert (actors.name, actors.n_people) == ("actors", 601)
    assert len(ready_galleries.people("actors")) == 601
    text = words(cast_views.cast_list((), (), (actors,)))
    assert "Come with Dramatis" in text and actors.licence_note[:40] in text
    assert "There is no cast yet" in text and "Make the first cast" in text
    assert "Delete" not in text
    with pytest.raises(GalleryError):
        galleries.delete("actors")
    assert galleries.to_export("actors") == (False, actors.licence_note)


def test_a_cast_of_sixty_is_a_row_of_faces_and_whole_on_its_page(client):
    people = tuple(f"Person with a rather long name of number {n}" for n in range(60))
    save(
        "A" * 200,
        *people,
        left_out=(LeftOut("x/1.jpg", "no face found"), LeftOut("x/2.jpg", "3 faces found, one expected")),
    )
    (cast,) = galleries.casts()
    card = words(cast_views.cast_card(cast))
    assert "+48" in card and "2 left out" in card and "1 several faces, one expected" in card
    whole = words(cast_views.one_cast(cast))
    assert all(person in whole for person in people)
    assert "2 of 62 pictures are not in it" in whole


def test_a_report_groups_by_reason_and_names_the_pictures():
    small = [LeftOutPicture(f"Ben/{n}.jpg", f"too small ({n} x 20 px)", "too small") for n in range(300)]
    text = words(report([LeftOutPicture("Ann/1.jpg", "no face found", "no face found", "/x"), *small], 10))
    assert text.index("Too small to find a face in 300") < text.index("No face found 1")
    assert "Ben/7.jpg too small (7 x 20 px)" in text and "and 100 more" in text
    assert "Every picture shows exactly one face" in words(report([], 3))
    told = words(problems([["a.jpg", "is empty"], ["b.jpg", "is damaged"], ["c.jpg", "is damaged"]]))
    assert "3 pictures were not taken" in told and "2: is damaged b.jpg c.jpg" in told


def test_each_button_opens_its_dialog_with_what_it_is_about():
    save("One", "Anna Lee", "Ben", note="CC0")
    save("Other", "anna lee", first=10)
    opened = cast_callbacks.opened
    deleting = opened({"act": "delete", "name": "One"})
    assert deleting[Ids.DELETE] == {"is_open": True}
    assert "2 people and the measurements" in words(deleting[Ids.DELETE_BODY]["children"])
    assert opened({"act": "terms", "name": "One"})[Ids.TERMS_TEXT] == {"value": "CC0"}
    exporting = words(opened({"act": "export", "name": "One"})[Ids.EXPORT_BODY]["children"])
    assert "Save without pictures" in exporting and "with pictures" not in exporting and "CC0" in exporting
    merging = opened({"act": "merge", "name": "Other"})
    assert merging[Ids.MERGE_FIRST]["value"] == "Other"
    assert merging[Ids.MERGE_SECOND]["value"] == "One"
    assert opened({"act": "discard", "draft": "x"}) == opened(None) == {}
    with pytest.raises(GalleryError, match="any more"):
        opened({"act": "delete", "name": "Nobody's"})


def test_who_is_in_both_is_asked_about():
    save("One", "Anna Lee", "Ben")
    save("Other", "anna lee", first=10)
    options, ticked, hidden = cast_callbacks.shared("One", "Other")
    assert (options, ticked, hidden) == ([{"label": "Anna Lee", "value": "Anna Lee"}], ["Anna Lee"], False)
    assert cast_callbacks.shared("One", "One") == ([], [], True)
    assert "New cast" in words(cast_callbacks.previewed("One", "Other", [], options))
    assert words(cast_callbacks.previewed("One", None, [], [])) == "Choose two different casts."
