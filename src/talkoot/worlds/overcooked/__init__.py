"""Overcooked: two cooks, one kitchen, soup after soup."""
