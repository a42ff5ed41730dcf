"""The family page without a browser: who is who, answers, cards, what is wrong, and that nothing is kept."""

from __future__ import annotations

import gc
import logging
from pathlib import Path

import pytest

from app.components import family_answer, family_people
from app.services import family, photos
from app.services.family_people import MOST_FACES, MOST_PEOPLE, FacePlace, PersonAsked, people_of
from app.services.photo_shelf import MOST_PHOTOS
from engine.errors import MediaError
from tests.app.test_job_views import words
from tests.app.test_lookalike import image_of
from tests.app.test_shell import shown_by

PROJECT = Path(__file__).resolve().parents[2]


@pytest.fixture(autouse=True)
def nothing_held(caplog):
    photos._shelf.forget(list(photos._shelf._held))
    yield
    assert [entry for entry in caplog.records if entry.levelno >= logging.ERROR] == []


def asked(demo: Path, *names: str, n: int = 1) -> tuple[PersonAsked, ...]:
    """People of the demo's family by the stems of their files, with `n` pictures each."""
    found = []
    for stem in names:
        role = "child" if stem.startswith("child") else stem
        files = [f"{stem}{number}.jpg" for number in ("", "_2", "_3")[:n]]
        faces = tuple(FacePlace(photos.take_file(demo / "family" / file), 1) for file in files)
        sex = {"child_1": "son", "child_2": "daughter"}.get(stem, "child")
        found.append(PersonAsked(stem.replace("_", "-"), role, stem.replace("_", " ").capitalize(), sex, False, faces))
    return tuple(found)


def as_sent(people: tuple[PersonAsked, ...]) -> str:
    return family_answer._asked(people)


# Answers.


def test_the_daughter_looks_like_her_mother_and_the_card_says_so(client, demo):
    people = asked(demo, "child_2", "mother", "father")
    found = family.answer(people)
    (child,) = found.children
    assert child.headline == "Child 2 looks more like her mother" and child.is_decided
    assert [found.people[one.person].role for one in child.likenesses if one.is_nearer] == ["mother"]
    assert child.chance > 0.75 and child.nearer == "mother" and child.low <= child.chance <= child.high
    assert "unrelated mothers and daughters" in child.likenesses[0].meaning
    shown = words(family_answer.answer(found, people))
    assert child.headline in shown and child.parts_sentence in shown and found.caution in shown
    assert "Brows" in shown and f"{found.distances[0][1]:.2f}" in shown

    query = {"family": as_sent(people), "child": "child-2"}
    card = client.get("/family/card", query_string=query)
    assert card.mimetype == "image/png" and image_of(card.data).size == (1200, 630)
    assert 'filename="Child 2 family likeness.png"' in card.headers["Content-Disposition"]
    parts = client.get("/family/parts", query_string=query)
    assert parts.mimetype == "image/jpeg"
    assert {card.headers["Cache-Control"], parts.headers["Cache-Control"]} == {"private, no-store"}


def test_what_is_even_is_too_close_to_call_and_small_children_are_cautioned(demo):
    people = asked(demo, "child_1", "mother", "father")
    found = family.answer(people)
    assert not found.children[0].is_decided and found.children[0].note == ""
    assert not any(one.is_nearer for one in found.children[0].likenesses)
    shown = words(family_answer.answer(found, people))
    assert "too close to call" in shown and "is not called" in shown
    young = (PersonAsked("a", "child", "Tim", "son", True, people[0].faces), *people[1:])
    assert "still changing" in family.answer(young).children[0].note


def test_several_children_have_an_answer_each_and_everybody_stands_on_the_map(demo):
    people = asked(demo, "child_1", "child_2", "mother", "father")
    found = family.answer(people)
    assert [found.people[one.person].name for one in found.children] == ["Child 1", "Child 2"]
    assert len(found.distances) == 4
    for one in found.people:
        assert 0.1 < one.left < 0.9 and 0.1 < one.top < 0.9
    brothers = [PersonAsked(f"c{n}", "child", "Child", "child", False, one.faces) for n, one in enumerate(people[:2])]
    found = family.answer((*brothers, *people[2:]))
    assert [one.headline.split(":")[0].split(" looks")[0] for one in found.children] == ["Child 1", "Child 2"]


def test_as_long_as_something_is_missing_there_is_no_answer(demo):
    people = asked(demo, "child_2", "mother")
    empty = PersonAsked("father", "father", "Father", "child", False, ())
    assert family.answer(()) is None and family.answer(people[:1]) is None and family.answer(people[1:]) is None
    found = family.answer((*people, empty))
    assert [one.name for one in found.people] == ["Child 2", "Mother"]
    assert found.children[0].chance is None
    family_answer.answer(found, (*people, empty))
    assert "stands here" in words([family_answer.waiting()])


# What the page is sent is not believed.


@pytest.mark.parametrize(
    "record",
    [
        None,
        [],
        "people",
        {"people": None},
        {"people": ["Ann", 7, None]},
        {"people": [{"role": "king", "name": "Ann"}]},
    ],
)
def test_what_is_no_family_is_nobody(record):
    assert people_of(record) == ()


def test_what_is_not_as_it_should_be_is_left_out():
    record = {
        "people": [
            {
                "key": 3,
                "role": "child",
                "name": "  An\u202ena \n" + "x" * 300,
                "sex": "boy",
                "faces": [["a", 1], ["b", "1"], ["c", True], [1, 1], "d", ["e", 2, 3]],
            },
            {"role": "mother", "sex": "son", "faces": "none"},
            *({"role": "relative", "faces": [["a", n] for n in range(40)]} for _ in range(100)),
        ]
    }
    people = people_of(record)
    assert len(people) == MOST_PEOPLE
    assert people[0].name.startswith("Anna xxx") and len(people[0].name) <= 60 and people[0].sex == "child"
    assert people[0].faces == (FacePlace("a", 1),)
    assert (people[1].name, people[1].sex, people[1].faces) == ("Mother", "child", ())
    assert len(people[2].faces) == MOST_FACES


@pytest.mark.parametrize("sent", ["", "{", "[]", "7", "[" * 100_000, '{"people": [{"role": "child"}]}'])
@pytest.mark.parametrize("what", ["card", "parts"])
def test_no_card_of_nobody(client, sent, what):
    answer = client.get(f"/family/{what}", query_string={"family": sent, "child": "child-1"})
    assert answer.status_code == 404 and answer.text.strip().endswith(".")


def test_a_forgotten_photo_and_two_mothers_are_one_sentence(demo):
    people = asked(demo, "child_2", "mother", "father")
    two = (*people, PersonAsked("m2", "mother", "Another", "child", False, people[2].faces))
    with pytest.raises(MediaError, match="more than one mother"):
        family.answer(two)
    photos.forget([people[1].faces[0].photo])
    with pytest.raises(MediaError, match="forgotten"):
        family.answer(people)
    with pytest.raises(MediaError, match="no such face"):
        family.answer(
            (PersonAsked("c", "child", "C", "child", False, (FacePlace(people[0].faces[0].photo, 2),)), people[2])
        )


def test_what_was_found_out_about_a_photo_goes_with_it(demo):
    people = asked(demo, "child_2", "mother")
    family.answer(people)
    before = len(family._views)
    assert before >= 2
    photos.forget([face.photo for one in people for face in one.faces])
    gc.collect()
    assert len(family._views) == before - 2


def test_nothing_of_a_photo_is_written_to_a_disk(client, demo, own_data, tmp_path):
    before = {path for path in tmp_path.rglob("*") if path.is_file()}
    content = (demo / "family" / "mother.jpg").read_bytes()
    sent = client.post("/photos", query_string={"name": "mum.jpg"}, data=content).json
    assert sent["faces"] == 1
    child = asked(demo, "child_2")
    mother = PersonAsked("mother", "mother", "Mother", "child", False, (FacePlace(sent["photo"], 1),))
    assert client.get("/family/card", query_string={"family": as_sent((*child, mother)), "child": "child-2"}).data
    new = {path for path in tmp_path.rglob("*") if path.is_file()} - before
    assert not [path for path in new if path.suffix in (".jpg", ".png") or content[:4000] in path.read_bytes()]


def test_a_whole_family_is_on_the_shelf_and_the_script_knows_how_large_it_may_be():
    assert MOST_PEOPLE * MOST_FACES <= MOST_PHOTOS
    script = (PROJECT / "assets" / "family.js").read_text()
    assert f"MOST_PEOPLE = {MOST_PEOPLE};" in script and f"MOST_FACES = {MOST_FACES};" in script


# The demo's family and the page.


def test_the_demo_family_is_offered(client):
    people = client.get("/family/sample").json
    assert [(one["name"], one["sex"], len(one["files"])) for one in people] == [
        ("Ben", "son", 3),
        ("Ada", "daughter", 3),
        ("Tim", "son", 3),
        ("Mother", "child", 3),
        ("Father", "child", 3),
    ]
    assert client.get("/family/samples/mother.jpg").mimetype == "image/jpeg"
    assert client.get("/family/samples/truth.json").status_code == 404
    assert client.post("/family/samples/mother_2.jpg").json["faces"] == 1
    assert "no such picture" in client.post("/family/samples/none.jpg").json["error"]


def test_the_page_draws_what_its_script_keeps(client, demo):
    assert "family-people" in shown_by(client, "/family")
    from app.pages import family as page

    group = photos.take_file(demo / "selfies" / "user_4_group.jpg")
    state = {
        "people": [
            {"key": "child-1", "role": "child", "name": "Ada", "sex": "daughter", "faces": [[group, 1]]},
            {"key": "mother", "role": "mother", "name": "Mother", "faces": []},
        ],
        "groups": [group, "gone"],
        "picked": [group, 2],
    }
    head, groups, people = page.draw_people(state)
    assert "Family" in words(head) and "1 Ada" in words(groups) and "Face 2: now say who" in words(groups)
    assert words(people).count("Put the face here") == 2
    assert "stands here" in words([page.draw_answer(state)])
    state["picked"] = "nonsense"
    assert "Put the face here" not in words(page.draw_people(state)[2])
    head, groups, people = page.draw_people(None)
    assert "Mother or father?" in words(head) and groups == []
    assert page.draw_answer(None) is None
    assert "forgotten" in words(
        [
            page.draw_answer(
                {
                    "people": [
                        {"key": "c", "role": "child", "name": "C", "faces": [["gone", 1]]},
                        {"key": "m", "role": "mother", "name": "M", "faces": [["gone", 1]]},
                    ]
                }
            )
        ]
    )


def test_one_child_cannot_be_left_out_and_a_second_can():
    one = PersonAsked("child-1", "child", "Ada", "child", False, ())
    other = PersonAsked("child-2", "child", "Ben", "child", False, ())
    shown = str(family_people.people((one,), (), None, True))
    assert "Leave" not in shown and "demo family" in shown
    shown = str(family_people.people((one, other), (), None, False))
    assert "Leave Ada out" in shown and "Leave Ben out" in shown and "demo family" not in shown
