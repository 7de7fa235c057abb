"""`talkoot judge decisions`: the decisions of a recorded episode, labelled by playing on around each of them."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

if TYPE_CHECKING:
    from collections.abc import Mapping

    from rich.console import Console

    from talkoot.agent import Agent
    from talkoot.episode import Episode
    from talkoot.replay.judged import Labels
    from talkoot.types import Seat

_KEPT = ("greedy", "random", "randomplan", "stay", "policy")
"""Mates that play on as themselves; all others are slow or ask a model, and are stood in for."""


def command(
    episode: Annotated[Path, typer.Argument(metavar="EPISODE.jsonl", help="A recorded episode, such as "
                                            "RUN/episodes/NAME.jsonl.")],
    rule: Annotated[str, typer.Option(help="abs-q, rel-effective:alpha=.4,n=4 or rel-ratio:gamma=.8.")
                    ] = "rel-ratio:gamma=.8",
    rollouts: Annotated[int, typer.Option(min=1, max=4096, help="Times to play on from each state.")] = 16,
    horizon: Annotated[int, typer.Option(min=0, help="Steps to play on for; 0 plays to the end, and has one bar of "
                                         "success for all decisions.")] = 60,
    share: Annotated[float, typer.Option(min=0, max=0.99, help="The bar of success is what all but this share of the "
                                         "rollouts before the decision reach.")] = 0.1,
    seat: Annotated[list[int] | None, typer.Option(help="Label only this seat's decisions; may repeat.")] = None,
    own: Annotated[str, typer.Option(help="Who plays on in the seat whose decisions are labelled.")] = "greedy",
    mates: Annotated[str, typer.Option(help="Who plays on in the other seats; by default who sat there, or greedy "
                                       "for an agent that asks a model.")] = "",
    noise: Annotated[float, typer.Option(min=0, max=1, help="Probability of a random step, so that scripts vary. "
                                         "Networks and random agents vary by themselves.")] = 0.1,
    seed: Annotated[int, typer.Option(min=0, help="The seed of the rollouts.")] = 0,
    replay: Annotated[Path | None, typer.Option(help="Also write the replay page, with the labels.")] = None,
    as_json: Annotated[bool, typer.Option("--json", help="One JSON object on standard output.")] = False,
) -> None:  # fmt: skip
    """Label each decision + or - by rollouts before and after it; talkoot replay shows the labels from then on.

    The labels go into a file of their own beside the episode, NAME.decisions.json. The record is not changed.
    """
    import time
    from fractions import Fraction

    from rich.console import Console
    from rich.progress import Progress

    from talkoot.cli import check_target, print_json
    from talkoot.episode import read_episode, run_sync
    from talkoot.errors import BadInput
    from talkoot.judging.labels import Labelling, rule_by_name
    from talkoot.learning.decisions import Rollouts, decision_counts
    from talkoot.replay.judged import Labelled, Labels, write_labels
    from talkoot.replay.page import write_page
    from talkoot.worlds.catalog import make_world

    if replay is not None:
        check_target("--replay", replay)
    if not episode.is_file():
        raise BadInput(f"there is no episode file {episode}; name one of RUN/episodes/*.jsonl")
    labelling = Labelling(rule_by_name(rule), after_error="keep")
    record = read_episode(episode)
    held = tuple(sorted(record.started.team))
    if seat and (strange := sorted(set(seat) - set(held))):
        raise BadInput(f"--seat {strange[0]}: nobody sits there in {episode}; its seats are {list(held)}")
    world = make_world(record.started.world, seats=held)
    how = Rollouts(rollouts, horizon or None, share, seed)
    began = time.process_time()
    tell = Console(stderr=True)
    with Progress(console=tell, transient=True, disable=not tell.is_terminal) as progress:
        bar = progress.add_task("playing on", total=None)
        counts = run_sync(
            decision_counts(
                world, lambda mine: _team(record, mine, own, mates, noise), record, seats=seat, rollouts=how,
                told=lambda done, total: progress.update(bar, completed=done, total=total),
            )
        )  # fmt: skip
    seconds = time.process_time() - began
    told = []
    for one in counts:
        before, after = (Fraction(s, n) for n, s in zip(one.tries, one.successes, strict=True))
        d = one.decision
        told.append(
            Labelled(d.seat, d.t, d.end, d.what, one.tries, one.successes,
                     (round(one.points[0], 3), round(one.points[1], 3)), labelling.decide(before, after))
        )  # fmt: skip
    about = {"rollouts": rollouts, "horizon": horizon, "share": share, "own": own, "mates": mates, "noise": noise,
             "seed": seed}  # fmt: skip
    labels = Labels(labelling.rule.name, about, tuple(told))
    path = write_labels(episode, labels)
    if replay is not None:
        write_page(episode, replay)
    seats = [_summary(labels, one, record.started.team[one]) for one in (sorted(set(seat)) if seat else held)]
    if as_json:
        print_json({"episode": str(episode), "labels": str(path), "replay": str(replay) if replay else None,
                    "rule": labels.rule, "seconds": round(seconds, 2), **about, "seats": seats})  # fmt: skip
    else:
        _show(labels, seats, path, replay, seconds, Console())


def _team(record: Episode, mine: Seat, own: str, mates: str, noise: float) -> Mapping[Seat, Agent]:
    """Who plays on where decisions of seat `mine` are labelled."""
    from talkoot.agents.catalog import make_agent
    from talkoot.learning.decisions import Wavering
    from talkoot.models import open_model

    team: dict[Seat, Agent] = {}
    for seat, sat in record.started.team.items():
        head = sat.split(":")[0].split("/")[0]
        name = own if seat == mine else mates or (sat if head in _KEPT else "greedy")
        agent = make_agent(name, open_model)
        varies = name.split(":")[0].split("/")[0] in ("random", "randomplan", "policy")
        team[seat] = agent if varies or not noise else Wavering(agent, noise)
    return team


def _summary(labels: Labels, seat: Seat, who: str) -> dict[str, Any]:
    mine = [one for one in labels.decisions if one.seat == seat]
    minus = [one for one in mine if one.label < 0]
    return {
        "seat": seat, "agent": who, "decisions": len(mine), "minus": len(minus),
        "share": round(len(minus) / len(mine), 4) if mine else None,
        "steps": sum(one.end - one.t for one in minus),
    }  # fmt: skip


def _show(
    labels: Labels, seats: list[dict[str, Any]], path: Path, replay: Path | None, seconds: float, console: Console
) -> None:
    from rich.table import Table

    from talkoot.replay.printable import clean

    table = Table("seat", "agent", "decisions", "-", "share of -")
    for column in table.columns[2:]:
        column.justify = "right"
    for one in seats:
        share = "" if one["share"] is None else f"{one['share']:.0%}"
        table.add_row(str(one["seat"]), clean(one["agent"], 40), str(one["decisions"]), str(one["minus"]), share)
    console.print(table)
    worst = sorted((one for one in labels.decisions if one.label < 0), key=_loss, reverse=True)[:5]
    for bad in worst:
        before, after = (s / n for n, s in zip(bad.tries, bad.successes, strict=True))
        console.print(
            f"  step {bad.t}, seat {bad.seat}: {clean(bad.what, 60)}, Q {before:.2f} -> {after:.2f}",
            markup=False, highlight=False,
        )  # fmt: skip
    for line in (f"labels   {path}  ({labels.rule}, {seconds:.0f} s)", f"replay   {replay}" if replay else ""):
        if line:
            console.print(line, markup=False, highlight=False, soft_wrap=True)


def _loss(one: Any) -> float:
    return float(one.successes[0] / one.tries[0] - one.successes[1] / one.tries[1])
