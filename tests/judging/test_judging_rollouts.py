"""Sampling and rolling out, on a policy whose Q is known: same draws however the work is cut up, and honest counts."""

from __future__ import annotations

from collections import Counter
from pathlib import Path
from typing import Any

import pytest
from judging_fakes import Adder, Equal, adding

from talkoot.errors import BadInput, ModelFailed
from talkoot.judging.allocation import Adaptive, Allocation, Curtailed, FirstError, Fixed
from talkoot.judging.dialect import Tiny
from talkoot.judging.journal import AnnotatedSolution, Journal, Solution, read_journal
from talkoot.judging.labels import RULES, AbsQ, Labelling, RelRatio, first_error
from talkoot.judging.problem import Problem, read_problems
from talkoot.judging.rollouts import Progress, annotate, derived, open_journal, sample_solutions, without_tags

PROBLEMS = [adding(i, 2 + i % 4) for i in range(8)]


def opened(path: Path, sampler: Adder, **how: Any) -> Journal:
    return open_journal(path, sampler, Tiny(), **how)


def sampled(journal: Journal, sampler: Adder, problems: list[Problem] = PROBLEMS, **how: Any) -> list[Solution]:
    return sample_solutions(problems, sampler, Tiny(), Equal(), journal, **how)


def run(
    path: Path, allocation: Allocation, sampler: Adder | None = None, at_once: int = 4096, **how: Any
) -> list[AnnotatedSolution]:
    sampler = sampler or Adder()
    with opened(path, sampler) as journal:
        solutions = sampled(journal, sampler, at_once=at_once, **how)
        return annotate(solutions, sampler, Tiny(), Equal(), journal, allocation, at_once=at_once)


def test_sampling_keeps_what_can_teach(tmp_path: Path) -> None:
    sampler = Adder(0.3, spoil=0.2)
    problems = [*PROBLEMS, adding(90, 0), Problem("wrong", "91:2", "9")]
    with opened(tmp_path / "a.jsonl", sampler) as journal:
        solutions = sampled(journal, sampler, problems)
        records = journal.contents.sampled
    assert [record.tries for record in records.values()] == [16] * len(problems)
    assert records["wrong"].dropped == {"all wrong": 16}
    assert records["p0"].tokens > 16
    reasons = Counter[str]()
    for record in records.values():
        assert len(record.solutions) + sum(record.dropped.values()) == 16
        assert not record.solutions or 0 < record.successes < 16
        reasons.update(record.dropped)
    assert {"no tags", "no answer", "unfinished", "twice"} <= set(reasons)
    assert {solution.right for solution in solutions} == {True, False}
    assert len({(one.problem.id, one.chunks) for one in solutions}) == len(solutions)
    for solution in solutions:
        assert solution.right == ("+0 " not in solution.chunks)


def test_always_right_problems_are_dropped(tmp_path: Path) -> None:
    with opened(tmp_path / "a.jsonl", Adder(0.0)) as journal:
        assert sampled(journal, Adder(0.0)) == []
        assert all(record.dropped == {"all right": 16} for record in journal.contents.sampled.values())


def test_repeated_solutions_may_stay_and_their_number_be_bounded(tmp_path: Path) -> None:
    kept = {}
    for name, how in (("all", {"distinct": False}), ("one", {}), ("few", {"distinct": False, "most": 2})):
        with opened(tmp_path / name, Adder()) as journal:
            kept[name] = sampled(journal, Adder(), **how)
    assert len(kept["all"]) > len(kept["one"])
    assert max(Counter(one.problem.id for one in kept["few"]).values()) == 2
    assert set(kept["few"]) <= set(kept["all"])


def test_counts_are_those_of_the_true_q(tmp_path: Path) -> None:
    tries: Counter[int] = Counter()
    successes: Counter[int] = Counter()
    seen = set()
    for one in run(tmp_path / "a.jsonl", Fixed(48)):
        steps = len(one.chunks) - 1
        assert one.counts.tries[0] == 16
        for i, node in enumerate(one.prefixes, 1):
            if "+0 " in one.chunks[:i]:
                assert one.counts.successes[i] == 0
            elif node not in seen:
                seen.add(node)
                tries[steps - i] += 48
                successes[steps - i] += one.counts.successes[i]
    assert successes[0] == tries[0] > 0
    for left in (1, 2, 3):
        q, n = 0.8**left, tries[left]
        assert n >= 96
        assert abs(successes[left] / n - q) < 4 * (q * (1 - q) / n) ** 0.5


@pytest.mark.parametrize("rule", RULES, ids=lambda rule: rule.name)
def test_curtailed_rollouts_give_the_very_labels_of_all(tmp_path: Path, rule: Any) -> None:
    full = run(tmp_path / "full", Fixed(16))
    for after in ("cut", "keep"):
        labelling = Labelling(rule, after)  # type: ignore[arg-type]
        part = run(tmp_path / f"{after}-part", Curtailed(labelling, 16))
        assert [labelling(one.counts) for one in part] == [labelling(one.counts) for one in full]
        for one, other in zip(part, full, strict=True):
            assert all(a == b[: len(a)] for a, b in zip(one.blocks, other.blocks, strict=True))  # the first k draws
        assert sum(sum(one.counts.tries) for one in part) < sum(sum(one.counts.tries) for one in full)


def test_size_of_calls_and_order_change_nothing(tmp_path: Path) -> None:
    whole = run(tmp_path / "a", Fixed(8))
    assert run(tmp_path / "b", Fixed(8), at_once=16) == whole
    sampler = Adder()
    with opened(tmp_path / "c", sampler) as journal:
        solutions = sampled(journal, sampler)[::-1]
        assert annotate(solutions, sampler, Tiny(), Equal(), journal, Fixed(8)) == whole[::-1]


def test_prefixes_that_solutions_share_are_drawn_once(tmp_path: Path) -> None:
    sampler = Adder()
    done = run(tmp_path / "a", Fixed(16), sampler)
    nodes = {node for one in done for node in one.prefixes}
    assert len(nodes) < sum(len(one.prefixes) for one in done)
    assert sum(sampler.calls) == 16 * len(PROBLEMS) + 16 * len(nodes)
    by_node = {node: drawn for one in done for node, drawn in zip(one.prefixes, one.blocks[1:-1], strict=True)}
    assert all(by_node[node] == one.blocks[i] for one in done for i, node in enumerate(one.prefixes, 1))


def test_calls_are_about_as_large_as_asked(tmp_path: Path) -> None:
    sampler = Adder()
    run(tmp_path / "a", Curtailed(Labelling(AbsQ())), sampler, at_once=64)
    assert sampler.calls[0] == 64
    assert max(sampler.calls) <= 64 + 4 * 6
    assert len(sampler.calls) > 5


def test_stopped_anywhere_the_work_goes_on(tmp_path: Path) -> None:
    allocation = Curtailed(Labelling(RelRatio()))
    whole_sampler = Adder()
    whole = run(tmp_path / "whole", allocation, whole_sampler, at_once=48)
    calls = len(whole_sampler.calls)
    assert calls > 10
    for stop in (0, 2, 5, calls - 1):
        path, first, second = tmp_path / f"at{stop}", Adder(stop_after=stop), Adder()
        with pytest.raises(KeyboardInterrupt):
            run(path, allocation, first, at_once=48)
        assert run(path, allocation, second, at_once=48) == whole
        assert read_journal(path) == whole
        assert sum(first.calls) + sum(second.calls) == sum(whole_sampler.calls)
    again = Adder()
    assert run(path, allocation, again) == whole
    assert again.calls == []


def test_more_rollouts_later_extend_the_first(tmp_path: Path) -> None:
    few = run(tmp_path / "a", Fixed(8))
    more = run(tmp_path / "a", Fixed(16))
    assert more == run(tmp_path / "b", Fixed(16))
    assert all(
        a == b[: len(a)] for x, y in zip(few, more, strict=True) for a, b in zip(x.blocks, y.blocks, strict=True)
    )


def test_another_seed_gives_other_rollouts(tmp_path: Path) -> None:
    found = []
    for seed in (0, 1):
        with opened(tmp_path / str(seed), Adder(), seed=seed) as journal:
            found.append(sampled(journal, Adder()))
    assert found[0] != found[1]
    assert (
        len({derived(0, "p", "a", 1), derived(0, "p", "a", 2), derived(1, "p", "a", 1), derived(0, "p", "b", 1)}) == 4
    )
    assert all(0 <= derived(seed, "x") < 2**31 for seed in range(50))


def test_first_errors_are_found_for_less(tmp_path: Path) -> None:
    found = run(tmp_path / "a", FirstError(16))
    full = run(tmp_path / "b", Fixed(16))
    implied, each = Labelling(AbsQ(), implied=True), Labelling(AbsQ())
    for one, other in zip(found, full, strict=True):
        slip = one.chunks.index("+0 ") if "+0 " in one.chunks else None
        assert first_error(implied(one.counts)) == slip == first_error(each(other.counts))
    assert sum(sum(one.counts.tries) for one in found) < 0.7 * sum(sum(one.counts.tries) for one in full)


def test_adaptive_spends_where_there_is_doubt(tmp_path: Path) -> None:
    done = run(tmp_path / "a", Adaptive(Labelling(RelRatio(), after_error="keep"), 0.9, 32))
    tries = Counter(n for one in done for n in one.counts.tries[1:-1])
    assert min(tries) >= 4
    assert max(tries) <= 32
    assert len(tries) > 2


def test_policies_without_tags_go_on_without_tags(tmp_path: Path) -> None:
    def by_line(text: str) -> list[str]:
        return text.splitlines(keepends=True)

    sampler = Adder(tags=False)
    with opened(tmp_path / "a", sampler, cut="lines") as journal:
        solutions = sampled(journal, sampler, plain=by_line)
        done = annotate(solutions, sampler, Tiny(), Equal(), journal, Fixed(16))
        with pytest.raises(BadInput, match="cut by 'lines'"):
            sampled(journal, sampler)
    assert done
    assert all(one.chunks[0] in ("+1 \n", "+0 \n") for one in done)
    for one in done:  # the prefix was read back as it stands: a slip in it can never end right
        assert all(not one.counts.successes[i] for i in range(1, len(one.chunks)) if "+0 \n" in one.chunks[:i])
        assert all(one.counts.successes[i] for i in range(1, len(one.chunks)) if "+0 \n" not in one.chunks[:i])


def test_progress_is_told(tmp_path: Path) -> None:
    told: list[Progress] = []
    sampler = Adder()
    with opened(tmp_path / "a", sampler) as journal:
        solutions = sampled(journal, sampler, at_once=32, progress=told.append)
        assert [one.done for one in told] == [2, 4, 6, 8]
        assert told[-1].rollouts == 16 * 8
        told.clear()
        annotate(solutions, sampler, Tiny(), Equal(), journal, Fixed(4), at_once=64, progress=told.append)
    assert told[-1].done == told[-1].of == len(solutions)
    assert told[-1].rollouts == sum(block.tries for drawn in journal.contents.blocks.values() for block in drawn)
    assert told[-1].tokens == sum(block.tokens for drawn in journal.contents.blocks.values() for block in drawn)


def test_only_finished_texts_are_graded(tmp_path: Path) -> None:
    sampler, grader = Adder(spoil=1.0), Equal()
    with opened(tmp_path / "a", sampler) as journal:
        assert sample_solutions(PROBLEMS, sampler, Tiny(), grader, journal) == []
    assert 0 < grader.asked < 16 * len(PROBLEMS)
    assert without_tags("<chunk>a</chunk><chunk>\\boxed{2}</chunk>") == "a\\boxed{2}"


def test_what_does_not_belong_together_is_refused(tmp_path: Path) -> None:
    sampler = Adder()
    with opened(tmp_path / "a", sampler) as journal:
        solutions = sampled(journal, sampler)
        with pytest.raises(BadInput, match=r"model adder.*of other"):
            sampled(journal, Adder(name="other"))
        with pytest.raises(BadInput, match="at most 160 tokens, not 99"):
            sample_solutions(PROBLEMS, sampler, Tiny(solution_tokens=99), Equal(), journal)
        with pytest.raises(BadInput, match="two problems have the id 'p0'"):
            sampled(journal, sampler, [PROBLEMS[0], PROBLEMS[0]])
        with pytest.raises(BadInput, match="problem p0 is another one"):
            sampled(journal, sampler, [Problem("p0", "7:3", "3")])
        strange = Solution("p0/99", PROBLEMS[0], ("a", "b"), True)
        with pytest.raises(BadInput, match="p0/99 is not in"):
            annotate([strange], sampler, Tiny(), Equal(), journal, Fixed(16))
        with pytest.raises(BadInput, match="no multiple of the journal's blocks of 4"):
            annotate(solutions, sampler, Tiny(), Equal(), journal, Fixed(6))


def test_a_sampler_that_ignores_n_is_named(tmp_path: Path) -> None:
    class One(Adder):
        def complete(self, prompts, **how):  # type: ignore[no-untyped-def]
            return [group[:1] for group in super().complete(prompts, **how)]

    with opened(tmp_path / "a", One()) as journal, pytest.raises(ModelFailed, match="8 continuations where 128"):
        sampled(journal, One())


def test_files_of_problems(tmp_path: Path) -> None:
    path = tmp_path / "some.jsonl"
    path.write_text(
        '{"question": "1+1?", "answer": "One and one.\\n#### 2"}\n\n{"id": "x", "problem": "2+2?", "answer": 4}\n'
    )
    assert read_problems(path) == [Problem("some-1", "1+1?", "2"), Problem("x", "2+2?", "4")]
    assert len(read_problems(path, 1)) == 1
    path.write_text('[{"problem": "1+1?", "answer": "\\\\boxed{2}"}]')
    assert read_problems(path)[0].answer == "2"


@pytest.mark.parametrize(
    ("text", "said"),
    [("", "holds no problems"), ("{}", "line 1 of .* is no problem"), ("[1]", "entry 1 .* no object"),
     ('{"problem": "a", "answer": "1"}\n{"prob', "line 2 of .* is no JSON"), ("[1", "no JSON list"),
     ('{"problem": "a", "answer": true}', "no problem"), ('{"problem": " ", "answer": "1"}', "no problem"),
     ('{"id": 1, "problem": "a", "answer": "1"}\n{"id": "1", "problem": "b", "answer": "1"}', "came before")],
)  # fmt: skip
def test_faulty_files_of_problems(tmp_path: Path, text: str, said: str) -> None:
    path = tmp_path / "some.jsonl"
    path.write_text(text)
    with pytest.raises(BadInput, match=said):
        read_problems(path)
    with pytest.raises(BadInput, match="cannot be read"):
        read_problems(tmp_path / "none.jsonl")
    packed = tmp_path / "some.jsonl.gz"
    packed.write_bytes(b"no gzip")
    with pytest.raises(BadInput, match="cannot be read"):
        read_problems(packed)


@pytest.mark.data
def test_gsm8k_training_problems(data: Path) -> None:
    problems = read_problems(data / "math" / "gsm8k" / "train.jsonl.gz")
    assert len(problems) == 7473
    assert all(one.answer.replace(",", "").removeprefix("-").isdigit() for one in problems)
