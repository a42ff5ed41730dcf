"""Who in a family looks like whom, as the page asks: faces of photos that are held, and who they are said to be."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any
from weakref import WeakKeyDictionary

from app.services import photos
from app.services.family_people import FacePlace, PersonAsked, Role
from engine.config import PROJECT_DIR
from engine.errors import MediaError
from engine.names import name_key

if TYPE_CHECKING:
    import numpy as np

    from app.services.photo_shelf import HeldPhoto
    from engine.pipeline.family import ChildAnswer, Family

SAMPLE_DIR = PROJECT_DIR / "demo" / "family"
_SAMPLE = (
    ("child-1", "child", "Ben", "son", False, "child_1"),
    ("child-2", "child", "Ada", "daughter", False, "child_2"),
    ("child-3", "child", "Tim", "son", True, "child_3"),
    ("mother", "mother", "Mother", "child", False, "mother"),
    ("father", "father", "Father", "child", False, "father"),
)

_MAP_MARGIN = 0.14  # of the map's side: portraits stand on its places with their middles

_views: WeakKeyDictionary[HeldPhoto, dict[int, np.ndarray]] = WeakKeyDictionary()


@dataclass(frozen=True, slots=True)
class PersonRecord:
    """Somebody in the answer: the first of their faces, and where they stand on the map, in shares of its side."""

    name: str
    role: Role
    face: FacePlace
    left: float
    top: float


@dataclass(frozen=True, slots=True)
class Likeness:
    """How far somebody, a place among the people, is from a child, and what that means, "" where it is not known."""

    person: int
    distance: float
    meaning: str
    is_nearer: bool


@dataclass(frozen=True, slots=True)
class Part:
    """A part of the face that leans to the first of `ChildRecord.compared` where `effect` is positive, else to the
    second; `leans_to` is the name, "" for neither."""

    part: str
    effect: float
    leans_to: str


@dataclass(frozen=True, slots=True)
class ChildRecord:
    """The answer about a child, a place among the people. `chance` of the parent who is `nearer`, "mother" or "father",
    is None where both are not there, and `nearer` then ""; `low` and `high` are where nine in ten draws lie. `compared`
    are the two whom `parts` lean to, () if there are no two."""

    person: int
    headline: str
    how_sure: str
    is_decided: bool
    chance: float | None
    low: float
    high: float
    nearer: str
    note: str
    likenesses: tuple[Likeness, ...]
    compared: tuple[int, ...]
    parts: tuple[Part, ...]
    parts_sentence: str


@dataclass(frozen=True, slots=True)
class FamilyRecord:
    """The answer: everybody with a picture, their distances, and a record for each child."""

    people: tuple[PersonRecord, ...]
    distances: tuple[tuple[float, ...], ...]
    children: tuple[ChildRecord, ...]
    caution: str
    what_it_means: str


def sample_people() -> list[dict[str, Any]]:
    """The demo's family as the page's script takes it: people with the names of their `files`; [] where it is not
    there."""
    return [
        {
            "key": key,
            "role": role,
            "name": name,
            "sex": sex,
            "young": young,
            "files": [
                path.name for path in (SAMPLE_DIR / f"{stem}{n}.jpg" for n in ("", "_2", "_3")) if path.is_file()
            ],
        }
        for key, role, name, sex, young, stem in _SAMPLE
        if (SAMPLE_DIR / f"{stem}.jpg").is_file()
    ]


def sample(name: str) -> Path | None:
    """The file of a picture of the demo's family."""
    return SAMPLE_DIR / name if any(name in one["files"] for one in sample_people()) else None


def take_sample(name: str) -> str:
    """Takes a picture of the demo's family as if it had been sent; its id. Raises MediaError if there is none."""
    path = sample(name)
    if path is None:
        raise MediaError("There is no such picture in the demo's family.")
    return photos.take_file(path)


def answer(people: tuple[PersonAsked, ...]) -> FamilyRecord | None:
    """Who of those with pictures looks like whom; None as long as there is no child, or nobody else. Of a face that was
    not asked about before 120 ms. Raises MediaError if a photo is forgotten or two people have one name."""
    from engine.exports.told_family import CAUTION, WHAT_IT_MEANS
    from engine.identity.family_map import on_square

    asked = _with_faces(people)
    if asked is None:
        return None
    found = _family(asked)
    places = on_square(found.places, _MAP_MARGIN)
    return FamilyRecord(
        tuple(
            PersonRecord(one.name, one.role, one.faces[0], left, top)
            for one, (left, top) in zip(asked, places, strict=True)
        ),
        tuple(tuple(float(value) for value in row) for row in found.distances),
        tuple(_child(found, child, asked[child.member].young) for child in found.children),
        CAUTION,
        WHAT_IT_MEANS,
    )


def card(people: tuple[PersonAsked, ...], key: str) -> tuple[bytes, str]:
    """The card of the child `key` as PNG, and the child's name. Raises MediaError where there is no answer about it."""
    from engine.exports.family_card import card_of, family_card

    asked, found, child = _about(people, key)

    def portrait(member: int) -> bytes:
        return photos.portrait(asked[member].faces[0].photo, asked[member].faces[0].number)

    return family_card(card_of(found, child, portrait)), asked[child.member].name


def parts_picture(people: tuple[PersonAsked, ...], key: str) -> bytes:
    """The first face of the child `key`, JPEG, parts that lean to the first of those compared in orange, to the second
    in blue. Raises MediaError where there is no answer about it."""
    from engine.identity.why import PartEffect
    from engine.pipeline.portraits import heat

    asked, _, child = _about(people, key)
    face = asked[child.member].faces[0]
    leans = tuple(PartEffect(one.part, one.effect, one.effect) for one in child.parts if not one.is_even)
    return heat(photos.portrait(face.photo, face.number), leans)


def _about(people: tuple[PersonAsked, ...], key: str) -> tuple[tuple[PersonAsked, ...], Family, ChildAnswer]:
    asked = _with_faces(people)
    found = None if asked is None else _family(asked)
    if asked is not None and found is not None:
        for child in found.children:
            if asked[child.member].key == key:
                return asked, found, child
    raise MediaError("There is no answer about this child; add its pictures again.")


def _with_faces(people: tuple[PersonAsked, ...]) -> tuple[PersonAsked, ...] | None:
    """Those with pictures; None unless there are a child and somebody else."""
    asked = tuple(one for one in people if one.faces)
    n_children = sum(one.role == "child" for one in asked)
    return asked if 0 < n_children < len(asked) else None


def _family(asked: tuple[PersonAsked, ...]) -> Family:
    from engine.pipeline.family import Member, family
    from engine.vision.model_ids import EMBEDDER_ID

    keys = [name_key(one.name) for one in asked]
    members = []
    for one in asked:
        # Siblings not named yet are told apart by a number, as the page does.
        twins = [other.key for other in asked if name_key(other.name) == name_key(one.name)]
        name = one.name if keys.count(name_key(one.name)) == 1 else f"{one.name} {twins.index(one.key) + 1}"
        members.append(Member(name, one.role, tuple(map(_views_of, one.faces)), one.sex))
    return family(members, EMBEDDER_ID)


def _views_of(face: FacePlace) -> np.ndarray:
    from engine.pipeline.family import views_of

    held = photos.held_photo(face.photo)
    asked = photos.held_face(face.photo, face.number)
    with photos.looking() as models:
        known = _views.setdefault(held, {})
        if face.number not in known:
            known[face.number] = views_of(asked, models.embedder)
        return known[face.number]


def _child(found: Family, child: ChildAnswer, young: bool) -> ChildRecord:
    from engine.exports.told_family import YOUNG, compared, headline, how_sure, leaning, parts_sentence, relation

    said = child.verdict
    names = [member.name for member in found.members]
    unrelated = dict(child.unrelated)
    decided = said.is_decided if said is not None else child.is_steady and len(child.nearest) > 1
    nearer = child.nearest[0].member
    if said is not None:
        nearer = [member.role for member in found.members].index(said.nearer)
    sex = found.members[child.member].sex
    likenesses = []
    for one in child.nearest:
        share = unrelated.get(one.member)
        others = relation(found.members[one.member], sex)
        meaning = "" if share is None else f"closer than {int(100 * share)}\u00a0% of unrelated {others}"
        likenesses.append(Likeness(one.member, one.distance, meaning, decided and one.member == nearer))
    pair = compared(found, child) if child.parts else ()
    return ChildRecord(
        child.member,
        headline(found, child),
        how_sure(found, child),
        decided,
        None if said is None else said.chance,
        0.0 if said is None else said.low,
        0.0 if said is None else said.high,
        "" if said is None else said.nearer,
        YOUNG if young else "",
        tuple(likenesses),
        tuple(names.index(name) for name in pair),
        tuple(Part(one.part, one.effect, "" if (to := leaning(one)) is None else pair[to]) for one in child.parts),
        parts_sentence(found, child),
    )
