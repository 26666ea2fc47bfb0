"""Does a file say where its picture comes from, signed, so that nobody else can say it in its place?

Content credentials are bound to the bytes of one file. Who saves the picture again loses them, and no sidecar
can hold them for another file. Other programs keep other things in the same boxes (JUMBF).

Source: C2PA Technical Specification 2.1, appendix A (embedding manifests); ISO/IEC 19566-5 (JUMBF).
"""

from __future__ import annotations

import struct

from visualsearch_cli.pictures.held.behind_jpeg import START_OF_JPEG, segments_of
from visualsearch_cli.pictures.held.boxes import places_of
from visualsearch_cli.pictures.held.ends import IN_BOXES, PNG, TIFFS, chunks_of, riff_chunks_of, tags_of

_APP11 = 0xEB
_JUMBF = b"jumb"
_UUID = bytes.fromhex("d8fec3d61b0e483c92975828877ec481")
_TAG = 0xCD41  # of TIFF
_OF_GIF = b"\x21\xff\x0bC2PA_GIF"


def has_credentials(data: bytes) -> bool:
    """Tell whether a file has content credentials, or other contents in JUMBF boxes."""
    try:
        return _has(data)
    except struct.error:  # damaged
        return False


def _has(data: bytes) -> bool:
    if data.startswith(START_OF_JPEG):
        return any(
            marker == _APP11 and data[start : start + 2] == b"JP" and data[start + 12 : start + 16] == _JUMBF
            for marker, start, _ in segments_of(data)
        )
    if data.startswith(PNG):
        return any(kind == b"caBX" for kind, _, _ in chunks_of(data))
    if data.startswith(b"RIFF"):
        return any(kind == b"C2PA" for kind, _, _ in riff_chunks_of(data))
    if data.startswith(b"GIF8"):
        return _OF_GIF in data
    if data.startswith(TIFFS):
        return any(tag == _TAG for tag, _, _, _ in tags_of(data))
    if data[4:8] == b"ftyp" or data.startswith(IN_BOXES):
        return any(
            kind == _JUMBF or (kind == b"uuid" and data[start : start + len(_UUID)] == _UUID)
            for kind, start, _ in places_of(data)
        )
    return False
