"""Pillow reads images, and nothing it raises, warns of or logs gets past this module."""

from __future__ import annotations

import ctypes
import io
import logging
import warnings
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager, suppress
from threading import Condition, Thread, local
from typing import TypeVar
from weakref import WeakMethod

import numpy as np
from PIL import ExifTags, Image, PngImagePlugin, UnidentifiedImageError, _imaging

from visualsearch_cli.atomic import regular
from visualsearch_cli.errors import ImageError, ImageTooLarge, ImageUnreadable
from visualsearch_cli.pictures.codecs.choosing import formats_of
from visualsearch_cli.pictures.codecs.jpegxl import has_jpeg, head_of
from visualsearch_cli.pictures.codecs.layers import LAYERED, merged
from visualsearch_cli.pictures.color import STRIP_ROWS, may_be_cut, strips, to_srgb
from visualsearch_cli.pictures.held.boxes import HEAD, is_avif
from visualsearch_cli.pictures.image import MAX_PIXELS, DecodedImage, Pixels, stream_of
from visualsearch_cli.pictures.raw_files import end_of_boxes, is_marked_raw, is_raw_tiff
from visualsearch_cli.watched import WATCH

T = TypeVar("T")

DECODING_BYTES = 512 * 2**20
"""For all the pictures that are decoded at a time. A larger one is decoded alone."""

LARGE = 32_000_000
"""Pixels of a picture that is converted in strips: a copy of a larger one would take more than 100 MB."""

LOOKED_AT = 1 << 20
"""Bytes of the beginning of a huge file, by which is said why it is no picture."""

PIXEL_BYTES = 8  # of a picture while it is decoded, converted and copied: 4, and again 4 for the result
MORE_BYTES = {"HEIF": 9, "AVIF": 10, "JXL": 11, "WEBP": 17, "JPEG2000": 20}
"""The same of formats whose readers hold a picture beside Pillow, once or more, until it has all of it."""


class MemoryGate:
    """Lets those in whose bytes fit beside the others'. Who needs more than there is gets in alone."""

    def __init__(self, capacity: int) -> None:
        self._capacity = capacity
        self._taken = 0
        self._changed = Condition()
        self._own = local()
        self._told: list[WeakMethod[Callable[[], None]]] = []

    @property
    def free(self) -> int:
        """How many bytes nobody holds."""
        return self._capacity - self._taken

    def tell(self, give_way: Callable[[], None]) -> None:
        """Call a method, as long as its object is there, whenever less is free: what is kept gives way."""
        self._told = [told for told in self._told if told() is not None] + [WeakMethod(give_way)]

    @contextmanager
    def taking(self, needed: int, *, tells: bool = True) -> Iterator[None]:
        """Wait until that many bytes are free, and hold them. It is told, unless who takes them sees to that.

        What a thread that holds some takes besides is part of them: who waits for more may wait for ever.
        """
        if getattr(self._own, "holds", False):
            WATCH.goes_on(needed)
            yield
            return
        share = min(needed, self._capacity)
        WATCH.waits()
        with self._changed:
            self._changed.wait_for(lambda: self._taken + share <= self._capacity)
            self._taken += share
        WATCH.goes_on(needed)
        for give_way in [told() for told in self._told] if tells else ():
            if give_way is not None:
                give_way()
        self._own.holds = True
        try:
            yield
        finally:
            self._own.holds = False
            with self._changed:
                self._taken -= share
                self._changed.notify_all()


def bytes_to_decode(width: int, height: int, format: str | None) -> int:
    """Return how many bytes a picture takes at most while it is decoded, converted and copied: measured on
    pictures of 50 megapixels."""
    return width * height * MORE_BYTES.get(format or "", PIXEL_BYTES)


GATE = MemoryGate(DECODING_BYTES)
"""For all readers of this process."""

M_TRIM_THRESHOLD, M_MMAP_THRESHOLD, M_ARENA_MAX = -1, -3, -8  # malloc.h

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


def _allocate(setting: int, value: int) -> None:
    """Set how memory is allocated."""
    with suppress(OSError, AttributeError, TypeError):  # glibc alone has this
        ctypes.CDLL(None).mallopt(setting, value)


def _bound_what_is_kept() -> None:
    # What is larger is given back when it is freed. glibc raises this bound by itself, to 32 MB, and keeps
    # what pictures leave for each thread: twice as much as is in use, with eight of them.
    _allocate(M_MMAP_THRESHOLD, 1 << 20)
    # To set one bound stops glibc from raising the other, of what is free at the end of the heap: it would be
    # given back, and asked for again, with nearly every array. In `dupes`, that is a quarter of the time.
    _allocate(M_TRIM_THRESHOLD, 16 << 20)


_bound_what_is_kept()
# One heap for all threads: each would keep its own of what was freed, and none can use that of another.
_allocate(M_ARENA_MAX, 1)


@contextmanager
def freed_is_kept() -> Iterator[None]:
    """Keep what is freed for what is allocated next, meanwhile, in all threads; give it back at the end.

    Two small pictures that are compared need many arrays of a few megabytes, one after another. To ask the
    system for each, page by page, takes a seventh of the time of all.
    """
    _allocate(M_MMAP_THRESHOLD, 32 << 20)  # the most that it takes
    _allocate(M_TRIM_THRESHOLD, 256 << 20)
    try:
        yield
    finally:
        _bound_what_is_kept()
        Thread(target=give_back, name="give back", daemon=True).start()  # 4 ms, for which nobody waits


def give_back() -> None:
    """Give back to the system what was freed in small pieces: glibc keeps it, for each thread."""
    with suppress(OSError, AttributeError, TypeError):
        ctypes.CDLL(None).malloc_trim(0)


class PillowReader:
    """An ImageReader."""

    def __init__(self, max_pixels: int = MAX_PIXELS) -> None:
        self._max_pixels = max_pixels

    def read(self, data: bytes, min_side: int | None = None) -> DecodedImage:
        if not data:
            raise ImageUnreadable("the file is empty")
        try:
            with opened(data, self._max_pixels) as image:
                width, height = image.size
                check_size(width, height, self._max_pixels)
                # A thumbnail may be whole where the picture is not, and who keeps such a file keeps nothing.
                is_whole = image.format != "HEIF" or end_of_boxes(data) <= len(data)
                return decoded(image, min_side if is_whole else None)
        except ImageError:
            raise
        except MemoryError as error:
            raise ImageUnreadable("not enough memory to decode it") from error
        except Exception as error:  # on damaged data, plugins raise nearly anything
            from visualsearch_cli.pictures.codecs.refusals import undecodable_heif, undecodable_tiff

            known = undecodable_tiff(data, error) or undecodable_heif(data, error)
            raise ImageUnreadable(known or reason(error)) from error


def require_picture(path: str) -> None:
    """Look at what a file says of itself, before all of it is read.

    Raises ImageError for what is none, OSError if it cannot be read.
    """
    with regular(path) as stream:
        head = stream.read(HEAD)
        if is_marked_raw(head) or is_raw_tiff(stream):
            return
        formats = formats_of(head)
        if formats == ("JXL",) or is_avif(head):
            return  # the one is decoded as it is opened, the other may be opened otherwise
        stream.seek(0)
        try:
            Image.open(stream, formats=formats).close()
        except UnidentifiedImageError as error:
            from visualsearch_cli.pictures.codecs.refusals import refusal_of

            stream.seek(0)
            raise ImageUnreadable(refusal_of(stream.read(LOOKED_AT), formats)) from error
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


@contextmanager
def opened(data: bytes, max_pixels: int = MAX_PIXELS) -> Iterator[Image.Image]:
    """Open the contents of a file. Mostly, nothing is decoded yet but its head.

    What its format or its reader leaves to others is done: crops of AVIF, and turns that a reader has made.

    Raises ImageUnreadable, with a reason, if there is no picture, and ImageTooLarge for one that would have
    to be decoded now. Damage raises nearly anything.
    """
    formats = formats_of(data[:HEAD])
    if formats == ("JXL",):
        with _opened_jpegxl(data, max_pixels) as image:
            yield image
        return
    with stream_of(data) as stream:
        try:
            image = Image.open(stream, formats=formats)
        except UnidentifiedImageError as error:
            with _opened_otherwise(data, formats, max_pixels, error) as other:
                yield other
            return
        with image:
            if image.format == "AVIF" and (cropped := _cropped(image, data, max_pixels)):
                yield cropped
            elif image.format == LAYERED:
                yield merged(image)
            else:
                yield image


@contextmanager
def _opened_jpegxl(data: bytes, max_pixels: int) -> Iterator[Image.Image]:
    """Open JPEG XL, which its reader decodes at once. It turns a picture unless that is a JPEG's."""
    from visualsearch_cli.pictures.codecs.refusals import refusal_of

    head = head_of(data)
    if head is None:
        raise ImageUnreadable(refusal_of(data, ["JXL"]))
    check_size(head.width, head.height, max_pixels)
    if head.is_animated:
        raise ImageUnreadable("an animated JPEG XL, of which pillow-jxl-plugin reads one frame alone")
    with GATE.taking(bytes_to_decode(head.width, head.height, "JXL")):
        try:
            image = Image.open(io.BytesIO(data), formats=["JXL"])
        except UnidentifiedImageError as error:
            raise ImageUnreadable(refusal_of(data, ["JXL"])) from error
    with image:
        image.info["bits"] = head.bits
        if head.orientation != 1 and not has_jpeg(data):
            image.getexif()[ExifTags.Base.Orientation] = 1
        yield image


@contextmanager
def _opened_otherwise(
    data: bytes, formats: Sequence[str], max_pixels: int, error: Exception
) -> Iterator[Image.Image]:
    """Open what Pillow did not, if another reader can; else say why not."""
    from visualsearch_cli.pictures.codecs.avif import (  # late: hardly a file needs it
        read_leniently,
        shown_part,
    )
    from visualsearch_cli.pictures.codecs.refusals import refusal_of

    said = shown_part(data)
    if said.size != (0, 0):
        check_size(*said.size, max_pixels)
    image = None
    if is_avif(data):
        with GATE.taking(bytes_to_decode(*said.size, "AVIF")):
            image = read_leniently(data)
    if image is None:
        raise ImageUnreadable(refusal_of(data, formats)) from error
    with image:
        yield image


def _cropped(image: Image.Image, data: bytes, max_pixels: int) -> Image.Image | None:
    """Return the part of an AVIF that is its picture; None if that is the whole."""
    from visualsearch_cli.pictures.codecs.avif import shown_part

    crop = shown_part(data).crop
    if crop is None or getattr(image, "n_frames", 1) > 1:
        return None
    check_size(*image.size, max_pixels)
    with GATE.taking(bytes_to_decode(*image.size, image.format)):
        cropped = image.crop(crop)
    cropped.format = image.format
    return cropped


def told(data: bytes, ask: Callable[[Image.Image], T], unknown: T) -> T:
    """Return what the contents of a file tell without being decoded; what is damaged tells nothing."""
    try:
        with opened(data) as image:
            return told_of(image, ask, unknown)
    except Exception:  # noqa: BLE001 - on damaged data, plugins raise nearly anything
        return unknown


def told_of(image: Image.Image, ask: Callable[[Image.Image], T], unknown: T) -> T:
    """Return the same of an opened image."""
    try:
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
    with GATE.taking(bytes_to_decode(*image.size, image.format)):
        image.load()
        if not drafted:
            stored = image.size  # TIFF has now turned itself, and dropped its orientation
        orientation = orientation or orientation_of(image)
        pixels = shown(image, min_side, orientation)
        return DecodedImage(pixels, *upright_sides(*stored, orientation), image.format or "?")


def is_shown_in_strips(image: Image.Image) -> bool:
    """Tell whether an image is too large for a second copy of it, and looks the same in strips."""
    return image.width * image.height > LARGE and may_be_cut(image)


def is_upright(orientation: int) -> bool:
    """Tell whether an orientation of EXIF leaves an image as it is stored."""
    return orientation not in _UPRIGHT


def shown(image: Image.Image, min_side: int | None, orientation: int) -> Pixels:
    """Return the pixels of a loaded image, upright, perhaps reduced.

    Of a large one, whatever its mode, no second copy is made: that of a bitmap would take 32 times its size.
    """
    small = _reduced(image, min_side) if min_side else image
    if not is_shown_in_strips(small):
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
        if image.format == "AVIF":
            # Its boxes alone say how it lies, which its reader has put into EXIF. XMP turns a JPEG, and
            # Pillow would look there.
            exif = Image.Exif()
            exif.load(image.info.get("exif", b""))
        else:
            exif = image.getexif()
        value = exif.get(ExifTags.Base.Orientation, 1)
    except Exception:  # noqa: BLE001 - a broken EXIF block says nothing, and hides no pixels
        return 1
    return value if isinstance(value, int) else 1


def reason(error: Exception) -> str:
    """Return in a line what a decoder says of what it cannot decode."""
    from visualsearch_cli.pictures.codecs.refusals import said_by  # late: what is whole needs none

    return f"damaged: {said_by(error)}"
