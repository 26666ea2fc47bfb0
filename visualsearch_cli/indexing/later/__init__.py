"""What is learned of contents after they are in an index, from the files that have them.

A search filters by it. What older versions indexed lacks it, and so does what came without its files.
"""
