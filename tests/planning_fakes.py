"""Models that answer as a test says, and a small task whose problem is known."""

from __future__ import annotations

from collections.abc import Callable, Iterable

from talkoot.model import Reply, Request, Usage

TASK = """There are 3 blocks and one arm.
The blocks are called b1, b2 and b3.
b1 is on the table.
b2 is on b1.
b3 is on the table.
The arm is empty.
The goal is to rebuild the towers.
b1 should be on b3.
"""

OBJECTS = "(:objects b1 b2 b3)"
INIT = "(:init (on-table b1) (on b2 b1) (on-table b3) (clear b2) (clear b3) (arm-empty))"
GOAL = "(:goal (and (on b1 b3)))"


def problem(objects: str = OBJECTS, init: str = INIT, goal: str = GOAL) -> str:
    """The problem of the task, or one with other parts."""
    return f"(define (problem towers)\n(:domain blocksworld-4ops)\n{objects}\n{init}\n{goal}\n)\n"


class Scripted:
    """Gives its answers one after the other; the last one again and again, or by a function of the request."""

    name = "scripted"

    def __init__(self, answers: Iterable[str] | Callable[[Request], str]) -> None:
        self.answers = answers if callable(answers) else list(answers)
        self.requests: list[Request] = []

    async def __call__(self, request: Request) -> Reply:
        self.requests.append(request)
        if callable(self.answers):
            text = self.answers(request)
        else:
            text = self.answers[min(len(self.requests), len(self.answers)) - 1]
        return Reply(text, Usage(10, 5))

    def prompt(self, number: int) -> str:
        """What the user's last turn said in the n-th request, from 0."""
        return self.requests[number].messages[-1].content
