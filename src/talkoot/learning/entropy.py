"""The entropy watch: how sure a model has become, of its tokens and of the token that decides its verdict (ours)."""

from __future__ import annotations

from collections.abc import Sequence

import torch
from torch import Tensor

from talkoot.learning.causal import Causal, Tokenizer
from talkoot.learning.logprobs import Row, batches, entropy, logprobs, packs_prompts


def entropies(
    causal: Causal, rows: Sequence[Row], *, verdicts: Sequence[str], temperature: float, tokens: int
) -> tuple[float, float | None]:
    """Mean entropy in nats of the distributions that the rows' completions were drawn from, token by token, and of
    those at the token that decides the verdict; None where no completion has a verdict. `tokens` bounds a batch."""
    marks = [deciding(causal.tokenizer, row.completion, verdicts) for row in rows]
    every: list[Tensor] = []
    marked: list[Tensor] = []
    batched = batches(
        rows, tokens=tokens, pad=causal.tokenizer.pad, device=causal.device, pack=packs_prompts(causal.net)
    )
    with torch.no_grad():
        for batch in batched:
            values = entropy(logprobs(causal.net, batch, temperature))
            every.append(values)
            at = 0
            for i in batch.rows:
                mark = marks[i]
                if mark is not None:
                    marked.append(values[at + mark])
                at += len(rows[i].completion)
    return float(torch.cat(every).mean()), float(torch.stack(marked).mean()) if marked else None


def deciding(tokenizer: Tokenizer, completion: Sequence[int], verdicts: Sequence[str]) -> int | None:
    """The place of the token with which a completion's last verdict becomes different from the other verdicts."""
    text = tokenizer.decode(completion) if verdicts else ""
    at = max((text.rfind(verdict) for verdict in verdicts), default=-1)
    if at < 0:
        return None
    same = 0
    while len(verdicts) > 1 and len({verdict[: same + 1] for verdict in verdicts}) == 1:
        same += 1
    return tokens_to(tokenizer, completion, at + same + 1) - 1


def tokens_to(tokenizer: Tokenizer, completion: Sequence[int], end: int) -> int:
    """The fewest tokens of a completion whose text has at least `end` characters; all of them where none suffice."""
    low, high = 0, len(completion)
    while low < high:
        middle = (low + high) // 2
        low, high = (low, middle) if len(tokenizer.decode(completion[:middle])) >= end else (middle + 1, high)
    return low
