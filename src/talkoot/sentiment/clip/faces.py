"""What is seen: numbers of each picture, with or without a model of faces."""

from __future__ import annotations

import csv
import io
from collections.abc import Iterator
from importlib.util import find_spec
from pathlib import Path
from typing import Any

import numpy as np

from talkoot.errors import BadInput
from talkoot.sentiment.clip.ffmpeg import Picture
from talkoot.sentiment.clip.track import Track
from talkoot.sentiment.samples import Floats

OPENFACE = (
    *(f"gaze_{eye}_{axis}" for eye in (0, 1) for axis in "xyz"), "gaze_angle_x", "gaze_angle_y",
    *(f"pose_{kind}{axis}" for kind in "TR" for axis in "xyz"),
    *(f"AU{unit:02d}_r" for unit in (1, 2, 4, 5, 6, 7, 9, 10, 12, 14, 15, 17, 20, 23, 25, 26, 45)),
    *(f"AU{unit:02d}_c" for unit in (1, 2, 4, 5, 6, 7, 9, 10, 12, 14, 15, 17, 20, 23, 25, 26, 28, 45)),
)  # fmt: skip
"""The columns of OpenFace 2 that are read: gaze 8, pose of the head 6, action units 17 + 18. Landmarks are left out."""

WIDTHS = {"picture": 18, "openface": len(OPENFACE), "mediapipe": 52}
"""The kinds of features of pictures, and how many numbers each has."""
CAUSAL = ("picture",)
"""Kinds that need a picture and those before it only, and no file written beforehand."""
PATIENCE = 0.5
"""A word without a picture of its own takes one that is at most so many seconds older."""
SIZE = (64, 48)
"""Width and height to which pictures are scaled for their statistics."""


class PictureStatistics:
    """18 numbers of a picture, without any model: they see light, colour and movement, and no face.

    Mean and deviation of red, green and blue (6); saturation (1); sharpness across and down (2); brightness of the
    four quarters (4); change since the picture before in the four quarters (4), and the share of points that changed
    (1), which are 0 for the first picture. All from 0 to 1. Ours.
    """

    def __init__(self) -> None:
        self._before: Floats | None = None

    def push(self, picture: Picture) -> Floats:
        """The numbers of the next picture, [18]."""
        colours = picture.astype(np.float32) / 255
        grey = colours.mean(2)
        change = np.zeros_like(grey) if self._before is None else np.abs(grey - self._before)
        self._before = grey
        saturation = colours.max(2) - colours.min(2)
        return np.array([
            *colours.mean((0, 1)), *colours.std((0, 1)), saturation.mean(),
            np.abs(np.diff(grey, axis=1)).mean(), np.abs(np.diff(grey, axis=0)).mean(),
            *_grid(grey), *_grid(change), (change > 0.05).mean(),
        ], dtype=np.float32)  # fmt: skip


class FaceLandmarks:
    """52 blendshapes of the first face in a picture (from 0 to 1), by mediapipe with a given model file (.task).

    Raises BadInput where mediapipe is not installed or cannot use the file.
    """

    def __init__(self, model: Path) -> None:
        if find_spec("mediapipe") is None:
            raise BadInput("mediapipe is not installed; run: pip install mediapipe, or take the statistics of pictures")
        if not model.is_file():
            raise BadInput(f"{model} is not a file; download a FaceLandmarker model (.task) and name it")
        import mediapipe

        vision = mediapipe.tasks.vision
        options = vision.FaceLandmarkerOptions(
            base_options=mediapipe.tasks.BaseOptions(model_asset_path=str(model)),
            running_mode=vision.RunningMode.VIDEO, num_faces=1, output_face_blendshapes=True,
        )  # fmt: skip
        try:
            self._landmarker: Any = vision.FaceLandmarker.create_from_options(options)
        except (RuntimeError, ValueError) as error:
            raise BadInput(f"mediapipe cannot use {model}: {error}; name a FaceLandmarker model") from error
        self._image, self._format = mediapipe.Image, mediapipe.ImageFormat.SRGB

    def push(self, picture: Picture, time: float) -> Floats | None:
        """The blendshapes of the next picture, [52], or None where no face is seen."""
        image = self._image(image_format=self._format, data=np.ascontiguousarray(picture))
        shapes = self._landmarker.detect_for_video(image, round(time * 1000)).face_blendshapes
        if not shapes:
            return None
        scores = np.array([one.score for one in shapes[0]], dtype=np.float32)
        if scores.shape != (WIDTHS["mediapipe"],):
            raise BadInput(f"the model of faces gives {len(scores)} blendshapes, not {WIDTHS['mediapipe']}; "
                           "name a FaceLandmarker model with blendshapes")  # fmt: skip
        return scores

    def close(self) -> None:
        """Give back what mediapipe holds."""
        self._landmarker.close()


def picture_track(pictures: Iterator[tuple[float, Picture]]) -> Track:
    """The statistics of pictures with their times."""
    of = PictureStatistics()
    return _track([(time, of.push(picture)) for time, picture in pictures], WIDTHS["picture"])


def mediapipe_track(pictures: Iterator[tuple[float, Picture]], model: Path) -> Track:
    """The blendshapes of pictures with their times; pictures without a face are left out."""
    of = FaceLandmarks(model)
    try:
        seen = [(time, of.push(picture, time)) for time, picture in pictures]
    finally:
        of.close()
    return _track([(time, one) for time, one in seen if one is not None], WIDTHS["mediapipe"])


def openface_track(path: Path, certain: float = 0.5) -> Track:
    """What OpenFace's FeatureExtraction wrote of a video, [F, 49], by its own times.

    Pictures in which it failed, or was less `certain`, are left out; of several faces the one with the lowest number
    counts. Raises BadInput for a missing file, missing columns, and cells that are no numbers.
    """
    try:
        text = path.read_text("utf-8-sig")
    except FileNotFoundError:
        raise BadInput(f"{path} does not exist; name the CSV file that OpenFace's FeatureExtraction wrote") from None
    except UnicodeDecodeError:
        raise BadInput(f"{path} is no CSV file; name the one that OpenFace's FeatureExtraction wrote") from None
    rows = csv.reader(io.StringIO(text), skipinitialspace=True)
    heads = [head.strip() for head in next(rows, [])]
    wanted = ("timestamp", "confidence", "success", *OPENFACE)
    if missing := [name for name in wanted if name not in heads]:
        raise BadInput(f"{path} lacks {len(missing)} columns of OpenFace, such as {missing[0]}; run its "
                       "FeatureExtraction with -gaze -pose -aus")  # fmt: skip
    places = [heads.index(name) for name in wanted]
    face = heads.index("face_id") if "face_id" in heads else -1
    best: dict[float, tuple[float, Floats]] = {}
    for number, row in enumerate(rows, 2):
        if not row:
            continue
        try:
            values = [float(row[i]) for i in places]
            who = float(row[face]) if face >= 0 else 0.0
        except (ValueError, IndexError):
            raise BadInput(f"{path}, line {number}: a number is wanted in every column; run OpenFace again") from None
        time, confidence, success = values[:3]
        if success and confidence >= certain and (time not in best or who < best[time][0]):
            best[time] = (who, np.array(values[3:], dtype=np.float32))
    return _track([(time, best[time][1]) for time in sorted(best)], WIDTHS["openface"])


def _grid(x: Floats) -> list[float]:
    """Means of the four quarters."""
    return [float(part.mean()) for half in np.array_split(x, 2) for part in np.array_split(half, 2, axis=1)]


def _track(moments: list[tuple[float, Floats]], width: int) -> Track:
    if not moments:
        return Track.empty(width)
    times = np.array([time for time, _ in moments], dtype=np.float64)
    return Track(times, times, np.stack([values for _, values in moments]))
