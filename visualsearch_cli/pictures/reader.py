"""The reader of all images: each file goes to the library that knows its format."""

from __future__ import annotations

from functools import cached_property
from importlib.util import find_spec

from visualsearch_cli.errors import ImageUnreadable
from visualsearch_cli.pictures.image import DecodedImage, ImageReader
from visualsearch_cli.pictures.pillow import MAX_PIXELS, PillowReader
from visualsearch_cli.pictures.raw_files import is_raw


class AnyImageReader:
    """An ImageReader. What cameras call RAW goes to LibRaw, which is loaded with the first such file."""

    def __init__(self, max_pixels: int = MAX_PIXELS) -> None:
        self._max_pixels = max_pixels
        self._pillow = PillowReader(max_pixels)

    def read(self, data: bytes, min_side: int | None = None) -> DecodedImage:
        reader = self._libraw if is_raw(data) else self._pillow
        return reader.read(data, min_side)

    @cached_property
    def _libraw(self) -> ImageReader:
        if not find_spec("rawpy"):
            raise ImageUnreadable(
                "RAW needs the package rawpy: pip install 'visualsearch-cli[formats]', "
                "then index with --retry-skipped"
            )
        from visualsearch_cli.pictures.libraw import LibRawReader

        return LibRawReader(self._max_pixels)
