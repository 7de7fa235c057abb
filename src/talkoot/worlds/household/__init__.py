"""The household world: two people in an apartment, a goal to find and put things, costly talk (C-WAH without Unity)."""
