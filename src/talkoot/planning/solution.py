"""What a planner hands over."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

from talkoot.problem import Plan

Status = Literal["solved", "optimal", "unsolvable", "gave up"]
"""`solved`: a plan, not known to be the cheapest; `optimal`: proven cheapest; `unsolvable`: proven that there is no
plan; `gave up`: a limit was reached first."""


@dataclass(frozen=True)
class Solution:
    """The outcome of planning. `plan` is there for solved and optimal only, and has been replayed by our validator.

    `cost` is the plan's; `bound` is a proven lower bound on every plan's cost (equal to `cost` when optimal).
    `reason` tells in words why there is no plan: which goal atoms no action reaches, or which limit was hit.
    `seconds` is wall time of it all, `engine_seconds` the part spent in the planner's own processes; neither counts in
    comparisons.
    """

    status: Status
    plan: Plan | None = None
    cost: float | None = None
    bound: float | None = None
    engine: str = ""
    reason: str = ""
    seconds: float = 0.0
    engine_seconds: float = 0.0
