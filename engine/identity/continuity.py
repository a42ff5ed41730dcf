"""Strangers keep their numbers: who of a new analysis is whom of an earlier one of the same film.

The same face at the same moment in the same place is the same person, whatever name, settings or distances say. So
strangers are compared by the seconds for which their boxes lie on one another, and what a person decided about one,
above all a name given by hand, outlives the next analysis.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import replace
from itertools import chain

import numpy as np
from scipy.optimize import linear_sum_assignment
from scipy.sparse import coo_array
from scipy.sparse.csgraph import connected_components

from engine.identity.places import SAME_IOU, boxes_at, iou
from engine.names import unknown_number
from engine.types import Analysis, Person, Track

SAME_SHARE = 0.5  # of the seconds of whoever is seen for less time; two with more in common than that are one person

_ID = re.compile(r"unknown:([1-9][0-9]*)")


def keep_identities(
    analysis: Analysis, previous: Analysis | None, highest_number: int, older: Iterable[Analysis] = ()
) -> Analysis:
    """`analysis` with its strangers renumbered: each that `previous` knew as a stranger keeps the id and number from
    there, all others get the numbers above `highest_number` (the highest ever given in this film), longest screen
    time first. A number is never given to two people, and not inherited from somebody who had a name of the gallery.

    `older` are analyses before `previous`, the newest first, asked for strangers whom no later one has; an iterator
    is read only as far as there are strangers left to be found. Analyses of one film at any settings compare; those
    asked may come without faces, and their strangers' names may be what a person decided.
    """
    strangers = [person for person in analysis.people if person.kind == "unknown"]
    kept: dict[str, tuple[str, int]] = {}
    seen: set[str] = set()
    for earlier in chain([previous] if previous else [], older):
        theirs = {person.id: number for person in earlier.people if (number := _number(person))}
        highest_number = max(highest_number, *theirs.values(), 0)
        asked = [person for person in earlier.people if person.id in theirs.keys() - seen]
        left = [person for person in strangers if person.id not in kept]
        for mine, other in _same_people(left, analysis.tracks, asked, earlier.tracks):
            kept[mine.id] = (other.id, theirs[other.id])
        seen |= theirs.keys()
        if len(kept) == len(strangers):
            break
    new = sorted((p for p in strangers if p.id not in kept), key=lambda p: (-p.screen_time_s, _number(p) or 0))
    for number, person in enumerate(new, start=highest_number + 1):
        kept[person.id] = (f"unknown:{number}", number)
    return replace(
        analysis,
        people=tuple(_renumbered(person, kept) for person in analysis.people),
        person_of_track={
            track_id: kept[person_id][0] if person_id in kept else person_id
            for track_id, person_id in analysis.person_of_track.items()
        },
    )


def _number(person: Person) -> int | None:
    """n of the stranger ``unknown:n``, whatever the name is by now; of another id, that of the name ``unknown_n``."""
    if person.kind != "unknown":
        return None
    match = _ID.fullmatch(person.id)
    return int(match[1]) if match else unknown_number(person.name)


def _renumbered(person: Person, kept: dict[str, tuple[str, int]]) -> Person:
    if person.id not in kept:
        return person
    person_id, number = kept[person.id]
    return replace(person, id=person_id, name=f"unknown_{number}")


def _same_people(
    mine: Sequence[Person], my_tracks: Sequence[Track], theirs: Sequence[Person], their_tracks: Sequence[Track]
) -> list[tuple[Person, Person]]:
    """Pairs of one of `mine` and one of `theirs` that are one person; nobody is in two. Of all ways to pair them, the
    one with the most seconds in common."""
    shared_s = _shared_seconds(mine, my_tracks, theirs, their_tracks)
    kept = {
        (i, j): seconds
        for (i, j), seconds in shared_s.items()
        if seconds > 0 and seconds >= SAME_SHARE * min(mine[i].screen_time_s, theirs[j].screen_time_s)
    }
    return [(mine[i], theirs[j]) for i, j in sorted(_assigned(kept, len(mine), len(theirs)))]


def _assigned(shared_s: dict[tuple[int, int], float], n_mine: int, n_theirs: int) -> Iterator[tuple[int, int]]:
    """The pairs with the most seconds in all, nobody in two. Solved apart for those who have nothing to do with each
    other: of thousands of strangers most have one counterpart, and a table of all pairs would not fit."""
    if not shared_s:
        return
    rows, columns = np.array(list(shared_s)).T
    seconds = np.array(list(shared_s.values()))
    links = coo_array((np.ones(len(rows)), (rows, n_mine + columns)), shape=(n_mine + n_theirs,) * 2)
    part = connected_components(links, directed=False)[1][rows]
    order = np.argsort(part, kind="stable")
    for pairs in np.split(order, np.flatnonzero(np.diff(part[order])) + 1):
        i, at_i = np.unique(rows[pairs], return_inverse=True)
        j, at_j = np.unique(columns[pairs], return_inverse=True)
        table = np.zeros((len(i), len(j)))
        table[at_i, at_j] = seconds[pairs]
        for a, b in zip(*linear_sum_assignment(table, maximize=True), strict=True):
            if table[a, b] > 0:
                yield int(i[a]), int(j[b])


def _shared_seconds(
    mine: Sequence[Person], my_tracks: Sequence[Track], theirs: Sequence[Person], their_tracks: Sequence[Track]
) -> dict[tuple[int, int], float]:
    """(i, j) -> for how long `mine[i]` was seen where `theirs[j]` was; pairs who never were are absent."""
    row = {number: i for i, person in enumerate(mine) for number in person.track_ids}
    column = {number: j for j, person in enumerate(theirs) for number in person.track_ids}
    their_tracks = [track for track in their_tracks if track.id in column]
    starts = np.array([track.start_s for track in their_tracks])
    ends = np.array([track.end_s for track in their_tracks])
    shared_s: dict[tuple[int, int], float] = {}
    for track in my_tracks:
        if track.id not in row:
            continue
        for k in np.flatnonzero((starts < track.end_s) & (ends > track.start_s)):
            pair = row[track.id], column[their_tracks[k].id]
            shared_s[pair] = shared_s.get(pair, 0.0) + _same_place_s(track, their_tracks[k])
    return shared_s


def _same_place_s(a: Track, b: Track) -> float:
    """Seconds for which two tracks lie on one another. They are compared whenever either was seen, for films are
    sampled at different rates; between two sightings a face moves straight."""
    start_s, end_s = max(a.start_s, b.start_s), min(a.end_s, b.end_s)
    t_s = np.concatenate([a.t_s, b.t_s])
    t_s = t_s[(start_s <= t_s) & (t_s < end_s)]
    if not len(t_s):
        t_s = np.array([(start_s + end_s) / 2])
    return float((end_s - start_s) * (iou(boxes_at(a, t_s), boxes_at(b, t_s)) >= SAME_IOU).mean())
