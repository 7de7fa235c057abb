"""A transformer of ours with its tokenizer: sampled, trained, written to a folder, exported for other tools."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import torch

from talkoot.disk import named
from talkoot.errors import BadInput, ModelFailed
from talkoot.learning.sampler import draw
from talkoot.learning.sampling import Completion, Prompt
from talkoot.learning.tokenizer import WordTokenizer
from talkoot.learning.transformer import Shape, Transformer

_CACHED = 32  # texts read at once on a CPU


class TinyCausal:
    """A `Causal`: weights, tokenizer and sampler. `rows` bounds how many texts are continued at once."""

    def __init__(self, net: Transformer, tokenizer: WordTokenizer, rows: int = 512) -> None:
        self.net, self.tokenizer, self.rows = net, tokenizer, rows

    @property
    def device(self) -> torch.device:
        """Where the weights are."""
        return self.net.embed.weight.device

    @property
    def name(self) -> str:
        """`tiny-` and a hash of the weights."""
        digest = hashlib.sha256()
        for key, tensor in self.net.state_dict().items():
            digest.update(key.encode())
            digest.update(tensor.detach().float().cpu().numpy().tobytes())
        return f"tiny-{digest.hexdigest()[:12]}"

    def copy(self) -> TinyCausal:
        """The same weights, to be trained on their own."""
        net = Transformer(self.net.shape).to(self.device)
        net.load_state_dict(self.net.state_dict())
        return TinyCausal(net, self.tokenizer, self.rows)

    def draw(
        self,
        prompts: Sequence[Sequence[int]],
        *,
        n: Sequence[int],
        seeds: Sequence[int],
        max_tokens: int,
        stop: Sequence[str] = (),
        temperature: float = 1.0,
    ) -> list[list[list[int]]]:
        """As `Causal`. A stop string must be one token. Raises ModelFailed for prompts that leave no room."""
        stops = {self.tokenizer.eos}
        for text in stop:
            if (token := self.tokenizer.single(text)) is None:
                raise BadInput(f"the stop string {text!r} is not one token of this model")
            stops.add(token)
        self._fits(prompts, self.net.shape.context - 1)
        self.net.eval()
        try:
            return draw(
                self.net, prompts, n, seeds,
                max_tokens=max_tokens, stops=frozenset(stops), temperature=temperature, rows=self.rows,
            )  # fmt: skip
        except (torch.cuda.OutOfMemoryError, MemoryError) as error:
            raise ModelFailed(f"out of memory while sampling; lower rows (now {self.rows}) or max_tokens") from error

    def _fits(self, texts: Sequence[Sequence[int]], most: int) -> None:
        lengths = [len(text) for text in texts]
        if texts and not 1 <= min(lengths) <= max(lengths) <= most:
            raise ModelFailed(
                f"prompts must have 1 to {most} tokens for this model; these have {min(lengths)} to {max(lengths)}"
            )

    def complete(
        self, prompts: Sequence[Prompt], *, max_tokens: int, stop: Sequence[str] = (), temperature: float = 1.0
    ) -> list[list[Completion]]:
        """As `Sampler`."""
        drawn = self.draw(
            [self.tokenizer.encode(prompt.text) for prompt in prompts],
            n=[prompt.n for prompt in prompts], seeds=[prompt.seed for prompt in prompts],
            max_tokens=max_tokens, stop=stop, temperature=temperature,
        )  # fmt: skip
        ends = {self.tokenizer.eos, *(self.tokenizer.single(text) for text in stop)}
        return [
            [Completion(self.tokenizer.decode(ids), len(ids), bool(ids) and ids[-1] in ends) for ids in copies]
            for copies in drawn
        ]

    def options(self, texts: Sequence[str], options: Sequence[str]) -> list[tuple[float, ...]]:
        """As `Sampler`; every option must be one token. Raises ModelFailed for texts that are empty or too long."""
        tokens = [self.tokenizer.single(option) for option in options]
        if None in tokens:
            raise BadInput(f"options must be single tokens of this model, not {list(options)}")
        encoded = [self.tokenizer.encode(text) for text in texts]
        self._fits(encoded, self.net.shape.context)
        # Texts of like length beside each other, on a CPU no more of them than its caches hold.
        order = sorted(range(len(encoded)), key=lambda i: len(encoded[i]))
        rows = self.rows if self.device.type == "cuda" else min(self.rows, _CACHED)
        found: list[tuple[float, ...]] = [()] * len(encoded)
        self.net.eval()
        with torch.inference_mode():
            for at in range(0, len(order), rows):
                some = [encoded[i] for i in order[at : at + rows]]
                ids = padded(some, self.tokenizer.pad).to(self.device)
                last = torch.tensor([len(one) - 1 for one in some], device=self.device)
                hidden = self.net.hidden(ids)[torch.arange(len(some), device=self.device), last]
                shares = self.net.logits(hidden)[:, tokens].softmax(-1)
                for i, row in zip(order[at : at + rows], shares.double().tolist(), strict=True):
                    found[i] = tuple(row)
        return found

    def save(self, folder: Path | str) -> None:
        """Write `model.json` and `model.safetensors`."""
        from safetensors.torch import save

        folder = Path(folder)
        with named(folder):
            folder.mkdir(parents=True, exist_ok=True)
        described = {"shape": self.net.shape.to_json(), "pieces": list(self.tokenizer.pieces[2:])}
        _replace(folder / "model.json", json.dumps(described, ensure_ascii=False, indent=0).encode())
        state = {key: tensor.detach().cpu().contiguous() for key, tensor in self.net.state_dict().items()}
        _replace(folder / "model.safetensors", save(state))

    def to_llama(self, folder: Path | str) -> None:
        """Write the same network as a LlamaForCausalLM folder of Hugging Face, with a fast tokenizer."""
        from talkoot.learning.llama import export

        export(self, Path(folder))


def _replace(file: Path, content: bytes) -> None:
    """Write a file whole or not at all."""
    with named(file):
        fresh = file.with_suffix(".new")
        fresh.write_bytes(content)
        fresh.replace(file)


def padded(rows: Sequence[Sequence[int]], pad: int) -> torch.Tensor:
    """Token ids [rows, longest], padded on the right."""
    out = torch.full((len(rows), max(map(len, rows), default=1)), pad, dtype=torch.long)
    for i, row in enumerate(rows):
        out[i, : len(row)] = torch.tensor(row, dtype=torch.long)
    return out


def open_tiny(folder: Path | str, *, rows: int = 512, device: str | None = None) -> TinyCausal:
    """A folder that `save` wrote, on a device of torch (the CPU by default). Raises BadInput for other folders, damaged
    files and devices that are not there."""
    from safetensors.torch import load

    folder = Path(folder)
    try:
        described: Any = json.loads((folder / "model.json").read_text(encoding="utf-8"))
        net = Transformer(Shape(**described["shape"]))
        net.load_state_dict(load((folder / "model.safetensors").read_bytes()))
        tokenizer = WordTokenizer(described["pieces"])
        if len(tokenizer) != net.shape.vocabulary:
            raise BadInput(f"model.json lists {len(tokenizer)} tokens, the network has {net.shape.vocabulary}")
    except FileNotFoundError as error:
        raise BadInput(
            f"{folder} holds no small model of ours (no {Path(error.filename).name}); name a folder that "
            "`talkoot judge pipeline` wrote, such as DIR/policy"
        ) from error
    except Exception as error:
        why = " ".join(str(error).split())[:200]
        raise BadInput(f"the model in {folder} cannot be read ({why}); write it again, or name another") from error
    try:
        net.to(device or "cpu")
    except (RuntimeError, AssertionError) as error:
        raise BadInput(f"torch has no device {device!r} here; take cpu") from error
    return TinyCausal(net, tokenizer, rows)


def random_tiny(pieces: Sequence[str], seed: int = 0, **sizes: int) -> TinyCausal:
    """Untrained weights. `sizes` are those of `Shape`: width, layers, heads, context, hidden."""
    tokenizer = WordTokenizer(pieces)
    return TinyCausal(Transformer(Shape(vocabulary=len(tokenizer), **sizes), seed), tokenizer)
