"""The pages about the household, CoELA and the formal problem say what is so: tables are complete, quotes are made."""

from __future__ import annotations

import ast
import re
from dataclasses import fields
from itertools import pairwise
from pathlib import Path

ROOT = Path(__file__).parents[1]
QUOTE = re.compile(r"^<!-- stated by (\S+) -->\n```text\n(.*?)^```$", re.MULTILINE | re.DOTALL)


def _first_cells(text: str) -> list[str]:
    """All names between backticks in the first cell of every row of the tables in a text."""
    rows = [row.split("|")[1] for row in text.splitlines() if row.startswith("| `")]
    return [name for cell in rows for name in re.findall(r"`([^`]+)`", cell)]


def _section(page: str, heading: str) -> str:
    text = (ROOT / page).read_text().split(f"## {heading}\n", 1)[1]
    return text.split("\n## ", 1)[0]


def _rows(text: str) -> list[list[str]]:
    """The cells of every row of the tables in a text whose first cell begins with a name between backticks."""
    return [[cell.strip() for cell in row.strip("|").split("|")] for row in text.splitlines() if row.startswith("| `")]


def _names(text: str) -> set[str]:
    return set(re.findall(r"`([^`]+)`", text))


def quoted(text: str) -> str:
    """The page with every quote of a world's formal problem as the world states it today."""
    from talkoot.worlds.catalog import make_world

    def stated(match: re.Match[str]) -> str:
        return f"<!-- stated by {match[1]} -->\n```text\n{make_world(match[1]).formal().words()}```"

    return QUOTE.sub(stated, text)


def test_worlds_are_quoted_as_they_state_their_problem() -> None:
    """`python tests/test_docs_household.py` writes the quotes anew."""
    text = (ROOT / "docs/formal.md").read_text()
    names = [match[1] for match in QUOTE.finditer(text)]
    assert names == ["cramped_room", "household/test"]
    assert text == quoted(text)


def test_every_part_of_the_formal_problem_is_documented() -> None:
    from talkoot.formal import DecPomdpCom

    text = (ROOT / "docs/formal.md").read_text()
    assert _first_cells(text) == [field.name for field in fields(DecPomdpCom)]


def test_every_name_and_option_of_a_home_is_documented() -> None:
    from talkoot.worlds.household import catalog
    from talkoot.worlds.household.quirks import Quirks
    from talkoot.worlds.household.sets import apartment_names

    section = _section("docs/household.md", "Names and options")
    for name in (*catalog.SETS, catalog.GENERATE, *apartment_names()):
        assert re.search(rf"\b{name}\b", section), name
    options = {*catalog.world_options(), *catalog.APARTMENT_OPTIONS, *catalog.GENERATE_OPTIONS, *catalog.FOLDER_OPTIONS}
    told = [name for name in _first_cells(section) if re.fullmatch(r"[a-z_]+", name)]
    assert sorted(told) == sorted(options - {field.name for field in fields(Quirks)})
    assert set(catalog.SHORT) <= _names(section)


def test_every_primitive_is_documented_with_its_arguments() -> None:
    from talkoot.worlds.household.mechanics import ARITY

    rows = _rows(_section("docs/household.md", "What one can do"))
    told = {name: row[1] for row in rows for name in re.findall(r"`(\w+)`", row[0])}
    assert sorted(told) == sorted(ARITY)
    for name, arguments in told.items():
        count = 0 if arguments.startswith("-") else 2 if ", a " in arguments else 1
        assert count == ARITY[name], name


def _quirks() -> dict[str, str]:
    """The first word of what the source says about each quirk: Kept, Offered or Mended."""
    from talkoot.worlds.household import quirks

    tree = ast.parse(Path(quirks.__file__).read_text())
    (body,) = (node.body for node in tree.body if isinstance(node, ast.ClassDef) and node.name == "Quirks")
    return {
        field.target.id: (re.findall(r"\w+", said.value.value) or [""])[0]
        for field, said in pairwise(body)
        if isinstance(field, ast.AnnAssign) and isinstance(field.target, ast.Name)
        and isinstance(said, ast.Expr) and isinstance(said.value, ast.Constant) and isinstance(said.value.value, str)
    }  # fmt: skip


def test_every_quirk_is_documented_with_its_default_and_what_became_of_it() -> None:
    from talkoot.worlds.household.quirks import Quirks

    rows = {row[0].strip("`"): row for row in _rows(_section("docs/household.md", "Quirks of the original"))}
    said = _quirks()
    assert set(rows) == {field.name for field in fields(Quirks)} == set(said)
    for field in fields(Quirks):
        _, status, default, _ = rows[field.name]
        assert status == said[field.name].lower(), field.name
        value = field.default
        shown = {True: "on", False: "off"}[value] if isinstance(value, bool) else f"{value:g}" if isinstance(
            value, float) else value  # fmt: skip
        assert default.strip("`") == shown, field.name


def test_every_option_of_coela_and_mhp_is_documented_with_its_values() -> None:
    from talkoot.agents import catalog

    for agent, heading in (("coela", "Options"), ("mhp", "MHP and the lower reference points")):
        rows = {row[0].strip("`"): row[1] for row in _rows(_section("docs/coela.md", heading)) if len(row) == 3}
        assert sorted(rows) == sorted(catalog._OPTIONS[agent])
        for name, values in rows.items():
            choices = catalog._CHOICES.get(f"{agent}:{name}", catalog._CHOICES.get(name, ()))
            if (choices and name not in catalog._NUMBERS) or f"{agent}:{name}" in catalog._CHOICES:
                assert sorted(re.findall(r"`(\w+)`", values)) == sorted(choices), f"{agent}:{name}"


def test_the_documented_defaults_of_coela_are_its_defaults() -> None:
    """The first value of every row makes the same agent as no option at all."""
    from talkoot.agents.catalog import make_agent
    from talkoot.models.rulebook import Rulebook

    model = Rulebook()
    rows = {row[0].strip("`"): row[1] for row in _rows(_section("docs/coela.md", "Options"))}
    for name, values in rows.items():
        if name != "model":
            first = values.split(",")[0].strip("` ")
            assert make_agent(f"coela:{name}={first}", lambda _: model) == make_agent("coela", lambda _: model), name


def test_the_prompts_of_coela_have_the_documented_parts_in_order() -> None:
    headings = {"goal": "Goal:", "progress": "Progress:", "dialogue": "Dialogue:",
                "previous actions": "Previous actions:", "available actions": "Available actions:"}  # fmt: skip
    for row in _rows(_section("docs/coela.md", "Prompts, replies, fall-backs"))[:2]:
        (file,) = re.findall(r"`(\w+\.j2)`", row[0])
        template = (ROOT / "src/talkoot/agents/prompts" / file).read_text()
        parts = [headings[part] for part in row[1].split("; ") if part in headings]
        places = [template.index(heading) for heading in parts]
        assert places == sorted(places), file
        assert len(parts) >= 4


def test_the_agents_of_the_household_are_documented() -> None:
    from talkoot.agents.catalog import DESCRIPTIONS

    text = (ROOT / "docs/coela.md").read_text()
    for name in ("coela", "mhp", "greedy", "randomplan", "random", "stay", "human", "proagent", "react", "central"):
        assert name in DESCRIPTIONS
        assert re.search(rf"`{name}`|[ +]{name}\b", text), name


def test_the_planner_on_the_page_has_ten_lines_and_is_the_example() -> None:
    (code,) = re.findall(r"^```python\n(.*?)^```$", (ROOT / "docs/coela.md").read_text(), re.MULTILINE | re.DOTALL)
    lines = [line for line in code[code.index("class ") : code.index("model =")].splitlines() if line.strip()]
    assert len(lines) <= 10
    example = (ROOT / "examples/swap_household_planner.py").read_text()
    for line in lines[3:]:
        assert line in example, line


if __name__ == "__main__":
    page = ROOT / "docs/formal.md"
    page.write_text(quoted(page.read_text()))
