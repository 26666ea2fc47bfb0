"""Which distances mean something to a model?

A calibration has levels: the distance below which different pictures come at each rate, and how far edited
copies come. `known` has those measured beforehand, `learning` measures them on the pictures of an index.
"""
