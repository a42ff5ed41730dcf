"""Who is in a family, as the page's script says: checked, for it comes from a browser."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Literal

from engine.names import one_line

MOST_PEOPLE = 12
MOST_FACES = 5
"""Pictures of one person: with them a whole family is on the shelf (`app.services.photo_shelf.MOST_PHOTOS`).
assets/family.js knows both numbers."""
_LONGEST_NAME = 60

Role = Literal["child", "mother", "father", "relative"]
_ROLES: tuple[Role, ...] = ("child", "mother", "father", "relative")
_SEXES = ("child", "son", "daughter")


@dataclass(frozen=True, slots=True)
class FacePlace:
    """A face of a photo that is held: the photo's id and the face's number from 1."""

    photo: str
    number: int


@dataclass(frozen=True, slots=True)
class PersonAsked:
    """Somebody of the family as the page knows them. `key` is the page's own, `sex` is what is said of a child ("child"
    for nothing), `young` whether it is a small one."""

    key: str
    role: Role
    name: str
    sex: str
    young: bool
    faces: tuple[FacePlace, ...]


def people_of(record: object) -> tuple[PersonAsked, ...]:
    """The people of what the page's script keeps: {people: [{key, role, name, sex, young, faces: [[photo, number]]}]}.
    What is not as it should be is left out, beyond `MOST_PEOPLE` people too."""
    listed = record.get("people") if isinstance(record, Mapping) else None
    return tuple(_person(one) for one in (listed or [])[:MOST_PEOPLE] if isinstance(one, Mapping) and _is_role(one))


def _is_role(one: Mapping[str, Any]) -> bool:
    return one.get("role") in _ROLES


def _person(one: Mapping[str, Any]) -> PersonAsked:
    role: Role = one["role"]
    name = one_line(str(one.get("name") or ""))[:_LONGEST_NAME].strip() or role.capitalize()
    faces = one.get("faces") if isinstance(one.get("faces"), list) else []
    known = tuple(
        FacePlace(face[0], face[1])
        for face in faces[:MOST_FACES]
        if isinstance(face, list) and len(face) == 2 and isinstance(face[0], str) and type(face[1]) is int
    )
    sex = one.get("sex") if role == "child" and one.get("sex") in _SEXES else "child"
    return PersonAsked(str(one.get("key") or ""), role, name, sex, bool(one.get("young")), known)
