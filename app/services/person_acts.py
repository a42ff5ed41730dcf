"""What the page of a person corrects: each call is one correction of the film, which can be taken back."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from app.services.film_views import shown_name
from app.services.person import known_person, n_words
from app.services.store import known_film, store
from engine.pipeline import correct
from engine.store.corrections import CorrectionLog
from engine.store.films import FilmRepository


@dataclass(frozen=True, slots=True)
class Done:
    """What was done, in a sentence, and whose page tells more about it: the id of a person, "" for nobody's."""

    sentence: str
    person_id: str = ""


def split_off(token: str, tracks: Sequence[int], author: str) -> Done:
    """The tracks are somebody else, one new stranger. Raises DramatisError, here and below."""
    sha256 = known_film(token).sha256
    return _taken_out(sha256, tracks, correct.split(store(), sha256, tracks, author))


def not_this_person(token: str, tracks: Sequence[int], author: str) -> Done:
    """The tracks are not of whom they are said to be, whoever that is instead."""
    sha256 = known_film(token).sha256
    return _taken_out(sha256, tracks, correct.is_not(store(), sha256, tracks, author))


def move(token: str, tracks: Sequence[int], to: str, author: str) -> Done:
    sha256 = known_film(token).sha256
    correct.move(store(), sha256, tracks, to, author)
    return Done(f"{n_words(tracks)} moved to {_name(sha256, to)}.", to)


def not_a_face(token: str, tracks: Sequence[int], author: str) -> Done:
    correct.drop(store(), known_film(token).sha256, tracks, author=author)
    return Done(f"{n_words(tracks)} left out: said to be no face.")


def delete(token: str, tracks: Sequence[int], author: str) -> Done:
    """The tracks are faces, but are not to be counted."""
    correct.drop(store(), known_film(token).sha256, tracks, faces=True, author=author)
    return Done(f"{n_words(tracks)} deleted.")


def rename(token: str, person_id: str, name: str, *, another: bool, author: str) -> Done:
    """Says who the person is. Whoever has the name already is the same person, unless it is `another` of that name."""
    sha256 = known_film(token).sha256
    before = _name(sha256, person_id)
    named = correct.name(store(), sha256, [person_id], name, another=another, author=author)
    if named.joined:
        return Done(f"{before} is {_name(sha256, named.person_id)}; their faces are together now.", named.person_id)
    return Done(f"{before} is now {named.name}.", named.person_id)


def same_as(token: str, person_id: str, other_id: str, author: str) -> Done:
    """The two are one person, who keeps the name that there is, or that of the one seen longer."""
    sha256 = known_film(token).sha256
    before = _name(sha256, person_id), _name(sha256, other_id)
    kept = correct.merge(store(), sha256, [person_id, other_id], author=author)
    name = _name(sha256, kept)
    gone = before[0] if name == before[1] else before[1]
    return Done(f"{gone} and {name} are one person now.", kept)


def ignore(token: str, person_id: str, ignored: bool, author: str) -> Done:
    """The person is not to be asked about, or is again."""
    sha256 = known_film(token).sha256
    correct.ignore(store(), sha256, [person_id], ignored=ignored, author=author)
    name = known_person(token, person_id).name
    return Done(f"{name} is not asked about any more." if ignored else f"{name} is asked about again.", person_id)


def _taken_out(sha256: str, tracks: Sequence[int], correction_id: int) -> Done:
    made = next(one for one in CorrectionLog(store()).active(sha256) if one.id == correction_id)
    to = made.payload["moves"][0]["to"]
    return Done(f"{n_words(tracks)} split off: {_name(sha256, to)}.", to)


def _name(sha256: str, person_id: str) -> str:
    """What somebody of the film is called now; the id of somebody who is not there."""
    film = FilmRepository(store()).by_sha256(sha256)
    found = next((one for one in film.people if one.id == person_id), None) if film else None
    return shown_name(found.name, found.kind == "known" and not found.named_by_hand) if found else person_id
