"""The pages about the household, CoELA and the formal problem say what is so: tables are complete, quotes are made."""

from __future__ import annotations

import re
from dataclasses import fields
from pathlib import Path

ROOT = Path(__file__).parents[1]
QUOTE = re.compile(r"^<!-- stated by (\S+) -->\n```text\n(.*?)^```$", re.MULTILINE | re.DOTALL)


def _first_cells(text: str) -> list[str]:
    """All names between backticks in the first cell of every row of the tables in a text."""
    rows = [row.split("|")[1] for row in text.splitlines() if row.startswith("| `")]
    return [name for cell in rows for name in re.findall(r"`([^`]+)`", cell)]


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


if __name__ == "__main__":
    page = ROOT / "docs/formal.md"
    page.write_text(quoted(page.read_text()))
