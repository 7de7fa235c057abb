"""The judge's warm start: the policy's own analyses, the weak labeller's verdicts."""

from __future__ import annotations

import random
import re
from collections.abc import Sequence
from dataclasses import dataclass, field

import pytest

from talkoot.errors import BadInput
from talkoot.judge import Trace
from talkoot.judging.dialect import CLOSE, NEGATIVE, OPEN, POSITIVE, Tiny
from talkoot.judging.tasks.arithmetic import Task
from talkoot.judging.tasks.author import Author
from talkoot.judging.warm import CHECK, Warm, analyses, examples, is_leap, result, spoil
from talkoot.learning.sampling import Completion, Prompt

TASK = Task(steps=(3, 4), leaps=0.5)


def traces(count: int = 60, **rates: float) -> list[Trace]:
    found = []
    for i in range(count):
        problem = TASK.problem("judge", i)
        chunks = Author(TASK, check=0.5, **rates).chunks(problem, random.Random(i))
        found += Trace(problem.text, tuple(chunks)).prefixes()
    return found


@dataclass
class Parrot:
    """Continues with what stands in `texts` for the prompt (after what the prompt has begun), or with `other`."""

    texts: dict[str, str]
    other: str = " z + 1 :1 + 1 = 2." + CLOSE
    ended: bool = True
    name: str = "parrot"
    asked: list[Prompt] = field(default_factory=list)

    def complete(
        self, prompts: Sequence[Prompt], *, max_tokens: int, stop: Sequence[str] = (), temperature: float = 1.0
    ) -> list[list[Completion]]:
        assert (max_tokens, list(stop), temperature) == (Tiny().chunk_tokens, [CLOSE], 0.0)
        self.asked += prompts
        return [[Completion(self.texts.get(p.text, self.other), 9, self.ended)] for p in prompts]

    def options(self, texts: Sequence[str], options: Sequence[str]) -> list[tuple[float, ...]]:
        raise NotImplementedError


def same_again(found: Sequence[Trace]) -> Parrot:
    """A policy that writes every chunk as it stands."""
    texts = {}
    for trace in found:
        before = Tiny().go_on(Trace(trace.problem, trace.chunks[:-1])) + OPEN
        chunk = trace.chunks[-1]
        texts[before] = chunk + CLOSE
        if chunk.startswith(CHECK):
            texts[before + CHECK] = chunk.removeprefix(CHECK) + CLOSE
    return Parrot(texts)


def test_analyses_take_up_the_same_thing() -> None:
    found = traces()
    told = analyses(found, same_again(found), Tiny(), Warm(by_steps=0.0))
    assert [trace for trace, _ in told] == found
    for trace, analysis in told:
        assert analysis == trace.chunks[-1].replace("\n", "").rstrip(" ")
        assert result(analysis) == result(trace.chunks[-1])
    assert analyses([], Parrot({}), Tiny()) == []


def test_what_takes_up_another_thing_or_is_not_finished_is_left_out() -> None:
    plain = [trace for trace in traces(20) if not trace.chunks[-1].startswith(CHECK)]
    settings = Warm(by_steps=0.0)
    assert analyses(plain, Parrot({}), Tiny(), settings) == []
    right = same_again(plain)
    assert len(analyses(plain, right, Tiny(), settings)) == len(plain)
    for ending in ("", "<eos>"):  # cut, or ended in the middle of a chunk
        unfinished = Parrot({k: v.removesuffix(CLOSE) + ending for k, v in right.texts.items()}, ended=bool(ending))
        assert analyses(plain, unfinished, Tiny(), settings) == []
    heads_only = Parrot(
        {k: v.partition(":")[0].split("+")[0].strip(" 0123456789") + CLOSE for k, v in right.texts.items()}
    )
    assert not [analysis for _, analysis in analyses(plain, heads_only, Tiny(), settings) if result(analysis) == ""]


def test_some_leaps_are_worked_in_single_operations() -> None:
    found = traces()
    leaps = [i for i, trace in enumerate(found) if is_leap(trace.chunks[-1])]
    policy = Parrot({}, other="1 + 2 = 3 ;3 + 4 = 7.\n" + CLOSE)
    told = analyses(found, policy, Tiny(), Warm(by_steps=1.0))
    starts = [prompt.text.endswith(OPEN + CHECK) for prompt in policy.asked]
    for i, trace in enumerate(found):
        checked = trace.chunks[-1].startswith(CHECK)
        assert starts[i] == (checked or i in leaps)
        seen = trace if i in leaps else Trace(trace.problem, trace.chunks[:-1])
        assert policy.asked[i].text == Tiny().go_on(seen) + OPEN + (CHECK if starts[i] else "")
    assert {analysis for _, analysis in told} == {" check :1 + 2 = 3 ;3 + 4 = 7."}
    few = Parrot({})
    analyses(found, few, Tiny(), Warm(by_steps=0.3))
    count = sum(few.asked[i].text.endswith(CHECK) for i in leaps)
    assert count / len(leaps) == pytest.approx(0.3, abs=0.12)
    again = Parrot({})
    analyses(found, again, Tiny(), Warm(by_steps=0.3))
    assert again.asked == few.asked
    assert len({prompt.seed for prompt in few.asked}) == len(few.asked)
    other = Parrot({})
    analyses(found, other, Tiny(), Warm(by_steps=0.3), seed=1)
    assert other.asked != few.asked


def test_the_difference_of_the_results_gives_the_verdict() -> None:
    trace = Trace("7 ; a + 5 = ?", (" a + 5 :7 + 5\n = 11. ",))
    found = [(trace, " a + 5 :7 + 5 = 12."), (trace, " a + 5 :6 + 5 = 11."), (trace, " a + 5 :7 + 5 = 4.")]
    prompt = Tiny().judge(trace)
    assert examples(found, Tiny(), 13, Warm(random=0.0, spoiled=0.0)) == [
        (prompt, f" a + 5 :7 + 5 = 12 ;12 - 11 = 1.{NEGATIVE}"),
        (prompt, f" a + 5 :6 + 5 = 11 ;11 - 11 = 0.{POSITIVE}"),
        (prompt, f" a + 5 :7 + 5 = 4 ;4 - 11 = 6.{NEGATIVE}"),
    ]
    empty = Trace(trace.problem, (" a :",))
    assert examples([(empty, " a + 5 :7 + 5 = 12.")], Tiny(), 13) == []


def test_spoiled_chunks_keep_their_form() -> None:
    rng = random.Random(3)
    for trace in traces(30):
        chunk = trace.chunks[-1]
        other = spoil(chunk, TASK.modulus, rng)
        assert other != chunk
        changed = [(a, b) for a, b in zip(re.split(r"(\d+)", chunk), re.split(r"(\d+)", other), strict=True) if a != b]
        assert len(changed) == 1
        assert 0 <= int(changed[0][1]) < TASK.modulus
        assert other.partition(" :")[0] == chunk.partition(" :")[0]
    assert spoil(" nothing :", 13, rng) == " nothing :"
    assert spoil("", 13, rng) == ""


def test_half_of_the_chunks_are_spoiled() -> None:
    trace = Trace("7 ; a + 5 = ?", (" a + 5 :7 + 5 = 12.",))
    found = [(trace, " a + 5 :7 + 5 = 12.")] * 2000
    for rate in (0.0, 0.5, 1.0):
        told = examples(found, Tiny(), 13, Warm(random=0.0, spoiled=rate))
        assert sum(prompt != Tiny().judge(trace) for prompt, _ in told) / 2000 == pytest.approx(rate, abs=0.04)
    assert len({text for _, text in told}) == 13  # all differences occur, and 0 where an operand was replaced


@pytest.mark.parametrize("rate", [0.0, 0.3, 1.0])
def test_the_weak_labeller_says_anything_at_its_rate(rate: float) -> None:
    trace = Trace("7 ; a + 5 = ?", (" a + 5 :7 + 5 = 12.",))
    found = [(trace, f" a + 5 :7 + 5 = {12 - i % 2}.") for i in range(3000)]
    told = examples(found, Tiny(), 13, Warm(random=rate), seed=4)
    assert len(told) == 3000
    right = sum(text.endswith(POSITIVE if " = 0." in text else NEGATIVE) for _, text in told) / 3000
    assert right == pytest.approx(1 - rate / 2, abs=0.03)
    assert told == examples(found, Tiny(), 13, Warm(random=rate), seed=4)
    assert told != examples(found, Tiny(), 13, Warm(random=rate), seed=5)


def test_small_things() -> None:
    assert is_leap(" a + 5 * 2 :\n7 + 5 * 2\n = 11.\n")
    assert not is_leap(" a + 5 :7 + 5 = 12.")
    assert not is_leap(" check :7 + 5 = 12 ;12 * 2 = 11.")
    assert not is_leap(" answer : \\boxed{12}.")
    assert not is_leap("")
    assert result(" answer : \\boxed{12}.") == "12"
    assert result("nothing") == ""
    with pytest.raises(BadInput, match="a trace without chunks has nothing to analyse"):
        analyses([Trace("p", ("a",)), Trace("p")], Parrot({}), Tiny())
