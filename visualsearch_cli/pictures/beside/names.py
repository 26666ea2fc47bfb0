"""The names of companions: what kind a file is, and of which files of its folder it may be.

Sources: the manuals of Adobe Lightroom and darktable (`NAME.xmp`, `NAME.EXT.xmp`, `NAME_01.EXT.xmp` of a
second edit), DxO PhotoLab (`.dop`), RawTherapee (`.pp3`, `.out.pp3`), ON1 Photo RAW (`.on1`), Canon DPP
(`.vrd`, `.dr4`), Adobe Camera Raw (`.acr`), Capture One (`CaptureOne/Settings153/NAME.EXT.cos`), Nikon NX
Studio (`NKSC_PARAM/NAME.EXT.nksc`), SILKYPIX (`SILKYPIX_DS/NAME.EXT.9.spd`), ART (`.arp`), UFRaw (`.ufraw`),
Exposure (`Exposure Software/Exposure X6/NAME.EXT.exposurex6`), gThumb (`.comments/NAME.EXT.xml`), Zoner
Photo Studio (`NAME.EXT.data-zps`), Phocus (`.phos`), Photomator (`.photo-edit`), LightZone (`.lzn`),
PhotoFlow (`.pfi`), PhotoPrism (`NAME.yml`), Geeqie (`.metadata/NAME.EXT.gq.xmp`), Exiv2 (`.exv`), C2PA
(`.c2pa`), ExifTool (`NAME.EXT_original`, `.mie`), and what Apple's Image Capture copies from a phone
(`IMG_1234.AAE`, `IMG_O1234.AAE`, `IMG_E1234.JPG`).
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
    OF_FILM = "of film"  # a smaller film to look at, its subtitles, its record
    BEFORE = "before"  # the file as it was before its metadata were written


_EXPOSURE = tuple(f".exposurex{version}" for version in range(2, 10))

_ON_A_MAP = (
    *(".wld", ".jgw", ".jpgw", ".pgw", ".pngw", ".tfw", ".tifw", ".bpw", ".bmpw", ".gfw", ".j2w", ".wpw"),
    *(".prj", ".points"),
)  # where it lies: world files of ESRI, its projection, and the points of QGIS

KINDS = {
    ".xmp": Kind.EDITS,
    ".aae": Kind.EDITS,
    ".dop": Kind.EDITS,
    ".pp3": Kind.EDITS,
    ".on1": Kind.EDITS,
    ".vrd": Kind.EDITS,
    ".dr4": Kind.EDITS,
    ".phos": Kind.EDITS,
    ".photo-edit": Kind.EDITS,
    ".lzn": Kind.EDITS,
    ".pfi": Kind.EDITS,
    ".yml": Kind.EDITS,
    ".yaml": Kind.EDITS,
    ".exv": Kind.EDITS,
    ".mie": Kind.EDITS,
    ".c2pa": Kind.EDITS,
    ".acr": Kind.EDITS,
    ".arp": Kind.EDITS,
    ".ufraw": Kind.EDITS,
    ".spd": Kind.EDITS,
    ".cos": Kind.EDITS,
    ".comask": Kind.EDITS,
    ".nksc": Kind.EDITS,
    ".data-zps": Kind.EDITS,
    ".xml": Kind.EDITS,  # of a film, too; where things are in a picture, as labelImg writes it
    ".txt": Kind.EDITS,  # its caption, or its labels as YOLO wants them
    ".caption": Kind.EDITS,
    **dict.fromkeys(_EXPOSURE, Kind.EDITS),
    **dict.fromkeys(_ON_A_MAP, Kind.EDITS),
    ".mov": Kind.FILM,
    ".mp4": Kind.FILM,
    ".m4v": Kind.FILM,
    ".3gp": Kind.FILM,
    ".mp": Kind.FILM,  # of a Pixel, as Takeout has it: PXL_1.MP beside PXL_1.MP.jpg
    ".mv": Kind.FILM,
    ".avi": Kind.FILM,
    ".mpg": Kind.FILM,
    ".mpeg": Kind.FILM,
    ".mts": Kind.FILM,
    ".m2ts": Kind.FILM,
    ".mkv": Kind.FILM,
    ".webm": Kind.FILM,
    ".nar": Kind.FILM,  # Nokia's living images
    ".lrv": Kind.OF_FILM,  # GoPro, Insta360
    ".lrf": Kind.OF_FILM,  # DJI
    ".srt": Kind.OF_FILM,
    ".json": Kind.TAKEOUT,
    ".thm": Kind.THUMBNAIL,
    ".wav": Kind.NOTE,
    ".m4a": Kind.NOTE,
    ".mp3": Kind.NOTE,
    ".aac": Kind.NOTE,
    ".amr": Kind.NOTE,
    ".ogg": Kind.NOTE,
    ".3ga": Kind.NOTE,
    ".wma": Kind.NOTE,
    ".ori": Kind.RAW,  # Olympus, of a picture that was put together from several
    ".eip": Kind.RAW,  # Capture One: a RAW packed with what was done to it
    **dict.fromkeys(RAW_EXTENSIONS, Kind.RAW),
}
"""By suffix, in lower case."""

KEPT_BELOW: dict[str, tuple[str, tuple[str, ...]]] = {
    "captureone": ("settings", (".cos", ".comask")),
    "nksc_param": ("", (".nksc",)),
    "silkypix_ds": ("", (".spd",)),
    "exposure software": ("exposure", _EXPOSURE),
    "alien skin": ("exposure", _EXPOSURE),
    ".comments": ("", (".xml",)),
    ".metadata": ("", (".xmp", ".meta")),
    ".photoprism": ("", (".yml",)),
}
"""Folders beside pictures in which programs keep sidecars, in lower case.

With how the folders in them begin, where these are, if they are not in the folder itself, and the suffixes.
"""

DESCRIPTIONS = "descript.ion"
MAILBOX = "files.bbs"
PICASA = frozenset([".picasa.ini", "picasa.ini"])  # as later versions and the first ones call it
LISTS = frozenset([DESCRIPTIONS, MAILBOX, *PICASA])
"""Names of files that speak of all files of their folder, in lower case."""

PICTURES = EXTENSIONS | RAW_EXTENSIONS

MOST_ALIKE = 30
"""Names that differ in case, in accents or in their suffix alone, and are looked at: more were made to be
many, and each of as many companions would belong to all of them."""

UNFINISHED = frozenset([".part", ".partial", ".crdownload", ".download", ".tmp"])
"""Of files that are being fetched: they belong to nothing."""

_APPLE = re.compile(r"([0-9a-z_]{4})([eo]?)(\d{4}.*)")  # a DCF name: four free letters and four digits
_SECOND_EDIT = re.compile(r"(.+)_\d{2,3}(\.[^.]+)")
_PROCESSED = ".out"
_NUMBERED = re.compile(r"(.+)\.\d{1,2}")  # IMG_1.JPG.9.spd: by the version of SILKYPIX
_DOWNLOADED = re.compile(r"(.+)(\.\w+)( ?\(\d{1,3}\))")  # IMG_1.JPG (1).xmp, by a browser
_REENCODED = "_hevc"  # what icloudpd adds to the names of films
_OF_PIXEL = re.compile(r"\.m[pv](~\d{1,2})?")  # PXL_1.MP~2 beside PXL_1.MP~2.jpg
_RECORD = re.compile(r"(.+)m\d\d", re.IGNORECASE)  # C0001M01.XML is Sony's record of C0001.MP4
_SPOKEN = re.compile(r"snd_(\d{4})", re.IGNORECASE)  # Canon's PowerShots: of IMG_1234.JPG
_AS_CANON = ("IMG_", "_MG_", "STA_", "STB_", "STC_")
_PIXEL_RAW = re.compile(r"(.+)\.raw-02\.original", re.IGNORECASE)
_LUMIA_RAW = "__highres"
BACKED_UP = "_original"


def kind_of(name: str) -> Kind | None:
    """Return which kind of companion a file may be, by its name.

    Whatever has the whole name of a picture before its own suffix was written for that picture: NAME.EXT.cfg,
    NAME.EXT.txt. So no program need be known for it.
    """
    if name.startswith("._"):
        return None
    suffix = suffix_of(name)
    if suffix.endswith(BACKED_UP):
        its = suffix.removesuffix(BACKED_UP)
        return Kind.BEFORE if its in PICTURES or its in KINDS else None
    if _OF_PIXEL.fullmatch(suffix):
        return Kind.FILM
    kind = KINDS.get(suffix)
    if kind is None and suffix not in PICTURES and suffix not in UNFINISHED and _is_of_whole_name(name):
        return Kind.EDITS
    return kind


def _is_of_whole_name(name: str) -> bool:
    """Tell whether one or two suffixes follow the whole name of a picture: NAME.EXT.cfg, NAME.EXT.aux.xml."""
    stem = os.path.splitext(name)[0]
    return suffix_of(stem) in PICTURES or suffix_of(os.path.splitext(stem)[0]) in PICTURES


def suffix_of(name: str) -> str:
    """Return the suffix of a name in lower case, with the dot."""
    return os.path.splitext(name)[1].lower()


def folded(name: str) -> str:
    """Return what two spellings of a name share: systems differ in case and in how accents are written."""
    return name.lower() if name.isascii() else unicodedata.normalize("NFC", name).casefold()


def is_list(name: str) -> bool:
    """Tell whether a file speaks of the files of its folder, by its name. Such a list belongs to none."""
    return name.lower() in LISTS


class Names:
    """The files of a folder that companions may belong to, by their names."""

    def __init__(self, names: Iterable[str]) -> None:
        self._spelled: set[str] = set()
        self._whole: dict[str, list[str]] = defaultdict(list)
        self._spelled_stems: dict[str, list[str]] = defaultdict(list)
        self._stems: dict[str, list[str]] = defaultdict(list)
        for name in names:
            stem = os.path.splitext(name)[0]
            self._spelled.add(name)
            note(self._whole[folded(name)], name)
            note(self._spelled_stems[stem], name)
            note(self._stems[folded(stem)], name)

    def called(self, name: str) -> list[str]:
        """Return the files of a name, those that have its very letters before others."""
        return [name] if name in self._spelled else self._whole.get(folded(name), [])

    def with_stem(self, stem: str) -> list[str]:
        """Return the files whose names without suffix are that, those of its very letters before others."""
        return self._spelled_stems.get(stem) or self._stems.get(folded(stem), [])

    def named_in(self, companion: str) -> list[str]:
        """Return the files whose whole names a companion has before two suffixes: NAME.EXT.faces.json."""
        return self.called(os.path.splitext(os.path.splitext(companion)[0])[0])

    def owners(self, companion: str, kind: Kind) -> list[str]:
        """Return the files that a companion belongs to by the common rules: NAME.EXT.xmp, else NAME.xmp."""
        for stem in _stems_for(companion, kind):
            if found := self.called(stem) or self.with_stem(stem):
                return found
        return []


def note(alike: list[str], name: str) -> None:
    """Add a name to those that are alike, unless they are many."""
    if len(alike) < MOST_ALIKE:
        alike.append(name)


def stems_developed(raw: str) -> Iterator[str]:
    """Yield the names, without suffix, of what a camera writes beside a RAW, the likeliest first."""
    stem = os.path.splitext(raw)[0]
    yield stem
    if pixel := _PIXEL_RAW.fullmatch(stem):
        yield from (f"{pixel[1]}{rest}" for rest in (".RAW-01.COVER", ".RAW-01.MP.COVER", ".RAW-01"))
    yield f"{stem}.MP"  # the older Pixels' PXL_1.dng beside PXL_1.MP.jpg
    if stem.lower().endswith(_LUMIA_RAW):
        yield stem[: -len(_LUMIA_RAW)]


def _stems_for(companion: str, kind: Kind) -> Iterator[str]:
    """Yield the names, or names without suffix, of what a companion may belong to, the likeliest first."""
    if kind is Kind.BEFORE:
        yield from _stems_before(companion[: -len(BACKED_UP)])
        return
    stem, suffix = os.path.splitext(companion)
    if kind is Kind.FILM and _OF_PIXEL.fullmatch(suffix.lower()):
        yield companion
    yield stem
    if kind is Kind.FILM and stem.lower().endswith(_REENCODED):
        yield stem[: -len(_REENCODED)]
    if kind is Kind.NOTE and (spoken := _SPOKEN.fullmatch(stem)):
        yield from (f"{letters}{spoken[1]}" for letters in _AS_CANON)
    if kind is Kind.EDITS:
        yield from _stems_edited(stem, suffix.lower())
    if kind in (Kind.EDITS, Kind.FILM) and (apple := _APPLE.fullmatch(stem.lower())):
        # IMG_1234 is the original, IMG_E1234 what was made of it, IMG_O1234 what was done before.
        letters, which, number = stem[:4], apple[2], stem[4 + len(apple[2]) :]
        if which:
            yield letters + number
        if which != "e":
            yield f"{letters}E{number}"


def _stems_before(changed: str) -> Iterator[str]:
    """Yield what a file, of which ExifTool kept the state before, or such a sidecar may belong to."""
    yield changed
    if suffix_of(changed) not in PICTURES and (kind := kind_of(changed)):
        yield from _stems_for(changed, kind)


def _stems_edited(stem: str, suffix: str) -> Iterator[str]:
    if second := _SECOND_EDIT.fullmatch(stem):
        yield "".join(second.groups())
    if stem.lower().endswith(_PROCESSED):
        yield stem[: -len(_PROCESSED)]
    if downloaded := _DOWNLOADED.fullmatch(stem):
        name, its, number = downloaded.groups()
        yield f"{name}{number}{its}"
        yield f"{name}{its}"
    whole = os.path.splitext(stem)[0]
    if suffix_of(stem) not in PICTURES and suffix_of(whole) in PICTURES:  # IMG_1.JPG.gq.xmp
        yield whole
    if suffix == ".spd" and (numbered := _NUMBERED.fullmatch(stem)):
        yield numbered[1]
    if suffix == ".xml" and (record := _RECORD.fullmatch(stem)):
        yield record[1]
    if suffix == ".comask":  # of several masks of a picture
        while "." in stem:
            stem = stem.rpartition(".")[0]
            yield stem
