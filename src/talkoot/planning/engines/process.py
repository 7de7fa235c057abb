"""Run one planner process under a limit of time and memory, and leave nothing of it behind. Source: ours."""

from __future__ import annotations

import errno
import math
import os
import select
import shutil
import signal
import subprocess
import time
from collections.abc import Callable, Sequence
from contextlib import suppress
from dataclasses import dataclass
from functools import cache
from pathlib import Path

from talkoot.errors import PlannerFailed

_LOOK = 0.1
"""Seconds between two looks of `watch`."""


@dataclass(frozen=True)
class Ended:
    """How a process ended: its exit `code` (negative: the signal that killed it), or None where we ended it, because
    its time was up or `watch` had seen enough. `seconds` is its wall time; `log` the file with all that it printed."""

    code: int | None
    seconds: float
    log: Path

    def said(self) -> str:
        """All that it printed."""
        return self.log.read_text(encoding="utf-8", errors="replace")

    def tail(self, lines: int = 5) -> str:
        """The last lines that it printed, and how it ended, for a message."""
        kept = [line.strip() for line in self.said().splitlines() if line.strip()][-lines:]
        return f"{ending(self.code)}; it said last: {' | '.join(kept) or 'nothing'}"


def ending(code: int | None) -> str:
    """An exit code in words."""
    if code is None:
        return "stopped at its limit"
    if code < 0:
        return (
            f"killed by signal {signal.Signals(-code).name}" if -code in set(signal.Signals) else f"killed by {-code}"
        )
    return f"ended with exit code {code}"


def run(
    command: Sequence[str | Path],
    folder: Path,
    *,
    seconds: float,
    memory_mb: int,
    log: str,
    stdin: Path | None = None,
    modules: Path | None = None,
    watch: Callable[[], bool] | None = None,
) -> Ended:
    """Run a command in `folder`, its output in the file `log` there, until it ends or its wall time is up.

    The process gets a group of its own, which is killed as a whole at the end, whatever ends it (Ctrl-C too). If this
    process is killed, the kernel kills the planner (`_leash`); where it cannot, the limit on CPU time ends an orphan.
    That limit and the one on memory (address space) are set from outside. `modules` is a folder for
    Python to import from. `watch` is called ten times a second and ends the process by returning True.

    Raises PlannerFailed if the program cannot be started, OSError if the folder cannot be written.
    """
    path = folder / log
    environment = dict(os.environ)
    if modules is not None:
        environment["PYTHONPATH"] = str(modules)
    with open(path, "wb") as output, open(stdin or os.devnull, "rb") as source:
        leash = _leash()
        start = time.perf_counter()
        try:
            if leash and shutil.which(command[0]) is None:  # the leash would start, and only then fail
                raise OSError(errno.ENOENT, os.strerror(errno.ENOENT))
            process = subprocess.Popen(
                [*leash, *(str(part) for part in command)],
                cwd=folder,
                stdin=source,
                stdout=output,
                stderr=subprocess.STDOUT,
                env=environment,
                start_new_session=True,
            )
        except OSError as error:
            if error.errno in (errno.ENOSPC, errno.EDQUOT):
                raise
            raise PlannerFailed(f"the planner {command[0]} cannot be started: {error.strerror}; "
                                "install the extra again: pip install 'talkoot[planning]'") from error  # fmt: skip
        try:
            _limit(process.pid, memory_mb, seconds)
            ended = _wait(process, start + seconds, watch)
        finally:
            # Before the leader is reaped its group cannot belong to anybody else.
            with suppress(ProcessLookupError):
                os.killpg(process.pid, signal.SIGKILL)
            code = process.wait()
    return Ended(code if ended else None, time.perf_counter() - start, path)


@cache
def _leash() -> tuple[str, ...]:
    """What to put in front of a command so that the kernel kills it when its parent dies, however that dies; empty
    where there is no such thing. A `preexec_fn` could do it too, but not where threads run."""
    program = shutil.which("setpriv")
    if program is None:
        return ()
    leash = (program, "--pdeathsig", "KILL", "--")
    tried = subprocess.run([*leash, "true"], stdin=subprocess.DEVNULL, capture_output=True, check=False)
    return leash if tried.returncode == 0 else ()  # busybox and old versions lack the option


def _limit(pid: int, memory_mb: int, seconds: float) -> None:
    import resource

    if hasattr(resource, "prlimit"):
        memory, cpu = memory_mb * 2**20, math.ceil(seconds) + 5
        with suppress(ProcessLookupError, PermissionError, ValueError):  # ended already, or a stricter limit holds
            resource.prlimit(pid, resource.RLIMIT_AS, (memory, memory))
            resource.prlimit(pid, resource.RLIMIT_CPU, (cpu, cpu))


def _wait(process: subprocess.Popen[bytes], deadline: float, watch: Callable[[], bool] | None) -> bool:
    """Wait until the process has ended (True) or the deadline or `watch` says stop (False), without a busy loop."""
    waiter = os.pidfd_open(process.pid) if hasattr(os, "pidfd_open") else None
    try:
        while (left := deadline - time.perf_counter()) > 0:
            pause = min(left, _LOOK) if watch else left
            if waiter is not None:
                poll = select.poll()
                poll.register(waiter, select.POLLIN)
                if poll.poll(math.ceil(pause * 1000)):
                    return True
            elif _wait_by_looking(process, pause):
                return True
            if watch is not None and watch():
                return False
        return False
    finally:
        if waiter is not None:
            os.close(waiter)


def _wait_by_looking(process: subprocess.Popen[bytes], seconds: float) -> bool:
    try:
        process.wait(seconds)
    except subprocess.TimeoutExpired:
        return False
    return True
