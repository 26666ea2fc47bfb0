"""Which disk does a folder lie on, is it the one that was there before, and who is writing there?

A *volume* is a file system on a disk, a card or a share, wherever it is mounted.
"""
