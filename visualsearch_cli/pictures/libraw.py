"""LibRaw reads cameras' RAW files: by the preview inside where that will do, else developed from the sensor.

A preview is what the camera made of the shot, and costs as little as a JPEG at a reduced scale. It is used
where a reduced scale is asked for, if it is large enough and shows the same frame: the thumbnails of many
cameras are letterboxed.
"""

from __future__ import annotations

import io
from dataclasses import dataclass

import numpy as np
import rawpy
from PIL import Image

from visualsearch_cli.errors import ImageError, ImageUnreadable
from visualsearch_cli.pictures.codecs.heard import faults_heard
from visualsearch_cli.pictures.color import to_srgb
from visualsearch_cli.pictures.formats import RAW
from visualsearch_cli.pictures.image import DecodedImage, LargeFile, stream_of
from visualsearch_cli.pictures.pillow import (
    GATE,
    check_size,
    decoded,
    orientation_of,
    reason,
    upright,
    upright_sides,
)
from visualsearch_cli.pictures.raw_files import may_be_cut_short

DEVELOPED_BYTES = 24
"""Of memory for a pixel while it is developed, at any scale: measured are 16 of a mosaic, 6 of one at half
the scale, and 19 of what is stored in three colors, which is never halved."""

SAME_FRAME = 0.02  # difference of the ratios of sides up to which two pictures show the same frame
ENDS_EARLY = "damaged: the file ends before the sensor's data does"
REPEATED = 4  # rows: no sensor measures one row twice, of whatever colors

LARGEST_PREVIEW = 1.5  # times the sensor's pixels: beyond, somebody made it to take memory
LEAST_CROP = 0.5  # of each side: a camera that names a smaller frame inside its sensor's is not believed

_ORIENTATIONS = (1, 2, 4, 3, 5, 8, 6, 7)  # of EXIF, by what LibRaw calls a flip


@dataclass(frozen=True, slots=True)
class _Frame:
    """The part of a sensor that is the picture, in pixels of the part that sees light."""

    seen: tuple[int, int]  # width and height of the latter
    left: int
    top: int
    right: int
    bottom: int
    width: int  # of the picture with square pixels, as stored
    height: int
    orientation: int  # of EXIF

    @classmethod
    def of(cls, sizes: rawpy.ImageSizes) -> _Frame:
        left, top = sizes.crop_left_margin - sizes.left_margin, sizes.crop_top_margin - sizes.top_margin
        right, bottom = left + sizes.crop_width, top + sizes.crop_height
        inside = left >= 0 and top >= 0 and right <= sizes.width and bottom <= sizes.height
        large = min(sizes.crop_width / max(1, sizes.width), sizes.crop_height / max(1, sizes.height))
        if not inside or large < LEAST_CROP:
            left, top, right, bottom = 0, 0, sizes.width, sizes.height
        aspect = sizes.pixel_aspect or 1.0
        return cls(
            (sizes.width, sizes.height),
            *(left, top, right, bottom),
            round((right - left) * max(1.0, aspect)),
            round((bottom - top) / min(1.0, aspect)),
            _ORIENTATIONS[sizes.flip] if 0 <= sizes.flip < len(_ORIENTATIONS) else 1,
        )

    @property
    def upright(self) -> tuple[int, int]:
        """Width and height of the picture as it is looked at."""
        return upright_sides(self.width, self.height, self.orientation)

    def orientation_of(self, width: int, height: int, said: int) -> int | None:
        """Return how a preview is stored that says something of it; None if it shows another frame.

        Some previews are upright already whatever they say, others say nothing.
        """
        for orientation in (said, self.orientation, 1):
            sides = upright_sides(width, height, orientation)
            if abs(sides[0] * self.upright[1] / (sides[1] * self.upright[0]) - 1) <= SAME_FRAME:
                return orientation
        return None

    def may_hold(self, width: int, height: int) -> bool:
        """Tell whether a preview is not larger than what it is a preview of."""
        return width * height <= LARGEST_PREVIEW * self.seen[0] * self.seen[1]

    def cut(self, image: Image.Image) -> Image.Image:
        """Return the picture out of what was developed, at whatever scale."""
        across, down = image.width / self.seen[0], image.height / self.seen[1]
        box = (
            *(round(self.left * across), round(self.top * down)),
            *(round(self.right * across), round(self.bottom * down)),
        )
        return image if box == (0, 0, *image.size) else image.crop(box)


class LibRawReader:
    """An ImageReader of RAW files."""

    def __init__(self, max_pixels: int) -> None:
        self._max_pixels = max_pixels

    def read(self, data: bytes, min_side: int | None = None) -> DecodedImage:
        try:
            with rawpy.RawPy() as raw:
                with faults_heard():
                    _open(raw, data)
                frame = _Frame.of(raw.sizes)
                for size in (frame.seen, frame.upright):
                    check_size(*size, self._max_pixels)
                _require_whole(raw, frame, data)
                image = _preview(raw, frame, min_side) if min_side else None
                image = image or _developed(raw, frame, min_side)
        except ImageError:
            raise
        except rawpy.LibRawFileUnsupportedError as error:
            version = ".".join(map(str, rawpy.libraw_version))
            raise ImageUnreadable(f"a RAW file of a kind that LibRaw {version} does not read") from error
        except (MemoryError, rawpy.LibRawUnsufficientMemoryError) as error:
            raise ImageUnreadable("not enough memory to decode it") from error
        except Exception as error:  # on damaged data, LibRaw and what is around it raise nearly anything
            raise ImageUnreadable(reason(_in_words(error))) from error
        return DecodedImage(np.asarray(image), *frame.upright, RAW)


def _open(raw: rawpy.RawPy, data: bytes) -> None:
    """Give LibRaw the contents of a file, of a large one its name: it then reads piece by piece."""
    with stream_of(data) as stream:
        if isinstance(data, LargeFile) and data.path.isascii():  # rawpy takes no name that is not UTF-8
            raw.open_file(data.path)
        else:
            raw.open_buffer(stream)


def _require_whole(raw: rawpy.RawPy, frame: _Frame, data: bytes) -> None:
    """Look whether the sensor's data is there, if that is in doubt: a preview says nothing of it.

    Raises ImageUnreadable if it is not.
    """
    if may_be_cut_short(data):
        try:
            with GATE.taking(frame.seen[0] * frame.seen[1] * DEVELOPED_BYTES):
                _unpack(raw)
                ends_early = _repeats_its_end(raw)
        except rawpy.LibRawError as error:
            raise ImageUnreadable(ENDS_EARLY) from error
        if ends_early:
            raise ImageUnreadable(ENDS_EARLY)


def _repeats_its_end(raw: rawpy.RawPy) -> bool:
    """Tell whether the last rows of unpacked data are one row.

    Of some formats, such as Sony's, LibRaw says nothing where a file ends, and repeats what it has read last.
    """
    rows = raw.raw_image_visible
    return rows is not None and len(rows) > REPEATED and bool((rows[-REPEATED:] == rows[-1]).all())


def _preview(raw: rawpy.RawPy, frame: _Frame, min_side: int) -> Image.Image | None:
    """Return the preview upright, perhaps reduced; None if there is none that will do."""
    try:
        preview = raw.extract_thumb()
        if isinstance(preview.data, bytes):
            stored: Image.Image = Image.open(io.BytesIO(preview.data), formats=["JPEG"])
        else:
            stored = Image.fromarray(preview.data)
        with stored:
            said = orientation_of(stored) if isinstance(preview.data, bytes) else frame.orientation
            orientation = frame.orientation_of(*stored.size, said)
            if orientation is None or min(stored.size) < min_side or not frame.may_hold(*stored.size):
                return None
            return Image.fromarray(decoded(stored, min_side, orientation).pixels)
    except Exception:  # noqa: BLE001 - what a broken preview hides, the sensor's data may show
        return None


def _developed(raw: rawpy.RawPy, frame: _Frame, min_side: int | None) -> Image.Image:
    """Return the picture upright, developed with the camera's white balance, at half the scale if that is
    enough.

    Raises rawpy.LibRawError, and ImageUnreadable for what LibRaw finds wrong and goes on with.
    """
    halved = min_side is not None and min(frame.width, frame.height) // 2 >= min_side
    with GATE.taking(frame.seen[0] * frame.seen[1] * DEVELOPED_BYTES):
        _unpack(raw)
        pixels = raw.postprocess(half_size=halved, use_camera_wb=True, user_flip=0)
        raw.close()  # most of the memory was LibRaw's
        image = Image.fromarray(pixels[:, :, 0] if pixels.shape[2] == 1 else pixels)
        return upright(frame.cut(to_srgb(image)), frame.orientation)


def _unpack(raw: rawpy.RawPy) -> None:
    """Decode the sensor's data. Raises rawpy.LibRawError, and ImageUnreadable for faults it names."""
    with faults_heard() as faults:
        raw.unpack()
    if faults:
        raise ImageUnreadable(f"damaged: {faults[0]} (LibRaw, in the sensor's data)")


def _in_words(error: Exception) -> Exception:
    """Return an error whose text is text: LibRaw's are bytes."""
    text = error.args[0] if error.args else ""
    return Exception(text.decode("utf-8", "replace")) if isinstance(text, bytes) else error
