"""The whole pipeline on the smallest preset: stages kept, interrupted and gone on with, in processes; the tables."""

from __future__ import annotations

import json
import multiprocessing
import random
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from judging_nano import copied, finished, nano, run, timeless
from talkoot.errors import BadInput
from talkoot.judging.pipeline import annotation, measure, policy, run_pipeline, table, use
from talkoot.judging.pipeline import run as running
from talkoot.judging.pipeline.annotation import labelled
from talkoot.judging.pipeline.presets import preset
from talkoot.judging.pipeline.training import MAIN
from talkoot.judging.pipeline.work import Work
from talkoot.judging.problem import Problem


def weights(folder: Path, names: tuple[str, ...]) -> list[bytes]:
    return [(folder / name / "model.safetensors").read_bytes() for name in names]


MODELS = ("policy-plain", "policy", "warm", "warm-at-once", *(f"judges/{name}" for name in MAIN))


def test_figures_of_every_stage() -> None:
    folder, told = finished()
    assert list(told) == ["policy-plain", "policy", "labels", "warm", "warm-at-once", "judges", "search"]
    assert set(told["judges"]) == {*MAIN, "compared"}
    assert set(told["judges"]["compared"]) == {*MAIN} - {"stepwiser"}
    assert told["labels"]["problems"] == 16
    assert told["labels"]["rollouts"] > 0
    assert 0 < told["labels"]["rel-ratio:gamma=0.8"]["positive"] < 1
    for name in MAIN:
        row = told["judges"][name]
        assert row["items"] == len(row["hits"]) > 0
        assert 0 <= row["f1_low"] <= row["f1"] <= row["f1_high"] <= 1
        assert sum(row["hits"][: row["items"] // 2]) == pytest.approx(row["error_acc"] * row["items"] / 2)
        assert ("drawn" in row) == (name != "discriminative")  # a verdict at once has no analysis to draw
    drawn = {name: told["judges"][name]["drawn"] for name in MAIN if name != "discriminative"}
    for name, row in drawn.items():
        assert sum(row["hits"][: len(row["hits"]) // 2]) == pytest.approx(row["error_acc"] * len(row["hits"]) / 2)
        if name != "stepwiser":
            gap = told["judges"]["compared"][name]["drawn"]
            assert gap["difference"] == pytest.approx(drawn["stepwiser"]["f1"] - row["f1"])
    assert {one["method"] for one in told["search"]["rows"]} >= {"policy alone", "chunk-reset", "best-of-n"}
    kept = json.loads((folder / "run" / "figures.json").read_text())
    assert timeless(kept) == told
    for stage in ("policy-plain", "policy", "labels", "warm", "search"):
        assert kept[stage]["seconds"] >= 0 <= kept[stage]["cpu_seconds"]
        assert json.loads((folder / "run" / stage / "stage.json").read_text()) == kept[stage]


def test_finished_stages_are_kept_and_not_repeated(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    folder = copied(tmp_path / "run")

    def never(*_: object) -> dict[str, Any]:
        raise AssertionError("a finished stage was done again")

    for module, name in ((policy, "learn"), (policy, "learn_tags"), (annotation, "label"), (use, "search")):
        monkeypatch.setattr(module, name, never)
    monkeypatch.setattr(running, "warm_start", never)
    monkeypatch.setattr(running, "train_row", never)
    said: list[tuple[str, float]] = []
    assert run(folder, lambda stage, share: said.append((stage, share))) == finished()[1]
    assert said == [("warm", 1.0), ("judges", 1.0)]


class Stopped(Exception):
    """An interruption."""


def test_a_run_interrupted_in_every_stage_comes_to_the_same_figures(tmp_path: Path) -> None:
    out = tmp_path / "run"
    done: Callable[[str], bool] = lambda stage: (out / stage / "stage.json").exists()  # noqa: E731
    places: list[tuple[str, Callable[[str, float], bool]]] = [
        ("while it learns to solve", lambda stage, share: stage == "policy" and share > 0.95),
        ("between the first stages", lambda stage, share: stage == "policy-plain" and share == 1.0),
        ("while it learns tags", lambda stage, share: stage == "policy" and done("policy-plain") and share > 0.5),
        ("amid rollouts", lambda stage, share: stage == "labels" and share > 0),
        ("between the two warm starts", lambda stage, share: stage == "warm" and done("warm")),
        ("amid GRPO", lambda stage, share: stage == "judges" and done("judges/warm start") and 0.3 < share < 0.9),
        ("in the search", lambda stage, share: stage == "search" and share == 0.5),
    ]
    for _, place in places:

        def stop(stage: str, share: float, place: Callable[[str, float], bool] = place) -> None:
            if place(stage, share):
                raise Stopped

        with pytest.raises(Stopped):
            run(out, stop)
    assert run(out) == finished()[1]
    assert weights(out, MODELS) == weights(finished()[0] / "run", MODELS)
    rows = (out / "labels" / "rollouts.jsonl").read_bytes()
    assert rows == (finished()[0] / "run" / "labels" / "rollouts.jsonl").read_bytes()


def test_processes_give_what_one_process_gives(tmp_path: Path) -> None:
    folder = copied(tmp_path / "run", without=("warm start", "control", "rs-ft", "search", "figures.json"))
    names = ("judges/warm start", "judges/control", "judges/rs-ft")
    rows = running._beside(Work(nano(), 0, folder), names, 2)
    assert timeless(rows) == {name: finished()[1]["judges"][name.removeprefix("judges/")] for name in names}
    assert weights(folder, names) == weights(finished()[0] / "run", names)


def test_an_interruption_ends_the_processes(tmp_path: Path) -> None:
    folder = copied(tmp_path / "run", without=("warm start", "control", "rs-ft"))
    names = ("judges/warm start", "judges/control", "judges/rs-ft")

    def stop(stage: str, share: float) -> None:
        if share > 0:
            raise Stopped

    with pytest.raises(Stopped):
        running._beside(Work(nano(), 0, folder, stop), names, 2)
    for process in multiprocessing.active_children():
        process.join(10)
    assert not multiprocessing.active_children()
    rows = running._beside(Work(nano(), 0, folder), names, 2)
    assert timeless(rows) == {name: finished()[1]["judges"][name.removeprefix("judges/")] for name in names}


def test_a_fault_in_a_process_is_told(tmp_path: Path) -> None:
    folder = copied(tmp_path / "run", without=("control", "rs-ft", "warm"))
    with pytest.raises(BadInput, match="warm holds no small model"):
        running._beside(Work(nano(), 0, folder), ("judges/control", "judges/rs-ft"), 2)


def test_the_oracle_never_reaches_training(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """With an oracle that lies, labels and all models are the same, byte for byte; only the measurements differ."""
    folder, truly = finished()

    def lie(problem: str, chunks: Any, modulus: int) -> list[bool]:
        rng = random.Random(f"{problem}/{chunks}")
        return [rng.random() < 0.5 for _ in chunks]

    for module in (annotation, measure, policy):
        monkeypatch.setattr(module, "valid", lie)
    told = run(tmp_path / "run")
    assert weights(tmp_path / "run", MODELS) == weights(folder / "run", MODELS)
    assert labelled(Work(nano(), 0, tmp_path / "run")) == labelled(Work(nano(), 0, folder / "run"))
    assert told["policy"]["after"]["valid_chunks"] != truly["policy"]["after"]["valid_chunks"]
    assert told["search"] == truly["search"]


@pytest.mark.parametrize(("changes", "seed"), [({}, 1), ({"name": "other"}, 0), ({"cap": 8}, 0)])
def test_a_folder_of_another_run_is_refused(changes: dict[str, Any], seed: int, tmp_path: Path) -> None:
    (tmp_path / "pipeline.json").write_text((finished()[0] / "run" / "pipeline.json").read_text())
    with pytest.raises(BadInput, match="holds a run of preset nano with seed 0"):
        run_pipeline(nano(**changes), seed=seed, out=tmp_path, jobs=1)


@pytest.mark.parametrize("text", ["{", "\udcff", '"nothing"'])
def test_a_damaged_note_of_whose_folder_it_is(text: str, tmp_path: Path) -> None:
    (tmp_path / "pipeline.json").write_bytes(text.encode("utf-8", "surrogateescape"))
    with pytest.raises(BadInput, match=r"pipeline.json is damaged|holds a run of preset None"):
        run_pipeline(nano(), out=tmp_path, jobs=1)


def test_a_damaged_stage(tmp_path: Path) -> None:
    folder = copied(tmp_path / "run")
    (folder / "warm" / "stage.json").write_text('{"examples": 1')
    with pytest.raises(BadInput, match=r"warm/stage.json is damaged; delete it, and the stage is done again"):
        run(folder)
    (folder / "warm" / "stage.json").unlink()
    assert run(folder) == finished()[1]


def test_a_preset_for_a_gpu_says_what_to_take(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("torch.cuda.is_available", lambda: False)
    with pytest.raises(BadInput, match=r"preset nano wants a GPU.*take --preset cpu"):
        run_pipeline(nano(device="cuda"), out=tmp_path / "run")
    assert not (tmp_path / "run").exists()


def test_problems_of_seeds_and_splits_differ(tmp_path: Path) -> None:
    def texts(seed: int, split: str, first: int = 0) -> list[Problem]:
        return Work(preset("smoke"), seed, tmp_path).problems(split, 5, first=first)

    assert texts(0, "test") == texts(0, "test")
    ids = [
        one.id for some in (texts(0, "test"), texts(1, "test"), texts(0, "judge"), texts(0, "test", 5)) for one in some
    ]
    assert len(set(ids)) == 20
    assert not {one.text for one in texts(0, "test")} & {one.text for one in texts(0, "judge")}


def test_tables_have_a_row_for_everything() -> None:
    told = finished()[1]
    found = list(table.tables(told))
    assert all(len(row) == len(heads) for _, heads, rows in found for row in rows)
    titles = [title.split()[0] for title, _, _ in found]
    assert titles == ["Policy", "Labels", "Judges:", "Judges:", "StepWiser", "Solving:", "Chunk-reset"]
    assert [row[0] for row in found[1][2]] == list(annotation.RULES)
    assert [row[0] for row in found[2][2]] == [row[0] for row in found[3][2]] == list(MAIN)
    gaps = found[4][2]
    assert [row[0] for row in gaps] == [name for name in MAIN if name != "stepwiser"]
    assert all(cell.startswith(("+", "-")) for row in gaps for cell in row[1:] if cell)
    assert [row[2] == "" for row in gaps] == [row[0] == "discriminative" for row in gaps]
    row, warm = found[2][2][0], told["judges"]["warm start"]
    assert row[1] == f"{100 * warm['f1']:.1f} [{100 * warm['f1_low']:.1f}, {100 * warm['f1_high']:.1f}]"
    alone = sum(
        one["n"] == 1 and one["method"] not in ("policy alone", "chunk-reset") for one in told["search"]["rows"]
    )
    assert alone
    assert len(found[5][2]) == len(told["search"]["rows"]) - alone
    quality = {"pass@1": 0.5, "greedy": 0.25}
    *_, (title, _, rows) = table.tables({**told, "selection": {"before": quality, "by steps": quality, "seconds": 1.0}})
    assert title.startswith("Policy fine-tuned")
    assert rows == [["before", "50.0", "25.0"], ["by steps", "50.0", "25.0"]]


def test_a_missing_figure_is_an_empty_cell() -> None:
    assert (table._p(None), table._p(0.125), table._n(3.14159)) == ("", "12.5", "3.1")
    assert table._range(-0.01, -0.2, 0.3, sign=True) == "-1.0 [-20.0, +30.0]"
