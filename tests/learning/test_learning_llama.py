"""A network of ours as a Llama of transformers: the same logits, the same tokens, the same greedy text."""

from __future__ import annotations

import warnings
from pathlib import Path
from typing import Any

import pytest
import torch

with warnings.catch_warnings():
    warnings.simplefilter("ignore")  # what torch and transformers say at import is theirs to mend
    from transformers import AutoModelForCausalLM, AutoTokenizer

from talkoot.judging.tasks.arithmetic import Task, pieces
from talkoot.learning.hf import HfCausal
from talkoot.learning.sampling import Prompt
from talkoot.learning.tiny import TinyCausal, random_tiny

TASK = Task("story", 13)
TEXTS = [
    TASK.problem("test", 0).text + "<solution>", "12 + 1", "<chunk> Ann has 12 :\n1 + 2\n = 3.</chunk><judge>",
    " ", "\n\n  ;;", "\\boxed{Positive}\\boxed{12}",
]  # fmt: skip


@pytest.fixture(scope="module")
def both(tmp_path_factory: pytest.TempPathFactory) -> tuple[TinyCausal, Any, Any, Path]:
    folder = tmp_path_factory.mktemp("llama")
    causal = random_tiny(pieces(TASK), seed=3, width=24, layers=2, heads=2, context=160, hidden=40)
    with torch.no_grad():  # far from its beginning, where every norm is 1 and the likeliest token the last one
        for i, parameter in enumerate(causal.net.parameters()):
            noise = torch.randn(parameter.shape, generator=torch.Generator().manual_seed(i))
            parameter += 0.3 * noise
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        causal.to_llama(folder)
        return causal, AutoModelForCausalLM.from_pretrained(folder), AutoTokenizer.from_pretrained(folder), folder


def test_logits_are_equal(both: tuple[TinyCausal, Any, Any, Path]) -> None:
    causal, model, _, _ = both
    for text in TEXTS:
        ids = torch.tensor([causal.tokenizer.encode(text)])
        with torch.no_grad():
            assert torch.allclose(model(ids).logits, causal.net(ids), atol=1e-4)
    spare = sum(p.numel() for name, p in model.named_parameters() if name.endswith("o_proj.bias"))  # all zero
    assert model.num_parameters() == sum(p.numel() for p in causal.net.parameters()) + spare


def test_tokens_are_equal(both: tuple[TinyCausal, Any, Any, Path]) -> None:
    causal, _, tokenizer, _ = both
    for text in TEXTS:
        ids = causal.tokenizer.encode(text)
        assert tokenizer(text)["input_ids"] == ids
        assert tokenizer.decode(ids) == text
        assert tokenizer.decode([0, *ids, 1], skip_special_tokens=True) == text
    assert len(tokenizer) == len(causal.tokenizer)
    assert (tokenizer.pad_token_id, tokenizer.eos_token_id, tokenizer.bos_token_id) == (0, 1, None)
    assert [tokenizer.decode([i]) for i in range(len(tokenizer))] == list(causal.tokenizer.pieces)


def test_greedy_text_is_equal(both: tuple[TinyCausal, Any, Any, Path]) -> None:
    causal, model, tokenizer, folder = both
    seen = set()
    for text in TEXTS:
        asked = tokenizer(text, return_tensors="pt")
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            theirs = model.generate(**asked, do_sample=False, max_new_tokens=12)[0, asked["input_ids"].shape[1] :]
        ours = causal.draw([causal.tokenizer.encode(text)], n=[1], seeds=[0], max_tokens=12, temperature=0.0)[0][0]
        assert theirs.tolist() == ours
        seen |= set(ours)
    assert len(seen) > 5  # it says something
    opened = HfCausal(folder)
    prompts = [Prompt(text) for text in TEXTS]
    told = opened.complete(prompts, max_tokens=8, temperature=0.0)
    assert told == causal.complete(prompts, max_tokens=8, temperature=0.0)


def test_nothing_but_their_own_files(both: tuple[TinyCausal, Any, Any, Path]) -> None:
    names = {file.name for file in both[3].iterdir()}
    assert names == {
        "config.json", "generation_config.json", "model.safetensors", "tokenizer.json", "tokenizer_config.json",
    }  # fmt: skip
