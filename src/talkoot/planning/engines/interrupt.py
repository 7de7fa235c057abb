"""Ending a planner that is waited for inside an event loop."""

from __future__ import annotations

import signal
import sys
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from types import FrameType


@contextmanager
def interruptible() -> Iterator[None]:
    """Within the block Ctrl-C raises KeyboardInterrupt and termination SystemExit at once, so that whoever waits for a
    process can end it on the way out.

    An event loop would note Ctrl-C and wait for the block to end by itself, and a worker process that is terminated
    would leave its planner behind. Who handles termination in another way already goes on doing so. Outside the main
    thread signals do not arrive, and nothing is changed.
    """
    if threading.current_thread() is not threading.main_thread():
        yield
        return
    wanted: dict[int, Callable[[int, FrameType | None], None]] = {signal.SIGINT: signal.default_int_handler}
    if signal.getsignal(signal.SIGTERM) is signal.SIG_DFL:
        wanted[signal.SIGTERM] = _exit
    before = {number: signal.signal(number, handler) for number, handler in wanted.items()}
    try:
        yield
    finally:
        for number, handler in before.items():
            signal.signal(number, handler)


def _exit(number: int, frame: FrameType | None) -> None:
    sys.exit(128 + number)
