"""Any checkpoint of transformers as a sampler and as a network, on tiny ones with random weights."""

from __future__ import annotations

import json
import math
import shutil
import warnings
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

with warnings.catch_warnings():
    warnings.simplefilter("ignore")  # what torch and transformers say at import is theirs to mend
    import torch
    import transformers  # noqa: F401
    from tiny_checkpoint import write_checkpoint

    from talkoot.learning import hf_sampler
    from talkoot.learning.hf import HfCausal, Net, SplitNet, through_first
    from talkoot.learning.sampling import Prompt, Sampler

from talkoot.errors import BadInput, ModelFailed

TEXTS = ("ab", "abcd, efg", "abcd, efg h", "xyz " * 10, "q", "abcd")
torch.set_num_threads(1)


@pytest.fixture(scope="module")
def make(tmp_path_factory: pytest.TempPathFactory) -> Callable[[str], HfCausal]:
    """A model of the kind, made once."""
    made: dict[str, HfCausal] = {}

    def one(kind: str) -> HfCausal:
        if kind not in made:
            with warnings.catch_warnings():
                warnings.simplefilter("ignore")
                made[kind] = HfCausal(write_checkpoint(tmp_path_factory.mktemp(kind), kind), device="cpu")
        return made[kind]

    return one


@pytest.fixture
def llama(make: Callable[[str], HfCausal], monkeypatch: pytest.MonkeyPatch) -> HfCausal:
    model = make("llama")
    monkeypatch.setattr(model, "rows", 64)
    return model


def drawn(model: HfCausal, texts: tuple[str, ...] = TEXTS, n: int = 3, **how: Any) -> list[list[list[int]]]:
    ids = [model.tokenizer.encode(text) for text in texts]
    return model.draw(ids, **({"n": [n] * len(ids), "seeds": [7] * len(ids), "max_tokens": 24} | how))


@pytest.mark.parametrize("kind", ["llama", "mistral", "gemma2", "gpt2"])
def test_the_likeliest_tokens_are_those_of_generate(kind: str, make: Callable[[str], HfCausal]) -> None:
    """With sliding windows (8 tokens), capped logits and learned positions, too."""
    model = make(kind)
    for text, copies in zip(TEXTS, drawn(model, n=2, temperature=0.0), strict=True):
        ids = torch.tensor([model.tokenizer.encode(text)])
        with torch.no_grad():
            whole = model.net.model.generate(
                ids, attention_mask=torch.ones_like(ids), max_new_tokens=24, do_sample=False, pad_token_id=256
            )
        assert copies == [whole[0, ids.shape[1] :].tolist()] * 2


@pytest.mark.parametrize("kind", ["llama", "mistral", "gemma2", "gpt2"])
def test_a_slice_of_the_cache_is_as_good_as_the_whole_text(kind: str, make: Callable[[str], HfCausal]) -> None:
    """Log-probabilities that the sampler draws from, against those of one pass over the whole text (reference 9.11)."""
    model = make(kind)
    seen: list[tuple[torch.Tensor, Any, Any]] = []
    real = hf_sampler.choose

    def listen(logits: torch.Tensor, temperature: float, keys: torch.Tensor, at: torch.Tensor) -> torch.Tensor:
        seen.append((logits.log_softmax(-1), keys.tolist(), at.tolist()))
        return real(logits, temperature, keys, at)

    texts = TEXTS[:3]  # each begins with the one before it, or nearly
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(hf_sampler, "choose", listen)
        out = drawn(model, texts, n=2)
    by_row = {(key, at): row for rows, keys, ats in seen for row, key, at in zip(rows, keys, ats, strict=True)}
    compared = 0
    for text, copies in zip(texts, out, strict=True):
        prompt = model.tokenizer.encode(text)
        for copy, ids in enumerate(copies):
            key = hf_sampler.stream(7, prompt, copy)
            with torch.no_grad():
                whole = model.net(torch.tensor([prompt + ids]))[0].log_softmax(-1)
            for at in range(len(ids)):
                torch.testing.assert_close(by_row[key, at], whole[len(prompt) - 1 + at], atol=2e-4, rtol=1e-4)
                compared += 1
    assert compared > 60


def test_nested_prefixes_need_one_prefill(llama: HfCausal, monkeypatch: pytest.MonkeyPatch) -> None:
    filled: list[list[int]] = []
    real = hf_sampler.prefill
    monkeypatch.setattr(
        hf_sampler, "prefill", lambda model, texts: filled.extend(map(list, texts)) or real(model, texts)
    )
    whole = "a chain of thought in one piece"
    drawn(llama, tuple(whole[:end] for end in range(1, len(whole) + 1)), n=2)
    assert filled == [llama.tokenizer.encode(whole)]


def test_long_texts_are_prefilled_apart(llama: HfCausal, monkeypatch: pytest.MonkeyPatch) -> None:
    expected = drawn(llama)
    sizes: list[int] = []
    real = hf_sampler.prefill
    monkeypatch.setattr(hf_sampler, "prefill", lambda model, texts: sizes.append(len(texts)) or real(model, texts))
    monkeypatch.setattr(hf_sampler, "PREFILLED", 20)
    monkeypatch.setattr(hf_sampler, "BLOCK", 5)
    assert drawn(llama) == expected
    assert sizes == [1, 1, 1]  # of abcd, efg h; q; xyz ...


@settings(max_examples=6, deadline=None)
@given(st.lists(st.sampled_from(["a", "ab", "abc", "b", "ba", "c" * 9]), min_size=1, max_size=6), st.integers(1, 9))
def test_draws_depend_on_seed_text_and_copy_alone(batch: list[str], rows: int) -> None:
    model = _SHARED.get("llama") or _SHARED.setdefault("llama", _shared())
    model.rows = 64
    alone = {text: drawn(model, (text,), n=2, max_tokens=9)[0] for text in batch}
    model.rows = rows
    assert drawn(model, tuple(batch), n=2, max_tokens=9) == [alone[text] for text in batch]


_SHARED: dict[str, HfCausal] = {}


def _shared() -> HfCausal:
    import tempfile

    with tempfile.TemporaryDirectory() as folder, warnings.catch_warnings():
        warnings.simplefilter("ignore")
        return HfCausal(write_checkpoint(Path(folder), "llama"), device="cpu")


def test_seeds_and_copies_differ(llama: HfCausal) -> None:
    copies = drawn(llama, ("abc", "abc"), n=4, seeds=[1, 2])
    assert len({tuple(ids) for each in copies for ids in each}) == 8
    cold = drawn(llama, ("abc",), n=1, temperature=1e-4)
    assert cold == drawn(llama, ("abc",), n=1, temperature=0.0)


def test_draws_follow_the_probabilities(llama: HfCausal) -> None:
    first = [ids[0] for ids in drawn(llama, ("abc",), n=3000, max_tokens=1)[0]]
    with torch.no_grad():
        shares = llama.net(torch.tensor([llama.tokenizer.encode("abc")]))[0, -1].softmax(-1)
    for token in shares.topk(4).indices.tolist():
        p = float(shares[token])
        assert abs(first.count(token) / 3000 - p) < 4 * math.sqrt(p * (1 - p) / 3000)


def test_rows_end_with_the_end_of_text(llama: HfCausal) -> None:
    copies = drawn(llama, ("abc",), n=100, max_tokens=40)[0]
    ended = [ids for ids in copies if ids[-1] == llama.tokenizer.eos]
    assert ended
    assert all(256 not in ids[:-1] for ids in copies)
    assert all(len(ids) == 40 for ids in copies if ids[-1] != 256)
    completions = llama.complete([Prompt("abc", 100, 7)], max_tokens=40)[0]
    assert [c.tokens for c in completions] == [len(ids) for ids in copies]
    assert [c.ended for c in completions] == [ids[-1] == 256 for ids in copies]
    assert all("<end>" not in c.text for c in completions)


@pytest.mark.parametrize("length", [1, 2])
def test_a_stop_string_ends_a_row(llama: HfCausal, length: int) -> None:
    free = llama.complete([Prompt("abc", 60, 3)], max_tokens=40)[0]
    pieces = [c.text[at : at + length] for c in free for at in range(len(c.text) - length)]
    stop = next(piece for piece in pieces if piece.isascii() and piece.isprintable() and " " not in piece)
    bound = llama.complete([Prompt("abc", 60, 3)], max_tokens=40, stop=[stop, "never said"])[0]
    for before, after in zip(free, bound, strict=True):
        if stop in before.text:
            assert after.text == before.text[: before.text.index(stop) + length]
            assert after.ended
            assert after.tokens < before.tokens or before.text.endswith(stop)
        else:
            assert after == before
    assert any(stop in c.text for c in free)


def test_a_stop_string_of_many_bytes(llama: HfCausal) -> None:
    """Its last character is no single token, so that every row is looked at."""
    free = llama.complete([Prompt("abc", 150, 3)], max_tokens=20)[0]
    stop = next(c for each in free for c in each.text if not c.isascii() and c != "\ufffd")
    bound = llama.complete([Prompt("abc", 150, 3)], max_tokens=20, stop=[stop])[0]
    assert [c.text for c in bound] == [through_first(c.text, [stop]) or c.text for c in free]


def test_the_string_that_is_complete_first_wins() -> None:
    assert through_first("a </chunk> b", ["</chunk>", "chunk"]) == "a </chunk"
    assert through_first("a b", ["c"]) is None


def test_options_are_exact(llama: HfCausal) -> None:
    options = ("Po", "Ne", "None", "Po")
    shares = llama.options(["abc", "a longer text"], options)
    for text, row in zip(("abc", "a longer text"), shares, strict=True):
        scores = []
        for option in options:
            ids = llama.tokenizer.encode(text + option)
            with torch.no_grad():
                steps = llama.net(torch.tensor([ids]))[0].double().log_softmax(-1)
            scores.append(sum(float(steps[at - 1, ids[at]]) for at in range(len(text), len(ids))))
        total = sum(map(math.exp, scores))
        assert row == pytest.approx([math.exp(score) / total for score in scores], rel=1e-4)
        assert sum(row) == pytest.approx(1)
    llama.rows = 2
    assert llama.options(["abc", "a longer text"], options)[1] == pytest.approx(shares[1], rel=1e-5)
    for bad in ((), ("", "a")):
        with pytest.raises(BadInput, match="options"):
            llama.options(["abc"], bad)


@pytest.mark.parametrize(("kind", "split"), [("llama", SplitNet), ("gemma2", Net)])
def test_the_network_gives_logits_and_gradients(kind: str, split: type, make: Callable[[str], HfCausal]) -> None:
    model = make(kind)
    assert type(model.net) is split  # capped logits are more than the last layer
    ids = torch.tensor([[1, 2, 3, 256], [1, 2, 3, 4]])
    logits = model.net(ids)
    assert logits.shape == (2, 4, 257)
    torch.testing.assert_close(logits[0, :3], logits[1, :3])  # what stands on the right changes nothing
    if isinstance(model.net, SplitNet):
        torch.testing.assert_close(model.net.logits(model.net.hidden(ids)[:, 1]), logits[:, 1])
    logits.sum().backward()
    assert all(p.grad is not None for p in model.net.parameters())
    model.net.zero_grad()
    for training in (True, False):
        model.net.train(training)
        drawn(model, ("a",), n=1, max_tokens=2)
        assert model.net.training is training


def test_it_is_a_sampler_with_a_tokenizer(llama: HfCausal) -> None:
    assert isinstance(llama, Sampler)
    tokenizer = llama.tokenizer
    assert (tokenizer.eos, tokenizer.pad, len(tokenizer)) == (256, 256, 257)
    text = "Püree <chunk>\n x = 3 </chunk>"
    assert tokenizer.decode([*tokenizer.encode(text), 256]) == text
    assert tokenizer.encode("half \ud83d") == tokenizer.encode("half ?")
    assert tokenizer.continuation(tokenizer.encode("ab"), [*tokenizer.encode("ü"), 256]) == "ü"
    umlaut = tokenizer.encode("ü")
    assert tokenizer.continuation([*tokenizer.encode("x"), umlaut[0]], [umlaut[1]]) == "\ufffd"
    assert repr(llama).startswith("HfCausal(")


def test_saved_and_opened_again(llama: HfCausal, tmp_path: Path) -> None:
    (tmp_path / "kept").mkdir()
    (tmp_path / "kept" / "config.json").write_text("{}", encoding="utf-8")
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        llama.save(tmp_path / "kept")
        again = HfCausal(tmp_path / "kept", device="cpu")
    assert [path.name for path in tmp_path.iterdir()] == ["kept"]
    assert again.name == llama.name
    assert drawn(again) == drawn(llama)
    with torch.no_grad():
        next(again.net.parameters()).add_(1e-3)
    assert again.name != llama.name
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        half = HfCausal(tmp_path / "kept", device="cpu", dtype="bfloat16")
    assert next(half.net.parameters()).dtype == torch.bfloat16
    assert len(drawn(half, ("abc",), n=2)[0]) == 2


def test_the_context_is_kept(llama: HfCausal) -> None:
    long = "x" * 500
    for ids in drawn(llama, (long,), n=20, max_tokens=100)[0]:
        assert len(ids) == 12 or ids[-1] == 256
    assert not llama.complete([Prompt(long, 1, 2)], max_tokens=100)[0][0].ended
    with pytest.raises(ModelFailed, match="sees only 512"):
        drawn(llama, ("x" * 512,))


@pytest.mark.parametrize(
    "error",
    [
        torch.OutOfMemoryError("CUDA out of memory. Tried to allocate 20 GiB"),
        RuntimeError("[enforce fail at alloc_cpu.cpp] DefaultCPUAllocator: can't allocate memory: you tried ..."),
        MemoryError(),
    ],
)
def test_memory_that_runs_out_is_named(llama: HfCausal, error: Exception, monkeypatch: pytest.MonkeyPatch) -> None:
    def fail(*_: Any, **__: Any) -> None:
        raise error

    expected = drawn(llama)
    with monkeypatch.context() as patch:
        patch.setattr(llama.net.model.base_model, "forward", fail)
        with pytest.raises(
            ModelFailed, match=r"ran out of memory on cpu; lower rows \(now 64\) or max_tokens \(now 24"
        ):
            drawn(llama)
        with pytest.raises(ModelFailed, match="lower the lengths of the texts"):
            llama.options(["a"], ["b", "c"])
    assert drawn(llama) == expected
    monkeypatch.setattr(llama.net.model.base_model, "forward", lambda *_, **__: 1 / 0)
    with pytest.raises(ZeroDivisionError):
        drawn(llama)


def test_what_makes_no_sense(llama: HfCausal, tmp_path: Path) -> None:
    for how, words in (({"max_tokens": 0}, "max_tokens 0"), ({"stop": [""]}, "empty stop")):
        with pytest.raises(BadInput, match=words):
            drawn(llama, **how)
    with pytest.raises(BadInput, match="empty text"):
        llama.complete([Prompt("")], max_tokens=1)
    with pytest.raises(BadInput, match="do not belong together"):
        llama.draw([[1, 257]], n=[1], seeds=[0], max_tokens=1)
    assert llama.complete([], max_tokens=1) == []
    assert llama.complete([Prompt("a", 0)], max_tokens=1) == [[]]
    for arguments, words in (
        ({"rows": 0}, "rows must be at least 1"),
        ({"device": "abacus"}, "no device"),
        ({"dtype": "float99"}, "no precision"),
    ):
        with pytest.raises(BadInput, match=words):
            HfCausal(llama.folder, **arguments)
    with pytest.raises(BadInput, match=r"no config\.json"):
        HfCausal(tmp_path)
    (tmp_path / "config.json").write_text("{}", encoding="utf-8")
    with pytest.raises(ModelFailed, match="cannot be loaded"):
        HfCausal(tmp_path)


def test_a_tokenizer_without_an_end_of_text(tmp_path: Path, llama: HfCausal) -> None:
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        folder = write_checkpoint(tmp_path / "none", eos=False)
        with pytest.raises(BadInput, match="names no end-of-text token; set eos_token"):
            HfCausal(folder, device="cpu")
        settings = json.loads((folder / "generation_config.json").read_text())
        settings["eos_token_id"] = [10, 256]
        (folder / "generation_config.json").write_text(json.dumps(settings))
        model = HfCausal(folder, device="cpu")
    assert (model.tokenizer.eos, model.tokenizer.pad, model.tokenizer.ends) == (10, 10, {10, 256})
    ended = [ids[-1] for ids in drawn(model, ("abc",), n=150, max_tokens=40)[0] if len(ids) < 40]
    assert set(ended) == {10, 256}


def test_a_model_with_a_state_in_place_of_a_cache_is_refused(tmp_path: Path) -> None:
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        model = HfCausal(write_checkpoint(tmp_path / "mamba", "mamba"), device="cpu")
        with pytest.raises(ModelFailed, match=r"'mamba' keeps no cache.*NAME@URL"):
            drawn(model)


def test_a_folder_with_damaged_weights(llama: HfCausal, tmp_path: Path) -> None:
    shutil.copytree(llama.folder, tmp_path / "cut")
    weights = tmp_path / "cut" / "model.safetensors"
    weights.write_bytes(weights.read_bytes()[:1000])
    with pytest.raises(ModelFailed, match="cannot be loaded"):
        HfCausal(tmp_path / "cut", device="cpu")
