"""`hf/FOLDER` on a tiny checkpoint with random weights that the test makes itself."""

from __future__ import annotations

import warnings
from pathlib import Path
from typing import Any

import pytest

from talkoot import run_sync
from talkoot.errors import BadInput, ModelFailed
from talkoot.model import Request, Turn
from talkoot.models import open_model
from talkoot.models.check import check_model
from talkoot.models.probe import probe

CHAT = (Turn("system", "You cook."), Turn("user", "What now? Püree!"))


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A byte-level GPT-2 with two small layers."""
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # what torch and transformers say at import is theirs to mend
        import torch
        from tokenizers import Tokenizer, decoders, models, pre_tokenizers
        from transformers import GPT2Config, GPT2LMHeadModel, PreTrainedTokenizerFast

        torch.set_num_threads(1)
        alphabet = sorted(pre_tokenizers.ByteLevel.alphabet())
        vocabulary = {character: n for n, character in enumerate([*alphabet, "<end>"])}
        tokenizer = Tokenizer(models.BPE(vocab=vocabulary, merges=[]))
        tokenizer.pre_tokenizer = pre_tokenizers.ByteLevel(add_prefix_space=False)
        tokenizer.decoder = decoders.ByteLevel()
        path = tmp_path_factory.mktemp("checkpoint")
        PreTrainedTokenizerFast(tokenizer_object=tokenizer, eos_token="<end>").save_pretrained(path)
        with torch.random.fork_rng():
            torch.manual_seed(0)
            config = GPT2Config(vocab_size=len(vocabulary), n_positions=4096, n_embd=32, n_layer=2, n_head=2,
                                bos_token_id=256, eos_token_id=256)  # fmt: skip
            GPT2LMHeadModel(config).save_pretrained(path)
    return path


def ask(model: Any, **how: Any) -> Any:
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        return run_sync(model(Request("overcooked/plan", CHAT, **{"max_tokens": 8, **how})))


def test_it_is_a_model(folder: Path) -> None:
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        check_model(open_model(f"hf/{folder}"), messages=CHAT, parallel=2, long=500)


def test_replies_repeat_and_leave_the_global_generator_alone(folder: Path) -> None:
    import torch

    model = open_model(f"hf/{folder}")
    before = torch.random.get_rng_state()
    assert ask(model) == ask(model)
    warm = [ask(model, temperature=1.0, seed=seed).text for seed in (1, 1, 2)]
    assert warm[0] == warm[1] != warm[2]
    assert torch.equal(before, torch.random.get_rng_state())
    assert ask(model).usage.completion_tokens <= 8


def test_a_stop_string_ends_the_reply(folder: Path) -> None:
    model = open_model(f"hf/{folder}")
    text = ask(model, max_tokens=20).text
    stop = text[len(text) // 2]
    assert ask(model, max_tokens=20, stop=(stop,)).text == text.split(stop)[0]


def test_a_chat_template_is_used(folder: Path, tmp_path: Path) -> None:
    import shutil

    shutil.copytree(folder, tmp_path / "chat")
    template = "{% for m in messages %}[{{ m.role }}]{{ m.content }}{% endfor %}[assistant]"
    (tmp_path / "chat" / "chat_template.jinja").write_text(template, encoding="utf-8")
    told = "".join(f"[{turn.role}]{turn.content}" for turn in CHAT) + "[assistant]"
    assert ask(open_model(f"hf/{tmp_path / 'chat'}")).usage.prompt_tokens == len(told.encode())


def test_too_long_a_prompt_is_refused(folder: Path) -> None:
    model = open_model(f"hf/{folder}")
    with pytest.raises(ModelFailed, match="sees only 4096"):
        ask(model, max_tokens=5000)


def test_probing_a_checkpoint(folder: Path, tmp_path: Path) -> None:
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        found = run_sync(probe(f"hf/{folder}"))
        assert found.usable
        assert found.facts["chat"] is True
        (tmp_path / "config.json").write_text("{}", encoding="utf-8")
        broken = run_sync(probe(f"hf/{tmp_path}"))
    assert not broken.usable
    assert "cannot be loaded" in str(broken.problem)
    assert not run_sync(probe("hf/no/such/folder")).usable


def test_a_folder_without_a_checkpoint(tmp_path: Path) -> None:
    with pytest.raises(BadInput, match=r"no config\.json"):
        open_model(f"hf/{tmp_path}")
    (tmp_path / "config.json").write_text("{}", encoding="utf-8")
    with pytest.raises(ModelFailed, match="cannot be loaded"):
        ask(open_model(f"hf/{tmp_path}"))
