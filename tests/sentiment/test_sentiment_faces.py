"""Numbers of each picture: statistics, OpenFace's table, mediapipe."""

from __future__ import annotations

import sys
import types
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from sentiment_clips import pictures
from talkoot.errors import BadInput
from talkoot.sentiment.clip import faces
from talkoot.sentiment.clip.faces import (
    OPENFACE,
    FaceLandmarks,
    PictureStatistics,
    mediapipe_track,
    openface_track,
    picture_track,
)


def test_statistics_see_light_colour_and_movement() -> None:
    black, red = np.zeros((48, 64, 3), np.uint8), np.zeros((48, 64, 3), np.uint8)
    red[:24, :32, 0] = 255
    of = PictureStatistics()
    assert not of.push(black).any()
    seen = of.push(red)
    assert seen[:3].tolist() == [0.25, 0, 0]
    assert seen[6] == 0.25  # saturation
    assert seen[9:13] == pytest.approx([1 / 3, 0, 0, 0])
    assert seen[13:17] == pytest.approx([1 / 3, 0, 0, 0])
    assert seen[17] == 0.25
    still = of.push(red)
    assert (still[:13] == seen[:13]).all()
    assert not still[13:].any()


def test_statistics_are_between_0_and_1_with_their_times() -> None:
    track = picture_track((i / 5, one) for i, one in enumerate(pictures(4)))
    assert track.values.shape == (4, 18)
    assert track.at.tolist() == track.known.tolist() == [0, 0.2, 0.4, 0.6]
    assert 0 <= track.values.min() <= track.values.max() <= 1


def table(folder: Path, rows: list[dict[str, float]], without: str = "") -> Path:
    heads = [name for name in ("frame", "face_id", "timestamp", "confidence", "success", "p_scale", *OPENFACE)
             if name != without]  # fmt: skip
    lines = [", ".join(heads), *(", ".join(str(row.get(head, 0.5)) for head in heads) for row in rows)]
    (folder / "faces.csv").write_text("\n".join(lines) + "\n")
    return folder / "faces.csv"


def test_openface_gives_49_numbers_of_the_first_face_it_is_sure_of(tmp_path: Path) -> None:
    path = table(tmp_path, [
        {"timestamp": 0.1, "face_id": 1, "success": 1, "confidence": 0.9, "AU12_r": 4},
        {"timestamp": 0.1, "face_id": 0, "success": 1, "confidence": 0.9, "AU12_r": 2.5},
        {"timestamp": 0.2, "face_id": 0, "success": 0, "confidence": 0.9},
        {"timestamp": 0.3, "face_id": 0, "success": 1, "confidence": 0.3},
        {"timestamp": 0.0, "face_id": 0, "success": 1, "confidence": 0.9, "gaze_0_x": -1},
    ])  # fmt: skip
    track = openface_track(path)
    assert track.values.shape == (2, 49)
    assert track.at.tolist() == [0.0, 0.1]
    assert track.values[0, 0] == -1
    assert track.values[1, OPENFACE.index("AU12_r")] == 2.5


def test_a_table_that_is_none_is_refused(tmp_path: Path) -> None:
    with pytest.raises(BadInput, match="lacks 1 columns of OpenFace, such as AU45_c"):
        openface_track(table(tmp_path, [], without="AU45_c"))
    path = table(tmp_path, [{"timestamp": 0}])
    path.write_text(path.read_text() + "x\n")
    with pytest.raises(BadInput, match=r"faces\.csv, line 3"):
        openface_track(path)
    with pytest.raises(BadInput, match="does not exist"):
        openface_track(tmp_path / "none.csv")
    (tmp_path / "a.csv").write_bytes(b"\xff\xff")
    with pytest.raises(BadInput, match="is no CSV"):
        openface_track(tmp_path / "a.csv")


@pytest.fixture
def mediapipe(monkeypatch: pytest.MonkeyPatch) -> Any:
    """Mediapipe's interface as of 1.2, without a model: a face where a picture is bright enough."""
    space = types.SimpleNamespace
    closed: list[bool] = []

    class Landmarker:
        @classmethod
        def create_from_options(cls, options: Any) -> Landmarker:
            if Path(options.base_options.model_asset_path).read_bytes() != b"model":
                raise RuntimeError("bad model")
            assert options.output_face_blendshapes
            return cls()

        def detect_for_video(self, image: Any, time: int) -> Any:
            shapes = [space(score=time / 1000)] * 52
            return space(face_blendshapes=[shapes] if image.data.mean() > 100 else [])

        def close(self) -> None:
            closed.append(True)

    fake = space(
        Image=space, ImageFormat=space(SRGB=1), closed=closed,
        tasks=space(BaseOptions=space, vision=space(FaceLandmarker=Landmarker, FaceLandmarkerOptions=space,
                                                    RunningMode=space(VIDEO="video"))),
    )  # fmt: skip
    monkeypatch.setattr(faces, "find_spec", lambda name: name)
    monkeypatch.setitem(sys.modules, "mediapipe", fake)  # type: ignore[arg-type]
    return fake


def test_mediapipe_gives_52_numbers_where_a_face_is(tmp_path: Path, mediapipe: Any) -> None:
    (tmp_path / "face.task").write_bytes(b"model")
    bright, dark = np.full((4, 4, 3), 200, np.uint8), np.zeros((4, 4, 3), np.uint8)
    track = mediapipe_track(iter([(0.0, bright), (0.2, dark), (0.4, bright)]), tmp_path / "face.task")
    assert track.values.shape == (2, 52)
    assert track.at.tolist() == [0.0, 0.4]
    assert track.values[1, 0] == pytest.approx(0.4)
    assert mediapipe.closed == [True]
    assert mediapipe_track(iter([(0.0, dark)]), tmp_path / "face.task").values.shape == (0, 52)


def test_mediapipe_needs_its_model(tmp_path: Path, mediapipe: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "bad.task").write_bytes(b"x")
    with pytest.raises(BadInput, match="cannot use"):
        FaceLandmarks(tmp_path / "bad.task")
    with pytest.raises(BadInput, match="is not a file"):
        FaceLandmarks(tmp_path / "none.task")
    monkeypatch.setattr(faces, "find_spec", lambda name: None)
    with pytest.raises(BadInput, match="mediapipe is not installed"):
        FaceLandmarks(tmp_path / "bad.task")
