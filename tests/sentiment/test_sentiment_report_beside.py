"""Other models in a report: in pairs, under spoiled modalities, and the list of all that was scored."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from sentiment_toys import Additive, toy_samples
from talkoot.errors import BadInput
from talkoot.sentiment.cards import digest
from talkoot.sentiment.report.beside import scored
from talkoot.sentiment.report.page import Table, Text
from talkoot.sentiment.report.run import report


def test_others_are_measured_in_pairs() -> None:
    samples = toy_samples(0, n=40)
    deaf = Additive((0.0, 0.5, 0.0), name="deaf")
    sections, told = report(Additive(), samples, others=[deaf], most=30, examples=0)
    section = next(one for one in sections if one.title == "Beside others")
    assert told["beside"]["deaf"]["mae"]["verdict"] == "worse"
    rows = {(one["how"], one["modality"]): one["rows"] for one in told["spoiled"]}
    assert len(rows) == 9
    assert [row["model"] for row in rows["noise", "text"]] == ["additive", "deaf"]
    assert rows["noise", "text"][1]["more"] < 0  # the deaf one loses nothing
    assert rows["noise", "vision"][1]["more"] == pytest.approx(0, abs=1e-5)
    pairs, _, spoiled = (part for part in section.parts[1:])
    assert isinstance(pairs, Table)
    assert isinstance(spoiled, Table)
    assert len(spoiled.rows) == 9
    assert any("deaf loses more in 0 and less in" in part.text for part in section.parts if isinstance(part, Text))
    json.dumps(told, allow_nan=False)
    with pytest.raises(BadInput, match="need other names"):
        report(Additive(), samples, others=[Additive()], examples=0)


def test_all_that_was_scored_is_listed(tmp_path: Path) -> None:
    samples = toy_samples(0, n=40)
    with pytest.raises(BadInput, match="no finished training"):
        scored(tmp_path, samples)
    for model, seed, mae in (("ridge", 0, 1.0), ("ridge", 1, 2.0), ("cosa:width=4", 0, 0.5)):
        folder = tmp_path / model.replace(":", "+") / str(seed)
        folder.mkdir(parents=True)
        (folder / "result.json").write_text(json.dumps({"model": model, "seed": seed, "metrics": {"mae": mae}}))
    (tmp_path / "data.json").write_text(json.dumps({"data": "toys", "test": digest(samples)}))
    table = scored(tmp_path, samples).parts[1]
    assert isinstance(table, Table)
    assert table.rows == [["cosa:width=4", "0", 0.5], ["ridge", "0, 1", 1.5]]
    with pytest.raises(BadInput, match=r"compares models on other samples \(toys\)"):
        scored(tmp_path, toy_samples(1, n=40))
    for junk in ("{", "[]", '{"model": "ridge", "metrics": 3}'):
        (tmp_path / "ridge" / "0" / "result.json").write_text(junk)
        with pytest.raises(BadInput, match="cannot be read"):
            scored(tmp_path, samples)
