"""Analysing a film again without looking at it again, where only what names people was changed."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from engine import __version__
from engine.config import AnalysisSettings
from engine.pipeline.film_pieces import track_settings
from engine.timeline import Interval
from engine.types import Analysis, Track


@dataclass(frozen=True, slots=True)
class KnownTracks:
    """What an earlier analysis saw in a film, before anybody got a name; at least one shot."""

    shots: tuple[Interval, ...]
    tracks: tuple[Track, ...]
    n_frames_damaged: int
    warnings: tuple[str, ...]


def known_tracks(previous: Analysis | None, settings: AnalysisSettings, model_ids: Sequence[str]) -> KnownTracks | None:
    """What an analysis of the same film with `settings` would find once more, since `previous` was made by this
    engine with these networks and with equal settings but for those of the names; None where it would not."""
    if (
        previous is None
        or not previous.shots
        or previous.engine_version != __version__
        or tuple(previous.model_ids) != tuple(model_ids)
        or track_settings(previous.settings) != track_settings(settings.as_dict())
    ):
        return None
    return KnownTracks(previous.shots, previous.tracks, previous.n_frames_damaged, previous.warnings)
