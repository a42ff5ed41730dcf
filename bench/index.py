"""The index of faces beside its peers, in one run and on one thread: what they find, how fast, how large they are.

The vectors are those of Labeled Faces in the Wild and, where more are wanted, jittered copies of them: a picture's
vector and the difference of two pictures of some one person over the root of two, as another picture would lie.
The queries are pictures kept out, of people who have others. Each contestant runs in a process of its own; times are
processor time of that process, so that a busy machine favours nobody.
"""

from __future__ import annotations

import multiprocessing
import statistics
import tempfile
import time
from collections.abc import Callable
from functools import partial
from pathlib import Path
from typing import Any

import numpy as np

from bench.index_peers import PEERS, Search
from engine.errors import EvaluationError
from engine.evaluate.kept_vectors import kept_vectors
from engine.evaluate.people_pictures import pictures_of_people
from engine.exports.table import text_table
from engine.identity.nearest import nearest, squares
from engine.types import Progress, ignore_progress

SIZES = (1_000, 10_000, 100_000, 1_000_000)
N_QUERIES = 300
K = 10
SEED = 1  # the efforts of `engine.identity.forest` were chosen with seed 0


def bench_index(
    folder: Path,
    sizes: tuple[int, ...] = SIZES,
    only: tuple[str, ...] = (),
    progress: Progress = ignore_progress,
) -> dict[str, Any]:
    """A record with a row for each size and contestant, `only` these if any are named: recall of the nearest and of the
    ten nearest, queries a second, median and 95th percentile in ms, seconds to build, MB in memory and on disk; or why
    it was left out. `folder` is as for ``evaluate lfw``. Raises EvaluationError, MediaError."""
    people = pictures_of_people(folder)
    person = np.repeat(np.arange(len(people)), [len(of) for of in people.values()])
    vectors = kept_vectors([path for of in people.values() for path in of], progress)
    rows = []
    for size in sizes:
        faces, queries = face_set(vectors, person, size)
        square = squares(faces)
        truth = np.array([nearest(faces, square, query, K)[0] for query in queries])
        for name, peer in PEERS.items():
            if only and name not in only:
                continue
            row = _in_own_process(partial(_measure, peer, faces, queries, truth))
            rows.append({"n": size, "name": name, **row})
            progress(f"{size} {name}", 1.0)
    return {"n_real": len(vectors), "n_queries": N_QUERIES, "rows": rows}


def face_set(vectors: np.ndarray, person: np.ndarray, size: int) -> tuple[np.ndarray, np.ndarray]:
    """`size` faces (size, d) float32 and `N_QUERIES` others of people among them, as the module says; `person` (n,)
    numbers whose face each of `vectors` (n, d) is. Raises EvaluationError if there are too few people."""
    random = np.random.default_rng(SEED)
    _, firsts, counts = np.unique(person, return_index=True, return_counts=True)
    several = np.flatnonzero(counts > 1)
    if len(several) < N_QUERIES:
        raise EvaluationError(f"{N_QUERIES} people with two pictures are needed, there are {len(several)}.")
    kept_out = firsts[random.choice(several, N_QUERIES, replace=False)]
    base = np.setdiff1d(np.arange(len(vectors)), kept_out)
    if size <= len(base):
        return vectors[random.choice(base, size, replace=False)], vectors[kept_out]
    one = random.choice(several, size - len(base))
    first = (random.random(len(one)) * counts[one]).astype(int)
    second = (first + 1 + (random.random(len(one)) * (counts[one] - 1)).astype(int)) % counts[one]
    jitter = (vectors[firsts[one] + first] - vectors[firsts[one] + second]) / np.sqrt(2)
    copies = vectors[random.choice(base, len(one))] + jitter
    return np.concatenate([vectors[base], copies]).astype(np.float32), vectors[kept_out]


def index_text(record: dict[str, Any]) -> str:
    """The record as text."""
    rows = []
    for row in record["rows"]:
        if "left_out" in row:
            rows.append((str(row["n"]), row["name"], row["left_out"], *[""] * 7))
            continue
        rows.append(
            (
                str(row["n"]),
                row["name"],
                f"{row['recall_1']:.4f}",
                f"{row['recall_10']:.4f}",
                f"{row['per_second']:.0f}",
                f"{row['median_ms']:.2f}",
                f"{row['p95_ms']:.2f}",
                f"{row['build_s']:.1f}",
                "" if row["memory_mb"] is None else f"{row['memory_mb']:.0f}",
                f"{row['disk_mb']:.1f}",
            )
        )
    head = ("faces", "search", "recall@1", "recall@10", "queries/s", "median ms", "p95 ms", "build s", "MB", "MB disk")
    return (
        f"{record['n_real']} vectors of Labeled Faces in the Wild, jittered copies of them above that; "
        f"{record['n_queries']} pictures kept out ask; one thread, processor time\n{text_table(head, rows, left=2)}"
    )


def _measure(
    peer: Callable[[np.ndarray, Path], Search], faces: np.ndarray, queries: np.ndarray, truth: np.ndarray
) -> dict[str, Any]:
    with tempfile.TemporaryDirectory(prefix="dramatis-bench-") as folder:
        before, began = _resident_mb(), time.process_time()
        try:
            search = peer(faces, Path(folder))
        except ImportError as error:
            return {"left_out": f"not installed ({error.name})"}
        build_s = time.process_time() - began
        search(queries[0], K)
        times, hits, firsts = [], 0, 0
        for query, right in zip(queries, truth, strict=True):
            began = time.process_time()
            found = search(query, K)
            times.append(time.process_time() - began)
            hits += len(set(found.tolist()) & set(right.tolist()))
            firsts += int(found[0] == right[0])
        after = _resident_mb()
        disk = sum(path.stat().st_size for path in Path(folder).rglob("*") if path.is_file())
    return {
        "recall_1": firsts / len(queries),
        "recall_10": hits / (K * len(queries)),
        "per_second": 1 / statistics.mean(times),
        "median_ms": statistics.median(times) * 1000,
        "p95_ms": float(np.quantile(times, 0.95)) * 1000,
        "build_s": build_s,
        "memory_mb": None if before is None or after is None else after - before,
        "disk_mb": disk / 1e6,
    }


def _in_own_process(work: Callable[[], dict[str, Any]]) -> dict[str, Any]:
    # Forked, so that a million vectors need not be sent.
    context = multiprocessing.get_context("fork")
    receiver, sender = context.Pipe(duplex=False)
    process = context.Process(target=lambda: sender.send(work()))
    process.start()
    sender.close()
    try:
        return receiver.recv()
    except EOFError:
        return {"left_out": "it did not finish"}
    finally:
        process.join()


def _resident_mb() -> float | None:
    """Memory of this process, mapped files included, where the system tells."""
    try:
        pages = int(Path("/proc/self/statm").read_text().split()[1])
    except OSError:
        return None
    return pages * 4096 / 1e6
