"""What becomes of a photograph that stays that photograph, and what its owner makes of it."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from io import BytesIO
from random import Random

import numpy as np
from PIL import Image, ImageEnhance, ImageFilter, features

from benchmarks.documents.copies import File, avif, jpeg, scaled, webp
from benchmarks.documents.sheet import Picture
from benchmarks.documents.shots.profiles import wide_profile, widened

ORIGINAL_QUALITY = 93


@dataclass(frozen=True, slots=True)
class PhotoCopy:
    """A way to copy a photograph: from the picture to the original's file and the copy's."""

    make: Callable[[Picture, Random], tuple[File, File]]
    asked: str  # "same", "edited": that or stronger; "edit": `edited` and nothing stronger


def _from_original(copy: Callable[[Picture, Random], File], asked: str) -> PhotoCopy:
    """A copy of what the original's file shows."""

    def make(picture: Picture, chance: Random) -> tuple[File, File]:
        original = jpeg(picture, ORIGINAL_QUALITY)
        return original, copy(original.picture(), chance)

    return PhotoCopy(make, asked)


def _profile_stripped(picture: Picture, _chance: Random) -> tuple[File, File]:
    """The same samples, once with the profile that they are in and once without."""
    wide = widened(picture)
    return _profiled(wide, wide_profile()), _profiled(wide, b"")


def _profile_converted(picture: Picture, _chance: Random) -> tuple[File, File]:
    """The pixels in the wide profile, and converted to sRGB."""
    return _profiled(widened(picture), wide_profile()), jpeg(picture, ORIGINAL_QUALITY)


def _profiled(picture: Picture, profile: bytes) -> File:
    stream = BytesIO()
    picture.save(stream, "JPEG", quality=ORIGINAL_QUALITY, icc_profile=profile or None)
    return File(stream.getvalue(), ".jpg")


def _edge_cut(picture: Picture, chance: Random) -> File:
    cuts = [chance.choice((0, 0, 1, 2, 3)) for _ in range(4)]
    cuts[chance.randrange(4)] = chance.randint(1, 3)
    left, top, right, bottom = cuts
    return jpeg(picture.crop((left, top, picture.width - right, picture.height - bottom)), 90)


def _brighter(picture: Picture, _chance: Random) -> File:
    levels = (np.arange(256) / 255) ** 2.2 * 2**0.3
    curve = [round(255 * min(1.0, float(level)) ** (1 / 2.2)) for level in levels]
    return jpeg(picture.point(curve * 3), 92)


def _balanced(picture: Picture, chance: Random) -> File:
    warm = chance.choice((-1, 1)) * chance.uniform(0.06, 0.1)
    gains = np.array((1 + warm, 1, 1 - warm), np.float32)
    return jpeg(Image.fromarray((np.asarray(picture) * gains + 0.5).clip(0, 255).astype(np.uint8)), 92)


PHOTO_COPIES: dict[str, PhotoCopy] = {
    "jpeg90": _from_original(lambda picture, _: jpeg(picture, 90), "same"),
    "jpeg75": _from_original(lambda picture, _: jpeg(picture, 75), "same"),
    "jpeg50": _from_original(lambda picture, _: jpeg(picture, 50), "same"),
    "webp80": _from_original(lambda picture, _: webp(picture, 80), "same"),
    "half": _from_original(lambda picture, _: jpeg(scaled(picture, 0.5), 90), "same"),
    "0.7-jpeg75": _from_original(lambda picture, _: jpeg(scaled(picture, 0.7), 75), "same"),
    "half-jpeg50": _from_original(lambda picture, _: jpeg(scaled(picture, 0.5), 50), "same"),
    "profile-stripped": PhotoCopy(_profile_stripped, "same"),
    "profile-converted": PhotoCopy(_profile_converted, "same"),
    "edge-cut": _from_original(_edge_cut, "same"),
    "jpeg25": _from_original(lambda picture, _: jpeg(picture, 25), "edited"),
    "quarter-jpeg60": _from_original(lambda picture, _: jpeg(scaled(picture, 0.25), 60), "edited"),
    "brighter": _from_original(_brighter, "edit"),
    "balanced": _from_original(_balanced, "edit"),
    "sharpened": _from_original(
        lambda picture, _: jpeg(picture.filter(ImageFilter.UnsharpMask(1.5, 130, 0)), 92), "edit"
    ),
    "denoised": _from_original(
        lambda picture, _: jpeg(picture.filter(ImageFilter.MedianFilter(5)), 92), "edit"
    ),
    "saturated": _from_original(
        lambda picture, _: jpeg(ImageEnhance.Color(picture).enhance(1.25), 92), "edit"
    ),
}
if features.check("avif"):
    PHOTO_COPIES["avif60"] = _from_original(lambda picture, _: avif(picture, 60), "same")
