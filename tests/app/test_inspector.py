"""The inspector behind its page: what it shows of casts and films, what it corrects, and what it says."""

from __future__ import annotations

import hashlib

import numpy as np
import pytest
from flask.testing import FlaskClient

from app.components import inspector_views
from app.figures.points import group_points
from app.figures.theme import LIGHT
from app.services import DramatisError, inspector, inspector_acts, inspector_subjects, ready_galleries
from app.services.store import store
from engine.identity.looks import FaceFacts, Look
from engine.pipeline import galleries as saved
from engine.store.galleries import GalleryRepository
from engine.store.inspections import forget_inspections
from engine.store.jobs import JobRepository
from engine.store.look_cache import LookCache
from engine.types import Gallery
from engine.vision.model_ids import EMBEDDER_ID
from tests.engine.identity.test_clusterings import people
from tests.engine.store.conftest import make_analysis  # noqa: F401  a fixture

NAMES = ("Anna_Lee", "Ben Okri", "Cy", "Dee")


@pytest.fixture
def cast(own_data):
    """A cast of four with eight pictures each, one of Anna's under Ben's name."""
    vectors, owners = people(4, 8)
    names = [NAMES[owner] for owner in owners]
    names[3] = "Ben Okri"
    sha = [hashlib.sha256(str(row).encode()).hexdigest() for row in range(32)]
    paths = [f"{name}/{row}.jpg" for row, name in enumerate(names)]
    GalleryRepository(store()).save(Gallery("Our cast", EMBEDDER_ID, tuple(names), tuple(paths), tuple(sha), vectors))
    return sha


def subject(cast: str = "Our cast"):
    return inspector_subjects.subject(cast=cast)


def people_now() -> dict[str, int]:
    names = GalleryRepository(store()).load("Our cast").names
    return {name: names.count(name) for name in sorted(set(names))}


def key(sha: str) -> str:
    return sha[: inspector.KEY_LETTERS]


def test_columns_tell_the_wrong_picture_and_what_is_known(cast):
    looker = saved._looker().id
    with LookCache(saved.config.looks_dir()) as looks:
        looks.put(cast[5], looker, Look(np.zeros(128, np.float32), facts=FaceFacts(2, 61.4, 0.375)))
        looks.put(cast[6], looker, Look(np.zeros(128, np.float32)))
    data = inspector.columns(subject())
    assert (data["kind"], data["may_change"]) == ("cast", True)
    assert [(name, n) for _, name, n in data["people"]] == [("Anna Lee", 7), ("Ben Okri", 9), ("Cy", 8), ("Dee", 8)]
    assert data["key"] == [key(sha) for sha in cast]
    assert max(range(32), key=lambda row: data["odd"][row]) == 3
    assert [data[of][5] for of in ("n_faces", "height", "quality")] == [2, 61, 0.38]
    assert [data["height"][row] for row in (6, 7)] == [None, None]
    assert len({len(data[of]) for of in ("key", "owner", "odd", "hand", "n_faces", "where", "index")}) == 1


def test_what_may_be_wrong(cast):
    inspector_acts.move(subject(), [key(cast[row]) for row in range(8, 12)], "Ben again", "", new=True)
    found = inspector.suspicions(subject())
    names = [name for _, name, _ in inspector.columns(subject())["people"]]
    first = found["same"][0]
    assert {names[first[0]], names[first[1]]} == {"Ben Okri", "Ben again"} and first[-1] is True
    divided = found["divided"][0]
    assert names[divided[0]] == "Ben Okri" and divided[1] == [3] and divided[-1] is True


def test_what_comes_with_dramatis_is_changed_as_a_copy(own_data):
    actors = inspector_subjects.subject("actors")
    with pytest.raises(DramatisError, match="make a copy to change it"):
        inspector_acts.remove(actors, [inspector.columns(actors)["key"][0]], "")
    assert [ready_galleries.own_copy("Actors"), ready_galleries.own_copy("actors")] == ["My actors", "My actors 2"]
    mine = inspector_subjects.subject("My actors")
    n = len(inspector.columns(mine)["key"])
    assert n == len(inspector.columns(actors)["key"])
    assert inspector_acts.remove(mine, [inspector.columns(mine)["key"][0]], "").endswith("taken out of My actors.")
    assert len(inspector.columns(inspector_subjects.subject("My actors"))["key"]) == n - 1
    assert GalleryRepository(store()).licence_note("My actors") == ready_galleries.known("actors").licence_note
    with pytest.raises(DramatisError, match="no cast called Nobody"):
        ready_galleries.own_copy("Nobody")


def test_correcting_a_cast_and_taking_it_back(cast):
    before = people_now()
    assert inspector_acts.move(subject(), [key(cast[3])], "Anna_Lee", "Kim") == "1 picture moved to Anna Lee."
    assert people_now() == {"Anna_Lee": 8, "Ben Okri": 8, "Cy": 8, "Dee": 8}
    assert inspector_acts.remove(subject(), [key(cast[0]), key(cast[1])], "") == "2 pictures taken out of Our cast."
    assert inspector_acts.right(subject(), [key(cast[2])], "") == "1 picture said to be right."
    said = inspector_acts.merge(subject(), "Anna_Lee", "Ben Okri", "")
    assert said == "Anna Lee and Ben Okri are one person now."
    assert people_now() == {"Ben Okri": 14, "Cy": 8, "Dee": 8}
    made = inspector_acts.history(subject())
    assert [step.words for step in made.steps] == [
        "Anna Lee joined with Ben Okri",
        "1 picture of Anna Lee said to be right",
        "2 pictures of Anna Lee taken out",
        "1 picture of Ben Okri moved to Anna Lee",
    ]
    assert (made.undo, made.redo, made.steps[-1].author) == (made.steps[0].words, None, "Kim")
    hands = dict(zip(inspector.columns(subject())["key"], inspector.columns(subject())["hand"], strict=True))
    assert [k for k, hand in hands.items() if hand] == [key(cast[2]), key(cast[3])]
    for _ in range(4):
        assert inspector_acts.undo(subject())
    assert inspector_acts.undo(subject()) is None
    assert people_now() == before
    assert inspector_acts.redo(subject()) == "1 picture of Ben Okri moved to Anna Lee"
    step = inspector_acts.history(subject()).steps[-1].id
    assert inspector_acts.take_back(subject(), step) and people_now() == before
    assert inspector_acts.hold_again(subject(), step) and people_now() != before


def test_what_cannot_be_done_is_said(cast):
    for wrong, words in (
        (lambda: inspector_acts.remove(subject(), [], ""), "not there any more"),
        (lambda: inspector_acts.remove(subject(), ["0" * 12], ""), "not there any more"),
        (lambda: inspector_acts.move(subject(), [key(cast[9])], "Ben Okri", ""), "already"),
        (lambda: inspector_acts.move(subject(), [key(cast[9])], "Nobody", ""), "not there any more"),
        (lambda: inspector_acts.move(subject(), [key(cast[9])], " .. ", "", new=True), "needs a name"),
        (lambda: inspector_acts.merge(subject(), "Cy", "Cy", ""), "not there any more"),
        (lambda: inspector_acts.take_back(subject(), 77), "not there any more"),
        (lambda: subject("No cast"), "no cast called No cast"),
        (lambda: inspector_subjects.subject(film="nothing"), "not in Dramatis"),
        (lambda: inspector_acts.remove(subject("actors"), ["x"], ""), "only looked at"),
        (lambda: inspector_acts.undo(subject("actors")), "only looked at"),
    ):
        with pytest.raises(DramatisError, match=words):
            wrong()
    assert people_now()["Ben Okri"] == 9


def test_a_name_that_is_there_is_that_person_however_it_is_written(cast):
    inspector_acts.move(subject(), [key(cast[3])], "anna lee", "", new=True)
    assert people_now() == {"Anna_Lee": 8, "Ben Okri": 8, "Cy": 8, "Dee": 8}


def test_a_ready_gallery_is_looked_at(own_data):
    data = inspector.columns(subject("actors"))
    assert (data["kind"], data["may_change"]) == ("ready", False)
    assert len(data["people"]) > 500 and len(data["key"]) == len(set(data["key"]))
    assert inspector_acts.history(subject("actors")).steps == ()


def test_a_small_cast_has_its_map_at_once_and_keeps_it_when_a_picture_goes(cast, monkeypatch):
    found = inspector.face_map(subject())
    assert len(found.plane) == 32 and found.n_groups("K-means") == 4
    monkeypatch.setattr("engine.pipeline.inspect.inspect_faces", lambda _: pytest.fail("made again"))
    inspector_acts.remove(subject(), [key(cast[3])], "")
    later = inspector.face_map(subject())
    assert later.plane == found.plane[:3] + found.plane[4:]


def test_the_map_of_many_is_a_job(cast, monkeypatch):
    monkeypatch.setattr(inspector, "AT_ONCE", 10)
    assert inspector.face_map(subject()) is None and inspector.map_job(subject()) is None
    job = inspector.make_map(subject(), "Kim")
    assert inspector.make_map(subject()) == job == inspector.map_job(subject())["id"]
    record = JobRepository(store()).get(job)
    assert (record.kind, record.title, record.spec["gallery"], record.owner) == (
        "inspect",
        "Our cast",
        "Our cast",
        "Kim",
    )


def test_what_is_kept_of_a_cast_goes_with_it(cast):
    inspector.face_map(subject())
    kept = saved.config.inspections_dir()
    assert len(list(kept.glob("*.npz"))) == 1
    saved.delete_gallery(store(), "Our cast")
    assert list(kept.glob("*.npz")) == []
    forget_inspections("nothing of this kind")


@pytest.fixture
def film(own_data, make_analysis):  # noqa: F811
    """The token of a film with two people and a stranger, three tracks each."""
    from engine.store.films import FilmRepository

    films = FilmRepository(store())
    names = {"known:ingrid": "Ingrid", "known:zoë": "Zoë", "unknown:1": "unknown_1"}
    analysis = make_analysis(names, n_tracks=3, gallery="Stars", model_id=EMBEDDER_ID)
    films.save_analysis(analysis)
    return films.by_sha256(analysis.video_sha256).token


def test_a_film_is_inspected_and_corrected_in_its_own_log(film):
    one = inspector_subjects.subject(film=film)
    data = inspector.columns(one)
    assert (data["kind"], data["analysis"]) == ("film", one.analysis)
    assert [(name, n) for _, name, n in data["people"]] == [("Ingrid", 3), ("unknown_1", 3), ("Zoë", 3)]
    ingrid = [k for k, owner in zip(data["key"], data["owner"], strict=True) if owner == 0]
    assert inspector_acts.right(one, ingrid[:1], "Kim") == "1 face said to be right."
    assert inspector_acts.move(one, ingrid[1:2], "known:zoë", "") == "1 face moved to Zoë."
    assert inspector_acts.remove(one, ingrid[2:], "") == "1 face deleted."
    data = inspector.columns(one)
    assert [n for _, _, n in data["people"]] == [1, 3, 4]
    assert data["hand"][data["key"].index(ingrid[0])] == 1
    assert inspector_acts.move(one, ingrid[:1], "Ilse", "", new=True) == "1 face moved to Ilse."
    assert inspector_acts.history(one).undo == "1 face of Ingrid moved to Ilse"
    assert inspector_acts.undo(one) and inspector_acts.redo(one)
    assert "Ilse" in [name for _, name, _ in inspector.columns(one)["people"]]
    assert inspector_acts.merge(one, "unknown:1", "known:zoë", "") == "They are one person now: Zoë."
    words = [step.words for step in inspector_acts.history(one).steps]
    assert words[-1] == "1 face of Ingrid said to be right"
    while inspector_acts.undo(one):
        pass
    assert [n for _, _, n in inspector.columns(one)["people"]] == [3, 3, 3]
    assert inspector.suspicions(one)["twice"] == []


def test_the_list_names_everything(cast, film):
    found = {(one.kind, one.title) for one in inspector_subjects.choices()}
    assert {("cast", "Our cast"), ("ready", "actors"), ("film", "Gaslight")} <= found
    links = str(inspector_views.start(inspector_subjects.choices()))
    assert "/inspector?cast=Our+cast" in links and f"/inspector?film={film}" in links


def test_pages_are_served(cast, client: FlaskClient):
    from app.pages import inspector as page

    assert client.get("/inspector?cast=Our+cast").status_code == 200
    assert "inspector-tiles" in str(page.layout(cast="Our cast"))
    assert "no cast called" in str(page.layout(cast="Nobody's"))
    assert "Take out" not in str(page.layout(cast="actors"))


def test_the_map_has_a_point_a_face_in_plane_and_space():
    groups = [0, 0, 1, *range(2, 12)]
    points = [(0.1 * n, -0.1 * n) for n in range(13)]
    keys = [f"face{n}" for n in range(13)]
    found = group_points(keys, points, groups, LIGHT)
    assert (found["ids"], found["points"], found["space"]) == (keys, points, False)
    colours = [found["colours"][number] for number in found["colour"]]
    assert colours[0] == colours[1] == LIGHT.people[0] and colours[2] == LIGHT.people[1]
    assert colours[-1] == LIGHT.others
    assert group_points(keys, [(*point, 0.5) for point in points], groups, LIGHT)["space"]
    assert group_points([], [], [], LIGHT)["ids"] == []
