"""What is picture B to picture A, and what is the proof?

Two pictures are laid onto each other (an alignment), what is left over is measured (the agreement), and
rules say what that makes of the two (a verdict), in words. `judge` does so for many pairs, `two_files` for
two files.
"""
