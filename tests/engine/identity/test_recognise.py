"""Who is named, how surely, who stays a stranger, and who can never share a name; on made-up faces that lie as far from
each other as real ones do."""

from __future__ import annotations

from dataclasses import replace
from itertools import combinations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from engine.errors import ModelError
from engine.identity.evidence import CALIBRATED_FOR, face_distances, known_faces
from engine.identity.likeness import visible_together
from engine.identity.recognise import N_CANDIDATES, face_candidates, recognise
from engine.types import FaceSamples, Gallery, Track
from engine.vision.embed import ResnetEmbedder

CAST = ("Ana", "Bo", "Cleo", "Dora", "Edo", "Fay")
CLOTHES = 0.97 * np.eye(8, 294) + 0.03 / 294
"""Eight colours, each worn alone."""


def people(seed, n):
    """Centres (n, 128): two people's pictures lie 0.78 apart, one person's 0.40."""
    return np.random.default_rng(seed).normal(0, 0.042, (n, 128))


FACES = people(1, 40)


def seen(random, person, n=4, noise=0.025):
    return FACES[person] + random.normal(0, noise, (n, 128))


def make_track(id, start_s, vectors, quality=0.7, clothes=None, length_s=2.0):
    n = len(vectors)
    times = np.linspace(start_s, start_s + length_s, n)
    faces = FaceSamples(times, np.zeros((n, 4)), np.full(n, quality), vectors, CALIBRATED_FOR)
    worn = np.empty(0) if clothes is None else CLOTHES[clothes]
    return Track(id, start_s, start_s + length_s, times[:1], np.zeros((1, 4)), np.ones(1), faces, worn)


def gallery_of(random, names=CAST, n_pictures=6, model_id=CALIBRATED_FOR):
    rows = [(name, vector) for name in names for vector in seen(random, CAST.index(name), n_pictures)]
    owners = tuple(name for name, _ in rows)
    paths = tuple(f"{i}.jpg" for i in range(len(rows)))
    vectors = np.stack([vector for _, vector in rows]) if rows else np.empty((0, 128))
    return Gallery("Stars", model_id, owners, paths, tuple(f"{i:064x}" for i in range(len(rows))), vectors)


def film(random, cast=range(6), strangers=(), **how):
    """Each of the cast and of the strangers (numbers from 6) in three shots, one after the other; ids from 1."""
    order = [person for _ in range(3) for person in (*cast, *strangers)]
    return [make_track(i + 1, 5.0 * i, seen(random, person), **how) for i, person in enumerate(order)], order


def named(tracks, gallery, max_distance=0.8, least=0.6):
    return recognise(tracks, known_faces(gallery), max_distance, least)


@pytest.fixture
def random():
    return np.random.default_rng(7)


@pytest.mark.parametrize("n_pictures", [1, 3, 6, 30])
def test_few_pictures_or_many_the_cast_is_named_and_strangers_are_not(random, n_pictures):
    tracks, order = film(random, strangers=range(6, 12))
    found = named(tracks, gallery_of(random, n_pictures=n_pictures))
    for track, person in zip(tracks, order, strict=True):
        assert found[track.id].name == (CAST[person] if person < 6 else None)
        assert found[track.id].chance_of(found[track.id].name) > 0.8


def half_way(random, person, towards, distance):
    """A face of `person` seen so badly that it lies about `distance` from the pictures."""
    away = FACES[towards] - FACES[person]
    vectors = FACES[person] + random.normal(0, 0.02, (4, 128))
    return vectors + away / np.linalg.norm(away) * np.sqrt(max(0.0, distance**2 - 0.33**2))


def test_a_doubtful_face_is_of_the_cast_in_a_film_of_the_cast_and_is_not_among_extras(random):
    doubtful = make_track(99, 200.0, half_way(random, 0, 20, 0.58), quality=0.15)
    gallery = gallery_of(random)
    alone = named([*film(random)[0], doubtful], gallery)[99]
    crowded = named([*film(random, strangers=range(6, 40))[0], replace(doubtful, id=999)], gallery)[999]
    assert alone.name == "Ana"
    assert crowded.chance_of("Ana") < alone.chance_of("Ana")


def dressed_scene(random, worn_by_cast, worn_by_turned, turned_at_s):
    """Each of the cast in two shots in `worn_by_cast`, and somebody who looks away at `turned_at_s`."""
    tracks = [
        make_track(1 + person + 6 * k, 30.0 * k + 4 * person, seen(random, person), clothes=worn_by_cast[person])
        for k in range(2)
        for person in range(6)
    ]
    turned = half_way(random, 0, 30, 0.66)
    return [*tracks, make_track(99, turned_at_s, turned, quality=0.05, clothes=worn_by_turned)]


def test_clothes_name_a_face_that_is_turned_away(random):
    gallery = gallery_of(random)
    own, others = (0, 1, 2, 3, 4, 5), (0, 0, 0, 0, 0, 0)
    alike = named(dressed_scene(random, own, 0, 80.0), gallery)[99]
    unlike = named(dressed_scene(random, own, 7, 80.0), gallery)[99]
    unknown = named(dressed_scene(random, own, None, 80.0), gallery)[99]
    later = named(dressed_scene(random, own, 0, 4000.0), gallery)[99]
    uniforms = named(dressed_scene(random, others, 0, 80.0), gallery)[99]
    assert alike.name == "Ana"
    for weaker in (unlike, unknown, later, uniforms):
        assert weaker.chance_of("Ana") < alike.chance_of("Ana") - 0.1
    assert unlike.chance_of("Ana") < unknown.chance_of("Ana")


def test_clothes_name_no_clear_face_of_somebody_else(random):
    tracks = dressed_scene(random, (0, 1, 2, 3, 4, 5), 0, 80.0)
    stranger = make_track(98, 90.0, seen(random, 25), clothes=0)
    assert named([*tracks, stranger], gallery_of(random))[98].name is None


def test_the_nearer_one_of_two_in_one_picture_takes_the_name(random):
    tracks, _ = film(random)
    twin = make_track(99, tracks[0].start_s + 0.5, half_way(random, 0, 20, 0.5))
    found = named([twin, *tracks], gallery_of(random))
    assert found[tracks[0].id].name == "Ana" and found[99].name != "Ana"


def test_the_farthest_distance_and_the_least_probability_are_kept(random):
    tracks, _ = film(random, strangers=(6, 7))
    gallery = gallery_of(random)
    distances = {track_id: of.distance for track_id, of in named(tracks, gallery).items()}
    limit = float(np.median(list(distances.values())))
    assert all(of.name is None or of.distance <= limit for of in named(tracks, gallery, limit).values())
    assert {of.name for of in named(tracks, gallery, 0.1).values()} == {None}
    strict = named(tracks, gallery, least=0.99)
    assert all(of.name is None or of.chance_of(of.name) >= 0.99 for of in strict.values())


def test_a_gallery_whose_people_are_alike_is_read_more_strictly(random):
    """Rendered faces lie nearer to each other than real ones: what is near among people is far among them."""
    tracks, _ = film(random)
    stranger = make_track(99, 300.0, half_way(random, 0, 20, 0.45))
    gallery = gallery_of(random)
    near = replace(gallery, vectors=gallery.vectors * 0.5)
    halved = [
        replace(track, faces=replace(track.faces, vectors=track.faces.vectors * 0.5)) for track in (*tracks, stranger)
    ]
    as_far = [*halved[:-1], replace(halved[-1], faces=replace(stranger.faces, vectors=stranger.faces.vectors * 0.5))]
    assert [of.name for of in named(as_far, near).values()][:-1] == [of.name for of in named(tracks, gallery).values()]
    beyond = make_track(99, 300.0, (half_way(random, 0, 20, 0.9)) * 0.5)
    assert named([*halved[:-1], beyond], near)[99].name is None


def test_nobody_to_name_and_nobody_to_be_named(random):
    tracks, _ = film(random)
    assert named([], gallery_of(random)) == {}
    assert named(tracks, gallery_of(random, names=())) == {}


def test_one_person_in_the_gallery_is_enough(random):
    tracks, order = film(random, strangers=range(6, 9))
    found = named(tracks, gallery_of(random, names=("Bo",)))
    assert {i for i, of in found.items() if of.name == "Bo"} == {
        t.id for t, person in zip(tracks, order, strict=True) if person == 1
    }


def test_distances_are_calibrated_for_the_network_in_use():
    """Another network needs numbers of its own in `engine.identity.evidence` and in docs/models.md."""
    assert CALIBRATED_FOR == ResnetEmbedder.model_id


def test_vectors_of_a_network_whose_distances_are_not_known_are_refused(random):
    tracks, _ = film(random)
    with pytest.raises(ModelError, match="not for another; build the gallery Stars again"):
        named(tracks, gallery_of(random, model_id="another"))
    others = [replace(track, faces=replace(track.faces, model_id="another")) for track in tracks]
    with pytest.raises(ModelError, match="not for another; analyse the film again"):
        named([*tracks, *others], gallery_of(random))


def test_each_face_has_its_own_candidates_nearest_first(random):
    gallery = gallery_of(random)
    faces = make_track(7, 0, np.concatenate([seen(random, 2, 1), seen(random, 4, 1)])).faces
    first, second = face_candidates(face_distances([faces], known_faces(gallery))[0], gallery.people)
    assert len(first) == N_CANDIDATES and (first[0][0], second[0][0]) == ("Cleo", "Edo")
    assert [distance for _, distance in first] == sorted(distance for _, distance in first)
    none = FaceSamples(np.empty(0), np.empty((0, 4)), np.empty(0), np.empty((0, 128)), CALIBRATED_FOR)
    assert face_candidates(face_distances([none], known_faces(gallery))[0], gallery.people) == ()


def scene(seed, n_tracks, n_people):
    """Random tracks that often overlap, dressed at random, and a gallery of some of the people."""
    random = np.random.default_rng(seed)
    tracks = []
    for i in range(n_tracks):
        vectors = seen(random, random.integers(12), random.integers(1, 5), random.uniform(0.02, 0.05))
        clothes = None if random.integers(3) == 0 else random.integers(8)
        start_s, length_s = random.uniform(0, 10), random.uniform(0.1, 6)
        tracks.append(make_track(i + 1, start_s, vectors, random.uniform(0.01, 1), clothes, length_s))
    return tracks, gallery_of(random, CAST[:n_people], int(random.integers(1, 8))), random


scenes = st.builds(scene, st.integers(0, 2**32 - 1), st.integers(1, 14), st.integers(1, 6))


@settings(deadline=None, max_examples=80)
@given(scenes, st.floats(0.3, 1.2), st.floats(0.1, 0.95))
def test_two_who_are_visible_together_never_share_a_name(scene, max_distance, least):
    tracks, gallery, _ = scene
    found = named(tracks, gallery, max_distance, least)
    assert set(found) == {track.id for track in tracks}
    for of in found.values():
        chances = [chance for _, chance in of.chances]
        assert chances == sorted(chances, reverse=True) and min(chances) >= 0 and sum(chances) <= 1 + 1e-9
        assert of.name is None or (of.distance <= max_distance and of.chance_of(of.name) >= least)
    for a, b in combinations(tracks, 2):
        same = found[a.id].name is not None and found[a.id].name == found[b.id].name
        assert not (same and visible_together(a, b))


@settings(deadline=None, max_examples=40)
@given(scenes)
def test_the_order_of_tracks_and_of_pictures_does_not_matter(scene):
    tracks, gallery, random = scene
    found = named(tracks, gallery)
    shuffled = [tracks[i] for i in random.permutation(len(tracks))]
    rows = random.permutation(len(gallery.names))
    mixed = replace(
        gallery,
        **{part: tuple(getattr(gallery, part)[i] for i in rows) for part in ("names", "paths", "sha256")},
        vectors=gallery.vectors[rows],
    )
    again = named(shuffled, mixed)
    for track_id, of in found.items():
        assert dict(again[track_id].chances) == pytest.approx(dict(of.chances), abs=1e-6)
        assert again[track_id].distance == pytest.approx(of.distance)
