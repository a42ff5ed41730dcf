"""The results of the protocols over pictures as text for people."""

from __future__ import annotations

from typing import Any


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
