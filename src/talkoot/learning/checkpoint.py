"""Checkpoints of a training run: weights, optimizer and counters in one file that is either the old or the new one."""

from __future__ import annotations

import hashlib
import io
import json
import os
import pickle
import struct
from pathlib import Path
from typing import Any

import torch

from talkoot.disk import named
from talkoot.errors import BadInput


def identity(*parts: Any) -> str:
    """A hash of what a run was started with (things that JSON can tell; others by their `str`)."""
    told = json.dumps(parts, sort_keys=True, default=str)
    return hashlib.blake2b(told.encode("utf-8", "surrogatepass"), digest_size=16).hexdigest()


def save_checkpoint(path: Path, run: str, state: dict[str, Any]) -> None:
    """Write `state` (tensors, numbers, texts, lists and dicts of these) of the run with this identity."""
    buffer = io.BytesIO()  # torch hides the reason where a disk is full
    torch.save({"run": run, "state": state}, buffer)
    path.parent.mkdir(parents=True, exist_ok=True)
    part = path.with_name(path.name + ".part")
    with named(part), part.open("wb") as file:
        file.write(buffer.getvalue())
        file.flush()
        os.fsync(file.fileno())
    os.replace(part, path)


def load_checkpoint(path: Path, run: str, device: Any) -> dict[str, Any] | None:
    """The state that was saved; None where there is no file.

    Raises BadInput if the file belongs to a run with other settings, data or seed, or is not readable.
    """
    try:
        saved: dict[str, Any] = torch.load(path, map_location=device, weights_only=True)
        found, state = saved["run"], saved["state"]
    except FileNotFoundError:
        return None
    except (RuntimeError, KeyError, TypeError, ValueError, EOFError, OSError, struct.error,
            pickle.UnpicklingError) as error:  # fmt: skip
        if isinstance(error, OSError) and error.filename is not None:
            raise
        raise BadInput(f"{path} is no checkpoint that can be read; delete it to begin again") from error
    if found != run:
        raise BadInput(
            f"{path} belongs to a run with other settings, prompts or seed; name another folder, or delete it to begin "
            "again"
        )
    return dict(state)
