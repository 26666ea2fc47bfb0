"""Which unit vectors are near to each other? Knows no picture.

A vector has an id; its neighbors come by cosine distance, 0 (the same direction) to 2. An index of vectors is
exact (`exact`: every vector is compared), or a graph (`hnsw`), or several of them side by side (`combined`).
"""
