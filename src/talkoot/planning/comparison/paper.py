"""The figures of the LLM+P paper (arXiv 2304.11477v3, table I): success in percent, 20 tasks a domain, GPT-4.

The first figure counts optimal plans; the second, where there is one, any correct plan. No method of the paper is told
apart by doubts. "Step by step" has no column there.
"""

from __future__ import annotations

Figure = tuple[float, float | None]

DOMAINS = ("barman", "blocksworld", "floortile", "grippers", "storage", "termes", "tyreworld")

_COLUMNS: dict[str, tuple[Figure, ...]] = {
    "llm_plan": ((0, None), (20, None), (0, None), (25, 60), (0, None), (0, None), (5, None)),
    "llm_plan_context": ((0, None), (15, 30), (0, None), (35, 50), (0, 25), (0, None), (15, None)),
    "tree_of_thoughts": ((0, None), (0, 5), (0, None), (10, 20), (0, None), (0, None), (0, None)),
    "llmp_no_context": ((0, None),) * 7,
    "llmp": ((20, 100), (90, None), (0, None), (95, 100), (85, None), (20, None), (10, 90)),
}
_SAME = {"llmp_faithful": "llmp", "llmp_compact": "llmp"}


def figure(method: str, domain: str) -> Figure | None:
    """The paper's figure for one of our methods; domain "all" is the mean. None where it has none."""
    column = _COLUMNS.get(_SAME.get(method, method))
    if column is None:
        return None
    if domain == "all":
        optimal = sum(first for first, _ in column) / len(column)
        correct = sum(first if second is None else second for first, second in column) / len(column)
        return round(optimal, 1), round(correct, 1) if correct > optimal else None
    return column[DOMAINS.index(domain)] if domain in DOMAINS else None


def shown(found: Figure | None) -> str:
    """A figure as the paper prints it: `20 (100)`; a dash where there is none."""
    if found is None:
        return "–"
    return f"{found[0]:g}" + (f" ({found[1]:g})" if found[1] is not None else "")
