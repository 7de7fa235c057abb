"""SymK (Speck, Mattmueller, Nebel, "Symbolic Top-k Planning", AAAI 2020) from the wheel `up-symk`: symbolic search, and
the preprocessor that it ships.

The preprocessor (Alcazar and Torralba, "A Reminder about the Importance of Computing and Exploiting Invariants in
Planning", ICAPS 2015) finds pairs of facts that can never be true together (h^2), forwards from the start and backwards
from the goal, and drops every action that would lead into a dead end. Its output is read by SymK's own search only.
Nothing of it is imported: it is under the GPL.
"""

from __future__ import annotations

from functools import cache
from importlib.util import find_spec
from pathlib import Path

_LANDMARKS = "lm_factory=lm_reasonable_orders_hps(lm_rhw()),pref=false"

SEARCHES = {
    "lama-first": (
        f"let(lm,landmark_sum({_LANDMARKS},transform=adapt_costs(one)),let(ff,ff(transform=adapt_costs(one)),"
        "lazy_greedy([ff,lm],preferred=[ff,lm],cost_type=one,reopen_closed=false)))"
    ),
    "lama": (
        f"let(lm,landmark_sum({_LANDMARKS},transform=adapt_costs(plusone)),let(ff,ff(transform=adapt_costs(plusone)),"
        "iterated(["
        "lazy_greedy([ff,lm],preferred=[ff,lm],reopen_closed=false),"
        + ",".join(f"lazy_wastar([ff,lm],preferred=[ff,lm],w={weight})" for weight in (5, 3, 2, 1))
        + "],repeat_last=true,continue_on_fail=true)))"
    ),
    "symbolic": "sym_bd()",
    "lm-cut": "astar(lmcut())",
}
"""Search configurations in SymK's own words: those of `fast_downward` in its older dialect, and symbolic search."""


NO_PLAN = "Unsolvable task in preprocessor"
"""What the preprocessor prints when h^2 proves that there is no plan."""


@cache
def programs() -> Path | None:
    """The folder of the wheel's programs, None where it is not installed."""
    spec = find_spec("up_symk")
    if spec is None or not spec.origin:
        return None
    folder = Path(spec.origin).parent / "symk" / "builds" / "release" / "bin"
    return folder if (folder / "downward").is_file() and (folder / "preprocess").is_file() else None


def preprocess(seconds: float) -> list[str | Path]:
    """The command that reads a translated task on standard input and writes `output.sas` where it runs."""
    folder = programs()
    assert folder is not None
    return [folder / "preprocess", "--h2_time_limit", str(max(1, int(seconds)))]


def search(configuration: str, plan: Path) -> list[str | Path]:
    """The command that searches a preprocessed task on its standard input and writes the plan. Needs the wheel."""
    folder = programs()
    assert folder is not None
    return [folder / "downward", "--search", SEARCHES[configuration], "--internal-plan-file", plan]
