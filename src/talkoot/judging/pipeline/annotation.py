"""Annotation: the policy's solutions of the judge's problems, their rollouts, and the labels read off the counts."""

from __future__ import annotations

from typing import Any

from talkoot.errors import BadInput
from talkoot.judging.allocation import Fixed
from talkoot.judging.answers import Grader
from talkoot.judging.examples import Example, examples
from talkoot.judging.journal import AnnotatedSolution, load_journal, read_journal
from talkoot.judging.labels import Labelling, rule_by_name
from talkoot.judging.noise import report
from talkoot.judging.pipeline.work import MORE, Work
from talkoot.judging.rollouts import Progress, annotate, open_journal, sample_solutions
from talkoot.judging.tasks.oracle import valid
from talkoot.learning.tiny import open_tiny

JOURNAL = "rollouts.jsonl"
RULES = ("abs-q", "rel-effective:alpha=0.4,n=4", "rel-ratio:gamma=0.8")


def label(work: Work) -> dict[str, Any]:
    """Sample, roll out every prefix `cap` times, and tell how the three rules label what was found.

    The oracle is asked only to measure: how often a sound chunk is +, an unsound one -. Raises BadInput where no
    problem is solved now and then, or all labels are alike.
    """
    preset, dialect = work.preset, work.dialect
    policy = open_tiny(work.folder("policy"), device=preset.device)
    path = work.folder("labels") / JOURNAL
    with (
        Grader() as grader,
        open_journal(path, policy, dialect, task=preset.name, seed=work.seed, samples=preset.samples) as journal,
    ):
        problems = work.problems("judge", preset.judge_problems)
        solutions = sample_solutions(problems, policy, dialect, grader, journal, most=preset.most)
        if not solutions:
            raise BadInput(
                f"stage labels: the policy solved none of {len(problems)} problems now and then (always or never, or "
                f"it wrote no chunks), so nothing is there to label; {MORE}policy.steps or judge_problems"
            )

        def tell(now: Progress) -> None:
            work.say("labels", now.done / max(now.of, 1))

        annotate(solutions, policy, dialect, grader, journal, Fixed(preset.cap), progress=tell)
    labelled(work)
    contents = read_journal(path)
    told: dict[str, Any] = {"problems": len(problems), "solutions": len(solutions)}
    told["rollouts"] = sum(block.tries for one in contents for blocks in one.blocks for block in blocks)
    for name in RULES:
        told[name] = _against_oracle(work, contents, Labelling(rule_by_name(name)))
    return told


def labelled(work: Work, rule: str = "", sure: float | None = None) -> list[Example]:
    """The labelled chunks by a rule (the preset's own by default), those that are sure enough.

    Raises BadInput unless there are both + and -.
    """
    at_least = work.preset.sure if sure is None else sure
    rule = rule or work.preset.rule
    contents = read_journal(work.folder("labels") / JOURNAL)
    # Chunks that several solutions share count each time: taken once, right first chunks, which are often shared, would
    # be rarer than they are, and a judge would learn where chunks stand instead of what they say.
    found = examples(contents, Labelling(rule_by_name(rule)), at_least=at_least, distinct=False)
    plus = sum(one.label > 0 for one in found)
    if not 0 < plus < len(found):
        raise BadInput(
            f"stage labels: by the rule {rule} {plus} chunks are + and {len(found) - plus} are -, and a judge learns "
            f"from both; {MORE}judge_problems or policy.steps"
        )
    return found


def annotated(work: Work) -> list[AnnotatedSolution]:
    """The solutions with their counts."""
    return list(read_journal(work.folder("labels") / JOURNAL))


def _against_oracle(work: Work, contents: list[AnnotatedSolution], labelling: Labelling) -> dict[str, Any]:
    cells = {(sign, sound): 0 for sign in (1, -1) for sound in (True, False)}
    for one in contents:
        truth = valid(one.problem.text, one.chunks, work.preset.task.modulus)
        for sign, good in zip(labelling(one.counts), truth, strict=True):
            if sign:
                cells[sign, good] += 1
    plus, minus = (cells[sign, True] + cells[sign, False] for sign in (1, -1))
    sound, unsound = cells[1, True] + cells[-1, True], cells[1, False] + cells[-1, False]
    return {
        "chunks": plus + minus,
        "positive": plus / max(plus + minus, 1),
        "sound_positive": cells[1, True] / max(sound, 1),
        "unsound_negative": cells[-1, False] / max(unsound, 1),
        "agreement": report(load_journal(work.folder("labels") / JOURNAL), labelling).halves.share,
    }
