"""The terminal's side of a seat that a person takes: questions are printed, a line is read, others go on thinking."""

from __future__ import annotations

import asyncio
import os
import sys
from typing import TYPE_CHECKING

from talkoot.events import Acted, Event, Stepped

if TYPE_CHECKING:
    from rich.console import Console, RenderableType

    from talkoot.agents.human import Question
    from talkoot.replay.terminal import Onlooker
    from talkoot.types import Seat


class Terminal:
    """Prints what a person must know and reads what it types. `seats` are those that persons hold.

    `picture` draws the moment above each question; only for worlds that hide nothing from anybody.
    """

    def __init__(self, console: Console, seats: frozenset[Seat], picture: Onlooker | None = None) -> None:
        self._console, self._seats, self._picture = console, seats, picture
        self._lines = Lines()
        self._asked: Question | None = None
        self._did: dict[Seat, str] = {}

    def tell(self, question: Question) -> None:
        """Print a question; of one that is asked again only what is new."""
        from rich.text import Text

        out, before = self._console, self._asked
        again = before is not None and (before.seat, before.t) == (question.seat, question.t)
        if not again:
            self._tell_moment(question)
        for line in question.news:
            out.print(Text(shown(line), style="yellow"))
        if not again or before is None or before.choices != question.choices:
            for number, choice in enumerate(question.choices, 1):
                out.print(Text.assemble((f"{number:>4}  ", "bold cyan"), shown(choice)))
            if not question.choices:
                out.print(Text("      there is nothing to choose now; type wait, or actions", style="dim"))
            doing = f"Enter goes on with {question.doing}; " if question.doing else ""
            say = f"say TEXT (up to {question.limit}); " if question.say else ""
            out.print(Text(f"({doing}{say}help, quit)", style="dim"))
        out.print(Text("> ", style="bold"), end="")
        self._asked = question
        self._did.clear()

    def _tell_moment(self, question: Question) -> None:
        """Print what a person sees and has heard."""
        from rich.padding import Padding
        from rich.rule import Rule
        from rich.text import Text

        out = self._console
        out.print(Rule(Text(f"{question.name}, step {question.t}"), style="cyan", align="left"))
        if self._asked is None:
            out.print(Text(question.task, style="bold"))
            out.print(Text("Type a number and Enter; help tells what else there is.", style="dim"))
        if self._picture is not None:
            out.print(self._draw(self._picture))
        else:
            out.print(Padding(Text(question.words), (0, 0, 0, 2)))
        for name, text in question.heard:
            out.print(Text.assemble((f"{name}: ", "bold magenta"), shown(text)))

    def _draw(self, onlooker: Onlooker) -> RenderableType:
        """The world at this moment, without what the others think."""
        from rich.text import Text

        from talkoot.replay.terminal import DRAWINGS

        setting = onlooker.started.setting if onlooker.started is not None else None
        draw = DRAWINGS.get(str(setting.get("kind"))) if isinstance(setting, dict) else None
        return draw(setting, onlooker.scene) if draw is not None else Text()

    async def hear(self) -> str | None:
        """The next line, None at the end of the input."""
        line = await self._lines.read()
        if not sys.stdin.isatty():  # what is typed shows by itself
            self._console.print(shown(line) if line is not None else "", markup=False)
        return line

    def see(self, event: Event) -> None:
        """Print what a person's seat did, and why it did not work."""
        from rich.text import Text

        if isinstance(event, Acted) and event.seat in self._seats:
            if event.action == self._did.get(event.seat) and not event.say:
                return
            self._did[event.seat] = event.action
            said = f"  “{shown(event.say)}”" if event.say else ""
            self._console.print(Text(f"{event.t:>4}  {event.action}{said}", style="green"))
        elif isinstance(event, Stepped):
            failed = event.info.get("failed")
            for seat, reason in failed.items() if isinstance(failed, dict) else ():
                if int(seat) in self._seats:
                    self._console.print(Text(f"      that did not work: {shown(str(reason))}", style="yellow"))


def shown(text: str) -> str:
    """Words from elsewhere without what could steer a terminal."""
    return "".join(c if c.isprintable() else " " if c in "\n\t" else "·" for c in text)


class Lines:
    """Lines of standard input. Where the system allows, the event loop waits for them, so that nothing else stops."""

    def __init__(self) -> None:
        self._kept = b""
        self._ended = False

    async def read(self) -> str | None:
        """The next line without its end, None when there is no more."""
        while b"\n" not in self._kept and not self._ended:
            try:
                piece = await self._wait(sys.stdin.fileno())
            except (OSError, ValueError, NotImplementedError):  # no file, or one that cannot be waited for
                line = sys.stdin.readline()
                return line.rstrip("\r\n") if line else None
            self._ended = not piece
            self._kept += piece
        line, end, self._kept = self._kept.partition(b"\n")
        return line.decode(errors="replace").rstrip("\r") if line or end else None

    async def _wait(self, descriptor: int) -> bytes:
        loop = asyncio.get_running_loop()
        ready: asyncio.Future[bytes] = loop.create_future()

        def take() -> None:
            if not ready.done():
                try:
                    ready.set_result(os.read(descriptor, 65536))
                except OSError as error:  # the terminal is gone
                    ready.set_exception(EOFError(str(error)))

        loop.add_reader(descriptor, take)
        try:
            return await ready
        except EOFError:
            return b""
        finally:
            loop.remove_reader(descriptor)
