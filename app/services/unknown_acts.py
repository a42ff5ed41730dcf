"""What may be said of strangers on their page. Each is one correction, which can be taken back; all raise
DramatisError, with nothing changed."""

from __future__ import annotations

import secrets
from collections.abc import Sequence
from dataclasses import dataclass

from app.services.store import known_film, store
from engine.errors import DecisionError
from engine.pipeline import correct
from engine.store.corrections import Correction


@dataclass(frozen=True, slots=True)
class Said:
    """What was done, in a sentence, and the film in which it can be taken back."""

    sentence: str
    film: str


def name(film: str, people: Sequence[str], called: str, also: Sequence[tuple[str, str]] = (), author: str = "") -> Said:
    """Says who these strangers are, and that each of `also`, (film, person), is the same one. Raises DramatisError."""
    done = correct.name_everywhere(
        store(), [(known_film(film).sha256, people), *_by_film(also)], called, author, secrets.token_hex(8)
    )
    films = f", also in {len(also)} other film{'s' * (len(also) > 1)}" if also else ""
    joined = f" They are one with the {done.name} who is there already." if done.joined and done.shared else ""
    return Said(f"{_listed(done.before)} is {done.name} now{films}.{joined}", film)


def confirm(film: str, person: str, perhaps_person: str, called: str, author: str = "") -> Said:
    """Says that a stranger is the person suggested: somebody of the film by id, or else whoever is called so."""
    if not perhaps_person:
        return name(film, [person], called, (), author)
    correct.merge(store(), known_film(film).sha256, [person], perhaps_person, author)
    return Said(f"They are one now: {called.replace('_', ' ')}.", film)


def confirm_all(wanted: Sequence[tuple[str, str, str, str]], author: str = "") -> Said:
    """Confirms several suggestions, each (film, stranger, person or "", name), as one correction. Whoever was joined
    with somebody by an earlier one of them is passed over. Raises DecisionError."""
    batch, done, last = secrets.token_hex(8), 0, ""
    for film, person, other, called in wanted:
        sha256 = known_film(film).sha256
        if person not in (people := correct.people_of(store(), sha256).by_id) or (other and other not in people):
            continue
        if other:
            correct.merge(store(), sha256, [person], other, author, batch)
        else:
            correct.name_everywhere(store(), [(sha256, [person])], called, author, batch)
        done, last = done + 1, film
    if not done:
        raise DecisionError("None of these strangers is there any more; reload the page.")
    return Said(f"{done} suggestion{'s' * (done > 1)} confirmed.", last)


def reject(film: str, person: str, perhaps_person: str, called: str, author: str = "") -> Said:
    """Says that a stranger is not the person suggested."""
    correct.are_not(store(), known_film(film).sha256, [person], perhaps_person or correct.known_id(called), author)
    return Said(f"That is not {called.replace('_', ' ')}, and will not be suggested again.", film)


def merge(film: str, people: Sequence[str], author: str = "") -> Said:
    """Says that these strangers are one."""
    correct.merge(store(), known_film(film).sha256, people, None, author)
    return Said(f"{len(people)} strangers are one now.", film)


def ignore(film: str, people: Sequence[str], *, ignored: bool = True, author: str = "") -> Said:
    """Leaves these strangers out of the questions, or takes them in again."""
    correct.ignore(store(), known_film(film).sha256, people, ignored=ignored, author=author)
    who = "1 stranger" if len(people) == 1 else f"{len(people)} strangers"
    return Said(f"{who} ignored." if ignored else f"{who} asked about again.", film)


def no_faces(film: str, people: Sequence[str], author: str = "") -> Said:
    """Says that what was taken for these strangers are no faces."""
    record = known_film(film)
    found = correct.people_of(store(), record.sha256).of(people)
    correct.drop(store(), record.sha256, [number for person in found for number in person.track_ids], author=author)
    return Said("Taken out: not a face.", film)


def undo(film: str) -> Said | None:
    """Takes the film's last correction back; None if there is none."""
    last = correct.undo(store(), known_film(film).sha256)
    return Said(f"Taken back: {told(last)}.", film) if last else None


def redo(film: str) -> Said | None:
    """Makes the last correction that was taken back hold again; None if there is none."""
    last = correct.redo(store(), known_film(film).sha256)
    return Said(f"Done again: {told(last)}.", film) if last else None


def told(correction: Correction | None) -> str:
    """A correction in a few words; "" for none."""
    if correction is None:
        return ""
    names = correction.payload.get("names") or []
    if correction.kind == "rename":
        return f"the name {correction.payload['name']}"
    if names:
        return f"the name {names[0][1]}"
    return _TOLD[correction.kind]


_TOLD = {
    "name": "a name",
    "merge": "two made one",
    "split": "one made two",
    "move": "faces moved",
    "is not": "not this person",
    "not a face": "not a face",
    "delete": "faces deleted",
    "ignore": "ignored",
    "regard": "asked about again",
}


def _by_film(also: Sequence[tuple[str, str]]) -> list[tuple[str, list[str]]]:
    found: dict[str, list[str]] = {}
    for token, person in also:
        found.setdefault(known_film(token).sha256, []).append(person)
    return list(found.items())


def _listed(names: Sequence[str]) -> str:
    return names[0] if len(names) == 1 else f"{names[0]} and {len(names) - 1} more"
