"""``screentime.json``: the whole answer for one film, for other programs. Schema ``dramatis.screentime/1``."""

from __future__ import annotations

import json
from typing import Any

from engine.exports.told import Hard, Told, told
from engine.timeline import Interval
from engine.types import Analysis, Track

SCHEMA = "dramatis.screentime/1"
_TIME_DIGITS, _BOX_DIGITS, _DISTANCE_DIGITS, _CHANCE_DIGITS = 4, 1, 4, 4  # 0.1 ms, 0.1 px: finer than any film or face


def screentime_json(analysis: Analysis, hard: Hard, clear_only: bool = False) -> str:
    """The analysis as JSON text. Times are seconds from the start of the file, rounded to 0.1 ms; a person's
    `screen_time_s` is the sum of the intervals as written. `distance` of a stranger's track is null; `chances` are
    empty where there was no cast. With `clear_only` moments that are `hard` to see do not count, and who has no others
    is left out with their tracks."""
    return json.dumps(screentime_record(analysis, hard, clear_only), ensure_ascii=False, indent=1) + "\n"


def screentime_record(analysis: Analysis, hard: Hard, clear_only: bool = False) -> dict[str, Any]:
    """The analysis as plain dicts, lists, strings and numbers, in the order of the schema."""
    video = analysis.video
    people = [_person(one, video.duration_s) for one in told(analysis, hard, clear_only)]
    people.sort(key=lambda person: -person["screen_time_s"])
    shown = {person["id"] for person in people}
    return {
        "schema": SCHEMA,
        "video": {
            "path": str(video.path),
            "sha256": analysis.video_sha256,
            "duration_s": _time(video.duration_s),
            "fps": round(float(video.fps), 6),
            "width": video.width,
            "height": video.height,
        },
        "engine": {
            "version": analysis.engine_version,
            "model_ids": list(analysis.model_ids),
            "settings": analysis.settings,
            "n_frames_damaged": analysis.n_frames_damaged,
            "warnings": list(analysis.warnings),
        },
        "counted": "clear" if clear_only else "all",
        "shots": [_interval(shot) for shot in analysis.shots],
        "people": people,
        "tracks": [_track(track, analysis) for track in analysis.tracks if analysis.person_of_track[track.id] in shown],
    }


def _person(one: Told, duration_s: float) -> dict[str, Any]:
    person = one.person
    intervals = [_interval(i) for i in person.timeline]
    seconds = _time(sum(i["end_s"] - i["start_s"] for i in intervals))
    return {
        "id": person.id,
        "name": person.name,
        "kind": person.kind,
        "screen_time_s": seconds,
        "low_s": None if person.low_s is None else min(seconds, _time(person.low_s)),
        "high_s": None if person.high_s is None else max(seconds, _time(person.high_s)),
        "share": round(seconds / duration_s, 6) if duration_s else 0.0,
        "first_s": intervals[0]["start_s"],
        "last_s": intervals[-1]["end_s"],
        "confidence": round(person.confidence, 4),
        "role": one.role.kind,
        "role_reason": one.role.reason,
        "intervals": intervals,
        "hard_s": _time(one.hard.duration_s),
        "hard_intervals": [_interval(i) for i in one.hard],
        "track_ids": list(person.track_ids),
    }


def _track(track: Track, analysis: Analysis) -> dict[str, Any]:
    distance = analysis.distance_of_track[track.id]
    return {
        "id": track.id,
        "person_id": analysis.person_of_track[track.id],
        "start_s": _time(track.start_s),
        "end_s": _time(track.end_s),
        "distance": None if distance is None else round(distance, _DISTANCE_DIGITS),
        "chances": [
            {"name": name, "probability": round(probability, _CHANCE_DIGITS)}
            for name, probability in analysis.chances.get(track.id, ())
        ],
        "boxes": [
            [_time(t), *(round(float(v), _BOX_DIGITS) for v in box)]
            for t, box in zip(track.t_s, track.boxes_xyxy, strict=True)
        ],
    }


def _interval(interval: Interval) -> dict[str, float]:
    return {"start_s": _time(interval.start_s), "end_s": _time(interval.end_s)}


def _time(seconds: float) -> float:
    return round(float(seconds), _TIME_DIGITS)
