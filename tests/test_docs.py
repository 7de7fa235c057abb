"""The documents say what is so: their code runs, their commands and options exist, their tables are complete."""

from __future__ import annotations

import re
import shlex
from collections.abc import Iterator
from dataclasses import fields
from pathlib import Path
from typing import Any, get_args

import pytest

ROOT = Path(__file__).parents[1]
PAGES = sorted([*ROOT.glob("*.md"), *ROOT.glob("docs/**/*.md")])
FENCE = re.compile(r"^```(\w*)\n(.*?)^```$", re.MULTILINE | re.DOTALL)
INLINE = re.compile(r"`([^`\n]+(?:\n[^`\n]+)?)`")


def _name(page: Path) -> str:
    return str(page.relative_to(ROOT))


def _blocks(page: Path, language: str) -> list[str]:
    return [code for found, code in FENCE.findall(page.read_text()) if found == language]


def _section(page: str, heading: str) -> str:
    text = (ROOT / page).read_text().split(f"## {heading}\n", 1)[1]
    return text.split("\n## ", 1)[0]


def _first_cells(text: str) -> list[str]:
    """The first cell of every row of the tables in a text, without its backticks."""
    return [row.split("|")[1].strip().strip("`") for row in text.splitlines() if row.startswith("| `")]


@pytest.mark.parametrize("page", [page for page in PAGES if _blocks(page, "python")], ids=_name)
def test_python_in_the_documents_runs(page: Path, runs: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """All blocks of a page run in order and share their names, as a reader would type them."""
    names: dict[str, Any] = {"__name__": "page"}
    for number, code in enumerate(_blocks(page, "python"), 1):
        exec(compile(code, f"{_name(page)}, python block {number}", "exec"), names)
    assert not runs.exists()


def _commands() -> Iterator[tuple[str, str]]:
    """Every `talkoot ...` command in a shell block or between backticks, with the page it stands on."""
    for page in PAGES:
        text = page.read_text()
        for code in _blocks(page, "sh"):
            for line in code.replace("\\\n", " ").splitlines():
                if line.startswith("talkoot "):
                    yield _name(page), line
        for code in INLINE.findall(FENCE.sub("", text)):
            if code.startswith("talkoot "):
                yield _name(page), " ".join(code.split())


COMMANDS = sorted(set(_commands()))


def test_the_documents_show_every_command() -> None:
    from talkoot.cli import COMMANDS as known

    shown = {line.split()[1] for page, line in COMMANDS if page == "README.md"}
    assert shown == set(known)


@pytest.mark.parametrize(("page", "line"), COMMANDS)
def test_commands_in_the_documents_exist(page: str, line: str, monkeypatch: pytest.MonkeyPatch) -> None:
    """The command, its options and the form of their values are known; worlds, teams and models can be made."""
    import typer

    from talkoot.cli import app

    monkeypatch.chdir(ROOT)
    name, *arguments = shlex.split(line, comments=True)[1:]
    group: Any = typer.main.get_command(app)
    command = group.commands[name]
    if hasattr(command, "commands"):  # a folder of commands
        if not arguments:
            return
        inner = arguments.pop(0) if arguments[0] in command.commands else "task"
        name, command = f"{name} {inner}", command.commands[inner]
    required = [parameter for parameter in command.params if parameter.required]
    if arguments or not required:
        context = command.make_context(name, arguments if arguments else [])
        _check_values(name, context.params)


def _check_values(name: str, given: dict[str, Any]) -> None:
    from talkoot.agents.catalog import DESCRIPTIONS, make_agent, options_of, split_team
    from talkoot.models import open_model
    from talkoot.models.rulebook import Rulebook
    from talkoot.worlds.catalog import make_world

    worlds = given["worlds"] if name == "eval" else [given["world"]] if name == "play" else []
    for world in worlds:
        if world != "WORLD" and not given.get("episodes"):  # whose folder is the reader's own
            make_world(world)
    teams = given.get("team") or []
    for team in [teams] if isinstance(teams, str) else teams:
        if team == "A+B":
            continue
        for part in split_team(team):
            options = options_of(part)
            assert part.partition(":")[0].split("/")[0] in {kind.split("/")[0] for kind in DESCRIPTIONS}
            _check_model(options.get("model", "rulebook"), open_model)
            if not any(sign in part for sign in ("policy/", "recorded/", "demos=", "central")):  # these need files
                make_agent(part, lambda name: Rulebook())
    if name.startswith("sentiment"):
        from talkoot.sentiment.models import named, split_names

        for one in split_names(given.get("models") or (given["model"] if name == "sentiment train" else "")):
            named(one)
        return
    model = given.get("model") or "rulebook"
    if not (name.startswith("judge") and model.startswith(("tiny/", "hf/"))):  # folders of the reader's own
        _check_model(model, open_model)
    if name.startswith("judge") and given.get("judge"):
        from talkoot.judging.named import split_judge

        split_judge(given["judge"])


def _check_model(model: str, open_model: Any) -> None:
    if model != "NAME@URL":
        open_model(model)


def test_commands_with_wrong_options_would_be_found() -> None:
    import typer

    from talkoot.cli import app

    command: Any = typer.main.get_command(app)
    with pytest.raises(Exception, match="No such option"):
        command.commands["play"].make_context("play", ["cramped_room", "--no-such-option"])


@pytest.mark.parametrize("page", PAGES, ids=_name)
def test_files_and_targets_named_in_the_documents_exist(page: Path) -> None:
    text = page.read_text()
    for target in re.findall(r"\]\(([^)#:]+)\)", text):
        assert (page.parent / target).exists(), f"{_name(page)} links to {target}"
    for code in INLINE.findall(text):
        if re.fullmatch(r"(?:src|docs|examples|tests|bench)/[\w./-]+", code):
            assert (ROOT / code).exists(), f"{_name(page)} names {code}"
        script = re.match(r"python ((?:examples|bench)/\w+\.py)", code)
        if script:
            assert (ROOT / script[1]).exists(), f"{_name(page)} names {script[1]}"
    targets = set(re.findall(r"^([a-z]+):", (ROOT / "Makefile").read_text(), re.MULTILINE))
    told = re.findall(r"(?:^|`)make ([a-z]+)", text, re.MULTILINE)
    assert set(told) <= targets, f"{_name(page)} names make targets that do not exist"


def test_every_example_is_in_the_readme() -> None:
    text = (ROOT / "README.md").read_text()
    assert [path.name for path in (ROOT / "examples").glob("*.py") if f"examples/{path.name}" not in text] == []


def test_the_planner_in_the_readme_has_ten_lines() -> None:
    code = _blocks(ROOT / "README.md", "python")[1]
    lines = [line for line in code[code.index("class ") : code.index("team =")].splitlines() if line.strip()]
    assert len(lines) <= 10


def test_every_event_is_documented_with_its_fields() -> None:
    from talkoot.events import Event

    table = {line.split("|")[1].strip(" `"): line.split("|")[2] for line in
             _section("docs/interfaces.md", "Run folders").splitlines() if line.startswith("| `")}  # fmt: skip
    events = {kind.__dataclass_fields__["kind"].default: kind for kind in get_args(get_args(Event)[0])}
    assert set(table) == set(events)
    for kind, event in events.items():
        wanted = {field.name for field in fields(event)} - {"kind", "t", "seat"}
        assert wanted <= set(re.findall(r"`(\w+)`", table[kind])), kind


def test_every_exit_code_is_documented() -> None:
    import talkoot.evaluation.workers  # noqa: F401  (an error of its own)
    from talkoot.errors import TalkootError

    def below(error: type[TalkootError]) -> set[int]:
        return {error.exit_code}.union(*(below(kind) for kind in error.__subclasses__()))

    told = re.findall(r"^\| (\d+) \|", _section("docs/interfaces.md", "Commands"), re.MULTILINE)
    assert below(TalkootError) <= {int(code) for code in told}


def test_every_option_of_proagent_is_documented_with_its_values() -> None:
    from talkoot.agents import catalog

    table = (ROOT / "docs/proagent.md").read_text().split("\n\n## ")[0]
    assert sorted(_first_cells(table)) == sorted(catalog._OPTIONS["proagent"])
    for row in table.splitlines():
        name = row.split("|")[1].strip(" `") if row.startswith("| `") else ""
        if name in catalog._CHOICES:
            assert sorted(re.findall(r"`(\w+)`", row.split("|")[2])) == sorted(catalog._CHOICES[name]), name


def test_every_option_of_a_world_is_documented() -> None:
    from talkoot.worlds.overcooked.catalog import GENERATE_OPTIONS, WORLD_OPTIONS

    text = (ROOT / "docs/overcooked.md").read_text()
    for option in (*WORLD_OPTIONS, *GENERATE_OPTIONS):
        assert f"`{option}`" in text, option


def test_kitchens_aliases_and_channels_are_documented() -> None:
    from talkoot.worlds.overcooked.encoding import CHANNELS_26
    from talkoot.worlds.overcooked.layout import Recipes
    from talkoot.worlds.overcooked.layout_file import ALIASES, layout_names

    text = (ROOT / "docs/overcooked.md").read_text()
    for name in (*layout_names(), *ALIASES, *Recipes.__dataclass_fields__):
        assert f"`{name}`" in text, name
    table = text[text.index("| channels | show |") :].split("\n\n")[0]
    shown = [re.sub(r"\(.*?\)|:.*", "", row.split("|")[2]) for row in table.splitlines()[2:]]
    assert tuple(part.strip() for row in shown for part in row.split(",")) == CHANNELS_26


def test_the_kitchen_in_the_documents_is_the_example() -> None:
    (drawn,) = _blocks(ROOT / "docs/overcooked.md", "layout")
    assert drawn == (ROOT / "examples/galley.layout").read_text()


def test_contributing_and_design_pages_stay_short() -> None:
    assert len((ROOT / "CONTRIBUTING.md").read_text().splitlines()) < 60
    for page in ROOT.glob("docs/design/*.md"):
        assert len(page.read_text().splitlines()) <= 80, page.name
        assert page.name == "README.md" or f"({page.name})" in (ROOT / "docs/design/README.md").read_text(), page.name


def test_every_kind_of_fault_is_documented() -> None:
    from talkoot.planning.faults import Fault

    kinds = (Fault.__doc__ or "").split("Kinds: ", 1)[1].split(".")[0]
    known = re.findall(r"[a-z-]+", re.sub(r"\([^)]*\)", "", kinds))
    assert sorted(_first_cells(_section("docs/planning.md", "What is checked"))) == sorted(known)


def test_every_engine_method_and_command_of_planning_is_documented() -> None:
    import typer

    from talkoot.cli import app
    from talkoot.planning.comparison.methods import METHODS
    from talkoot.planning.engines.attempt import STAGES

    text = (ROOT / "docs/planning.md").read_text()
    for name in (*METHODS, *STAGES):
        assert f"`{name}`" in text, name
    group: Any = typer.main.get_command(app)
    told = (ROOT / "docs/interfaces.md").read_text()
    for name in ("plan", "domains", "judge"):
        for inner in set(group.commands[name].commands) - {"task"}:
            assert f"talkoot {name} {inner}" in told, f"{name} {inner}"


def test_every_command_row_and_option_of_judging_is_documented() -> None:
    import typer

    from talkoot.cli import app
    from talkoot.judging.named import KINDS, OPTIONS
    from talkoot.judging.pipeline.presets import PRESETS
    from talkoot.judging.pipeline.training import ROWS

    text = (ROOT / "docs/stepwiser.md").read_text()
    group: Any = typer.main.get_command(app)
    for inner in group.commands["judge"].commands:
        assert re.search(rf"^talkoot judge {inner}\b", text, re.MULTILINE), inner
    for name in (*ROWS, *KINDS, *OPTIONS):
        assert f"`{name}`" in text, name
    for name in PRESETS:
        assert f"--preset {name}" in text, name


def test_every_stage_of_a_planning_run_is_documented() -> None:
    from talkoot.planning import artefacts

    for file in re.findall(r"FOLDER/(\S+)", artefacts.__doc__ or ""):
        assert f"`{file}`" in _section("docs/planning.md", "The folder of a run"), file
