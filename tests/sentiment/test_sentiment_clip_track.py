"""Means over the times of words."""

from __future__ import annotations

import numpy as np
from hypothesis import given, settings
from hypothesis import strategies as st

from talkoot.sentiment.clip.subtitles import Word
from talkoot.sentiment.clip.track import Track, word_means


def track(times: list[float], values: list[float], delay: float = 0.0) -> Track:
    at = np.array(times, np.float64)
    return Track(at, at + delay, np.array(values, np.float32)[:, None])


def test_a_word_is_the_mean_of_its_moments() -> None:
    means, marks = word_means(track([0, 0.1, 0.2, 0.3], [1, 2, 4, 8]), [Word("a", 0, 0.15), Word("b", 0.2, 0.3)], 0)
    assert means[:, 0].tolist() == [1.5, 6.0]
    assert marks.all()


def test_what_is_known_after_a_word_does_not_count() -> None:
    means, _ = word_means(track([0, 0.1, 0.2], [1, 2, 4], delay=0.05), [Word("a", 0, 0.2)], 0)
    assert means[0, 0] == 1.5


def test_a_short_word_takes_the_moment_before_if_it_is_fresh() -> None:
    some = track([0.0, 1.0], [1, 5])
    means, marks = word_means(some, [Word("a", 0.2, 0.21), Word("b", 0.8, 0.81)], 0.5)
    assert (means[:, 0].tolist(), marks.tolist()) == ([1.0, 0.0], [True, False])


def test_moments_that_are_not_finite_and_empty_tracks_are_masked() -> None:
    words = [Word("a", 0, 1), Word("b", 1, 2)]
    means, marks = word_means(track([0.1, 0.2, 1.1], [1, np.nan, np.inf]), words, 0)
    assert (means[:, 0].tolist(), marks.tolist()) == ([1.0, 0.0], [True, False])
    assert not word_means(Track.empty(3), words, 9)[1].any()


@settings(deadline=None, max_examples=40)
@given(st.lists(st.integers(0, 400), min_size=1, max_size=30, unique=True), st.integers(0, 300), st.integers(0, 200))
def test_later_moments_change_nothing(times: list[int], start: int, long: int) -> None:
    moments = track([time / 100 for time in sorted(times)], [float(time) for time in sorted(times)])
    word = Word("a", start / 100, (start + long) / 100)
    until = int(np.searchsorted(moments.known, word.end + 1e-6, side="right"))
    early = Track(moments.at[:until], moments.known[:until], moments.values[:until])
    whole, part = word_means(moments, [word], 0.5), word_means(early.since(word.start - 0.501), [word], 0.5)
    assert whole[1].tolist() == part[1].tolist()
    assert whole[0].tolist() == part[0].tolist()
