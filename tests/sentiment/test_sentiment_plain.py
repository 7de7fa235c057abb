"""The plain form: what is written comes back, as arrays and as a table."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pyarrow
import pytest

from sentiment_files import same, some_folds
from talkoot.errors import BadInput
from talkoot.sentiment.readers.plain import read_plain, write_plain
from talkoot.sentiment.samples import Task


@pytest.mark.parametrize("ending", ["npz", "parquet"])
@pytest.mark.parametrize("kind", ["regression", "steps", "classification"])
@pytest.mark.parametrize("full", [True, False])
def test_folds_go_round(tmp_path: Path, ending: str, kind: str, full: bool) -> None:
    folds = some_folds(kind, words=full, valid=full)
    path = tmp_path / "new" / f"x.{ending}"
    write_plain(path, folds)
    again = read_plain(path)
    assert again.name == "some"
    for one, other in zip((folds.train, folds.valid, folds.test), (again.train, again.valid, again.test), strict=True):
        same(one, other)
        assert one is None or other is None or one.source == other.source
    assert [file.name for file in path.parent.iterdir()] == [path.name]


def _least(**more: np.ndarray) -> dict[str, np.ndarray]:
    order = np.random.default_rng(0)
    return {
        "train.features.text": order.normal(size=(3, 2, 2)),
        "train.labels": np.array([0.5, -1, 1]),
        "test.features.text": order.normal(size=(2, 2, 2)),
        "test.labels": np.array([0.1, 0.2]),
    } | more


def test_features_and_labels_are_enough(tmp_path: Path) -> None:
    arrays = _least()
    arrays["train.features.text"][0, 1] = 0
    arrays["train.features.text"][1, 1] = np.nan
    np.savez(tmp_path / "own.npz", **arrays, **{"train.words": np.array([["a", "b"]] * 3)})
    folds = read_plain(tmp_path / "own.npz")
    assert (folds.name, folds.valid, folds.train.task) == ("own", None, Task(bound=1.0))
    assert folds.train.masks["text"].tolist() == [[True, False], [True, False], [True, True]]
    assert folds.train.ids == ("train/0", "train/1", "train/2")
    assert folds.train.words[2] == ("a", "b")
    assert "2 numbers that are not finite set to 0, 1 steps masked" in folds.train.source


@pytest.mark.parametrize(
    ("more", "why"),
    [
        ({"train.labels": np.zeros((3, 2))}, "does not state its task"),
        ({"train.labels": np.array(["a", "b", "c"])}, "labels are of type"),
        ({"task": np.array("hello")}, "the task 'hello' is none"),
        ({"task": np.array('{"kind": "guess"}')}, "a task is regression or classification"),
        ({"train.masks.text": np.ones((3, 3))}, "its mask"),
        ({"train.masks.text": np.full((3, 2), "0")}, "its mask is of type <U1; give true and false"),
        ({"train.words": np.array(["a", "b", "c"])}, "words must be JSON lists"),
        ({"test.features.text": np.ones((2, 2, 5))}, "modalities of other widths"),
        ({"train.features.text": np.ones((3, 2))}, r"text is an array of shape \(3, 2\)"),
        ({"train.ids": np.array(["a"])}, "have 1 ids"),
    ],
)
def test_what_does_not_fit_is_named(tmp_path: Path, more: dict[str, np.ndarray], why: str) -> None:
    np.savez(tmp_path / "own.npz", allow_pickle=False, **_least(**more))
    with pytest.raises(BadInput, match=why):
        read_plain(tmp_path / "own.npz")


def test_files_of_another_kind_are_named(tmp_path: Path) -> None:
    path = tmp_path / "own.npz"
    np.savez(path, **{key: value for key, value in _least().items() if "train" in key})
    with pytest.raises(BadInput, match="has no fold 'test'"):
        read_plain(path)
    np.savez(path, **{key: value for key, value in _least().items() if "train.f" not in key})
    with pytest.raises(BadInput, match=r"features.text, or of any other modality, is missing"):
        read_plain(path)
    np.savez(path, **_least(**{"train.words": np.array([["a"], ["b"], [None]], dtype=object)}))
    with pytest.raises(BadInput, match=r"no \.npz file of plain arrays"):
        read_plain(path)
    for name in ("own.npz", "own.parquet"):
        (tmp_path / name).write_bytes(b"PK nothing")
        with pytest.raises(BadInput, match=rf"{name} is no (whole )?\.(npz|parquet) file"):
            read_plain(tmp_path / name)
    with pytest.raises(BadInput, match=r"ends in \.npz or \.parquet"):
        read_plain(tmp_path / "own.csv")
    with pytest.raises(BadInput, match=r"ends in \.npz or \.parquet"):
        write_plain(tmp_path / "own.csv", some_folds())
    with pytest.raises(BadInput, match="there is no such file"):
        read_plain(tmp_path / "none.npz")


def test_a_table_that_others_wrote(tmp_path: Path) -> None:
    from pyarrow import parquet

    path = tmp_path / "own.parquet"
    rows = {
        "fold": ["train", "train", "test"],
        "labels": [1.0, 2.5, -3.0],
        "features.text": [[[1.0, 2.0], None, [3.0, None]], [[4.0, 5.0]], [[6.0, 7.0], [8.0, 9.0]]],
    }
    parquet.write_table(pyarrow.table(rows), path)
    folds = read_plain(path)
    assert folds.train.task == Task(bound=3.0)
    assert folds.train.features["text"][0].tolist() == [[1, 2], [0, 0], [3, 0]]
    assert folds.train.masks["text"].tolist() == [[True, False, True], [True, False, False]]
    assert folds.test.length == 2
    for key, value, why in (
        ("fold", ["train", "dev", "test"], "a fold 'dev'"),
        ("features.text", [[[1.0, 2.0]], [[1.0]], [[1.0]]], "from 1 to 2 numbers"),
        ("features.text", [1.0, 2.0, 3.0], "must be lists of steps"),
        ("labels", [[1.0], [1.0, 2.0], [1.0]], "labels must be numbers"),
    ):
        parquet.write_table(pyarrow.table(rows | {key: value}), path)
        with pytest.raises(BadInput, match=why):
            read_plain(path)
    parquet.write_table(pyarrow.table({key: value for key, value in rows.items() if key != "labels"}), path)
    with pytest.raises(BadInput, match="has no column 'labels'"):
        read_plain(path)
    for widths in ('{"text": "wide"}', '{"text": 0}', "[2]", "?"):
        parquet.write_table(pyarrow.table(rows).replace_schema_metadata({"talkoot.widths": widths}), path)
        with pytest.raises(BadInput, match="its metadata tell the widths"):
            read_plain(path)
