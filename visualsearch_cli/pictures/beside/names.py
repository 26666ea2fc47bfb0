"""The names of companions: what kind a file is, and of which files of its folder it may be.

Sources: the manuals of Adobe Lightroom and darktable (`NAME.xmp`, `NAME.EXT.xmp`, `NAME_01.EXT.xmp` of a
second edit), DxO PhotoLab (`.dop`), RawTherapee (`.pp3`, `.out.pp3`), ON1 Photo RAW (`.on1`), Canon DPP
(`.vrd`), Adobe Camera Raw (`.acr`), Capture One (`CaptureOne/Settings153/NAME.EXT.cos`), Nikon NX
Studio (`NKSC_PARAM/NAME.EXT.nksc`), SILKYPIX (`SILKYPIX_DS/NAME.EXT.9.spd`), ART (`.arp`), UFRaw (`.ufraw`),
and what Apple's Image Capture copies from a phone (`IMG_1234.AAE`, `IMG_O1234.AAE`, `IMG_E1234.JPG`).
"""

from __future__ import annotations

import os
import re
import unicodedata
from collections import defaultdict
from collections.abc import Iterable, Iterator
from enum import Enum

from visualsearch_cli.pictures.formats import EXTENSIONS, RAW_EXTENSIONS


class Kind(str, Enum):
    """What a companion is."""

    RAW = "raw"  # the sensor's own data of the same shot
    FILM = "film"  # of a Live Photo
    EDITS = "edits"  # what a program did to the picture, in a form of its own, or any metadata
    TAKEOUT = "takeout"  # what Google Photos knows of it
    THUMBNAIL = "thumbnail"
    NOTE = "note"  # spoken by the photographer


KINDS = {
    ".xmp": Kind.EDITS,
    ".aae": Kind.EDITS,
    ".dop": Kind.EDITS,
    ".pp3": Kind.EDITS,
    ".on1": Kind.EDITS,
    ".vrd": Kind.EDITS,
    ".acr": Kind.EDITS,
    ".arp": Kind.EDITS,
    ".ufraw": Kind.EDITS,
    ".spd": Kind.EDITS,
    ".cos": Kind.EDITS,
    ".nksc": Kind.EDITS,
    ".mov": Kind.FILM,
    ".mp4": Kind.FILM,
    ".m4v": Kind.FILM,
    ".3gp": Kind.FILM,
    ".mp": Kind.FILM,  # of a Pixel, as Takeout has it: PXL_1.MP beside PXL_1.MP.jpg
    ".json": Kind.TAKEOUT,
    ".thm": Kind.THUMBNAIL,
    ".wav": Kind.NOTE,
    ".m4a": Kind.NOTE,
    **dict.fromkeys(RAW_EXTENSIONS, Kind.RAW),
}
"""By suffix, in lower case."""

KEPT_BELOW = {
    "captureone": ("settings", ".cos"),
    "nksc_param": ("", ".nksc"),
    "silkypix_ds": ("", ".spd"),
}
"""Folders beside pictures in which programs keep sidecars, in lower case.

With how the folders in them begin, in which these are, if they are not in the folder itself, and the suffix.
"""

PICTURES = EXTENSIONS | RAW_EXTENSIONS

_APPLE = re.compile(r"([0-9a-z_]{4})([eo]?)(\d{4}.*)")  # a DCF name: four free letters and four digits
_SECOND_EDIT = re.compile(r"(.+)_\d\d(\.[^.]+)")
_PROCESSED = ".out"
_NUMBERED = re.compile(r"(.+)\.\d{1,2}")  # IMG_1.JPG.9.spd: by the version of SILKYPIX
_REENCODED = "_hevc"  # what icloudpd adds to the names of films


def kind_of(name: str) -> Kind | None:
    """Return which kind of companion a file may be, by its name."""
    return None if name.startswith("._") else KINDS.get(suffix_of(name))


def suffix_of(name: str) -> str:
    """Return the suffix of a name in lower case, with the dot."""
    return os.path.splitext(name)[1].lower()


def folded(name: str) -> str:
    """Return what two spellings of a name share: systems differ in case and in how accents are written."""
    return name.lower() if name.isascii() else unicodedata.normalize("NFC", name).casefold()


class Names:
    """The files of a folder that companions may belong to, by their names."""

    def __init__(self, names: Iterable[str]) -> None:
        self.whole: dict[str, list[str]] = defaultdict(list)
        self._stems: dict[str, list[str]] = defaultdict(list)
        for name in names:
            self.whole[folded(name)].append(name)
            self._stems[folded(os.path.splitext(name)[0])].append(name)

    def called(self, name: str) -> list[str]:
        """Return the files of a name, those that have its very letters before others."""
        found = self.whole.get(folded(name), [])
        return [name] if name in found else found

    def with_stem(self, stem: str) -> list[str]:
        """Return the files whose names without suffix are that, those of its very letters before others."""
        found = self._stems.get(folded(stem), [])
        return [name for name in found if os.path.splitext(name)[0] == stem] or found

    def owners(self, companion: str, kind: Kind) -> list[str]:
        """Return the files that a companion belongs to by the common rules: NAME.EXT.xmp, else NAME.xmp."""
        for stem in _stems_for(companion, kind):
            if found := self.called(stem) or self.with_stem(stem):
                return found
        return []


def _stems_for(companion: str, kind: Kind) -> Iterator[str]:
    """Yield the names, or names without suffix, of what a companion may belong to, the likeliest first."""
    stem, suffix = os.path.splitext(companion)
    yield stem
    if kind is Kind.FILM:
        if suffix.lower() == ".mp":
            yield companion
        if stem.lower().endswith(_REENCODED):
            yield stem[: -len(_REENCODED)]
    if kind is Kind.EDITS:
        if second := _SECOND_EDIT.fullmatch(stem):
            yield "".join(second.groups())
        if stem.lower().endswith(_PROCESSED):
            yield stem[: -len(_PROCESSED)]
        if suffix.lower() == ".spd" and (numbered := _NUMBERED.fullmatch(stem)):
            yield numbered[1]
    if kind in (Kind.EDITS, Kind.FILM) and (apple := _APPLE.fullmatch(stem.lower())):
        # IMG_1234 is the original, IMG_E1234 what was made of it, IMG_O1234 what was done before.
        letters, which, number = stem[:4], apple[2], stem[4 + len(apple[2]) :]
        if which:
            yield letters + number
        if which != "e":
            yield f"{letters}E{number}"
