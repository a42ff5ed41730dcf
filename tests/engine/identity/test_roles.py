"""Who matters, and why: nobody is left out without a reason."""

from __future__ import annotations

from engine.identity.roles import roles
from engine.timeline import Interval, Timeline
from engine.types import Person


def person(name, seconds, kind="known"):
    return Person(f"{kind}:{name}", name, kind, Timeline([Interval(0, seconds)]), 1.0, ())


FILM = [
    person("Ana", 40.0),
    person("unknown_1", 8.0, "unknown"),
    person("Bo", 7.9),
    person("Cy", 0.5),
    person("unknown_2", 1.0, "unknown"),
    person("unknown_3", 0.9, "unknown"),
    person("Ingrid", 0.9, "unknown"),  # named by hand
]


def test_everybody_has_a_role_and_a_reason():
    found = roles(FILM)
    assert {p.name: found[p.id].kind for p in FILM} == {
        "Ana": "main",
        "unknown_1": "main",
        "Bo": "other",
        "Cy": "other",  # of the cast: never a passer-by
        "unknown_2": "other",
        "unknown_3": "passer-by",
        "Ingrid": "other",
    }
    assert found["known:Ana"].reason == "40.0 s, longest of all"
    assert found["known:Bo"].reason == "7.9 s, under 20% of Ana's 40.0 s"
    assert found["unknown:unknown_1"].reason == "8.0 s, at least 20% of Ana's 40.0 s"
    assert found["unknown:unknown_3"].reason == "0.9 s in all, under 1 s"


def test_both_limits_can_be_chosen():
    kinds = {p.name: role.kind for p, role in zip(FILM, roles(FILM, 0.1, 5.0).values(), strict=True)}
    assert kinds["Bo"] == "main" and kinds["unknown_2"] == "passer-by"
    assert "passer-by" not in {role.kind for role in roles(FILM, passer_by_s=0).values()}


def test_a_film_of_a_lone_passer_by_and_an_empty_one():
    alone = person("unknown_1", 0.5, "unknown")
    assert roles([alone])[alone.id].kind == "passer-by"
    assert roles([]) == {}
