"""How do commands work on a store, in place of the files of an index?

Each asks `chosen_store` whether one was named, by --store, the environment or the settings. Nothing here is
loaded where none was.
"""
