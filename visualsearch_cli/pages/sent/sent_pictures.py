"""Pictures as they are sent to the page: decoded, turned upright, scaled and encoded again.

Whatever a file is called, what leaves here is a WebP, JPEG or PNG that was made here. A file is shown only if
it lies below a root of the index, is reached through no link, and holds the very bytes that are known of it.
"""

from __future__ import annotations

import io
import os
import stat
from collections.abc import Sequence
from dataclasses import dataclass
from enum import Enum
from pathlib import Path
from threading import BoundedSemaphore, Lock
from typing import TYPE_CHECKING, Protocol

from visualsearch_cli.errors import ImageError
from visualsearch_cli.index.roots import is_below
from visualsearch_cli.named_tuples import NamedTuple

if TYPE_CHECKING:
    from visualsearch_cli.pages.sent.picture_cache import PictureCache
    from visualsearch_cli.pictures.image import ImageReader, Pixels


class Size(Enum):
    """How large a picture is sent: the longer side in pixels."""

    THUMB = 320
    VIEW = 1600
    FULL = 0  # as it is

    @property
    def is_kept(self) -> bool:
        """Whether it is kept on the disk: the full ones would fill it."""
        return self is not Size.FULL


MOST_LOSSLESS = 4_000_000  # pixels of a picture that is sent without any loss at full size
GOOD = 95  # JPEG quality at full size, without subsampling: no step of it is seen at 1:1
WEBP = {Size.THUMB: 75, Size.VIEW: 88}


class Sent(NamedTuple):
    """A picture as it is sent."""

    data: bytes
    kind: str  # media type


class Shown(Protocol):
    """A file that is to be shown, as the index or a report knows it."""

    @property
    def path(self) -> Path:
        """Absolute."""

    @property
    def size(self) -> int:
        """Bytes."""

    @property
    def content_hash(self) -> str:
        """Hexadecimal."""


class Refused(Exception):
    """A file that may not be shown, and why."""


@dataclass(frozen=True, slots=True)
class Place:
    """Where pictures may lie."""

    roots: Sequence[str]  # absolute folders, of the index

    def check(self, picture: Shown) -> None:
        """Raise Refused unless a file lies below a root, is no link, nor behind one, and is as reported."""
        path = str(picture.path)
        if ".." in Path(path).parts or not any(is_below(path, root) for root in self.roots):
            raise Refused("it lies outside of the index")
        folder = os.path.dirname(path)
        try:
            if os.path.normcase(os.path.realpath(folder)) != os.path.normcase(folder):
                raise Refused("it is reached through a symbolic link")
            state = os.lstat(path)
        except (OSError, ValueError) as error:
            raise Refused("it is not there") from error
        if stat.S_ISLNK(state.st_mode):
            raise Refused("it is a symbolic link")
        if not stat.S_ISREG(state.st_mode):
            raise Refused("it is no file")
        if state.st_size != picture.size:
            raise Refused("it changed since the report was made")


class SentPictures:
    """Makes what is sent. Several threads may ask at a time; as many decode as there are cores."""

    def __init__(self, place: Place, reader: ImageReader, cache: PictureCache, threads: int) -> None:
        self._place = place
        self._reader = reader
        self._cache = cache
        self.threads = threads
        self._turn = BoundedSemaphore(threads)
        self._making: dict[str, Lock] = {}
        self._lock = Lock()

    def sent(self, picture: Shown, size: Size) -> Sent:
        """Return a picture. Raises Refused."""
        self._place.check(picture)
        name = f"{picture.content_hash}-{size.value}"
        if not size.is_kept:
            with self._turn:
                return _encoded(self.pixels(picture), size)
        # What is kept is of a content that had to be seen to be kept.
        if (data := self._cache.get(name)) is not None:
            return Sent(data, "image/webp")
        with self._lock:
            making = self._making.setdefault(name, Lock())
        with making:  # who wants the same waits for it
            if (data := self._cache.get(name)) is not None:
                return Sent(data, "image/webp")
            with self._turn:
                made = _encoded(self.pixels(picture, size.value), size)
            self._cache.put(name, made.data)
        with self._lock:
            self._making.pop(name, None)
        return made

    def pixels(self, picture: Shown, side: int | None = None) -> Pixels:
        """Return the pixels of a file, at `side` or more if that is given. Raises Refused."""
        from visualsearch_cli.pictures.reading import read_file

        self._place.check(picture)
        try:
            read = read_file(picture.path)
            if read.content_hash.hex() != picture.content_hash:
                raise Refused("it changed since the report was made")
            return read.decoded(self._reader, side).pixels
        except ImageError as error:
            raise Refused(str(error)) from error

    def given(self, path: Path, size: Size) -> Sent:
        """Return a picture that was given to the page. Raises Refused if it is none."""
        from visualsearch_cli.pictures.reading import read_picture

        try:
            with self._turn:
                return _encoded(read_picture(path, self._reader, size.value or None).pixels, size)
        except ImageError as error:
            raise Refused(str(error)) from error

    def data(self, picture: Shown) -> bytes:
        """Return the bytes of a file, to be looked into. Raises Refused."""
        from visualsearch_cli.pictures.reading import read_file

        self._place.check(picture)
        try:
            read = read_file(picture.path)
        except ImageError as error:
            raise Refused(str(error)) from error
        if read.content_hash.hex() != picture.content_hash:
            raise Refused("it changed since the report was made")
        return read.data


def _encoded(pixels: Pixels, size: Size) -> Sent:
    from PIL import Image

    image = Image.fromarray(pixels)
    stream = io.BytesIO()
    if size is not Size.FULL:
        image.thumbnail((size.value, size.value), Image.Resampling.LANCZOS, reducing_gap=2.0)
        image.save(stream, "WEBP", quality=WEBP[size], method=2)
        return Sent(stream.getvalue(), "image/webp")
    if image.width * image.height <= MOST_LOSSLESS:
        image.save(stream, "PNG", compress_level=1)
        return Sent(stream.getvalue(), "image/png")
    image.save(stream, "JPEG", quality=GOOD, subsampling=0)
    return Sent(stream.getvalue(), "image/jpeg")
