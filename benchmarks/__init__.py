"""Measurements of the program, of its embedders and of its peers. Not part of the package."""
