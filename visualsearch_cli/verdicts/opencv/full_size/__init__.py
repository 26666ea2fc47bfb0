"""The second look, at full size: does either picture show what encoding, scale and toning do not explain?

Of two pictures that lie on each other, the *coarser* one has fewer pixels, or is compressed more; the *finer*
one predicts it.
"""
