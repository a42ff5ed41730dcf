"""Every protocol that a folder of ground truth allows, so that one command makes all figures again.

The folder may hold ``clips/<name>/`` (films as `engine.evaluate.folders` knows them), ``lfw/`` (``images/`` and
``pairs.txt``), ``faces/`` (any pictures) and ``kinfacew1/`` (KinFaceW-I); what is not there is left out.
"""

from __future__ import annotations

from pathlib import Path

from engine.config import PROJECT_DIR
from engine.errors import EvaluationError
from engine.evaluate.folders import FilmFolder, film_folder


def plan(folder: Path, jitter: int = 0, demo: Path = PROJECT_DIR / "demo") -> list[list[str]]:
    """The arguments after ``evaluate`` of each command, the quickest protocols first: films with the project's own
    `demo` among them, the tracks of films without a cast, the networks, LFW, families, and rates of sampling, which
    take longest.

    Raises EvaluationError if `folder` holds nothing to measure with.
    """
    films = _films(folder)
    lfw, faces, families = folder / "lfw", folder / "faces", folder / "kinfacew1"
    if not films and not any(one.is_dir() for one in (lfw, faces, families)):
        raise EvaluationError(
            f"There is no ground truth in {folder}: it needs clips/<name>/, lfw/, faces/ or kinfacew1/."
        )
    demos = [demo] if demo.is_dir() else []
    commands = [["screentime", *(str(path) for path in (*demos, *films))]] if demos or films else []
    commands += [["pictures", str(path)] for path, film in films.items() if film.cast]
    commands += [["clusters", str(path)] for path, film in films.items() if film.cast is None]
    if faces.is_dir():
        commands.append(["networks", str(faces)])
    if lfw.is_dir():
        commands.append(["lfw", str(lfw), "--jitter", str(jitter)])
        commands.append(["clusters", str(lfw)])
        commands.append(["clusters", str(lfw), "--album"])
        commands.append(["identification", str(lfw)])
        commands.append(["distances", str(lfw)])
    if families.is_dir():
        commands.append(["kinship", str(families)])
    if films:
        commands.append(["sampling", *(str(path) for path in films)])
    return commands


def _films(folder: Path) -> dict[Path, FilmFolder]:
    """The films of ``clips/``, by folder, sorted; folders that are none are left out."""
    found = {}
    for path in sorted((folder / "clips").glob("*/")):
        try:
            found[path] = film_folder(path)
        except EvaluationError:
            continue
    return found
