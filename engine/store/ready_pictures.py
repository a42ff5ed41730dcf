"""The pictures behind a ready gallery, which do not come with the project: brought from their publisher, only when a
person asks for them, and found again by the paths that the gallery names."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

from engine import config
from engine.errors import StorageError

WHAT = "Labeled Faces in the Wild, 13,233 pictures of 5,749 people, 233 MB"
_PICTURES = Path("lfw_home") / "lfw_funneled"  # where scikit-learn's loader unpacks them


def fetch_lfw(tell: Callable[[str], None], fetch: Callable[..., object] | None = None) -> Path:
    """Brings the pictures of Labeled Faces in the Wild into the data folder with scikit-learn's loader, unless they are
    there, and answers their folder, with a folder of pictures for each person. `tell` hears what is fetched from where,
    before it is. Raises StorageError without a network or without room."""
    folder = config.lfw_dir()
    if not any((folder / _PICTURES).glob("*/*.jpg")):
        fetch = fetch or _loader(tell)
        try:
            # The loader also reads what it brought: as few people, as small, as it allows.
            fetch(data_home=str(folder), min_faces_per_person=300, resize=0.1)
        except OSError as error:  # urllib's errors descend from it
            raise StorageError(
                f"The pictures cannot be fetched ({getattr(error, 'reason', None) or error}); this one command needs a "
                "network and 500 MB: connect this machine and try again."
            ) from error
    return folder / _PICTURES


def ready_picture(path: str) -> Path | None:
    """The picture that a ready gallery calls `path`, ``Person_Name/file.jpg``, if it was fetched."""
    root = config.lfw_dir() / _PICTURES
    found = (root / path).resolve()
    return found if found.is_relative_to(root.resolve()) and found.is_file() else None


def _loader(tell: Callable[[str], None]) -> Callable[..., object]:
    # Imported here: a second for what is hardly ever asked for.
    from sklearn.datasets import _lfw, fetch_lfw_people

    addresses = [getattr(_lfw, name, None) for name in ("FUNNELED_ARCHIVE", "TARGETS")]
    shown = " and ".join(str(part.url) for part in (addresses[0], *(addresses[1] or ())[:1]) if part is not None)
    tell(f"Fetching {WHAT}, with scikit-learn's loader, from {shown}")
    return fetch_lfw_people
