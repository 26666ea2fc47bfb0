"""Photographs, and the edits that are made of them."""
