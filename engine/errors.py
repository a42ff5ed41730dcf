"""The errors a user may meet. Every message is one sentence: what is wrong, and what to do about it.

Everything the engine raises on purpose descends from `DramatisError`; the command line prints its message and
ends with status 1, the web app shows it. Any other exception is a defect. Each class says which state it leaves
behind.
"""


class DramatisError(Exception):
    """Root of all errors the engine raises on purpose; nothing was changed unless a subclass says otherwise."""


class MediaError(DramatisError):
    """A picture or film cannot be read (wrong type, truncated, too large, missing). Nothing was written."""


class GalleryError(DramatisError):
    """A gallery cannot be built or used (no faces, clashing names, unknown name). The old gallery is untouched."""


class ModelError(DramatisError):
    """A network's weights are missing or damaged, or vectors of two models were about to be mixed."""


class SettingsError(DramatisError):
    """A setting has a value that makes no sense. Nothing was started."""


class StorageError(DramatisError):
    """A result cannot be written or read (disk full, no permission, damaged file). The previous state is intact:
    nothing half-written stands under a final name, and a database transaction has been rolled back."""


class DecisionError(DramatisError):
    """A correction cannot be made: it contradicts an earlier one, or is about somebody who is not there. Every
    decision made before stands as it did."""


class EvaluationError(DramatisError):
    """An evaluation folder lacks something its protocol needs, or holds something it cannot read."""


class Cancelled(DramatisError):
    """A person stopped long work; raised from inside a progress callback. Nothing was published."""
