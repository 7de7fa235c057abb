"""The report of a run: one page that holds what was measured, escapes what it is given, and asks nobody."""

from __future__ import annotations

import json
import re
from dataclasses import replace
from html.parser import HTMLParser
from pathlib import Path

import numpy as np
import pytest

from sentiment_toys import Additive, toy_samples
from talkoot.errors import BadInput
from talkoot.sentiment.cards import prints
from talkoot.sentiment.report.page import Picture, Section, Table, Text, page, write_page
from talkoot.sentiment.report.run import report
from talkoot.sentiment.samples import Folds, Task

EVIL = "</style><script>window.pwned=1</script>\"'&\ud800"


class _Tags(HTMLParser):
    def __init__(self) -> None:
        super().__init__()
        self.tags: list[str] = []
        self.links: list[str] = []
        self.text = ""

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.append(tag)
        self.links += [value or "" for key, value in attrs if key in ("src", "href")]

    def handle_data(self, data: str) -> None:
        self.text += data


def _read(text: str) -> _Tags:
    tags = _Tags()
    tags.feed(text)
    return tags


def test_everything_is_escaped_and_nothing_is_asked_for() -> None:
    png = b"\x89PNG\r\n\x1a\n" + b"\x00" * 8 + (900).to_bytes(4, "big") + b"rest"
    parts = [Text(EVIL), Table([EVIL, "n"], [[EVIL, 0.5], ["none", None], ["nan", float("nan")]]), Picture(png, EVIL)]
    text = page(EVIL, [EVIL], [Section(EVIL, parts)])
    text.encode("utf-8")
    read = _read(text)
    assert "script" not in read.tags
    assert read.text.count("window.pwned=1") >= 6
    assert all(link.startswith(("data:image/png;base64,", "#")) for link in read.links)
    assert "default-src &#39;none&#39;" in text
    assert '<figure class="broad">' in text
    assert "<td>0.500</td>" in text
    assert text.count("<td>–</td>") == 2


def test_a_page_is_replaced_in_one_move(tmp_path: Path) -> None:
    write_page(tmp_path / "deep" / "a.html", "old")
    write_page(tmp_path / "deep" / "a.html", "new ü")
    assert (tmp_path / "deep" / "a.html").read_text(encoding="utf-8") == "new ü"
    assert [file.name for file in (tmp_path / "deep").iterdir()] == ["a.html"]


def test_a_report_tells_numbers_that_are_right() -> None:
    samples = toy_samples(0, n=24, task=Task(bound=50.0))
    wrong = replace(samples, labels=samples.labels + np.float32(0.25))
    sections, told = report(Additive(), wrong, most=20, examples=2)
    assert [one.title for one in sections] == [
        "Results", "Trust", "Trust over time", "Is trust earned?", "Robustness",
    ]  # fmt: skip
    assert told["metrics"]["mae"]["value"] == pytest.approx(0.25, abs=1e-5)
    assert told["metrics"]["corr"]["constant"] is None
    assert told["trust"]["text"]["mean"] == pytest.approx(0.8, abs=1e-6)
    assert told["trust"]["vision"]["share"] == pytest.approx(0.1 / 1.4, abs=1e-6)
    assert told["shapley"]["text"] > told["shapley"]["audio"] > 0.05
    assert told["deletion"]["earned"]
    assert told["looked_at"] == 20
    assert {one["how"] for one in told["robustness"]} == {"noise", "mask", "missing"}
    assert len(told["detection"]) == 6
    assert sum(isinstance(part, Picture) for part in sections[2].parts) == 2
    json.dumps(told, allow_nan=False)
    assert "said" in page("t", [], sections)


def test_truth_is_compared_where_it_is_known() -> None:
    samples = toy_samples(1, n=10)
    truth = np.broadcast_to(np.array([0.6, 0.3, 0.1], np.float32), (10, 4, 3)).copy()
    _, told = report(Additive(), replace(samples, reliability=truth), examples=0)
    assert told["truth"]["spearman"] == pytest.approx(1)


@pytest.mark.parametrize(
    "task", [Task(steps=True, bound=50.0), Task("classification", emotions=("happy", "sad"))], ids=["steps", "emotions"]
)
def test_other_tasks_have_reports_too(task: Task) -> None:
    samples = toy_samples(2, n=12, task=task, gaps=0.2)
    sections, told = report(Additive(), samples, examples=1)
    assert len(sections) == 5
    assert ("acc/happy" in told["metrics"]) == bool(task.emotions)
    json.dumps(told, allow_nan=False)


def test_models_without_trust_are_told_of_all_the_same() -> None:
    sections, told = report(Additive(trust=None), toy_samples(3, n=8))
    assert [one.title for one in sections] == ["Results", "Trust", "What modalities bring", "Robustness"]
    assert "trust" not in told
    assert told["shapley"]["text"] > 0


def test_one_modality_one_sample_and_none() -> None:
    alone = toy_samples(4, n=6).only(("text",))
    _, told = report(Additive((1.0,), (0.5,)), alone, examples=1)
    assert "shapley" not in told
    sections, told = report(Additive(), toy_samples(5, n=1))
    assert "deletion" not in told
    assert any("No deletion test" in part.text for one in sections for part in one.parts if isinstance(part, Text))
    with pytest.raises(BadInput, match="no samples"):
        report(Additive(), toy_samples().take([]))


@pytest.fixture(scope="module")
def cosa(tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, Folds]:
    """A tiny Co-SA, hardly trained."""
    torch = pytest.importorskip("torch")
    pytest.importorskip("sklearn")
    from talkoot.sentiment.models import named
    from talkoot.sentiment.open_data import open_data

    torch.set_num_threads(1)
    folds = open_data("synthetic:n=24,length=4")
    learner = named("cosa:epochs=1,width=4,heads=1")
    learner.fit(folds.train, folds.valid, seed=3)
    folder = tmp_path_factory.mktemp("model")
    learner.save(folder)
    (folder / "run.json").write_text(json.dumps({"seed": 3, "prints": prints(folds.test)[:1], "model": "<b>x</b>"}))
    return folder, folds


def test_the_inside_before_and_after_training(cosa: tuple[Path, Folds]) -> None:
    import torch

    from talkoot.sentiment.inside import has_inside, inner, similarities, spaces, untrained
    from talkoot.sentiment.models import open_model

    folder, folds = cosa
    learner, samples = open_model(folder), folds.test
    assert has_inside(learner)
    assert not has_inside(Additive())
    state = torch.random.get_rng_state()
    first, again, other = untrained(learner, 1), untrained(learner, 1), untrained(learner, 2)
    assert torch.equal(torch.random.get_rng_state(), state)
    weights = [next(net.parameters()) for net in (first, again, other, learner.net)]
    assert torch.equal(weights[0], weights[1])
    assert not torch.equal(weights[0], weights[2])
    found = inner(learner, samples)
    assert {name: x.shape for name, x in found.items()} == dict.fromkeys(found, (len(samples), 4, 3, 4))
    points = spaces(learner, samples)
    assert set(points) == {(m, r) for m in ("text", "audio", "vision") for r in ("sentiment", "modality")}
    mask = samples.masks["text"]
    np.testing.assert_allclose(
        points["text", "modality"][0], found["modality"][mask.any(1)][0][mask[mask.any(1)][0], 0].mean(0), atol=1e-5
    )
    maps = similarities(learner, samples, first)
    assert maps["audio"].shape == (4, 4)
    diagonal = np.diagonal(maps["audio"])
    np.testing.assert_allclose(diagonal[~np.isnan(diagonal)], 1, atol=1e-4)


def test_the_command_writes_a_page(
    cosa: tuple[Path, Folds], tmp_path: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    from talkoot.cli import main

    folder, _ = cosa
    out = tmp_path / "r.html"
    call = ["talkoot", "sentiment", "report", "--model", str(folder), "--data", "synthetic:n=24,length=4", "--most",
            "8", "--examples", "1", "--out", str(out)]  # fmt: skip
    monkeypatch.setattr("sys.argv", [*call, "--without", str(folder), "--json"])
    with pytest.raises(SystemExit) as ended:
        main()
    assert ended.value.code == 0
    told = json.loads(capsys.readouterr().out)
    assert told["out"] == str(out)
    assert told["learnt_from"] == 1
    assert set(told["similarity"]["text"]) == {"without DPSR", "with DPSR"}
    text = out.read_text(encoding="utf-8")
    assert "1 of these samples the model has learnt from" in text
    assert "&lt;b&gt;x&lt;/b&gt;" in text
    assert re.findall("<h2>(.*?)</h2>", text)[-2:] == ["Inside", "The training"]
    monkeypatch.setattr("sys.argv", [*call[:-1], str(tmp_path / "r.pdf")])
    with pytest.raises(SystemExit) as ended:
        main()
    assert ended.value.code == 2
    assert "none of the endings .html" in capsys.readouterr().err
