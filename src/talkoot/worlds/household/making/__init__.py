"""How apartments are made: floor plans, furniture with room to walk, and the small things on and in it."""
