"""A network of ours with its tokenizer: kept and opened, copied, named, sampled; what is refused."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path

import pytest
import torch

from learning_toys import PIECES
from talkoot.errors import BadInput, ModelFailed
from talkoot.learning.causal import Causal
from talkoot.learning.sampling import Prompt, Sampler
from talkoot.learning.tiny import TinyCausal, open_tiny, padded, random_tiny


def tiny(seed: int = 1, **sizes: int) -> TinyCausal:
    return random_tiny(PIECES, seed=seed, **{"width": 16, "layers": 1, "heads": 2, "context": 16, **sizes})


def test_what_is_kept_is_opened_again(tmp_path: Path) -> None:
    causal = tiny()
    causal.save(tmp_path / "deep" / "model")
    again = open_tiny(str(tmp_path / "deep" / "model"), rows=7)
    assert (again.name, again.rows, again.net.shape) == (causal.name, 7, causal.net.shape)
    assert again.tokenizer.pieces == causal.tokenizer.pieces
    ids = torch.tensor([causal.tokenizer.encode("abc.")])
    assert torch.equal(again.net(ids), causal.net(ids))
    prompts = [Prompt("ab", 3, seed=5), Prompt("c", 2, seed=5)]
    assert again.complete(prompts, max_tokens=6) == causal.complete(prompts, max_tokens=6)
    assert sorted(file.name for file in (tmp_path / "deep" / "model").iterdir()) == ["model.json", "model.safetensors"]
    tiny(seed=2).save(tmp_path / "deep" / "model")  # another one takes its place
    assert open_tiny(tmp_path / "deep" / "model").name == tiny(seed=2).name != causal.name
    assert isinstance(causal, Causal)
    assert isinstance(causal, Sampler)


def test_names_are_those_of_the_weights() -> None:
    causal = tiny()
    assert causal.name == tiny().name
    assert causal.name.startswith("tiny-")
    assert len({causal.name, tiny(seed=2).name, tiny(layers=2).name}) == 3
    other = causal.copy()
    assert other.name == causal.name
    assert (other.rows, other.tokenizer) == (causal.rows, causal.tokenizer)
    with torch.no_grad():
        other.net.norm.weight[0] += 1e-6
    assert other.name != causal.name == tiny().name


def test_completions_are_what_is_drawn() -> None:
    causal = tiny()
    prompts = [Prompt("ab", 40, seed=3), Prompt("c", 40, seed=4)]
    ids = [causal.tokenizer.encode(prompt.text) for prompt in prompts]
    drawn = causal.draw(ids, n=[40, 40], seeds=[3, 4], max_tokens=5, stop=["."])
    told = causal.complete(prompts, max_tokens=5, stop=["."])
    stops = {causal.tokenizer.eos, causal.tokenizer.single(".")}
    for copies, completions in zip(drawn, told, strict=True):
        for row, completion in zip(copies, completions, strict=True):
            assert completion.text == causal.tokenizer.decode(row)
            assert completion.tokens == len(row) <= 5
            assert completion.ended == (row[-1] in stops)
            assert not stops & set(row[:-1])
            assert completion.ended or len(row) == 5
    every = [one for completions in told for one in completions]
    assert any(one.ended and one.text.endswith(".") for one in every)  # a stop string is part of the text
    assert any(one.ended and not one.text.endswith(".") for one in every)
    assert any(not one.ended for one in every)
    assert not causal.net.training
    assert causal.complete([], max_tokens=3) == []


def test_options_are_the_shares_of_the_next_token() -> None:
    causal = tiny()
    causal.rows = 2  # more texts than one batch
    texts = ["a", "abcd", "b.", "yes", "a" * 16]
    shares = causal.options(texts, ["yes", "no", "."])
    tokens = [causal.tokenizer.single(option) for option in ("yes", "no", ".")]
    for text, row in zip(texts, shares, strict=True):
        alone = causal.net(torch.tensor([causal.tokenizer.encode(text)]))[0, -1, tokens].softmax(-1)
        assert row == pytest.approx(alone.tolist(), abs=1e-6)
        assert sum(row) == pytest.approx(1.0, abs=1e-6)
    assert causal.options([], ["yes"]) == []
    assert causal.options(["a"], ["yes"]) == [(1.0,)]


def test_what_does_not_fit_is_refused() -> None:
    causal = tiny()
    with pytest.raises(BadInput, match="the stop string 'ab' is not one token"):
        causal.complete([Prompt("a")], max_tokens=1, stop=["ab"])
    with pytest.raises(BadInput, match=r"single tokens of this model, not \['yes', 'maybe'\]"):
        causal.options(["a"], ["yes", "maybe"])
    with pytest.raises(BadInput, match="no tokens from character 1"):
        causal.options(["ax"], ["yes"])
    with pytest.raises(ModelFailed, match="1 to 15 tokens for this model; these have 1 to 16"):
        causal.complete([Prompt("a"), Prompt("a" * 16)], max_tokens=1)
    with pytest.raises(ModelFailed, match="these have 0 to 1"):
        causal.complete([Prompt("a"), Prompt("")], max_tokens=1)
    with pytest.raises(ModelFailed, match="1 to 16 tokens for this model; these have 0 to 1"):
        causal.options(["a", ""], ["yes"])
    with pytest.raises(ModelFailed, match="these have 17 to 17"):
        causal.options(["a" * 17], ["yes"])


def test_memory_that_does_not_suffice_is_told(monkeypatch: pytest.MonkeyPatch) -> None:
    def full(*arguments: object, **named: object) -> None:
        raise MemoryError

    monkeypatch.setattr("talkoot.learning.tiny.draw", full)
    with pytest.raises(ModelFailed, match=r"lower rows \(now 512\) or max_tokens"):
        tiny().complete([Prompt("a")], max_tokens=1)


def rewritten(change: Callable[[dict[str, object]], object]) -> Callable[[Path], None]:
    def damage(folder: Path) -> None:
        told = json.loads((folder / "model.json").read_text())
        change(told)
        (folder / "model.json").write_text(json.dumps(told))

    return damage


DAMAGES: list[Callable[[Path], object]] = [
    lambda f: (f / "model.json").unlink(),
    lambda f: (f / "model.safetensors").unlink(),
    lambda f: (f / "model.json").write_text("{"),
    lambda f: (f / "model.json").write_bytes(b"\xff"),
    lambda f: (f / "model.json").write_text("[]"),
    lambda f: (f / "model.safetensors").write_bytes((f / "model.safetensors").read_bytes()[:-9]),
    lambda f: (f / "model.safetensors").write_bytes(b""),
    rewritten(lambda told: told.pop("pieces")),
    rewritten(lambda told: told["pieces"].append("more")),  # type: ignore[attr-defined]
    rewritten(lambda told: told["pieces"].__setitem__(0, "b")),  # type: ignore[index, union-attr, attr-defined]
    rewritten(lambda told: told["shape"].update(width=32)),  # type: ignore[attr-defined]
    rewritten(lambda told: told["shape"].update(layers=2)),  # type: ignore[attr-defined]
    rewritten(lambda told: told["shape"].update(heads=0)),  # type: ignore[attr-defined]
    rewritten(lambda told: told["shape"].update(depth=2)),  # type: ignore[attr-defined]
]


@pytest.mark.parametrize("damage", DAMAGES)
def test_a_damaged_folder_is_told_once_and_clearly(tmp_path: Path, damage: Callable[[Path], object]) -> None:
    tiny().save(tmp_path)
    damage(tmp_path)
    with pytest.raises(BadInput) as caught:
        open_tiny(tmp_path)
    told = str(caught.value)
    assert str(tmp_path) in told
    assert "no small model of ours (no model." in told or "cannot be read (" in told
    assert "name a" in told
    assert "\n" not in told
    assert len(told) < 400


def test_no_folder_at_all(tmp_path: Path) -> None:
    with pytest.raises(BadInput, match="holds no small model of ours"):
        open_tiny(tmp_path / "nowhere")
    (tmp_path / "file").write_text("")
    with pytest.raises(BadInput, match=r"cannot be read"):
        open_tiny(tmp_path / "file")
    tiny().save(tmp_path / "model")
    with pytest.raises(BadInput, match="torch has no device 'abacus' here"):
        open_tiny(tmp_path / "model", device="abacus")


def test_padding_is_on_the_right() -> None:
    assert padded([[1, 2, 3], [], [4]], 9).tolist() == [[1, 2, 3], [9, 9, 9], [4, 9, 9]]
    assert padded([], 0).shape == (0, 1)
