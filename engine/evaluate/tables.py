"""The results of protocols, as plain records for programs and as text for people."""

from __future__ import annotations

from typing import Any

from engine.evaluate.screentime import Score, ScreenTimeScore
from engine.exports.table import text_table


def screentime_record(score: ScreenTimeScore, duration_s: float, elapsed_s: float) -> dict[str, Any]:
    """A film's score; seconds rounded to 0.01, rates to 0.0001. `elapsed_s` is the time of the whole run, the
    cast's pictures included."""
    return {
        "duration_s": round(duration_s, 2),
        "elapsed_s": round(elapsed_s, 2),
        "clear": _score(score.clear),
        "every_visible": _score(score.every),
        "n_strangers_true": score.n_strangers_true,
        "n_strangers_said": score.n_strangers_said,
        "people": [
            {
                "name": person.name,
                "said_s": round(person.said_s, 2),
                "clear_s": round(person.clear_s, 2),
                "visible_s": round(person.visible_s, 2),
                "missed_s": round(person.clear.missed_s, 2),
                "false_s": round(person.clear.false_s, 2),
            }
            for person in score.people
        ],
    }


def _score(score: Score) -> dict[str, float]:
    return {
        "f1": round(score.f1, 4),
        "precision": round(score.precision, 4),
        "recall": round(score.recall, 4),
        "found_s": round(score.found_s, 2),
        "missed_s": round(score.missed_s, 2),
        "false_s": round(score.false_s, 2),
    }


def screentime_table(record: dict[str, Any]) -> str:
    """The record of `screentime_record` as text."""
    rows = [
        (p["name"], *(f"{p[key]:.1f}" for key in ("said_s", "clear_s", "visible_s", "missed_s", "false_s")))
        for p in record["people"]
    ]
    parts = [text_table(("person", "said", "clear", "visible", "clear missed", "false"), rows)] if rows else []
    for key, title in (
        ("clear", "clear seconds wanted, hard ones free"),
        ("every_visible", "every visible second wanted"),
    ):
        s = record[key]
        parts.append(f"{title}: F1 {s['f1']:.3f}, precision {s['precision']:.3f}, recall {s['recall']:.3f}")
    parts.append(f"strangers: {record['n_strangers_said']} said, {record['n_strangers_true']} true")
    parts.append(f"{record['duration_s']:.1f} s of film in {record['elapsed_s']:.1f} s")
    return "\n".join(parts)


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
