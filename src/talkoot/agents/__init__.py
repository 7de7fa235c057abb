"""Agents: who sits in a seat. `modular` is the language agent of organs; `presets` assembles the published systems."""
