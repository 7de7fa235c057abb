"""Problems of the embedded task: written and read, disjoint splits, answers against Python's own arithmetic."""

from __future__ import annotations

import hashlib
import re
from dataclasses import replace

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from talkoot.errors import BadInput
from talkoot.judging.tasks.arithmetic import (
    LEVELS,
    Statement,
    Task,
    compute,
    header,
    pieces,
    read,
    solved_in_order,
    values,
    write,
)  # fmt: skip
from talkoot.learning.tokenizer import WordTokenizer

SPLITS = ("train", "judge", "test")
PRIMES = [n for n in range(5, 98) if all(n % d for d in range(2, n))]
TASKS = st.builds(
    lambda level, modulus, low, more, leaps, distractors: Task(
        level, modulus, (low, min(low + more, 8)), leaps, distractors
    ),
    st.sampled_from(LEVELS), st.sampled_from(PRIMES), st.integers(1, 8), st.integers(0, 7), st.floats(0, 1),
    st.integers(0, 2),
)  # fmt: skip


def evaluated(text: str, modulus: int) -> int:
    """The answer by substitution into one expression that Python works, with none of the task's own functions."""
    text = text.replace(" coins.", ";").replace(" How many coins has ", "").replace("the coins of ", "")
    for said, sign in ((" has ", " = "), ("plus", "+"), ("minus", "-"), ("times", "*")):
        text = text.replace(said, sign)
    text = text.replace("= ?", "").replace("?", "")
    *lines, asked = [part.strip() for part in text.split(";")]
    if "=" not in text:  # a chain: each line goes on from the one before
        lines = [*lines, asked]
        lines = [f"v{i} = " + (line if not i else f"v{i - 1}{line[1:]}") for i, line in enumerate(lines)]
        asked = f"v{len(lines) - 1}"
    told = dict(line.split(" = ") for line in lines)

    def expression(name: str) -> str:
        first, *rest = re.sub("[A-Za-z][a-z0-9]*", lambda m: expression(m[0]), told[name]).split(" ")
        for sign, number in zip(rest[::2], rest[1::2], strict=True):  # from left to right, whatever the sign
            first = f"({first}{sign}{number})"
        return first

    return int(eval(expression(asked))) % modulus


@settings(max_examples=100, deadline=None)
@given(TASKS, st.sampled_from(SPLITS), st.integers(0, 10**9))
def test_problems_are_read_as_written_and_answered_exactly(task: Task, split: str, number: int) -> None:
    problem = task.problem(split, number)
    assert problem == task.problem(split, number)
    level, statements, asked = read(problem.text)
    assert level == task.level
    assert write(level, statements, asked) == problem.text
    assert problem.answer == str(evaluated(problem.text, task.modulus))
    order = solved_in_order(statements, asked)
    assert order[-1].name == asked
    assert task.steps[0] <= sum(bool(s.needs) for s in order) <= task.steps[1]
    assert len(statements) - len(order) <= (task.distractors if level != "chain" else 0)
    seen: set[str] = set()
    for statement in order:
        assert seen.issuperset(statement.needs)
        seen.add(statement.name)
        assert header(level, statement).strip() in problem.text or not statement.needs
    assert values(order, task.modulus)[asked] == int(problem.answer)
    tokens = WordTokenizer(pieces(task))
    assert tokens.decode(tokens.encode(problem.text)) == problem.text


@pytest.mark.parametrize("level", LEVELS)
def test_splits_are_disjoint(level: str) -> None:
    # So few different problems that every split holds nearly all of its own: an overlap would show.
    task = Task(level, 5, (1, 1), leaps=0.0, distractors=0)  # type: ignore[arg-type]
    texts = {split: {task.problem(split, i).text for i in range(400)} for split in SPLITS}
    assert not texts["train"] & texts["judge"]
    assert not texts["train"] & texts["test"]
    assert not texts["judge"] & texts["test"]
    if level == "chain":  # 4 starts, 3 signs, 3 numbers: all there are
        assert sum(map(len, texts.values())) == 36
        assert min(map(len, texts.values())) >= 6
    ids = {task.problem(split, i).id for split in SPLITS for i in range(9)}
    assert len(ids) == 27


def test_other_splits_are_refused() -> None:
    for split in ("dev", "", "Train"):
        with pytest.raises(BadInput, match="take one of train, judge, test"):
            Task().problem(split, 0)


@pytest.mark.parametrize(
    ("level", "digest"), [("chain", "9755a04de32cd100"), ("ledger", "e4be7eb8c2f33baa"), ("story", "0be8081aba3b1e01")]
)
def test_seeds_give_what_they_gave(level: str, digest: str) -> None:
    """Models were trained on these texts: they must not change."""
    task = Task(level)  # type: ignore[arg-type]
    assert task.problem("train", 0).text == FIRST.get(level, task.problem("train", 0).text)
    texts = "\n".join(task.problem(split, i).text for split in SPLITS for i in range(20))
    assert hashlib.sha256(texts.encode()).hexdigest()[:16] == digest


FIRST = {"chain": "11 ; a + 7 + 2 ; b - 8 ; c + 7 ; d - 11 ; e * 2 ; f + 5 - 4 = ?"}


def test_compute() -> None:
    assert compute(["5", "+", "3", "*", "2"], 13) == 3
    assert compute(["1", "-", "5"], 13) == 9
    assert compute(["20"], 13) == 7


def test_an_order_leaves_out_what_is_not_asked_for() -> None:
    statements = [Statement("b", ("a", "+", "2")), Statement("c", ("a", "*", "a")), Statement("a", ("4",))]
    assert [s.name for s in solved_in_order(statements)] == ["a", "b", "c"]
    assert [s.name for s in solved_in_order(statements, "c")] == ["a", "c"]
    assert values(solved_in_order(statements), 7) == {"a": 4, "b": 6, "c": 2}


@pytest.mark.parametrize(
    "text",
    [
        "", "?", "1 + 1", "What is 3 + 4?", "7 ; a + 5 ; = ?", "x ; a + 5 = ?", "7 ; a + ² = ?", "7 ; a / 5 = ?",
        "a = 5 ; b = a + 1 ; c = ?", "a = 5 ; b = zz + 1 ; b = ?", "a = 5 ; a = 6 ; a = ?", "a = 3 + 4 ; a = ?",
        "a = 5 ; b = a ; b = ?", "a = b + 1 ; b = a + 1 ; b = ?", "a = a + 1 ; a = ?", "a = 5 ; b = a + ; b = ?",
        "Ann has 5 coins. How many coins has Ben?", "coins", f"a = {'9' * 5000} ; a = ?",
    ],
)  # fmt: skip
def test_other_texts_are_refused(text: str) -> None:
    with pytest.raises(BadInput, match=r"no problem of the embedded task|in a circle"):
        read(text)


@settings(max_examples=100, deadline=None)
@given(st.lists(st.sampled_from([*pieces(Task("ledger")), *pieces(Task("story")), *pieces(Task())]), max_size=20))
def test_any_other_text_is_read_or_refused(parts: list[str]) -> None:
    try:
        level, statements, asked = read("".join(parts))
    except BadInput:
        return
    assert asked in values(solved_in_order(statements), 13)
    assert level in LEVELS


@pytest.mark.parametrize(
    ("changes", "said"),
    [
        ({"modulus": 3}, "a prime from 5 to 97, not 3"), ({"modulus": 91}, "not 91"), ({"modulus": 101}, "not 101"),
        ({"steps": (0, 3)}, "1 to 8 steps"), ({"steps": (4, 3)}, "1 to 8 steps"), ({"steps": (1, 9)}, "1 to 8"),
        ({"leaps": 1.1}, "share of leaps"), ({"distractors": 3}, "at most 2 distractors"),
        ({"level": "poem"}, "no level 'poem'; take one of chain, ledger, story"),
    ],
)  # fmt: skip
def test_tasks_that_cannot_be(changes: dict[str, object], said: str) -> None:
    with pytest.raises(BadInput, match=said):
        replace(Task(), **changes)  # type: ignore[arg-type]


def test_every_prime_and_no_other_number() -> None:
    for modulus in range(100):
        if modulus in PRIMES:
            assert len(set(pieces(Task("story", modulus)))) == len(pieces(Task("story", modulus)))
        else:
            with pytest.raises(BadInput):
                Task(modulus=modulus)


def test_leaps_and_distractors_come_as_often_as_asked_for() -> None:
    task = Task("ledger", 13, (4, 4), leaps=0.4, distractors=2)
    read_ones = [read(task.problem("train", i).text) for i in range(200)]
    lengths = [len(s.terms) for _, statements, _ in read_ones for s in statements if s.needs]
    assert set(lengths) == {3, 5}
    assert lengths.count(5) / len(lengths) == pytest.approx(0.4, abs=0.05)
    spare = [len(statements) - len(solved_in_order(statements, asked)) for _, statements, asked in read_ones]
    assert set(spare) == {0, 1, 2}
