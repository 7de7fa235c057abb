"""Readers: the field's files of multimodal sentiment become Folds. Free of torch."""
