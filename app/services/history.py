"""What was corrected in a film, in words, and taking it back or making it hold again."""

from __future__ import annotations

from dataclasses import dataclass

from app.services.store import known_film, store
from engine.errors import DecisionError
from engine.exports.told_corrections import ToldCorrection, told_corrections
from engine.pipeline import correct
from engine.store.correction_facts import read_correction_facts
from engine.store.corrections import Correction, CorrectionLog

__all__ = ["History", "Step", "history", "hold_again", "redo", "take_back", "undo"]

Step = ToldCorrection
"""One correction: id, words, author, made_at (UTC), holds."""


@dataclass(frozen=True, slots=True)
class History:
    """A film's corrections, the newest first, and the words of what `undo` and `redo` would do, None where there is
    nothing."""

    steps: tuple[Step, ...]
    undo: str | None
    redo: str | None


def history(token: str) -> History:
    """Everything that was corrected in the film. Raises MediaError if there is no such film."""
    sha256 = known_film(token).sha256
    steps = told_corrections(read_correction_facts(store(), sha256))
    words = {step.id: step.words for step in steps}
    log = CorrectionLog(store())
    last, next_one = log.last_undoable(sha256), log.last_redoable(sha256)
    return History(steps[::-1], last and words.get(last.id), next_one and words.get(next_one.id))


def undo(token: str) -> str | None:
    """Takes the film's last correction back; its words, None if there is none. Raises DramatisError if a later one
    rests on it."""
    return _words(token, correct.undo(store(), known_film(token).sha256))


def redo(token: str) -> str | None:
    """Makes the correction hold again that was taken back last; its words, None if there is none. Raises as `undo`."""
    return _words(token, correct.redo(store(), known_film(token).sha256))


def take_back(token: str, correction_id: int) -> str:
    """Takes one correction back, whichever; its words. Raises DramatisError if it is not this film's, or a later one
    rests on it."""
    words = _known(token, correction_id).words
    CorrectionLog(store()).undo(correction_id)
    return words


def hold_again(token: str, correction_id: int) -> str:
    """Makes one correction that was taken back hold again, in its old place. Raises as `take_back`."""
    words = _known(token, correction_id).words
    CorrectionLog(store()).redo(correction_id)
    return words


def _known(token: str, correction_id: int) -> Step:
    found = next((step for step in history(token).steps if step.id == correction_id), None)
    if found is None:
        raise DecisionError("This correction is not there any more; reload the page.")
    return found


def _words(token: str, made: Correction | None) -> str | None:
    return made and _known(token, made.id).words
