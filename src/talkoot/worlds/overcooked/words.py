"""The kitchen in words."""

from __future__ import annotations

from typing import TYPE_CHECKING

from talkoot.types import Seat, Style

if TYPE_CHECKING:
    from talkoot.worlds.overcooked.kitchen import Kitchen


def tell(kitchen: Kitchen, seat: Seat, style: Style) -> str:
    """Tell the kitchen."""
    return ""
