"""How good is a file, and where does it come from?

What a JPEG has lost, also before it became a PNG (`past`); whether a camera wrote it (`origin`); and what its
name says (`names`).
"""
