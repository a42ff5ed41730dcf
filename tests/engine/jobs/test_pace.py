"""How far, and how long still: for jobs from the beginning, resumed ones, and phases that are not needed."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from engine.jobs.pace import Pace

WEIGHTS = {"reading": 1.0, "shots": 9.0, "faces": 80.0, "names": 10.0}


def test_nothing_heard_is_nothing_done() -> None:
    assert Pace({}, 0.0).fraction == 0.0
    assert Pace({}, 0.0).left_s(60.0) is None
    assert Pace(WEIGHTS, 0.0).fraction == 0.0
    assert Pace(WEIGHTS, 0.0).left_s(60.0) is None


@pytest.mark.parametrize(
    ("phase", "share", "fraction"),
    [("reading", 0.5, 0.005), ("shots", 0.0, 0.01), ("faces", 0.5, 0.5), ("names", 1.0, 1.0)],
)
def test_phases_count_by_their_weight_also_those_never_heard_of(phase: str, share: float, fraction: float) -> None:
    pace = Pace(WEIGHTS, 0.0)
    pace.hear(phase, share, 1.0)
    assert pace.fraction == pytest.approx(fraction)


def test_a_steady_job_says_its_true_end() -> None:
    pace = Pace({"a": 1.0, "b": 3.0}, 0.0)
    for second in range(41):
        phase, share = ("a", second / 10) if second < 10 else ("b", (second - 10) / 30)
        pace.hear(phase, share, float(second))
        if second >= 3:
            assert pace.left_s(float(second)) == pytest.approx(40 - second, abs=0.5)


def test_nothing_is_told_before_there_is_a_pace() -> None:
    pace = Pace(WEIGHTS, 0.0)
    pace.hear("shots", 0.0, 0.0)
    pace.hear("shots", 0.5, 1.0)
    assert pace.left_s(1.0) is None
    pace.hear("shots", 0.51, 3.0)
    assert pace.left_s(3.0) is not None


def test_what_an_earlier_run_left_is_done_but_sets_no_pace() -> None:
    """Half of the faces were there: 1 % of them a second makes 50 s, not the 5 s that 55 % in 10 s would promise."""
    pace = Pace({"shots": 10.0, "faces": 90.0}, 0.0)
    pace.hear("shots", 1.0, 0.0)
    pace.hear("faces", 0.5, 0.0)
    assert pace.fraction == pytest.approx(0.55)
    pace.hear("faces", 0.6, 10.0)
    assert pace.left_s(10.0) == pytest.approx(40.0)


def test_a_phase_added_later_counts() -> None:
    pace = Pace({"faces": 1.0}, 0.0)
    pace.hear("faces", 0.0, 0.0)
    pace.hear("faces", 0.5, 10.0)
    assert pace.left_s(10.0) == pytest.approx(10.0)
    pace.plan("preview", 1.0)
    assert pace.fraction == pytest.approx(0.25)
    assert pace.left_s(10.0) == pytest.approx(30.0)


@given(st.lists(st.tuples(st.sampled_from([*WEIGHTS, "other"]), st.floats(0, 1)), max_size=20))
def test_whatever_is_heard_the_fraction_never_falls(news: list[tuple[str, float]]) -> None:
    pace, before = Pace(WEIGHTS, 0.0), 0.0
    for second, (phase, share) in enumerate(news):
        pace.hear(phase, share, float(second))
        assert before <= pace.fraction <= 1.0
        before = pace.fraction
        left_s = pace.left_s(float(second))
        assert left_s is None or left_s >= 0
