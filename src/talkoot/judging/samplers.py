"""Samplers by name, each with the dialect that its texts are written in."""

from __future__ import annotations

import re
from importlib.util import find_spec
from pathlib import Path
from typing import Any

from talkoot.errors import BadInput
from talkoot.judging.dialect import Dialect, Tiny
from talkoot.learning.sampling import Sampler

KINDS: dict[str, str] = {
    "tiny/FOLDER": "a network that talkoot trained from scratch",
    "hf/FOLDER": "a Hugging Face checkpoint with a chat template, in this process; needs the extra hf",
    "NAME@URL": "the model NAME on an OpenAI-compatible server with /v1/completions, such as "
    "qwen3@http://127.0.0.1:8000/v1",
}
"""The kinds of names, and what each is."""


def open_sampler(name: str, *, template: str = "", tokens: int = 0, timeout: float = 600.0) -> tuple[Sampler, Dialect]:
    """Open a sampler by name: `tiny/FOLDER`, `hf/FOLDER` or `NAME@URL` (see KINDS).

    `tokens` bounds a solution, 0 being the dialect's own bound. A server does not tell its chat template: `template` is
    the folder of the checkpoint or tokenizer to take it from, without which chats are laid out plainly. `timeout` is
    the seconds that a server has for one reply. torch is loaded for folders only. Raises BadInput for a name of no
    kind, and as the samplers do for folders and servers that are not what they should be.
    """
    sizes: dict[str, Any] = {"solution_tokens": tokens} if tokens else {}
    if template and "@" not in name:
        raise BadInput(f"{name} brings its own chat template; one can be given for servers only")
    if name.startswith("tiny/"):
        from talkoot.learning.tiny import open_tiny

        return open_tiny(name.removeprefix("tiny/")), Tiny(**sizes)
    if name.startswith("hf/"):
        from talkoot.judging.instruct import Instruct
        from talkoot.learning.hf import HfCausal

        causal = HfCausal(name.removeprefix("hf/"))
        return causal, Instruct(causal, **sizes)
    if "@" in name:
        if (strange := re.search(r"[,(]\s*\w+\s*=.*", name.rpartition("@")[2])) is not None:
            raise BadInput(f"model {name[:120]!r}: unknown option {strange[0]!r}; a policy takes none, leave it out")
        from talkoot.judging.instruct import Instruct
        from talkoot.judging.server import ServerSampler

        dialect = Instruct.for_tokenizer(_tokenizer(template), bos=False, **sizes) if template else Instruct(**sizes)
        return ServerSampler(name, timeout=timeout), dialect
    raise BadInput(f"unknown model {name!r}; a policy is named {', '.join(KINDS)}")


def _tokenizer(folder: str) -> Any:
    if find_spec("transformers") is None:
        raise BadInput("a chat template needs a package that is not installed (transformers); run: "
                       "pip install 'talkoot[hf]'")  # fmt: skip
    from transformers import AutoTokenizer

    if not Path(folder).is_dir():
        raise BadInput(f"{folder} is no folder; name one with the tokenizer of the model that the server runs")
    try:
        return AutoTokenizer.from_pretrained(folder, local_files_only=True)
    except (OSError, ValueError) as error:
        said = " ".join(str(error).split())[:200]
        raise BadInput(f"{folder} holds no tokenizer that can be read ({said}); name another folder") from None
