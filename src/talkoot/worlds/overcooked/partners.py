"""Trained partners: network policies stored as plain arrays, run with numpy alone.

The networks are PPO policies of Carroll et al. 2019's successors (self-play, and trained beside a behaviour-cloned
player): three convolutions and three dense layers on the 26-channel encoding. Arrays and architecture are described in
the README beside the recorded data.
"""

from __future__ import annotations

import io
from pathlib import Path
from typing import Any, NamedTuple

import numpy as np
import numpy.typing as npt

from talkoot.data import data_file, data_folder
from talkoot.errors import BadInput, CorruptRecord
from talkoot.types import Observation
from talkoot.worlds.overcooked.encoding import encode
from talkoot.worlds.overcooked.kitchen import Kitchen
from talkoot.worlds.overcooked.layout import Layout
from talkoot.worlds.overcooked.layout_file import ALIASES, load_layout

Floats = npt.NDArray[np.floating[Any]]

KINDS = ("sp", "ppo_bc")
"""Self-play, and PPO trained beside a behaviour-cloned human model."""

_FILE_NAMES = {"counter_circuit": "counter_circuit_o_1order"}  # the data keep the older name of this kitchen
_CONVOLUTIONS = (("conv0", 2), ("conv1", 1), ("conv2", 0))  # name, cells of zero padding on each side
_DENSE = ("dense0", "dense1", "dense2")
_ARRAYS = tuple(f"{name}_{part}" for name in ("conv0", "conv1", "conv2", *_DENSE, "logits", "value") for part in "wb")
_CONVOLUTION_SLOPE, _DENSE_SLOPE = 0.2, 0.3  # leaky ReLU; the two differ because the trainers' library defaults differ


class Output(NamedTuple):
    """What a network says: action logits [N, 6] before softmax and the value of the state [N]."""

    logits: Floats
    value: Floats


class Network:
    """The arrays of one policy, ready to run. `exact` computes in float64 instead of float32 (5e-6 apart)."""

    def __init__(self, arrays: dict[str, Floats], name: str, *, exact: bool = False) -> None:
        missing = [key for key in _ARRAYS if key not in arrays]
        if missing:
            raise CorruptRecord(f"the policy {name} lacks {', '.join(missing)}; it needs {', '.join(_ARRAYS)}")
        self.name = name
        self.dtype: type[np.floating[Any]] = np.float64 if exact else np.float32
        self._arrays: dict[str, Floats] = {key: np.ascontiguousarray(arrays[key], self.dtype) for key in _ARRAYS}
        self._check()

    def _check(self) -> None:
        """Every layer must fit the one before; raises CorruptRecord otherwise."""
        arrays, channels = self._arrays, 26
        for name, _ in _CONVOLUTIONS:
            kernel = arrays[f"{name}_w"]
            if kernel.ndim != 4 or kernel.shape[2] != channels:
                raise CorruptRecord(
                    f"the policy {self.name}: {name}_w has shape {kernel.shape}, not (x, y, {channels}, n)"
                )
            channels = kernel.shape[3]
        width = arrays["dense0_w"].shape[0]
        for name in (*_DENSE, "logits", "value"):
            matrix = arrays[f"{name}_w"]
            if matrix.ndim != 2 or matrix.shape[0] != width:
                raise CorruptRecord(f"the policy {self.name}: {name}_w has shape {matrix.shape}, not ({width}, n)")
            width = matrix.shape[1] if name in _DENSE else width
        for name in _ARRAYS[::2]:
            if arrays[name].shape[-1:] != arrays[f"{name[:-1]}b"].shape:
                raise CorruptRecord(f"the policy {self.name}: {name[:-1]}b does not fit {name}")

    def fits(self, width: int, height: int) -> bool:
        """Whether the first dense layer takes what the convolutions make of a kitchen of this size."""
        cells = (width - 2) * (height - 2)
        return cells > 0 and self._arrays["dense0_w"].shape[0] == cells * self._arrays["conv2_w"].shape[3]

    def __call__(self, encoded: npt.ArrayLike) -> Output:
        """Run the network on encodings [N, W, H, 26] (x first). Raises BadInput for a kitchen of another size."""
        x: Floats = np.asarray(encoded, self.dtype)
        if x.ndim != 4 or x.shape[3] != 26 or not self.fits(x.shape[1], x.shape[2]):
            raise BadInput(
                f"the policy {self.name} does not fit encodings of shape {x.shape[1:]}; it was trained elsewhere"
            )
        arrays = self._arrays
        for name, padding in _CONVOLUTIONS:
            x = _leaky(_convolve(x, arrays[f"{name}_w"], padding) + arrays[f"{name}_b"], _CONVOLUTION_SLOPE)
        x = x.reshape(len(x), -1)
        for name in _DENSE:
            x = _leaky(x @ arrays[f"{name}_w"] + arrays[f"{name}_b"], _DENSE_SLOPE)
        value = x @ arrays["value_w"] + arrays["value_b"]
        return Output(x @ arrays["logits_w"] + arrays["logits_b"], value[:, 0])


def _convolve(x: Floats, kernel: Floats, padding: int) -> Floats:
    """Cross-correlate [N, W, H, C] with a kernel (x, y, in, out), zeros outside: all patches in one product."""
    wide, high, channels, out = kernel.shape
    n, width, height, _ = x.shape
    padded = np.zeros((n, width + 2 * padding, height + 2 * padding, channels), x.dtype)
    padded[:, padding : padding + width, padding : padding + height] = x
    across, down = width + 2 * padding - wide + 1, height + 2 * padding - high + 1
    s = padded.strides
    patches = np.lib.stride_tricks.as_strided(
        padded, (n, across, down, wide, high, channels), (s[0], s[1], s[2], s[1], s[2], s[3]), writeable=False
    )
    flat = patches.reshape(n * across * down, wide * high * channels)
    return (flat @ kernel.reshape(-1, out)).reshape(n, across, down, out)


def _leaky(x: Floats, slope: float) -> Floats:
    out: Floats = np.maximum(x, x.dtype.type(slope) * x)
    return out


class Partner:
    """A trained partner as a function from an observation to six action logits; give it to `PolicyAgent`.

    `policy/sp` and `policy/ppo_bc` pick the file of the kitchen that they meet first; any other name is one file, and
    meeting another kitchen than it was trained in raises BadInput.
    """

    def __init__(self, name: str, *, exact: bool = False) -> None:
        self.name = name
        self._exact = exact
        self._chosen: tuple[Layout, Network] | None = None
        self._any_layout = name in KINDS
        if not self._any_layout:
            self._network, self._home = read_network(find_partner(name), exact=exact)

    def __call__(self, observation: Observation) -> Floats:
        """The logits of the acting seat, in the order of the primitives."""
        logits: Floats = self.evaluate(observation).logits[0]
        return logits

    def evaluate(self, observation: Observation) -> Output:
        """Logits [1, 6] and value [1] of one observation."""
        view = observation.view
        if not isinstance(view, Kitchen):
            raise BadInput(f"policy/{self.name} plays Overcooked only; seat another agent in this world")
        return self.network_for(view.layout)(encode(view, observation.seat)[None])

    def network_for(self, layout: Layout) -> Network:
        """The network for this kitchen; raises BadInput if it was trained in another one."""
        if self._chosen is None or self._chosen[0] is not layout:
            self._chosen = layout, self._choose(layout)
        return self._chosen[1]

    def _choose(self, layout: Layout) -> Network:
        if self._any_layout:
            name = ALIASES.get(layout.name, layout.name)
            network, home = read_network(find_partner(f"{_FILE_NAMES.get(name, name)}_{self.name}"), exact=self._exact)
        else:
            network, home = self._network, self._home
        if home is not None and home.rows != layout.rows:
            raise BadInput(
                f"policy/{self.name} was trained in {home.name}, not in {layout.name}; "
                "use policy/sp or policy/ppo_bc to get the policy of the kitchen, where there is one"
            )
        if not network.fits(layout.width, layout.height):
            raise BadInput(f"policy/{self.name} does not fit a kitchen of {layout.width} by {layout.height} cells")
        return network


def load_partner(name: str, *, exact: bool = False) -> Partner:
    """Find a trained partner: `policy/NAME` or NAME, where NAME is a kind, a file of the recorded data, or a path.

    Kinds are `sp` and `ppo_bc` (the file of the kitchen is picked at the first observation); files may be named with
    their kitchen under any alias and without their ending: `policy/cramped_room_sp`. Raises BadInput if there is none.
    """
    return Partner(name.removeprefix("policy/").removesuffix(".npz") or name, exact=exact)


def partner_names() -> list[str]:
    """The partners at hand, as a user types them; empty where the recorded data are absent."""
    folder = data_folder("overcooked/partners")
    files = sorted(path.stem for path in folder.glob("*.npz")) if folder else []
    return [f"policy/{name}" for name in (*KINDS, *files)] if files else []


def find_partner(name: str) -> Path:
    """The file of a partner. Raises BadInput, naming those at hand, if there is none."""
    direct = Path(name if name.endswith(".npz") else f"{name}.npz")
    if direct.is_file():
        return direct
    layout, kind = _split(name)
    wanted = f"{_FILE_NAMES.get(layout, layout)}_{kind}" if kind else direct.stem
    folder = data_folder("overcooked/partners")
    if folder is None or (folder / f"{wanted}.npz").is_file():
        return data_file("overcooked", f"partners/{wanted}.npz")
    known = ", ".join(partner_names()) or "none"
    raise BadInput(f"there is no trained partner policy/{name}; at hand are {known}, or give the path of an .npz file")


def _split(name: str) -> tuple[str, str]:
    """Kitchen (canonical name) and kind of a partner's name; an empty kind if it ends in none."""
    for kind in KINDS:
        if name.endswith(f"_{kind}"):
            layout = name.removesuffix(f"_{kind}")
            return ALIASES.get(layout, layout), kind
    return name, ""


def read_network(path: Path, *, exact: bool = False) -> tuple[Network, Layout | None]:
    """Read a policy file, and the kitchen that its name says it belongs to (None if it says none).

    Raises CorruptRecord if it does not hold the arrays of a policy.
    """
    try:
        with np.load(io.BytesIO(path.read_bytes()), allow_pickle=False) as stored:
            arrays = {key: stored[key] for key in stored.files}
    except Exception as error:  # numpy, zipfile and zlib each raise their own
        raise CorruptRecord(f"the policy file {path} cannot be read: {error}") from error
    layout, kind = _split(path.stem)
    try:
        home = load_layout(layout) if kind else None
    except BadInput:
        home = None
    return Network(arrays, path.stem, exact=exact), home
