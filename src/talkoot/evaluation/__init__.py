"""Evaluation: teams x worlds x seat orders x seeds, played into a run folder and told as a table."""
