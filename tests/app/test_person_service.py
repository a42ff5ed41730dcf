"""The services of a person's page over a real store: what is shown, what is proposed, what is corrected and undone."""

from __future__ import annotations

import pytest

from app.services import DramatisError, history, person, person_acts
from app.services.store import store
from tests.mixed_film import (
    ADA,
    BRIEF,
    DOUBTFUL,
    HARD,
    MIXED,
    MIXED_TRACKS,
    N_ADA,
    OTHER,
    SECOND,
    save_mixed_film,
)


@pytest.fixture
def token(own_data) -> str:
    return save_mixed_film(store())


def view(token: str, person_id: str = MIXED) -> person.PersonView:
    return person.known_person(token, person_id)


def test_a_page_holds_every_face_in_the_order_of_time(token):
    page = person.person_page(token, MIXED)
    assert (page.title, page.pictures) == ("Mixed", False)
    one = page.person
    assert (one.name, one.kind, one.named_by_hand, one.ignored) == ("unknown_1", "unknown", False, False)
    assert tuple(face.track for face in one.faces) == MIXED_TRACKS
    assert one.seconds == pytest.approx(2.0 * len(MIXED_TRACKS))
    assert {face.index for face in one.faces} == {0}
    assert [face.track for face in one.faces if face.hard] == [HARD]
    assert [face.track for face in one.faces if face.doubtful] == [DOUBTFUL]
    assert not any(face.decided for face in one.faces)
    assert 0.3 < one.kept <= 1


def test_the_odd_ones_lie_far_from_the_middle(token):
    far = sorted(view(token).faces, key=lambda face: -face.far)
    assert {face.track for face in far[: len(SECOND)]} == set(SECOND)


def test_others_are_those_with_a_name_first(token):
    others = view(token).others
    assert [(one.id, one.name, one.n_faces) for one in others] == [
        (ADA, "Ada Byron", N_ADA),
        (OTHER, "unknown_2", 3),
        (BRIEF, "unknown_3", 1),
    ]
    assert all(one.face for one in others)


def test_there_is_no_such_page(token):
    assert person.person_page("nonsense", MIXED) is None
    assert person.person_page("", MIXED) is None
    assert person.person_page(token, "unknown:99").person is None
    with pytest.raises(DramatisError, match="go back to the film"):
        person.known_person(token, "unknown:99")


def test_two_people_are_proposed(token):
    found = person.proposal(token, MIXED)
    assert found.sensible
    assert found.second == SECOND
    assert "looks like two people" in found.reason


def test_no_two_people_are_proposed_where_there_is_one(token):
    found = person.proposal(token, ADA)
    assert not found.sensible
    assert "looks like one person" in found.reason
    with pytest.raises(DramatisError, match="One face cannot be divided"):
        person.proposal(token, BRIEF)


def test_two_people_as_one(token):
    found = person.together(token, MIXED, OTHER)
    assert found.seconds == pytest.approx(view(token).seconds + view(token, OTHER).seconds)
    assert found.both_s == 0
    assert (found.one.name, found.other.name) == ("unknown_1", "unknown_2")


def test_a_split_is_undone_and_done_again(token):
    before = view(token)
    done = person_acts.split_off(token, SECOND, "Ann")
    assert done.sentence == "4 faces split off: unknown_4."
    assert {face.track for face in view(token, done.person_id).faces} == set(SECOND)
    after = view(token)
    assert len(after.faces) == len(MIXED_TRACKS) - len(SECOND)
    assert all(face.decided for face in after.faces)
    told = history.history(token)
    assert (told.undo, told.redo) == ("4 faces of unknown_1 split off as unknown_4", None)
    assert history.undo(token) == told.undo
    assert view(token) == before
    assert history.history(token).redo == told.undo
    assert history.redo(token) == told.undo
    assert view(token) == after


def test_faces_are_moved_denied_and_left_out(token):
    assert person_acts.move(token, SECOND[:1], ADA, "").sentence == "1 face moved to Ada Byron."
    assert len(view(token, ADA).faces) == N_ADA + 1
    assert person_acts.not_this_person(token, SECOND[1:2], "").person_id == "unknown:4"
    assert person_acts.not_a_face(token, SECOND[2:3], "").sentence == "1 face left out: said to be no face."
    assert person_acts.delete(token, SECOND[3:], "").sentence == "1 face deleted."
    assert {face.track for face in view(token).faces} == set(MIXED_TRACKS) - set(SECOND)
    assert len(history.history(token).steps) == 4
    while history.undo(token):
        pass
    assert len(view(token).faces) == len(MIXED_TRACKS)


def test_a_name_that_exists_is_that_one_or_another_of_that_name(token):
    assert person.namesake(token, OTHER, "  ada  BYRON").id == ADA
    assert person.namesake(token, OTHER, "Zoë") is None
    done = person_acts.rename(token, OTHER, "Ada Byron", another=True, author="")
    assert done.person_id == OTHER
    history.undo(token)
    done = person_acts.rename(token, OTHER, "Ada Byron", another=False, author="")
    assert (done.person_id, done.sentence) == (ADA, "unknown_2 is Ada Byron; their faces are together now.")
    assert person.person_page(token, OTHER).person is None


def test_two_are_one_under_the_name_that_there_is(token):
    person_acts.rename(token, BRIEF, "Zoë", another=False, author="")
    done = person_acts.same_as(token, MIXED, BRIEF, "")
    assert (done.person_id, done.sentence) == (BRIEF, "unknown_1 and Zoë are one person now.")


def test_somebody_is_ignored_and_asked_about_again(token):
    person_acts.ignore(token, MIXED, True, "")
    assert view(token).ignored
    person_acts.ignore(token, MIXED, False, "")
    assert not view(token).ignored


def test_any_correction_is_taken_back_and_made_to_hold_again(token):
    person_acts.rename(token, MIXED, "Zoë", another=False, author="Ann")
    person_acts.ignore(token, OTHER, True, "")
    ignored, named = history.history(token).steps
    assert (named.words, named.author, named.holds) == ("unknown_1 named Zoë, 12 faces", "Ann", True)
    history.take_back(token, named.id)
    assert view(token).name == "unknown_1"
    assert [step.holds for step in history.history(token).steps] == [True, False]
    history.hold_again(token, named.id)
    assert view(token).name == "Zoë"
    with pytest.raises(DramatisError, match="not there any more"):
        history.take_back(token, ignored.id + 99)


def test_what_a_later_correction_rests_on_is_not_taken_back(token):
    person_acts.split_off(token, SECOND, "")
    with pytest.raises(DramatisError, match="said not to be"):
        person_acts.move(token, SECOND, MIXED, "")
    assert len(history.history(token).steps) == 1
