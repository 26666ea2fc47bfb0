"""What a file tells about its picture: whether it was enlarged, how it is compressed, its EXIF."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path
from typing import TypeVar

import numpy as np
import numpy.typing as npt
from PIL import ExifTags, Image

from visualsearch_cli.atomic import regular
from visualsearch_cli.errors import ImageError
from visualsearch_cli.pictures.beside.names import is_list
from visualsearch_cli.pictures.codecs.choosing import formats_of
from visualsearch_cli.pictures.formats import RAW
from visualsearch_cli.pictures.held.boxes import HEAD
from visualsearch_cli.pictures.held.holdings import Holdings
from visualsearch_cli.pictures.held.inspection import holdings_of
from visualsearch_cli.pictures.image import ImageReader, ImageRecord
from visualsearch_cli.pictures.metadata.company_metadata import knows_something, with_company
from visualsearch_cli.pictures.metadata.folder_lists import known_elsewhere
from visualsearch_cli.pictures.metadata.values import Metadata
from visualsearch_cli.pictures.pillow import opened
from visualsearch_cli.pictures.quality.origin import UNKNOWN_ORIGIN, Origin, origin_of
from visualsearch_cli.pictures.quality.past import quality_of
from visualsearch_cli.pictures.reading import read_beside, read_file, read_picture
from visualsearch_cli.watched import WATCH

T = TypeVar("T")

LEAST_FACTOR = 1.75
"""Times, along a side, that a picture must be larger than another before it can be told that it was
enlarged. Cameras make pictures that lose hardly more than those when they shrink by less."""

LEAST_DETAIL = 0.40
"""Of the detail in the octave that stays when a picture shrinks, how much must be in what goes, in pixels
that show something. By a factor of two and more, 53 of 53 camera files have 0.42 or more, and pictures
enlarged by usual filters, then saved as JPEG 60 to 92, 0.40 or less in 19 of 20 cases."""

SEEN = 1024  # pixels, both sides, of the middle of a picture: enough to tell
NOTHING = 0.5  # grey levels, of 255: a picture with less detail is blank


class PictureFacts:
    """The Facts of keeping.py, from files. Each file is read once for each question."""

    def __init__(self, reader: ImageReader) -> None:
        self._reader = reader
        self._grey = lru_cache(maxsize=8)(self._decoded)  # asked of one group at a time
        self._held: dict[str, Holdings] = {}  # by content hash
        self._known: dict[str, Metadata] = {}  # by content hash, of what is in the file
        self._list = lru_cache(maxsize=8)(_bytes_of)  # each speaks of many
        self._headers: dict[str, _Header] = {}  # likewise

    def holdings(self, image: ImageRecord) -> Holdings:
        """Return what a file holds beside the picture that it shows first."""
        known = self._held.get(image.content_hash)
        if known is None:
            try:
                data = read_file(image.path).data
                with WATCH.decoding(image.path):
                    known = holdings_of(data)
            except ImageError:
                known = Holdings()
            self._held[image.content_hash] = known
        return known

    def metadata(self, image: ImageRecord, beside: Iterable[Path]) -> Metadata:
        """Return what a file knows of its picture, with the files beside it that belong to it."""
        known = self._known.get(image.content_hash)
        if known is None:
            from visualsearch_cli.pictures.metadata.embedded import metadata_of_image  # if there are copies

            known = _of_header(str(image.path), metadata_of_image) or Metadata()
            self._known[image.content_hash] = known
        paths = list(beside)
        lists = [path for path in paths if is_list(path.name)]
        return with_company(
            known,
            [(path.name, _bytes_of(path)) for path in paths if knows_something(path.name)],
            known_elsewhere([image.path], lists, self._list),
        )

    def is_enlarged(self, image: ImageRecord, width: int, height: int) -> bool:
        """Tell whether a picture loses no detail when it is reduced to that size."""
        if image.format == RAW:
            return False
        factor = float((image.width * image.height / max(1, width * height)) ** 0.5)
        if factor < LEAST_FACTOR:
            return False
        grey = self._grey(str(image.path))
        return grey is not None and lost_detail(grey, factor) < LEAST_DETAIL

    def _decoded(self, path: str) -> Image.Image | None:
        try:
            pixels = read_picture(path, self._reader).pixels
        except ImageError:
            return None
        top, left = (max(0, (side - SEEN) // 2) for side in pixels.shape[:2])
        middle = pixels[top : top + SEEN, left : left + SEEN]
        return Image.fromarray(np.ascontiguousarray(middle)).convert("L")

    def jpeg_quality(self, image: ImageRecord) -> int | None:
        """Return the quality that the tables of a JPEG stand for; None for other formats."""
        return self._header(image).quality

    def exif(self, image: ImageRecord) -> int:
        """Return how much EXIF there is: 0 none, 1 some, 2 what a camera writes, 3 with the place."""
        known = self._header(image).exif
        return max(known, 2) if image.format == RAW else known

    def origin(self, image: ImageRecord) -> Origin:
        """Return who wrote a file, by its header."""
        return self._header(image).origin

    def _header(self, image: ImageRecord) -> _Header:
        known = self._headers.get(image.content_hash)
        if known is None:
            known = _of_header(str(image.path), _header_of) or _Header()
            self._headers[image.content_hash] = known
        return known


@dataclass(frozen=True, slots=True)
class _Header:
    """What a file says without being decoded."""

    quality: int | None = None
    exif: int = 0
    origin: Origin = UNKNOWN_ORIGIN


def _bytes_of(path: Path) -> bytes:
    """Return the bytes of a file beside a picture, none if it cannot be read."""
    try:
        return read_beside(path)
    except ImageError:
        return b""


def lost_detail(grey: Image.Image, factor: float) -> float:
    """Return how much detail a picture (mode L) loses when both its sides shrink by a factor, 0 to about 2.

    That is the RMS of what an enlargement of the small picture lacks, beside that of the octave below, which
    in a photograph is nearly as strong: spectra fall with the inverse of the frequency (Field 1987,
    doi:10.1364/JOSAA.4.002379). 2.0 for a picture that shows nothing.
    """
    whole = np.asarray(grey, np.float32)
    small = _reduced(grey, factor)
    smaller = _reduced(grey, 2 * factor)
    octave = _rms(small - smaller)
    return _rms(whole - small) / octave if octave > NOTHING else 2.0


def _reduced(grey: Image.Image, factor: float) -> npt.NDArray[np.float32]:
    """Return the pixels of a picture that was reduced by a factor and enlarged again, at its own size."""
    width, height = (max(1, round(side / factor)) for side in grey.size)
    small = grey.resize((width, height), Image.Resampling.LANCZOS)
    return np.asarray(small.resize(grey.size, Image.Resampling.BICUBIC), np.float32)


def _rms(values: npt.NDArray[np.float32]) -> float:
    return float(np.sqrt(np.mean(np.square(values, dtype=np.float64))))


def _of_header(path: str, ask: Callable[[Image.Image], T]) -> T | None:
    """Return what an image says without being decoded, or None if it says nothing."""
    try:
        with WATCH.decoding(path), regular(path) as stream:
            formats = formats_of(stream.read(HEAD))
            stream.seek(0)
            if formats == ("JXL",):  # its reader decodes it at once, so its size is looked at first
                with opened(stream.read()) as image:
                    return ask(image)
            with Image.open(stream, formats=formats) as image:
                return ask(image)
    except Exception:  # noqa: BLE001 - on damaged data, plugins raise nearly anything
        return None


def _header_of(image: Image.Image) -> _Header:
    tables: dict[int, list[int]] | None = getattr(image, "quantization", None)
    quality = quality_of(tables[min(tables)]) if tables else None
    return _Header(quality, _exif(image), origin_of(image))


def _exif(image: Image.Image) -> int:
    exif = image.getexif()
    if not len(exif):
        return 0
    details = exif.get_ifd(ExifTags.IFD.Exif)
    if ExifTags.Base.Make not in exif and ExifTags.Base.DateTimeOriginal not in details:
        return 1
    return 3 if ExifTags.GPS.GPSLatitude in exif.get_ifd(ExifTags.IFD.GPSInfo) else 2
