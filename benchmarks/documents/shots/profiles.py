"""A color profile wider than sRGB, made of its numbers."""

from __future__ import annotations

import struct
from functools import lru_cache
from io import BytesIO

from PIL import ImageCms

from benchmarks.documents.sheet import Picture

WIDE = {  # Display P3's primaries, adapted to the white of D50, and that white: XYZ
    "rXYZ": (0.51512, 0.24120, -0.00105),
    "gXYZ": (0.29198, 0.69225, 0.04189),
    "bXYZ": (0.15710, 0.06657, 0.78407),
    "wtpt": (0.96420, 1.0, 0.82491),
}
GAMMA = 2.2


@lru_cache(maxsize=1)
def wide_profile() -> bytes:
    """Return an ICC profile (version 2, matrix and curves), as the standard of the International Color
    Consortium lays it out."""
    parts = {name: b"XYZ \0\0\0\0" + b"".join(_fixed(value) for value in xyz) for name, xyz in WIDE.items()}
    curve = b"curv\0\0\0\0" + struct.pack(">IH", 1, round(GAMMA * 256)) + b"\0\0"
    parts |= dict.fromkeys(("rTRC", "gTRC", "bTRC"), curve)
    name = b"Wide\0"
    parts["desc"] = b"desc\0\0\0\0" + struct.pack(">I", len(name)) + name + bytes(12 + 67 + 3)
    parts["cprt"] = b"text\0\0\0\0None\0\0\0\0"
    table, body, start = b"", b"", 128 + 4 + 12 * len(parts)
    for tag, content in parts.items():
        table += tag.encode() + struct.pack(">II", start + len(body), len(content))
        body += content + bytes(-len(content) % 4)
    head = struct.pack(
        ">I4sI4s4s4s12x4s", start + len(body), b"none", 0x02400000, b"mntr", b"RGB ", b"XYZ ", b"acsp"
    )
    head += bytes(68 - len(head)) + b"".join(_fixed(value) for value in WIDE["wtpt"])
    return head + bytes(128 - len(head)) + struct.pack(">I", len(parts)) + table + body


def widened(picture: Picture) -> Picture:
    """Return the picture, of sRGB, with its pixels in the wide profile."""
    source = ImageCms.createProfile("sRGB")
    target = ImageCms.ImageCmsProfile(BytesIO(wide_profile()))
    made = ImageCms.profileToProfile(picture, source, target)
    assert made is not None, "only in place is nothing returned"
    return made


def _fixed(value: float) -> bytes:
    return struct.pack(">i", round(value * 65536))
