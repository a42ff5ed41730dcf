"""Faces as points, as assets/point_map.js draws them: near ones are alike."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from typing import Any

from app.figures.theme import Palette
from app.services.person import PersonView

_DIGITS = 4


def person_points(person: PersonView, colours: Palette) -> dict[str, Any]:
    """A point for each face of a person that was seen well enough to be compared, by the number of its track; diamonds
    are hard to see. No such face, empty lists."""
    shown = [face for face in person.faces if face.x is not None and face.y is not None]
    return {
        "ids": [face.track for face in shown],
        "points": [[round(face.x, _DIGITS), round(face.y, _DIGITS)] for face in shown],
        "colour": [0] * len(shown),
        "colours": [colours.known if person.kind == "known" else colours.unknown],
        "diamond": [int(face.hard) for face in shown],
        "accent": colours.accent,
        "line": colours.line,
        "space": False,
    }


def group_points(
    keys: Sequence[str], points: Sequence[Sequence[float]], groups: Sequence[int], colours: Palette
) -> dict[str, Any]:
    """A point for each face in the plane or, with three numbers each, in space, by its key. The groups with the most
    faces have a colour each, as many as the palette tells apart; the rest share one."""
    largest = [group for group, _ in sorted(Counter(groups).items(), key=lambda one: (-one[1], one[0]))]
    of_group = {group: place for place, group in enumerate(largest[: len(colours.people)])}
    return {
        "ids": list(keys),
        "points": points,
        "colour": [of_group.get(group, len(colours.people)) for group in groups],
        "colours": [*colours.people, colours.others],
        "accent": colours.accent,
        "line": colours.line,
        "space": bool(points) and len(points[0]) == 3,
    }
