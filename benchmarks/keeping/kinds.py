"""The kinds of copies: what is made of a photograph, and of what original."""

from __future__ import annotations

import io
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from random import Random

from PIL import Image, ImageEnhance, ImageFilter, ImageOps

from benchmarks.keeping.files import (
    LIVE_FILM,
    File,
    camera_exif,
    encoded,
    jpeg,
    with_exif,
    with_film,
    with_gain_map,
)
from benchmarks.material.editing import (
    BLACK,
    WHITE,
    Picture,
    captioned,
    cropped,
    framed,
    noisy,
    saved,
    scaled,
    screenshot,
    sepia,
)

FINE = 95  # of JPEG: a copy must not be known by how it was saved
RESAMPLING = Image.Resampling


@dataclass(frozen=True, slots=True)
class Original:
    """A photograph, as it was found."""

    number: int
    name: str  # without a suffix
    data: bytes
    picture: Picture


@dataclass(frozen=True, slots=True)
class Pair:
    """An original, and a copy that is worth less. What lies beside the original belongs to it."""

    original: File
    copy: File
    beside: Sequence[File] = ()


Edit = Callable[[Picture, Random], Picture]
Make = Callable[[Original], Pair]


def _half(picture: Picture, back: float) -> Picture:
    small = scaled(picture, 0.5)
    return small.resize((int(picture.width * back), int(picture.height * back)), RESAMPLING.BICUBIC)


def _upscaled(picture: Picture, _: Random) -> Picture:
    """Do as programs that make pictures larger do: smooth, then sharpen edges."""
    large = picture.resize((2 * picture.width, 2 * picture.height), RESAMPLING.LANCZOS)
    return large.filter(ImageFilter.MedianFilter(3)).filter(ImageFilter.UnsharpMask(2, 120, 2))


def _censored(picture: Picture, how: str) -> Picture:
    width, height = picture.size
    box = (width // 3, height // 3, width // 2, height // 2)
    part, covered = picture.crop(box), picture.copy()
    hidden: dict[str, Callable[[], Picture]] = {
        "mosaic": lambda: part.resize((4, 4)).resize(part.size, RESAMPLING.NEAREST),
        "bar": lambda: Image.new("RGB", part.size, BLACK),
        "blur": lambda: part.filter(ImageFilter.GaussianBlur(8)),
    }
    covered.paste(hidden[how](), box)
    return covered


AS_JPEG: dict[str, Edit] = {
    "blurred": lambda picture, _: picture.filter(ImageFilter.GaussianBlur(1.2)),
    "halved and enlarged back": lambda picture, _: _half(picture, 1),
    "halved, enlarged to 1.2": lambda picture, _: _half(picture, 1.2),
    "halved, enlarged to 1.5": lambda picture, _: _half(picture, 1.5),
    "smoothed and sharpened at twice the size": _upscaled,
    "denoised": lambda picture, _: picture.filter(ImageFilter.MedianFilter(3)),
    "saved again": lambda picture, _: picture,
    "enlarged to 2": lambda picture, _: scaled(picture, 2),
    "halved": lambda picture, _: scaled(picture, 0.5),
    "JPEG 30, saved again": lambda picture, _: saved(picture, "JPEG", quality=30),
    "on an enlarged screenshot": lambda picture, _: screenshot(scaled(picture, 1.6)),
    "mosaic": lambda picture, _: _censored(picture, "mosaic"),
    "bar": lambda picture, _: _censored(picture, "bar"),
    "blurred in a place": lambda picture, _: _censored(picture, "blur"),
    "bordered": lambda picture, _: framed(picture, 0.05, WHITE),
    "captioned": captioned,
    "brighter": lambda picture, _: ImageEnhance.Brightness(picture).enhance(1.2),
    "more contrast": lambda picture, _: ImageEnhance.Contrast(picture).enhance(1.3),
    "grey": lambda picture, _: ImageOps.grayscale(picture).convert("RGB"),
    "sepia": lambda picture, _: sepia(picture),
    "sharpened": lambda picture, _: picture.filter(ImageFilter.UnsharpMask(2, 150, 2)),
    "noisy": lambda picture, chance: noisy(picture, 12, chance),
    "cropped": lambda picture, chance: cropped(picture, 0.1, chance),
}

TURNED: dict[str, Edit] = {
    "upside down": lambda picture, _: picture.transpose(Image.Transpose.ROTATE_180),
    "mirrored": lambda picture, _: ImageOps.mirror(picture),
}
"""Of two, little but EXIF says which one is upright: these originals have some, if they are alone."""

AS_PNG: dict[str, Edit] = {
    "JPEG 10 as PNG": lambda picture, _: saved(picture, "JPEG", quality=10),
    "GIF as PNG": lambda picture, _: saved(picture, "GIF"),
    "1 bit, dithered": lambda picture, _: picture.convert("1"),
}

PLAIN = {**AS_JPEG, **TURNED, **AS_PNG}


def copy_of(original: Original, kind: str) -> File:
    """Return a plain copy of a photograph; it has nothing of it but its picture."""
    shown = PLAIN[kind](original.picture, Random(f"{kind} {original.number}"))
    if kind in AS_PNG:
        return File(f"{original.name}.png", encoded(shown, "PNG"))
    return File(f"{original.name}.jpg", jpeg(shown, FINE))


def _pair(kind: str) -> Make:
    def make(original: Original) -> Pair:
        data = original.data
        if kind in TURNED:
            data = with_exif(data, camera_exif(original.number))
        return Pair(File(f"{original.name}.jpg", data), copy_of(original, kind))

    return make


def _by_name(original_name: str, copy_name: str, *, software: str = "") -> Make:
    """Return what makes a pair of which the copy was saved with the camera's EXIF."""

    def make(original: Original) -> Pair:
        data = with_exif(original.data, camera_exif(original.number))
        exif = camera_exif(original.number, software or "Photo Studio 4.1")
        name = original.name
        return Pair(
            File(original_name.format(name), data),
            File(copy_name.format(name), jpeg(original.picture, 97, exif)),
        )

    return make


def _bare(original: Original) -> File:
    return File(f"{original.name} s.jpg", jpeg(original.picture, 98))


def _heic(original: Original) -> Pair:
    from visualsearch_cli.pictures.codecs.choosing import formats_of

    formats_of(b"\0\0\0\x18ftypheic" + bytes(16))  # loads what writes HEIC
    exif = camera_exif(original.number)
    data = encoded(original.picture, "HEIF", quality=80, exif=exif)
    with Image.open(io.BytesIO(data)) as image:
        exported = jpeg(image.convert("RGB"), 92, exif)
    return Pair(File("IMG_1.HEIC", data), File("IMG_1 exported.jpg", exported))


def _stereo(original: Original) -> Pair:
    other = original.picture.transform(
        original.picture.size, Image.Transform.AFFINE, (1, 0, 4, 0, 1, 0), RESAMPLING.BICUBIC
    )
    data = encoded(original.picture, "MPO", save_all=True, append_images=[other], quality=90)
    return Pair(File(f"{original.name}.mpo", data), _bare(original))


def _pages(original: Original) -> Pair:
    pages = [ImageOps.mirror(original.picture), original.picture.rotate(180)]
    data = encoded(original.picture, "TIFF", save_all=True, append_images=pages)
    larger = scaled(original.picture, 1.5)
    return Pair(File(f"{original.name}.tif", data), File(f"{original.name} p1.png", encoded(larger, "PNG")))


def _animation(original: Original) -> Pair:
    frames = [ImageEnhance.Brightness(original.picture).enhance(1 + step / 10) for step in range(1, 5)]
    data = encoded(
        original.picture, "WEBP", save_all=True, append_images=frames, duration=120, quality=90, method=1
    )
    return Pair(File(f"{original.name}.webp", data), _bare(original))


def _larger_without_exif(original: Original) -> Pair:
    data = with_exif(original.data, camera_exif(original.number))
    return Pair(File(f"{original.name}.jpg", data), _bare(original))


def _in_a_bin(original: Original) -> Pair:
    return Pair(
        File(f"{original.name}.jpg", original.data),
        File(f"@Recycle/{original.name}.jpg", _bare(original).data),
    )


def _live(original: Original) -> Pair:
    name = f"IMG_{1000 + original.number}"
    beside = File(f"{name}.MOV", LIVE_FILM), File(f"{name}.AAE", b"<plist><!-- edits --></plist>")
    return Pair(File(f"{name}.JPG", original.data), File(f"{name}.jpg", _bare(original).data), beside)


OTHER: dict[str, Make] = {
    "NAME-edited.jpg": _by_name("{}.jpg", "{}-edited.jpg"),
    "IMG_E1234.JPG": _by_name("IMG_1234.JPG", "IMG_E1234.JPG"),
    "developed by darktable": _by_name("{}.jpg", "{}_01.jpg", software="darktable 4.6.1"),
    "exported from a HEIC": _heic,
    "saved again without the film": lambda o: Pair(File("PXL_1.MP.jpg", with_film(o.data)), _bare(o)),
    "saved again without the gain map": lambda o: Pair(
        File("PXL_2.jpg", with_gain_map(o.data, o.picture)), _bare(o)
    ),
    "saved again without the second eye": _stereo,
    "the first page, larger": _pages,
    "a still of an animation": _animation,
    "more bytes and no EXIF": _larger_without_exif,
    "in a recycle bin": _in_a_bin,
    "without its Live Photo film": _live,
}
"""Kinds that need an original of their own."""

PAIRS: dict[str, Make] = {**{kind: _pair(kind) for kind in PLAIN}, **OTHER}
