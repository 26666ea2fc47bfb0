"""From pixels to a vector: one module for each kind of embedder.

`registry` names them all, and imports each only to load it. `specs` has what tells their vectors apart, known
without importing what makes them: only vectors of one model, weights and preprocessing are comparable.
"""
