"""The compared methods of the LLM+P paper, the bench that compares them, and recorded replies."""
