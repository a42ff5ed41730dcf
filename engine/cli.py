"""The command line. Progress goes to stderr, the result to stdout; 0 done, 1 the input is bad, 2 usage.

Heavy rooms are imported inside the commands, so that help and usage errors come at once.
"""

from __future__ import annotations

import argparse
import json
import os
import signal
import sys
import traceback
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import TYPE_CHECKING

from engine import __version__, config
from engine.album_commands import add_album_actions
from engine.errors import DramatisError, GalleryError, StorageError
from engine.evaluate.commands import add_protocols
from engine.family_command import add_family_options
from engine.gallery_commands import add_actions, left_out_report
from engine.lookalike_command import add_options
from engine.progress import ProgressLine
from engine.why_command import add_why_options

if TYPE_CHECKING:
    from engine.pipeline.models import Models
    from engine.store.database import Store
    from engine.types import Analysis, Gallery

STOPPED = "Stopped; nothing was written."


def main(arguments: Sequence[str] | None = None) -> int:
    """Runs one command and answers its exit status. Every error a user can mend is one sentence on stderr;
    ``--debug`` adds the traceback."""
    options = _parser().parse_args(arguments)
    previous = signal.signal(signal.SIGTERM, _stop)
    try:
        return options.command(options)
    except DramatisError as error:
        return _failed(str(error), options.debug)
    except KeyboardInterrupt:
        return _failed(STOPPED, options.debug)
    except BrokenPipeError:
        # Whoever read our output has gone; what is still buffered has no place to go either.
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        return 1
    except MemoryError:
        return _failed("There is not enough memory for this; close other programs and try again.", options.debug)
    except OSError as error:
        return _failed(
            str(StorageError(f"The system refused ({error}); see that disk and permissions allow it.")), options.debug
        )
    finally:
        signal.signal(signal.SIGTERM, previous)


def _stop(_signal: int, _frame: object) -> None:
    raise KeyboardInterrupt


def _failed(sentence: str, debug: bool) -> int:
    if debug:
        traceback.print_exc()
    print(f"\r\033[K{sentence}" if sys.stderr.isatty() else sentence, file=sys.stderr)
    return 1


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(
        prog="dramatis",
        description="Who is on screen, and for how long, and who looks like whom. Everything runs on this machine.",
        epilog="Also: dramatis run (the app in the browser), dramatis test, dramatis bench NAME.",
    )
    parser.add_argument("--version", action="version", version=f"dramatis {__version__}")
    common = argparse.ArgumentParser(add_help=False)
    common.add_argument("--debug", action="store_true", help="show the traceback of an error")
    commands = parser.add_subparsers(required=True, metavar="COMMAND")

    analyze = commands.add_parser("analyze", parents=[common], help="who is on screen in a film, and for how long")
    analyze.set_defaults(command=_analyze)
    # Absolute: the library finds the film again from any folder.
    analyze.add_argument("video", type=lambda text: Path(os.path.abspath(text)), metavar="VIDEO")
    analyze.add_argument(
        "--gallery", metavar="NAME_OR_FOLDER", help="the cast: <Person Name>/*.jpg, or a saved gallery"
    )
    analyze.add_argument("--cast", metavar='"Name,Name"', help="expect only these people of the gallery")
    analyze.add_argument("--out", type=Path, metavar="DIR", help="where the results go (default: VIDEO-screentime)")
    defaults = config.AnalysisSettings()
    analyze.add_argument(
        "--sample-fps",
        type=float,
        default=defaults.sample_fps,
        metavar="N",
        help="pictures looked at per second (%(default)s)",
    )
    analyze.add_argument(
        "--max-distance",
        type=float,
        default=defaults.max_distance,
        metavar="D",
        help="farther from everybody than this is a stranger (%(default)s)",
    )
    analyze.add_argument(
        "--smallest-face",
        type=int,
        metavar="PX",
        help="smallest face looked for, hairline to chin (chosen by the film's size)",
    )
    analyze.add_argument("--main-people", action="store_true", help="show only those who matter by their time")
    analyze.add_argument("--clear-only", action="store_true", help="count no moments in which a face is hard to see")
    analyze.add_argument(
        "--min-probability",
        type=float,
        default=defaults.min_probability,
        metavar="P",
        help="how sure a name must be, 0 to 1 (%(default)s)",
    )
    analyze.add_argument(
        "--strangers",
        choices=config.STRANGER_METHODS,
        default=defaults.stranger_method,
        metavar="METHOD",
        help=f"how strangers are told apart: {', '.join(config.STRANGER_METHODS)} (default: the first)",
    )
    analyze.add_argument(
        "--quick", action="store_true", help="a third of the pictures, faces twice as large: rough, and soon"
    )
    analyze.add_argument("--partial", action="store_true", help="analyse a film that breaks off, as far as it goes")
    analyze.add_argument("--workers", type=int, metavar="N", help="threads (default: one a processor)")

    gallery = commands.add_parser("gallery", help="people with pictures")
    gallery.set_defaults(command=_action)
    add_actions(gallery, common, _tell)

    album = commands.add_parser("album", help="folders of pictures, grouped by who is in them")
    album.set_defaults(command=_action)
    add_album_actions(album, common)

    lookalike = commands.add_parser(
        "lookalike", parents=[common], help="who of a gallery the faces of a photo look like"
    )
    lookalike.set_defaults(command=_action)
    add_options(lookalike)

    why = commands.add_parser("why", parents=[common], help="which parts of a face make it like somebody of a gallery")
    why.set_defaults(command=_action)
    add_why_options(why)

    family = commands.add_parser("family", parents=[common], help="whom a child looks more like, mother or father")
    family.set_defaults(command=_action)
    add_family_options(family)

    evaluate = commands.add_parser("evaluate", help="measure against ground truth")
    evaluate.set_defaults(command=_evaluate)
    add_protocols(evaluate, common)
    return parser


def _analyze(options: argparse.Namespace) -> int:
    from engine.exports.files import write_together
    from engine.exports.screentime_csv import screentime_csv
    from engine.exports.screentime_json import screentime_json
    from engine.exports.table import people_table
    from engine.pipeline.people import keep_strangers
    from engine.store.films import FilmRepository

    settings = config.AnalysisSettings(
        sample_fps=options.sample_fps,
        min_probability=options.min_probability,
        max_distance=options.max_distance,
        stranger_method=options.strangers,
        smallest_face_px=options.smallest_face,
        workers=options.workers,
        quick=options.quick,
    )
    if options.cast and not options.gallery:
        raise GalleryError("--cast picks people out of a gallery; name one with --gallery.")
    out = options.out or Path(f"{options.video.stem}-screentime")
    store = _store()
    with ProgressLine() as progress:
        analysis = _analysis(
            options.video, options.gallery, options.cast, settings, store, progress, partial=options.partial
        )
        progress("saving", 0.0)
        films = FilmRepository(store)
        analysis_id = films.save_analysis(keep_strangers(analysis, films))
        analysis = films.load_analysis(analysis_id, faces=False)  # with the names that people gave
        hard = films.hard_moments(analysis_id)
        write_together(
            {
                out / "screentime.json": screentime_json(analysis, hard, options.clear_only),
                out / "screentime.csv": screentime_csv(analysis, hard, options.clear_only),
            }
        )
    print(people_table(analysis, hard, options.main_people, options.clear_only))
    for warning in analysis.warnings:
        print(warning, file=sys.stderr)
    print(f"Written: {out / 'screentime.json'} and {out / 'screentime.csv'}", file=sys.stderr)
    return 0


def _analysis(
    video: Path,
    gallery: str | None,
    cast: str | None,
    settings: config.AnalysisSettings,
    store: Store,
    progress: ProgressLine,
    partial: bool = False,
) -> Analysis:
    from engine.identity.gallery import select_cast
    from engine.media.video import probe
    from engine.pipeline.analyse_video import analyse_video
    from engine.pipeline.models import Models
    from engine.store.films import FilmRepository

    probe(video)  # a wrong file is told before the gallery's pictures are read
    models = Models()
    people = _gallery(gallery, models, store, progress) if gallery else None
    if people and cast:
        people = select_cast(people, [name.strip() for name in cast.split(",") if name.strip()])
    decided = FilmRepository(store).decided_tracks
    return analyse_video(video, people, settings, models, progress, partial=partial, decided=decided)


def _gallery(name_or_folder: str, models: Models, store: Store, progress: Callable[[str, float], None]) -> Gallery:
    """The gallery in a folder, or the saved or ready one of that name."""
    from engine.pipeline.galleries import gallery_of_folder
    from engine.store.indexes import GalleryIndexes

    gallery = gallery_of_folder(name_or_folder, store, models, progress)
    if gallery is None:
        return GalleryIndexes(store).gallery(name_or_folder, models.embedder.model_id)
    if gallery.left_out:
        _tell(f"\n{left_out_report(gallery)}")
    return gallery


def _action(options: argparse.Namespace) -> int:
    with ProgressLine() as progress:
        outcome = options.action(options, _store(), progress)
    if outcome.notes:
        _tell(outcome.notes)
    if outcome.text:
        print(outcome.text)
    return 0


def _tell(text: str) -> None:
    print(text, file=sys.stderr)


def _evaluate(options: argparse.Namespace) -> int:
    with ProgressLine() as progress:
        record, text = options.protocol(options, progress)
    print(json.dumps(record, indent=1) if options.json else text)
    return 0


def _store() -> Store:
    from engine.store.database import open_store

    return open_store(config.database_path())
