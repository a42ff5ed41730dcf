"""The records of the protocols, all but the films' own, as text for people."""

from __future__ import annotations

from typing import Any

from engine.exports.table import text_table


def networks_table(record: dict[str, Any]) -> str:
    """The record of `evaluate_networks` as text."""
    e = record["embedder"]
    lines = [
        f"vectors: {e['n_faces']} faces of {e['n_pictures']} pictures, largest difference of a coordinate "
        f"{e['largest_coordinate_difference']:.1e}, of a distance {e['largest_distance']:.1e}"
    ]
    for d in record.get("detector", ()):
        lines.append(
            f"boxes, upsample {d['upsample']}: {d['n_identical_boxes']} of {d['n_faces_reference']} identical over "
            f"{d['n_pictures']} pictures ({d['n_faces_fast']} found), largest difference of a score "
            f"{d['largest_score_difference']:.1e}"
        )
    return "\n".join(lines)


def lfw_table(record: dict[str, Any]) -> str:
    """The record of `evaluate_lfw` as text."""
    n = record["jitter"]
    called = {"one": "the face", "jittered": f"{n} jittered views", "all": f"the face, its mirror image and {n} views"}
    rows = [
        (
            called[r["views"]],
            f"{r['accuracy']:.4f} +- {r['standard_error']:.4f}",
            *(f"{r[key]:.4f}" for key in ("auc", "eer")),
            f"{r['max_distance']:.3f}",
        )
        for r in record["results"]
    ]
    first = record["results"][0]
    return (
        f"{first['n_pairs']} pairs in {first['n_folds']} folds, {record['n_pictures']} pictures; no face found, the "
        f"default place taken: {record['n_default_box']}\n"
        f"{text_table(('mean vector of', 'accuracy', 'AUC', 'EER', 'up to distance'), rows)}"
    )


def clusters_table(record: dict[str, Any]) -> str:
    """The record of `evaluate_clusters` as text; the best distance of each method is marked."""
    rows = [
        (
            m["method"],
            f"{m['max_distance']:.2f}{'*' if m['best'] else ' '}",
            *(f"{m[key]:.3f}" for key in ("precision", "recall", "f1", "purity", "nmi")),
            f"{m['n_clusters'] / m['n_people']:.2f}" if m["n_people"] else "",
            f"{m['elapsed_s']:.2f}",
        )
        for m in record["methods"]
    ]
    head = ("method", "distance", "B3 precision", "recall", "F1", "purity", "NMI", "groups a person", "seconds")
    return (
        f"{record['n_items']} {record['items']} of {record['n_people']} people\n{text_table(head, rows)}\n"
        "* the best B-cubed F1 of the method, chosen with the truth at hand"
    )


def few_pictures_table(record: dict[str, Any]) -> str:
    """The record of `evaluate_few_pictures` as text."""
    few, draws = record["few"], record["draws"]
    least, most = record["all"]["n_pictures"]
    rows = [
        (called, *(f"{of[key]:.3f}" for key in ("f1", "precision", "f1_every_visible")))
        for called, of in (
            (f"all, {least} to {most}", record["all"]),
            (f"{few['n_pictures']}, mean of {len(draws)} draws", few),
            (f"{few['n_pictures']}, the worst draw", min(draws, key=lambda draw: draw["f1"])),
        )
    ]
    head = ("pictures of each person", "F1 clear", "precision", "F1 every visible")
    return f"{record['name']}, {record['n_people']} people\n{text_table(head, rows)}"


def sampling_table(record: dict[str, Any]) -> str:
    """The record of `evaluate_sampling` as text."""
    rows = [
        (
            "every" if r["is_every_frame"] else f"{r['sample_fps']:g}",
            f"{r['f1']:.3f}" if record["has_cast"] else "-",
            f"{r['idf1']:.3f}",
            str(r["n_people"]),
            "-" if r["median_difference_s"] is None else f"{r['median_difference_s']:.3f}",
            "-" if r["median_difference_share"] is None else f"{r['median_difference_share']:.1%}",
            f"{r['elapsed_s']:.1f}",
        )
        for r in record["rates"]
    ]
    head = ("frames a second", "F1 clear", "IDF1", "people", "median seconds from every frame", "share", "took")
    return f"{record['name']}, {record['duration_s']:.1f} s\n{text_table(head, rows)}"
