"""Tiny checkpoints with random weights, written by the tests themselves."""

from __future__ import annotations

from pathlib import Path
from typing import Any


def write_checkpoint(path: Path, kind: str = "llama", *, seed: int = 0, **settings: Any) -> Path:
    """A folder with a byte-level tokenizer (id 256 is `<end>`) and a small model of that kind."""
    import torch
    from tokenizers import Tokenizer, decoders, models, pre_tokenizers
    from transformers import (
        AutoModelForCausalLM,
        Gemma2Config,
        GPT2Config,
        LlamaConfig,
        MambaConfig,
        MistralConfig,
        PreTrainedTokenizerFast,
    )

    alphabet = sorted(pre_tokenizers.ByteLevel.alphabet())
    vocabulary = {character: n for n, character in enumerate([*alphabet, "<end>"])}
    tokenizer = Tokenizer(models.BPE(vocab=vocabulary, merges=[]))
    tokenizer.pre_tokenizer = pre_tokenizers.ByteLevel(add_prefix_space=False)
    tokenizer.decoder = decoders.ByteLevel()
    named = {"eos_token": "<end>"} if settings.pop("eos", True) else {}
    PreTrainedTokenizerFast(tokenizer_object=tokenizer, **named).save_pretrained(path)
    ends = {"bos_token_id": None, "eos_token_id": 256 if named else None, "pad_token_id": None}
    small = {"vocab_size": 257, "hidden_size": 32, "intermediate_size": 48, "num_hidden_layers": 2,
             "num_attention_heads": 4, "num_key_value_heads": 2, "max_position_embeddings": 512}  # fmt: skip
    config: Any = {
        "llama": lambda: LlamaConfig(**small | ends | settings),
        "mistral": lambda: MistralConfig(**small | ends | {"sliding_window": 8} | settings),
        "gemma2": lambda: Gemma2Config(
            **small | ends | {"head_dim": 8, "sliding_window": 8, "query_pre_attn_scalar": 8} | settings
        ),
        "gpt2": lambda: GPT2Config(vocab_size=257, n_positions=512, n_embd=32, n_layer=2, n_head=2, **ends | settings),
        "mamba": lambda: MambaConfig(vocab_size=257, hidden_size=16, num_hidden_layers=1, state_size=4, **ends),
    }[kind]()
    with torch.random.fork_rng():
        torch.manual_seed(seed)
        model = AutoModelForCausalLM.from_config(config)
        for parameter in model.parameters():
            if parameter.dim() > 1:
                torch.nn.init.normal_(parameter, std=0.25)  # sharp enough that the likeliest token is beyond doubt
        model.save_pretrained(path)
    return path
