"""The figures of films, as plain records for programs and as text for people. Seconds are rounded to 0.01, rates to
0.0001; a rate of nothing is null."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import Any

from engine.evaluate.boxes import BoxRecall
from engine.evaluate.films import FilmScore, boxes_together
from engine.evaluate.screentime import PersonScore, Score, median_error_s
from engine.exports.table import text_table

_NOTHING = Score(0, 0, 0)


def films_record(films: Sequence[FilmScore]) -> dict[str, Any]:
    """``{"films": [a record each], "together": {...}}``: together, seconds and numbers are added up before rates are
    taken; medians are over all people; IDF1 and the grid are the films' own matter and are not there."""
    people = [person for film in films for person in film.cast.people]
    strangers = [person for film in films for person in film.strangers.people]
    said_s = sum(film.strangers.said_s for film in films)
    pure_s = sum(film.strangers.pure_s for film in films)
    return {
        "films": [_film(film) for film in films],
        "together": {
            "n_films": len(films),
            "duration_s": round(sum(film.duration_s for film in films), 2),
            "elapsed_s": round(sum(film.elapsed_s for film in films), 2),
            "clear": _score(sum((film.cast.clear for film in films), _NOTHING)),
            "every_visible": _score(sum((film.cast.every for film in films), _NOTHING)),
            **_errors(people),
            "strangers": _strangers(
                sum(film.strangers.n_clusters for film in films),
                sum(film.strangers.n_true for film in films),
                sum(film.strangers.n_clear for film in films),
                sum(film.strangers.n_matched for film in films),
                said_s,
                pure_s / said_s if said_s else 1.0,
                strangers,
            ),
            "boxes": _boxes(boxes_together(films)),
        },
    }


def _film(film: FilmScore) -> dict[str, Any]:
    said = film.strangers
    return {
        "name": film.name,
        "duration_s": round(film.duration_s, 2),
        "elapsed_s": round(film.elapsed_s, 2),
        "clear": _score(film.cast.clear),
        "clear_on_grid": _score(film.clear_on_grid),
        "every_visible": _score(film.cast.every),
        "idf1": round(film.idf1, 4),
        "idf1_every_visible": round(film.idf1_every, 4),
        **_errors(film.cast.people),
        "people": [_person(person) for person in film.cast.people],
        "strangers": {
            **_strangers(
                said.n_clusters, said.n_true, said.n_clear, said.n_matched, said.said_s, said.purity, said.people
            ),
            "people": [_person(person) for person in said.people],
            "person_of_cluster": dict(said.person_of),
        },
        "boxes": _boxes(film.boxes),
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


def _person(person: PersonScore) -> dict[str, Any]:
    return {
        "name": person.name,
        "said_s": round(person.said_s, 2),
        "clear_s": round(person.clear_s, 2),
        "visible_s": round(person.visible_s, 2),
        "error_s": round(person.error_s, 2) + 0.0,  # no -0.0
        "missed_s": round(person.clear.missed_s, 2),
        "false_s": round(person.clear.false_s, 2),
    }


def _errors(people: Sequence[PersonScore]) -> dict[str, float | None]:
    return {
        "median_error_s": _rounded(median_error_s(people), 2),
        "median_from_clear_s": _rounded(median_error_s(people, "from_clear_s"), 2),
    }


def _strangers(
    n_said: int,
    n_true: int,
    n_clear: int,
    n_matched: int,
    said_s: float,
    purity: float,
    people: Iterable[PersonScore],
) -> dict[str, Any]:
    people = list(people)
    clear = sum((person.clear for person in people), _NOTHING)
    return {
        "n_said": n_said,
        "n_true": n_true,
        "n_true_clear": n_clear,
        "n_found": n_matched,
        "said_per_true": _rounded(n_said / n_true if n_true else None, 4),
        "said_s": round(said_s, 2),
        "purity": round(purity, 4),
        "recall": round(clear.recall, 4),
        "f1": round(clear.f1, 4),
        **_errors(people),
    }


def _boxes(boxes: Iterable[BoxRecall]) -> list[dict[str, Any]]:
    return [
        {
            "height_px": [box.low_px, box.high_px],
            "visibility": box.visibility,
            "n_found": box.n_found,
            "n_true": box.n_true,
            "recall": _rounded(box.recall, 4),
        }
        for box in boxes
    ]


def _rounded(value: float | None, digits: int) -> float | None:
    return None if value is None else round(value, digits)


def films_table(record: dict[str, Any]) -> str:
    """The record of `films_record` as text: a paragraph a film, and one for all together if there are several."""
    parts = [_film_text(film) for film in record["films"]]
    if len(parts) > 1:
        together = record["together"]
        parts.append("\n".join([f"together, {together['n_films']} films", *_figures(together)]))
    return "\n\n".join(parts)


def _film_text(film: dict[str, Any]) -> str:
    lines = [film["name"]]
    columns = ("said_s", "clear_s", "visible_s", "error_s", "missed_s", "false_s")
    head = ("said", "clear", "visible", "error", "clear missed", "false")
    for title, people in (("person", film["people"]), ("stranger", film["strangers"]["people"])):
        rows = [(p["name"], *(f"{p[key]:.2f}" for key in columns)) for p in people]
        if rows:
            lines.append(text_table((title, *head), rows))
    lines += _figures(film)
    lines.append(
        f"identities, one to one: IDF1 {film['idf1']:.3f} with hard seconds free, "
        f"{film['idf1_every_visible']:.3f} with every visible one wanted"
    )
    return "\n".join(lines)


def _figures(record: dict[str, Any]) -> list[str]:
    lines = []
    for key, title in (
        ("clear", "clear seconds wanted, hard ones free"),
        ("clear_on_grid", "the same in tenths of a second"),
        ("every_visible", "every visible second wanted"),
    ):
        if key in record and record["median_error_s"] is not None:
            s = record[key]
            lines.append(f"{title}: F1 {s['f1']:.3f}, precision {s['precision']:.3f}, recall {s['recall']:.3f}")
    if record["median_error_s"] is not None:
        lines.append(
            f"error of a person's seconds, median: {record['median_error_s']:.2f} s outside of clear to visible, "
            f"{record['median_from_clear_s']:.2f} s from clear"
        )
    s = record["strangers"]
    lines.append(
        f"strangers: {s['n_said']} said, {s['n_true']} true ({s['n_true_clear']} of them ever clear), "
        f"{s['n_found']} found"
    )
    if s["n_said"] or s["n_true"]:
        lines.append(
            f"strangers' seconds: purity {s['purity']:.3f}, recall of clear ones {s['recall']:.3f}, F1 {s['f1']:.3f}"
        )
    rows = [
        (
            f"{b['height_px'][0]} to {b['height_px'][1]} px"
            if b["height_px"][1]
            else f"{b['height_px'][0]} px and more",
            b["visibility"],
            f"{b['n_found']} of {b['n_true']}",
        )
        for b in record["boxes"]
    ]
    if rows:
        lines.append(text_table(("annotated faces", "", "found"), rows, left=2))
    lines.append(f"{record['duration_s']:.1f} s of film in {record['elapsed_s']:.1f} s")
    return lines
