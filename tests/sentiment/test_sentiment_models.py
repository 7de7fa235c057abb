"""Learners by name, constants, and opening what was saved."""

from __future__ import annotations

import json
import subprocess
import sys
from dataclasses import fields, replace
from importlib import import_module
from pathlib import Path

import numpy as np
import pytest

from sentiment_trainable import EMOTIONS, STEPS, toy
from talkoot.errors import BadInput
from talkoot.sentiment.constants import Constant
from talkoot.sentiment.models import ABLATIONS, MODELS, Family, named, open_model, split_names
from talkoot.sentiment.samples import Samples, Task
from talkoot.sentiment.training import TrainSettings

FAMILIES = [one for one in MODELS.values() if isinstance(one, Family)]


def three(task: Task | None = None) -> Samples:
    some = toy(10, task=task)
    vision = np.random.default_rng(9).standard_normal((10, 5, 4)).astype(np.float32)
    return replace(some, features={**some.features, "vision": vision}, masks={**some.masks, "vision": some.valid})


def test_names_need_no_torch() -> None:
    code = "import sys, talkoot.sentiment.models as m; assert 'cosa' in m.MODELS; sys.exit('torch' in sys.modules)"
    assert subprocess.run([sys.executable, "-c", code], check=False).returncode == 0


@pytest.mark.parametrize("family", FAMILIES, ids=lambda one: one.name)
def test_options_of_network_and_training_have_different_names(family: Family) -> None:
    settings = getattr(import_module(f"talkoot.sentiment.{family.module}"), family.settings)
    assert not {one.name for one in fields(settings)} & {one.name for one in fields(TrainSettings)}


@pytest.mark.parametrize("task", [Task(), EMOTIONS, STEPS], ids=["number", "emotions", "steps"])
@pytest.mark.parametrize("name", MODELS)
def test_each_model_learns_and_is_opened_again(name: str, task: Task, tmp_path: Path) -> None:
    samples = three(task)
    learner = named(f"{name}:epochs=1,batch=5" if isinstance(MODELS[name], Family) else name)
    learner.fit(samples, None, seed=0)
    learner.save(tmp_path)
    opened = open_model(tmp_path)
    said = learner.predict(samples)
    assert opened.name == learner.name
    assert said.values.shape == samples.labels.shape
    assert np.array_equal(opened.predict(samples).values, said.values)


@pytest.mark.parametrize("name", ["cosa", "gate", "equal"])
def test_labels_at_each_step_have_rates_of_their_own(name: str, tmp_path: Path) -> None:
    rates = {}
    for task, asked in ((Task(), ""), (STEPS, ""), (STEPS, ",lr=0.02")):
        learner = named(f"{name}:epochs=1,width=8,heads=2{asked}")
        learner.fit(three(task), None, seed=0)
        learner.save(tmp_path)
        chosen = open_model(tmp_path).settings  # type: ignore[attr-defined]
        rates[task.steps, asked] = (chosen.lr, chosen.policy_lr, chosen.spoil)
    assert rates == {(False, ""): (1e-3, 1e-3, 0), (True, ""): (3e-4, 4e-3, 0.4), (True, ",lr=0.02"): (0.02, 4e-3, 0.4)}


def test_options_reach_settings() -> None:
    one = named("cosa:trainer=ddpg,width=16,steps=off,lr=0.5,fusion=concat")
    assert one.settings == replace(one.settings, trainer="ddpg", lr=0.5)  # type: ignore[attr-defined]
    chosen = one.options  # type: ignore[attr-defined]
    assert (chosen["width"], chosen["steps"], chosen["fusion"], chosen["head"]) == (16, False, "concat", "gate")
    assert named("cosa:trainer=coma_critic").options["head"] == "levels"  # type: ignore[attr-defined]
    assert named("cosa:preset=as_released,trainer=gate,heads=4").options["heads"] == 4  # type: ignore[attr-defined]
    assert named("cosa:preset=as_released,trainer=gate").options["width"] == 128  # type: ignore[attr-defined]
    assert named("ridge:alphas=1+10").alphas == (1.0, 10.0)  # type: ignore[attr-defined]
    assert named("bigru:hidden=5").name == "bigru:hidden=5"


@pytest.mark.parametrize("name", ABLATIONS)
def test_every_row_of_the_ablation_table_exists(name: str) -> None:
    assert named(name).name == name


@pytest.mark.parametrize(
    ("name", "told"),
    [
        ("cozy", "there is no model 'cozy'; there are constant-mean"),
        ("cosa:wide=3", "there is no option 'wide'; there are adversary"),
        ("cosa:seed=3", "there is no option 'seed'"),
        ("cosa:width", "'width' is no option; write key=value"),
        ("cosa:width=3,width=4", "once for each key"),
        ("cosa:width=broad", "width is 'broad'; give a whole number"),
        ("cosa:lr=fast", "lr is 'fast'; give a number"),
        ("cosa:steps=maybe", "steps is 'maybe'; give true or false"),
        ("cosa:trainer=luck", "there is no trainer 'luck'; take one of equal"),
        ("cosa:preset=best", "there is no preset 'best'"),
        ("tfn:trainer=gate", "tfn has no policies to train"),
        ("constant-mean:lr=1", "there is no option 'lr'"),
        ("ridge:alphas=much", "alphas is 'much'; give numbers parted by"),
    ],
)
def test_names_and_options_that_there_are_not(name: str, told: str) -> None:
    with pytest.raises(BadInput, match=told):
        named(name)


def test_lists_of_names() -> None:
    assert split_names("cosa, cosa:trainer=gate,width=3,tfn,bigru,hidden=4,ridge:alphas=1") == [
        "cosa", "cosa:trainer=gate,width=3", "tfn", "bigru:hidden=4", "ridge:alphas=1",
    ]  # fmt: skip
    assert split_names("") == []


def test_constants_are_mean_and_median_of_known_labels() -> None:
    train = replace(toy(3), labels=np.array([0.0, 0.0, 3.0], np.float32))
    mean, median = Constant("mean"), Constant("median")
    assert (mean.fit(train, None, seed=0)["constant"], median.fit(train, None, seed=0)["constant"]) == ([1.0], [0.0])
    assert mean.predict(toy(2)).values.tolist() == [1.0, 1.0]
    steps = toy(6, task=STEPS)
    mean.fit(steps, None, seed=0)
    assert np.allclose(mean.predict(steps).values, np.nanmean(steps.labels))
    emotions = toy(6, task=EMOTIONS)
    mean.fit(emotions, None, seed=0)
    assert np.allclose(mean.predict(emotions).values, emotions.labels.mean(0))
    with pytest.raises(BadInput, match="has no labels"):
        mean.fit(replace(steps, labels=np.full_like(steps.labels, np.nan)), None, seed=0)
    with pytest.raises(BadInput, match="constant-mean has not learnt anything yet"):
        Constant().predict(train)


def test_folders_that_cannot_be_opened(tmp_path: Path) -> None:
    with pytest.raises(BadInput, match="holds no trained model"):
        open_model(tmp_path)
    learner = named("bigru:epochs=1")
    learner.fit(toy(), None, seed=0)
    learner.save(tmp_path)
    card = json.loads((tmp_path / "model.json").read_text())
    for change, told in (({"model": "own"}, "does not know by name; build its learner and call `load`"),
                         ({"options": {"hidden": 5}}, "is no whole model"),
                         ({"widths": None}, "holds no whole model of this version")):  # fmt: skip
        (tmp_path / "model.json").write_text(json.dumps({**card, **change}))
        with pytest.raises(BadInput, match=told):
            open_model(tmp_path)
    (tmp_path / "model.json").write_text("[]")
    with pytest.raises(BadInput, match="is not the card of a trained model"):
        open_model(tmp_path)
