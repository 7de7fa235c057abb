"""Rows, table and picture of homes: steps with every failure counted, efficiency as published, the paper."""

from __future__ import annotations

import csv
import io
from pathlib import Path

import pytest
from rich.console import Console

from talkoot.evaluation.household import PAPER, paper_figures
from talkoot.evaluation.job import Job
from talkoot.evaluation.outcome import Outcome
from talkoot.evaluation.picture import draw
from talkoot.evaluation.report import table, write_csv
from talkoot.evaluation.rows import Row, rows_of

HOME = "household/test"


def outcome(steps: int, *, success: bool = True, **more: int) -> Outcome:
    values = {"calls": 0, "prompt_tokens": 0, "completion_tokens": 0, "invalid_replies": 0, "notes": 0} | more
    return Outcome(8.0, steps, f"{steps}{more}", success=success, **values)


def job(team: str, seed: int, order: int = 0, world: str = HOME) -> Job:
    seats = (order,) if "+" not in team else (0, 1)
    return Job(world, team, order, seats, team, seed, "rulebook")


def known(team: str, *steps: tuple[int, ...]) -> dict[Job, Outcome]:
    """One tuple for each seed, in it the steps of each seat order."""
    return {job(team, seed, order): outcome(n, success=n < 250) for seed, each in enumerate(steps)
            for order, n in enumerate(each)}  # fmt: skip


ALONE = known("mhp", (100, 140), (60, 60))


def test_efficiency_is_the_mean_over_episodes_of_the_published_formula() -> None:
    team = known("coela+coela", (60,), (80,))
    row = rows_of(list(team), team | ALONE)[0]
    assert row["efficiency_improvement"] == pytest.approx(((120 - 60) / 120 + (60 - 80) / 80) / 2)
    assert (row["steps_mean"], row["success"], row["steps"]) == (70.0, 1.0, 140)
    assert row["steps_ci95"] == [60.0, 80.0]
    low, high = row["efficiency_improvement_ci95"]
    assert (low, high) == (pytest.approx(-0.25), pytest.approx(0.5))


def test_a_team_of_two_orders_is_compared_by_its_mean_in_the_episode() -> None:
    team = known("mhp+coela", (60, 120))
    row = rows_of(list(team), team | ALONE)[0]
    assert row["efficiency_improvement"] == pytest.approx((120 - 90) / 120)
    assert row["tasks"] == 1
    assert row["episodes"] == 2


def test_the_reference_itself_improves_nothing_and_failures_count_in_full() -> None:
    rows = rows_of(list(ALONE), ALONE)
    assert len(rows) == 1
    assert rows[0]["efficiency_improvement"] == 0.0
    failed = known("random", (250, 100))
    row = rows_of(list(failed), failed)[0]
    assert (row["steps_mean"], row["success"]) == (175.0, 0.5)
    assert row["efficiency_improvement"] is None


def test_seeds_that_play_the_same_task_are_one_piece_of_evidence() -> None:
    team = {job("coela+coela", seed): outcome(40 + seed) for seed in (0, 1, 50, 51)}
    row = rows_of(list(team), team)[0]
    assert (row["tasks"], row["n"], row["episodes"]) == (2, 4, 4)
    assert row["steps_ci95"] == [65.0, 66.0]


def test_talk_and_tokens_are_told_for_one_episode() -> None:
    jobs = [job("coela+coela", seed) for seed in (0, 1)]
    spoken = {"messages": 3, "message_steps": 2, "delivered_messages": 2, "fallback_parses": 1, "prompt_tokens": 90,
              "completion_tokens": 10, "calls": 5}  # fmt: skip
    row = rows_of(jobs, dict(zip(jobs, (outcome(50, **spoken), outcome(52)), strict=True)))[0]
    assert (row["messages_mean"], row["message_steps_mean"], row["tokens"]) == (1.5, 1.0, 50.0)
    assert (row["delivered_messages"], row["fallback_parses"]) == (2, 1)


def test_nothing_known_yet_and_kitchens() -> None:
    row = rows_of([job("coela+coela", 0)], {})[0]
    assert [row[key] for key in ("steps_mean", "success", "efficiency_improvement", "tokens", "missing")] == [
        None, None, None, None, 1,
    ]  # fmt: skip
    kitchen = job("stay+stay", 0, world="cramped_room")
    assert "steps_mean" not in rows_of([kitchen], {kitchen: outcome(400)})[0]


@pytest.mark.parametrize(
    ("world", "team", "steps"),
    [
        (HOME, "coela+coela", 57),
        (HOME, "mhp+coela", 59),
        (HOME, "coela+mhp", 59),
        (HOME, "mhp", 111),
        ("household:episodes=some/folder", "mhp+mhp", 75),
        ("household/test:visual=256x512", "mhp+mhp", 103),
        ("household/test:visual=off", "mhp+mhp", 75),
        (HOME, "coela:memory=off+coela", None),
        (HOME, "greedy+greedy", None),
        ("household/test:talk=free", "coela+coela", None),
        ("household/train", "coela+coela", None),
    ],
)
def test_the_paper_stands_beside_what_compares_with_it(world: str, team: str, steps: int | None) -> None:
    told = paper_figures(world, team)
    assert (told["steps"] if told else None) == steps


def test_the_papers_own_figures_agree_with_its_formula() -> None:
    for figures in PAPER.values():
        alone = figures[("mhp",)][0]
        for steps, improvement in figures.values():
            if improvement is not None:  # the published mean over episodes, against the formula of the means
                assert abs(improvement - (alone - steps) / alone) < 0.05


def make_rows(*, talk: bool = True, missing: int = 0) -> list[Row]:
    teams = ("coela+coela", "mhp+mhp", "[red]odd[/red]+$x^$")
    jobs = [job(team, seed) for team in teams for seed in range(3)]
    more = {"messages": 2, "message_steps": 2, "calls": 30, "prompt_tokens": 9000, "fallback_parses": 1} if talk else {}
    outcomes = {one: outcome(50 + 10 * one.seed, **more) for one in jobs[missing:]}
    return rows_of(jobs, outcomes | ALONE)


def show(rows: list[Row], width: int) -> str:
    out = io.StringIO()
    Console(file=out, width=width).print(table(rows, width=width, title="a title"))
    return out.getvalue()


@pytest.mark.parametrize("width", [56, 80, 100, 140])
def test_the_table_fits_and_explains_its_columns(width: int) -> None:
    text = show(make_rows(), width)
    assert max(map(len, text.splitlines())) <= width
    for words in ("a title", HOME, "coela+coela", "[red]odd[/red]+$x^$", "60.0", "100 %", "steps:", "EI:"):
        assert words in text, words
    assert ("57 (49 %)" in text) == ("GPT-4 in Unity" in " ".join(text.split())) == (width >= 80)
    assert "guessed:" in text
    assert ("calls:" in text) == (width >= 140)


def test_an_ordinary_terminal_has_room_for_what_a_team_of_models_is_compared_by() -> None:
    text = show([row for row in make_rows() if row["team"] != "[red]odd[/red]+$x^$"], 80)
    for column in ("95 %", "success", "EI", "sent", "tokens", "guessed", "paper"):
        assert f"{column}: " in text or column in text.splitlines()[2].split(), column
    assert max(map(len, text.splitlines())) <= 80


def at(*worlds: str, team: str = "mhp+mhp") -> list[Row]:
    jobs = [job(team, seed) for seed in range(3)]
    row = rows_of(jobs, {one: outcome(50, calls=3, prompt_tokens=9000) for one in jobs})[0]
    return [row | {"world": world} for world in worlds]


def test_of_a_path_the_end_is_shown_unless_that_is_the_end_of_another_too() -> None:
    far = "household:episodes=/a/long/way/to/episodes"
    text = show(at(far), 80)
    assert "household:…/episodes " in text
    assert "/long" not in text
    assert "…/episodes,limit=9" in show(at(far + ",limit=9"), 140)
    both = show(at(far, "household:episodes=/another/way/episodes"), 140)
    assert far in both
    assert "/another/way/episodes" in both
    assert "household/test" in show(at("household/test"), 80)


def test_long_names_fold_before_columns_go() -> None:
    text = show(at(HOME, team="coela:memory=off,talk=off+coela:memory=off,talk=off"), 80)
    assert max(map(len, text.splitlines())) <= 80
    assert "tokens:" in text
    assert "95 %:" in text


def test_columns_that_say_nothing_are_left_out_and_what_is_missing_is_said() -> None:
    text = show(make_rows(talk=False, missing=2), 140)
    assert "sent" not in text
    assert "tokens" not in text
    assert "2 episodes are not played yet" in text
    assert "–" in show(make_rows(missing=9), 100)


def test_homes_and_kitchens_have_a_table_each() -> None:
    kitchen = job("stay+stay", 0, world="cramped_room")
    text = show([*rows_of([kitchen], {kitchen: Outcome(20.0, 400, "x", 0, 0, 0, 0, 0)}), *make_rows()], 120)
    assert text.index("cramped_room") < text.index(HOME)
    assert "score" in text


def test_csv_and_picture(tmp_path: Path) -> None:
    rows = make_rows()
    write_csv(rows, tmp_path / "rows.csv")
    with (tmp_path / "rows.csv").open(newline="") as file:
        first = next(csv.DictReader(file))
    assert (first["paper_steps"], first["paper_efficiency_improvement"]) == ("57", "0.49")
    assert float(first["steps_ci95_low"]) == rows[0]["steps_ci95"][0]
    assert float(first["steps_mean"]) == 60.0
    kitchen = job("stay+stay", 0, world="cramped_room")
    mixed = [*rows, *rows_of([kitchen], {kitchen: Outcome(20.0, 400, "x", 0, 0, 0, 0, 0)})]
    write_csv(mixed, tmp_path / "mixed.csv")
    with (tmp_path / "mixed.csv").open(newline="") as file:
        assert list(csv.DictReader(file))[-1]["steps_mean"] == ""
    for name, some in (("rows.png", rows), ("mixed.png", mixed), ("none.png", make_rows(missing=9))):
        draw(some, tmp_path / name)
        assert (tmp_path / name).read_bytes().startswith(b"\x89PNG")
