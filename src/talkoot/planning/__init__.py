"""LLM+P: a task in plain language becomes a planning problem, a planner solves it, the plan is told in words.

read -> check -> complete -> audit -> solve -> validate -> tell; start reading at `talkoot.planning.pipeline`.
"""
