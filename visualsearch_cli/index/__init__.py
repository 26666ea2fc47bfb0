"""The folder `.visualsearch`: what is known of pictures, and how it is kept.

The catalog (`catalog` reads it, `writer` writes it) is the truth: roots, files, contents, vectors and the
manifest, which is their summary. Blocks of vectors and graphs are derived from it (`derived`) and made
again when they are missing, damaged or stale. `open` opens what an index holds, `folder` has the names and
the lock.
"""
