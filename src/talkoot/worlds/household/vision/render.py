"""Off-screen images of a room with OpenGL: all boxes in one pass into three targets, without a window or a GPU.

Needs the extra `visual` (moderngl) and an EGL driver; Mesa's llvmpipe draws on the CPU. The same driver gives the same
images, bit for bit; another one may round the edges of boxes otherwise.
"""

from __future__ import annotations

import os
import threading
from dataclasses import dataclass, field
from typing import Any

import numpy as np
from numpy.typing import NDArray

from talkoot.errors import BadInput
from talkoot.worlds.household.apartment import Apartment
from talkoot.worlds.household.view import HomeView
from talkoot.worlds.household.vision.camera import Camera, Pose
from talkoot.worlds.household.vision.shapes import Boxes, Plan, boxes

PACKAGES = ("libegl1", "libegl-mesa0", "libgl1", "libgl1-mesa-dri")
"""The Debian packages that hold an EGL driver for the CPU."""

_CORNERS = """
#version 330
uniform mat4 world_to_camera, projection;
in vec3 center, size, colour;
in vec3 tag;  // the node's number, sine and cosine of the yaw
flat out vec3 paint;
flat out int number;
out float depth;
const int ends[6] = int[6](0, 1, 2, 2, 1, 3);
void main() {
    int face = gl_VertexID / 6, end = ends[gl_VertexID % 6], axis = face / 2;
    float side = (face % 2 == 0) ? -0.5 : 0.5;
    vec3 corner;
    corner[axis] = side;
    corner[(axis + 1) % 3] = ((end & 1) == 0) ? -0.5 : 0.5;
    corner[(axis + 2) % 3] = ((end & 2) == 0) ? -0.5 : 0.5;
    corner *= size;
    vec3 turned = vec3(corner.x * tag.z + corner.z * tag.y, corner.y, corner.z * tag.z - corner.x * tag.y);
    vec4 seen = world_to_camera * vec4(center + turned, 1.0);
    gl_Position = projection * seen;
    depth = seen.z;
    number = int(tag.x);
    float light = (axis == 1) ? (side > 0.0 ? 1.0 : 0.55) : (axis == 0 ? 0.86 : 0.74);
    paint = colour * light;
}
"""
_PIXEL = """
#version 330
flat in vec3 paint;
flat in int number;
in float depth;
layout(location = 0) out vec4 colour_out;
layout(location = 1) out float depth_out;
layout(location = 2) out int number_out;
void main() {
    colour_out = vec4(paint, 1.0);
    depth_out = depth;
    number_out = number;
}
"""
_NOTHING = """
#version 330
flat out vec3 paint;
flat out int number;
out float depth;
void main() {
    gl_Position = vec4(gl_VertexID == 1 ? 3.0 : -1.0, gl_VertexID == 2 ? 3.0 : -1.0, 1.0, 1.0);
    paint = vec3(0.13, 0.13, 0.15);
    number = 0;
    depth = 0.0;
}
"""


@dataclass(frozen=True)
class Images:
    """One look. `colour` (height, width, 3) uint8; `depth` (height, width) float32, metres along the optical axis, 0
    where nothing was hit; `segmentation` (height, width) int32, the number of the node (people are seat + 1), 0 for
    walls, floor, ceiling and nothing. Rows from the top. `pose` is where `camera` was.
    """

    colour: NDArray[np.uint8]
    depth: NDArray[np.float32]
    segmentation: NDArray[np.int32]
    camera: Camera
    pose: Pose


def no_driver(reason: str) -> BadInput:
    """The one error for everything that keeps OpenGL from starting."""
    return BadInput(
        f"images need OpenGL, and it does not start here ({reason}); install the extra and a driver: "
        f"pip install 'talkoot[visual]', and on Debian or Ubuntu: apt-get install {' '.join(PACKAGES)}; "
        "or go on with symbolic observations: leave out visual"
    )


def driver() -> str:
    """The name of the driver that draws, such as `llvmpipe (LLVM 15.0.6, 256 bits)`; BadInput if there is none."""
    return renderer(Camera(size=(16, 16))).driver


@dataclass
class Renderer:
    """Draws for one camera; keeps an OpenGL context until `close`. Use it in the thread that made it.

    Raises BadInput where moderngl or an EGL driver is missing.
    """

    camera: Camera = field(default_factory=Camera)

    def __post_init__(self) -> None:
        gl = _context()
        try:
            self._setup(gl)
        except Exception as problem:
            gl.release()
            raise no_driver(_short(problem)) from None

    def _setup(self, gl: Any) -> None:
        height, width = self.camera.size
        self._gl: Any = gl
        self.driver = str(gl.info["GL_RENDERER"])
        self._targets = [
            gl.texture((width, height), 4),
            gl.texture((width, height), 1, dtype="f4"),
            gl.texture((width, height), 1, dtype="i4"),
        ]
        self._frame = gl.framebuffer(self._targets, gl.depth_renderbuffer((width, height)))
        self._program = gl.program(vertex_shader=_CORNERS, fragment_shader=_PIXEL)
        self._empty = gl.program(vertex_shader=_NOTHING, fragment_shader=_PIXEL)
        self._blank = gl.vertex_array(self._empty, [])
        self._reserve(512)
        self._program["projection"].write(self.camera.projection().T.astype("f4").tobytes())

    def _reserve(self, count: int) -> None:
        self._buffer = self._gl.buffer(reserve=count * 48, dynamic=True)
        layout = [(self._buffer, "3f 3f 3f 3f/i", "center", "size", "colour", "tag")]
        self._array = self._gl.vertex_array(self._program, layout)

    def render(self, view: HomeView, place: Apartment | Plan) -> Images:
        """What the seat of `view` (its symbolic view of the moment) has before its eyes."""
        plan = place if isinstance(place, Plan) else Plan.of(place)
        return self.draw(boxes(view, plan), self.camera.at(view.me.position, view.me.yaw))

    def draw(self, rows: Boxes, pose: Pose) -> Images:
        """Draw boxes (see `shapes.Boxes`) from a pose."""
        _own_process()
        gl, (height, width) = self._gl, self.camera.size
        colour = np.empty((height, width, 4), np.uint8)
        depth = np.empty((height, width), np.float32)
        number = np.empty((height, width), np.int32)
        with gl:  # another renderer's context may be the current one
            if rows.nbytes > self._buffer.size:
                self._array.release()
                self._buffer.release()
                self._reserve(2 * len(rows))
            self._buffer.write(np.ascontiguousarray(rows, dtype="f4").tobytes())
            self._program["world_to_camera"].write(self.camera.matrix(pose).T.astype("f4").tobytes())
            self._frame.use()
            self._frame.clear(depth=1.0)
            gl.disable(gl.DEPTH_TEST)
            self._blank.render(vertices=3)
            gl.enable(gl.DEPTH_TEST)
            self._array.render(vertices=36, instances=len(rows))
            for place, (image, channels, kind) in enumerate(((colour, 4, "f1"), (depth, 1, "f4"), (number, 1, "i4"))):
                self._frame.read_into(image, components=channels, attachment=place, dtype=kind)
        return Images(colour[:, :, :3], depth, number, self.camera, pose)

    def close(self) -> None:
        """Give everything back to the driver; the renderer cannot draw any more."""
        gl = self._gl
        if gl is None:
            return
        self._gl = None
        with gl:
            for thing in (self._array, self._buffer, self._blank, self._program, self._empty, self._frame):
                thing.release()
            for target in self._targets:
                target.release()
        gl.release()

    def __enter__(self) -> Renderer:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()


def _context() -> Any:
    global _started
    _own_process()
    try:
        import moderngl
    except ImportError:
        raise no_driver("the Python package moderngl is missing") from None
    make: Any = moderngl.create_context
    _started = os.getpid()
    try:
        # The plain names are those of the runtime packages; without them moderngl asks for the development ones.
        return make(standalone=True, backend="egl", require=330, libgl="libGL.so.1", libegl="libEGL.so.1")
    except Exception as problem:
        raise no_driver(_short(problem)) from None


def _short(problem: BaseException) -> str:
    lines = str(problem).strip().splitlines()
    return lines[0][:160] if lines else type(problem).__name__


class _Kept(threading.local):
    """The renderers of one thread by camera."""

    def __init__(self) -> None:
        self.renderers: dict[Camera, Renderer] = {}


_kept = _Kept()
_started: int | None = None  # the process in which OpenGL runs


def _own_process() -> None:
    """A forked process has its parent's OpenGL without the threads that draw: it would wait for them for ever."""
    if _started is not None and _started != os.getpid():
        raise BadInput(
            "images cannot be drawn in a forked process after its parent has drawn some; start processes with the "
            'method "spawn", for example multiprocessing.get_context("spawn")'
        )


def renderer(camera: Camera) -> Renderer:
    """This thread's renderer for a camera, made at the first call. Raises BadInput where there is no driver."""
    if camera not in _kept.renderers:
        if len(_kept.renderers) >= 4:
            _kept.renderers.pop(next(iter(_kept.renderers))).close()
        _kept.renderers[camera] = Renderer(camera)
    return _kept.renderers[camera]


def render(view: HomeView, place: Apartment | Plan, camera: Camera | None = None) -> Images:
    """Draw with this thread's renderer; see `Renderer.render`."""
    return renderer(camera or Camera()).render(view, place)
