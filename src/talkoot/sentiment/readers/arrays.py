"""What readers share: raw arrays become features and masks, and files appear whole or not at all."""

from __future__ import annotations

import os
from collections.abc import Callable
from pathlib import Path
from typing import Any, BinaryIO

import numpy as np
from numpy.typing import NDArray

from talkoot.disk import named
from talkoot.errors import BadInput
from talkoot.sentiment.samples import Floats, Marks

MENDED = "numbers that are not finite set to 0"
"""The word for it in the source of samples."""


def features(where: str, raw: Any, mask: NDArray[Any] | None = None) -> tuple[Floats, Marks, str]:
    """Raw numbers [N, T, d] as features, mask [N, T], and a word on what was mended ("" where nothing was).

    Without a mask a step counts where any of its numbers is not 0 (zero rows are how the field pads). Numbers that are
    NaN or infinite become 0; a step that has no other numbers is masked. Features are 0 where masked. Raises BadInput,
    naming `where`, for other shapes and kinds.
    """
    array = np.asarray(raw)
    if array.dtype.kind not in "fiub" or array.ndim != 3 or 0 in array.shape[1:]:
        raise BadInput(
            f"{where} is an array of shape {array.shape} and type {array.dtype}; "
            "numbers of shape [samples, steps, width] are wanted"
        )
    with np.errstate(over="ignore"):
        x = array.astype(np.float32)  # a copy, which is mended in place
    if mask is not None and (mask.shape != x.shape[:2]):
        raise BadInput(f"{where} has the shape {x.shape}, its mask {mask.shape}; the first two numbers must agree")
    if mask is not None and mask.dtype.kind not in "fiub":
        raise BadInput(f"{where}: its mask is of type {mask.dtype}; give true and false, or 1 and 0")
    finite = np.isfinite(x)
    known = (x != 0).any(-1) if mask is None else mask.astype(np.bool_)
    marks: Marks = known & finite.any(-1)
    bad = int((~finite & known[..., None]).sum())
    x[~finite] = 0
    x[~marks] = 0
    word = ""
    if bad:
        gone = int((known & ~marks).sum())
        word = f"{where}: {bad} {MENDED}" + (f", {gone} steps masked" if gone else "")
        dead = np.flatnonzero(~(finite & marks[..., None]).any((0, 1)))
        if len(dead) and marks.any():
            word += f", columns that are never finite: {', '.join(str(column) for column in dead[:8])}"
            word += f" and {len(dead) - 8} more" if len(dead) > 8 else ""
    return x, marks, word


def mended(source: str) -> list[str]:
    """What `features` mended of samples with this source."""
    return [word for word in source.split("; ") if MENDED in word]


def bound_of(labels: list[NDArray[Any]]) -> float:
    """The bound of labels that no file states: 1 where all are in [-1, 1] (SIMS), else 3 (MOSI, MOSEI)."""
    highest = max(
        (float(np.nanmax(np.abs(one))) for one in labels if one.size and not np.isnan(one).all()), default=3.0
    )
    return 1.0 if highest <= 1 else 3.0


def write_whole(path: Path, write: Callable[[BinaryIO], None]) -> None:
    """Let `write` fill a file that appears under its name only when it is whole. Raises OSError naming the file."""
    path.parent.mkdir(parents=True, exist_ok=True)
    part = path.with_name(path.name + ".part")
    try:
        with named(path), part.open("wb") as file:
            write(file)
        os.replace(part, path)
    finally:
        part.unlink(missing_ok=True)


def existing(path: Path, what: str) -> Path:
    """The path, which must be a file. Raises BadInput otherwise."""
    if not path.is_file():
        raise BadInput(f"{path}: {'this is a folder' if path.is_dir() else 'there is no such file'}; name {what}")
    return path
