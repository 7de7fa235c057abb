"""Planners: each one outside runs as a process of its own, none of their code is ever imported.

`portfolio.solve` is the door; the other modules know one engine each.
"""
