"""Instructions for real checkpoints, laid out as chats or plainly."""

from __future__ import annotations

import warnings
from dataclasses import dataclass
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from talkoot.errors import BadInput
from talkoot.judge import Trace
from talkoot.judging.dialect import CLOSE, NEGATIVE, OPEN, POSITIVE, Dialect
from talkoot.judging.instruct import Instruct, judge_turns, lay_out_plainly, read_plainly, solve_turns
from talkoot.model import Turn

TRACE = Trace("What is 2 * 3 + 1?", ("2 * 3 = 6\n", "so 6 + 1 = 8\n"))


@dataclass
class Tokenizer:
    """As much of a tokenizer of Hugging Face as a layout needs."""

    chat_template: str | None = "yes"
    bos_token: str | None = "<s>"
    bos_token_id: int | None = 1
    name_or_path: str = "folder"
    adds: bool = True
    fails: bool = False

    def __call__(self, text: str) -> dict[str, list[int]]:
        return {"input_ids": [1, 7] if self.adds else [7]}

    def apply_chat_template(self, chat: list[dict[str, str]], *, tokenize: bool, add_generation_prompt: bool) -> str:
        assert not tokenize
        assert add_generation_prompt
        if self.fails:
            raise RuntimeError("no\nsuch role")
        return (self.bos_token or "") + "".join(f"[{turn['role']}]{turn['content']}" for turn in chat) + "[assistant]"


def test_a_solution_is_asked_for_in_chunks_with_a_boxed_answer() -> None:
    (turn,) = solve_turns(TRACE.problem)
    assert turn.role == "user"
    for words in (OPEN, CLOSE, r"\boxed{...}", "outside the tags"):
        assert words in turn.content
    assert turn.content.endswith(TRACE.problem)


def test_a_judge_sees_problem_history_and_new_piece() -> None:
    (turn,) = judge_turns(TRACE)
    text = turn.content
    places = [
        text.index(words) for words in (TRACE.problem, "[1] 2 * 3 = 6", "New piece:\nso 6 + 1 = 8", "step by step")
    ]
    assert places == sorted(places)
    last = text.splitlines()[-1]
    assert last.index(POSITIVE) < last.index(NEGATIVE)
    assert "[2]" not in text
    assert OPEN not in text
    first = judge_turns(Trace("p", ("only",)))[0].content
    assert "nothing yet" in first
    assert "[1]" not in first
    with pytest.raises(BadInput, match="without chunks"):
        judge_turns(Trace("p"))


def test_what_is_in_a_problem_is_no_template() -> None:
    strange = "Let {{ x }} be {% raw %} <b> & 'y'"
    assert strange in solve_turns(strange)[0].content
    assert strange in judge_turns(Trace("p", (strange, "b")))[0].content
    assert strange in judge_turns(Trace("p", ("a", strange)))[0].content


def test_plain_chats() -> None:
    plain: Dialect = Instruct.plain(analysis_tokens=99)
    assert (plain.solution_tokens, plain.chunk_tokens, plain.analysis_tokens) == (2048, 512, 99)
    prompt = plain.solve("1 + 1?")
    assert prompt.startswith("user: ")
    assert prompt.endswith("1 + 1?\n\nassistant:\n")
    assert plain.go_on(TRACE) == plain.solve(TRACE.problem) + f"{OPEN}2 * 3 = 6\n{CLOSE}{OPEN}so 6 + 1 = 8\n{CLOSE}"
    assert plain.judge(TRACE) == lay_out_plainly(judge_turns(TRACE))


@given(st.text(), st.text())
def test_plain_chats_are_read_back(content: str, begun: str) -> None:
    text = lay_out_plainly([Turn("user", content)]) + begun
    read = read_plainly(text)
    assert read is not None
    assert "\n\nassistant:\n".join(read) == text.removeprefix("user: ")
    if "\n\nassistant:\n" not in content + "\n\nassistant:":
        assert read == (content, begun)
    assert read_plainly(content) is None or content.startswith("user: ")


@pytest.mark.parametrize("wrapped", [False, True])
def test_a_chat_template_is_used(wrapped: bool) -> None:
    source: Any = Tokenizer()
    if wrapped:  # a model with a tokenizer of ours around one of Hugging Face
        source = type("Model", (), {"tokenizer": type("Ours", (), {"of": source})()})()
    content = solve_turns("1?")[0].content
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        dialect = Instruct(source)
        assert dialect.solve("1?") == f"<s>[user]{content}[assistant]"
        assert dialect.go_on(Trace("1?", ("a",))) == f"<s>[user]{content}[assistant]{OPEN}a{CLOSE}"
        assert Instruct.for_tokenizer(source, bos=False).solve("1?") == f"[user]{content}[assistant]"
    assert (bool(Instruct(source).template), Instruct().template) == (True, "")


def test_a_tokenizer_without_a_chat_template_works_and_is_told_once() -> None:
    with pytest.warns(UserWarning, match="folder has no chat template") as told:
        dialect = Instruct(Tokenizer(chat_template=None))
    assert len(told) == 1
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        assert dialect.solve("1?") == "<s>" + Instruct.plain().solve("1?")
        assert dialect.judge(TRACE) == "<s>" + Instruct.plain().judge(TRACE)
    for tokenizer, bos in (
        (Tokenizer(chat_template=None, adds=False), True),
        (Tokenizer(chat_template=None, bos_token=None, bos_token_id=None), True),
        (Tokenizer(chat_template=None), False),
    ):
        with pytest.warns(UserWarning, match="no chat template"):
            assert Instruct(tokenizer, bos=bos).solve("1?") == Instruct.plain().solve("1?")


def test_a_template_that_fails() -> None:
    with pytest.raises(BadInput, match="template of folder cannot lay out a chat: no such role"):
        Instruct(Tokenizer(fails=True)).solve("1?")
