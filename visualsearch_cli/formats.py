"""File name suffixes worth opening. No Pillow here: the folder scanner must be quick to load."""

from __future__ import annotations

from importlib.util import find_spec

_PILLOW = (
    ".jpg .jpeg .jpe .jfif .mpo .png .apng .webp .gif .bmp .dib .tif .tiff .avif "
    ".jp2 .j2k .jpf .jpx .ppm .pgm .pbm .pnm"
)
_HEIF = ".heic .heif .hif"

EXTENSIONS = frozenset(_PILLOW.split()) | frozenset(_HEIF.split() if find_spec("pillow_heif") else ())
"""In lower case, with the dot."""
