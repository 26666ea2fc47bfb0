"""How are all pairs compared on several machines?

A **partition** compares some of the contents with each other and with some of those around them, and writes
the pairs that are near to a file (`one_partition`, `pair_files`). All files together are **taken** in place
of the comparison (`taken_pairs`): what follows, proof and groups, is that of one machine.
"""
