"""The embedded task: modular arithmetic told as chains, ledgers or stories, an author who errs, and an exact oracle."""
