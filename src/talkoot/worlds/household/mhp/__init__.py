"""MHP: a hierarchical planner by Monte-Carlo tree search over sub-goals, with regression and a sampled belief.

The baseline of C-WAH, from Watch-And-Help (reference, 4.1). `agent.MHP` sits in a seat; `belief` imagines where things
are, `subgoals` says what is worth doing, `regression` how, `tree` in which order, `messages` what is said about it.
"""
