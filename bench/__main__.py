"""``./dramatis bench NAME``: runs one benchmark and prints it as text or, with ``--json``, as a record."""

from __future__ import annotations

import argparse
import json
import sys
from pathlib import Path

from engine.config import PROJECT_DIR
from engine.errors import DramatisError


def main() -> int:
    parser = argparse.ArgumentParser(prog="dramatis bench", description="Compare Dramatis with its peers, in one run.")
    names = parser.add_subparsers(dest="name", required=True, metavar="NAME")
    common = argparse.ArgumentParser(add_help=False)
    common.add_argument("--json", action="store_true")
    networks = names.add_parser("networks", parents=[common], help="the networks against dlib's own run of them")
    networks.add_argument("--rounds", type=int, default=5, help="timed rounds of each (%(default)s)")
    video = names.add_parser("video", parents=[common], help="a film against a face_recognition loop over its frames")
    video.add_argument(
        "folder",
        type=Path,
        nargs="?",
        default=PROJECT_DIR / "demo",
        metavar="FOLDER",
        help="clip.mp4, truth.csv, cast/<Person Name>/*.jpg (default: the demo)",
    )
    video.add_argument("--frames", type=int, default=200, help="frames of the loop, spread over the film (%(default)s)")
    names.add_parser("page", parents=[common], help="the film page of a three-hour film in Chromium, and idle memory")
    long = names.add_parser("long", parents=[common], help="a clip repeated to a long film: memory flat, time in step")
    long.add_argument(
        "clip", type=Path, nargs="?", default=PROJECT_DIR / "demo" / "trailer.mp4", metavar="CLIP", help="(%(default)s)"
    )
    long.add_argument("--minutes", type=float, default=60.0, help="how long the film becomes (%(default)g)")
    index = names.add_parser("index", parents=[common], help="the index of faces against scikit-learn, faiss, hnswlib")
    index.add_argument(
        "folder", type=Path, metavar="FOLDER", help="Labeled Faces in the Wild: images/<Person_Name>/*.jpg"
    )
    index.add_argument("--sizes", type=_numbers, metavar="N,N", help="faces (1000,10000,100000,1000000)")
    index.add_argument("--only", action="append", default=[], metavar="SEARCH", help="a row of the table, repeatable")
    train = names.add_parser(
        "train-prefilter", parents=[common], help="make the network that proposes faces anew; needs PyTorch"
    )
    train.add_argument("lfw", type=Path, metavar="LFW", help="Labeled Faces in the Wild: <Person_Name>/*.jpg")
    train.add_argument("utkface", type=Path, metavar="UTKFACE", help="a folder of pictures of UTKFace")
    train.add_argument("out", type=Path, metavar="OUT", help="the file to write, as engine/vision/prefilter.npz")
    train.add_argument("--pictures", type=int, default=12000, help="to compose and train on (%(default)s)")
    train.add_argument("--seed", type=int, default=0, help="of everything that is drawn by chance (%(default)s)")
    options = parser.parse_args()
    try:
        if options.name == "networks":
            from bench.networks import bench_networks, networks_text

            record, text = bench_networks(options.rounds), networks_text
        elif options.name == "index":
            from bench.index import SIZES, bench_index, index_text
            from engine.progress import ProgressLine

            with ProgressLine() as progress:
                record = bench_index(options.folder, options.sizes or SIZES, tuple(options.only), progress)
            text = index_text
        elif options.name == "page":
            from bench.page import bench_page, page_text

            record, text = bench_page(), page_text
        elif options.name == "long":
            from bench.long_film import bench_long_film, long_film_text

            record, text = bench_long_film(options.clip, options.minutes), long_film_text
        elif options.name == "train-prefilter":
            from bench.train_prefilter import train_prefilter, training_text

            record = train_prefilter(options.lfw, options.utkface, options.out, options.pictures, options.seed)
            text = training_text
        else:
            from bench.video import bench_video, video_text

            record, text = bench_video(options.folder, options.frames), video_text
    except DramatisError as error:
        print(error, file=sys.stderr)
        return 1
    except KeyboardInterrupt:
        print("Stopped.", file=sys.stderr)
        return 1
    print(json.dumps(record, indent=1) if options.json else text(record))
    return 0


def _numbers(text: str) -> tuple[int, ...]:
    return tuple(int(number) for number in text.split(","))


if __name__ == "__main__":
    sys.exit(main())
