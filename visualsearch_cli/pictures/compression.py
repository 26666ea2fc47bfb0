"""How the file of a picture was compressed: what its codec may have destroyed."""

from __future__ import annotations

import io
from dataclasses import dataclass
from enum import Enum
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from PIL import Image


class Codec(str, Enum):
    """A kind of loss."""

    NONE = "none"
    JPEG = "jpeg"
    OTHER = "other"  # WebP, AVIF, HEIC, JPEG 2000: lossy, and their settings cannot be read off


@dataclass(frozen=True, slots=True)
class Compression:
    """What is known of the loss in a file."""

    codec: Codec
    luma: tuple[int, ...] = ()  # quantization steps of a JPEG, 64 in rows, ITU-T T.81
    chroma: tuple[int, ...] = ()
    halved: bool = True  # JPEG: colour has half the resolution, along one side at least
    few_colors: bool = False  # a palette of 256 at most

    @property
    def coarseness(self) -> float:
        """How much is lost, to put two files in order: 0 is nothing."""
        if self.codec is Codec.JPEG:
            return 10 + sum(self.luma) / len(self.luma)
        return 20.0 if self.codec is Codec.OTHER else float(self.few_colors)


LOSSLESS = Compression(Codec.NONE)
_LOSSLESS_FORMATS = {"PNG", "GIF", "BMP", "DIB", "PPM"}


def compression_of(data: bytes) -> Compression:
    """Return how the contents of an image file are compressed. What cannot be told counts as lossy."""
    from PIL import Image  # late: who only names a compression needs no decoder

    from visualsearch_cli.pictures.pillow import formats_of

    try:
        with Image.open(io.BytesIO(data), formats=formats_of(data)) as image:
            return _compression(image, data)
    except Exception:  # noqa: BLE001 - on damaged data, plugins raise nearly anything
        return Compression(Codec.OTHER)


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
    if image.format in _LOSSLESS_FORMATS or (image.format == "WEBP" and data[12:16] == b"VP8L"):
        return LOSSLESS
    if image.format == "TIFF" and "jpeg" not in str(image.info.get("compression", "")):
        return LOSSLESS
    return Compression(Codec.OTHER)
