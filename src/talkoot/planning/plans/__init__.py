"""Plans: replayed, ordered, explained, told and drawn."""
