"""Making a cast: pictures one by one over the route, names, and what may be deleted when."""

from __future__ import annotations

import io

import pytest
from PIL import Image

from app.components import cast_editor, cast_views
from app.services import galleries, jobs
from app.services.store import store
from engine.errors import GalleryError
from engine.store.galleries import GalleryRepository
from engine.types import Gallery
from tests.app.test_job_views import words

pytestmark = pytest.mark.usefixtures("own_data")


def picture(colour: str = "red") -> bytes:
    out = io.BytesIO()
    Image.new("RGB", (60, 40), colour).save(out, "PNG")
    return out.getvalue()


def send(client, draft_id: str, person: str, content: bytes):
    return client.post(f"/cast-pictures/{draft_id}", query_string={"person": person}, data=content)


def save_gallery(name: str, *faces: tuple[str, str]) -> None:
    """A gallery as its job would leave it."""
    names, paths = zip(*faces, strict=True)
    vectors = [[float(i)] * 128 for i in range(len(faces))]
    hashes = tuple(f"{i:064d}" for i in range(len(faces)))
    GalleryRepository(store()).save(Gallery(name, "dlib-resnet-1", names, paths, hashes, vectors))


def test_pictures_arrive_are_shown_and_counted(client):
    draft = galleries.new_draft()
    assert galleries.new_draft().id == draft.id, "asking again makes no second one"
    assert send(client, draft.id, "Anna Lee", picture()).json == {"file": "01.png"}
    assert send(client, draft.id, "anna lee", picture("blue")).json == {"file": "02.png"}
    found = galleries.draft(draft.id)
    assert [(person.name, len(person.pictures)) for person in found.people] == [("Anna Lee", 2)]
    assert galleries.new_draft().id != draft.id
    _, address = found.people[0].pictures[0]
    answer = client.get(address)
    assert (answer.status_code, answer.mimetype) == (200, "image/jpeg")
    assert answer.headers["Cache-Control"] == "private, no-cache"
    text = words(cast_editor.people_rows(found))
    assert "2 pictures" in text
    assert "Three or more are better" in text


@pytest.mark.parametrize(
    ("person", "content", "status", "said"),
    [
        ("Anna", b"nothing", 400, "is not a picture"),
        ("Anna", b"", 400, "is empty"),
        ("..", picture(), 400, "needs a name"),
        ("", picture(), 400, "needs a name"),
        ("Anna", bytes(10_000_001), 413, "larger than 10 MB"),
    ],
)
def test_what_is_refused_is_said_and_leaves_nothing(client, person, content, status, said):
    draft = galleries.new_draft()
    answer = send(client, draft.id, person, content)
    assert answer.status_code == status
    assert said in answer.json["error"]
    assert galleries.draft(draft.id).n_pictures == 0


@pytest.mark.parametrize(
    "path",
    [
        "/cast-pictures/aaaaaaaaaaaaaaaa/Anna/01.jpg",
        "/cast-pictures/../Anna/01.jpg",
        "/cast-pictures/{id}/Anna/..%2F..%2F.cast.json",
        "/cast-pictures/{id}/..%2f/.cast.json",
    ],
)
def test_no_other_file_is_given_out(client, path):
    draft = galleries.new_draft()
    send(client, draft.id, "Anna", picture())
    answer = client.get(path.format(id=draft.id))
    # An address that means nothing gets the page that says so.
    assert answer.status_code == 404 or answer.mimetype == "text/html"
    assert b'"name":' not in answer.data
    assert client.post("/cast-pictures/aaaaaaaaaaaaaaaa?person=Anna", data=picture()).status_code == 400


def test_a_cast_is_built_once_it_is_complete(client):
    draft = galleries.new_draft()
    for missing in ("needs a name", "holds nobody", "has no pictures"):
        with pytest.raises(GalleryError, match=missing):
            galleries.build(draft.id)
        if missing == "needs a name":
            galleries.rename_draft(draft.id, "The cast")
        elif missing == "holds nobody":
            galleries.add_person(draft.id, "Anna Lee")
    send(client, draft.id, "Anna Lee", picture())
    job_id = galleries.build(draft.id)
    (job,) = jobs.job_dicts()
    assert (job["id"], job["kind"], job["gallery"]) == (job_id, "gallery", "The cast")
    with pytest.raises(GalleryError, match="is being used"):
        galleries.discard(draft.id)
    jobs.cancel(job_id)
    galleries.discard(draft.id)
    assert galleries.drafts() == ()


def test_a_built_cast_shows_faces_and_can_be_changed_and_deleted(client):
    draft = galleries.new_draft()
    galleries.rename_draft(draft.id, "The cast")
    send(client, draft.id, "Anna Lee", picture())
    save_gallery("The cast", ("Anna Lee", "Anna Lee/01.png"), ("Ben", "Ben/01.png"))
    (cast,) = galleries.casts()
    assert (cast.name, cast.n_pictures, cast.folder_id) == ("The cast", 2, draft.id)
    assert client.get(cast.people[0].picture).status_code == 200
    assert cast.people[1].picture is None
    assert galleries.draft(draft.id).is_built
    assert galleries.drafts() == ()
    text = words(cast_views.cast_list(galleries.casts(), ()))
    assert "2 people · 2 pictures" in text
    assert "Change" in text
    with pytest.raises(GalleryError, match="is saved under this name"):
        galleries.rename_draft(draft.id, "Another")
    other = galleries.new_draft()
    with pytest.raises(GalleryError, match="already"):
        galleries.rename_draft(other.id, "THE_CAST")
    with pytest.raises(GalleryError, match="is saved"):
        galleries.discard(draft.id)
    galleries.delete("The cast")
    assert galleries.casts() == ()
    with pytest.raises(GalleryError):
        galleries.draft(draft.id)


def test_a_cast_built_elsewhere_has_names_but_no_pictures():
    save_gallery("From the terminal", ("Anna Lee", "Anna Lee/1.jpg"))
    (cast,) = galleries.casts()
    assert (cast.folder_id, cast.people[0].picture) == (None, None)
    text = words(cast_views.cast_card(cast))
    assert "AL" in text
    assert "Change" not in text
    assert galleries.cast("from_the_terminal") == cast
    assert galleries.cast("Nobody's") is None


@pytest.mark.parametrize(("n_people", "searched"), [(20, False), (21, True)])
def test_many_people_can_be_searched(n_people, searched):
    save_gallery("Crowd", *((f"Person {i:02}", f"Person {i:02}/1.jpg") for i in range(n_people)))
    assert ("Find a person" in words(cast_views.one_cast(galleries.known("Crowd")))) == searched
