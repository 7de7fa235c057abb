"""The segmenter by rules: one purpose a chunk, nothing torn apart, clear transitions; and on recorded solutions."""

from __future__ import annotations

import gzip
import json
from pathlib import Path

import pytest

from talkoot.data import data_file
from talkoot.judging.chunks import F1, boundary_f1, by_lines, reconstructs
from talkoot.judging.rules import by_rules
from talkoot.judging.units import units

CUT = "¦"


@pytest.mark.parametrize(
    "marked",
    [
        # one computation a chunk, the answer apart
        "Ann picks 3 * 4 = <<3*4=12>>12 plums.\n¦Ben picks 12 - 5 = <<12-5=7>>7.\n¦A: 7",
        "There are 5*3=15 boxes. ¦So there are 15*2=30 shoes. ¦The answer is \\boxed{30}.",
        "He has $5. He buys 2 more for $3 each, so 2 * $3 = $6. ¦Then he has nothing.\n¦#### 0",
        "20-5-8=7 are good\n¦7+8=15 are not\n¦A: 15",
        "he gets 4*15=60 washes a month\n¦that means 60*12=720 a year\n¦A: 720",
        # what a computation means stays with it
        "Three boxes hold 3 * 4 = 12 eggs. So there are twelve eggs.\n¦He eats two, which leaves 12 - 2 = 10.",
        "Tom has 6 pens.\nAnna has one less: 6 - 1 = 5.\n¦Together 6 + 5 = 11.",
        # a formula stays with the words before it, a derivation together
        "The area is\n\\[ A = 3 \\times 4 = 12. \\]\n¦The height is\n\\[ h = 12 / 2 = 6 \\]",
        "We get\n\\[ x = 2 + 3 \\]\n\\[ x = 5 \\]\n¦Therefore the answer is \\boxed{5}.",
        "Area = 3 * 4\n= 12\n¦Cost = 12 * 2\nCost = 24\n¦Answer: 24",
        "Let x be the price. Then 2x + 3 = 7\n2x = 4\nx = 2\n¦So the price is 2.",
        "First,\n\n\\[ a + b = 3 \\]\n\nwhere $a$ is one.\n\n¦Next, $b = 3 - 1 = 2$.",
        "\\begin{align*}\na &= 2 + 3 \\\\\n\n&= 5. Yes\n\\end{align*}",
        "```\nx = 1 + 1\n\ny = x + 1\n```",
        # lists and plans stay with what announces them
        "Given:\n- a is even\n- b is odd\n\n¦Then a + b = 2k + 1.",
        "We need to do this: First, add. Second, multiply.\n\n¦First, 1 + 1 = 2.\n\n¦Second, 2 * 3 = 6.",
        "1. Add: 1 + 1 = 2\n¦2. Multiply: 2 * 3 = 6\n¦3. Done.",
        # headings open a chunk and stay with it
        "## Solution\n\n### Step 1: add\n1 + 1 = 2\n¦### Step 2: multiply\n2 * 3 = 6",
        "**Sum**\n\n1 + 1 = 2\n\n---\n\n¦**Product**\n\n2 * 3 = 6",
        # a check is another purpose
        "x = 5 - 2 = 3. ¦Let's check: 3 + 2 = 5. It fits.",
        "That is 3 * 3 = 9 apples.\n¦Wait, the first basket was empty.\nSo it is 2 * 3 = 6 apples.",
        # ordinals are transitions even without equations
        "First, there are 25 cents from the quarter. ¦Second, two nickels are worth 2 x 5 = 10 cents.",
        # nothing to cut
        "42",
        "  The answer is 42.\n",
    ],
)
def test_where_a_solution_is_cut(marked: str) -> None:
    assert by_rules(marked.replace(CUT, "")) == marked.split(CUT)


def test_long_stretches_without_equations_end_with_a_line() -> None:
    line = "Every side of the figure is as long as the one that lies across from it, as was to be shown.\n"
    pieces = by_rules(line * 12)
    assert "".join(pieces) == line * 12
    assert 2 <= len(pieces) <= 4
    assert by_rules(line) == [line]


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("He pays $5. She pays $10.5 for it.", ["He pays $5.", "She pays $10.5 for it."]),
        ("Let $x. Y$ be it. B.", ["Let $x. Y$ be it.", "B."]),
        ("It is 3.5, e.g. Tom's approx. 4. Done! Yes", ["It is 3.5, e.g. Tom's approx. 4.", "Done!", "Yes"]),
        ("1. First\n2. Second. Third", ["1. First", "2. Second.", "Third"]),
        ("so it is. and on", ["so it is. and on"]),
        ("a, ... 5 and so on... And", ["a, ... 5 and so on...", "And"]),
        ("\\[ a. B \\] Next. \\(c. D\\) e", ["\\[ a. B \\]", "Next.", "\\(c. D\\) e"]),
        ("\\[ not closed. Here\n\nA $x\ny$ b. C", ["\\[ not closed.", "Here", "A $x", "y$ b.", "C"]),
        ("是。好！ok", ["是。", "好！", "ok"]),
        (" \n ", []),
    ],
)  # fmt: skip
def test_units(text: str, words: list[str]) -> None:
    found = units(text)
    assert [unit.words for unit in found] == words
    assert "".join(text[unit.start : unit.end] for unit in found) == (text if found else "")


def test_gaps_and_displays() -> None:
    found = units("\nab. B\nc\n \n\\[x\\], $$y$$.\n\\[z\\] w")
    assert [unit.gap for unit in found] == ["start", "same line", "line", "blank", "line"]
    assert [unit.display for unit in found] == [False, False, False, True, False]


@pytest.mark.parametrize(
    "part", ["$", "\\[", ". ", "A. ", "1. ", "= 1 + x\n", "= ", "\n", "\\begin{a}", "=\\a{", "`", "..!"]
)
def test_hostile_texts_are_cut_in_linear_time(part: str) -> None:
    text = part * (40_000 // len(part))  # quadratic work would run into the time limit of the tests
    assert "".join(by_rules(text)) == text


@pytest.mark.data
def test_recorded_model_solutions_are_cut_exactly_and_almost_all_in_two() -> None:
    path = data_file("math", "gsm8k/example_model_solutions.jsonl.gz")
    with gzip.open(path, "rt", encoding="utf-8") as file:
        rows = [json.loads(line) for line in file]
    solutions = [part["solution"] for row in rows for part in row.values() if isinstance(part, dict)]
    cuts = [by_rules(solution) for solution in solutions]
    assert len(solutions) == 5276
    assert all(map(reconstructs, solutions, cuts))
    assert sum(len(cut) > 1 for cut in cuts) / len(cuts) > 0.99
    assert sum(map(len, cuts)) < sum(len(by_lines(solution)) for solution in solutions)


@pytest.mark.data
@pytest.mark.parametrize(("subset", "apart", "joined"), [("gsm8k", 0.85, 0.6), ("math", 0.8, 0.48)])
def test_paragraphs_of_a_benchmark_are_found(subset: str, apart: float, joined: float) -> None:
    items = json.loads(Path(data_file("math", f"processbench/{subset}.json")).read_text(encoding="utf-8"))
    for between, least in (("\n\n", apart), (" ", joined)):  # with the benchmark's layout, and without any
        pooled = F1(0, 0, 0)
        for item in items[::3]:
            truth = [step + between for step in item["steps"][:-1]] + item["steps"][-1:]
            pooled += boundary_f1(by_rules("".join(truth)), truth)
        assert pooled.f1 > least
