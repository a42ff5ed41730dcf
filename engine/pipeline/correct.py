"""What people may decide about who is who in a film or an album: each call is one correction, which can be taken back.

People are named by the ids, and tracks by the numbers, of the latest analysis. Every call raises DecisionError, with
what to do, if somebody is not there or the correction contradicts an earlier one, and StorageError; nothing is changed
then.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

from engine.errors import DecisionError
from engine.identity.decisions import NEW, Decision, Kind, Move
from engine.identity.sureness import KNOWN
from engine.names import name_key, one_line, unknown_number
from engine.store.corrections import Correction, CorrectionLog
from engine.store.database import Store
from engine.store.films import FilmRepository
from engine.types import Person

MAX_NAME_LENGTH = 100


@dataclass(frozen=True, slots=True)
class Named:
    """What naming did: the person's id and name by now, the names before, whether somebody else of that name was there
    already (`shared`), and whether people were made one (`joined`). Where they were not, two bear one name."""

    person_id: str
    name: str
    before: tuple[str, ...]
    shared: bool
    joined: bool


@dataclass(frozen=True, slots=True)
class People:
    """Everybody in a film's latest analysis by id, and the ids of those whom the analysis knows by their pictures."""

    by_id: dict[str, Person]
    cast: frozenset[str]

    def of(self, ids: Iterable[str]) -> list[Person]:
        """The people of these ids, each once, in this order; at least one. Raises DecisionError."""
        ids = list(dict.fromkeys(ids))
        if not ids or any(person_id not in self.by_id for person_id in ids):
            raise DecisionError("Somebody of these is not there any more; reload the page.")
        return [self.by_id[person_id] for person_id in ids]

    def called(self, name: str, but: Iterable[str] = ()) -> Person | None:
        """Whoever has this name and is not among `but`; of several, who is seen longest."""
        key, but = name_key(name), set(but)
        found = (person for person in self.by_id.values() if name_key(person.name) == key and person.id not in but)
        return max(found, key=lambda person: person.screen_time_s, default=None)

    def owners(self, tracks: Iterable[int]) -> dict[str, list[int]]:
        """Person id -> those of these tracks that are theirs. Raises DecisionError if there is none, or one is
        nobody's."""
        tracks = list(dict.fromkeys(tracks))
        whose = {number: person.id for person in self.by_id.values() for number in person.track_ids}
        if not tracks or any(number not in whose for number in tracks):
            raise DecisionError("Some of these faces are not there any more; reload the page.")
        found: dict[str, list[int]] = {}
        for number in tracks:
            found.setdefault(whose[number], []).append(number)
        return found


def people_of(store: Store, video_sha256: str) -> People:
    """Everybody in the film's latest analysis; nobody in one that was never analysed."""
    outline = FilmRepository(store).outline(video_sha256)
    if outline is None:
        return People({}, frozenset())
    return People(
        {person.id: person for person in outline.people}, frozenset(KNOWN + name_key(n) for n in outline.cast)
    )


def clean_name(name: str) -> str:
    """A name as it is kept: one line, `MAX_NAME_LENGTH` letters at most. Raises DecisionError for one without letters,
    or that looks like a stranger's number."""
    cleaned = one_line(name)[:MAX_NAME_LENGTH].strip()
    if not any(char.isalnum() for char in cleaned):
        raise DecisionError("A name needs a letter; type one, or press Esc to leave it as it is.")
    if cleaned.casefold().startswith("unknown_"):
        raise DecisionError("Names that begin with unknown_ are for people without one; choose another.")
    return cleaned


def name(
    store: Store, video_sha256: str, ids: Sequence[str], called: str, *, another: bool = False, author: str = ""
) -> Named:
    """Says who these people are. Whoever has the name already is the same person, unless it is `another` of that name.
    Somebody of the cast is known by pictures, so a new name is only what that person is called."""
    called, people = clean_name(called), people_of(store, video_sha256)
    chosen = people.of(ids)
    log = CorrectionLog(store)
    before = tuple(person.name for person in chosen)
    other = people.called(called, ids)
    if len(chosen) == 1 and chosen[0].id in people.cast:
        # So is whoever was given that one's name before the analysis knew it.
        same = [a for a, b in log.known_as(video_sha256) if b == chosen[0].id]
        known_as = tuple((person_id, chosen[0].id) for person_id in same)
        names = tuple((person_id, called) for person_id in (chosen[0].id, *same))
        decision = Decision("name", names=names, known_as=known_as)
        log.decide([(video_sha256, decision)], author)
        return Named(chosen[0].id, called, before, other is not None, joined=False)
    decision, target = naming(people, chosen, called, another=another)
    log.decide([(video_sha256, decision)], author)
    return Named(target, called, before, other is not None, bool(decision.joined))


def naming(people: People, chosen: Sequence[Person], called: str, *, another: bool = False) -> tuple[Decision, str]:
    """The decision that `chosen` are who is `called` so, and that one's id."""
    other = None if another else people.called(called, [person.id for person in chosen])
    known = KNOWN + name_key(called)
    target = other.id if other else max(chosen, key=lambda person: person.screen_time_s).id
    decision = Decision(
        "name",
        moves=tuple(Move(person.track_ids, target) for person in chosen),
        joined=tuple((person.id, target) for person in chosen if person.id != target),
        names=() if other else ((target, called),),
        # A gallery that holds this name will know the person by it, who is then not two people.
        known_as=() if other or another or known in people.by_id else ((target, known),),
    )
    return decision, target


def name_everywhere(
    store: Store, people: Sequence[tuple[str, Sequence[str]]], called: str, author: str = "", batch: str | None = None
) -> Named:
    """Says of people of several films, (film, ids), the first first, that they are who is `called` so: one correction
    in each film, taken back together. Answers for the first film."""
    called, first = clean_name(called), None
    decisions = []
    for video_sha256, ids in people:
        everybody = people_of(store, video_sha256)
        chosen = everybody.of(ids)
        decision, target = naming(everybody, chosen, called)
        decisions.append((video_sha256, decision))
        if first is None:
            shared = everybody.called(called, ids) is not None
            before = tuple(person.name for person in chosen)
            first = Named(target, called, before, shared, bool(decision.joined))
    if first is None:
        raise DecisionError("Nobody was chosen; choose somebody.")
    CorrectionLog(store).decide(decisions, author, batch)
    return first


def known_id(called: str) -> str:
    """The id that whoever is `called` so has in films whose gallery holds them."""
    return KNOWN + name_key(called)


def merge(
    store: Store,
    video_sha256: str,
    ids: Sequence[str],
    into: str | None = None,
    author: str = "",
    batch: str | None = None,
) -> str:
    """Says that these people are one, `into` or the one of them who is known by pictures, or else has a name, or else
    is seen longest; returns its id. All of one `batch` is taken back together."""
    people = people_of(store, video_sha256)
    chosen = people.of([*ids, *([into] if into else [])])
    if len(chosen) < 2:
        raise DecisionError("It takes two to be merged; choose somebody else as well.")
    target = people.by_id[into] if into else max(chosen, key=_prominence)
    # A stranger has no pictures to be known by, so its own faces are kept with the others'.
    moved = [person for person in chosen if person is not target or person.id not in people.cast]
    decision = Decision(
        "merge",
        moves=tuple(Move(person.track_ids, target.id) for person in moved),
        joined=tuple((person.id, target.id) for person in chosen if person is not target),
    )
    CorrectionLog(store).decide([(video_sha256, decision)], author, batch)
    return target.id


def split(store: Store, video_sha256: str, tracks: Sequence[int], author: str = "") -> int:
    """Says that these tracks, some of one person's, are one other person, a new stranger, and that the two are not the
    same. Returns the correction's id."""
    people = people_of(store, video_sha256)
    owners = people.owners(tracks)
    if len(owners) > 1:
        raise DecisionError("These faces are of several people; choose faces of one.")
    (whose, moved), *_ = owners.items()
    if len(moved) == len(people.by_id[whose].track_ids):
        raise DecisionError("All faces were chosen, so nobody would be left; leave out those that are right.")
    return _decide(store, video_sha256, Decision("split", _taken_out(people, owners)), author)


def move(store: Store, video_sha256: str, tracks: Sequence[int], to: str, author: str = "") -> int:
    """Says that these tracks are the person `to`'s, and not those of whom they were of."""
    people = people_of(store, video_sha256)
    people.of([to])
    owners = {whose: of_person for whose, of_person in people.owners(tracks).items() if whose != to}
    if not owners:
        raise DecisionError("These faces are that person's already; choose others.")
    moves = tuple(Move(tuple(of_person), to, (whose,)) for whose, of_person in owners.items())
    return _decide(store, video_sha256, Decision("move", moves), author)


def move_to_named(store: Store, video_sha256: str, tracks: Sequence[int], called: str, author: str = "") -> int:
    """Says that these tracks are somebody's who is `called` so: of whoever has the name, else of one new person."""
    called, people = clean_name(called), people_of(store, video_sha256)
    other = people.called(called)
    if other is not None:
        return move(store, video_sha256, tracks, other.id, author)
    moves = _taken_out(people, people.owners(tracks))
    known = known_id(called)
    return _decide(
        store, video_sha256, Decision("move", moves, names=((NEW, called),), known_as=((NEW, known),)), author
    )


def right(store: Store, video_sha256: str, tracks: Sequence[int], author: str = "") -> int:
    """Says that these tracks are of whom they are said to be, whatever a later analysis says."""
    owners = people_of(store, video_sha256).owners(tracks)
    moves = tuple(Move(tuple(of_person), whose) for whose, of_person in owners.items())
    return _decide(store, video_sha256, Decision("right", moves), author)


def is_not(store: Store, video_sha256: str, tracks: Sequence[int], author: str = "") -> int:
    """Says that these tracks are not of whom they are said to be: they become one new stranger."""
    people = people_of(store, video_sha256)
    return _decide(store, video_sha256, Decision("is not", _taken_out(people, people.owners(tracks))), author)


def are_not(store: Store, video_sha256: str, ids: Sequence[str], other: str, author: str = "") -> int:
    """Says that none of these people is `other`, who need not be in the film: ``known:`` and a name's key."""
    chosen = people_of(store, video_sha256).of(ids)
    moves = tuple(Move(person.track_ids, person.id, (other,)) for person in chosen if person.id != other)
    return _decide(store, video_sha256, Decision("is not", moves), author)


def drop(store: Store, video_sha256: str, tracks: Sequence[int], *, faces: bool = False, author: str = "") -> int:
    """Takes these tracks out of the film: they are no faces, or, if they are `faces`, are not to be counted."""
    people_of(store, video_sha256).owners(tracks)
    kind: Kind = "delete" if faces else "not a face"
    return _decide(store, video_sha256, Decision(kind, (Move(tuple(dict.fromkeys(tracks)), None),)), author)


def ignore(store: Store, video_sha256: str, ids: Sequence[str], *, ignored: bool = True, author: str = "") -> int:
    """Says that these people are not to be asked about, or are again."""
    chosen = people_of(store, video_sha256).of(ids)
    flags = tuple((person.id, ignored) for person in chosen)
    return _decide(store, video_sha256, Decision("ignore" if ignored else "regard", ignored=flags), author)


def undo(store: Store, video_sha256: str) -> Correction | None:
    """Takes the film's last correction back, and all that was made with it in other films; None if there is none."""
    log = CorrectionLog(store)
    last = log.last_undoable(video_sha256)
    if last is not None:
        log.undo(last.id)
    return last


def redo(store: Store, video_sha256: str) -> Correction | None:
    """Makes the correction hold again that was taken back last; None if there is none, or others were made since."""
    log = CorrectionLog(store)
    last = log.last_redoable(video_sha256)
    if last is not None:
        log.redo(last.id)
    return last


def _prominence(person: Person) -> tuple[bool, bool, float]:
    return person.kind == "known", unknown_number(person.name) is None, person.screen_time_s


def _taken_out(people: People, owners: Mapping[str, Sequence[int]]) -> tuple[Move, ...]:
    """The tracks of each owner as one new stranger, and what is left to each kept apart from that one. Of somebody
    known by pictures nobody looks at all that is left, so nothing is said of it."""
    moves = [Move(tuple(moved), NEW, (whose,)) for whose, moved in owners.items()]
    for whose, moved in owners.items():
        rest = tuple(number for number in people.by_id[whose].track_ids if number not in set(moved))
        if rest and whose not in people.cast:
            moves.append(Move(rest, whose, (NEW,)))
    return tuple(moves)


def _decide(store: Store, video_sha256: str, decision: Decision, author: str) -> int:
    return CorrectionLog(store).decide([(video_sha256, decision)], author)[0]
