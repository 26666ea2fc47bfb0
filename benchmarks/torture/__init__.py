"""Photo libraries in which all can go wrong: is anything lost by `apply`, is all back after `undo`?

`making` writes a library of a seed, `checking` compares what is there before and after, and shares no code
with the program. `python -m benchmarks.torture` runs many (`make soak`).
"""
