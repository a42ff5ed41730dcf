"""Merging as algebra: order and repetition do not matter, and nothing is lost."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from engine.errors import ModelError
from engine.identity.gallery import TWO_PEOPLE
from engine.identity.gallery_merge import keep_apart, merge_galleries, merge_notes
from engine.names import name_key
from engine.types import Gallery, LeftOut

SPELLINGS = (("Anna Lee", "anna_lee", "ANNA  LEE"), ("Bo", "BO"), ("Zo\u00eb", "ZOE\u0308"))
CONTENTS = tuple(str(i) * 64 for i in range(6))


def vector_of(sha256):
    return np.full(4, int(sha256[0]), np.float32)


def gallery_of(rows, left_out=(), name="G", model_id="net"):
    return Gallery(
        name,
        model_id,
        tuple(person for person, _ in rows),
        tuple(f"{person}/{sha256[0]}.jpg" for person, sha256 in rows),
        tuple(sha256 for _, sha256 in rows),
        np.array([vector_of(sha256) for _, sha256 in rows], np.float32).reshape(-1, 4),
        tuple(left_out),
    )


@st.composite
def galleries(draw):
    """As a build makes them: one spelling a person, a picture once and of one person."""
    spelling = [draw(st.sampled_from(names)) for names in SPELLINGS]
    person_of = draw(st.dictionaries(st.sampled_from(CONTENTS), st.integers(0, len(spelling) - 1)))
    rows = [(spelling[person], sha256) for sha256, person in person_of.items()]
    free = sorted(set(CONTENTS) - set(person_of))
    left_out = []
    for sha256 in draw(st.lists(st.sampled_from(free), unique=True)) if free else []:
        left_out.append(LeftOut(f"x/{sha256[0]}.jpg", draw(st.sampled_from(["no face found", TWO_PEOPLE])), sha256))
    if draw(st.booleans()):
        left_out.append(LeftOut("line 3", "a person's name is missing"))
    return gallery_of(rows, left_out)


def meaning(gallery):
    """What a gallery says apart from order, spelling, and the words of reasons."""
    rows = {
        (name_key(n), s, v.tobytes()) for n, s, v in zip(gallery.names, gallery.sha256, gallery.vectors, strict=True)
    }
    assert len(rows) == len(gallery.names)
    assert len(set(map(name_key, gallery.people))) == len(gallery.people)
    left_out = {(one.sha256 or one.path, one.reason.startswith(TWO_PEOPLE)) for one in gallery.left_out}
    return rows, left_out


@settings(max_examples=40)
@given(galleries(), galleries())
def test_the_order_does_not_matter(a, b):
    assert meaning(merge_galleries(a, b, "M")) == meaning(merge_galleries(b, a, "M"))


@settings(max_examples=40)
@given(galleries(), galleries())
def test_merging_again_changes_nothing(a, b):
    merged = merge_galleries(a, b, "M")
    for more in (a, b, merged):
        assert meaning(merge_galleries(merged, more, "M")) == meaning(merged)
    assert meaning(merge_galleries(a, a, "M")) == meaning(a)


@settings(max_examples=40)
@given(galleries(), galleries(), galleries())
def test_of_three_any_two_may_be_first(a, b, c):
    def held(gallery):
        return meaning(gallery)[0]

    left = merge_galleries(merge_galleries(a, b, "M"), c, "M")
    assert held(left) == held(merge_galleries(a, merge_galleries(b, c, "M"), "M"))


@settings(max_examples=40)
@given(galleries(), galleries())
def test_nothing_is_lost(a, b):
    merged = merge_galleries(a, b, "M")
    held = {(name_key(n), s) for n, s in zip(merged.names, merged.sha256, strict=True)}
    disputed = {one.sha256 for one in merged.left_out if one.reason.startswith(TWO_PEOPLE)}
    for gallery in (a, b):
        for person, sha256 in zip(gallery.names, gallery.sha256, strict=True):
            assert ((name_key(person), sha256) in held) != (sha256 in disputed)
        told = {one.sha256 or one.path for one in merged.left_out} | set(merged.sha256)
        assert {one.sha256 or one.path for one in gallery.left_out} <= told
    before = {(name_key(n), s) for g in (a, b) for n, s in zip(g.names, g.sha256, strict=True)}
    assert held <= before
    assert all((vector == vector_of(s)).all() for s, vector in zip(merged.sha256, merged.vectors, strict=True))


def test_people_keep_the_first_ones_spelling_and_a_disputed_picture_is_nobodys():
    a = gallery_of([("Anna Lee", CONTENTS[0]), ("Bo", CONTENTS[1])])
    b = gallery_of([("anna_lee", CONTENTS[0]), ("anna_lee", CONTENTS[2]), ("Carl", CONTENTS[1])])
    merged = merge_galleries(a, b, "Both")
    assert merged.name == "Both"
    assert list(zip(merged.names, merged.sha256, strict=True)) == [("Anna Lee", CONTENTS[0]), ("Anna Lee", CONTENTS[2])]
    assert [(one.path, one.reason) for one in merged.left_out] == [
        ("Bo/1.jpg", "the same picture under two people: Bo and Carl"),
        ("Carl/1.jpg", "the same picture under two people: Bo and Carl"),
    ]


def test_two_models_are_refused():
    with pytest.raises(ModelError, match="vectors of two models"):
        merge_galleries(gallery_of([("Bo", CONTENTS[0])]), gallery_of([], model_id="other"), "M")


@pytest.mark.parametrize(
    ("a", "b", "both"), [("", "", ""), ("CC BY", "", "CC BY"), ("CC BY", "CC BY", "CC BY"), ("A\nB", "B\nC", "A\nB\nC")]
)
def test_both_notes_are_kept_once(a, b, both):
    assert merge_notes(a, b) == both


def test_people_of_one_name_who_are_two_are_kept_apart():
    first = gallery_of([("Anna Lee", CONTENTS[0]), ("Bo", CONTENTS[1])], name="One")
    second = gallery_of([("anna_lee", CONTENTS[2]), ("Bo", CONTENTS[3]), ("Cy", CONTENTS[4])], name="Other/half")
    apart = keep_apart(first, second, ["ANNA LEE", "Cy"])
    assert apart.names == ("anna_lee (Other half)", "Bo", "Cy"), "who is in one alone keeps the name"
    assert set(merge_galleries(first, apart, "M").people) == {"Anna Lee", "anna_lee (Other half)", "Bo", "Cy"}
    taken = gallery_of([("Anna Lee (One)", CONTENTS[2]), ("Anna Lee", CONTENTS[3])], name="One")
    assert keep_apart(first, taken, ["Anna Lee"]).names == ("Anna Lee (One)", "Anna Lee (2)")
    long = gallery_of([("A" * 80, CONTENTS[0])])
    assert keep_apart(long, long, ["A" * 80]).names == ("A" * 75 + " (2)",)
