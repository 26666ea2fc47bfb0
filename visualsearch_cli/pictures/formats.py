"""File name suffixes worth opening, and what the files say. No Pillow here: the folder scanner must be quick
to load."""

from __future__ import annotations

from datetime import datetime
from enum import Enum

from visualsearch_cli.named_tuples import NamedTuple

PICTURE_EXTENSIONS = frozenset(
    [
        ".jpg",
        ".jpeg",
        ".jpe",
        ".jfif",
        ".mpo",
        ".insp",  # Insta360: both fisheyes in one JPEG
        ".jps",  # both eyes side by side in one JPEG
        ".png",
        ".apng",
        ".webp",
        ".gif",
        ".bmp",
        ".dib",
        ".tif",
        ".tiff",
        ".avif",
        ".avifs",
        ".jxl",
        ".psd",
        ".jp2",
        ".j2k",
        ".j2c",
        ".jpc",
        ".jpf",
        ".jpx",
        ".ppm",
        ".pgm",
        ".pbm",
        ".pnm",
        ".heic",
        ".heif",
        ".heics",
        ".heifs",
        ".hif",
    ]
)
"""In lower case, with the dot. HEIC, JPEG XL and RAW count even where their reader is not installed: a file
that is named as skipped is better than a phone's photographs that are passed over without a word."""

RAW_EXTENSIONS = frozenset(
    [
        ".3fr",
        ".arw",
        ".cr2",
        ".cr3",
        ".crw",
        ".dcr",
        ".dng",
        ".erf",
        ".fff",
        ".gpr",
        ".iiq",
        ".k25",
        ".kdc",
        ".mef",
        ".mos",
        ".mrw",
        ".nef",
        ".nrw",
        ".orf",
        ".pef",
        ".raf",
        ".raw",
        ".rw2",
        ".rwl",
        ".sr2",
        ".srf",
        ".srw",
        ".x3f",
    ]
)
"""What cameras call the sensor's own data, in lower case, with the dot."""

EXTENSIONS = PICTURE_EXTENSIONS | RAW_EXTENSIONS - {".raw"}
"""What a folder is searched for. ".raw" is mostly a disk image of many gigabytes, where it is not a picture:
such a file is read only where it is named itself."""

RAW = "RAW"
"""The format of all pictures of RAW files, whoever made the camera."""

FORMATS = frozenset(f"AVIF BMP DIB GIF HEIF JPEG JPEG2000 JXL MPO PNG PPM PSD {RAW} TIFF WEBP".split())
"""What the format of a picture may be: the names of Pillow, and one for all RAW files."""

RAW_COMPANY = frozenset([".jpg", ".jpeg", ".heic", ".heif", ".hif", ".tif", ".tiff", ".insp"])
"""What cameras, and programs that develop a RAW, write beside it under the same name: both are one shot."""


class Codec(str, Enum):
    """A kind of loss."""

    NONE = "none"
    JPEG = "jpeg"
    OTHER = "other"  # WebP, AVIF, HEIC, JPEG 2000: lossy, and their settings cannot be read off


class Compression(NamedTuple):
    """What is known of the loss in a file."""

    codec: Codec
    luma: tuple[int, ...] = ()  # quantization steps of a JPEG, 64 in rows, ITU-T T.81
    chroma: tuple[int, ...] = ()
    halved: bool = True  # JPEG: colour has half the resolution, along one side at least
    few_colors: bool = False  # a palette of 256 at most
    avif: bool = False  # OTHER: that is AV1, whose loss is like no other's

    @property
    def coarseness(self) -> float:
        """How much is lost, to put two files in order: 0 is nothing."""
        if self.codec is Codec.JPEG:
            return 10 + sum(self.luma) / len(self.luma)
        return 20.0 if self.codec is Codec.OTHER else float(self.few_colors)


LOSSLESS = Compression(Codec.NONE)


class Capture(NamedTuple):
    """What EXIF says of how a picture was taken. Empty or None: it does not say."""

    camera: tuple[str, str, str]  # make, model, serial number of the body
    time: datetime | None = None  # of the original, as its camera's clock had it
    subsecond: str = ""  # digits
    exposure: tuple[float, ...] = ()  # seconds, f-number, sensitivity

    def is_another_than(self, other: Capture) -> str:
        """Return why two pictures are two shots of one camera, in words; nothing if EXIF does not say so.

        Clocks are set by whole hours, and dates are edited, so these alone say nothing.
        """
        if self.camera != other.camera or not any(self.camera):
            return ""
        if self.exposure and other.exposure and self.exposure != other.exposure:
            return "other exposures"
        if self.time is None or other.time is None:
            return ""
        if abs((self.time - other.time).total_seconds()) % 3600:
            return "other times"
        if self.subsecond and other.subsecond and self.subsecond != other.subsecond:
            return "other fractions of a second"
        return ""


UNKNOWN_CAPTURE = Capture(("", "", ""))
