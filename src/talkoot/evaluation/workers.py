"""One way to get many jobs done: `map_jobs`, in this process where models are waited for, in several where it computes.

A job is a small picklable value, the function an async one that can be pickled; what it gives back is small too. What
is large lies on disk by then.
"""

from __future__ import annotations

import asyncio
import multiprocessing
import pickle
import signal
import traceback
from collections import deque
from collections.abc import Awaitable, Callable, Sequence
from multiprocessing import resource_tracker
from multiprocessing.connection import Connection, wait
from typing import Any, TypeVar

from talkoot.errors import BudgetSpent, ModelFailed, TalkootError
from talkoot.orphans import end_with_parent

J = TypeVar("J")
R = TypeVar("R")

_PATIENCE = 3
"""After so many failures of a model with no success in between it is taken to be gone for good."""


class WorkerDied(TalkootError):
    """A worker process was ended from outside (out of memory, killed)."""

    exit_code = 7


def map_jobs(
    function: Callable[[J], Awaitable[R]],
    jobs: Sequence[J],
    *,
    processes: int = 1,
    at_once: int = 1,
    done: Callable[[J, R], None] | None = None,
) -> None:
    """Do all jobs and hand each result to `done` as it comes, at most `at_once` of them side by side in one process:
    in `processes` worker processes if that is more than 1, else here.

    When a budget is spent or a model keeps failing, no new job is begun, those under way go on to their end, and then
    the first such error is raised. Any other error, and Ctrl-C, stops all jobs at once; no process is left behind,
    also if this one is killed. Raises WorkerDied if a worker process is killed from outside.
    """
    done = done or (lambda job, result: None)
    failures = _Failures()
    if processes > 1 and len(jobs) > 1:
        _map_processes(function, jobs, min(processes, len(jobs)), at_once, done, failures)
    else:
        asyncio.run(_map_here(function, jobs, at_once, done, failures))
    failures.tell()


class _Failures:
    """The models' failures so far, and whether to begin further jobs in spite of them."""

    def __init__(self) -> None:
        self.first: TalkootError | None = None
        self.count = 0
        self._row = 0
        self.stop = False

    def add(self, error: BaseException) -> None:
        """Take note of a failure; raises it if it is not a model's."""
        if not isinstance(error, BudgetSpent | ModelFailed):
            raise error
        self.first = self.first or error
        self.count += 1
        self._row += 1
        self.stop = self.stop or isinstance(error, BudgetSpent) or self._row >= _PATIENCE

    def success(self) -> None:
        """Take note of a job that was done."""
        self._row = 0

    def tell(self) -> None:
        """Raise the first failure, if there was one."""
        if self.first is not None:
            raise self.first


async def _map_here(
    function: Callable[[J], Awaitable[R]],
    jobs: Sequence[J],
    at_once: int,
    done: Callable[[J, R], None],
    failures: _Failures,
) -> None:
    waiting = deque(jobs)
    running: dict[asyncio.Future[R], J] = {}
    try:
        while True:
            while waiting and len(running) < at_once and not failures.stop:
                job = waiting.popleft()
                running[asyncio.ensure_future(function(job))] = job
            if not running:
                return
            finished, _ = await asyncio.wait(running, return_when=asyncio.FIRST_COMPLETED)
            for task in finished:
                job = running.pop(task)
                error = task.exception()
                if error is not None:
                    failures.add(error)
                else:
                    failures.success()
                    done(job, task.result())
    finally:
        for task in running:
            task.cancel()
        await asyncio.gather(*running, return_exceptions=True)


def _map_processes(
    function: Callable[[J], Awaitable[R]],
    jobs: Sequence[J],
    processes: int,
    at_once: int,
    done: Callable[[J, R], None],
    failures: _Failures,
) -> None:
    context = multiprocessing.get_context("spawn")  # a forked numba or thread pool is not to be trusted
    waiting = deque(enumerate(jobs))
    workers: dict[Connection, Any] = {}
    doing: dict[Connection, dict[int, J]] = {}
    try:
        # Ctrl-C reaches the whole group, but the parent decides: workers inherit that it is blocked. The resource
        # tracker comes first because its start would end the blocking.
        resource_tracker.ensure_running()
        signal.pthread_sigmask(signal.SIG_BLOCK, {signal.SIGINT})
        try:
            for _ in range(processes):
                here, there = context.Pipe()
                worker = context.Process(target=_serve, args=(function, there), daemon=True)
                worker.start()
                there.close()
                workers[here], doing[here] = worker, {}
        finally:
            signal.pthread_sigmask(signal.SIG_UNBLOCK, {signal.SIGINT})
        while True:
            while waiting and not failures.stop:
                pipe = min(doing, key=lambda pipe: len(doing[pipe]))
                if len(doing[pipe]) >= at_once:
                    break
                number, job = waiting.popleft()
                doing[pipe][number] = job
                pipe.send((number, job))
            if not any(doing.values()):
                return
            ready = wait(list(doing))
            for pipe in [pipe for pipe in doing if pipe in ready]:
                try:
                    number, good, result = pipe.recv()
                except (EOFError, OSError):
                    workers[pipe].join(1)
                    raise WorkerDied(
                        f"a worker process died (exit code {workers[pipe].exitcode}) while it did "
                        f"{next(iter(doing[pipe].values()), 'nothing')}; run the same command again, with fewer "
                        "workers if memory is short"
                    ) from None
                job = doing[pipe].pop(number)
                if good:
                    failures.success()
                    done(job, result)
                else:
                    failures.add(result)
    finally:
        for pipe, worker in workers.items():
            pipe.close()
            worker.terminate()
        for worker in workers.values():
            worker.join(5)
            if worker.is_alive():
                worker.kill()
                worker.join()


def _serve(function: Callable[[Any], Awaitable[Any]], pipe: Connection) -> None:
    """Live as a worker process, in one event loop."""
    end_with_parent()
    asyncio.run(_serve_jobs(function, pipe))


async def _serve_jobs(function: Callable[[Any], Awaitable[Any]], pipe: Connection) -> None:
    """Take (number, job) from the pipe and send back (number, True, result) or (number, False, error)."""
    loop = asyncio.get_running_loop()
    over = asyncio.Event()
    tasks: set[asyncio.Task[None]] = set()

    async def do(number: int, job: Any) -> None:
        try:
            answer = number, True, await function(job)
        except asyncio.CancelledError:
            raise
        except BaseException as error:
            answer = number, False, _portable(error)
        try:
            pipe.send(answer)
        except OSError:
            over.set()

    def take() -> None:
        try:
            number, job = pipe.recv()
        except (EOFError, OSError):
            loop.remove_reader(pipe.fileno())
            over.set()
            return
        task = loop.create_task(do(number, job))
        tasks.add(task)
        task.add_done_callback(tasks.discard)

    loop.add_reader(pipe.fileno(), take)
    await over.wait()


def _portable(error: BaseException) -> BaseException:
    """The error itself if it survives the way to the parent process, else one that tells it with its traceback."""
    try:
        if isinstance(pickle.loads(pickle.dumps(error)), TalkootError | OSError):
            return error
    except Exception:  # an error whose constructor wants more than its message
        pass
    return RuntimeError("in a worker process:\n" + "".join(traceback.format_exception(error)))
