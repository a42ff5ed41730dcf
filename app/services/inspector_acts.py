"""What the inspector corrects, in a cast, a film or an album: each call is one correction, which can be taken back."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from app.services import history as film_history
from app.services.film_views import shown_name
from app.services.history import History
from app.services.inspector import people_of_faces, whole_keys
from app.services.inspector_subjects import Subject, changeable, faces_of
from app.services.store import store
from app.words import count
from engine.errors import DecisionError, GalleryError
from engine.exports.told_gallery import gallery_words, told_gallery_corrections
from engine.identity.gallery_decisions import GalleryDecision
from engine.names import name_key
from engine.pipeline import correct
from engine.store.cast_folders import clean_name
from engine.store.gallery_corrections import GalleryCorrection, GalleryLog

_GONE = "This correction is not there any more; reload the page."


@dataclass(frozen=True, slots=True)
class Chosen:
    """The chosen faces as corrections call them, and the ids of whose they are."""

    keys: tuple[str, ...]
    people: tuple[str, ...]


def remove(one: Subject, keys: Sequence[str], author: str) -> str:
    """Takes faces out; what was done, in a sentence. Raises DramatisError, here and below."""
    chosen = _chosen(one, keys)
    if one.is_cast:
        _decide(one, GalleryDecision("remove", chosen.keys, before=chosen.people), author)
        return f"{count(len(chosen.keys), 'picture', 'pictures')} taken out of {one.title}."
    correct.drop(store(), one.sha256, _tracks(chosen), faces=True, author=author)
    return f"{count(len(chosen.keys), 'face', 'faces')} deleted."


def right(one: Subject, keys: Sequence[str], author: str) -> str:
    """Says that faces are of whom they are said to be."""
    chosen = _chosen(one, keys)
    if one.is_cast:
        _decide(one, GalleryDecision("right", chosen.keys, before=chosen.people), author)
        return f"{count(len(chosen.keys), 'picture', 'pictures')} said to be right."
    correct.right(store(), one.sha256, _tracks(chosen), author=author)
    return f"{count(len(chosen.keys), 'face', 'faces')} said to be right."


def move(one: Subject, keys: Sequence[str], to: str, author: str, *, new: bool = False) -> str:
    """Says whose faces are: somebody's by id, or, `new`, somebody of that name, who may be there or not."""
    chosen = _chosen(one, keys)
    if one.is_cast:
        name = _person(one, to, new=new)
        stay = {name_key(person) for person in chosen.people} == {name_key(name)}
        if stay:
            raise GalleryError(f"These pictures are those of {shown_name(name, True)} already; choose others.")
        _decide(one, GalleryDecision("move", chosen.keys, to=name, before=chosen.people), author)
        return f"{count(len(chosen.keys), 'picture', 'pictures')} moved to {shown_name(name, True)}."
    if new:
        correct.move_to_named(store(), one.sha256, _tracks(chosen), to, author)
        return f"{count(len(chosen.keys), 'face', 'faces')} moved to {correct.clean_name(to)}."
    correct.move(store(), one.sha256, _tracks(chosen), to, author)
    return f"{count(len(chosen.keys), 'face', 'faces')} moved to {_film_name(one, to)}."


def merge(one: Subject, first: str, second: str, author: str) -> str:
    """Two people, by id, are one, who keeps the name of the one with more faces."""
    changeable(one)
    faces = faces_of(one)
    ids = [person for person, _ in faces.people]
    if first not in ids or second not in ids or first == second:
        raise DecisionError("Somebody of these is not there any more; reload the page.")
    if not one.is_cast:
        kept = correct.merge(store(), one.sha256, [first, second], author=author)
        return f"They are one person now: {_film_name(one, kept)}."
    sizes = [int((faces.owners == ids.index(person)).sum()) for person in (first, second)]
    kept, gone = (first, second) if sizes[0] >= sizes[1] else (second, first)
    _decide(one, GalleryDecision("merge", to=kept, people=(gone,), before=(gone,)), author)
    return f"{shown_name(gone, True)} and {shown_name(kept, True)} are one person now."


def history(one: Subject) -> History:
    """Everything that was corrected, the newest first, and what undo and redo would do. Ready galleries have none."""
    if one.kind == "ready":
        return History((), None, None)
    if not one.is_cast:
        return film_history.history(one.id)
    log = GalleryLog(store())
    last, next_one = log.last_undoable(one.id), log.last_redoable(one.id)
    steps = told_gallery_corrections(log.history(one.id))
    return History(steps[::-1], last and gallery_words(last), next_one and gallery_words(next_one))


def undo(one: Subject) -> str | None:
    """Takes the last correction back; its words, None if there is none."""
    changeable(one)
    if not one.is_cast:
        return film_history.undo(one.id)
    last = GalleryLog(store()).last_undoable(one.id)
    return last and _undone(one, last)


def redo(one: Subject) -> str | None:
    """Makes the correction hold again that was taken back last; its words, None if there is none."""
    changeable(one)
    if not one.is_cast:
        return film_history.redo(one.id)
    last = GalleryLog(store()).last_redoable(one.id)
    return last and _redone(one, last)


def take_back(one: Subject, correction_id: int) -> str:
    """Takes one correction back, whichever; its words."""
    return _undone(one, _known(one, correction_id)) if one.is_cast else film_history.take_back(one.id, correction_id)


def hold_again(one: Subject, correction_id: int) -> str:
    """Makes one correction that was taken back hold again, in its old place; its words."""
    return _redone(one, _known(one, correction_id)) if one.is_cast else film_history.hold_again(one.id, correction_id)


def _undone(one: Subject, correction: GalleryCorrection) -> str:
    GalleryLog(store()).undo(one.id, correction.id)
    return gallery_words(correction)


def _redone(one: Subject, correction: GalleryCorrection) -> str:
    GalleryLog(store()).redo(one.id, correction.id)
    return gallery_words(correction)


def _known(one: Subject, correction_id: int) -> GalleryCorrection:
    changeable(one)
    found = next((step for step in GalleryLog(store()).history(one.id) if step.id == correction_id), None)
    if found is None:
        raise DecisionError(_GONE)
    return found


def _decide(one: Subject, decision: GalleryDecision, author: str) -> None:
    GalleryLog(store()).decide(one.id, decision, author)


def _chosen(one: Subject, keys: Sequence[str]) -> Chosen:
    changeable(one)
    whole = whole_keys(one, list(keys))
    if not whole or len(whole) < len(keys):
        raise DecisionError("Some of these faces are not there any more; reload the page.")
    return Chosen(tuple(whole), tuple(people_of_faces(one, whole)))


def _tracks(chosen: Chosen) -> list[int]:
    return [int(key) for key in chosen.keys]


def _person(one: Subject, to: str, *, new: bool) -> str:
    """The name under which a person is in the cast, or is to be."""
    people = [name for _, name in faces_of(one).people]
    name = clean_name(to) if new else to
    if not name_key(name):
        raise GalleryError("A person needs a name with letters or digits; type one.")
    there = next((person for person in people if name_key(person) == name_key(name)), None)
    if there is None and not new:
        raise DecisionError("That person is not there any more; reload the page.")
    return there or name


def _film_name(one: Subject, person_id: str) -> str:
    names = dict(faces_of(one).people)
    return shown_name(names.get(person_id, person_id), person_id.startswith("known:"))
