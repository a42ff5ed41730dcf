"""Search: equal to comparing everything, whatever way it goes; ties, subsets, changes before the next build, people."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from engine.config import READY_INDEXES_DIR
from engine.errors import GalleryError
from engine.identity.forest import QUICK, THOROUGH, Effort
from engine.identity.index import FaceIndex
from engine.identity.index_build import build_index, open_index
from engine.identity.nearest import distances, nearest, squares
from engine.types import Gallery
from engine.vision.model_ids import EMBEDDER_ID

MODEL = "test-model"
PEOPLE = ("Ana", "Bo", "Cy", "Zoë")


def gallery(vectors, names=None, name="Stars", model_id=MODEL):
    n = len(vectors)
    names = names or tuple(PEOPLE[i % len(PEOPLE)] for i in range(n))
    paths = tuple(f"{person}/{i}.jpg" for i, person in enumerate(names))
    return Gallery(name, model_id, names, paths, tuple(f"{i:064x}" for i in range(n)), np.asarray(vectors, np.float32))


def without(gallery, rows):
    kept = [i for i in range(len(gallery.names)) if i not in set(rows)]
    return Gallery(
        gallery.name,
        gallery.model_id,
        *(tuple(of[i] for i in kept) for of in (gallery.names, gallery.paths, gallery.sha256)),
        gallery.vectors[kept],
    )


def faces(n, seed=0):
    """Vectors that lie as faces do: people about 1.0 apart, 25 pictures of each about 0.45."""
    r = np.random.default_rng(seed)
    spread = np.exp(-np.arange(128) / 25)
    people = r.normal(size=(n // 25 + 1, 128)) * spread * 0.21
    return (np.repeat(people, 25, axis=0)[:n] + r.normal(size=(n, 128)) * spread * 0.09).astype(np.float32)


def brute_force(vectors, query, k, rows=None):
    """The definition: all distances, by distance and then by row."""
    rows = np.arange(len(vectors)) if rows is None else np.unique(rows)
    apart = [np.float32(np.sqrt(((v.astype(np.float64) - query.astype(np.float64)) ** 2).sum())) for v in vectors[rows]]
    best = sorted(zip(apart, rows.tolist(), strict=True))[:k]
    return [row for _, row in best], [float(one) for one, _ in best]


def assert_is(found, expected):
    rows, apart = expected
    assert found.rows.tolist() == rows
    assert found.distances.dtype == np.float32
    assert found.distances.tolist() == pytest.approx(apart, abs=1e-6)


@given(data=st.data(), n=st.integers(1, 60), d=st.integers(1, 8), k=st.integers(1, 12))
def test_search_is_comparing_all_and_ties_go_by_row(data, n, d, k):
    # Few different values, so that many distances are equal.
    cells = st.lists(st.integers(-2, 2), min_size=d, max_size=d)
    vectors = np.array(data.draw(st.lists(cells, min_size=n, max_size=n)), np.float32) / 4
    query = np.array(data.draw(cells), np.float32) / 4
    index = FaceIndex.of_gallery(gallery(vectors))
    assert_is(index.search(query, k), brute_force(vectors, query, k))
    rows = np.array(data.draw(st.lists(st.integers(0, n - 1))), np.int64)
    assert_is(index.search(query, k, rows), brute_force(vectors, query, k, rows))


@given(seed=st.integers(0, 10_000), scale=st.sampled_from((1e-3, 1.0, 30.0)))
def test_rounding_of_the_quick_product_hides_no_neighbour(seed, scale):
    r = np.random.default_rng(seed)
    middle = r.normal(size=128) * scale
    vectors = (middle + r.normal(size=(300, 128)) * scale * 1e-3).astype(np.float32)  # close together, far from 0
    query = vectors[7] + np.float32(scale * 1e-4)
    rows, apart = nearest(vectors, squares(vectors), query, 10)
    expected = np.lexsort((np.arange(300), distances(vectors, query)))[:10]
    assert rows.tolist() == expected.tolist()
    assert (np.diff(apart) >= 0).all()


def test_the_distance_of_two_faces_does_not_depend_on_how_many_are_compared():
    vectors = faces(400)
    together = distances(vectors, vectors[3])
    assert all(distances(vectors[i : i + 1], vectors[3])[0] == together[i] for i in range(400))


@pytest.mark.parametrize("query", [np.zeros(3), np.full(128, np.nan), np.zeros((2, 128))])
def test_a_query_that_is_none_is_a_defect(query):
    with pytest.raises(ValueError, match="query"):
        FaceIndex.of_gallery(gallery(faces(10))).search(query)


def test_fewer_faces_than_asked_for_and_none_at_all():
    vectors = faces(3)
    assert len(FaceIndex.of_gallery(gallery(vectors)).search(vectors[0], 10).rows) == 3
    empty = FaceIndex.of_gallery(gallery(np.empty((0, 128))))
    assert len(empty.search(vectors[0], 10).rows) == 0
    assert empty.people_like(vectors[0]).people == ()


@pytest.fixture(scope="module")
def many():
    return faces(6_000)


@pytest.fixture(scope="module")
def forest_index(many, tmp_path_factory):
    folder = tmp_path_factory.mktemp("index")
    build_index(gallery(many), folder, all_compared_up_to=1_000)
    return open_index(folder, MODEL)


def test_a_forest_finds_what_comparing_all_finds_and_says_which_it_was(forest_index, many):
    queries = (many[::200] + many[1::200]) / 2
    small = Effort(((1_500, 0.55),))
    methods, hits = [], 0
    for query in queries:
        found = forest_index.search(query, 10, effort=small)
        rows, _ = nearest(many, squares(many), query, 10)
        methods.append(found.method)
        hits += len(set(found.rows.tolist()) & set(rows.tolist()))
        assert found.distances.tolist() == distances(many[found.rows], query).tolist()
    assert methods.count("forest") > len(methods) / 2
    assert hits >= 0.99 * 10 * len(queries)


def test_where_the_forest_cannot_say_all_are_compared(forest_index, many):
    far = np.full(128, 0.3, np.float32)
    found = forest_index.search(far, 10)
    assert found.method == "all compared"
    assert_is(found, brute_force(many, far, 10))
    assert forest_index.search(many[0], 10, rows=np.arange(50)).method == "all compared"
    assert [effort.steps == tuple(sorted(effort.steps)) for effort in (QUICK, THOROUGH)] == [True, True]


def test_real_embeddings_are_found_by_the_forest_as_by_comparing_all(tmp_path):
    """Those of the ready gallery, and copies of them moved as two pictures of one person lie apart; the table of a
    million is in the documents."""
    real = open_index(READY_INDEXES_DIR / "actors", EMBEDDER_ID).as_gallery()
    r = np.random.default_rng(0)
    names = np.array(real.names)
    pairs = [(a, b) for a in range(len(names)) for b in np.flatnonzero(names == names[a]) if a != b]
    one = np.array(pairs)[r.choice(len(pairs), 20_000)]
    jitter = (real.vectors[one[:, 0]] - real.vectors[one[:, 1]]) / np.sqrt(2)
    kept_out = np.arange(0, len(names), 30)
    copies = (real.vectors[r.choice(len(names), len(one))] + jitter).astype(np.float32)
    vectors = np.concatenate([np.delete(real.vectors, kept_out, axis=0), copies])
    build_index(gallery(vectors), tmp_path, all_compared_up_to=1_000)
    index, methods, hits = open_index(tmp_path, MODEL), [], 0
    for query in real.vectors[kept_out]:
        found = index.search(query, 10)
        expected, _ = nearest(vectors, squares(vectors), query, 10)
        methods.append(found.method)
        hits += len(set(found.rows.tolist()) & set(expected.tolist()))
    assert methods.count("forest") > len(methods) / 4
    assert hits >= 0.999 * 10 * len(kept_out)


def test_a_cast_is_searched_by_its_own_faces_alone(many):
    index = FaceIndex.of_gallery(gallery(many[:400]))
    rows = index.rows_of(["zoë", "BO"])
    assert {index.name_of(row) for row in rows} == {"Bo", "Zoë"}
    assert_is(index.search(many[0], 10, rows), brute_force(many, many[0], 10, rows))
    assert {person.name for person in index.people_like(many[0], 5, 3, rows).people} == {"Bo", "Zoë"}
    with pytest.raises(GalleryError, match="nobody called Eve"):
        index.rows_of(["Ana", "Eve"])
    with pytest.raises(ValueError, match="rows"):
        index.search(many[0], 3, np.array([400]))


@pytest.mark.parametrize("with_forest", [False, True])
def test_new_faces_are_found_and_removed_ones_are_not_before_the_next_build(tmp_path, many, with_forest):
    old = gallery(many[:2_000])
    build_index(old, tmp_path, all_compared_up_to=10 if with_forest else 10_000)
    removed = {0, 5, 700, 1_999}
    new = faces(40, seed=9)
    kept = without(old, removed)
    extra = gallery(new, names=("New",) * 40)
    now = Gallery(
        "Stars",
        MODEL,
        extra.names[:20] + kept.names + extra.names[20:],  # rows move
        extra.paths[:20] + kept.paths + extra.paths[20:],
        extra.sha256[:20] + kept.sha256 + extra.sha256[20:],
        np.concatenate([new[:20], kept.vectors, new[20:]]),
    )
    index = open_index(tmp_path, MODEL).updated(now)
    assert (len(index), index.n_added, index.n_removed) == (len(now.names), 40, len(removed))
    for query in (many[0], new[0], many[700], new[39], many[1_000]):
        assert_is(index.search(query, 10), brute_force(now.vectors, query, 10))
        rows = np.array([0, 19, 20, 500, len(now.names) - 1])
        assert_is(index.search(query, 10, rows), brute_force(now.vectors, query, 10, rows))
    first = index.people_like(new[0]).people[0]
    assert first.name == "New" and first.rows[0] == 0 and index.picture(0) == (now.paths[0], now.sha256[0])
    with pytest.raises(ValueError, match="as it was built"):
        index.updated(now)
    with pytest.raises(GalleryError, match="cannot be compared"):
        open_index(tmp_path, MODEL).updated(gallery(many[:2], model_id="other"))


def test_a_gallery_in_which_nothing_changed_stays_as_built(tmp_path, many):
    build_index(gallery(many[:50]), tmp_path)
    index = open_index(tmp_path, MODEL).updated(gallery(many[:50]))
    assert (index.n_added, index.n_removed) == (0, 0)
    # The same picture under another name, and another face under the same name, are not the same row.
    renamed = gallery(many[:50], names=("Eve",) * 50)
    assert open_index(tmp_path, MODEL).updated(renamed).n_added == 50
    moved = many[:50].copy()
    moved[3] += 1
    assert open_index(tmp_path, MODEL).updated(gallery(moved)).n_added == 1


@given(seed=st.integers(0, 10_000), k=st.integers(1, 6), n_queries=st.integers(1, 3))
def test_people_come_by_their_nearest_picture_to_any_query(seed, k, n_queries):
    r = np.random.default_rng(seed)
    vectors = r.integers(-3, 4, (80, 4)).astype(np.float32)
    names = tuple(f"p{number}" for number in r.zipf(1.5, 80) % 12)  # some have many pictures, most few
    queries = r.integers(-3, 4, (n_queries, 4)).astype(np.float32)
    found = FaceIndex.of_gallery(gallery(vectors, names)).people_like(queries, k, n_pictures=2)
    apart = np.min([distances(vectors, query) for query in queries], axis=0)
    of_person: dict[str, list[tuple[float, int]]] = {}
    for row in np.lexsort((np.arange(80), apart)).tolist():
        of_person.setdefault(names[row], []).append((float(apart[row]), row))
    expected = list(of_person.items())[:k]
    assert [person.name for person in found.people] == [name for name, _ in expected]
    for person, (_, pictures) in zip(found.people, expected, strict=True):
        assert list(zip(person.distances, person.rows, strict=True)) == pictures[:2]
        assert person.distance == pictures[0][0]
