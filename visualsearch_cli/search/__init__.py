"""Do I have this picture?

A query is a picture's vectors, made in several ways (`queries`). `plan` chooses how to search and `opening`
opens what is searched; `neighbors` turns what is found into matches, nearest first; `proving` looks at
them.
"""
