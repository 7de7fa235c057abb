"""A transformer of ours as a folder of Hugging Face: the same weights under Llama's names, the same tokens."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Any

import torch

from talkoot.learning.tokenizer import EOS, PAD

if TYPE_CHECKING:
    from talkoot.learning.tiny import TinyCausal


def export(causal: TinyCausal, folder: Path) -> None:
    """Write config, weights and a fast tokenizer, with nothing but transformers' own files in the folder."""
    from transformers import LlamaConfig, LlamaForCausalLM

    shape = causal.net.shape
    config = LlamaConfig(
        vocab_size=shape.vocabulary, hidden_size=shape.width, intermediate_size=shape.feed_forward,
        num_hidden_layers=shape.layers, num_attention_heads=shape.heads, num_key_value_heads=shape.heads,
        max_position_embeddings=shape.context, rms_norm_eps=1e-6, tie_word_embeddings=True,
        attention_bias="layers.0.qkv.bias" in causal.net.state_dict(),
        pad_token_id=causal.tokenizer.pad, eos_token_id=causal.tokenizer.eos, bos_token_id=None,
    )  # fmt: skip
    model: Any = LlamaForCausalLM(config)
    model.load_state_dict(_renamed(causal.net.state_dict()), strict=True)
    model.eval().save_pretrained(folder)
    _tokenizer(causal).save_pretrained(folder)


def _renamed(state: dict[str, torch.Tensor]) -> dict[str, torch.Tensor]:
    out = {"model.embed_tokens.weight": state["embed.weight"], "lm_head.weight": state["embed.weight"]}
    out["model.norm.weight"] = state["norm.weight"]
    for key, tensor in state.items():
        if not key.startswith("layers."):
            continue
        _, number, part, kind = key.split(".")
        layer = f"model.layers.{number}."
        if part == "qkv":
            for name, piece in zip(("q_proj", "k_proj", "v_proj"), tensor.chunk(3), strict=True):
                out[f"{layer}self_attn.{name}.{kind}"] = piece
            if kind == "bias":  # Llama has four biases or none; ours has none behind the heads
                out[f"{layer}self_attn.o_proj.bias"] = torch.zeros_like(piece)
        elif part == "gate_up":
            for name, piece in zip(("gate_proj", "up_proj"), tensor.chunk(2), strict=True):
                out[f"{layer}mlp.{name}.weight"] = piece
        else:
            other = {
                "norm_attention": "input_layernorm",
                "norm_feed": "post_attention_layernorm",
                "out": "self_attn.o_proj",
                "down": "mlp.down_proj",
            }[part]
            out[f"{layer}{other}.weight"] = tensor
    return {key: tensor.detach().cpu().contiguous().clone() for key, tensor in out.items()}


def _tokenizer(causal: TinyCausal) -> Any:
    """A fast tokenizer that cuts at the same pieces: each becomes an added token, matched before anything else."""
    from tokenizers import AddedToken, Tokenizer, decoders, models
    from transformers import PreTrainedTokenizerFast

    pieces = causal.tokenizer.pieces
    inner = Tokenizer(models.WordLevel({piece: i for i, piece in enumerate(pieces)}, unk_token=PAD))
    inner.add_tokens([AddedToken(piece, normalized=False) for piece in sorted(pieces[2:], key=len, reverse=True)])
    inner.decoder = decoders.Fuse()
    return PreTrainedTokenizerFast(tokenizer_object=inner, pad_token=PAD, eos_token=EOS)  # type: ignore[no-untyped-call]
