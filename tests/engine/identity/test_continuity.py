"""Strangers keep their numbers from one analysis to the next: on made-up films in which each place holds one face."""

from __future__ import annotations

import tracemalloc
from dataclasses import replace
from fractions import Fraction
from itertools import permutations, product
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from engine.identity.continuity import keep_identities
from engine.store.analysis_rows import check
from engine.timeline import Timeline
from engine.types import Analysis, FaceSamples, Person, Track, VideoInfo

SIDE_PX = 100.0


def make_track(number, start_s, end_s, place=0, fps=8.0, shift=0.0, speed=0.0):
    """A face of 100 px, `shift` of its side beside its place, that moves by `speed` of its side a second."""
    t_s = start_s + np.arange(max(1, round((end_s - start_s) * fps))) / fps
    left = SIDE_PX * (3 * place + shift + speed * t_s)
    boxes = np.stack([left, 0 * t_s, left + SIDE_PX, 0 * t_s + SIDE_PX], axis=1)
    none = FaceSamples(np.zeros(0), np.zeros((0, 4)), np.zeros(0), np.zeros((0, 128)), "made-up")
    return Track(number, start_s, end_s, t_s, boxes, np.ones(len(t_s)), none)


def make_analysis(groups):
    """{person id: tracks} -> Analysis, longest screen time first; those called ``unknown:n`` are strangers."""
    people = [
        Person(
            person_id,
            person_id.replace(":", "_"),
            "unknown" if person_id.startswith("unknown") else "known",
            Timeline(track.interval for track in tracks),
            0.5,
            tuple(track.id for track in tracks),
        )
        for person_id, tracks in groups.items()
    ]
    people.sort(key=lambda person: (-person.screen_time_s, person.id))
    tracks = tuple(track for tracks in groups.values() for track in tracks)
    return Analysis(
        video=VideoInfo(Path("film.mp4"), 100.0, Fraction(24), 1920, 1080, "h264"),
        video_sha256="f" * 64,
        engine_version="0",
        model_ids=(),
        settings={},
        shots=(),
        people=tuple(people),
        tracks=tracks,
        person_of_track={number: person.id for person in people for number in person.track_ids},
        distance_of_track={},
    )


def who(analysis):
    """Person id -> the ids of the tracks."""
    return {person.id: set(person.track_ids) for person in analysis.people}


def test_a_first_analysis_stays_as_it_is():
    analysis = make_analysis({"unknown:1": [make_track(1, 0, 5)], "unknown:2": [make_track(2, 6, 11)]})
    assert keep_identities(analysis, None, 0) == analysis
    nobody = make_analysis({})
    assert keep_identities(nobody, analysis, 2) == nobody


def test_numbers_follow_the_faces_and_the_others_get_new_ones():
    previous = make_analysis(
        {"unknown:1": [make_track(1, 0, 9)], "unknown:2": [make_track(2, 10, 15)], "known:a": [make_track(3, 20, 26)]}
    )
    analysis = make_analysis(
        {
            "unknown:1": [make_track(1, 20, 26), make_track(5, 30, 36)],  # had a name of the gallery before
            "unknown:2": [make_track(2, 10, 15)],
            "unknown:3": [make_track(3, 40, 44)],
            "known:b": [make_track(4, 0, 9)],
        }
    )
    kept = keep_identities(analysis, previous, 7)
    assert who(kept) == {"unknown:8": {1, 5}, "known:b": {4}, "unknown:2": {2}, "unknown:9": {3}}
    assert [person.name for person in kept.people] == ["unknown_8", "known_b", "unknown_2", "unknown_9"]
    assert kept.person_of_track == {1: "unknown:8", 5: "unknown:8", 2: "unknown:2", 3: "unknown:9", 4: "known:b"}
    assert kept.tracks is analysis.tracks


def test_a_name_given_by_hand_does_not_become_the_programs_own():
    previous = make_analysis({"unknown:4": [make_track(1, 0, 9)]})
    renamed = replace(previous, people=(replace(previous.people[0], name="Ingrid"),))
    kept = keep_identities(make_analysis({"unknown:1": [make_track(1, 0, 9)]}), renamed, 4)
    assert [(person.id, person.name) for person in kept.people] == [("unknown:4", "unknown_4")]


@pytest.mark.parametrize(
    ("track", "is_same"),
    [
        (make_track(1, 0, 10), True),
        (make_track(1, 0, 10, fps=1.7), True),  # other moments
        (make_track(1, 0, 10, fps=0.1), True),  # seen once
        (make_track(1, 4, 7), True),  # a part
        (make_track(1, 0, 10, shift=0.3), True),  # IoU 0.54
        (make_track(1, 0, 10, shift=0.4), False),  # IoU 0.43
        (make_track(1, 0, 10, speed=0.06), True),  # near enough for 5.6 s
        (make_track(1, 0, 10, speed=0.08), False),  # for 4.2 s
        (make_track(1, 5.1, 15.1), False),  # 4.9 s of 10 in common
        (make_track(1, 4.9, 14.9), True),
        (make_track(1, 10, 20), False),  # the next moment
        (make_track(1, 0, 10, place=1), False),
    ],
)
def test_the_same_face_is_in_the_same_place_at_the_same_time(track, is_same):
    previous = make_analysis({"unknown:3": [make_track(7, 0, 10)]})
    kept = keep_identities(make_analysis({"unknown:1": [track]}), previous, 3)
    assert [person.id for person in kept.people] == ["unknown:3" if is_same else "unknown:4"]


def test_a_face_that_moves_is_compared_between_its_sightings():
    previous = make_analysis({"unknown:3": [make_track(7, 0, 10, speed=1)]})
    kept = keep_identities(make_analysis({"unknown:1": [make_track(1, 0, 10, fps=0.7, speed=1)]}), previous, 3)
    assert [person.id for person in kept.people] == ["unknown:3"]


def test_a_number_goes_to_one_of_two_and_the_most_seconds_decide():
    whole = [make_track(1, 0, 4), make_track(2, 5, 11)]
    apart = {"unknown:1": [whole[1]], "unknown:2": [whole[0]]}
    split = keep_identities(make_analysis(apart), make_analysis({"unknown:1": whole}), 1)
    assert who(split) == {"unknown:1": {2}, "unknown:2": {1}}
    joined = keep_identities(make_analysis({"unknown:1": whole}), make_analysis(apart | {"unknown:3": []}), 3)
    assert who(joined) == {"unknown:1": {1, 2}}
    again = keep_identities(make_analysis(apart), joined, 3, [split])
    assert who(again) == {"unknown:1": {2}, "unknown:2": {1}}


def test_older_analyses_are_asked_for_whom_no_later_one_has_and_no_further_than_needed():
    oldest = make_analysis({"unknown:1": [make_track(1, 0, 5)], "unknown:2": [make_track(2, 10, 19)]})
    older = make_analysis({"known:a": [make_track(1, 0, 5)], "unknown:3": [make_track(2, 10, 19)]})
    latest = make_analysis({"known:a": [make_track(1, 0, 5)]})
    analysis = make_analysis({"unknown:1": [make_track(1, 10, 19)], "unknown:2": [make_track(2, 0, 5)]})

    def one_by_one():
        yield older
        yield oldest
        raise AssertionError("everybody was found already")

    assert who(keep_identities(analysis, latest, 3, one_by_one())) == {"unknown:3": {1}, "unknown:1": {2}}


def scene(seed):
    """An earlier and a later analysis of one film, by chance: in each of three places one face after another, which
    the later one has about the same moments for, but for some, and groups anew. And the highest number so far."""
    random = np.random.default_rng(seed)

    def groups(seen, people):
        of_person = {}
        for number, (start_s, end_s, place) in enumerate(seen, start=1):
            of_person.setdefault(people[random.integers(len(people))], []).append(
                make_track(number, start_s, end_s, place)
            )
        return make_analysis(of_person)

    seen = [(6 * i + s, 6 * i + s + random.uniform(1, 4), i % 3) for i, s in enumerate(random.uniform(1, 2, 8))]
    later = [(s + random.uniform(-0.9, 0.9), e + random.uniform(0, 0.9), place) for s, e, place in seen]
    later = [track for track in later if random.random() < 0.9]
    numbers = (random.permutation(9)[: random.integers(1, 5)] + 1).tolist()
    earlier = groups(seen, ["known:a", *(f"unknown:{n}" for n in numbers)])
    strangers = [f"unknown:{n}" for n in range(1, random.integers(2, 6))]
    return earlier, groups(later, ["known:a", "known:b", *strangers]), max(numbers)


def shared_seconds(analysis, earlier):
    """Of all pairs of strangers that may be one person: (id, id before) -> seconds in the same place."""
    shared = {}
    for person, other in product(analysis.people, earlier.people):
        mine = [track for track in analysis.tracks if track.id in person.track_ids]
        theirs = [track for track in earlier.tracks if track.id in other.track_ids]
        both_s = sum(
            a.interval.overlap_s(b.interval)
            for a, b in product(mine, theirs)
            if a.boxes_xyxy[0, 0] == b.boxes_xyxy[0, 0]
        )
        enough_s = 0.5 * min(person.screen_time_s, other.screen_time_s)
        if person.kind == other.kind == "unknown" and 0 < both_s >= enough_s:
            shared[person.id, other.id] = both_s
    return shared


def most_seconds(shared):
    """The most that any pairing can have in common, by trying them all."""
    mine, theirs = sorted({pair[0] for pair in shared}), sorted({pair[1] for pair in shared})
    theirs += [None] * len(mine)
    return max(
        sum(shared.get(pair, 0.0) for pair in zip(mine, chosen, strict=True))
        for chosen in permutations(theirs, len(mine))
    )


@settings(deadline=None, max_examples=60)
@given(st.integers(0, 2**32), st.integers(0, 20))
def test_a_number_is_the_same_person_or_nobodys_yet(seed, above):
    earlier, analysis, highest = scene(seed)
    highest += above
    kept = keep_identities(analysis, earlier, highest)
    check(kept)
    shared, kept_s, new = shared_seconds(analysis, earlier), 0.0, []
    for was, person in zip(analysis.people, kept.people, strict=True):
        assert replace(person, id=was.id, name=was.name) == was
        if was.kind == "known":
            assert person == was
        elif (number := int(person.id.removeprefix("unknown:"))) > highest:
            new.append(number)
        else:
            kept_s += shared[was.id, person.id]
    assert kept_s == pytest.approx(most_seconds(shared))
    assert new == list(range(highest + 1, highest + 1 + len(new)))  # in the order of the people: the longest first
    assert keep_identities(kept, kept, highest + len(new)) == kept


@settings(deadline=None, max_examples=30)
@given(st.integers(0, 2**32))
def test_an_analysis_that_finds_the_same_again_changes_nothing(seed):
    earlier, _, highest = scene(seed)
    strangers = [person.id for person in earlier.people if person.kind == "unknown"]
    anew = {person_id: f"unknown:{number}" for number, person_id in enumerate(strangers, start=1)}
    tracks = {track.id: track for track in earlier.tracks}
    again = make_analysis({anew.get(p.id, p.id): [tracks[i] for i in p.track_ids] for p in earlier.people})
    assert who(keep_identities(again, earlier, highest)) == who(earlier)


@pytest.mark.slow
def test_thousands_of_strangers_take_no_table_of_all_pairs():
    n = 4000
    before = make_analysis({f"unknown:{i + 1}": [make_track(i + 1, float(i), i + 1.0, fps=1)] for i in range(n)})
    after = make_analysis({f"unknown:{n - i}": [make_track(i + 1, float(i), i + 1.0, fps=1)] for i in range(n)})
    tracemalloc.start()
    kept = keep_identities(after, before, n)
    peak = tracemalloc.get_traced_memory()[1]
    tracemalloc.stop()
    assert kept.person_of_track == before.person_of_track
    assert peak < 40e6  # the table takes 128 MB
