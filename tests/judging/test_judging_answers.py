"""Final answers: what is taken out of a solution, what counts as the same, and processes that hang or die."""

from __future__ import annotations

import gzip
import json
import sys
import threading
import time
import warnings
from collections.abc import Iterator
from fractions import Fraction
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from talkoot.judging import answers, equivalence
from talkoot.judging.answers import Grader, decide, final_answer
from talkoot.judging.equivalence import Equivalence, Outcome


@pytest.mark.parametrize(
    ("text", "answer"),
    [
        (r"so \boxed{5}, no, \boxed{6}.", "6"),
        (r"\boxed{\frac{1}{\sqrt{2}}} is it", r"\frac{1}{\sqrt{2}}"),
        (r"\boxed{\{1, 2\}}", r"\{1, 2\}"),
        (r"\boxed{\{}", r"\{"),
        (r"\boxed{\boxed{3}}", "3"),
        (r"\boxed 7.", "7"),
        (r"\fbox{ 8 }", "8"),
        (r"first \boxed{1}, then \boxed{2", "1"),
        (r"\boxed{}" + "\n#### 4", "4"),
        ("3 + 4 = 7\n#### 1,007\n", "1,007"),
        ("#### 5\nno\n#### 6", "6"),
        ("Job A: 5 dollars\nA: 12 ", "12"),
        ("the DNA: 5", None),
        ("A:", None),
        ("the answer is 5", None),
        ("", None),
    ],
)
def test_the_final_answer_is_the_last_that_is_marked(text: str, answer: str | None) -> None:
    assert final_answer(text) == answer


@given(st.recursive(st.text("ab1+\n"), lambda inner: inner.map(lambda text: "{" + text + "}x"), max_leaves=4))
def test_any_balanced_text_comes_out_of_its_box(inside: str) -> None:
    assert final_answer(r"It is \boxed{" + inside + "}. Done.") == (inside.strip() or None)


SAME = ["5", "5.0", "$5$", r"\(5\)", "5.", "+5", r"\$5", "$5", "€5", "05", r"\frac{10}{2}", r"\dfrac{10}{2}", "10/2",
        r"5^\circ", "5°", r"\text{5}", "500%", r"500\%", r"\left 5", "50e-1"]  # fmt: skip


@pytest.mark.parametrize("answer", SAME)
def test_one_number_is_written_in_many_ways(answer: str) -> None:
    assert decide("5", answer) is True
    assert decide(answer, "5") is True


@pytest.mark.parametrize(
    ("gold", "answer", "told"),
    [
        ("1000", "1,000", True),
        ("1000", "$1,000", True),
        ("1000", r"\$1{,}000", True),
        ("1000", r"1\,000", True),
        ("1000", "1 000", True),
        ("12345", "12,345", True),
        ("1/2", "0.5", True),
        ("1/2", r"\frac12", True),
        ("-1/2", r"-\frac{1}{2}", True),
        ("1/2", ".5", True),
        ("10%", "0.1", True),
        ("10%", "10", True),
        ("10", "10%", True),
        ("0.1", "1%", False),
        ("1/3", "0.333", False),
        ("1/3", "0.333333", True),
        ("1/3", "0.333334", False),
        ("1e-10", "2.000000e-10", False),
        ("0.0000001", "0.0000002", False),
        ("12345678901234567890", "12345678901234567891", False),
        ("5", "-5", False),
        ("-5", "−5", True),
        ("5", "", False),
        ("", "5", False),
        ("", "", True),
        ("5", "1/0", None),
        ("12", "1,2", None),
        ("31/2", "3 1/2", None),
        ("Monday", r"\text{ monday }", True),
        ("Monday", "dynamo", False),
        ("even", "odd", False),
        ("7", "seven", False),
        ("x", "X", None),
        ("2x", "x2", None),
        ("5", "5" * 2000, False),
        ("5" * 2000, "5" * 2000, True),
    ],
)
def test_what_is_decided_without_algebra(gold: str, answer: str, told: bool | None) -> None:
    assert decide(gold, answer) is told


@given(st.fractions(max_denominator=1000), st.fractions(max_denominator=1000))
def test_fractions_are_the_same_exactly_when_they_are_equal(one: Fraction, other: Fraction) -> None:
    written = rf"\frac{{{other.numerator}}}{{{other.denominator}}}"
    assert decide(str(one), written) is (one == other)


@given(st.integers(-(10**12), 10**12))
def test_integers_survive_their_decoration(number: int) -> None:
    assert decide(str(number), f"{number:,}") is True
    assert decide(str(number), f"${number}.00$.") is True
    assert decide(str(number), str(number + 1)) is False


@pytest.fixture(scope="module")
def grader() -> Iterator[Grader]:
    with Grader(timeout=20.0, workers=1) as one:
        yield one


@pytest.mark.parametrize(
    ("gold", "answer", "same"),
    [
        ("3", "x=3", True),
        (r"2\sqrt{2}", r"\sqrt{8}", True),
        (r"\{1,2\}", "2,1", True),
        ("(x+1)^2", "x^2+2x+1", True),
        (r"\pi", "3.14", False),
        ("1<x<2", "(1,2)", True),  # an interval may answer an inequality, not the other way round
        ("(1,2)", "1<x<2", False),
        ("(1,2)", "(2,1)", False),
        ("7/2", r"3\frac{1}{2}", True),
        ("31/2", "3 1/2", False),
        ("3x + 4y + 14=0", "3*x-1*y+13=0", False),  # as bare text both parse to 0, and would be the same
        ("12", "1,2", False),
    ],
)
def test_the_rest_is_told_by_algebra(grader: Grader, gold: str, answer: str, same: bool) -> None:
    assert decide(gold, answer) is None
    assert grader.same(gold, answer) is same


def test_only_what_was_extracted_is_graded(grader: Grader) -> None:
    """Given the whole text, math-verify makes a set of two boxes, and takes unmarked numbers for answers."""
    pairs = [("6", r"\boxed{5}, rather \boxed{6}"), ("5", r"\boxed{5}, rather \boxed{6}"), ("5", "it is 5"),
             ("steps\n#### 5", r"\boxed{5.0}"), ("5", "A: 10/2"), (r"\boxed{x+1}", r"\boxed{1+x}")]  # fmt: skip
    before = grader.counts.unanswered
    assert grader.grade(pairs) == [True, False, False, True, True, True]
    assert grader.counts.unanswered == before + 1
    assert grader.grade([]) == []


def test_every_pair_is_decided_once(grader: Grader) -> None:
    pairs = [("y+2", "2+y"), ("y+2", "y+3"), ("y+2", "2+y")] * 50
    before = grader.counts.verified
    assert [grader.same(*pair) for pair in pairs] == [True, False, True] * 50
    assert grader.counts.verified == before + 2


def test_threads_share_a_grader(grader: Grader) -> None:
    found: list[list[bool]] = []

    def work() -> None:
        found.append([grader.same(f"z+{number}", f"{number}+z") for number in range(6)])

    threads = [threading.Thread(target=work) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert found == [[True] * 6] * 4


def test_a_memory_that_is_full_starts_anew() -> None:
    with Grader(memo=2) as one:
        assert [one.same("1", str(number)) for number in (1, 2, 3, 1, 1)] == [True, False, False, True, True]
        assert (one.counts.exact, one.counts.remembered) == (4, 1)


CHILD = """
import json, sys, time, os
print(json.dumps("ready"), flush=True)
for line in sys.stdin:
    gold, answer = json.loads(line)
    if answer == "$1h$": time.sleep(600)
    if answer == "$1d$": os._exit(9)
    if answer == "$1b$": print("what?", flush=True)
    print(json.dumps("same" if gold == answer else "different"), flush=True)
"""


def _guard(tmp_path: Path, text: str = CHILD, timeout: float = 0.3) -> Equivalence:
    path = tmp_path / "child.py"
    path.write_text(text)
    return Equivalence(timeout=timeout, workers=1, memory_mb=100, command=(sys.executable, "-S", str(path)))


def test_a_process_that_hangs_or_dies_is_replaced(tmp_path: Path) -> None:
    guard = _guard(tmp_path)
    try:
        told = [guard.compare("a", answer) for answer in ("a", "1h", "a", "1d", "b", "1b", "a")]
    finally:
        guard.close()
    assert told == [Outcome.SAME, Outcome.TIMEOUT, Outcome.SAME, Outcome.CRASH, Outcome.DIFFERENT, Outcome.CRASH,
                    Outcome.SAME]  # fmt: skip
    assert guard.compare("a", "a") is Outcome.SAME  # closed, it starts again
    guard.close()
    guard.close()


def test_closing_ends_a_comparison_under_way(tmp_path: Path) -> None:
    guard = _guard(tmp_path, timeout=60.0)
    assert guard.compare("a", "a") is Outcome.SAME
    told: list[Outcome] = []
    thread = threading.Thread(target=lambda: told.append(guard.compare("a", "1h")))
    thread.start()
    while not guard._free.empty():
        time.sleep(0.01)
    guard.close()
    thread.join(10)
    assert told == [Outcome.CRASH]


def test_hanging_and_dying_pairs_are_wrong_and_counted(tmp_path: Path) -> None:
    with Grader() as one:
        one._guard = _guard(tmp_path)
        assert one.grade([("u+1", f"A: {told}") for told in ("u+1", "1h", "1d", "1+u")]) == [True, False, False, False]
        counts = one.counts
    assert (counts.exact, counts.verified, counts.timeouts, counts.crashes) == (1, 1, 1, 1)


def test_a_real_process_survives_an_endless_power() -> None:
    with Grader(timeout=1.0, workers=1) as one:
        assert not one.same("3", "9^{9^{9^{9}}}")
        assert one.counts.timeouts + one.counts.crashes == 1


@pytest.mark.parametrize("told", ["no module named antlr4", None])
def test_without_math_verify_one_warning_is_given(told: str | None, tmp_path: Path) -> None:
    text = f"import json; print(json.dumps({told!r}))" if told else ""
    with Grader() as one:
        one._guard = _guard(tmp_path, text)
        with pytest.warns(UserWarning, match=r"math-verify.* until then only equal") as noticed:
            told = one.grade([("x+1", f"A: {number}+x") for number in range(6)] + [("1/2", "A: 0.5")])
        assert told == [False] * 6 + [True]
        assert len(noticed) == 1
        assert one.counts.unchecked >= 4


def test_an_absent_math_verify_is_told_without_a_process(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(equivalence, "find_spec", lambda name: None)
    with Grader() as one, pytest.warns(UserWarning, match=r"pip install 'talkoot\[judging\]'"):
        assert not one.same("x+1", "1+x")
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        assert not one.same("x+2", "2+x")
    assert one.counts.unchecked == 2


@pytest.mark.data
def test_the_outcomes_of_real_solutions_are_found(data: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """GSM8K's example solutions come with `is_correct`: all 5276 must agree."""
    monkeypatch.setattr(answers.Equivalence, "compare", lambda *_: Outcome.DIFFERENT)  # two pairs, see their count
    pairs, truth = [], []
    with gzip.open(data / "math" / "gsm8k" / "example_model_solutions.jsonl.gz", "rt", encoding="utf-8") as lines:
        for row in map(json.loads, lines):
            for one in row.values():
                if isinstance(one, dict):
                    pairs.append((row["ground_truth"], one["solution"]))
                    truth.append(one["is_correct"])
    with Grader() as one:
        assert one.grade(pairs) == truth
    assert len(truth) == 5276
    assert (one.counts.unanswered, one.counts.verified) == (11, 2)
