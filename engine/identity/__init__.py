"""Tracks to people: galleries of known people, open-set recognition, and clusters of strangers."""
