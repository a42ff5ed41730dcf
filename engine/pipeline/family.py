"""Who in a family looks like whom: people with their pictures in, distances, verdicts and parts of the face out."""

from __future__ import annotations

import hashlib
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal

import numpy as np

from engine.errors import MediaError
from engine.identity.family_map import family_map
from engine.identity.kin_parts import PartLean, part_leans
from engine.identity.kinship import STEADY_SHARE, Sex, Verdict, distance_table, drawn_distances, kinship, verdict
from engine.identity.why import PARTS, hidden
from engine.names import name_key
from engine.pipeline.lookalike import PhotoFace
from engine.vision.embed import FaceEmbedder
from engine.vision.jitter import jittered

Role = Literal["child", "mother", "father", "relative"]

N_JITTERED = 7
"""Views of each face besides itself and its mirror image: what is gained with more is lost in the draws' own noise."""
N_VIEWS = 2 + N_JITTERED


@dataclass(frozen=True, slots=True)
class Member:
    """Somebody of the family: a `name` that nobody else there has, and the `faces` of one or more pictures, each from
    `views_of`. Of a child, `sex` is what is said of it."""

    name: str
    role: Role
    faces: tuple[np.ndarray, ...]
    sex: Sex = "child"


@dataclass(frozen=True, slots=True)
class Nearest:
    """Somebody a child may be nearest to: their place among the members, the distance, and in what share of the draws
    they are the nearest of all who are compared."""

    member: int
    distance: float
    share: float


@dataclass(frozen=True, slots=True)
class ChildAnswer:
    """What is said of a child, `member` being its place among the members.

    `verdict` stands where both parents are there. `parts` lean to the father where positive, to the mother where
    negative, or, without both parents, to the nearest and the second nearest; () where there is nobody to compare.
    `nearest` are all others but children, the nearest first. `unrelated` are (place, share of unrelated parents and
    children of these sexes who are farther apart), for the parents there.
    """

    member: int
    verdict: Verdict | None
    nearest: tuple[Nearest, ...]
    parts: tuple[PartLean, ...]
    unrelated: tuple[tuple[int, float], ...]

    @property
    def is_steady(self) -> bool:
        """Whether the nearest is the nearest in nearly all draws; where parents are compared, the verdict says it."""
        return bool(self.nearest) and self.nearest[0].share >= STEADY_SHARE


@dataclass(frozen=True, slots=True)
class Family:
    """The answer for a family: its `members`, their `distances` (n, n) and `places` (n, 2) on a map, float64, and an
    entry for each child who can be compared with somebody."""

    members: tuple[Member, ...]
    model_id: str
    distances: np.ndarray
    places: np.ndarray
    children: tuple[ChildAnswer, ...]


def views_of(face: PhotoFace, embedder: FaceEmbedder) -> np.ndarray:
    """What is asked of a face, which must have its chip: vectors (`N_VIEWS` + parts, 128) float32 of the face as it
    stands, its mirror image and `N_JITTERED` jittered views, then of the face with each of `engine.identity.why.PARTS`
    hidden. Equal chips give equal views. 15 views in one batch, 120 ms."""
    if face.chip is None:
        raise ValueError("expected a face with its chip")
    seed = int.from_bytes(hashlib.sha256(face.chip.tobytes()).digest()[:8], "big")
    drawn = jittered(face.chip, N_JITTERED, np.random.default_rng(seed))
    return embedder.embed(np.concatenate([face.chip[None], face.chip[None, :, ::-1], drawn, hidden(face.chip)]))


def family(members: Sequence[Member], model_id: str) -> Family:
    """Compares everybody with everybody, and each child with whoever is no child. The order of a member's faces makes
    no difference.

    Raises MediaError if somebody has no picture, two have one name, there is more than one mother or father, no child,
    or nobody to compare a child with; ModelError if the network's distances were not measured.
    """
    _check(members)
    faces = [[views[:N_VIEWS] for views in member.faces] for member in members]
    distances = distance_table(faces)
    elders = [i for i, member in enumerate(members) if member.role != "child"]
    children = tuple(
        _answer(members, faces, distances, i, elders, model_id)
        for i, member in enumerate(members)
        if member.role == "child"
    )
    return Family(tuple(members), model_id, distances, family_map(distances), children)


def _answer(
    members: Sequence[Member],
    faces: Sequence[Sequence[np.ndarray]],
    distances: np.ndarray,
    child: int,
    elders: Sequence[int],
    model_id: str,
) -> ChildAnswer:
    table = kinship(model_id)
    sex = members[child].sex
    drawn = drawn_distances(faces[child], [faces[i] for i in elders])
    share = np.bincount(drawn.argmin(axis=1), minlength=len(elders)) / len(drawn)
    nearest = sorted(
        (Nearest(i, float(distances[child, i]), float(part)) for i, part in zip(elders, share, strict=True)),
        key=lambda one: (one.distance, members[one.member].name),
    )
    parents = {members[i].role: i for i in elders if members[i].role != "relative"}
    said = None
    if len(parents) == 2:
        said = verdict(faces[child], faces[parents["mother"]], faces[parents["father"]], sex, table)
        compared = (parents["father"], parents["mother"])
    else:
        compared = tuple(one.member for one in nearest[:2])
    parts: tuple[PartLean, ...] = ()
    if len(compared) == 2:
        covered = [np.concatenate([views[:1], views[N_VIEWS:]]) for views in _in_order(members[child].faces)]
        parts = part_leans(covered, *(_in_order(faces[i]) for i in compared))
    unrelated = tuple(
        (i, table.closer_than_unrelated(role, sex, float(distances[child, i]))) for role, i in parents.items()
    )
    return ChildAnswer(child, said, tuple(nearest), parts, unrelated)


def _in_order(faces: Sequence[np.ndarray]) -> list[np.ndarray]:
    """In an order that depends on the faces alone: the last digit of a mean depends on that."""
    return sorted(faces, key=lambda views: views[0].tolist())


def _check(members: Sequence[Member]) -> None:
    for member in members:
        if not member.faces:
            raise MediaError(f"{member.name} has no picture yet; add one.")
        if any(len(views) != N_VIEWS + len(PARTS) for views in member.faces):
            raise ValueError(f"expected {N_VIEWS + len(PARTS)} views of each face")
    names = [name_key(member.name) for member in members]
    twice = next((member.name for member, key in zip(members, names, strict=True) if names.count(key) > 1), None)
    if twice is not None:
        raise MediaError(f"Two people are called {twice}; give one of them another name.")
    roles = [member.role for member in members]
    for role in ("mother", "father"):
        if roles.count(role) > 1:
            raise MediaError(f"There is more than one {role}; make one of them a relative.")
    if "child" not in roles:
        raise MediaError("There is no child yet; say whose likeness is asked about.")
    if len(set(roles)) == 1:
        raise MediaError(
            "There is nobody to compare the child with; add a picture of its mother, father or a relative."
        )
