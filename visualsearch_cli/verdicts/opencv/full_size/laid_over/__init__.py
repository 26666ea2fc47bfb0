"""What lies over a place of one of two pictures: a mark, a veil, something pasted on, a blur or a mosaic?

Each module answers for one place of two pictures that are laid out on each other.
"""
