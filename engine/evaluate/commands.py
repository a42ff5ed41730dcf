"""The protocols as commands: what each is called, what it takes, and its result as a record and as text.

Heavy rooms are imported inside the commands, so that help and usage errors come at once.
"""

from __future__ import annotations

import argparse
import json
from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from engine.types import Progress

Result = tuple[dict[str, Any], str]
"""A record for --json, and the same as text."""


def add_protocols(parser: argparse.ArgumentParser, common: argparse.ArgumentParser) -> None:
    """Adds a command for each protocol to ``evaluate``. Parsed options have `protocol`: options and progress to
    `Result`; it raises EvaluationError."""
    protocols = parser.add_subparsers(required=True, metavar="PROTOCOL")
    common = argparse.ArgumentParser(add_help=False, parents=[common])
    common.add_argument("--json", action="store_true", help="the figures as JSON")

    def add(
        name: str, protocol: Callable[[argparse.Namespace, Progress], Result], what: str
    ) -> argparse.ArgumentParser:
        command = protocols.add_parser(name, parents=[common], help=what)
        command.set_defaults(protocol=protocol)
        return command

    screentime = add("screentime", _screentime, "seconds said against seconds true, names, strangers, faces")
    screentime.add_argument(
        "folders",
        type=Path,
        nargs="+",
        metavar="FOLDER",
        help="clip.mp4, truth.csv, cast/<Person Name>/*.jpg, boxes.csv",
    )
    screentime.add_argument("--quick", action="store_true", help="with the quick setting")
    demo = add("demo", _demo, "the demo that comes with Dramatis against its exact truth")
    demo.add_argument("folder", type=Path, nargs="?", metavar="FOLDER", help="another folder like demo/")
    pictures = add("pictures", _pictures, "what is lost with few pictures of each person")
    pictures.add_argument("folders", type=Path, nargs="+", metavar="FOLDER", help="as for screentime, with a cast")
    pictures.add_argument("--count", type=int, default=3, metavar="N", help="pictures of each person (%(default)s)")
    pictures.add_argument("--draws", type=int, default=10, metavar="N", help="how often they are drawn (%(default)s)")
    naming = add("naming", _naming, "how many answers it takes to name the strangers of a film")
    naming.add_argument("folders", type=Path, nargs="+", metavar="FOLDER", help="as for screentime, with a cast")
    sampling = add("sampling", _sampling, "what is lost by looking at few frames a second")
    sampling.add_argument("folders", type=Path, nargs="+", metavar="FOLDER", help="as for screentime")
    sampling.add_argument("--rates", type=_numbers, metavar="N,N", help="frames a second (1,2,4,8), besides every one")
    lfw = add("lfw", _lfw, "verification of Labeled Faces in the Wild")
    lfw.add_argument("folder", type=Path, metavar="FOLDER", help="images/<Person_Name>/*.jpg and pairs.txt")
    lfw.add_argument(
        "--jitter", type=_count, default=0, metavar="N", help="the mean over N jittered views of each face"
    )
    identification = add("identification", _identification, "who is it: rank 1 and 5, and with strangers asking")
    identification.add_argument("folder", type=Path, metavar="FOLDER", help="images/<Person_Name>/*.jpg")
    identification.add_argument(
        "--jitter", type=_count, default=0, metavar="N", help="the mean over the face, its mirror image and N views"
    )
    distances = add("distances", _distances, "how near strangers are and how far pictures of one person")
    distances.add_argument("folder", type=Path, metavar="FOLDER", help="images/<Person_Name>/*.jpg")
    kinship = add("kinship", _kinship, "is this the parent of this child, and which of two is")
    kinship.add_argument("folder", type=Path, metavar="FOLDER", help="KinFaceW-I: meta_data/ and images/")
    kinship.add_argument(
        "--table", action="store_true", help="only the table that the page of families knows chances from, as JSON"
    )
    clusters = add("clusters", _clusters, "ways of parting faces into people")
    clusters.add_argument(
        "folder", type=Path, metavar="FOLDER", help="<Person_Name>/*.jpg, or a film as for screentime"
    )
    clusters.add_argument("--album", action="store_true", help="the pictures as albums, as an import groups them")
    inspector = add("inspector", _inspector, "wrong, split and mixed people found, and how many there are")
    inspector.add_argument("folder", type=Path, metavar="FOLDER", help="images/<Person_Name>/*.jpg, or without images/")
    networks = add("networks", _networks, "the fast networks against dlib's own run")
    networks.add_argument("folder", type=Path, metavar="FOLDER", help="pictures, at any depth")
    networks.add_argument("--pictures", type=int, metavar="N", help="only N of them, evenly spread")
    networks.add_argument("--vectors-only", action="store_true", help="leave out the detector, dlib's slow part")
    everything = add("all", _all, "all of these, as far as a folder of ground truth allows")
    everything.add_argument(
        "folder", type=Path, metavar="FOLDER", help="clips/<name>/, lfw/, faces/, kinfacew1/, or some"
    )
    everything.add_argument("--jitter", type=_count, default=10, metavar="N", help="as for lfw (%(default)s)")


def _screentime(options: argparse.Namespace, progress: Progress) -> Result:
    from engine.config import AnalysisSettings
    from engine.evaluate.film_tables import films_record, films_table
    from engine.evaluate.films import evaluate_films

    record = films_record(evaluate_films(options.folders, AnalysisSettings(quick=options.quick), progress))
    return record, films_table(record)


def _demo(options: argparse.Namespace, progress: Progress) -> Result:
    from engine.evaluate.demo import FOLDER, demo_text, evaluate_demo

    record = evaluate_demo(options.folder or FOLDER, progress)
    return record, demo_text(record)


def _pictures(options: argparse.Namespace, progress: Progress) -> Result:
    from engine.evaluate.few_pictures import evaluate_few_pictures
    from engine.evaluate.tables import few_pictures_table

    films = [evaluate_few_pictures(folder, options.count, options.draws, progress) for folder in options.folders]
    return {"films": films}, "\n\n".join(few_pictures_table(film) for film in films)


def _naming(options: argparse.Namespace, progress: Progress) -> Result:
    from engine.evaluate.naming import evaluate_naming, naming_text

    films = [evaluate_naming(folder, progress) for folder in options.folders]
    return {"films": films}, "\n\n".join(naming_text(film) for film in films)


def _sampling(options: argparse.Namespace, progress: Progress) -> Result:
    from engine.evaluate.sampling import RATES, evaluate_sampling
    from engine.evaluate.tables import sampling_table

    films = [evaluate_sampling(folder, options.rates or RATES, progress) for folder in options.folders]
    return {"films": films}, "\n\n".join(sampling_table(film) for film in films)


def _lfw(options: argparse.Namespace, progress: Progress) -> Result:
    from engine.evaluate.lfw import evaluate_lfw
    from engine.evaluate.tables import lfw_table

    record = evaluate_lfw(options.folder, options.jitter, progress)
    return record, lfw_table(record)


def _identification(options: argparse.Namespace, progress: Progress) -> Result:
    from engine.evaluate.identification import evaluate_identification, identification_table

    record = evaluate_identification(options.folder, options.jitter, progress)
    return record, identification_table(record)


def _distances(options: argparse.Namespace, progress: Progress) -> Result:
    from engine.evaluate.distances import distances_table, evaluate_distances

    record = evaluate_distances(options.folder, progress)
    return record, distances_table(record)


def _kinship(options: argparse.Namespace, progress: Progress) -> Result:
    from engine.evaluate.kinship import evaluate_kinship, kinship_text

    record = evaluate_kinship(options.folder, progress)
    if options.table:
        return record["table"], json.dumps(record["table"], indent=1)
    return record, kinship_text(record)


def _clusters(options: argparse.Namespace, progress: Progress) -> Result:
    if options.album:
        from engine.evaluate.albums import albums_table, evaluate_albums

        record = evaluate_albums(options.folder, progress)
        return record, albums_table(record)
    from engine.evaluate.grouping import evaluate_clusters
    from engine.evaluate.tables import clusters_table

    record = evaluate_clusters(options.folder, progress)
    return record, clusters_table(record)


def _inspector(options: argparse.Namespace, progress: Progress) -> Result:
    from engine.evaluate.inspector import evaluate_inspector, inspector_table

    record = evaluate_inspector(options.folder, progress)
    return record, inspector_table(record)


def _networks(options: argparse.Namespace, progress: Progress) -> Result:
    from engine.evaluate.networks import evaluate_networks
    from engine.evaluate.tables import networks_table

    record = evaluate_networks(options.folder, options.pictures, not options.vectors_only, progress)
    return record, networks_table(record)


def _all(options: argparse.Namespace, progress: Progress) -> Result:
    from engine.evaluate.everything import plan

    parser = argparse.ArgumentParser(prog="dramatis evaluate")
    add_protocols(parser, argparse.ArgumentParser(add_help=False))
    parts, texts = [], []
    for arguments in plan(options.folder, options.jitter):
        part = parser.parse_args(arguments)
        record, text = part.protocol(part, progress)
        command = " ".join(["evaluate", *arguments])
        parts.append({"command": command, "record": record})
        texts.append(f"{command}\n\n{text}")
    return {"parts": parts}, "\n\n\n".join(texts)


def _numbers(text: str) -> list[float]:
    return [float(number) for number in text.split(",")]


def _count(text: str) -> int:
    if int(text) < 0:
        raise ValueError(text)
    return int(text)
