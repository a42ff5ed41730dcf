"""Who in a family looks like whom, as JSON (``"schema": "dramatis.family/1"``) and as text."""

from __future__ import annotations

import json
from typing import Any

from engine.exports.table import text_table
from engine.exports.told_family import (
    CAUTION,
    WHAT_IT_MEANS,
    compared,
    headline,
    how_sure,
    leaning,
    parts_sentence,
    relation,
)
from engine.pipeline.family import ChildAnswer, Family

SCHEMA = "dramatis.family/1"


def family_json(family: Family) -> str:
    """The answer as JSON; distances have four decimals."""
    record = {
        "schema": SCHEMA,
        "model_id": family.model_id,
        "people": [
            {
                "name": member.name,
                "role": member.role,
                **({"sex": None if member.sex == "child" else member.sex} if member.role == "child" else {}),
                "pictures": len(member.faces),
                "map": [round(float(value), 4) for value in place],
            }
            for member, place in zip(family.members, family.places, strict=True)
        ],
        "distances": [[round(float(value), 4) for value in row] for row in family.distances],
        "children": [_child(family, answer) for answer in family.children],
        "caution": CAUTION,
        "what_it_means": WHAT_IT_MEANS,
    }
    return json.dumps(record, indent=1, ensure_ascii=False)


def family_text(family: Family) -> str:
    """The answer for the terminal: of each child a headline, how sure it is, the distances and the parts of the face;
    then the distances of everybody."""
    said = [_child_text(family, answer) for answer in family.children]
    names = [member.name for member in family.members]
    if len(names) > 2:
        rows = [
            (name, *(f"{value:.3f}" if i != j else "" for j, value in enumerate(row)))
            for i, (name, row) in enumerate(zip(names, family.distances, strict=True))
        ]
        said.append(f"distances\n{text_table(('', *names), rows)}")
    return "\n\n".join((*said, CAUTION, WHAT_IT_MEANS))


def _child(family: Family, answer: ChildAnswer) -> dict[str, Any]:
    said = answer.verdict
    names = [member.name for member in family.members]
    return {
        "child": names[answer.member],
        "headline": headline(family, answer),
        "how_sure": how_sure(family, answer),
        "answer": said.nearer if said is not None and said.is_decided else None,
        "verdict": said
        and {
            "nearer": said.nearer,
            "chance": round(said.chance, 4),
            "low": round(said.low, 4),
            "high": round(said.high, 4),
            "decided": said.is_decided,
            "mother": round(said.mother, 4),
            "father": round(said.father, 4),
        },
        "nearest": [
            {"name": names[one.member], "distance": round(one.distance, 4), "share_of_draws": round(one.share, 4)}
            for one in answer.nearest
        ],
        "closer_than_unrelated": {names[i]: round(share, 4) for i, share in answer.unrelated},
        "parts": [
            {
                "part": one.part,
                "effect": round(one.effect, 4),
                "nearer_to": None if leaning(one) is None else compared(family, answer)[leaning(one)],
            }
            for one in answer.parts
        ],
    }


def _child_text(family: Family, answer: ChildAnswer) -> str:
    unrelated = dict(answer.unrelated)
    rows = []
    for one in answer.nearest:
        member = family.members[one.member]
        meaning = ""
        if one.member in unrelated:
            sex = family.members[answer.member].sex
            meaning = f"closer than {unrelated[one.member]:.0%} of unrelated {relation(member, sex)}"
        rows.append((member.name, f"{one.distance:.3f}", meaning))
    parts = [f"{headline(family, answer)}.\n{how_sure(family, answer)}", text_table(("", "distance", ""), rows, 1)]
    if answer.parts:
        one, other = compared(family, answer)
        table = [
            (part.part, f"{part.effect:+.3f}", "neither" if leaning(part) is None else (one, other)[leaning(part)])
            for part in answer.parts
        ]
        parts += [text_table(("part", "effect", "nearer to"), table), parts_sentence(family, answer)]
    return "\n\n".join(parts)
