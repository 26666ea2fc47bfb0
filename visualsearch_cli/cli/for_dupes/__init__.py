"""What does `dupes` mean by what is typed?

`dupes_options` takes its options apart, some of which other commands have, too; `dupes_parts` is its way on
several machines.
"""
