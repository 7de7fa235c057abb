"""Arithmetic read from texts."""

from __future__ import annotations

import gzip
import json
from fractions import Fraction

import pytest
from hypothesis import given
from hypothesis import strategies as st

from talkoot.data import data_file
from talkoot.judging.equations import equations


@pytest.mark.parametrize(
    ("text", "found"),
    [
        ("3 + 4 = 7", [("3 + 4 = 7", True)]),
        ("So 3+4=8.", [("3+4 = 8", False)]),
        ("48 / 2 = <<48/2=24>>24 eggs", [("48/2 = 24", True)]),
        ("x = 3 + 4 = 7", [("3 + 4 = 7", True)]),
        ("(3 + 4 = 7)", [("3 + 4 = 7", True)]),
        ("$3 \\times 4 = 12$", [("3 * 4 = 12", True)]),
        ("\\(\\dfrac{6}{4} = 1.5\\)", [("((6)/(4)) = 1.5", True)]),
        ("1,000 + 1 = 1,001", [("1,000 + 1 = 1,001", True)]),
        ("Ann pays 3 * $4 = $12.", [("3 * 4 = 12", True)]),
        ("20% * 50 = 10", [("20% * 50 = 10", True)]),
        ("3/4 = 0.75 = 3 / 4", [("3/4 = 0.75", True), ("0.75 = 3 / 4", True)]),
        ("2 + 2 = 4, 3 + 3 = 7", [("2 + 2 = 4", True), ("3 + 3 = 7", False)]),
        ("2(3+4) = 14", [("2(3+4) = 14", True)]),
        ("5 x 6 = 30", [("5 * 6 = 30", True)]),
        ("5 - -3 = 8", [("5 - -3 = 8", True)]),
        ("-2^2 = -4", [("-2^2 = -4", True)]),
        ("2^-1 = 0.5", [("2^-1 = 0.5", True)]),
        ("2**10 = 1024", [("2**10 = 1024", True)]),
        ("**4*5 = 21**", [("4*5 = 21", False)]),
        ("- 4 + 5 = 9", [("4 + 5 = 9", True)]),  # a list
        ("3. 4 + 5 = 9", [("4 + 5 = 9", True)]),
        ("10/3 = 3.33, 10/3 = 3.34", [("10/3 = 3.33", True), ("10/3 = 3.34", True)]),
        ("10/3 = 3.4", [("10/3 = 3.4", True)]),
        ("10/3 = 3.5", [("10/3 = 3.5", False)]),
        ("10/3 = 3", [("10/3 = 3", False)]),
        ("10/3 ≈ 3", [("10/3 = 3", True)]),
        ("1.87*9 = 16.830000000000002", [("1.87*9 = 16.830000000000002", True)]),
    ],
)
def test_what_is_read(text: str, found: list[tuple[str, bool]]) -> None:
    assert [(str(equation), equation.holds) for equation in equations(text)] == found


@pytest.mark.parametrize(
    "text",
    [
        "", "2x + 3 = 7", "x - 3 - 4 = 12", "3 + 4 = 7x", "5 apples + 3 apples = 9 apples", "12 dollars * 4 = 50",
        "x2 + 3 = 6", "f(3) + 4 = 8", "a_1 + 2 = 4", "1/0 = 3", "9**9**9 = 1", "2^999 = 1", "in 3, 4 = 4", "7 = 7",
        "3 + = 4", "3 + 4 = 5 \\cos", "((((3 + 4 = 7", "60 minutes / 12 minutes = 6", "=", "3 < 4 + 5",
        "(" * 999 + "1 + 1 = 3",
    ],
)  # fmt: skip
def test_what_is_passed_over(text: str) -> None:
    assert all(equation.holds for equation in equations(text))


TERMS = st.lists(st.tuples(st.sampled_from("+-*"), st.integers(0, 999)), min_size=1, max_size=5)


@given(st.integers(0, 999), TERMS, st.integers(-3, 3))
def test_sums_are_exact(first: int, terms: list[tuple[str, int]], off: int) -> None:
    left = f"{first}" + "".join(f" {sign} {number}" for sign, number in terms)
    right = int(eval(left)) + off
    (equation,) = equations(f"so {left} = {right} in all")
    assert equation.holds == (off == 0)
    assert equation.value == Fraction(right - off)
    assert equations(f"<<{left}={right}>>") == [equation]


@given(st.text("0123456789.,+-*/^%()= x$\\<>", max_size=60))
def test_any_text_can_be_read(text: str) -> None:
    for equation in equations(text):
        assert equation.left
        assert equation.right


def test_a_long_text_takes_no_long_time() -> None:
    assert equations("(" * 50_000 + "=" + ")" * 50_000) == []
    assert equations("1 + " * 50_000 + "= 3") == []
    assert equations("<<" * 50_000) == []
    assert equations("-" * 20_000 + "1 + 1 = 2" + "^9" * 20_000) == []


@pytest.mark.data
def test_the_arithmetic_of_gsm8k_holds() -> None:
    holds = wrong = 0
    with gzip.open(data_file("math", "gsm8k/train.jsonl.gz"), "rt", encoding="utf-8") as lines:
        for line, _ in zip(lines, range(800), strict=False):
            for equation in equations(json.loads(line)["answer"]):
                holds, wrong = holds + equation.holds, wrong + (not equation.holds)
    assert holds > 2000
    assert wrong / (holds + wrong) < 0.005
