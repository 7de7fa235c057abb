"""`talkoot judge annotate`: problems -> solutions -> rollouts at every prefix, into a journal of counts."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Literal

import typer

if TYPE_CHECKING:
    from talkoot.judging.allocation import Allocation

_REMEDIES = {
    "no tags": "the policy writes no tags: take --cut rules",
    "unfinished": "give a solution more --tokens",
    "no answer": "take a policy that states its answer, in \\boxed{} or behind A:",
}
"""What to do where no solution can be annotated, by the most frequent reason."""


def command(
    file: Annotated[Path, typer.Argument(help="Problems as JSON lines, plain or .gz: problem (or question), answer.",
                                         metavar="FILE.jsonl")],
    model: Annotated[str, typer.Option(help="The policy: tiny/FOLDER, hf/FOLDER or NAME@URL.")],
    out: Annotated[Path | None, typer.Option(help="The journal; by default FILE.journal.jsonl in this folder. The same "
                                             "command goes on where it stopped.")] = None,
    problems: Annotated[int, typer.Option(min=0, help="Only the first so many problems; 0 for all.")] = 0,
    samples: Annotated[int, typer.Option(min=1, help="Responses to each problem.")] = 16,
    most: Annotated[int, typer.Option(min=0, help="Annotate at most so many solutions of a problem; 0: all.")] = 0,
    cut: Annotated[Literal["tags", "blank", "lines", "steps", "rules"], typer.Option(
        help="How solutions are cut: by the policy's own tags, or for a policy without tags.")] = "tags",
    allocation: Annotated[Literal["fixed", "curtailed", "adaptive", "first-error"], typer.Option(
        help="The same number of rollouts everywhere; only those that can still change a label, exactly; those that "
             "doubt asks for; or a binary search for the first error.")] = "curtailed",
    rule: Annotated[str, typer.Option(help="The rule that curtailed and adaptive look at.")] = "rel-ratio:gamma=.8",
    rollouts: Annotated[int, typer.Option(min=1, help="The most rollouts of one prefix.")] = 16,
    block: Annotated[int, typer.Option(min=1, help="Rollouts that are drawn together.")] = 4,
    confidence: Annotated[float, typer.Option(min=0.51, max=0.999, help="Where adaptive stops.")] = 0.95,
    temperature: Annotated[float, typer.Option(min=0.0, help="Of responses and rollouts.")] = 1.0,
    seed: Annotated[int, typer.Option(min=0, help="The same seed draws the same rollouts.")] = 0,
    tokens: Annotated[int, typer.Option(min=0, help="The most tokens of a solution; 0: what suits the model.")] = 0,
    template: Annotated[str, typer.Option(help="For a server: the folder of the model's tokenizer, whose chat template "
                                          "is used.")] = "",
    at_once: Annotated[int, typer.Option(min=0, help="Rollouts of one call; what is lost at most by stopping. 0: 256 "
                                         "of a server, 1024 of a folder.")] = 0,
    timeout: Annotated[float, typer.Option(min=0.1, help="Seconds that a server has for one reply.")] = 600.0,
    as_json: Annotated[bool, typer.Option("--json", help="One JSON object on standard output.")] = False,
) -> None:  # fmt: skip
    """Sample solutions, roll out their prefixes, and keep the counts in a journal that any rule can be read off.

    Stopped or killed, the same command goes on where it stopped.
    """
    import warnings
    from collections import Counter

    from rich.console import Console

    from talkoot.cli import check_target, print_json
    from talkoot.errors import BadInput, ModelFailed, Stopped
    from talkoot.judging.answers import Grader
    from talkoot.judging.problem import read_problems
    from talkoot.judging.rollouts import annotate, open_journal, sample_solutions
    from talkoot.judging.samplers import open_sampler
    from talkoot.judging.segment import CUTTERS

    path = out or Path(f"{file.name.partition('.')[0]}.journal.jsonl")
    check_target("--out", path)
    if path.exists() and file.exists() and path.samefile(file):
        raise BadInput(f"--out {path} is the file of the problems itself; name another one")
    way = _allocation(allocation, rule, rollouts, confidence)
    if rollouts % block:
        raise BadInput(f"--rollouts {rollouts} is no multiple of --block {block}")
    todo = read_problems(file, problems or None)
    at_once = at_once or (256 if "@" in model else 1024)
    tell = Console(stderr=True, highlight=False)

    def say(words: object, *where: object) -> None:
        tell.print(f"talkoot: {words}", markup=False, soft_wrap=True)

    how = {"task": file.name, "cut": cut, "seed": seed, "temperature": temperature, "samples": samples, "block": block}
    with warnings.catch_warnings():
        warnings.showwarning = say  # type: ignore[assignment]
        sampler, dialect = open_sampler(model, template=template, tokens=tokens, timeout=timeout)
        with open_journal(path, sampler, dialect, **how) as journal, Grader() as grader:  # type: ignore[arg-type]
            for note in journal.contents.notes:
                say(note)
            with tell.status("sampling solutions") as status:
                try:
                    kept = sample_solutions(
                        todo, sampler, dialect, grader, journal, plain=CUTTERS.get(cut), most=most or None,
                        at_once=at_once,
                        progress=lambda now: status.update(f"sampling solutions: {now.done} of {now.of} problems"),
                    )  # fmt: skip
                    done = annotate(
                        kept, sampler, dialect, grader, journal, way, at_once=at_once,
                        progress=lambda now: status.update(
                            f"rolling out: {now.done} of {now.of} solutions, {now.rollouts} rollouts"),
                    )  # fmt: skip
                except (KeyboardInterrupt, ModelFailed) as error:
                    blocks = [one for drawn in journal.contents.blocks.values() for one in drawn]
                    keeps = (f"{path} keeps what was drawn ({len(journal.contents.sampled)} problems, "
                             f"{sum(one.tries for one in blocks)} rollouts), and the same command goes on from there"
                             )  # fmt: skip
                    if isinstance(error, KeyboardInterrupt):
                        raise Stopped(f"stopped; {keeps}") from None
                    error.args = (f"{error}; {keeps}",)
                    raise
            sampled = [journal.contents.sampled[one.id] for one in todo]
    dropped: Counter[str] = Counter()
    for one in sampled:
        dropped.update(one.dropped)
    reasons = ", ".join(f"{count} {reason}" for reason, count in dropped.items()) or "none"
    if not done:
        remedy = _REMEDIES.get(dropped.most_common(1)[0][0], "name problems that the policy solves now and then")
        raise ModelFailed(f"no solution of {len(sampled)} problems can be annotated ({reasons}); {remedy}, and another "
                          "--out")  # fmt: skip
    nodes = {node for solution in done for node in solution.prefixes}
    blocks = [one for node in nodes for one in journal.contents.blocks.get(node, ())]
    tries, right = sum(one.tries for one in sampled), sum(one.successes for one in sampled)
    told = {
        "journal": str(path), "model": sampler.name, "problems": len(sampled), "responses": tries, "right": right,
        "solutions": len(done), "dropped": dict(dropped), "chunks": sum(len(one.chunks) for one in done),
        "prefixes": len(nodes), "rollouts": sum(one.tries for one in blocks),
        "tokens": sum(one.tokens for one in blocks), "sampling_tokens": sum(one.tokens for one in sampled),
    }  # fmt: skip
    if as_json:
        print_json(told)
        return
    console = Console(highlight=False)
    for line in (
        f"{len(sampled)} problems, {tries} responses, {100 * right / tries:.1f} % right",
        f"{len(done)} solutions with {told['chunks']} chunks kept; dropped: {reasons}",
        f"{told['rollouts']} rollouts at {len(nodes)} prefixes, {told['tokens']} tokens",
        f"journal: {path}; see its labels with: talkoot judge label {path} --report",
    ):
        console.print(line, markup=False, soft_wrap=True)


def _allocation(name: str, rule: str, rollouts: int, confidence: float) -> Allocation:
    from talkoot.judging.allocation import Adaptive, Curtailed, FirstError, Fixed
    from talkoot.judging.labels import Labelling, rule_by_name

    labelling = Labelling(rule_by_name(rule))
    if name == "fixed":
        return Fixed(rollouts)
    if name == "first-error":
        return FirstError(rollouts)
    return Adaptive(labelling, confidence, rollouts) if name == "adaptive" else Curtailed(labelling, rollouts)
