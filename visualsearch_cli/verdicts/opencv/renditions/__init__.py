"""How each of two files shows what both show, which is the better one, and which was made of the other."""
