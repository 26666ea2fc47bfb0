"""From folders to an index.

The scanner finds files, the changes say which of them are new, those are loaded (read, hashed, decoded) a
few ahead, embedded in batches, and committed about once a second (`build`). `from_file` takes vectors that
were made before.
"""
