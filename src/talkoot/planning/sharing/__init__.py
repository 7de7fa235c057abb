"""Goals shared out among agents, and only what matters to each goal."""
