"""A problem with its reference answer, and files of them."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Problem:
    """What the policy reads (`text`) and what its final answer is checked against (`answer`). `id` is unique."""

    id: str
    text: str
    answer: str
