"""File name suffixes worth opening. No Pillow here: the folder scanner must be quick to load."""

from __future__ import annotations

EXTENSIONS = frozenset(
    [
        ".jpg",
        ".jpeg",
        ".jpe",
        ".jfif",
        ".mpo",
        ".png",
        ".apng",
        ".webp",
        ".gif",
        ".bmp",
        ".dib",
        ".tif",
        ".tiff",
        ".avif",
        ".jp2",
        ".j2k",
        ".jpf",
        ".jpx",
        ".ppm",
        ".pgm",
        ".pbm",
        ".pnm",
        ".heic",
        ".heif",
        ".hif",
    ]
)
"""In lower case, with the dot. HEIC counts even where its reader is not installed: a file that is named as
skipped is better than a phone's photographs that are passed over without a word."""
