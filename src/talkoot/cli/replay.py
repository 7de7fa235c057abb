"""`talkoot replay`: look at what was played, as a page or in the terminal."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer


def command(
    run: Annotated[Path, typer.Argument(metavar="RUN", help="A run folder, or one episode file (.jsonl).")],
    out: Annotated[
        Path | None, typer.Option(help="Where to write the page; RUN/replay.html, or beside the episode file.")
    ] = None,
    episode: Annotated[
        list[str] | None, typer.Option(help="Show only this episode; may repeat. Without it, all are in the page.")
    ] = None,
    watch: Annotated[bool, typer.Option(help="Watch one episode in the terminal instead of writing a page.")] = False,
    speed: Annotated[float, typer.Option(help="With --watch: 1 shows four steps a second, 0 does not wait.")] = 1.0,
    open_page: Annotated[bool, typer.Option("--open", help="Open the page in a browser.")] = False,
    as_json: Annotated[bool, typer.Option("--json", help="Print one JSON object on standard output.")] = False,
) -> None:
    """Write one self-contained HTML file that shows every step, thought, prompt and verdict of a run."""
    from rich.console import Console

    from talkoot.cli import check_target, print_json
    from talkoot.episode import read_episode
    from talkoot.errors import BadInput
    from talkoot.replay.page import choose_episodes, write_page
    from talkoot.replay.printable import clean
    from talkoot.replay.terminal import watch as show

    if watch:
        if out or open_page:
            raise BadInput("--watch shows the episode in the terminal; leave out --out and --open, or --watch")
        files = choose_episodes(run, episode)
        name, path = next(iter(files.items()))
        if len(files) > 1:
            note = f"watching {clean(name)}, the first of {len(files)} episodes; choose another with --episode"
            Console(stderr=True).print(note, markup=False, highlight=False)
        seen = show(read_episode(path), Console(stderr=as_json), speed)
        if as_json:
            print_json({"episode": name, "step": seen.t, "score": seen.score})
        return
    if out is None:
        out = run.with_suffix(".html") if run.is_file() else run / "replay.html"
    shown = list(choose_episodes(run, episode))
    check_target("--out", out)
    write_page(run, out, shown)
    if as_json:
        print_json({"page": str(out), "episodes": shown, "bytes": out.stat().st_size})
    else:
        many = f"{len(shown)} episodes" if len(shown) > 1 else "1 episode"
        Console().print(
            f"{out}  ({many}, {out.stat().st_size / 1e6:.1f} MB)", markup=False, highlight=False, soft_wrap=True
        )
    if open_page:
        import webbrowser

        webbrowser.open(out.resolve().as_uri())
