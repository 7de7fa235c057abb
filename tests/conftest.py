"""What every test gets: no network but loopback, recorded data or a reason to skip, and no skip that nobody expects."""

from __future__ import annotations

import ipaddress
import os
import signal
import socket
from collections.abc import Callable, Iterator
from importlib.util import find_spec
from pathlib import Path
from typing import Any

import pytest
from hypothesis import settings

settings.register_profile("talkoot", deadline=None)  # no test asserts time: machines are loaded
settings.load_profile("talkoot")

DATA_ABSENT = "recorded data absent"
PEERS_ABSENT = "peers absent"
ALLOWED_SKIPS = (DATA_ABSENT, PEERS_ABSENT)
"""The beginnings of the reasons for which a test may be skipped in CI. Any other skip is a failure there."""

for _which in (signal.SIGINT, signal.SIGHUP):
    # Whoever started the tests may have had these ignored (nohup, a job in the background), and commands that tests
    # start would inherit that. A handler, even one that does nothing, is not inherited.
    if signal.getsignal(_which) == signal.SIG_IGN:
        signal.signal(_which, lambda number, frame: None)

PEERS = ("overcooked_ai_py", "jaxmarl")


class NetworkInTest(BaseException):
    """A test reached for the network. Not an Exception, so that no retry loop or safe action can swallow it."""


def _is_loopback(host: object) -> bool:
    if isinstance(host, bytes):
        host = host.decode("ascii", "replace")
    if host in (None, "", "localhost"):
        return True
    try:
        return ipaddress.ip_address(str(host)).is_loopback
    except ValueError:
        return False


def _refuse(host: object) -> None:
    raise NetworkInTest(f"a test tried to reach {host!r}; tests may only talk to loopback (127.0.0.1, ::1, localhost)")


@pytest.fixture(autouse=True)
def no_network(monkeypatch: pytest.MonkeyPatch) -> None:
    """Let sockets reach loopback and Unix sockets only, and keep the user's own switches out of the tests."""
    real = {name: getattr(socket.socket, name) for name in ("connect", "connect_ex", "sendto")}

    def guarded(name: str) -> Callable[..., Any]:
        def call(self: socket.socket, *arguments: Any) -> Any:
            address = arguments[-1]
            if self.family in (socket.AF_INET, socket.AF_INET6) and not _is_loopback(address[0]):
                _refuse(address[0])
            return real[name](self, *arguments)

        return call

    for name in real:
        monkeypatch.setattr(socket.socket, name, guarded(name))
    look_up = socket.getaddrinfo

    def guarded_look_up(host: Any, *arguments: Any, **named: Any) -> Any:
        if not _is_loopback(host):
            _refuse(host)
        return look_up(host, *arguments, **named)

    monkeypatch.setattr(socket, "getaddrinfo", guarded_look_up)
    monkeypatch.setenv("TALKOOT_NO_NETWORK_MODELS", "loopback")  # for child processes, which have their own sockets
    for key in ("HTTP_PROXY", "HTTPS_PROXY", "ALL_PROXY", "http_proxy", "https_proxy", "all_proxy"):
        monkeypatch.delenv(key, raising=False)


@pytest.fixture
def runs(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Work in an empty folder and return where runs go there, so that a command leaves nothing in the checkout."""
    monkeypatch.chdir(tmp_path)
    return tmp_path / "runs"


@pytest.fixture
def data() -> Path:
    """The folder of recorded data; the test is skipped where there is none."""
    folder = _data_folder()
    if folder is None:
        pytest.skip(f"{DATA_ABSENT}: set TALKOOT_DATA to the folder that holds them")
    return folder


def _data_folder() -> Path | None:
    from talkoot.data import data_folder

    return data_folder()


def pytest_runtest_setup(item: pytest.Item) -> None:
    """Skip what is marked `data` or `peers` (all peers, or `peers("jaxmarl")`) where these are not at hand."""
    if item.get_closest_marker("data") and _data_folder() is None:
        pytest.skip(f"{DATA_ABSENT}: set TALKOOT_DATA to the folder that holds them")
    peers = item.get_closest_marker("peers")
    if peers:
        missing = [name for name in peers.args or PEERS if find_spec(name) is None]
        if missing:
            pytest.skip(f"{PEERS_ABSENT}: {', '.join(missing)} not installed, see make peers")


def _strict() -> bool:
    return any(os.environ.get(name, "") not in ("", "0", "false") for name in ("CI", "TALKOOT_STRICT_SKIPS"))


def _judge_skip(report: Any) -> None:
    """Turn a skip for a reason that is not on the list into a failure, where skips are judged strictly."""
    if not report.skipped or hasattr(report, "wasxfail") or not _strict():
        return
    reason = report.longrepr[2] if isinstance(report.longrepr, tuple) else str(report.longrepr)
    reason = reason.removeprefix("Skipped: ")
    if not reason.startswith(ALLOWED_SKIPS):
        report.outcome = "failed"
        report.longrepr = f"unexpected skip: {reason!r}; allowed reasons begin with {', '.join(ALLOWED_SKIPS)}"


@pytest.hookimpl(wrapper=True)
def pytest_runtest_makereport(item: pytest.Item) -> Iterator[None]:
    """Judge the skips of tests."""
    report = yield
    _judge_skip(report)
    return report  # type: ignore[return-value]


@pytest.hookimpl(wrapper=True)
def pytest_make_collect_report(collector: pytest.Collector) -> Iterator[None]:
    """Judge the skips of whole files."""
    report = yield
    _judge_skip(report)
    return report  # type: ignore[return-value]
