"""Sample pictures: a small photo folder with known copies, and the program that renders it."""
