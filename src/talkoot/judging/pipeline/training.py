"""The rows of the table: judges trained in different ways on the same labels, from the same warm start.

Every row that learns gets the same number of tokens to read and write in training as the main row (`budget`): prompts
count once for each time that they are read, completions once when drawn and once when learnt.
"""

from __future__ import annotations

import asyncio
import random
from collections.abc import Callable, Sequence
from dataclasses import asdict, replace
from typing import Any

import numpy as np

from talkoot.errors import BadInput
from talkoot.judge import Judge, Trace
from talkoot.judging.chunks import Malformed, parse
from talkoot.judging.dialect import NEGATIVE, POSITIVE, Tiny
from talkoot.judging.examples import Example, evened
from talkoot.judging.judges import Discriminative, Generative, read_verdict
from talkoot.judging.pipeline.annotation import annotated, labelled
from talkoot.judging.pipeline.measure import Item, figures, hits, name_first
from talkoot.judging.pipeline.policy import Lessons
from talkoot.judging.pipeline.work import MORE, Work, write_json
from talkoot.judging.warm import analyses, examples
from talkoot.learning.grpo_settings import Score, Settings, StepLog
from talkoot.learning.sampling import Prompt
from talkoot.learning.sft import fit
from talkoot.learning.tiny import TinyCausal, open_tiny

STOPS = (POSITIVE, NEGATIVE)
DRAWN = ("error_acc", "correct_acc", "f1", "f1_low", "f1_high")
"""What is told of a judge whose analyses are drawn at temperature 1, as they are in training, one for each chunk."""
Pair = tuple[str, str]
"""A judge's prompt, and what it is to write."""


def warm_start(work: Work, at_once: bool = False) -> dict[str, Any]:
    """A judge that writes analyses in the right form, with verdicts of a weak labeller; or one without analyses.

    Raises BadInput where the policy writes no chunks, or works none again.
    """
    preset, dialect = work.preset, judge_dialect(work, at_once)
    policy = open_tiny(work.folder("policy"), device=preset.device)
    traces = _traces(work, policy, preset.warm_chunks)
    found = analyses(traces, policy, dialect, preset.warm, seed=work.seed)
    pairs = examples(found, dialect, preset.task.modulus, preset.warm, seed=work.seed)
    if not pairs:
        raise BadInput(
            f"stage warm: of {len(traces)} chunks the policy works none again that has a result; "
            f"{MORE}warm_chunks or policy.steps"
        )
    if at_once:
        pairs = [(prompt, text[text.rindex("\\") :]) for prompt, text in pairs]
    lessons, stage = Lessons(work), "warm-at-once" if at_once else "warm"

    def example(number: int) -> tuple[str, ...]:
        """With a quarter of sums, lest they be forgotten."""
        return lessons.sums(number, preset.task.leaps) if number % 4 == 0 else pairs[number * 7919 % len(pairs)]

    judge = policy.copy()
    total = preset.warm_fit.steps
    fit(
        judge, example, preset.warm_fit,
        seed=work.seed, folder=work.folder(stage), on_step=lambda step: work.say("warm", step.step / total),
    )  # fmt: skip
    judge.save(work.folder(stage))
    return {
        "examples": len(pairs),
        "positive": sum(text.endswith(POSITIVE) for _, text in pairs) / len(pairs),
        "length": float(np.mean([len(policy.tokenizer.encode(text)) for _, text in pairs[:500]])),
    }


def judge_dialect(work: Work, at_once: bool) -> Tiny:
    """A judge that says its verdict at once reads the chunk last, as in the paper: there it stands beside what the
    network itself would have written."""
    return replace(work.dialect, ahead=not at_once)


def _traces(work: Work, policy: TinyCausal, count: int) -> list[Trace]:
    """Traces of the policy's own solutions to problems that no label is taken from, one for each of their chunks."""
    found: list[Trace] = []
    start = first = 500_000
    while len(found) < count:
        if 8 * (first - start) > 20 * count:
            raise BadInput(
                f"stage warm: {8 * (first - start)} solutions of the policy have only {len(found)} chunks in tags, and "
                f"{count} are wanted; {MORE}segment.steps or policy.steps"
            )
        problems = work.problems("judge", 100, first=first)
        first += len(problems)
        drawn = policy.complete(
            [Prompt(work.dialect.solve(p.text), 8, work.seed) for p in problems],
            max_tokens=work.dialect.solution_tokens,
        )
        for problem, group in zip(problems, drawn, strict=True):
            for one in group:
                try:
                    found += Trace(problem.text, tuple(parse(one.text))).prefixes()
                except Malformed:
                    continue
    random.Random(f"traces/{work.seed}").shuffle(found)
    return found[:count]


Row = Callable[[Work, TinyCausal], tuple[TinyCausal, dict[str, Any]]]
"""Trains a judge, given the warm start, and tells how it went."""


def train_row(work: Work, name: str, found: Sequence[Item]) -> dict[str, Any]:
    """Train one row's judge (unless it is the warm start itself), keep it, and measure it."""
    train, at_once = ROWS[name]
    start = open_tiny(work.folder("warm-at-once" if at_once else "warm"), device=work.preset.device)
    judge, told = train(work, start)
    folder = work.folder(f"judges/{name}")
    judge.save(folder)
    kind = "discriminative" if at_once else "generative"
    write_json(folder / "judge.json", {"kind": kind, "dialect": asdict(judge_dialect(work, at_once))})
    speaker = open_judge_of(work, judge, at_once=at_once)
    named = asyncio.run(name_first(speaker, found))
    told |= figures(found, named) | {"hits": hits(found, named).astype(int).tolist()}
    if not at_once:
        drawn = asyncio.run(name_first(Generative(judge, work.dialect, temperature=1.0, seed=work.seed), found))
        told["drawn"] = {key: value for key, value in figures(found, drawn).items() if key in DRAWN}
        told["drawn"]["hits"] = hits(found, drawn).astype(int).tolist()
    return told


def open_judge_of(work: Work, causal: TinyCausal, *, at_once: bool) -> Judge:
    """The judge that a network is: with an analysis (greedy), or at once."""
    dialect = judge_dialect(work, at_once)
    return Discriminative(causal, dialect) if at_once else Generative(causal, dialect)


def _warm(work: Work, start: TinyCausal) -> tuple[TinyCausal, dict[str, Any]]:
    return start, {}


def budget(work: Work, settings: Settings, prompts: Sequence[list[int]], length: float) -> int:
    """Tokens that GRPO reads and writes: each group's prompt when drawing and when learning, completions twice."""
    reads = 2 * float(np.mean([len(ids) for ids in prompts]))
    return round(settings.steps * settings.prompts * (reads + 2 * settings.group * length))


def _grpo(
    rule: str = "", *, balanced: bool = True, at_once: bool = False, sure: float | None = None, **changes: Any
) -> Callable[[Work, TinyCausal], tuple[TinyCausal, dict[str, Any]]]:
    def train(work: Work, start: TinyCausal) -> tuple[TinyCausal, dict[str, Any]]:
        from talkoot.learning import grpo

        data = labelled(work, rule, sure)
        settings = replace(
            work.preset.grpo,
            max_tokens=1 if at_once else work.dialect.analysis_tokens,
            stop=STOPS,
            verdicts=STOPS,
            **changes,
        )

        def reward(number: int, text: str) -> Score:
            said = read_verdict(text)
            return Score(float(said == (data[number].label > 0)), parsed=said is not None)

        name = f"grpo{rule}{balanced}{at_once}{sure}{sorted(changes)}"
        log: list[StepLog] = grpo.train(
            start,
            [judge_dialect(work, at_once).judge(one.trace) for one in data],
            reward,
            settings,
            seed=work.seed,
            classes=[one.label for one in data] if balanced else None,
            folder=work.folder("judges") / f"{_slug(name)}-run",
            on_step=lambda step: work.say("judges", step.step / settings.steps),
        )
        curve = [round(step.reward, 4) for step in log]
        told = {"examples": len(data), "tokens_sampled": sum(s.sampled for s in log),
                "tokens_trained": sum(s.trained for s in log), "reward": curve,
                "entropy": [round(s.entropy, 4) for s in log], "silent": [round(s.silent, 3) for s in log],
                "length": round(log[-1].length, 1), "unparsed_in_training": sum(s.unparsed for s in log),
                "settings": asdict(settings)}  # fmt: skip
        return start, told

    return train


def _sparse(work: Work, start: TinyCausal) -> tuple[TinyCausal, dict[str, Any]]:
    """The same judge with one sparse reward a solution: is it right that some chunk is rejected, or none? Only the
    outcome is used; there are as many updates and chunks as in the main row."""
    from talkoot.learning import grpo

    solutions = annotated(work)
    traces = [prefix for one in solutions for prefix in one.trace.prefixes()]
    bundles: list[list[int]] = []
    for one in solutions:
        first = bundles[-1][-1] + 1 if bundles else 0
        bundles.append(list(range(first, first + len(one.chunks))))
    mean = len(traces) / len(bundles)
    count = max(2 * round(work.preset.grpo.prompts / mean / 2), 2)
    settings = replace(
        work.preset.grpo, prompts=count, max_tokens=work.dialect.analysis_tokens, stop=STOPS, verdicts=STOPS
    )

    def joint(number: int, texts: list[str]) -> Score:
        said = [read_verdict(text) for text in texts]
        accepted = all(one is True for one in said)
        return Score(float(accepted == solutions[number].right), parsed=None not in said)

    log = grpo.train(
        start,
        [work.dialect.judge(trace) for trace in traces],
        lambda number, text: Score(0.0),
        settings,
        seed=work.seed,
        classes=[one.right for one in solutions],
        bundles=bundles,
        joint=joint,
        folder=work.folder("judges") / "grpo-sparse-run",
        on_step=lambda step: work.say("judges", step.step / settings.steps),
    )
    return start, {"examples": len(bundles), "reward": [round(step.reward, 4) for step in log],
                   "tokens_sampled": sum(step.sampled for step in log)}  # fmt: skip


def _slug(text: str) -> str:
    return "".join(c if c.isalnum() else "-" for c in text)


def _control(work: Work, start: TinyCausal) -> tuple[TinyCausal, dict[str, Any]]:
    """Supervised on the same labels: the warm start's own analyses, each with the label as its verdict."""
    data = evened(labelled(work), work.seed)
    drawn = _analyses_of(work, start, data, copies=4)
    pairs: list[Pair] = []
    for one, copies in zip(data, drawn, strict=True):
        verdict = POSITIVE if one.label > 0 else NEGATIVE
        for text in dict.fromkeys(text for text in copies if "\\boxed{" in text):
            at = max(text.rfind(POSITIVE), text.rfind(NEGATIVE))
            if at >= 0:
                pairs.append((work.dialect.judge(one.trace), text[:at] + verdict))
    return start, _fit_budget(work, start, pairs)


def _rsft(work: Work, start: TinyCausal) -> tuple[TinyCausal, dict[str, Any]]:
    """Rejection-sampling fine-tuning: the warm start's analyses that came to the label."""
    data = evened(labelled(work), work.seed)
    drawn = _analyses_of(work, start, data, copies=8)
    pairs: list[Pair] = []
    for one, copies in zip(data, drawn, strict=True):
        right = [text for text in copies if read_verdict(text) == (one.label > 0)]
        pairs += [(work.dialect.judge(one.trace), text) for text in list(dict.fromkeys(right))[:4]]
    return start, _fit_budget(work, start, pairs)


def _discriminative(rule: str = "") -> Callable[[Work, TinyCausal], tuple[TinyCausal, dict[str, Any]]]:
    def train(work: Work, start: TinyCausal) -> tuple[TinyCausal, dict[str, Any]]:
        """The verdict at once, supervised on the labels (StepWiser 2.7)."""
        data = evened(labelled(work, rule), work.seed)
        ask = judge_dialect(work, at_once=True).judge
        pairs = [(ask(one.trace), POSITIVE if one.label > 0 else NEGATIVE) for one in data]
        return start, _fit_budget(work, start, pairs)

    return train


def _analyses_of(work: Work, judge: TinyCausal, data: Sequence[Example], copies: int) -> list[list[str]]:
    drawn = judge.complete(
        [Prompt(work.dialect.judge(one.trace), copies, work.seed) for one in data],
        max_tokens=work.dialect.analysis_tokens,
        stop=STOPS,
    )
    return [[one.text for one in some] for some in drawn]


def _fit_budget(work: Work, judge: TinyCausal, pairs: Sequence[Pair]) -> dict[str, Any]:
    """Fine-tune within the main row's tokens, and keep the weights that label a held-out tenth best.

    The supervised rows would overfit the labels' noise if they had to use up the budget; so they may stop early.
    """
    preset, encode = work.preset, judge.tokenizer.encode
    rng = random.Random(f"held out/{work.seed}")
    prompts = sorted({prompt for prompt, _ in pairs})
    if len(prompts) < 2:
        raise BadInput(
            f"stage judges: {len(prompts)} labelled chunks have an analysis to learn from, and at least 2 are needed; "
            f"{MORE}judge_problems or warm_fit.steps"
        )
    held = set(rng.sample(prompts, max(len(prompts) // 10, 1)))
    learnt, kept = [p for p in pairs if p[0] not in held], [p for p in pairs if p[0] in held]
    read = float(np.mean([len(encode(prompt)) for prompt, _ in pairs[:500]]))
    size = read + float(np.mean([len(encode(text)) for _, text in pairs[:500]]))
    # Room for the tokens that GRPO draws and learns, with analyses of the warm start's usual length.
    usual = float((work.figures("warm") or {})["length"])
    whole = budget(work, preset.grpo, [encode(prompt) for prompt, _ in pairs[:500]], usual)
    settings = replace(preset.discriminative, steps=max(round(whole / (size * preset.discriminative.batch)), 8))
    best: tuple[float, int, dict[str, Any]] = (-1.0, 0, {})
    curve = []
    check = max(settings.steps // 8, 1)

    def tell(step: Any) -> None:
        nonlocal best
        work.say("judges", step.step / settings.steps)
        if step.step % check == 0:
            right = _label_accuracy(work, judge, kept)
            judge.net.train()
            curve.append(round(right, 4))
            if right > best[0]:
                best = right, step.step, {k: v.detach().clone() for k, v in judge.net.state_dict().items()}

    log = fit(judge, learnt, settings, seed=work.seed, on_step=tell)
    judge.net.load_state_dict(best[2])
    return {"examples": len(pairs), "budget_tokens": whole, "steps": settings.steps, "kept_step": best[1],
            "held_out": curve, "loss": log[-1].loss}  # fmt: skip


def _label_accuracy(work: Work, judge: TinyCausal, pairs: Sequence[Pair]) -> float:
    """How often the judge comes to the label, a greedy analysis each."""
    wanted = dict(pairs)
    prompts = sorted(wanted)
    drawn = judge.complete(
        [Prompt(p) for p in prompts], max_tokens=work.dialect.analysis_tokens, stop=STOPS, temperature=0.0
    )
    right = [read_verdict(one.text) == read_verdict(wanted[p]) for p, (one,) in zip(prompts, drawn, strict=True)]
    return sum(right) / len(right)


MAIN = ("warm start", "stepwiser", "control", "rs-ft", "discriminative")
ROWS: dict[str, tuple[Row, bool]] = {
    "warm start": (_warm, False),
    "stepwiser": (_grpo(), False),
    "control": (_control, False),
    "rs-ft": (_rsft, False),
    "discriminative": (_discriminative(), True),
    "stepwiser abs-q": (_grpo("abs-q"), False),
    "stepwiser rel-effective": (_grpo("rel-effective:alpha=0.4,n=4"), False),
    "all labels": (_grpo(sure=0.0), False),
    "unbalanced": (_grpo(balanced=False), False),
    "sparse": (_sparse, False),
    "no analysis": (_grpo(at_once=True), True),
    "discriminative abs-q": (_discriminative("abs-q"), True),
    "dr. grpo": (_grpo(advantage="none", loss="constant"), False),
    "dapo": (_grpo(loss="tokens"), False),
}
"""Name -> how it is trained, and whether the verdict comes at once, without an analysis."""
