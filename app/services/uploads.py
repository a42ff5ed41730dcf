"""Films on their way in, chunk by chunk."""

from __future__ import annotations

import logging
from typing import Any

from app.services.store import store
from engine.errors import DramatisError, MediaError
from engine.store.incoming import CHUNK_BYTES, Incoming
from engine.store.upload import BadUpload, NoRoom, NoSuchUpload, OutOfStep, TooMuch, Upload

__all__ = ["CHUNK_BYTES", "append", "begin", "discard", "finish", "refusal", "status", "tidy"]

_log = logging.getLogger(__name__)

# HTTP's word for each of them; the first that fits.
_STATUS: tuple[tuple[type[DramatisError], int], ...] = (
    (NoSuchUpload, 404),
    (OutOfStep, 409),
    (TooMuch, 413),
    (NoRoom, 507),
    (BadUpload, 400),
    (MediaError, 400),
    (DramatisError, 500),
)


def begin(name: str, n_bytes: int) -> dict[str, Any]:
    """{id, received, chunk_bytes} of a new upload. Raises DramatisError."""
    return _state(Incoming().begin(name, n_bytes))


def status(upload_id: str) -> dict[str, Any]:
    """{id, received, chunk_bytes}: how far an upload is. Raises DramatisError."""
    return _state(Incoming().status(upload_id))


def append(upload_id: str, offset: int, data: bytes) -> dict[str, Any]:
    """Adds a chunk: {received}. Raises DramatisError."""
    return {"received": Incoming().append(upload_id, offset, data)}


def finish(upload_id: str) -> dict[str, Any]:
    """Makes the upload a film: {film: token, is_new, analysed_at: when or None}. Asked again, it says the same. Reads
    the whole file. Raises DramatisError."""
    from engine.pipeline.import_film import import_upload

    imported = import_upload(Incoming(), upload_id, store())
    analysed_at = imported.film.analysed_at
    return {
        "film": imported.film.token,
        "is_new": imported.is_new,
        "analysed_at": None if analysed_at is None else analysed_at.isoformat(),
    }


def discard(upload_id: str) -> None:
    """Forgets an upload; nothing happens if there is none. Raises DramatisError."""
    Incoming().discard(upload_id)


def refusal(error: DramatisError) -> tuple[dict[str, Any], int]:
    """What to answer to `error`: {error: its sentence, and received: the offset wanted for a chunk out of step}, and
    the status."""
    status = next(number for kind, number in _STATUS if isinstance(error, kind))
    answer: dict[str, Any] = {"error": str(error)}
    if isinstance(error, OutOfStep):
        answer["received"] = error.received
    return answer, status


def tidy() -> None:
    """Deletes uploads that nobody came back for, and what a crash left behind. Says failures in the log: nobody waits
    for this."""
    from engine.pipeline.import_film import tidy as tidy_films

    try:
        tidy_films(Incoming(), store())
    except (DramatisError, OSError) as error:
        _log.warning("Old uploads could not be tidied away: %s", error)


def _state(upload: Upload) -> dict[str, Any]:
    return {"id": upload.id, "received": upload.received, "chunk_bytes": CHUNK_BYTES}
