"""Pictures of sentiment: what is drawn, and that strange words and missing parts do no harm."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from talkoot.errors import BadInput
from talkoot.sentiment.deletion import DeletionCurve
from talkoot.sentiment.pictures.canvas import clip, colours, png, save
from talkoot.sentiment.pictures.curves import contribution_picture, deletion_picture, robustness_picture
from talkoot.sentiment.pictures.spaces import (
    embedded,
    feature_space,
    frame_similarity,
    mean_off_diagonal,
    similarity_picture,
)
from talkoot.sentiment.pictures.trust import trust_by_modality, trust_over_time
from talkoot.sentiment.robustness import Curve

M = ("text", "audio", "vision")
RNG = np.random.default_rng(0)


def _trust(steps: int) -> tuple[np.ndarray, np.ndarray]:
    marks = np.ones((steps, 3), bool)
    marks[1, 2] = False
    return np.random.default_rng(1).random((steps, 3)).astype(np.float32), marks


def test_words_stand_under_their_trust_and_gaps_are_gaps() -> None:
    trust, marks = _trust(5)
    marks[3] = False  # a step with nothing is not drawn
    figure = trust_over_time(trust, marks, M, words=["a", "$b_", "c", "d", "e"], steps=np.arange(5.0), title="one")
    score, panel = figure.axes
    assert [tick.get_text() for tick in panel.get_xticklabels()] == ["a", "$b_", "c", "e"]
    lines = {line.get_label(): line.get_ydata() for line in panel.lines}
    np.testing.assert_allclose(lines["text"], trust[[0, 1, 2, 4], 0])
    assert np.isnan(lines["vision"][1])
    assert score.lines[0].get_ydata().tolist() == [0, 1, 2, 4]
    assert png(figure).startswith(b"\x89PNG")


def test_many_words_take_several_rows() -> None:
    trust, marks = _trust(50)
    assert len(trust_over_time(trust, marks, M, words=[f"w{t}" for t in range(50)]).axes) == 3
    assert len(trust_over_time(trust, marks, M).axes) == 3  # without words too
    assert len(trust_over_time(trust, marks, M, steps=np.full(50, np.nan)).axes) == 6


def test_long_texts_stand_beside_their_step() -> None:
    trust, marks = _trust(4)
    texts = ["this is a whole sentence of a video"] * 4
    figure = trust_over_time(trust, marks, M, words=texts, truth=np.array([1.0, np.nan, -2.0, 0.0]))
    labels = [tick.get_text() for tick in figure.axes[0].get_yticklabels()]
    assert labels[0] == "this is a whole sentence of a video  1"
    np.testing.assert_allclose(figure.axes[0].lines[0].get_xdata(), trust[:, 0])


@pytest.mark.parametrize("words", [["\ud800", "\x1b[31m", "日本", "שלום", "\n"], ["<script>"] * 5, ["x" * 5000] * 5])
def test_hostile_words_are_only_drawn(words: list[str]) -> None:
    trust, marks = _trust(5)
    assert png(trust_over_time(trust, marks, M, words=words, title=words[0])).startswith(b"\x89PNG")


def test_trust_by_modality_shows_means_and_course() -> None:
    trust = np.zeros((10, 4, 3), np.float32)
    trust[:, :2, 0] = 1.0
    marks = np.ones((10, 4, 3), bool)
    marks[..., 2] = False
    figure = trust_by_modality(trust, marks, M, truth=trust, bins=2)
    spread, course = figure.axes
    assert [text.get_text() for text in spread.texts] == ["0.50", "0.00"]
    lines = {line.get_label(): line.get_ydata().tolist() for line in course.lines}
    assert lines == {"text": [1, 0], "text, true share": [1, 0], "audio": [0, 0], "audio, true share": [0, 0]}
    png(figure)


def test_shapes_and_empty_samples_are_told() -> None:
    trust, marks = _trust(3)
    for draw in (trust_over_time, trust_by_modality):
        with pytest.raises(BadInput, match="is wanted"):
            draw(trust, marks[:2], M)
    with pytest.raises(BadInput, match="nothing to draw"):
        trust_over_time(trust, np.zeros_like(marks), M)
    with pytest.raises(BadInput, match="nothing to draw"):
        trust_by_modality(trust[None], np.zeros_like(marks)[None], M)


def test_groups_stay_apart_in_the_plane() -> None:
    pytest.importorskip("sklearn")
    space = {(m, r): (RNG.normal(size=(12, 4)) * 0.1 + 10 * i).astype(np.float32)
             for i, (m, r) in enumerate((m, r) for m in M[:2] for r in ("sentiment", "modality"))}  # fmt: skip
    plane = embedded(space, most=10)
    assert {key: points.shape for key, points in plane.items()} == dict.fromkeys(space, (10, 2))
    centre = {key: points.mean(0) for key, points in plane.items()}
    for key, points in plane.items():
        near = [min(centre, key=lambda other: np.linalg.norm(point - centre[other])) for point in points]
        assert near.count(key) >= 9
    same = embedded(space, most=10)
    np.testing.assert_array_equal(plane["text", "modality"], same["text", "modality"])
    figure = feature_space(space, space, most=10)
    assert [len(panel.collections) for panel in figure.axes] == [4, 4]
    png(figure)


def test_features_that_cannot_be_embedded_are_told() -> None:
    pytest.importorskip("sklearn")
    for features, message in (
        ({("text", "s"): np.zeros((2, 3))}, "2 points"),
        ({("text", "s"): np.zeros((9, 3)), ("audio", "s"): np.zeros((9, 4))}, "widths"),
        ({("text", "s"): np.full((9, 3), np.nan)}, "NaN"),
    ):
        with pytest.raises(BadInput, match=message):
            embedded(features)  # type: ignore[arg-type]
    assert np.isfinite(embedded({("text", "s"): np.ones((9, 3), np.float32)})["text", "s"]).all()


def test_similarity_of_identical_orthogonal_and_opposite_frames() -> None:
    f = np.zeros((1, 4, 2), np.float32)
    f[0] = [[1, 0], [2, 0], [0, 3], [-1, 0]]
    marks = np.ones((1, 4), bool)
    found = frame_similarity(f, marks)
    np.testing.assert_allclose(found, [[1, 1, 0, -1], [1, 1, 0, -1], [0, 0, 1, 0], [-1, -1, 0, 1]], atol=1e-6)
    assert mean_off_diagonal(found) == pytest.approx((1 - 1 - 1) * 2 / 12)
    marks[0, 3] = False
    padded = frame_similarity(f, marks)
    assert np.isnan(padded[3]).all()
    np.testing.assert_allclose(padded[:3, :3], found[:3, :3])
    assert np.isnan(mean_off_diagonal(np.ones((1, 1))))
    figure = similarity_picture({"without DPSR": found, "with DPSR": padded})
    assert "without DPSR: mean -0.17" in [panel.get_title(loc="left") for panel in figure.axes]
    png(figure)
    with pytest.raises(BadInput, match="no map"):
        similarity_picture({})


def test_curves_of_one_and_of_several_models() -> None:
    curves = [Curve("cosa", m, h, (0.0, 1.0), (0.8, 1.2), (0.0, 0.1), 0.4) for h in ("noise", "missing") for m in M]
    one = robustness_picture(curves)
    assert [panel.get_title(loc="left") for panel in one.axes] == ["noise", "whole modality missing"]
    assert [line.get_label() for line in one.axes[0].lines] == list(M)
    more = robustness_picture([*curves, *(replace(one, model="gate") for one in curves)])
    assert len(more.axes) == 6
    assert [line.get_label() for line in more.axes[0].lines] == ["cosa", "gate"]
    png(more)
    with pytest.raises(BadInput, match="no curve"):
        robustness_picture([])


def test_deletion_and_contribution_are_drawn_as_given() -> None:
    figure = deletion_picture(DeletionCurve((0.0, 0.5), (0.1, 0.9), (0.1, 0.2), (0.1, 0.5), 0.2))
    assert [line.get_ydata()[1] for line in figure.axes[0].lines] == [0.9, 0.5, 0.2]
    bars = contribution_picture({"text": 0.8, "audio": 0.1}, {"text": 0.25, "audio": -0.125})
    assert [text.get_text() for text in bars.axes[1].texts] == ["0.250", "-0.125"]
    png(bars)
    with pytest.raises(BadInput, match="the same modalities"):
        contribution_picture({"text": 1.0}, {"audio": 1.0})


def test_files_by_their_ending(tmp_path: Path) -> None:
    figure = deletion_picture(DeletionCurve((0.0,), (0.1,), (0.1,), (0.1,), 0.0))
    save(figure, tmp_path / "new" / "a.svg")
    assert "<svg" in (tmp_path / "new" / "a.svg").read_text(encoding="utf-8")
    with pytest.raises(BadInput, match=r"name a file such as .*a\.png"):
        save(figure, tmp_path / "a.gif")
    assert png(figure) == png(figure)


def test_names_keep_their_colours() -> None:
    assert colours(M) == {name: colours([name])[name] for name in M}
    assert len(set(colours([f"m{i}" for i in range(7)]).values())) == 7
    assert len(colours([f"m{i}" for i in range(30)])) == 30
    assert clip("a\nb\x00  c", 10) == "a b c"
    assert clip("abcdefgh", 4) == "abc…"
