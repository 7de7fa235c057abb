"""StepWiser: reasoning in chunks, rollouts that label them, judges trained on the labels, judges put to use."""
