"""Two pictures laid onto each other at full size: maps, tiles, bends and sampling."""
