"""One process at a time writes to a folder. Source: ours."""

from __future__ import annotations

import fcntl
import os
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from talkoot.errors import BadInput

PATIENCE = 5.0
"""Seconds to wait for a lock: a dying process may still hold it, or one that is done soon."""


def take_lock(folder: Path) -> int:
    """Lock a folder by its file `lock`, and return the handle: closing it lets go, and so does the end of the process.

    Raises BadInput if another process keeps it, OSError if the file cannot be written.
    """
    lock = os.open(folder / "lock", os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o666)
    end = time.monotonic() + PATIENCE
    while True:
        try:
            fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
            break
        except BlockingIOError:
            holder = os.pread(lock, 32, 0).decode("ascii", "replace").strip()
            if time.monotonic() > end or holder == str(os.getpid()):
                os.close(lock)
                raise BadInput(
                    f"{folder} is being written by another process ({holder}); wait for it, end it, "
                    "or choose another run folder"
                ) from None
            time.sleep(0.05)
    try:
        os.ftruncate(lock, 0)
        os.pwrite(lock, f"{os.getpid()}\n".encode(), 0)
    except OSError as error:
        os.close(lock)
        raise OSError(error.errno, error.strerror, str(folder / "lock")) from error
    return lock


@contextmanager
def held(folder: Path) -> Iterator[None]:
    """Create a folder if need be and lock it for the block. Raises as `take_lock` does."""
    folder.mkdir(parents=True, exist_ok=True)
    lock = take_lock(folder)
    try:
        yield
    finally:
        os.close(lock)
