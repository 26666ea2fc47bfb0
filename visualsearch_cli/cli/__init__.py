"""The commands: each parses its options, calls what lies below, and prints what it returns.

`commands` has one module for each command, `output` has all that prints. Heavy imports wait inside functions.
"""
