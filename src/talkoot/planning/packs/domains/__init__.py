"""The planning domains that come along, one folder each."""
