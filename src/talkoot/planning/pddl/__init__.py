"""PDDL as text and as data: reading with all faults at once, the compact form, printing, sameness up to names."""
