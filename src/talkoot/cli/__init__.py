"""The command line: one file per command, errors told in one line, exit codes that mean something."""

from __future__ import annotations

import errno
import json
import os
import signal
import sys
import threading
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from importlib import import_module
from pathlib import Path
from types import FrameType
from typing import Any

import typer
from typer.core import TyperGroup

from talkoot.errors import BadInput, Stopped, TalkootError

COMMANDS: tuple[str, ...] = (
    "bench",
    "domains",
    "eval",
    "judge",
    "models",
    "plan",
    "play",
    "replay",
    "sentiment",
    "verify",
    "worlds",
)

_STOPPED = "stopped; what is on disk is kept"


class _Group(TyperGroup):
    """Says that it was stopped where a command did not say so itself: typer would end without a word."""

    def invoke(self, ctx: Any) -> Any:
        """Run the command that was asked for."""
        try:
            return super().invoke(ctx)
        except KeyboardInterrupt:
            raise Stopped(_STOPPED) from None


app = typer.Typer(
    name="talkoot",
    cls=_Group,
    help="Teams of agents that perceive, talk, plan, check each other's reasoning and act together.",
    no_args_is_help=True,
    add_completion=False,
    pretty_exceptions_enable=False,
    rich_markup_mode="rich",
)
app.callback()(lambda: None)  # with a callback, a lone command keeps its name
for _name in COMMANDS:
    _module = import_module(f"talkoot.cli.{_name}")
    if hasattr(_module, "group"):  # a folder of commands
        app.add_typer(_module.group, name=_name)
    else:
        app.command(_name)(_module.command)


def main() -> None:
    """Run the command line. A fault that the user can mend ends in one message on standard error and an exit code."""
    try:
        with _terminable():
            code = app(standalone_mode=False)
            if sys.stdout is not None:
                sys.stdout.flush()  # a full disk shows here at the latest, not when the interpreter ends
    except TalkootError as error:
        _fail(str(error), error.exit_code)
    except KeyboardInterrupt:
        _fail(_STOPPED, Stopped.exit_code)
    except OSError as error:
        if isinstance(error, BrokenPipeError):
            _drop_output()
            sys.exit(1)
        message, exit_code = explain(error)
        _fail(message, exit_code)
    except Exception as error:
        # typer and click keep their usage errors in a class that has an exit code and can show itself.
        if hasattr(error, "exit_code") and hasattr(error, "show"):
            error.show()
            if "--json" in sys.argv and hasattr(error, "format_message"):
                print_json({"error": error.format_message()})
            sys.exit(error.exit_code)
        if type(error).__name__ in ("Abort", "Exit"):
            sys.exit(getattr(error, "exit_code", 1))
        raise
    sys.exit(code if isinstance(code, int) else 0)


@contextmanager
def _terminable() -> Iterator[None]:
    """Within the block termination (SIGTERM, or the terminal's end) is what Ctrl-C is: whoever is at work ends its
    processes, says what is kept, and the exit code is 130."""
    if threading.current_thread() is not threading.main_thread():
        yield
        return
    signals = [number for number in (signal.SIGTERM, signal.SIGHUP) if signal.getsignal(number) is signal.SIG_DFL]

    def stop(number: int, frame: FrameType | None) -> None:
        for each in signals:  # `timeout` and others send it twice, and cleaning up should not be disturbed
            signal.signal(each, signal.SIG_IGN)
        pressed = signal.getsignal(signal.SIGINT)
        if not callable(pressed):  # Ctrl-C is ignored, as in a job in the background
            raise KeyboardInterrupt
        pressed(signal.SIGINT, frame)  # an event loop's cancels what it runs, and leaves its callbacks in peace

    for each in signals:
        signal.signal(each, stop)
    try:
        yield
    finally:
        for each in signals:
            signal.signal(each, signal.SIG_DFL)


def explain(error: OSError) -> tuple[str, int]:
    """A failure of the disk or of a path as one message and an exit code; one without a path is raised again."""
    if error.errno in (errno.ENOSPC, errno.EDQUOT):
        return (f"no space left on the disk{f' for {error.filename}' if error.filename else ''}; "
                "free some and run the same command again, what is finished is kept", 6)  # fmt: skip
    if error.filename is None:
        raise error
    return f"{os.fsdecode(error.filename)}: {error.strerror or error}; name another path, or mend this one", 2


def check_target(option: str, path: Path, endings: tuple[str, ...] = ()) -> None:
    """Make sure, before anything is played, that a file can be written at `path`, which `option` named.

    Raises BadInput if it has none of the endings, is a folder, or lies where nothing can be written.
    """
    if path.is_dir():
        raise BadInput(f"{option} {path} is a folder; name a file in it, such as {path / ('out' + (*endings, '')[0])}")
    if endings and path.suffix.lower() not in endings:
        raise BadInput(f"{option} {path} has none of the endings {', '.join(endings)}; name a file such as "
                       f"{path.with_suffix(endings[0]) if path.name else 'out' + endings[0]}")  # fmt: skip
    folder = next(parent for parent in path.absolute().parents if parent.exists())
    if not folder.is_dir():
        raise BadInput(f"{option} {path}: {folder} is a file, not a folder; name another path")
    if not os.access(path if path.exists() else folder, os.W_OK):
        raise BadInput(f"{option} {path}: no permission to write there; name another path")


def _fail(message: str, code: int) -> None:
    with suppress(OSError):
        print(f"talkoot: {message}", file=sys.stderr)
    try:
        if "--json" in sys.argv:
            print_json({"error": message})
        elif sys.stdout is not None:
            sys.stdout.flush()
    except OSError:  # where it leads may be what is full
        _drop_output()
    sys.exit(code)


def _drop_output() -> None:
    """What is left to be printed can go nowhere; the interpreter would try once more when it ends, and complain."""
    os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())


def print_json(value: object) -> None:
    """Print the one JSON object of a command that was called with `--json`."""
    print(json.dumps(value, ensure_ascii=False), flush=True)
