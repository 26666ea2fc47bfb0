"""How do several indexes become one?

*Merging* takes what one index knows into another. *Joining* merges some into one that lasts as long as a
command does, so that all that is asked of an index can be asked of several.
"""
