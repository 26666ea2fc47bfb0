"""Embedders: one module per kind. `registry` names them all, and imports each only to load it."""
