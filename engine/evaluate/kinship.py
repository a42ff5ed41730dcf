"""Kinship as KinFaceW-I measures it: is this the parent of this child, and which of two is?

**Verification**, the protocol of its publishers: five folds of pairs, half of a parent with their own child, half with
another one; each fold is judged by what the other four teach. Which way of aligning the crops is taken, and the free
number of the learnt metric, are chosen on the four.

**Which parent**: in a fold, each child with its own parent and each parent of the *other* sex of another child of the
same sex (sons' fathers with sons' mothers). The chance of the father is a logistic function of how much nearer he is,
one for sons and one for daughters, fitted on the triplets of the other four folds. As the lists name one parent for
each child, the other one is always a stranger. The same with a stranger of the parent's *own* sex, told by the distance
alone, has nothing to learn.
"""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Any, get_args

import numpy as np
from scipy.optimize import minimize

from engine.evaluate.kin_metric import KinMetric
from engine.evaluate.kinface import KinPairs, aligned_vectors, read_families
from engine.evaluate.verification import area_under_curve, best_distance
from engine.exports.table import text_table
from engine.identity.kinship import MIN_CHANCE, Relation, Sex, Side
from engine.types import Progress, ignore_progress
from engine.vision.model_ids import EMBEDDER_ID

STEP = 0.02  # of the table of distances
_FARTHEST = 1.6  # nothing is farther
_RELIABILITY = (0.5, 0.6, 0.7, 0.8, 0.9, 1.0)
Families = Mapping[Relation, KinPairs]


def evaluate_kinship(folder: Path, progress: Progress = ignore_progress) -> dict[str, Any]:
    """Both protocols over KinFaceW-I in `folder`, and the table of `engine.identity.kinship`, as a plain record. Raises
    EvaluationError, MediaError."""
    families, pictures = read_families(folder)
    vectors = aligned_vectors(pictures, progress)
    plain = {name: found[:, 0].astype(np.float64) for name, found in vectors.items()}
    both = {name: found.astype(np.float64).mean(axis=1) for name, found in vectors.items()}
    folds = np.unique(np.concatenate([pairs.fold for pairs in families.values()]))
    chosen = {}
    for fold in folds:
        rest = {relation: pairs.of(folds[folds != fold]) for relation, pairs in families.items()}
        chosen[int(fold)] = max(plain, key=lambda name: _mean_auc(rest, plain[name]))
    best = max(plain, key=lambda name: _mean_auc(families, plain[name]))
    return {
        "n_pictures": len(pictures),
        "n_pairs": {relation: len(pairs.kin) for relation, pairs in families.items()},
        "alignments": {name: _over_folds(families, folds, _untouched(one)) for name, one in plain.items()},
        "chosen": chosen,
        "untouched": _over_folds(families, folds, lambda _rest, fold: _untouched(plain[chosen[fold]])(_rest, fold)),
        "learnt": _over_folds(families, folds, lambda rest, fold: _learnt(both[chosen[fold]], rest)),
        "which_parent": _which_parent(families, folds, plain[best]),
        "table": _table(families, plain[best], best),
    }


# ---- Verification ----------------------------------------------------------------------------------------


def _untouched(vectors: np.ndarray):
    def distances_of(_rest: Families, _fold: int):
        return lambda _relation, pairs: _apart(vectors[pairs.parent], vectors[pairs.child])

    return distances_of


def _learnt(vectors: np.ndarray, rest: Families):
    metric = KinMetric.chosen(rest, vectors)
    return lambda relation, pairs: metric.distances(relation, pairs, vectors)


def _over_folds(families: Families, folds: np.ndarray, distances_of) -> dict[str, Any]:
    """For each relation and their mean the area under the curve and the accuracy, the mean over the folds with its
    standard error. `distances_of(other folds, fold)` gives a function of relation and pairs to distances."""
    areas = np.empty((len(families), len(folds)))
    right = np.empty_like(areas)
    for j, fold in enumerate(folds):
        rest = {relation: pairs.of(folds[folds != fold]) for relation, pairs in families.items()}
        measure = distances_of(rest, int(fold))
        for i, (relation, pairs) in enumerate(families.items()):
            mine = pairs.of(np.array([fold]))
            found = measure(relation, mine)
            limit = best_distance(measure(relation, rest[relation]), rest[relation].kin)
            areas[i, j] = area_under_curve(found, mine.kin)
            right[i, j] = ((found <= limit) == mine.kin).mean()
    rows = [*zip(families, areas, right, strict=True), ("mean", areas.mean(axis=0), right.mean(axis=0))]
    return {name: {"auc": _mean_and_error(area), "accuracy": _mean_and_error(share)} for name, area, share in rows}


def _mean_auc(families: Families, vectors: np.ndarray) -> float:
    return float(
        np.mean(
            [area_under_curve(_apart(vectors[p.parent], vectors[p.child]), p.kin) for p in families.values()],
        )
    )


# ---- Which parent ----------------------------------------------------------------------------------------


def triplets(families: Families, sex: str, vectors: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Of children of a `sex`, each of `families` with its own parent and each parent of the other sex in its fold: how
    much nearer the father is (n,) and whether he is the child's (n,) bool."""
    nearer_by, is_father = [], []
    for own, other in (("father", "mother"), ("mother", "father")):
        mine, theirs = families[f"{own}-{sex}"], families[f"{other}-{sex}"]
        for fold in np.unique(mine.fold):
            parents, children = _kin(mine, fold, vectors)
            strangers, _ = _kin(theirs, fold, vectors)
            to_own = _apart(parents, children)
            to_stranger = np.linalg.norm(children[:, None] - strangers[None], axis=2)
            lead = (to_stranger - to_own[:, None]).ravel()
            nearer_by.append(lead if own == "father" else -lead)
            is_father.append(np.full(len(lead), own == "father"))
    return np.concatenate(nearer_by), np.concatenate(is_father)


def fit_side(nearer_by: np.ndarray, is_father: np.ndarray) -> Side:
    """The logistic function under which the answers are likeliest, fathers and mothers counted as much as each other,
    for there is no reason to expect either."""
    weight = np.where(is_father, 0.5 / is_father.sum(), 0.5 / (~is_father).sum())
    sign = np.where(is_father, 1.0, -1.0)

    def loss(at: np.ndarray) -> float:
        return float((weight * np.logaddexp(0, -sign * (at[0] + at[1] * nearer_by))).sum())

    intercept, slope = minimize(loss, np.array([0.0, 10.0])).x
    return Side(float(intercept), float(slope))


def _which_parent(families: Families, folds: np.ndarray, vectors: np.ndarray) -> dict[str, Any]:
    rows: dict[str, list[tuple[float, ...]]] = {"son": [], "daughter": []}
    chances, hits = [], []
    own_sex: dict[str, list[float]] = {relation: [] for relation in families}
    for fold in folds:
        rest = {relation: pairs.of(folds[folds != fold]) for relation, pairs in families.items()}
        mine = {relation: pairs.of(np.array([fold])) for relation, pairs in families.items()}
        for sex, found in rows.items():
            side = fit_side(*triplets(rest, sex, vectors))
            nearer_by, is_father = triplets(mine, sex, vectors)
            of_father = side.chance_of_father(nearer_by)
            chance, hit = np.maximum(of_father, 1 - of_father), (of_father >= 0.5) == is_father
            decided = chance >= MIN_CHANCE
            found.append(
                (((nearer_by > 0) == is_father).mean(), hit.mean(), decided.mean(), hit[decided].mean(), len(hit))
            )
            chances.append(chance)
            hits.append(hit)
        for relation, pairs in mine.items():
            parents, children = _kin(pairs, fold, vectors)
            apart = np.linalg.norm(children[:, None] - parents[None], axis=2)
            others = ~np.eye(len(apart), dtype=bool)
            own_sex[relation].append(float((apart > np.diagonal(apart)[:, None])[others].mean()))
    chance, hit = np.concatenate(chances), np.concatenate(hits)
    reliability = []
    for low, high in zip(_RELIABILITY, _RELIABILITY[1:], strict=False):
        inside = (chance >= low) & (chance < high if high < 1 else chance <= 1)
        if inside.any():
            reliability.append(
                {
                    "from": low,
                    "to": high,
                    "said": round(float(chance[inside].mean()), 4),
                    "right": round(float(hit[inside].mean()), 4),
                    "share": round(float(inside.mean()), 4),
                }
            )
    return {
        "min_chance": MIN_CHANCE,
        "other_sex": {
            sex: {
                "n_triplets": int(sum(row[4] for row in found)),
                **{
                    name: _mean_and_error(np.array([row[i] for row in found]))
                    for i, name in enumerate(("nearer_is_own", "likelier_is_own", "decided", "decided_right"))
                },
            }
            for sex, found in rows.items()
        },
        "own_sex": {relation: _mean_and_error(np.array(shares)) for relation, shares in own_sex.items()},
        "reliability": reliability,
    }


def _kin(pairs: KinPairs, fold: int, vectors: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    mine = pairs.kin & (pairs.fold == fold)
    return vectors[pairs.parent[mine]], vectors[pairs.child[mine]]


# ---- The table ----------------------------------------------------------------------------------------


def _table(families: Families, vectors: np.ndarray, alignment: str) -> dict[str, Any]:
    """What ``engine/identity/kinship.json`` holds: from all folds, for it is used on other families."""
    found = {sex: triplets(families, sex, vectors) for sex in ("son", "daughter")}
    found["child"] = tuple(np.concatenate(parts) for parts in zip(*found.values(), strict=True))
    sides = {}
    for sex in get_args(Sex):
        side = fit_side(*found[sex])
        sides[sex] = {
            "intercept": round(side.intercept, 4),
            "slope": round(side.slope, 4),
            "n_triplets": len(found[sex][0]),
        }
    grid = np.arange(0, _FARTHEST + STEP / 2, STEP)
    relations = {}
    for relation, pairs in families.items():
        parents, children = vectors[pairs.parent[pairs.kin]], vectors[pairs.child[pairs.kin]]
        apart = np.linalg.norm(children[:, None] - parents[None], axis=2)
        strangers = np.sort(apart[~np.eye(len(apart), dtype=bool)])
        shares = np.searchsorted(strangers, grid) / len(strangers)
        relations[relation] = {
            "n_families": len(apart),
            "mean_kin": round(float(np.diagonal(apart).mean()), 4),
            "mean_unrelated": round(float(strangers.mean()), 4),
            "unrelated": [round(float(share), 5) for share in shares],
        }
    return {
        "model_id": EMBEDDER_ID,
        "source": "KinFaceW-I",
        "alignment": alignment,
        "step": STEP,
        "sides": sides,
        "relations": relations,
    }


# ---- As text ----------------------------------------------------------------------------------------


def kinship_text(record: dict[str, Any]) -> str:
    """The record of `evaluate_kinship` as text."""
    head = ("relation", "pairs", "AUC untouched", "accuracy", "AUC learnt", "accuracy")
    rows = []
    for name in (*record["n_pairs"], "mean"):
        cells = [_shown(record[kind][name][what]) for kind in ("untouched", "learnt") for what in ("auc", "accuracy")]
        rows.append((name, str(record["n_pairs"].get(name, sum(record["n_pairs"].values()))), *cells))
    aligned = ", ".join(f"{name} {_shown(one['mean']['auc'])}" for name, one in record["alignments"].items())
    which = record["which_parent"]
    names = ("nearer_is_own", "likelier_is_own", "decided", "decided_right")
    sides = [
        (sex, str(one["n_triplets"]), *(_shown(one[name]) for name in names)) for sex, one in which["other_sex"].items()
    ]
    certain = [
        (f"{one['from']:.1f} to {one['to']:.1f}", f"{one['share']:.1%}", f"{one['said']:.3f}", f"{one['right']:.3f}")
        for one in which["reliability"]
    ]
    zones = {sex: Side(one["intercept"], one["slope"]).zone() for sex, one in record["table"]["sides"].items()}
    undecided = ", ".join(f"{low:.2f} to {high:.2f} ({sex})" for sex, (low, high) in zones.items())
    own_sex = "; ".join(f"{relation} {_shown(one)}" for relation, one in which["own_sex"].items())
    ways = ", ".join(f"fold {fold} {name}" for fold, name in record["chosen"].items())
    return "\n\n".join(
        (
            f"{record['n_pictures']} pictures; mean over folds +- standard error\n{text_table(head, rows)}",
            f"AUC by alignment: {aligned}\nchosen on the other folds: {ways}",
            "own parent or a stranger of the other sex; decided: the likelier one's chance is "
            f"{which['min_chance']:g} or more\n"
            + text_table(("child", "triplets", "nearer is own", "likelier is own", "decided", "of these right"), sides),
            text_table(("chance said", "triplets", "mean", "right"), certain),
            f"too close to call while the mother is farther away than the father by {undecided}",
            f"own parent nearer than a stranger of the parent's sex: {own_sex}",
        )
    )


def _shown(one: dict[str, float]) -> str:
    return f"{one['mean']:.3f} +- {one['standard_error']:.3f}"


def _mean_and_error(values: np.ndarray) -> dict[str, float]:
    return {
        "mean": round(float(values.mean()), 4),
        "standard_error": round(float(values.std(ddof=1) / np.sqrt(len(values))), 4),
    }


def _apart(ones: np.ndarray, others: np.ndarray) -> np.ndarray:
    return np.linalg.norm(ones - others, axis=1)
