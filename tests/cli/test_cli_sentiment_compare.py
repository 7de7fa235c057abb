"""`talkoot sentiment train`, `eval` and `compare`, and `talkoot bench sentiment`."""

from __future__ import annotations

import json
import pickle
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from typer.testing import CliRunner

from talkoot.cli import app
from talkoot.cli.sentiment.compare import seeds_of
from talkoot.errors import BadInput
from talkoot.sentiment import speed
from talkoot.sentiment.open_data import open_data
from talkoot.sentiment.readers.plain import present

DATA = "synthetic:n=24,length=4"


def call(*arguments: object) -> Any:
    result = CliRunner().invoke(app, list(map(str, arguments)), catch_exceptions=False)
    assert result.exit_code == 0, result.output
    return result


def told(*arguments: object) -> dict[str, Any]:
    found: dict[str, Any] = json.loads(call("sentiment", *arguments, "--json").stdout)
    return found


def test_train_then_eval(tmp_path: Path) -> None:
    out = tmp_path / "run"
    arguments = ("train", "--data", DATA, "--out", out, "--model", "cosa:epochs=2,width=8,heads=2", "--seed", 3)
    trained = told(*arguments)
    assert (trained["model"], trained["seed"], trained["epochs"]) == ("cosa:epochs=2,width=8,heads=2", 3, 2)
    assert {**told(*arguments), "train_samples_per_cpu_s": 0} == {**trained, "train_samples_per_cpu_s": 0}
    lines = tmp_path / "said.jsonl"
    found = told("eval", "--model", out, "--data", DATA, "--out", lines)
    assert set(found["trust"]) == {"text", "audio", "vision"}
    assert (found["learnt_from"], found["fold"]) == (0, "test")
    rows = [json.loads(line) for line in lines.read_text().splitlines()]
    assert len(rows) == found["samples"]
    error = np.mean([abs(row["value"] - row["label"]) for row in rows])
    assert error == pytest.approx(found["metrics"]["mae"], abs=1e-5)
    assert all(0 <= share <= 1 for row in rows for shares in row["trust"].values() for share in shares)
    again = told("eval", "--model", out, "--data", DATA, "--fold", "train")
    assert again["learnt_from"] == again["samples"] == trained["samples"]["train"]
    shown = call("sentiment", "eval", "--model", out, "--data", DATA, "--fold", "train").stdout
    assert "mae" in shown
    assert "this measures memory" in shown


def test_what_was_mended_is_told(tmp_path: Path) -> None:
    folds = open_data(DATA)
    folds.train.features["text"][0, 0, 0] = np.nan
    arrays = {f"{fold}.features.text": one.features["text"] for fold, one in present(folds).items()}
    arrays |= {f"{fold}.labels": one.labels for fold, one in present(folds).items()}
    np.savez(tmp_path / "own.npz", allow_pickle=False, **arrays)
    done = call("sentiment", "train", "--data", tmp_path / "own.npz", "--out", tmp_path / "run", "--model", "ridge")
    assert "note: train, text: 1 numbers that are not finite set to 0" in done.stderr


def test_a_trained_model_is_not_overwritten_by_another(tmp_path: Path) -> None:
    for data, model, seed in ((DATA, "ridge", 0), (DATA, "constant-mean", 0), (DATA, "constant-mean", 1)):
        call("sentiment", "train", "--data", data, "--out", tmp_path / f"{model}{seed}", "--model", model,
             "--seed", seed)  # fmt: skip
    call("sentiment", "train", "--data", DATA, "--out", tmp_path / "ridge0", "--model", "ridge")  # the same again
    (tmp_path / "ridge0" / "model.json").unlink()  # killed before the card, which comes last
    call("sentiment", "train", "--data", DATA, "--out", tmp_path / "ridge0", "--model", "ridge")
    for data, model, seed in (("synthetic:n=24,length=4,seed=1", "ridge", 0), (DATA, "constant-mean", 0),
                              (DATA, "ridge", 1)):  # fmt: skip
        before = (tmp_path / "ridge0" / "model.json").read_bytes()
        with pytest.raises(BadInput, match="holds ridge, trained with other settings, data or seed"):
            call("sentiment", "train", "--data", data, "--out", tmp_path / "ridge0", "--model", model, "--seed", seed)
        assert (tmp_path / "ridge0" / "model.json").read_bytes() == before


def test_samples_are_known_by_what_they_hold(tmp_path: Path) -> None:
    call("sentiment", "train", "--data", DATA, "--out", tmp_path, "--model", "ridge")
    others = "synthetic:n=24,length=4,seed=7"  # the same ids
    assert told("eval", "--model", tmp_path, "--data", others, "--fold", "train")["learnt_from"] == 0
    assert told("eval", "--model", tmp_path, "--data", DATA, "--fold", "train")["learnt_from"] == 24
    for junk in ("[]", '{"prints": 3}', "{"):
        (tmp_path / "run.json").write_text(junk)
        assert told("eval", "--model", tmp_path, "--data", DATA, "--fold", "train")["learnt_from"] == 0


def test_train_for_people(tmp_path: Path) -> None:
    result = call("sentiment", "train", "--data", DATA, "--out", tmp_path / "r", "--model", "bigru:epochs=1",
                  "--modalities", "text,audio")  # fmt: skip
    assert f"eval --model {tmp_path / 'r'} --data {DATA} --modalities text,audio" in result.stdout
    assert "bigru:epochs=1 learnt from 24 samples" in result.stdout
    assert "best epoch 1 of 1" in result.stdout


def test_compare_as_json_and_for_people(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("COLUMNS", "250")
    arguments = ("--data", DATA, "--models", "bigru:epochs=1,hidden=4,constant-mean", "--seeds", "0:2")
    found = told("compare", *arguments, "--out", tmp_path)
    assert [row["model"] for row in found["rows"]] == ["bigru:epochs=1,hidden=4", "constant-mean"]
    for name in ("mae", "corr", "acc2_has0", "acc2_non0", "f1", "acc5", "acc7"):
        assert set(found["rows"][0][name]) == {"mean", "sd", "ci95"}
    assert found["rows"][1]["against"] == "bigru:epochs=1,hidden=4"
    assert json.loads((tmp_path / "compare.json").read_text()) == found
    shown = call("sentiment", "compare", *arguments, "--out", tmp_path).stdout
    for words in (
        "acc2_non0",
        "constant-mean",
        "less bigru:epochs=1,hidden=4",
        f"{found['rows'][0]['mae']['mean']:.3f}",
    ):
        assert words in shown or words.lstrip("0") in shown
    alone = call("sentiment", "compare", *arguments, "--against", "none", "--out", tmp_path).stdout
    assert "less" not in alone


def test_four_emotions_in_the_layout_of_papers(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("COLUMNS", "250")
    draws = np.random.default_rng(0)

    def fold(n: int) -> dict[str, Any]:
        y = draws.integers(0, 2, (n, 4))
        return {"text": draws.normal(size=(n, 6, 3)), "audio": draws.normal(size=(n, 6, 2)),
                "vision": draws.normal(size=(n, 6, 2)), "labels": np.stack([1.0 - y, y], -1)}  # fmt: skip

    file = tmp_path / "iemocap.pkl"
    file.write_bytes(pickle.dumps({name: fold(n) for name, n in (("train", 12), ("valid", 6), ("test", 8))}))
    shown = call("sentiment", "compare", "--data", file, "--task", "classification", "--seeds", "0",
                 "--models", "lf_dnn:epochs=1,constant-mean").stdout  # fmt: skip
    for words in ("neutral", "happy", "sad", "angry", "mean acc", "mean f1"):
        assert words in shown
    with pytest.raises(BadInput, match="is for classification, not for regression"):
        told("compare", "--data", file, "--task", "regression")


def test_ablations_are_one_call(monkeypatch: pytest.MonkeyPatch) -> None:
    import talkoot.sentiment.compare as module
    from talkoot.sentiment.models import ABLATIONS

    asked: list[Any] = []

    def note(folds: Any, models: Any, seeds: Any, **named: Any) -> dict[str, Any]:
        asked.append((models, seeds, named["against"]))
        return {"rows": []}

    monkeypatch.setattr(module, "compare", note)
    told("compare", "--data", DATA, "--ablations", "--seeds", "1,4")
    assert asked == [(list(ABLATIONS), [1, 4], "cosa")]


def test_seeds() -> None:
    assert seeds_of("0:3") == [0, 1, 2]
    assert seeds_of("7") == [7]
    for text in ("", "a", "3:1", "1:2:3"):
        with pytest.raises(BadInput, match="are no seeds"):
            seeds_of(text)


def test_bench_measures(monkeypatch: pytest.MonkeyPatch) -> None:
    asked: list[dict[str, Any]] = []
    monkeypatch.setattr(speed, "measure", lambda **given: asked.append(given) or {"ratios": None})
    result = call("bench", "sentiment", "--steps", 12, "--repeats", 2, "--no-peers", "--json")
    assert json.loads(result.stdout) == {"ratios": None}
    assert asked == [{"samples": 12, "repeats": 2, "peers": False}]
