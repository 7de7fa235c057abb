"""The oracle of the embedded task: each corruption is found where it is and nowhere else; and who may ask it."""

from __future__ import annotations

import ast
import random
import re
from collections.abc import Callable
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

import talkoot
from talkoot.errors import BadInput
from talkoot.judging.tasks.arithmetic import LEVELS, Task, compute, pieces
from talkoot.judging.tasks.author import Author
from talkoot.judging.tasks.oracle import valid

M = 13
TASKS = {level: Task(level, M, (3, 5), distractors=2) for level in LEVELS}

CHAIN = "7 ; a + 5 * 3 ; b - 4 ; c * 2 = ?"
SOUND = [" a + 5 * 3 :7 + 5 * 3 = 10.\n", " b - 4 :10 - 4 = 6. ", " c * 2 :6 * 2 = 12. ", " answer : \\boxed{12}."]
CHECK = " check :7 + 5 = 12 ;12 * 3 = 10.\n"
LEDGER = " b = a - c ; a = 3 ; d = 4 + a ; c = a + 5 ; b = ?"
LOOKED_UP = [" c = a + 5 :3 + 5 = 8.", " b = a - c :3 - 8 = 8.", " answer : \\boxed{8}."]


def chain(*chunks: str) -> list[bool]:
    return valid(CHAIN, chunks, M)


def invalid(*chunks: str) -> list[int]:
    return [i for i, sound in enumerate(chain(*chunks)) if not sound]


def test_sound_solutions() -> None:
    assert all(chain(*SOUND))
    assert all(chain(SOUND[0], CHECK, *SOUND[1:]))
    assert all(valid(LEDGER, LOOKED_UP, M))
    assert chain() == []
    story = " Ben has the coins of Ann minus 5. coins. Ann has 3 coins. How many coins has Ben?".replace("5.", "5")
    told = [" Ben has the coins of Ann minus 5 :3 - 5 = 11.", " answer : \\boxed{11}."]
    assert all(valid(story, told, M))


def test_a_wrong_result_is_carried_over_without_blame() -> None:
    carried = [" b - 4 :2 - 4 = 11. ", " c * 2 :11 * 2 = 9. ", " answer : \\boxed{9}."]
    wrong = " a + 5 * 3 :7 + 5 * 3 = 2. "
    assert invalid(wrong, *carried) == [0]
    # The right number is not what the solution has so far: it came from nowhere.
    assert invalid(wrong, *SOUND[1:]) == [0, 1]
    assert invalid(wrong, CHECK, *SOUND[1:]) == [0]  # a mended error
    assert invalid(wrong, " check :7 + 5 = 12 ;12 * 3 = 2.", *carried) == [0, 1]
    assert invalid(SOUND[0], " check :7 + 5 = 12 ;12 * 3 = 2.", *carried) == [1]  # a check that makes it wrong


@pytest.mark.parametrize(
    "bad",
    [
        " b - 4 :10 - 4 = 7. ", " b - 4 :9 - 4 = 5. ", " b - 4 :10 - 3 = 7. ", " b - 4 :10 + 4 = 1. ",
        " b + 4 :10 + 4 = 1. ", " b - 5 :10 - 5 = 5. ", " b - 4 :10 - 4 = 19. ", " b - 4 :4 - 10 = 7. ",
        " b - 4 :10 - 4 * 1 = 6. ", " b - 4 :10 - 4 = 6 ;6 * 1 = 6. ", " b - 4 :010 - 4 = 6. ", " b :10 - 4 = 6. ",
    ],
)  # fmt: skip
def test_one_bad_statement(bad: str) -> None:
    result = bad.rsplit("= ", 1)[1].strip(" .")
    then = compute([result, "*", "2"], M)
    assert invalid(SOUND[0], bad, f" c * 2 :{result} * 2 = {then}. ", f" answer : \\boxed{{{then}}}.") == [1]


@pytest.mark.parametrize(
    "stray",
    [
        "", " ", "\n", "garbage", ".", " :", " :.", " answer", " answer : 12.", " answer : \\boxed{}.", " check :.",
        " answer : \\boxed{5}.", " check :10 - 4 = 6.", " check :7 + 5 * 3 = 10.", " check :7 + 5 = 12.",
        " check :7 + 5 = 11 ;11 * 3 = 10.", " check :7 + 5 = 12 ;12 * 3 = 10 ;10 * 1 = 10.", SOUND[0],
        " start :7 + 0 = 7.", " z + 1 :7 + 1 = 8.", " a + 5 * 3", "a + 5 * 3 :7 + 5 * 3 = 10", "</chunk>",
        f" answer : \\boxed{{{'9' * 5000}}}.",
    ],
)  # fmt: skip
def test_one_stray_chunk(stray: str) -> None:
    rest = SOUND[1:]
    stated = re.findall(r"= (\d+)\.$", stray.strip())
    if stray.startswith(" check") and stated:  # its result counts from there on
        b = compute([stated[0], "-", "4"], M)
        c = compute([str(b), "*", "2"], M)
        rest = [f" b - 4 :{stated[0]} - 4 = {b}.", f" c * 2 :{b} * 2 = {c}.", f" answer : \\boxed{{{c}}}."]
    assert invalid(SOUND[0], stray, *rest) == [1]


def test_skipped_and_swapped_statements() -> None:
    assert invalid(SOUND[0], " c * 2 :10 * 2 = 7.", " answer : \\boxed{7}.") == [1]
    assert invalid(SOUND[0], *SOUND[2:]) == [1]
    assert invalid(*SOUND[1:]) == [0]
    assert invalid(*SOUND[:2], SOUND[3]) == [2]  # nothing is known yet of what is asked for
    assert invalid(SOUND[0], " c * 2 :10 * 2 = 7.", *SOUND[1:]) == [1]  # then all in order
    assert invalid(SOUND[0], " b + 4 :10 + 4 = 1.", *SOUND[1:]) == [1]  # then the right one
    assert invalid(SOUND[0], " b - 4 :what.", *SOUND[1:]) == [1]
    assert invalid(CHECK, *SOUND) == [0]  # nothing to check yet
    assert invalid(SOUND[0], "garbage", CHECK, *SOUND[1:]) == [1]


def test_ledgers() -> None:
    spare = " d = 4 + a :4 + 3 = 7."
    assert all(valid(LEDGER, [spare, *LOOKED_UP], M))  # nobody asked, but it is right
    assert valid(LEDGER, [*LOOKED_UP[:1], *LOOKED_UP], M) == [True, False, True, True]
    assert valid(LEDGER, [LOOKED_UP[1], *LOOKED_UP], M) == [False, True, True, True]
    assert valid(LEDGER, [" a = 3 :3 + 0 = 3.", " a = 3 :3.", " c = a + 5 :a + 5 = 8.", *LOOKED_UP[1:]], M) == [
        False, False, False, False, True,
    ]  # fmt: skip
    assert valid(LEDGER, [" a = 9 :9 + 0 = 9.", *LOOKED_UP], M) == [False, True, True, True]  # what is given stays


@settings(max_examples=30, deadline=None)
@given(st.sampled_from(LEVELS), st.integers(0, 10**6), st.data())
def test_a_single_slip_is_found_where_it_is(level: str, number: int, data: st.DataObject) -> None:
    problem = TASKS[level].problem("train", number)
    sure = Author(TASKS[level], slip=0.0, leap_slip=0.0, misread=0.0, check=0.3)
    count = len(sure.chunks(problem, random.Random(number))) - 1
    at = data.draw(st.integers(0, count))
    chunks: list[str] = []
    for i, chunk in enumerate(sure.chunks(problem, random.Random(number))):
        *_, right = re.findall(r"\d+", chunk)
        if i == at:
            wrong = str((int(right) + 1 + number % (M - 1)) % M)
            told = re.sub(r"(= |\{)\d+(\}?\.\s*)$", rf"\g<1>{wrong}\2", chunk)
            chunks.append(told)
            break
        chunks.append(chunk)
    assert valid(problem.text, chunks, M) == [True] * at + [False]


@settings(max_examples=30, deadline=None)
@given(st.sampled_from(LEVELS), st.integers(0, 10**6), st.text(alphabet=" \n\t", min_size=1, max_size=3))
def test_white_space_does_not_matter(level: str, number: int, blank: str) -> None:
    problem = TASKS[level].problem("train", number)
    chunks = Author(TASKS[level], slip=0.3, leap_slip=0.3).chunks(problem, random.Random(number))
    sound = valid(problem.text, chunks, M)
    assert valid(problem.text, [chunk.replace("\n", blank) for chunk in chunks], M) == sound
    assert valid(problem.text, [chunk.replace(" ", blank) for chunk in chunks], M) == sound
    assert valid(problem.text, [f"{blank}{chunk.strip()}{blank}" for chunk in chunks], M) == sound
    for i in range(len(chunks)):  # what comes later changes nothing
        assert valid(problem.text, chunks[:i], M) == sound[:i]


@settings(max_examples=40, deadline=None)
@given(st.sampled_from(LEVELS), st.data())
def test_it_never_fails_on_what_a_policy_may_write(level: str, data: st.DataObject) -> None:
    problem = TASKS[level].problem("train", data.draw(st.integers(0, 50)))
    piece = st.sampled_from([*pieces(TASKS[level]), " a + 5 :", " = ", "²", "٣", "\x00"])
    chunks = data.draw(st.lists(st.lists(piece, max_size=9).map("".join), max_size=6))
    sound = valid(problem.text, chunks, M)
    assert len(sound) == len(chunks)
    assert all(isinstance(one, bool) for one in sound)


def test_other_problems_are_refused() -> None:
    with pytest.raises(BadInput, match="no problem of the embedded task"):
        valid("What is 3 + 4?", SOUND, M)


MEASURING = {
    ("judging/pipeline/annotation.py", "_against_oracle"),
    ("judging/pipeline/measure.py", "items"),
    ("judging/pipeline/policy.py", "quality"),
}
"""The functions that may ask the oracle: they give figures, or what judges are tested on."""


def users(tree: ast.AST, names: set[str]) -> set[str]:
    """The functions (or "" for the module) in which one of the names is used, outside imports."""
    found: set[str] = set()

    def walk(node: ast.AST, inside: str) -> None:
        for child in ast.iter_child_nodes(node):
            if isinstance(child, ast.Name) and child.id in names and isinstance(child.ctx, ast.Load):
                found.add(inside)
            named = isinstance(child, ast.FunctionDef | ast.AsyncFunctionDef | ast.ClassDef)
            walk(child, inside or child.name if named else inside)  # type: ignore[attr-defined]

    walk(tree, "")
    return found


def test_no_label_and_no_verdict_comes_from_the_oracle() -> None:
    root = Path(talkoot.__file__).parent
    asking: set[tuple[str, str]] = set()
    for file in sorted(root.rglob("*.py")):
        text = file.read_text(encoding="utf-8")
        if "oracle" not in text or file.parts[-2:] == ("tasks", "oracle.py"):
            continue
        tree = ast.parse(text)
        place = file.relative_to(root).as_posix()
        for node in ast.walk(tree):
            if isinstance(node, ast.ImportFrom) and node.module == "talkoot.judging.tasks.oracle":
                asking |= {(place, user) for user in users(tree, {one.asname or one.name for one in node.names})}
            elif isinstance(node, ast.ImportFrom) and node.module == "talkoot.judging.tasks":
                assert "oracle" not in {one.name for one in node.names}, f"{place}: import its functions by name"
            elif isinstance(node, ast.Import):
                assert "talkoot.judging.tasks.oracle" not in {one.name for one in node.names}, place
    assert asking <= MEASURING, "these functions ask the oracle; none of training may"


def test_the_search_for_users_finds_them() -> None:
    tree = ast.parse(
        "from o import valid\ndef f():\n    def g(): return valid(1)\nx = [valid]\nclass C:\n    y = valid"
    )
    find: Callable[[set[str]], set[str]] = lambda names: users(tree, names)  # noqa: E731
    assert find({"valid"}) == {"f", "", "C"}
    assert find({"other"}) == set()
