"""Being stopped: Ctrl-C and termination, within an event loop and without."""

from __future__ import annotations

import asyncio
import signal
from collections.abc import Iterator

import pytest

from talkoot.cli import _terminable
from talkoot.episode import _all_or_first_error, run_sync


@pytest.fixture(autouse=True)
def python_handlers() -> Iterator[None]:
    before = {number: signal.getsignal(number) for number in (signal.SIGINT, signal.SIGTERM)}
    signal.signal(signal.SIGINT, signal.default_int_handler)
    signal.signal(signal.SIGTERM, signal.SIG_DFL)
    yield
    for number, handler in before.items():
        signal.signal(number, handler)


def test_termination_cancels_what_an_event_loop_runs() -> None:
    ended: list[str] = []

    async def work() -> None:
        asyncio.get_running_loop().call_soon(signal.raise_signal, signal.SIGTERM)  # amid a callback of the loop
        try:
            await asyncio.sleep(60)
        except asyncio.CancelledError:
            ended.append("cancelled")
            raise

    with pytest.raises(KeyboardInterrupt), _terminable():
        asyncio.run(work())
    assert ended == ["cancelled"]


@pytest.mark.parametrize("pressed", [signal.default_int_handler, signal.SIG_IGN])
def test_termination_is_heard_without_an_event_loop(pressed: signal.Handlers) -> None:
    signal.signal(signal.SIGINT, pressed)
    with pytest.raises(KeyboardInterrupt), _terminable():
        signal.raise_signal(signal.SIGTERM)
    assert signal.getsignal(signal.SIGTERM) is signal.SIG_DFL


def test_a_lone_script_hears_ctrl_c() -> None:
    played = 0

    async def act() -> None:
        nonlocal played
        played += 1
        signal.raise_signal(signal.SIGINT)

    async def episode() -> None:
        for _ in range(9):
            await _all_or_first_error([act()])

    with pytest.raises(KeyboardInterrupt):
        run_sync(episode())
    assert played == 1
