"""`talkoot play`: one episode, to watch while it is played or to look at afterwards."""

from __future__ import annotations

import asyncio
import time
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from talkoot.cli.teams import AGENTS

if TYPE_CHECKING:
    from rich.console import Console

    from talkoot.cli.person import Terminal
    from talkoot.evaluation.grid import Models
    from talkoot.evaluation.job import Job
    from talkoot.replay.terminal import Onlooker


def command(
    world: Annotated[str, typer.Argument(metavar="WORLD", help="The world to play in, such as cramped_room "
                                          "or household/test.")],
    team: Annotated[str, typer.Option(help="The team, such as proagent+greedy. One agent alone leaves the other "
                                      "seat empty. " + AGENTS)] = "proagent+proagent",
    seed: Annotated[int, typer.Option(min=0, help="The seed of the episode.")] = 0,
    model: Annotated[str, typer.Option(help="The model: rulebook, recorded/FILE, hf/FOLDER or NAME@URL.")] = "rulebook",
    watch: Annotated[bool, typer.Option("--watch", help="Watch in the terminal while it is played.")] = False,
    speed: Annotated[float, typer.Option(help="With --watch: 1 shows at most four steps a second, 0 does not wait.")
                     ] = 1.0,
    run: Annotated[Path | None, typer.Option(help="The run folder; by default one that depends on what is asked.")
                   ] = None,
    replay: Annotated[Path | None, typer.Option(help="Where to write the replay page; by default into the run folder.")
                      ] = None,
    cache: Annotated[Path | None, typer.Option(help="A file of replies: what it holds is not asked again.")] = None,
    max_calls: Annotated[int | None, typer.Option(min=0, help="Stop cleanly after so many calls; where "
                         "several models are named, of each.")] = None,
    max_tokens: Annotated[int | None, typer.Option(min=0, help="Stop cleanly after so many tokens; where "
                         "several models are named, of each.")] = None,
    timeout: Annotated[float, typer.Option(min=0.1, help="Seconds that a server has for one reply.")] = 60.0,
    json: Annotated[bool, typer.Option("--json", help="Print one JSON object instead of words.")] = False,
) -> None:  # fmt: skip
    """Play one episode; tell its score, where its record lies, and where its replay page is.

    The agent `human` is you: you are asked here what to do. Stopped, killed or out of budget, the same command goes on
    where it stopped.
    """
    from contextlib import nullcontext

    from rich.console import Console
    from rich.live import Live

    from talkoot.cli import check_target, print_json
    from talkoot.errors import Stopped
    from talkoot.evaluation.grid import Models, play_job, try_team
    from talkoot.evaluation.job import Grid, jobs_of
    from talkoot.events import Event, Stepped
    from talkoot.replay.page import write_page
    from talkoot.replay.terminal import STEPS_PER_SECOND, Onlooker
    from talkoot.replay.terminal import watch as show
    from talkoot.run import Run

    if replay is not None:
        check_target("--replay", replay)
    tell = Console(stderr=True, highlight=False)
    grid = Grid((world,), (team,), (seed,), model)
    asked = grid.asked() | {"kind": "play"}
    folder = run or grid.folder("play")
    job = jobs_of(grid)[0]
    models = Models(cache, max_calls, max_tokens, timeout=timeout)
    onlooker = Onlooker()
    person = _person(job, models, tell, onlooker)
    try_team(job, models)
    with Run.open(folder, asked) as opened:
        fresh = not opened.complete(job.name)
        shown = watch and fresh and person is None  # a person is shown what its seat may see
        live = Live(console=tell, auto_refresh=False, vertical_overflow="crop") if shown else None

        def see(event: Event) -> None:
            onlooker(event)
            if person is not None:
                person.see(event)
            if live is not None and isinstance(event, Stepped):
                live.update(onlooker.frame(), refresh=True)
                if speed > 0:
                    time.sleep(1 / (STEPS_PER_SECOND * speed))

        try:
            with live or nullcontext():
                outcome = asyncio.run(play_job(folder, models, job, on_event=see if live or person else None))
        except KeyboardInterrupt:
            raise Stopped("stopped; the same command goes on from here") from None
        if not fresh:
            tell.print("this episode was played before; what follows is its record (--run FOLDER plays it anew)")
            if watch:
                show(opened.episode(job.name), tell, speed)
        page = write_page(folder, replay or folder / "replay.html")
    if json:
        where = {"run": str(folder), "episode": str(opened.path(job.name)), "replay": str(page)}
        print_json({"world": world, "team": team, "seed": seed, "model": model, **outcome.told(), **where})
        return
    lines = [f"score    {outcome.score:g} in {outcome.steps} steps"]
    if outcome.success is not None:
        lines[0] += ", all goals reached" if outcome.success else ", goals left"
        talk = (
            f"{outcome.messages} sent, {outcome.delivered_messages} delivered, {outcome.message_steps} steps for them"
        )
        lines += [f"messages {talk}"] if outcome.messages else []
    if outcome.calls:
        tokens = outcome.prompt_tokens + outcome.completion_tokens
        guessed = f", {outcome.fallback_parses} guessed" if outcome.fallback_parses else ""
        lines.append(
            f"model    {model}: {outcome.calls} calls, {tokens} tokens, {outcome.invalid_replies} invalid{guessed}"
        )
    lines += [f"record   {opened.path(job.name)}", f"replay   {page}"]
    Console(highlight=False).print("\n".join(lines), markup=False, soft_wrap=True)


def _person(job: Job, models: Models, console: Console, onlooker: Onlooker) -> Terminal | None:
    """The terminal as the person that sits in the seats of `human`, if there are any; `models` learns of it."""
    from talkoot.agents.catalog import split_team
    from talkoot.agents.human import PERSON, Person
    from talkoot.cli.person import Terminal
    from talkoot.worlds.catalog import make_world

    parts = [part.partition(":")[0] for part in split_team(job.seated)]
    seats = frozenset(seat for seat, part in zip(job.seats, parts, strict=False) if part == "human")
    if not seats:
        return None
    sees_all = make_world(job.world).formal().observable == "full"
    terminal = Terminal(console, seats, onlooker if sees_all else None)
    models.opened[PERSON] = Person(terminal.tell, terminal.hear)
    return terminal
