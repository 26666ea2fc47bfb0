"""Pillow reads images, and nothing it raises, warns of or logs gets past this module."""

from __future__ import annotations

import ctypes
import io
import logging
import warnings
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from functools import lru_cache
from importlib import import_module
from importlib.util import find_spec
from threading import Condition
from typing import TypeVar

import numpy as np
from PIL import ExifTags, Image, PngImagePlugin, UnidentifiedImageError, _imaging

from visualsearch_cli.errors import ImageError, ImageTooLarge, ImageUnreadable
from visualsearch_cli.pictures.color import STRIP_ROWS, may_be_cut, strips, to_srgb
from visualsearch_cli.pictures.image import MAX_PIXELS, DecodedImage, Pixels
from visualsearch_cli.pictures.raw_files import end_of_boxes, is_marked_raw, is_raw_tiff
from visualsearch_cli.watched import WATCH

T = TypeVar("T")

FORMATS = ("JPEG", "PNG", "WEBP", "GIF", "TIFF", "BMP", "DIB", "AVIF", "JPEG2000", "PPM")
"""Formats of photographs. Not those that run a program (EPS) or have no mark to be known by (TGA)."""

_MARKS = {b"\xff\xd8\xff": "JPEG", b"\x89PNG\r\n\x1a\n": "PNG"}
"""What nearly all photographs begin with: no other format does, and no other plugin is needed for them."""

_OTHER_PLUGINS = ("Avif", "Bmp", "Gif", "Jpeg2K", "Jpeg", "Ppm", "Tiff", "WebP")

DECODING_BYTES = 2**30
"""For all the pictures that are decoded at a time. A larger one is decoded alone."""

LARGE = 32_000_000
"""Pixels of a picture that is converted in strips: a copy of a larger one would take more than 100 MB."""

PIXEL_BYTES = 8  # of a picture while it is decoded, converted and copied: 4, and again 4 for the result


class MemoryGate:
    """Lets those in whose bytes fit beside the others'. Who needs more than there is gets in alone."""

    def __init__(self, capacity: int) -> None:
        self._capacity = capacity
        self._taken = 0
        self._changed = Condition()

    @contextmanager
    def taking(self, needed: int) -> Iterator[None]:
        """Wait until that many bytes are free, and hold them."""
        share = min(needed, self._capacity)
        WATCH.waits()
        with self._changed:
            self._changed.wait_for(lambda: self._taken + share <= self._capacity)
            self._taken += share
        WATCH.goes_on(needed)
        try:
            yield
        finally:
            with self._changed:
                self._taken -= share
                self._changed.notify_all()


GATE = MemoryGate(DECODING_BYTES)
"""For all readers of this process."""

M_MMAP_THRESHOLD = -3  # malloc.h

_DRAFT = {"JPEG", "MPO", "HEIF"}
_REDUCIBLE = {"L", "LA", "RGB", "RGBA", "CMYK"}

# The EXIF orientation says where the top left of the stored pixels belongs; this is the way back.
_UPRIGHT = {
    2: Image.Transpose.FLIP_LEFT_RIGHT,
    3: Image.Transpose.ROTATE_180,
    4: Image.Transpose.FLIP_TOP_BOTTOM,
    5: Image.Transpose.TRANSPOSE,
    6: Image.Transpose.ROTATE_270,
    7: Image.Transpose.TRANSVERSE,
    8: Image.Transpose.ROTATE_90,
}
_SWAPS_SIDES = {5, 6, 7, 8}

# Pillow's settings are the process's, so they are set once, here, and not for the time of a read: several
# threads read at once, and `warnings.catch_warnings` in one of them would undo the filters of another.
Image.MAX_IMAGE_PIXELS = None  # the limit is each reader's own, checked before decoding
PngImagePlugin.MAX_TEXT_CHUNK = 16 * 1024**2  # editors write histories and profiles beyond its 1 MB
warnings.filterwarnings("ignore", module=r"PIL\.")
logging.getLogger("PIL").addHandler(logging.NullHandler())
with suppress(OSError, AttributeError):  # on Windows, libtiff has no names to be found by, and prints
    # libtiff prints what it finds wrong, which Pillow then raises too.
    ctypes.CDLL(_imaging.__file__).TIFFSetErrorHandler(None)
with suppress(OSError, AttributeError, TypeError):  # glibc alone has this
    # What is larger is given back when it is freed. glibc raises this bound by itself, to 32 MB, and keeps
    # what pictures leave for each thread: twice as much as is in use, with eight of them.
    ctypes.CDLL(None).mallopt(M_MMAP_THRESHOLD, 1 << 20)


class PillowReader:
    """An ImageReader."""

    def __init__(self, max_pixels: int = MAX_PIXELS) -> None:
        self._max_pixels = max_pixels

    def read(self, data: bytes, min_side: int | None = None) -> DecodedImage:
        if not data:
            raise ImageUnreadable("the file is empty")
        try:
            with Image.open(io.BytesIO(data), formats=formats_of(data)) as image:
                width, height = image.size
                check_size(width, height, self._max_pixels)
                # A thumbnail may be whole where the picture is not, and who keeps such a file keeps nothing.
                is_whole = image.format != "HEIF" or end_of_boxes(data) <= len(data)
                return decoded(image, min_side if is_whole else None)
        except ImageError:
            raise
        except UnidentifiedImageError as error:
            raise ImageUnreadable("not an image, or in a format that cannot be read") from error
        except MemoryError as error:
            raise ImageUnreadable("not enough memory to decode it") from error
        except Exception as error:  # on damaged data, plugins raise nearly anything
            raise ImageUnreadable(reason(error)) from error


def require_picture(path: str) -> None:
    """Look at what a file says of itself, before all of it is read.

    Raises ImageError for what is none, OSError if it cannot be read.
    """
    with open(path, "rb") as stream:
        head = stream.read(64)
        if is_marked_raw(head) or is_raw_tiff(stream):
            return
        stream.seek(0)
        try:
            Image.open(stream, formats=formats_of(head)).close()
        except UnidentifiedImageError as error:
            raise ImageUnreadable("not an image, or in a format that cannot be read") from error
        except (ImageError, OSError):
            raise
        except Exception as error:  # on damaged data, plugins raise nearly anything
            raise ImageUnreadable(reason(error)) from error


def check_size(width: int, height: int, max_pixels: int) -> None:
    """Refuse a picture of no pixels, or of more than a limit. Raises ImageUnreadable or ImageTooLarge."""
    if width < 1 or height < 1:
        raise ImageUnreadable(f"{width} × {height} pixels, so there is nothing to see")
    if width * height > max_pixels:
        raise ImageTooLarge(
            f"{width} × {height} = {width * height:,} pixels, the limit is {max_pixels:,}: "
            "raise it with --max-pixels if you trust the file"
        )


def told(data: bytes, ask: Callable[[Image.Image], T], unknown: T) -> T:
    """Return what the contents of a file tell without being decoded; what is damaged tells nothing."""
    try:
        with Image.open(io.BytesIO(data), formats=formats_of(data)) as image:
            return ask(image)
    except Exception:  # noqa: BLE001 - on damaged data, plugins raise nearly anything
        return unknown


def decoded(image: Image.Image, min_side: int | None, orientation: int | None = None) -> DecodedImage:
    """Decode an opened image; `orientation` is that of EXIF, if it is not the image's own that counts."""
    stored = image.size
    drafted = False
    if min_side and image.format in _DRAFT:
        # JPEG is decoded at 1/2, 1/4 or 1/8 for a fraction of the work; of HEIC, a thumbnail inside may do
        # (pillow-heif 1.8). Both sides get the same bound, so it does not matter here whether the image lies
        # on its side.
        drafted = image.draft(None, (min_side, min_side)) is not None
    with GATE.taking(image.width * image.height * PIXEL_BYTES):
        image.load()
        if not drafted:
            stored = image.size  # TIFF has now turned itself, and dropped its orientation
        orientation = orientation or orientation_of(image)
        pixels = shown(image, min_side, orientation)
        return DecodedImage(pixels, *upright_sides(*stored, orientation), image.format or "?")


def shown(image: Image.Image, min_side: int | None, orientation: int) -> Pixels:
    """Return the pixels of a loaded image, upright, perhaps reduced.

    Of a large one, whatever its mode, no second copy is made: that of a bitmap would take 32 times its size.
    """
    small = _reduced(image, min_side) if min_side else image
    if small.width * small.height <= LARGE or not may_be_cut(small):
        return np.asarray(upright(to_srgb(small), orientation))
    factor = min(small.size) // (2 * min_side) if min_side else 1
    if factor >= 2:
        rows = factor * -(-STRIP_ROWS // factor)  # so that no block of pixels is cut
        parts = [np.asarray(to_srgb(strip).reduce(factor)) for strip in strips(small, rows)]
        return np.asarray(upright(Image.fromarray(np.concatenate(parts)), orientation))
    sides = upright_sides(*small.size, orientation)
    pixels = np.empty((sides[1], sides[0], 3), np.uint8)
    stored = _as_stored(pixels, orientation)
    top = 0
    for strip in strips(small):
        stored[top : top + strip.height] = np.asarray(to_srgb(strip))
        top += strip.height
    return pixels


def _as_stored(pixels: Pixels, orientation: int) -> Pixels:
    """Return a view of upright pixels, (h, w, 3), as they are stored in an orientation of EXIF."""
    if orientation in _SWAPS_SIDES:
        pixels = pixels.transpose(1, 0, 2)
    down = -1 if orientation in (3, 4, 6, 7) else 1
    across = -1 if orientation in (2, 3, 7, 8) else 1
    return pixels[::down, ::across]


def upright(image: Image.Image, orientation: int) -> Image.Image:
    """Return an image upright that is stored in an orientation of EXIF."""
    return image.transpose(_UPRIGHT[orientation]) if orientation in _UPRIGHT else image


def upright_sides(width: int, height: int, orientation: int) -> tuple[int, int]:
    """Return width and height upright of what is stored in an orientation of EXIF."""
    return (height, width) if orientation in _SWAPS_SIDES else (width, height)


def _reduced(image: Image.Image, min_side: int) -> Image.Image:
    """Return the image with blocks of pixels averaged, at twice the least side or more.

    Of a 12 megapixel PNG, what is left to do after decoding then takes 8 ms instead of 150. At twice the
    side, shrinking it further weighs pixels nearly as it would have done from the full size.
    """
    factor = min(image.size) // (2 * min_side)
    if factor < 2 or image.mode not in _REDUCIBLE or "transparency" in image.info:
        return image
    return image.reduce(factor)


def orientation_of(image: Image.Image) -> int:
    """Return what the EXIF of an image says, 1 if it says nothing."""
    try:
        value = image.getexif().get(ExifTags.Base.Orientation, 1)
    except Exception:  # noqa: BLE001 - a broken EXIF block says nothing, and hides no pixels
        return 1
    return value if isinstance(value, int) else 1


def reason(error: Exception) -> str:
    """Return in a line what a decoder says of what it cannot decode."""
    text = " ".join(str(error).split()) or type(error).__name__
    return f"damaged: {text[:150]}"


def formats_of(data: bytes) -> tuple[str, ...]:
    """Return the formats these bytes may be in, and load their readers.

    HEIC is one only if they say so, since its package is large.
    """
    for mark, format_ in _MARKS.items():
        if data.startswith(mark):
            return (format_,)
    _load_plugins()
    brands = data[8:64] if data[4:8] == b"ftyp" else b""
    if b"avi" in brands or not (b"hei" in brands or b"hev" in brands or b"mif1" in brands):
        return FORMATS
    if not find_spec("pillow_heif"):
        raise ImageUnreadable(
            "HEIC needs the package pillow-heif: pip install 'visualsearch-cli[formats]', "
            "then index with --retry-skipped"
        )
    _register_heif()
    return (*FORMATS, "HEIF")


@lru_cache(maxsize=1)
def _load_plugins() -> None:
    """Load the readers of FORMATS by name: Pillow would load all it has, at the first one that it misses."""
    for name in _OTHER_PLUGINS:
        import_module(f"PIL.{name}ImagePlugin")


@lru_cache(maxsize=1)
def _register_heif() -> None:
    import_module("pillow_heif").register_heif_opener()
