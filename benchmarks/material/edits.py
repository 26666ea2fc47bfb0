"""The 45 edits that embedders are measured with: what people and programs do to photographs."""

from __future__ import annotations

from collections.abc import Callable
from random import Random

from PIL import Image, ImageEnhance, ImageFilter, ImageOps

from benchmarks.material.editing import (
    BLACK,
    WHITE,
    Picture,
    captioned,
    combined,
    cropped,
    framed,
    gamma,
    letterboxed,
    leveled,
    meme,
    noisy,
    pasted_onto,
    rotated_on_white,
    saved,
    scaled,
    screenshot,
    sepia,
    thumbnail,
    tilted,
    warmed,
    with_logo,
)

Edit = Callable[[Picture, Random, Picture], Picture]
"""From a picture, chance, and a picture of something else, which only "overlay50" uses."""

_SIZES_AND_FORMATS: dict[str, Edit] = {
    "resize50": lambda picture, *_: scaled(picture, 0.5),
    "thumb96": lambda picture, *_: thumbnail(picture, 96),
    "stretch4:3": lambda picture, *_: picture.resize((picture.width, max(1, int(picture.height * 0.75)))),
    "jpeg30": lambda picture, *_: saved(picture, "JPEG", quality=30),
    "jpeg8": lambda picture, *_: saved(picture, "JPEG", quality=8),
    "webp40": lambda picture, *_: saved(picture, "WEBP", quality=40),
    "gif64": lambda picture, *_: saved(picture.quantize(64), "GIF"),
}

_TONES: dict[str, Edit] = {
    "bright+40": lambda picture, *_: ImageEnhance.Brightness(picture).enhance(1.4),
    "bright-40": lambda picture, *_: ImageEnhance.Brightness(picture).enhance(0.6),
    "contrast1.6": lambda picture, *_: ImageEnhance.Contrast(picture).enhance(1.6),
    "contrast.5": lambda picture, *_: ImageEnhance.Contrast(picture).enhance(0.5),
    "gamma.6": lambda picture, *_: gamma(picture, 0.6),
    "autocontrast": lambda picture, *_: ImageOps.autocontrast(picture, 2),
    "equalize": lambda picture, *_: ImageOps.equalize(picture),
    "gray": lambda picture, *_: ImageOps.grayscale(picture).convert("RGB"),
    "sepia": lambda picture, *_: sepia(picture),
    "warm": lambda picture, *_: warmed(picture, red=1.2, blue=0.75),
    "saturate2": lambda picture, *_: ImageEnhance.Color(picture).enhance(2),
}

_DETAIL: dict[str, Edit] = {
    "blur2": lambda picture, *_: picture.filter(ImageFilter.GaussianBlur(max(1, picture.width / 200))),
    "sharpen": lambda picture, *_: picture.filter(ImageFilter.UnsharpMask(3, 200, 2)),
    "noise20": lambda picture, chance, _: noisy(picture, 20, chance),
}

_CROPS: dict[str, Edit] = {
    "crop5": lambda picture, chance, _: cropped(picture, 0.05, chance),
    "crop10": lambda picture, chance, _: cropped(picture, 0.10, chance),
    "crop25": lambda picture, chance, _: cropped(picture, 0.25, chance),
    "crop50": lambda picture, chance, _: cropped(picture, 0.50, chance),
    "crop70": lambda picture, chance, _: cropped(picture, 0.70, chance),
    "squarecrop": lambda picture, *_: ImageOps.fit(picture, (min(picture.size), min(picture.size))),
}

_GEOMETRY: dict[str, Edit] = {
    "rot2crop": lambda picture, *_: leveled(picture, 2),
    "rot5crop": lambda picture, *_: leveled(picture, -5),
    "rot10crop": lambda picture, *_: leveled(picture, 10),
    "rot5white": lambda picture, *_: rotated_on_white(picture, 5),
    "persp": lambda picture, chance, _: tilted(picture, chance),
}

_ADDITIONS: dict[str, Edit] = {
    "border5": lambda picture, *_: framed(picture, 0.05, WHITE),
    "border15": lambda picture, *_: framed(picture, 0.15, BLACK),
    "letterbox": lambda picture, *_: letterboxed(picture),
    "text": lambda picture, chance, _: captioned(picture, chance),
    "logo10": lambda picture, chance, _: with_logo(picture, 0.10, chance),
    "logo25": lambda picture, chance, _: with_logo(picture, 0.25, chance),
    "meme": lambda picture, *_: meme(picture),
    "screenshot": lambda picture, *_: screenshot(picture),
    "overlay50": lambda picture, chance, other: pasted_onto(other, picture, 0.5, chance),
    "combo": lambda picture, chance, _: combined(picture, chance),
}

_TURNS: dict[str, Edit] = {
    "rot90": lambda picture, *_: picture.transpose(Image.Transpose.ROTATE_90),
    "rot180": lambda picture, *_: picture.transpose(Image.Transpose.ROTATE_180),
    "mirror": lambda picture, *_: ImageOps.mirror(picture),
}

_EDITS = _SIZES_AND_FORMATS | _TONES | _DETAIL | _CROPS | _GEOMETRY | _ADDITIONS | _TURNS

UPRIGHT = tuple(name for name in _EDITS if name not in _TURNS)
DIHEDRAL = tuple(_TURNS)


def edited(picture: Picture, edit: str, other: Picture, seed: str) -> Picture:
    """Return an edit of a picture. Its chances depend on the seed and on the edit's name alone."""
    return _EDITS[edit](picture, Random(f"{seed} {edit}"), other)
