"""Watching what was recorded: one self-contained page, or the terminal."""
