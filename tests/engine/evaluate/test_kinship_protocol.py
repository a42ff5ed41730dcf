"""The protocol over families: made-up ones whose answer is known, and, where they are, those of KinFaceW-I."""

from __future__ import annotations

import shutil

import numpy as np
import pytest

from engine.errors import EvaluationError
from engine.evaluate.kin_metric import KinMetric
from engine.evaluate.kinface import FOLDERS, KinPairs, read_families
from engine.evaluate.kinship import _over_folds, _which_parent, evaluate_kinship, fit_side, kinship_text, triplets
from engine.evaluate.verification import area_under_curve
from engine.identity import kinship as table

N_FOLDS, N_EACH = 5, 12


@pytest.fixture(scope="module")
def made_up() -> tuple[dict, np.ndarray]:
    """Families in which a child is its parent moved at random, along ten directions farther than along the others; what
    tells families apart lies along others. Men stand aside of women."""
    random = np.random.default_rng(1)
    spread = np.r_[np.full(10, 1.0), np.full(118, 0.25)]
    vectors: list[np.ndarray] = []
    families = {}
    for relation in FOLDERS:
        parent_sex, child_sex = (
            {"father": 1, "mother": -1, "son": 1, "daughter": -1}[one] for one in relation.split("-")
        )
        rows = []
        for fold in range(1, N_FOLDS + 1):
            first = len(vectors)
            for _ in range(N_EACH):
                family = np.r_[np.zeros(10), random.normal(0, 0.2, 118)]
                for sex in (parent_sex, child_sex):
                    place = family + random.normal(0, 1, 128) * spread + 3
                    place[127] += 1.5 * sex
                    vectors.append(place)
            for i in range(N_EACH):
                stranger = first + 2 * ((i + 1) % N_EACH) + 1
                rows += [(fold, 1, first + 2 * i, first + 2 * i + 1), (fold, 0, first + 2 * i, stranger)]
        fold, kin, parent, child = np.array(rows).T
        families[relation] = KinPairs(fold, kin == 1, parent, child)
    return families, np.array(vectors)


def plain(vectors):
    return lambda _rest, _fold: (
        lambda _relation, pairs: np.linalg.norm(vectors[pairs.parent] - vectors[pairs.child], axis=1)
    )


def test_the_metric_learns_what_families_differ_in(made_up):
    families, vectors = made_up
    folds = np.arange(1, N_FOLDS + 1)
    untouched = _over_folds(families, folds, plain(vectors))

    def learnt(rest, _fold):
        metric = KinMetric.chosen(rest, vectors)
        return lambda relation, pairs: metric.distances(relation, pairs, vectors)

    better = _over_folds(families, folds, learnt)
    assert better["mean"]["auc"]["mean"] > untouched["mean"]["auc"]["mean"] + 0.05
    assert list(better) == [*FOLDERS, "mean"]
    assert better["mean"]["auc"]["standard_error"] > 0


def test_the_metric_sees_the_training_folds_alone(made_up):
    families, vectors = made_up
    rest = {relation: pairs.of(np.arange(2, 6)) for relation, pairs in families.items()}
    first = {relation: pairs.of(np.array([1])) for relation, pairs in families.items()}
    spoilt = vectors.copy()
    for pairs in first.values():
        spoilt[np.r_[pairs.parent, pairs.child]] = 1e6
    one, other = KinMetric.fit(rest, vectors, 1.0), KinMetric.fit(rest, spoilt, 1.0)
    for relation, pairs in first.items():
        assert (one.distances(relation, pairs, vectors) == other.distances(relation, pairs, vectors)).all()


def test_a_metric_of_nothing_to_learn_invents_nothing(made_up):
    families, vectors = made_up
    noise = np.random.default_rng(4).normal(0, 1, vectors.shape)
    rest = {relation: pairs.of(np.arange(2, 6)) for relation, pairs in families.items()}
    metric = KinMetric.chosen(rest, noise)
    areas = []
    for relation, pairs in families.items():
        mine = pairs.of(np.array([1]))
        areas.append(area_under_curve(metric.distances(relation, mine, noise), mine.kin))
    assert 0.3 < np.mean(areas) < 0.7


def test_chances_are_found_again():
    random = np.random.default_rng(6)
    nearer_by = random.normal(0, 0.15, 40_000)
    known = table.Side(0.0, 12.0)
    is_father = random.random(len(nearer_by)) < known.chance_of_father(nearer_by)
    found = fit_side(nearer_by, is_father)
    assert (found.intercept, found.slope) == (pytest.approx(0.0, abs=0.1), pytest.approx(12.0, rel=0.05))


def test_triplets_are_of_one_fold_and_one_sex(made_up):
    families, vectors = made_up
    nearer_by, is_father = triplets(families, "son", vectors)
    assert len(nearer_by) == 2 * N_FOLDS * N_EACH**2 and is_father.sum() == N_FOLDS * N_EACH**2
    found = _which_parent(families, np.arange(1, N_FOLDS + 1), vectors)
    for one in found["other_sex"].values():
        assert one["n_triplets"] == 2 * N_FOLDS * N_EACH**2
        # What the sexes have of their own is taken off; with it alone the chance would be one half.
        assert one["likelier_is_own"]["mean"] > one["nearer_is_own"]["mean"]
    assert sum(one["share"] for one in found["reliability"]) == pytest.approx(1.0, abs=1e-3)


def test_what_is_no_kinface_is_one_sentence(tmp_path):
    with pytest.raises(EvaluationError, match="is not KinFaceW-I"):
        read_families(tmp_path)
    (tmp_path / "meta_data").mkdir()
    for short, _ in FOLDERS.values():
        (tmp_path / "meta_data" / f"{short}_pairs.csv").write_text("fold,kin,image1,image2\n1,1,a.jpg,b.jpg\n")
    with pytest.raises(EvaluationError, match="three folds or more"):
        read_families(tmp_path)


@pytest.mark.slow
@pytest.mark.shared
def test_kinface_is_told_as_well_as_was_measured_and_makes_the_table(shared_data):
    record = evaluate_kinship(shared_data / "kinfacew1")
    untouched, learnt = (record[kind]["mean"]["auc"]["mean"] for kind in ("untouched", "learnt"))
    assert untouched >= 0.74 and learnt >= untouched + 0.05
    for one in record["which_parent"]["other_sex"].values():
        assert one["likelier_is_own"]["mean"] > 0.75 and one["decided_right"]["mean"] > 0.85
    for one in record["which_parent"]["reliability"]:
        assert one["right"] == pytest.approx(one["said"], abs=0.06)
    kept = table.kinship("dlib-resnet-v1")
    for sex, side in record["table"]["sides"].items():
        assert (side["intercept"], side["slope"]) == (
            pytest.approx(kept.sides[sex].intercept, abs=0.02),
            pytest.approx(kept.sides[sex].slope, abs=0.1),
        )
    assert "AUC untouched" in kinship_text(record)


@pytest.mark.slow
@pytest.mark.shared
def test_a_missing_picture_is_one_sentence(shared_data, tmp_path):
    shutil.copytree(shared_data / "kinfacew1" / "meta_data", tmp_path / "meta_data")
    from engine.errors import MediaError

    with pytest.raises(MediaError):
        evaluate_kinship(tmp_path)
