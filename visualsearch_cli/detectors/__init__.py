"""Which parts of a picture are faces, or things?

A detector is a network that the user has: its file is named by an option or a variable of the environment,
never by an index. What it finds is searched for as any other part of a picture is.
"""
