"""Is anything trusted that is read? Inputs that were changed at random go through the program.

Each has a number, from which it can be made again. Whatever the program says of it, it says in a sentence and
by an exit code: a traceback, a crash, ten seconds without an answer, or a file written elsewhere is wrong.
"""
