"""All that the file of a picture shows or holds to be shown, and how it is compressed.

Frames, pages, alpha, bits, attachments: two files are equal in that if their hashes are, whatever their
metadata or lossless container.
"""

from __future__ import annotations

import hashlib

import numpy as np
from PIL import ExifTags, Image

from visualsearch_cli.errors import ImageError, ImageUnreadable
from visualsearch_cli.named_tuples import NamedTuple
from visualsearch_cli.pictures.codecs.jpegxl import jpeg_in
from visualsearch_cli.pictures.codecs.layers import LAYERED, layers_of, layers_of_tiff
from visualsearch_cli.pictures.color import profile_of, strips, to_srgb
from visualsearch_cli.pictures.formats import LOSSLESS, UNKNOWN_CAPTURE, Capture, Codec, Compression
from visualsearch_cli.pictures.held.boxes import bits_in, is_of_boxes
from visualsearch_cli.pictures.held.ends import riff_chunks_of
from visualsearch_cli.pictures.image import MAX_PIXELS, blocks_of
from visualsearch_cli.pictures.metadata.values import time_of
from visualsearch_cli.pictures.pillow import (
    GATE,
    LARGE,
    bytes_to_decode,
    check_size,
    is_shown_in_strips,
    is_upright,
    opened,
    orientation_of,
    reason,
    shown,
    told,
    told_of,
    upright,
    upright_sides,
)
from visualsearch_cli.watched import WATCH

HASH_BYTES = 32
OPAQUE = 255  # alpha
CLEAR, CUT_OUT = 128, 0.1  # alpha below which a pixel is clear, and the share of these that makes a cut-out
CUT_OUT_PIXELS = 1_000_000  # of an icon or a drawing at most: what is larger may be a photograph
MOST_FRAMES = 10_000  # of an animation, that are looked at
TIMED_BY = 10  # milliseconds: GIF counts in these, so a conversion from another format rounds to them
SIZE_OF_JPEG2000 = b"\xff\x4f\xff\x51"
BITS_PER_SAMPLE = 258  # tag of TIFF
KIND_OF_PAGE = 254  # tag of TIFF: NewSubfileType
REDUCED = 1  # bit of it: a preview of another page
_LOSSLESS_FORMATS = {"PNG", "GIF", "BMP", "DIB", "PPM", "PSD"}
_ATTACHED = {"MPO"}  # further pictures belong to the first one: a preview, a gain map, the other eye


class Whole(NamedTuple):
    """What a file holds."""

    hash: bytes  # of the colors of all frames and how long they last, alpha, all bits, and what is attached
    frames: int  # of an animation, or pages; attached pictures do not count


class Facts(NamedTuple):
    """What a file tells of itself, beside its pixels."""

    compression: Compression = Compression(Codec.OTHER)  # what cannot be told counts as lossy
    frames: int = 1  # or pages; 1 if it cannot be told
    capture: Capture = UNKNOWN_CAPTURE  # how the picture was taken, by its EXIF
    profile: bytes = b""  # of its colors, if they are others than those of sRGB
    cut_out: bool = False  # an icon, a sprite or another small drawing on clear ground


def facts_of(data: bytes) -> Facts:
    """Return what the contents of an image file tell; none is decoded but small ones with alpha."""
    unknown = Facts()

    def ask(image: Image.Image) -> Facts:
        return Facts(
            told_of(image, lambda image: _compression(image, data), unknown.compression),
            capture=told_of(image, _capture, unknown.capture),
            profile=told_of(image, profile_of, unknown.profile),
            cut_out=told_of(image, _is_cut_out, unknown.cut_out),
            frames=told_of(image, count_frames, unknown.frames),  # last: it goes from page to page
        )

    return told(data, ask, unknown)


def _is_cut_out(image: Image.Image) -> bool:
    if image.width * image.height > CUT_OUT_PIXELS:
        return False
    alpha = alpha_of(image)
    return alpha is not None and float((np.asarray(alpha) < CLEAR).mean()) >= CUT_OUT


def _capture(image: Image.Image) -> Capture:
    exif = image.getexif()
    details = exif.get_ifd(ExifTags.IFD.Exif)
    base = ExifTags.Base
    names = (exif.get(base.Make), exif.get(base.Model), details.get(base.BodySerialNumber))
    make, model, serial = (_text(name) for name in names)
    settings = (details.get(tag) for tag in (base.ExposureTime, base.FNumber, base.ISOSpeedRatings))
    time = time_of(_text(details.get(base.DateTimeOriginal)))
    try:
        exposure = tuple(float(value) for value in settings if value is not None)
    except (TypeError, ValueError, ZeroDivisionError):
        exposure = ()
    return Capture((make, model, serial), time, _text(details.get(base.SubsecTimeOriginal)), exposure)


def _text(value: object) -> str:
    return value.strip("\0 ") if isinstance(value, str) else ""


def whole_of(data: bytes) -> Whole:
    """Look at all of the contents of a file. Raises ImageUnreadable."""
    try:
        with opened(data) as image:
            digest = hashlib.blake2b(digest_size=HASH_BYTES)
            orientation = orientation_of(image)
            layers = (layers_of if image.format == LAYERED else layers_of_tiff)(image) > 0
            count = 1 if image.format == LAYERED else min(MOST_FRAMES, getattr(image, "n_frames", 1))
            with GATE.taking(bytes_to_decode(*image.size, image.format)):
                for number in range(count):
                    if count > 1:
                        image.seek(number)
                        check_size(image.width, image.height, MAX_PIXELS)  # a later page may be larger
                    WATCH.goes_on(bytes_to_decode(*image.size, image.format))
                    image.load()
                    _add_frame(digest, image, orientation)
                    if count > 1 and (lasts := image.info.get("duration")):
                        digest.update(f"{round(lasts / TIMED_BY)} ".encode())
                frames = count_frames(image)
                is_hidden = layers or _has_hidden_bits(image, data)
                is_multi_picture = image.format in _ATTACHED
                image.close()  # its memory goes with its place: what follows may take long, beside another's
            if is_hidden:
                # Eight bits are shown, and layers merged: the very file alone has the same.
                for block in blocks_of(data):
                    digest.update(block)
            from visualsearch_cli.pictures.held.appended import beside_what_is_decoded  # late: few are hashed

            for part in beside_what_is_decoded(jpeg_in(data) or data, is_multi_picture=is_multi_picture):
                digest.update(part)
            return Whole(digest.digest(), frames)
    except ImageError:
        raise
    except Exception as error:  # on damaged data, plugins raise nearly anything
        raise ImageUnreadable(reason(error)) from error


def count_frames(image: Image.Image) -> int:
    """Return how many frames, pages or layers an image has. Previews and attached pictures are none."""
    if image.format == LAYERED:
        return max(1, layers_of(image))
    count = 1 if image.format in _ATTACHED else int(getattr(image, "n_frames", 1))
    if image.format != "TIFF":
        return count
    layers = layers_of_tiff(image)
    if count == 1:
        return max(1, layers)
    previews = 0
    for number in range(min(count, MOST_FRAMES)):
        image.seek(number)
        kind = getattr(image, "tag_v2", {}).get(KIND_OF_PAGE, 0)
        previews += isinstance(kind, int) and bool(kind & REDUCED)
    image.seek(0)
    return max(1, count - previews, layers)


def alpha_of(image: Image.Image) -> Image.Image | None:
    """Return the alpha of an opened image, mode L, as it is stored; None if it is opaque throughout."""
    if not image.has_transparency_data or image.mode == "F" or image.mode.startswith("I"):
        return None
    if image.width * image.height > LARGE:
        alpha = Image.fromarray(np.concatenate([np.asarray(_alpha(strip)) for strip in strips(image)]))
    else:
        alpha = _alpha(image)
    return alpha if np.asarray(alpha).min() < OPAQUE else None


def _alpha(image: Image.Image) -> Image.Image:
    return image.convert("RGBA").getchannel("A")


def _add_frame(digest: hashlib.blake2b, image: Image.Image, orientation: int) -> None:
    """Add what a frame shows: its colors on white and, if any of it is transparent, its alpha."""
    width, height = upright_sides(*image.size, orientation)
    digest.update(f"{width} {height} ".encode())
    if image.mode == "F" or image.mode.startswith("I"):
        for strip in strips(upright(image, orientation)):
            digest.update(np.ascontiguousarray(np.asarray(strip)).data)
        return
    if is_shown_in_strips(image) and is_upright(orientation):  # beside both pictures of a pair, perhaps
        for strip in strips(image):
            digest.update(np.ascontiguousarray(np.asarray(to_srgb(strip))).data)
    else:
        digest.update(np.ascontiguousarray(shown(image, None, orientation)).data)
    alpha = alpha_of(image)
    if alpha is not None:
        digest.update(np.ascontiguousarray(np.asarray(upright(alpha, orientation))).data)


def _has_hidden_bits(image: Image.Image, data: bytes) -> bool:
    """Tell whether a file has more than eight bits a sample, and Pillow gives eight."""
    if image.mode == "F" or image.mode.startswith("I"):
        return False
    return bits_of(image, data) > 8


def bits_of(image: Image.Image, data: bytes) -> int:
    """Return how many bits a channel of an opened image has in its file, whether or not Pillow shows them."""
    if image.format == "PNG":
        return data[24]
    if image.format == "JXL":
        return int(image.info["bits"])
    if image.format == "JPEG2000":  # ITU-T T.800, A.5.1: the depth of the first component, less one
        at = data.find(SIZE_OF_JPEG2000) + 42
        return (data[at] & 0x7F) + 1 if 42 <= at < len(data) else 8
    if is_of_boxes(data):
        return max(bits_in(data), int(image.info.get("bit_depth", 8)))
    if image.mode in ("F", "I"):
        return 16 if image.format == "PPM" else 32
    if image.mode.startswith("I;16"):
        return 16
    tags = getattr(image, "tag_v2", None)
    bits = tags.get(BITS_PER_SAMPLE, 8) if tags else 8
    return int(max(bits) if isinstance(bits, tuple) else bits)


def _is_lossless_webp(data: bytes) -> bool:
    """Tell whether nothing of a WebP is lost, whatever stands before its picture. Of an animation, any frame
    may be lossy."""
    kinds = (kind for kind, _, _ in riff_chunks_of(data))
    return next((kind for kind in kinds if kind in (b"VP8 ", b"VP8L", b"ANMF")), b"") == b"VP8L"


def _compression(image: Image.Image, data: bytes) -> Compression:
    tables: dict[int, list[int]] | None = getattr(image, "quantization", None)
    if tables:
        numbers = sorted(tables)
        layers: list[tuple[int, int, int, int]] = getattr(image, "layer", [])
        samplings = {tuple(layer[1:3]) for layer in layers}
        return Compression(
            Codec.JPEG, tuple(tables[numbers[0]]), tuple(tables[numbers[-1]]), halved=len(samplings) > 1
        )
    if image.mode == "P":
        return Compression(Codec.NONE, few_colors=True)
    if image.format in _LOSSLESS_FORMATS or (image.format == "WEBP" and _is_lossless_webp(data)):
        return LOSSLESS
    if image.format == "TIFF" and "jpeg" not in str(image.info.get("compression", "")):
        return LOSSLESS
    return Compression(Codec.OTHER, avif=image.format == "AVIF")
