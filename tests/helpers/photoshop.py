"""PSD files made of a picture, as Photoshop and others write them."""

from __future__ import annotations

import struct

import numpy as np
from PIL import Image

VERSION_INFO = 1057


def psd(
    picture: Image.Image,
    *,
    fourth: Image.Image | None = None,
    layers: int = 0,
    merged: bool = True,
    transparent: bool = False,
    compression: int = 0,
) -> bytes:
    """Return a PSD of an RGB picture.

    fourth: one more channel, mode L: transparency, if `transparent`, else a selection that was kept.
    layers: how many empty ones there are. merged: whether it says that the picture is all of them merged.
    """
    channels = [np.asarray(picture)[:, :, index] for index in range(3)]
    if fourth is not None:
        channels.append(np.asarray(fourth))
    head = struct.pack(">4sH6xHIIHH", b"8BPS", 1, len(channels), picture.height, picture.width, 8, 3)
    info = struct.pack(">I?", 1, merged) + b"\0" * 9
    resources = b"8BIM" + struct.pack(">HHI", VERSION_INFO, 0, len(info)) + info
    layer = struct.pack(">4IH", 0, 0, 0, 0, 0) + b"8BIMnorm\xff\0\0\0" + struct.pack(">I", 12) + b"\0" * 12
    described = struct.pack(">h", -layers if transparent else layers) + layer * layers if layers else b""
    section = struct.pack(">I", len(described)) + described if layers else b""
    pixels = b"".join(np.ascontiguousarray(channel).tobytes() for channel in channels)
    return b"".join(
        (
            head,
            struct.pack(">I", 0),
            struct.pack(">I", len(resources)) + resources,
            struct.pack(">I", len(section)) + section,
            struct.pack(">H", compression) + pixels,
        )
    )
