"""Language models: `open_model` turns a name into a Model, with cache, budget and concurrency limit around it."""

from __future__ import annotations

from pathlib import Path

from talkoot.errors import BadInput
from talkoot.model import Model

KINDS: dict[str, str] = {
    "rulebook": "no language model: reads talkoot's own prompts and answers by rules; offline, deterministic, the "
    "default. rulebook:drop=0.2,seed=3 overlooks a fifth of the facts",
    "recorded/PATH": "replays replies from a recording, a cache file, an episode file or a run folder; strict",
    "hf/FOLDER": "a Hugging Face checkpoint, in this process, one request at a time; needs the extra hf",
    "NAME@URL": "the model NAME on an OpenAI-compatible server (vLLM, Ollama, llama.cpp, a vendor), such as "
    "qwen3@http://127.0.0.1:8000/v1; the key comes from TALKOOT_API_KEY or OPENAI_API_KEY",
}
"""The kinds of model names, and what each is."""


def open_model(
    name: str,
    *,
    cache: Path | None = None,
    calls: int | None = None,
    tokens: int | None = None,
    concurrency: int = 64,
    timeout: float = 60.0,
    retries: int = 5,
    seed: int | None = None,
) -> Model:
    """Open a model by name: `rulebook`, `recorded/PATH`, `hf/FOLDER` or `NAME@URL` (see KINDS).

    Nothing is loaded or sent before the first call.
    `cache` is a file of replies: a request that was answered before is not asked again and costs no budget. `calls`
    and `tokens` bound what is asked of the model; then BudgetSpent is raised. For servers only: `concurrency` bounds
    the requests under way, `timeout` is seconds for one try, `retries` the further tries after the first, and `seed`
    seeds their waits (and what `rulebook:drop=` drops, unless the name says it). Raises BadInput on a name of no kind.
    """
    model: Model
    if name.partition(":")[0] == "rulebook":
        from talkoot.models.rulebook import parse_rulebook

        model = parse_rulebook(name, seed or 0)
    elif name.startswith("recorded/"):
        from talkoot.models.limits import Recorded

        model = Recorded(Path(name.removeprefix("recorded/")))
    elif name.startswith("hf/"):
        from talkoot.models.local import Local

        model = Local(name.removeprefix("hf/"))
    elif "@" in name:
        from talkoot.models.openai_chat import OpenAIChat

        model = OpenAIChat(name, concurrency=concurrency, timeout=timeout, retries=retries, seed=seed or 0)
    else:
        raise BadInput(f"unknown model {name!r}; a model is named {', '.join(KINDS)}")
    if calls is not None or tokens is not None:
        from talkoot.models.limits import Budget

        model = Budget(model, calls=calls, tokens=tokens)
    if cache is not None:
        from talkoot.models.limits import Cached

        model = Cached(model, cache)
    return model
