"""The dialect of real checkpoints: instructions in words, laid out as a chat (StepWiser 2.2, 2.5; words ours)."""

from __future__ import annotations

import hashlib
import warnings
from collections.abc import Callable, Sequence
from functools import cache
from typing import Any

from talkoot.errors import BadInput
from talkoot.judge import Trace
from talkoot.judging.dialect import CLOSE, NEGATIVE, OPEN, POSITIVE, tagged
from talkoot.model import Turn

_ASKED, _ANSWERED = "user: ", "\n\nassistant:\n"


@cache
def _environment() -> Any:
    from jinja2 import Environment, PackageLoader, StrictUndefined

    return Environment(loader=PackageLoader("talkoot.judging", "prompts"), undefined=StrictUndefined, autoescape=False)


def _render(name: str, **values: Any) -> str:
    return str(_environment().get_template(f"{name}.j2").render(**values)).strip()


def solve_turns(problem: str) -> tuple[Turn, ...]:
    """The chat that asks for a solution in chunks with a boxed answer. One user turn: not every model has a system."""
    return (Turn("user", _render("solve", problem=problem, open=OPEN, close=CLOSE)),)


def judge_turns(trace: Trace) -> tuple[Turn, ...]:
    """The chat that has the last chunk of a trace judged: an analysis, then a boxed Positive or Negative.

    Raises BadInput for a trace without chunks.
    """
    if not trace.chunks:
        raise BadInput("there is nothing to judge in a trace without chunks")
    *history, chunk = (piece.strip("\n") for piece in trace.chunks)
    words = {"positive": POSITIVE, "negative": NEGATIVE}
    return (Turn("user", _render("judge", problem=trace.problem, history=history, chunk=chunk, **words)),)


def lay_out_plainly(turns: Sequence[Turn]) -> str:
    """The chat as `role: content` paragraphs, and where the assistant is to begin."""
    return "\n\n".join(f"{turn.role}: {turn.content}" for turn in turns) + _ANSWERED


def read_plainly(text: str) -> tuple[str, str] | None:
    """What `lay_out_plainly` made of one user turn: (its content, what is answered so far). None for other texts."""
    content, found, begun = text.removeprefix(_ASKED).partition(_ANSWERED)
    return (content, begun) if found and text.startswith(_ASKED) else None


class Instruct:
    """A Dialect of instructions. `source` is what knows the chat template: a tokenizer, or a model that has one.

    Without a source, and for a tokenizer without a chat template (which a warning tells once), the chat becomes plain
    `role: content` paragraphs, which any model can continue. What the tokenizer puts before every text of its own
    accord (a begin-of-text token) is put before the plain text as well, since nothing is added later. `bos` False
    leaves that token out everywhere, for servers that add it themselves (vLLM, llama.cpp).
    The bounds are in tokens: of a solution, a chunk, an analysis with its verdict. `template` is a digest of the chat
    template, "" without one.
    """

    def __init__(
        self,
        source: Any = None,
        *,
        bos: bool = True,
        solution_tokens: int = 2048,
        chunk_tokens: int = 512,
        analysis_tokens: int = 1024,
    ) -> None:
        self.solution_tokens, self.chunk_tokens, self.analysis_tokens = solution_tokens, chunk_tokens, analysis_tokens
        self._lay_out: Callable[[Sequence[Turn]], str] = lay_out_plainly
        self.template = ""
        if source is not None:
            tokenizer = getattr(source, "tokenizer", source)
            tokenizer = getattr(tokenizer, "of", tokenizer)
            self._lay_out = _layout(tokenizer, bos)
            if tokenizer.chat_template:
                self.template = hashlib.sha256(str(tokenizer.chat_template).encode()).hexdigest()[:12]

    @classmethod
    def for_tokenizer(cls, tokenizer: Any, **sizes: Any) -> Instruct:
        """With the chat template of this tokenizer of Hugging Face (or plainly, if it has none)."""
        return cls(tokenizer, **sizes)

    @classmethod
    def plain(cls, **sizes: Any) -> Instruct:
        """Without a chat template: for servers, which do not tell theirs."""
        return cls(**sizes)

    def solve(self, problem: str) -> str:
        """The prompt of a problem; the policy writes tagged chunks after it, a boxed answer in the last one."""
        return self._lay_out(solve_turns(problem))

    def go_on(self, trace: Trace) -> str:
        """`solve` and the trace's chunks in tags."""
        return self.solve(trace.problem) + tagged(trace.chunks)

    def judge(self, trace: Trace) -> str:
        """The prompt that has the last chunk judged. Raises BadInput for a trace without chunks."""
        return self._lay_out(judge_turns(trace))


def _layout(tokenizer: Any, bos: bool) -> Callable[[Sequence[Turn]], str]:
    """How chats are laid out for a tokenizer of Hugging Face."""
    begin = str(tokenizer.bos_token or "")
    if not tokenizer.chat_template:
        warnings.warn(
            f"{tokenizer.name_or_path or 'the tokenizer'} has no chat template: chats are written as plain "
            "`user: ...` and `assistant:` paragraphs",
            stacklevel=4,
        )
        added = tokenizer.bos_token_id is not None and tokenizer("a")["input_ids"][:1] == [tokenizer.bos_token_id]
        return lambda turns: (begin if bos and added else "") + lay_out_plainly(turns)

    def lay_out(turns: Sequence[Turn]) -> str:
        chat = [{"role": turn.role, "content": turn.content} for turn in turns]
        try:
            text = str(tokenizer.apply_chat_template(chat, tokenize=False, add_generation_prompt=True))
        except Exception as error:  # a template is a program, and raises what it likes
            raise BadInput(
                f"the chat template of {tokenizer.name_or_path} cannot lay out a chat: "
                f"{' '.join(str(error).split())[:200]}"
            ) from error
        return text if bos or not begin else text.removeprefix(begin)

    return lay_out
