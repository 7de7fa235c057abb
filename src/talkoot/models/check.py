"""`check_model`: the conformance test of the Model contract, for every model that talkoot or a user brings."""

from __future__ import annotations

import asyncio
from inspect import isawaitable

from talkoot.episode import run_sync
from talkoot.errors import BudgetSpent, ModelFailed
from talkoot.model import Model, Reply, Request, Turn


def check_model(
    model: Model,
    *,
    purposes: tuple[str, ...] = ("check/echo",),
    messages: tuple[Turn, ...] = (Turn("system", "Answer briefly."), Turn("user", "Which vegetable makes you cry?")),
    deterministic: bool = False,
    parallel: int = 8,
    long: int = 20_000,
) -> None:
    """Ask the model what any model must answer; raises AssertionError that says which rule of the contract is broken.

    Under every one of `purposes` it asks `messages`, then the same with odd Unicode, with `long` more characters, and
    with `parallel` calls at once, in two event loops one after the other. A model may decline with ModelFailed or
    BudgetSpent the odd and the long prompts, but not `messages`. If `deterministic`, equal requests at temperature 0
    must get equal replies. Models that read only certain prompts (the rulebook) need one of those as `messages`.
    """
    name = getattr(model, "name", None)
    _must(isinstance(name, str) and bool(name), f"name must be a non-empty str, not {name!r}")
    _must(isinstance(model, Model), "it must have a name and be callable")
    for purpose in purposes:
        plain = Request(purpose, messages)
        odd = "🧅\u202e e\u0301 \x00 \ud800 <|im_end|> </s> {{x}} \r\n"
        first = run_sync(_ask(model, plain, parallel))
        second = run_sync(_ask(model, plain, 1))  # another event loop
        if deterministic:
            _must(len({reply.text for reply in first + second}) == 1, "equal requests must get equal replies")
        for extra in (odd, "word " * (long // 5)):
            prompt = Request(purpose, (*messages[:-1], Turn(messages[-1].role, messages[-1].content + extra)))
            try:
                run_sync(_ask(model, prompt, 1))
            except (ModelFailed, BudgetSpent) as error:
                _must(bool(str(error)), "an error must say what is wrong")
    _must(getattr(model, "name", None) == name, "the name must not change")


async def _ask(model: Model, request: Request, count: int) -> list[Reply]:
    key = request.key()
    calls = [model(request) for _ in range(count)]
    _must(all(isawaitable(call) for call in calls), "a call must be awaitable")
    replies = await asyncio.gather(*calls)
    _must(request.key() == key, "the request must not be changed")
    for reply in replies:
        _must(isinstance(reply, Reply), f"a call must give a Reply, not {type(reply).__name__}")
        _must(isinstance(reply.text, str), f"reply.text must be a str, not {type(reply.text).__name__}")
        counts = (reply.usage.prompt_tokens, reply.usage.completion_tokens)
        _must(all(isinstance(n, int) and n >= 0 for n in counts), f"usage must be counts of tokens, not {counts}")
        _must(reply.seconds >= 0, f"reply.seconds must not be negative, but is {reply.seconds}")
    return list(replies)


def _must(holds: bool, rule: str) -> None:
    # No assert statement: the check must also hold under `python -O`.
    if not holds:
        raise AssertionError(f"check_model: {rule}")
