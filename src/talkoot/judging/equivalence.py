"""math-verify in guarded processes: each pair has a hard time limit, and a process that hangs or dies is replaced.

math-verify's own time-outs are alarms, which work in the main thread only and swallow errors (reference 5.1); a process
that is killed from outside needs neither. The processes run `equivalence_child.py` and talk in JSON lines.
"""

from __future__ import annotations

import json
import os
import queue
import select
import subprocess
import sys
import threading
import time
from collections.abc import Sequence
from contextlib import suppress
from enum import Enum
from importlib.util import find_spec
from pathlib import Path

_START = 120.0
"""Seconds that a process has to load sympy, on a busy machine."""
_PATIENCE = 3
"""After so many starts that failed in a row, math-verify is taken not to run here."""
_RETIRE = 5000
"""Pairs after which a process is replaced: sympy keeps what it has seen."""


class Outcome(Enum):
    """What became of one comparison."""

    SAME = "same"
    DIFFERENT = "different"
    TIMEOUT = "timeout"
    CRASH = "crash"


class Missing(Exception):
    """math-verify is not installed, or not whole; says what to install."""


class Equivalence:
    """Compares answers in `workers` processes, each with `timeout` seconds for a pair and `memory_mb` of address space.

    Safe to share between threads: each borrows a process, waits for a free one. `command` starts a process that speaks
    as `equivalence_child.py` does; `start` is the seconds it has to say that it is ready.
    """

    def __init__(
        self,
        *,
        timeout: float,
        workers: int,
        memory_mb: int,
        command: Sequence[str] | None = None,
        start: float = _START,
    ) -> None:
        child = Path(__file__).with_name("equivalence_child.py")
        self._checked = command is not None
        # -P: the folder of that file must not come before the packages that it imports.
        self._command = [*(command or (sys.executable, "-P", str(child))), str(timeout), str(memory_mb)]
        self._timeout, self._start = timeout, start
        self._free: queue.LifoQueue[_Process | None] = queue.LifoQueue()  # the one used last is warm
        for _ in range(max(1, workers)):
            self._free.put(None)
        self._lock = threading.Lock()
        self._living: set[_Process] = set()
        self._failures = 0  # starts that failed since the last that did not

    def compare(self, gold: str, answer: str) -> Outcome:
        """Compare one pair, each side as mathematics between dollar signs. Raises Missing without math-verify."""
        if not self._checked and find_spec("math_verify") is None:
            raise Missing("math-verify is not installed: pip install 'talkoot[judging]'")
        process = self._free.get()
        try:
            if process is None:
                process = self._launch()
            outcome = process.ask(gold, answer, self._timeout)
            if process.asked >= _RETIRE:
                self._end(process)
                process = None
            return outcome
        except TimeoutError:
            return Outcome.TIMEOUT
        except (EOFError, OSError, ValueError):
            return Outcome.CRASH
        finally:
            if process is not None and process.spoiled:
                self._end(process)
                process = None
            self._free.put(process)

    def _launch(self) -> _Process:
        process = _Process(self._command)
        with self._lock:
            self._living.add(process)
        try:
            told = process.receive(self._start)
        except BaseException as error:
            self._end(process)
            if not isinstance(error, EOFError | OSError):
                raise
            self._failures += 1
            if self._failures < _PATIENCE:
                raise EOFError from error
            raise Missing(f"math-verify's process did not start {_PATIENCE} times in a row; is memory short?") from None
        if told != "ready":
            self._end(process)
            raise Missing(f"math-verify cannot be loaded ({told}): pip install 'talkoot[judging]'")
        self._failures = 0
        return process

    def _end(self, process: _Process) -> None:
        with self._lock:
            self._living.discard(process)
        process.end()

    def close(self) -> None:
        """End all processes; a comparison under way counts as crashed."""
        with self._lock:
            living = list(self._living)
        for process in living:
            process.kill()  # whoever waits for it reads its end and clears it away
        idle = []
        with suppress(queue.Empty):
            while True:
                idle.append(self._free.get_nowait())
        for one in idle:
            if one is not None:
                self._end(one)
            self._free.put(None)


class _Process:
    """One process and the lines it says. `spoiled`: it is behind or gone, and must not be asked again."""

    def __init__(self, command: Sequence[str]) -> None:
        self._process = subprocess.Popen(
            command,
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.DEVNULL,
            start_new_session=True,  # Ctrl-C is not for it
            bufsize=0,
        )
        assert self._process.stdin is not None
        assert self._process.stdout is not None
        self._into, self._out = self._process.stdin, self._process.stdout
        self._read = b""
        self.asked = 0
        self.spoiled = False

    def ask(self, gold: str, answer: str, seconds: float) -> Outcome:
        """Compare a pair. Raises TimeoutError, or EOFError or OSError where the process is gone."""
        self.spoiled = True
        line = json.dumps([f"${gold}$", f"${answer}$"]) + "\n"
        self._into.write(line.encode("ascii"))
        told = self.receive(seconds)
        self.spoiled = False
        self.asked += 1
        return Outcome(told)

    def receive(self, seconds: float) -> str:
        """The next line that it says, a JSON string."""
        end = time.monotonic() + seconds
        poll = select.poll()
        poll.register(self._out.fileno(), select.POLLIN | select.POLLHUP)
        while b"\n" not in self._read:
            left = end - time.monotonic()
            if left <= 0 or not poll.poll(1000 * left):
                raise TimeoutError
            part = os.read(self._out.fileno(), 65536)
            if not part:
                raise EOFError
            self._read += part
        line, _, self._read = self._read.partition(b"\n")
        return str(json.loads(line))

    def kill(self) -> None:
        """Kill it, and leave the clearing away to whoever uses it."""
        self.spoiled = True
        with suppress(ProcessLookupError):
            self._process.kill()

    def end(self) -> None:
        """Kill it and leave nothing of it behind."""
        self.kill()
        self._process.wait()
        with suppress(OSError):
            self._into.close()
        self._out.close()
