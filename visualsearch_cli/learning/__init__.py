"""What can a model learn from names? A small projection of the vectors that are there, and whether it helps.

A class is what pictures of one label, or of one group of copies, are; what is learned is judged on classes of
which it has seen nothing.
"""
