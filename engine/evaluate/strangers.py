"""How true the strangers of a film are: clusters of tracks against people whom the truth knows by time.

The truth says when a person is visible, not where; annotated boxes, where there are any, say where at some moments. So
a cluster is matched to a person of the truth, strangers and cast alike, as follows, and several clusters may be one
person's:

1. Clusters are settled in order: those with a vote of a box first, then by their seconds, the longest first.
2. A cluster takes the person with most votes of boxes (each annotated box whose face lies in one of the cluster's
   tracks is a vote); then whose clear and hard seconds it has most in common with, in tenths; then most of any
   visibility; then with whom it has most in common for the seconds of both; then the first by name.
3. Two clusters visible at one moment for longer than a hand-over blurs are two people: who is taken by a cluster that
   stands in the same picture is passed over. A person never visible during the cluster is never taken. Who is left
   without a person is matched to nobody, and impure in all its seconds.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass

from engine.evaluate.boxes import BoxMatch
from engine.evaluate.grid import identity_f1
from engine.evaluate.screentime import PersonScore, Score, Truth, present, score_person, strangers_of, visible
from engine.identity.likeness import TOGETHER_S
from engine.timeline import Timeline
from engine.types import Analysis, Person


@dataclass(frozen=True, slots=True)
class StrangerScore:
    """Strangers said and true: `n_clusters` are said; `n_true` people of the truth outside the cast have a visible
    face, `n_clear` of these a clear one, and `n_matched` of the `n_true` have a cluster.

    `said_s` are the clusters' seconds, `pure_s` those of them at which the matched person is visible: clear, hard or
    body. `people` scores each true stranger as if all clusters matched to them bore their name. `person_of` gives each
    cluster's id its person's key in the truth, or None.
    """

    n_clusters: int
    n_true: int
    n_clear: int
    n_matched: int
    said_s: float
    pure_s: float
    people: tuple[PersonScore, ...]
    person_of: Mapping[str, str | None]

    @property
    def purity(self) -> float:
        """Share of the said seconds that are pure; 1.0 if none is said."""
        return self.pure_s / self.said_s if self.said_s else 1.0

    @property
    def recall(self) -> float:
        """Share of the true strangers' clear seconds at which a cluster matched to that person is visible; 1.0 if
        there are none."""
        return sum((person.clear for person in self.people), Score(0, 0, 0)).recall


def score_strangers(
    analysis: Analysis, truth: Truth, cast: Collection[str], boxes: Sequence[BoxMatch] = ()
) -> StrangerScore:
    """The people without a name of `analysis` against `truth`; `cast` are the keys (`name_key`) of those who had
    pictures, `boxes` what became of the annotated faces (`engine.evaluate.boxes.match_boxes`)."""
    clusters = [person for person in analysis.people if person.kind == "unknown"]
    person_of = match_clusters(clusters, truth, boxes)
    strangers = strangers_of(truth, cast)
    pure_s = sum(
        (cluster.timeline & present(truth[key])).duration_s
        for cluster in clusters
        if (key := person_of[cluster.id]) is not None
    )
    said_of = {key: Timeline(i for c in clusters if person_of[c.id] == key for i in c.timeline) for key in strangers}
    return StrangerScore(
        n_clusters=len(clusters),
        n_true=len(strangers),
        n_clear=sum(bool(truth[key]["clear"]) for key in strangers),
        n_matched=sum(bool(said_of[key]) for key in strangers),
        said_s=sum(cluster.screen_time_s for cluster in clusters),
        pure_s=pure_s,
        people=tuple(score_person(key, said_of[key], truth[key]) for key in sorted(strangers)),
        person_of=person_of,
    )


def match_clusters(clusters: Sequence[Person], truth: Truth, boxes: Sequence[BoxMatch] = ()) -> dict[str, str | None]:
    """The truth's key for each cluster's id, as the module says, or None."""
    votes = {cluster.id: Counter[str]() for cluster in clusters}
    owner = {track_id: cluster.id for cluster in clusters for track_id in cluster.track_ids}
    for match in boxes:
        if match.track_id in owner:
            votes[owner[match.track_id]][match.face.person] += 1
    order = sorted(clusters, key=lambda c: (-max(votes[c.id].values(), default=0), -c.screen_time_s, c.id))
    taken: dict[str, list[Timeline]] = {key: [] for key in truth}
    person_of: dict[str, str | None] = {}
    for cluster in order:
        candidates = []
        for key, kinds in truth.items():
            seen_s = (cluster.timeline & visible(kinds)).duration_s
            there = present(kinds)
            there_s = (cluster.timeline & there).duration_s
            if not there_s or any(_together(cluster.timeline, other) for other in taken[key]):
                continue
            of_both = 2 * there_s / (cluster.screen_time_s + there.duration_s)
            candidates.append((-votes[cluster.id][key], -round(seen_s, 1), -round(there_s, 1), -of_both, key))
        best = min(candidates, default=None)
        person_of[cluster.id] = best[-1] if best else None
        if best:
            taken[best[-1]].append(cluster.timeline)
    return person_of


def identity_f1_of(analysis: Analysis, truth: Truth) -> tuple[float, float]:
    """IDF1 over everybody of `analysis`, named or not, against everybody of `truth`, whatever they are called: with
    hard seconds free, and with every visible second wanted."""
    said = [person.timeline for person in analysis.people]
    clear = [kinds["clear"] for kinds in truth.values()]
    seen = [visible(kinds) for kinds in truth.values()]
    return identity_f1(said, clear, seen), identity_f1(said, seen, seen)


def _together(a: Timeline, b: Timeline) -> bool:
    """Whether the two are at once for longer than a hand-over of tracks blurs, at any one time."""
    return any(i.duration_s > TOGETHER_S for i in a & b)
