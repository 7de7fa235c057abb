"""Reports: the table fits its terminal and explains itself, CSV reads back, the picture is a picture."""

from __future__ import annotations

import csv
import io
from pathlib import Path

import pytest
from rich.console import Console

from talkoot.evaluation.job import Job
from talkoot.evaluation.outcome import Outcome
from talkoot.evaluation.picture import draw
from talkoot.evaluation.report import table, write_csv
from talkoot.evaluation.rows import Row, rows_of

TEAMS = ("proagent+proagent", "proagent:belief=off+greedy", "[red]odd[/red]+$x^$")


def make_rows(worlds: int = 2, teams: int = 3, calls: int = 130, missing: int = 0) -> list[Row]:
    jobs, outcomes = [], {}
    for world in range(worlds):
        for team in TEAMS[:teams]:
            for order in range(1 if team == TEAMS[0] else 2):
                for seed in range(5):
                    job = Job(f"kitchen_{world}", team, order, (0, 1), team, seed, "rulebook")
                    jobs.append(job)
                    outcomes[job] = Outcome(
                        100.0 + 20 * seed - 30 * order, 400, f"{seed}", calls, 9 * calls, calls, seed % 2, 0
                    )
    for job in jobs[:missing]:
        del outcomes[job]
    return rows_of(jobs, outcomes)


def show(rows: list[Row], width: int) -> str:
    out = io.StringIO()
    Console(file=out, width=width).print(table(rows, width=width, title="a title"))
    return out.getvalue()


@pytest.mark.parametrize("width", [80, 100, 140])
def test_the_table_fits_and_explains_its_columns(width: int) -> None:
    text = show(make_rows(), width)
    assert max(map(len, text.splitlines())) <= width
    for words in ("kitchen_0", "kitchen_1", *TEAMS, "140.0", "score:", "95 %: bootstrap", "a title"):
        assert words in text
    assert ("calls, tokens: of the model" in text) == (width > 80)


def test_one_team_needs_one_line_for_each_world() -> None:
    text = show(make_rows(3, 1), 110)
    assert sum("kitchen_" in line and "140.0" in line for line in text.splitlines()) == 3
    assert "swapped" not in text
    assert "├" in text


def test_columns_that_say_nothing_are_left_out() -> None:
    text = show(make_rows(calls=0), 140)
    assert "tokens" not in text


def test_what_is_missing_is_said() -> None:
    assert "7 episodes are not played yet" in show(make_rows(missing=7), 100)
    everything = make_rows(1, 1, missing=5)
    assert "–" in show(everything, 100)


def test_csv_reads_back(tmp_path: Path) -> None:
    rows = make_rows()
    write_csv(rows, tmp_path / "new" / "rows.csv")
    with (tmp_path / "new/rows.csv").open(newline="") as file:
        read = list(csv.DictReader(file))
    assert [row["team"] for row in read] == [row["team"] for row in rows]
    assert [float(row["ci95_low"]) for row in read] == [row["ci95"][0] for row in rows]
    assert float(read[1]["mean_swapped"]) == rows[1]["mean_swapped"]


@pytest.mark.parametrize(("worlds", "teams", "missing"), [(1, 1, 0), (5, 3, 0), (1, 1, 5)])
def test_the_picture_is_a_png(tmp_path: Path, worlds: int, teams: int, missing: int) -> None:
    path = tmp_path / "rows.png"
    draw(make_rows(worlds, teams, missing=missing), path)
    assert path.read_bytes().startswith(b"\x89PNG")
    assert path.stat().st_size > 5000


def test_pictures_do_not_touch_the_display() -> None:
    import subprocess
    import sys

    code = (
        "import sys; from talkoot.evaluation.picture import draw; from pathlib import Path; import tempfile; "
        "draw([], Path(tempfile.mkdtemp()) / 'x.png'); print('matplotlib.pyplot' in sys.modules)"
    )
    assert subprocess.run([sys.executable, "-c", code], capture_output=True, text=True).stdout.strip() == "False"
