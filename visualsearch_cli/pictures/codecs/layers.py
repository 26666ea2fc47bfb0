"""Photoshop's files: the picture of all layers merged, if there is one, and how many layers there are.

Source: Adobe Photoshop File Formats Specification (image resources, layer and mask information), and Adobe
Photoshop TIFF Technical Notes (ImageSourceData).
"""

from __future__ import annotations

import io
import struct
from typing import Any

from PIL import Image

from visualsearch_cli.errors import ImageUnreadable

LAYERED = "PSD"
_DOCUMENT = 37724  # tag of TIFF: ImageSourceData
_DOCUMENT_HEAD = b"Adobe Photoshop Document Data Block\0"
_LAYER_BLOCKS = (b"Layr", b"Lr16", b"Lr32")  # of 8, 16 and 32 bits a channel
_VERSION_INFO = 1057  # image resource: a version, and whether there is a merged picture


def layers_of(image: Image.Image) -> int:
    """Return how many layers an opened PSD has, 0 for the background alone."""
    return len(getattr(image, "layers", ()))


def layers_of_tiff(image: Image.Image) -> int:
    """Return how many layers Photoshop, or a program like it, put into an opened TIFF beside its picture."""
    block = getattr(image, "tag_v2", {}).get(_DOCUMENT, b"")
    if not isinstance(block, bytes) or not block.startswith(_DOCUMENT_HEAD):
        return 0
    at = len(_DOCUMENT_HEAD)
    while at + 12 <= len(block):
        order = ">" if block[at : at + 4] == b"8BIM" else "<"
        kind = block[at + 4 : at + 8] if order == ">" else block[at + 7 : at + 3 : -1]
        (size,) = struct.unpack_from(f"{order}I", block, at + 8)
        at += 12
        if kind in _LAYER_BLOCKS and at + 2 <= len(block):
            count: int = struct.unpack_from(f"{order}h", block, at)[0]
            return abs(count)
        at += size + -size % 4
    return 0


def merged(image: Image.Image) -> Image.Image:
    """Return an opened PSD, or raise ImageUnreadable if it holds no merged picture.

    A fourth channel is transparency only where the layers say so, with a count below zero. Else it is a
    selection that somebody kept, which Pillow would take for transparency.
    """
    opened: Any = image
    for number, _, contents in opened.resources:
        if number == _VERSION_INFO and len(contents) > 4 and not contents[4]:
            raise ImageUnreadable(
                "a PSD without a merged picture: save it in Photoshop with compatibility maximized"
            )
    if not opened.tile:
        raise ImageUnreadable("a PSD whose merged picture is compressed in a way that Pillow cannot read")
    if image.mode == "RGBA" and not _has_merged_transparency(opened):
        opened._mode = "RGB"
        opened.tile = opened.tile[:3]
    return image


def _has_merged_transparency(opened: Any) -> bool:
    position = opened._layers_position
    if position is None:
        return False
    stream: io.BytesIO = opened._fp
    before = stream.tell()
    stream.seek(position)
    count = stream.read(2)
    stream.seek(before)
    return len(count) == 2 and struct.unpack(">h", count)[0] < 0
