"""A report of duplicates as one self-contained page, with the pictures side by side."""
