"""Where a file comes from: did a camera write it, or a program that saved the picture again?

Only the header is looked at. Source: Exif 2.32 (CIPA DC-008), CIPA DC-007 (Multi-Picture Format).
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from functools import lru_cache

from PIL import ExifTags, Image

from visualsearch_cli.pictures.color import gamut_of
from visualsearch_cli.pictures.metadata.values import time_of
from visualsearch_cli.pictures.quality.past import usual_steps

PROGRAMS = re.compile(
    r"photoshop|lightroom|gimp|darktable|rawtherapee|\bart \d|snapseed|picasa|google|affinity|capture one|"
    r"dxo|\bon1\b|luminar|paint|krita|imagemagick|graphicsmagick|irfanview|xnview|acdsee|digikam|showfoto|"
    r"shotwell|gthumb|faststone|photoscape|pixlr|canva|vsco|instagram|whatsapp|facebook|microsoft|windows|"
    r"corel|aperture|iphoto|quicktime|studio|editor|editing|viewer|photo ?desk|transfer|silkypix|zoner|"
    r"polarr|meitu|facetune|picsart|fotor|photopea|gwenview|nomacs|inkscape|scan|gallery|album|topaz|"
    r"upscal|real-?esrgan|camedia|olympus master|viewnx|capture nx|digital photo professional|\bdpp\b|"
    r"hugin|panorama|photomatix|ffmpeg|pillow|handbrake|sharp\b|libvips|squoosh|jpegmini",
    re.IGNORECASE,
)
"""What programs call themselves in EXIF's Software, where cameras name their firmware."""


NO_CAMERAS = frozenset(["PNG", "GIF", "WEBP", "JPEG2000", "JXL", "BMP"])
"""Formats that cameras do not write: who puts a camera's EXIF into one has converted its file."""

SEVERAL = 16  # pixels: JPEGs have whole blocks, and a few rows are left out in some cameras' EXIF

JFIF = "has a JFIF header, as programs write it"


@dataclass(frozen=True, slots=True)
class Origin:
    """What the header of a file says of who wrote it."""

    camera: str = ""  # make and model
    program: str = ""  # that saved it, as it calls itself
    notes: bool = False  # of the maker, or pictures of a Multi-Picture Format, which programs drop
    taken: datetime | None = None  # when the picture was taken, by the camera's clock
    own_steps: bool | None = None  # a JPEG's quantization is no known program's; None: not a JPEG
    is_heic: bool = False  # as phones write it
    gamut: float = 1.0  # times the colors of sRGB that it can name
    again: str = ""  # what tells, beside a camera's EXIF, that a program wrote the file around it

    @property
    def rank(self) -> int:
        """3: as a camera wrote it, 2: probably, 1: nobody knows."""
        if not self.camera or self.program:
            return 1
        return 3 if self.notes else 2

    def is_later_than(self, other: Origin) -> bool:
        """Tell whether a program wrote a camera's EXIF around this picture, and a camera around the other.

        A JFIF header alone does not speak against a camera's own tables: some phones write one.
        """
        if not self.again or other.again or not self.camera or not other.camera:
            return False
        return self.again != JFIF or not self.own_steps or bool(other.own_steps)

    def __str__(self) -> str:
        if self.program:
            return f"saved by {self.program}"
        if self.rank == 1:
            return "no camera named"
        return f"as {self.camera} wrote it" if self.rank == 3 else f"{self.camera}, without maker notes"


UNKNOWN_ORIGIN = Origin()


def origin_of(image: Image.Image) -> Origin:
    """Return what the header of an opened image says."""
    exif = image.getexif()
    details = exif.get_ifd(ExifTags.IFD.Exif)
    base = ExifTags.Base
    make, model, software = (_text(exif.get(tag)) for tag in (base.Make, base.Model, base.Software))
    camera = model if make.split(" ")[0].lower() in model.lower() else f"{make} {model}".strip()
    tables: dict[int, list[int]] | None = getattr(image, "quantization", None)
    profile = image.info.get("icc_profile")
    return Origin(
        camera=camera if make else "",
        program=software if PROGRAMS.search(software) else "",
        notes=base.MakerNote in details or "mpoffset" in image.info,
        taken=time_of(_text(details.get(base.DateTimeOriginal))),
        own_steps=_has_own_steps(tables, in_color=image.mode != "L") if tables else None,
        is_heic=image.format == "HEIF",
        gamut=gamut_of(profile) if isinstance(profile, bytes) and image.mode in ("RGB", "RGBA") else 1.0,
        again=_written_again(image, (details.get(base.ExifImageWidth), details.get(base.ExifImageHeight))),
    )


def _written_again(image: Image.Image, sides: tuple[object, object]) -> str:
    """Return what tells that an opened image is no longer as a camera wrote it, whatever its EXIF says.

    sides: pixels, as EXIF has them. Who turns a picture may leave them as they were.
    """
    if image.format in NO_CAMERAS:
        return f"{image.format}, which no camera writes"
    if "progressive" in image.info:
        return "progressive, as programs save"
    known = sorted(side for side in sides if isinstance(side, int) and side > 0)
    if len(known) == 2 and any(
        abs(its - side) > SEVERAL for its, side in zip(known, sorted(image.size), strict=True)
    ):
        return f"{image.width}×{image.height}, and EXIF is of another size"
    return JFIF if "jfif" in image.info else ""


def _text(value: object) -> str:
    return " ".join(value.replace("\0", " ").split()) if isinstance(value, str) else ""


def _has_own_steps(tables: Mapping[int, Sequence[int]], *, in_color: bool) -> bool:
    """Tell whether the tables of a JPEG may be a camera's own: those of libjpeg are known.

    mozjpeg, what compresses for the web with it, and ffmpeg use one table for luma and chroma, or steps that
    are all the same. Of 53 files that cameras wrote, none does but one at the finest quality, with steps of
    1.
    """
    luma, *others = (tuple(table) for _, table in sorted(tables.items()))
    is_for_all = set(others) <= {luma} if in_color else False
    return not is_for_all and len(set(luma)) > 1 and luma not in _libjpeg_steps()


@lru_cache(maxsize=1)
def _libjpeg_steps() -> frozenset[tuple[int, ...]]:
    """Return the steps of luma, 64 in rows, of each quality that libjpeg knows."""
    return frozenset(tuple(usual_steps(quality).reshape(-1).tolist()) for quality in range(1, 101))
