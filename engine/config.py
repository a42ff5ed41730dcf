"""Where things are kept, and the settings of an analysis. Every threshold stands here or beside its algorithm,
named, with its source."""

from __future__ import annotations

import os
import secrets
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

import platformdirs

from engine.errors import SettingsError, StorageError

PROJECT_DIR = Path(__file__).resolve().parent.parent
READY_INDEXES_DIR = PROJECT_DIR / "indexes"
"""Galleries that come with the project: names and vectors, no pictures."""


def data_dir() -> Path:
    """The folder that holds everything a user's work leaves behind: ``$DRAMATIS_DATA``, or the platform's own
    place for application data. Made at first use, readable by its owner alone (it holds faces)."""
    folder = Path(os.environ.get("DRAMATIS_DATA") or platformdirs.user_data_dir("dramatis", appauthor=False))
    return private_dir(folder)


def models_dir() -> Path:
    """Where the networks built from dlib's weights are cached; safe to delete."""
    return private_dir(data_dir() / "models")


def database_path() -> Path:
    return data_dir() / "dramatis.sqlite3"


def films_dir() -> Path:
    """Where uploaded films are kept, each named by its SHA-256 without a suffix."""
    return private_dir(data_dir() / "films")


def incoming_dir() -> Path:
    """Where uploads stand until they are complete."""
    return private_dir(data_dir() / "incoming")


def pictures_dir(film_token: str = "") -> Path:
    """Poster, faces and preview of a film; without a token the folder of them all. Safe to delete: made again."""
    return _inside(data_dir() / "pictures", film_token)


def jobs_dir(job_id: int | str = "") -> Path:
    """What a job has finished so far, and its log; without a number the folder of them all."""
    return _inside(data_dir() / "jobs", str(job_id))


def indexes_dir(name: str = "") -> Path:
    """The index of a gallery; without a name the folder of them all. Safe to delete: built again from the gallery."""
    return _inside(data_dir() / "indexes", name)


def lfw_dir() -> Path:
    """Pictures that were fetched for a ready gallery. Safe to delete."""
    return private_dir(data_dir() / "lfw")


def cast_dir(cast_id: str = "") -> Path:
    """The pictures uploaded for a gallery; without an id the folder of them all."""
    return _inside(data_dir() / "casts", cast_id)


def outgoing_dir() -> Path:
    """Where files stand while a browser takes them. Safe to delete."""
    return private_dir(data_dir() / "outgoing")


def looks_dir() -> Path:
    """Where it is kept what the pictures of galleries show (`engine.store.look_cache`). Safe to delete."""
    return data_dir() / "looks"


def inspections_dir() -> Path:
    """Where maps and groups of faces are kept that took long to make. Safe to delete."""
    return data_dir() / "inspections"


def album_faces_dir() -> Path:
    """Where it is kept what the pictures of albums show (`engine.store.look_cache`). Safe to delete."""
    return data_dir() / "album-faces"


def albums_dir(album_id: str = "") -> Path:
    """The pictures uploaded for an album; without an id the folder of them all."""
    return _inside(data_dir() / "albums", album_id)


def secret_key() -> str:
    """What the app signs its cookies with: ``$DRAMATIS_SECRET_KEY``, or a random text made at first use and kept in
    the data folder for its owner alone; processes that ask at the same time get the same one. Raises StorageError."""
    given = os.environ.get("DRAMATIS_SECRET_KEY")
    if given:
        return given
    path = data_dir() / "secret-key"
    try:
        return _read_key(path) or _make_key(path)
    except OSError as error:
        raise StorageError(
            f"The file {path} cannot be read or made ({error.strerror}); make it yours to write, or delete it."
        ) from error


def _read_key(path: Path) -> str | None:
    try:
        return path.read_text(encoding="utf-8", errors="replace").strip() or None
    except FileNotFoundError:
        return None


def _make_key(path: Path) -> str:
    new = path.with_name(f"{path.name}.{secrets.token_hex(8)}")
    with os.fdopen(os.open(new, os.O_CREAT | os.O_EXCL | os.O_WRONLY, 0o600), "w") as file:
        file.write(secrets.token_hex(32))
    try:
        os.link(new, path)  # unlike a rename it fails where another process was faster
    except FileExistsError:
        if not _read_key(path):
            os.replace(new, path)
    finally:
        new.unlink(missing_ok=True)
    return path.read_text(encoding="utf-8").strip()


def _inside(folder: Path, name: str) -> Path:
    """The folder `name` in `folder`, or `folder` for "", both made private. Raises ValueError for a name that leads
    out of it."""
    if name in (".", "..") or set(name) & {"/", "\\", "\0"}:
        raise ValueError(f"expected the name of a folder, got {name!r}")
    return private_dir(private_dir(folder) / name)


def private_dir(folder: Path) -> Path:
    """`folder`, made with mode 0700 if it is not there. Raises StorageError if it cannot be made."""
    try:
        folder.mkdir(mode=0o700, parents=True, exist_ok=True)
    except OSError as error:
        raise StorageError(
            f"The folder {folder} cannot be made ({error.strerror}); set DRAMATIS_DATA to one you may write to."
        ) from error
    return folder


AVERAGE_LINKAGE = "average linkage"
STRANGER_METHODS = (AVERAGE_LINKAGE, "first neighbours", "Chinese Whispers")
"""How strangers may be told apart: see `engine.identity.partition`."""


@dataclass(frozen=True, slots=True)
class AnalysisSettings:
    """What a user may choose for an analysis; the defaults are good.

    `sample_fps`: pictures looked at per second of film. `min_probability`: how sure a name must be. `max_distance`:
    how far a track may be from a person and still get the name, however sure its neighbours are; between good pictures
    of two people lie 0.6 to 0.95. `stranger_distance`: how far two groups of tracks may be and still be one stranger
    (`engine.identity.cluster`), and `stranger_method` one of `STRANGER_METHODS`.
    `smallest_face_px`: hairline to chin; None chooses by the size of the film. `workers`: threads; None uses every
    processor. `quick`: look at a third as many pictures, for faces twice as large, and half as often for small ones;
    where a rough answer soon is enough.
    """

    sample_fps: float = 8.0
    min_probability: float = 0.6
    max_distance: float = 0.8
    stranger_distance: float = 0.54
    stranger_method: str = AVERAGE_LINKAGE
    smallest_face_px: int | None = None
    workers: int | None = None
    quick: bool = False

    def __post_init__(self) -> None:
        if self.stranger_method not in STRANGER_METHODS:
            raise SettingsError(
                f"The setting stranger_method is {self.stranger_method}; choose one of: {', '.join(STRANGER_METHODS)}."
            )
        for name, low, high in (
            ("sample_fps", 0.2, 60.0),
            ("min_probability", 0.05, 0.99),
            ("max_distance", 0.1, 1.5),
            ("stranger_distance", 0.1, 1.5),
            ("smallest_face_px", 20, 2000),
            ("workers", 1, 64),
        ):
            value = getattr(self, name)
            if value is None and name in ("smallest_face_px", "workers"):
                continue
            if value is None or not low <= value <= high:
                raise SettingsError(f"The setting {name} is {value}; choose a value from {low} to {high}.")
        if not isinstance(self.quick, bool):
            raise SettingsError(f"The setting quick is {self.quick}; choose true or false.")

    @property
    def looked_fps(self) -> float:
        """Pictures that are looked at per second of film."""
        return self.sample_fps / 3 if self.quick else self.sample_fps

    def as_dict(self) -> dict[str, Any]:
        return asdict(self)
