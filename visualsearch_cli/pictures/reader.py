"""The reader of all images: each file goes to the library that knows its format."""

from __future__ import annotations

import os
from functools import cached_property
from importlib.util import find_spec
from typing import TYPE_CHECKING

from visualsearch_cli.errors import ImageUnreadable
from visualsearch_cli.named_tuples import NamedTuple
from visualsearch_cli.pictures.image import MAX_PIXELS

if TYPE_CHECKING:
    from visualsearch_cli.pictures.image import DecodedImage, ImageReader

MAX_THREADS = 8  # more decoders than that wait for each other and for the disk


class Decoding(NamedTuple):
    """How pictures are to be decoded."""

    max_pixels: int | None = None  # larger ones are refused; None: MAX_PIXELS
    asked_threads: int | None = None

    @property
    def threads(self) -> int:
        """How many decode at a time: as many as are asked for, else one per core, at most 8."""
        return self.asked_threads or min(MAX_THREADS, os.cpu_count() or 1)

    def reader(self) -> AnyImageReader:
        """Return what decodes."""
        return AnyImageReader(self.max_pixels)


class AnyImageReader:
    """An ImageReader. What cameras call RAW goes to LibRaw, all else to Pillow.

    Each is loaded with the first file that needs it: a folder without a new picture needs neither.
    """

    def __init__(self, max_pixels: int | None = None) -> None:
        """Refuse images of more pixels than `max_pixels`; None stands for MAX_PIXELS."""
        self._max_pixels = max_pixels or MAX_PIXELS

    def read(self, data: bytes, min_side: int | None = None) -> DecodedImage:
        from visualsearch_cli.pictures.raw_files import is_raw

        reader = self._libraw if is_raw(data) else self._pillow
        return reader.read(data, min_side)

    @cached_property
    def _pillow(self) -> ImageReader:
        from visualsearch_cli.pictures.pillow import PillowReader

        return PillowReader(self._max_pixels)

    @cached_property
    def _libraw(self) -> ImageReader:
        if not find_spec("rawpy"):
            raise ImageUnreadable(
                "RAW needs the package rawpy: pip install 'visualsearch-cli[formats]', "
                "then index with --retry-skipped"
            )
        from visualsearch_cli.pictures.libraw import LibRawReader

        return LibRawReader(self._max_pixels)
