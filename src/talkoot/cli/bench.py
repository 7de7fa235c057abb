"""`talkoot bench`: how fast the simulators, the learners of judges and those of sentiment are on this machine."""

from __future__ import annotations

from typing import Annotated, Any

import typer


def command(
    what: Annotated[
        str, typer.Argument(help="What to measure: overcooked, household, judging, sentiment.")
    ] = "overcooked",
    layout: Annotated[str, typer.Option(help="The kitchen.")] = "cramped_room",
    repeats: Annotated[int, typer.Option(min=1, help="The best of so many runs counts.")] = 5,
    steps: Annotated[
        int | None,
        typer.Option(
            min=1,
            help="Steps of one run; 4 million in Overcooked, 5,000 in the household, 4 (of GRPO) in judging; samples "
            "in sentiment, 384.",
        ),
    ] = None,
    worlds: Annotated[int, typer.Option(min=1, help="Kitchens that are stepped at once.")] = 1024,
    peers: Annotated[
        bool, typer.Option(help="Also time overcooked_ai, JaxMARL; transformers, TRL; MMSA; where installed.")
    ] = True,
    as_json: Annotated[bool, typer.Option("--json", help="One JSON object on standard output.")] = False,
) -> None:
    """Measure steps a second on one pinned core, rewards and resets included, best of five.

    Overcooked: random actions. Household: a scripted pair; and images a second, and milliseconds of an MHP decision.
    Judging, of one thread and by CPU seconds: rollouts, and labels and GRPO steps against transformers and TRL.
    Sentiment: samples that each model trains on in a CPU second of one thread, and ratios to MMSA's models.
    """
    from rich.console import Console
    from rich.table import Table

    from talkoot.cli import print_json
    from talkoot.errors import BadInput

    if what not in ("overcooked", "household", "judging", "sentiment"):
        raise BadInput(f"there is no benchmark {what!r}; known are overcooked, household, judging, sentiment")
    if what == "household":
        result = _household(steps or 5_000, repeats)
    elif what == "judging":
        result = _judging(steps or 4, repeats, peers)
    elif what == "sentiment":
        result = _sentiment(steps or 384, repeats, peers)
    else:
        from talkoot.worlds.overcooked.speed import measure, peers_to_stderr

        with peers_to_stderr():
            result = measure(layout, worlds=worlds, steps=steps or 4_000_000, repeats=repeats, peers=peers)
    if as_json:
        print_json(result)
        return
    table = Table("measure", "value")
    for key, value in result.items():
        table.add_row(key, f"{value:,}" if isinstance(value, int | float) else str(value))
    Console().print(table)


def _household(steps: int, repeats: int) -> dict[str, Any]:
    """Steps of the household, images, decisions; images are null where nothing can draw, `images_reason` says why."""
    from talkoot.worlds.household.speed import images_per_s, measure, mhp_decision_ms

    images, reason = images_per_s()
    result = {**measure(steps=steps, repeats=repeats), "images_per_s": images, "mhp_decision_ms": mhp_decision_ms()}
    if images is None:
        result["images_reason"] = reason
    return result


def _judging(steps: int, repeats: int, peers: bool) -> dict[str, Any]:
    """Rollouts, labels and GRPO steps a CPU second; a ratio is null where its peer is not installed."""
    from importlib.util import find_spec

    from talkoot.errors import BadInput

    if find_spec("torch") is None:
        raise BadInput("this benchmark needs torch; run: pip install 'talkoot[judging]'")
    from talkoot.judging.speed import measure
    from talkoot.worlds.overcooked.speed import peers_to_stderr

    with peers_to_stderr():
        return measure(repeats=repeats, steps=steps, peers=peers)


def _sentiment(samples: int, repeats: int, peers: bool) -> dict[str, Any]:
    """Training throughput of the models of sentiment; ratios are null where MMSA is not installed."""
    from importlib.util import find_spec

    from talkoot.errors import BadInput

    if find_spec("torch") is None:
        raise BadInput("this benchmark needs torch; run: pip install 'talkoot[sentiment]'")
    from talkoot.sentiment.speed import measure
    from talkoot.worlds.overcooked.speed import peers_to_stderr

    with peers_to_stderr():
        return measure(samples=samples, repeats=repeats, peers=peers)
