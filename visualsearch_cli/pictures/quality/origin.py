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

    @property
    def rank(self) -> int:
        """3: as a camera wrote it, 2: probably, 1: nobody knows."""
        if not self.camera or self.program:
            return 1
        return 3 if self.notes else 2

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
        own_steps=_has_own_steps(tables) if tables else None,
        is_heic=image.format == "HEIF",
        gamut=gamut_of(profile) if isinstance(profile, bytes) and image.mode in ("RGB", "RGBA") else 1.0,
    )


def _text(value: object) -> str:
    return " ".join(value.replace("\0", " ").split()) if isinstance(value, str) else ""


def _has_own_steps(tables: Mapping[int, Sequence[int]]) -> bool:
    """Tell whether the tables of a JPEG may be a camera's own: those of libjpeg are known.

    mozjpeg, and what compresses for the web with it, uses one table for luma and chroma, or steps that are
    all the same. Of 53 files that cameras wrote, none does but one at the finest quality, with steps of 1.
    """
    luma, *others = (tuple(table) for _, table in sorted(tables.items()))
    is_for_all = bool(others) and set(others) == {luma}
    return not is_for_all and len(set(luma)) > 1 and luma not in _libjpeg_steps()


@lru_cache(maxsize=1)
def _libjpeg_steps() -> frozenset[tuple[int, ...]]:
    """Return the steps of luma, 64 in rows, of each quality that libjpeg knows."""
    return frozenset(tuple(usual_steps(quality).reshape(-1).tolist()) for quality in range(1, 101))
