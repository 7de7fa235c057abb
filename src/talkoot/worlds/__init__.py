"""Worlds: where agents act."""
