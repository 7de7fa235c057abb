"""What every terminal drawing uses: the seats' colours, and texts that cannot steer a terminal."""

from __future__ import annotations

SEAT_COLOURS = ("dodger_blue1", "dark_orange", "medium_orchid", "dark_cyan")


def clean(text: str, limit: int = 160) -> str:
    """One printable line: what could steer a terminal (escape codes, line breaks, writing direction) is replaced."""
    line = "".join(c if c.isprintable() else " " if c in "\n\t" else "·" for c in text[: limit + 1])
    return line if len(line) <= limit else line[: limit - 1] + "…"
