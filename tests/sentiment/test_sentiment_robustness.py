"""Curves of corruption and detection by trust, on models that are known to bear or to notice it."""

from __future__ import annotations

import numpy as np
import pytest

from sentiment_toys import Additive, toy_samples
from talkoot.errors import BadInput
from talkoot.sentiment.robustness import SPOILS, degradation, detection, robustness
from talkoot.sentiment.samples import Task


def test_what_is_used_is_missed_and_what_is_not_used_is_not() -> None:
    samples = toy_samples(0, n=60)
    curves = robustness(Additive(), samples, hows=("noise", "missing"), shares=(0.0, 0.5, 1.0), seeds=(0, 1))
    assert [(one.how, one.modality) for one in curves] == [
        (how, name) for how in ("noise", "missing") for name in ("text", "audio", "vision")
    ]
    for text, audio, vision in (curves[:3], curves[3:]):
        assert text.loss[0] == pytest.approx(0, abs=1e-5)
        assert text.loss[0] < text.loss[1] < text.loss[2]
        assert text.lost > audio.lost > 0.1 > vision.lost == pytest.approx(0, abs=1e-5)
        assert text.sd[0] == 0 < text.sd[1]
        assert text.model == "additive"


@pytest.mark.parametrize("how", ["mask", "missing", "zero"])
def test_all_of_it_gone_is_the_same_however_it_goes(how: str) -> None:
    samples = toy_samples(1, n=20)
    (curve,) = robustness(Additive(), samples, hows=(how,), modalities=("audio",), shares=(1.0,), seeds=(0,))
    expected = np.abs(0.5 * samples.features["audio"][..., 0].sum(1)).mean()
    assert curve.loss == (pytest.approx(expected, rel=1e-4),)
    assert curve.lost == pytest.approx(expected, rel=1e-3)


def test_nothing_left_is_the_prior_not_an_error() -> None:
    samples = toy_samples(2, n=8).only(("text",))
    (curve,) = robustness(Additive((1.0,)), samples, hows=("missing",), shares=(1.0,), seeds=(0,), prior=0.0)
    assert curve.loss[0] == pytest.approx(np.abs(samples.labels).mean(), rel=1e-5)


def test_curves_come_from_the_seed_alone_and_change_nothing() -> None:
    samples = toy_samples(3, n=10, task=Task(steps=True, bound=50.0), gaps=0.2)
    before = {name: x.copy() for name, x in samples.features.items()}
    once = robustness(Additive(), samples, hows=("noise", "mask"), seeds=(5,))
    assert once == robustness(Additive(), samples, hows=("noise", "mask"), seeds=(5,))
    assert all(np.array_equal(before[name], x) for name, x in samples.features.items())


def test_who_does_not_use_audio_bears_its_loss_better() -> None:
    samples = toy_samples(4, n=60)
    deaf = Additive((1.0, 0.0, 0.0), name="deaf")
    first, other = degradation([deaf, Additive()], samples, modality="audio", share=1.0)
    assert (first["model"], other["model"]) == ("deaf", "additive")
    assert "more" not in first
    assert first["lost"] == pytest.approx(0, abs=1e-6)
    assert other["lost"] == pytest.approx(other["spoiled"] - other["clean"])
    assert other["more"] == pytest.approx(other["lost"] - first["lost"], abs=1e-6)
    assert 0 < other["ci95"][0] < other["more"] < other["ci95"][1]


def test_trust_that_doubts_zeros_finds_them() -> None:
    samples = toy_samples(5, n=40)

    class Suspicious(Additive):
        def predict(self, samples):  # type: ignore[no-untyped-def]
            said = super().predict(samples)
            silent = np.stack([samples.features[name][..., 0] == 0 for name in samples.modalities], -1)
            said.trust[silent] *= 0.1
            return said

    found = detection(Suspicious(), samples, modality="text", how="zero", share=0.5)
    assert found.auc == found.auc_share == found.auc_fall == 1
    assert found.spoiled == pytest.approx(0.08, abs=1e-6)
    assert found.clean == pytest.approx(0.8, abs=1e-6)
    assert found.n == 80
    blind = detection(Additive(), samples, modality="text", how="zero", share=0.5)
    assert blind.auc == blind.auc_fall == 0.5


def test_bad_questions_are_told() -> None:
    samples = toy_samples(6)
    with pytest.raises(BadInput, match="cannot be detected by trust"):
        detection(Additive(), samples, modality="text", how="mask")
    with pytest.raises(BadInput, match="does not say how much"):
        detection(Additive(trust=None), samples, modality="text")
    with pytest.raises(BadInput, match="no smell"):
        robustness(Additive(), samples, modalities=("smell",))
    with pytest.raises(BadInput, match="no corruption 'rust'"):
        robustness(Additive(), samples, hows=("rust",))
    with pytest.raises(BadInput, match="from 0 to 1"):
        robustness(Additive(), samples, shares=(2.0,))
    with pytest.raises(BadInput, match="at least one seed"):
        degradation([Additive()], samples, modality="text", seeds=())
    assert SPOILS == ("zero", "noise", "shuffle")
