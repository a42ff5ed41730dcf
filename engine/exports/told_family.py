"""What is said of a child's likenesses, in sentences: the same on the page, in the terminal and on the card."""

from __future__ import annotations

from engine.identity.kin_parts import PartLean
from engine.identity.kinship import MIN_CHANCE, Sex, Verdict
from engine.identity.why import PARTS
from engine.pipeline.family import ChildAnswer, Family, Member

CAUTION = (
    "Small children, and mother and son or father and daughter, are told less reliably: a young face is still "
    "changing, and faces of one sex lie nearer to each other."
)
YOUNG = "A small child's face is still changing: take this as a hint, and ask again in a few years."
WHAT_IT_MEANS = (
    "Chances are from KinFaceW-I: children beside their own parent and a stranger of the other sex. Here both are "
    "parents, which is harder; likeness is an impression and says nothing about descent."
)
_THEIR = {"son": "his", "daughter": "her", "child": "the"}
_MANY = ("brows", "eyes")


def headline(family: Family, answer: ChildAnswer) -> str:
    """Whom the child looks more like, in a few words."""
    child, said = family.members[answer.member], answer.verdict
    if said is not None:
        if not said.is_decided:
            return f"{child.name}: too close to call"
        parent = next(one for one in family.members if one.role == said.nearer)
        return f"{child.name} looks more like {_THEIR[said.sex]} {said.nearer}{_named(parent)}"
    names = [family.members[one.member].name for one in answer.nearest[:2]]
    if len(names) == 1:
        return f"{child.name} and {names[0]}"
    if answer.is_steady:
        return f"{child.name} is nearest to {names[0]}"
    return f"{child.name}: too close to call between {names[0]} and {names[1]}"


def how_sure(family: Family, answer: ChildAnswer) -> str:
    """How sure the headline is, and why it is not surer, in a sentence or two."""
    said = answer.verdict
    if said is not None:
        return _chance(said)
    first = answer.nearest[0]
    name = family.members[first.member].name
    if len(answer.nearest) == 1:
        return f"{name} is the only one to compare with yet; add a parent or a relative."
    if answer.is_steady:
        return f"{name} is the nearest in {_of_100(first.share)} of 100 other draws of the pictures."
    return f"{name} is the nearest in only {_of_100(first.share)} of 100 other draws of the pictures."


def parts_sentence(family: Family, answer: ChildAnswer) -> str:
    """Which parts of the face speak for whom; "" where nobody is compared."""
    if not answer.parts:
        return ""
    said = []
    for number, name in enumerate(compared(family, answer)):
        named = f"the {name.lower()}" if name in ("Mother", "Father") else name
        mine = [one.part for one in answer.parts if leaning(one) == number]
        if mine:
            said.append(f"the {_listed(mine)} {'speak' if len(mine) > 1 or mine[0] in _MANY else 'speaks'} for {named}")
    if not said:
        return "No part of the face by itself speaks for either."
    text = " and ".join(said) if len(said) == 2 else said[0]
    return f"{text[0].upper()}{text[1:]}."


def compared(family: Family, answer: ChildAnswer) -> tuple[str, str]:
    """The names of the two people whom the parts lean to: father and mother, else the two nearest. There must be
    two."""
    if answer.verdict is not None:
        father, mother = (next(m for m in family.members if m.role == role) for role in ("father", "mother"))
        return father.name, mother.name
    one, other = (family.members[one.member].name for one in answer.nearest[:2])
    return one, other


def leaning(part: PartLean) -> int | None:
    """To which of the two, 0 or 1, a part leans; None if to neither."""
    return None if part.is_even else int(part.effect < 0)


def relation(member: Member, sex: Sex) -> str:
    """What a parent and a child of that sex are to each other, of several families.

    >>> relation(Member("Ann", "mother", ()), "son"), relation(Member("Ann", "mother", ()), "child")
    ('mothers and sons', 'mothers and children')
    """
    return f"{member.role}s and {'children' if sex == 'child' else f'{sex}s'}"


def _chance(said: Verdict) -> str:
    of_100 = _of_100(said.chance)
    if said.is_decided:
        return (
            f"How sure: {of_100} in 100. In known families a parent nearer by this much was the true one that often, "
            "where the other was a stranger."
        )
    if said.chance >= MIN_CHANCE:
        return (
            f"{of_100} in 100 would speak for the {said.nearer}, but the pictures disagree: with others of the same "
            "people the answer may turn. More pictures help."
        )
    lean = f"Rather the {said.nearer}" if of_100 > 50 else "Neither"
    return f"{lean}, but only {of_100} in 100: less than {_of_100(MIN_CHANCE)} is not called. More pictures help."


def _named(parent: Member) -> str:
    """The parent's name, if it is one."""
    return "" if parent.name.casefold() == parent.role else f" {parent.name}"


def _of_100(share: float) -> int:
    """Rounded down, and never certain."""
    return min(int(100 * share + 1e-9), 99)


def _listed(parts: list[str]) -> str:
    known = [part for part in PARTS if part in parts]
    return known[0] if len(known) == 1 else f"{', '.join(known[:-1])} and {known[-1]}"
