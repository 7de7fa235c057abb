"""The command line: one file per command, errors told in one line, exit codes that mean something."""

from __future__ import annotations

import errno
import json
import os
import sys
from importlib import import_module

import typer

from talkoot.errors import TalkootError

COMMANDS: tuple[str, ...] = ("bench", "eval", "models", "play", "replay", "verify", "worlds")

app = typer.Typer(
    name="talkoot",
    help="Teams of agents that perceive, talk, plan, check each other's reasoning and act together.",
    no_args_is_help=True,
    add_completion=False,
    pretty_exceptions_enable=False,
    rich_markup_mode="rich",
)
app.callback()(lambda: None)  # with a callback, a lone command keeps its name
for _name in COMMANDS:
    app.command(_name)(import_module(f"talkoot.cli.{_name}").command)


def main() -> None:
    """Run the command line. A fault that the user can mend ends in one message on standard error and an exit code."""
    try:
        code = app(standalone_mode=False)
    except TalkootError as error:
        _fail(str(error), error.exit_code)
    except KeyboardInterrupt:
        _fail("stopped; everything finished so far is on disk, the same command goes on from there", 130)
    except OSError as error:
        if isinstance(error, BrokenPipeError):
            os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
            sys.exit(1)
        if error.errno != errno.ENOSPC:
            raise
        _fail(f"no space left on the disk{f' for {error.filename}' if error.filename else ''}; "
              "free some and run the same command again, finished episodes are kept", 6)  # fmt: skip
    except Exception as error:
        # typer and click keep their usage errors in a class that has an exit code and can show itself.
        if hasattr(error, "exit_code") and hasattr(error, "show"):
            error.show()
            sys.exit(error.exit_code)
        if type(error).__name__ in ("Abort", "Exit"):
            sys.exit(getattr(error, "exit_code", 1))
        raise
    sys.exit(code if isinstance(code, int) else 0)


def _fail(message: str, code: int) -> None:
    print(f"talkoot: {message}", file=sys.stderr)
    if "--json" in sys.argv:
        print(json.dumps({"error": message}))
    sys.exit(code)


def print_json(value: object) -> None:
    """Print the one JSON object of a command that was called with `--json`."""
    print(json.dumps(value, ensure_ascii=False))
