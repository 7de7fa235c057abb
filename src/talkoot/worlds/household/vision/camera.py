"""The head camera: where it is for a body's pose, how it projects, and how depth becomes points again.

World axes: y up, x and z horizontal, yaw 0 looks along +z and 90 along +x. In an image, rows go down and columns to the
right; depth is measured along the optical axis, in metres, 0 where nothing was hit. Offset and pitch are the
reference's (1.7); its source leaves the field of view at VirtualHome's default for a character's camera, 60 degrees
from top to bottom, which at 256 x 512 is 98 degrees across. So the top row looks level from a height of 1.8 m: what
hangs higher, such as wall cabinets, is hardly seen, in the reference as here.
"""

from __future__ import annotations

from dataclasses import dataclass
from math import cos, radians, sin, tan

import numpy as np
from numpy.typing import NDArray

from talkoot.errors import BadInput
from talkoot.worlds.household.apartment import Point

Array = NDArray[np.float64]

SIZES = (16, 4096)
"""The least and the greatest height or width of an image, in pixels."""


@dataclass(frozen=True, slots=True)
class Pose:
    """Where a camera is: its optical centre, its yaw and how far it looks down, in degrees."""

    position: Point
    yaw: float
    pitch: float


@dataclass(frozen=True, slots=True)
class Camera:
    """A pinhole camera without distortion. `size` is (height, width) in pixels, `field_of_view` the vertical one in
    degrees, `offset` (right, up, forward) from the feet in metres, `pitch` how far it looks down in degrees.

    Raises BadInput for a size or an angle that makes no image.
    """

    size: tuple[int, int] = (256, 512)
    field_of_view: float = 60.0
    pitch: float = 30.0
    offset: Point = (0.0, 1.8, 0.15)
    near: float = 0.05
    far: float = 100.0

    def __post_init__(self) -> None:
        if len(self.size) != 2 or not all(isinstance(side, int) and SIZES[0] <= side <= SIZES[1] for side in self.size):
            raise BadInput(
                f"an image of {self.size!r} pixels cannot be made; give height and width, whole numbers from "
                f"{SIZES[0]} to {SIZES[1]}, for example (256, 512)"
            )
        if not 1 <= self.field_of_view <= 170:
            raise BadInput(f"a camera's field of view is from 1 to 170 degrees, not {self.field_of_view}")

    @property
    def focal(self) -> float:
        """The focal length in pixels, the same along rows and columns."""
        return self.size[0] / 2 / tan(radians(self.field_of_view) / 2)

    def at(self, feet: tuple[float, float], yaw: float) -> Pose:
        """The camera's pose on the head of someone who stands at (x, z) and looks along `yaw`."""
        right, up, ahead = self.offset
        s, c = sin(radians(yaw)), cos(radians(yaw))
        return Pose((feet[0] + right * c + ahead * s, up, feet[1] - right * s + ahead * c), yaw, self.pitch)

    def matrix(self, pose: Pose) -> Array:
        """World to camera, 4 x 4: the camera's x points right, y up in the image, z along the optical axis."""
        rotation = axes(pose)
        matrix = np.eye(4)
        matrix[:3, :3] = rotation
        matrix[:3, 3] = -rotation @ np.array(pose.position)
        return matrix

    def projection(self) -> Array:
        """Camera to clip space, 4 x 4; y is turned over, so that the first row that OpenGL stores is the top row."""
        height, width = self.size
        matrix = np.zeros((4, 4))
        matrix[0, 0] = 2 * self.focal / width
        matrix[1, 1] = -2 * self.focal / height
        matrix[2, 2] = (self.far + self.near) / (self.far - self.near)
        matrix[2, 3] = -2 * self.far * self.near / (self.far - self.near)
        matrix[3, 2] = 1.0
        return matrix

    def pixels(self, pose: Pose, points: Array) -> tuple[Array, Array, Array]:
        """Where points (n, 3) lie: row and column as fractions (the first pixel spans 0 to 1), and depth."""
        seen = (points - np.array(pose.position)) @ axes(pose).T
        depth = seen[:, 2]
        ahead = np.where(depth > self.near, depth, np.inf)
        height, width = self.size
        return height / 2 - self.focal * seen[:, 1] / ahead, width / 2 + self.focal * seen[:, 0] / ahead, depth

    def points(self, pose: Pose, depth: NDArray[np.float32], mask: NDArray[np.bool_] | None = None) -> Array:
        """The points (n, 3) in the world behind the pixels of `mask`, row by row; all that hit something if None."""
        rows, columns = np.nonzero(depth > 0 if mask is None else mask)
        far = depth[rows, columns].astype(np.float64)
        height, width = self.size
        across = (columns + 0.5 - width / 2) * far / self.focal
        upward = (height / 2 - rows - 0.5) * far / self.focal
        points: Array = np.stack([across, upward, far], axis=1) @ axes(pose) + np.array(pose.position)
        return points


def axes(pose: Pose) -> Array:
    """The camera's axes in the world, as rows: right, up in the image, ahead."""
    s, c = sin(radians(pose.yaw)), cos(radians(pose.yaw))
    sp, cp = sin(radians(pose.pitch)), cos(radians(pose.pitch))
    return np.array([[c, 0.0, -s], [s * sp, cp, c * sp], [s * cp, -sp, c * cp]])
