"""What a file is, by its beginning, and which of Pillow's readers it takes. They are loaded when met."""

from __future__ import annotations

from functools import lru_cache
from importlib import import_module
from importlib.util import find_spec

from visualsearch_cli.errors import ImageUnreadable
from visualsearch_cli.pictures.codecs.jpegxl import is_jpegxl
from visualsearch_cli.pictures.held.boxes import HEIF_BRANDS, brands_of, is_avif

FORMATS = ("JPEG", "PNG", "WEBP", "GIF", "TIFF", "BMP", "DIB", "AVIF", "JPEG2000", "PPM", "PSD")
"""Formats of photographs. Not those that run a program (EPS) or have no mark to be known by (TGA)."""

_MARKS = {b"\xff\xd8\xff": "JPEG", b"\x89PNG\r\n\x1a\n": "PNG"}
"""What nearly all photographs begin with: no other format does, and no other plugin is needed for them."""

_OTHER_PLUGINS = ("Avif", "Bmp", "Gif", "Jpeg2K", "Jpeg", "Ppm", "Psd", "Tiff", "WebP")


def formats_of(data: bytes) -> tuple[str, ...]:
    """Return the formats that a file may be in that begins so, by HEAD bytes, and load their readers.

    Raises ImageUnreadable where the package is not installed that reads it.
    """
    for mark, format_ in _MARKS.items():
        if data.startswith(mark):
            return (format_,)
    if is_jpegxl(data):
        _require("pillow_jxl", "JPEG XL", "pillow-jxl-plugin")
        _load_jpegxl()
        return ("JXL",)
    _load_plugins()
    if is_avif(data) or not HEIF_BRANDS & brands_of(data):
        return FORMATS
    _require("pillow_heif", "HEIC", "pillow-heif")
    _register_heif()
    return (*FORMATS, "HEIF")


def _require(module: str, format_: str, package: str) -> None:
    if not find_spec(module):
        raise ImageUnreadable(
            f"{format_} needs the package {package}: pip install 'visualsearch-cli[formats]', "
            "then index with --retry-skipped"
        )


@lru_cache(maxsize=1)
def _load_plugins() -> None:
    """Load the readers of FORMATS by name: Pillow would load all it has, at the first one that it misses."""
    for name in _OTHER_PLUGINS:
        import_module(f"PIL.{name}ImagePlugin")


@lru_cache(maxsize=1)
def _load_jpegxl() -> None:
    import_module("pillow_jxl")


@lru_cache(maxsize=1)
def _register_heif() -> None:
    import_module("pillow_heif").register_heif_opener()
