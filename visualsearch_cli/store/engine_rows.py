"""Rows of the engine: its fields, and how paths and hashes stand in them.

An engine's texts are Unicode, and paths are bytes: a byte that is no text is written \\xNN, a backslash
twice. Nothing that anybody typed, or named a file, goes into an expression of the engine: places are asked
for by digests.
"""

from __future__ import annotations

import hashlib
import os
import re
from typing import Any

import numpy as np

from visualsearch_cli.errors import IndexCorrupt
from visualsearch_cli.index.carried.carried_rows import CarriedContent, CarriedFile
from visualsearch_cli.index.records import Filter
from visualsearch_cli.wording import printable

UNKNOWN = 999.0  # the latitude of what was taken nobody knows where: some engines have no null
ROOT, IMAGE, SKIPPED = 0, 1, 2  # kinds of rows of files
DIGEST = 16  # hexadecimal digits of a place
MOST_FOLDERS = 128  # above a file that are written down; a deeper one is found by those
MOST_REASON = 200  # characters
MOST_TEXT = 16_400  # bytes of a text: of a path of 4,096, each of which may be written as four

CONTENT_FIELDS = ("hash", "width", "height", "format", "size", "captured", "camera", "latitude", "longitude")
FILE_FIELDS = ("root", "relpath", "size", "mtime_ns", "content", "missing", "reason", "kind")

_PLAIN = re.compile(r"[a-z0-9 .-]+")
_ESCAPED = re.compile(r"\\(\\|x[0-9a-f]{2})")


def text_of(raw: bytes) -> str:
    """Return bytes as a text that gives them back."""
    text = raw.decode("utf-8", "surrogateescape").replace("\\", "\\\\")
    return "".join(f"\\x{ord(c) - 0xDC00:02x}" if 0xDC80 <= ord(c) <= 0xDCFF else c for c in text)


def bytes_of(text: str) -> bytes:
    """Return the bytes that `text_of` was given."""

    def meant(match: re.Match[str]) -> str:
        found = match.group(1)
        return "\\" if found == "\\" else chr(0xDC00 + int(found[1:], 16))

    return _ESCAPED.sub(meant, text).encode("utf-8", "surrogateescape")


def digest_of_place(root: str, relpath: bytes) -> str:
    """Return what a folder or file is asked for by: the empty path is the root itself."""
    return hashlib.sha256(os.fsencode(root) + b"\0" + relpath).hexdigest()[:DIGEST]


def content_row(content: CarriedContent) -> dict[str, Any]:
    """Return the row of a content."""
    return {
        "hash": content.hash.hex(),
        "vector": content.vector.astype(np.float32).tolist(),
        "width": content.width,
        "height": content.height,
        "format": content.format,
        "size": content.size,
        "captured": content.captured,
        "camera": content.camera.encode("utf-8", "replace")[:1000].decode("utf-8", "ignore"),
        "latitude": UNKNOWN if content.latitude is None else content.latitude,
        "longitude": UNKNOWN if content.longitude is None else content.longitude,
    }


def content_of(row: dict[str, Any]) -> CarriedContent:
    """Return the content of a row. Raises IndexCorrupt for one that is none."""
    try:
        latitude, longitude = (
            None if row[name] >= UNKNOWN else float(row[name]) for name in ("latitude", "longitude")
        )
        content = CarriedContent(
            bytes.fromhex(row["hash"]),
            int(row["width"]),
            int(row["height"]),
            str(row["format"]),
            np.array(row["vector"], np.float32),
            int(row["size"]),
            str(row["captured"]),
            str(row["camera"]),
            latitude,
            longitude,
        )
    except (KeyError, TypeError, ValueError) as error:
        raise _strange("content", row, error) from error
    if content.width < 1 or content.height < 1 or content.size < 0 or len(content.hash) != 32:
        raise _strange("content", row, ValueError("its numbers are not those of a picture"))
    return content


def file_row(file: CarriedFile) -> dict[str, Any]:
    """Return the row of a file."""
    parts = file.relpath.split(b"/")
    above = [b"/".join(parts[:end]) for end in range(len(parts))][:MOST_FOLDERS]
    return {
        "key": file.key,
        "root": text_of(os.fsencode(file.root)),
        "relpath": text_of(file.relpath),
        "folders": [digest_of_place(file.root, folder) for folder in above],
        "kind": SKIPPED if file.content is None else IMAGE,
        "content": "" if file.content is None else file.content.hex(),
        "size": file.size,
        "mtime_ns": file.mtime_ns,
        "missing": file.missing,
        "reason": (file.reason or "")[:MOST_REASON].encode("utf-8", "replace").decode("utf-8"),
        "none": [0.0, 0.0],
    }


def root_row(root: str) -> dict[str, Any]:
    """Return the row that says that there is such a root."""
    row = file_row(CarriedFile(root, b"", 0, 0, None))
    return row | {"folders": [], "kind": ROOT}


def file_of(row: dict[str, Any]) -> CarriedFile:
    """Return the file of a row. Raises IndexCorrupt for one that is none, or that leads out of its root."""
    try:
        root, relpath = os.fsdecode(bytes_of(row["root"])), bytes_of(row["relpath"])
        file = CarriedFile(
            root,
            relpath,
            int(row["size"]),
            int(row["mtime_ns"]),
            bytes.fromhex(row["content"]) or None,
            bool(row["missing"]),
            str(row["reason"]) if row["kind"] == SKIPPED else None,
        )
    except (KeyError, TypeError, ValueError) as error:
        raise _strange("file", row, error) from error
    # Anybody who writes to the engine says what it knows, and files are opened by it.
    if b"\0" in relpath or any(part in (b"", b".", b"..") for part in relpath.split(b"/")):
        raise _strange("file", row, ValueError("its path leads out of its root"))
    return file


def expression_of(filter: Filter) -> str:
    """Return the conditions that an engine can check, as its language has them. They let through all that the
    filter does, and some more."""
    terms = []
    if filter.min_width:
        terms.append(f"width >= {filter.min_width}")
    if filter.formats and all(name.isalnum() for name in filter.formats):
        terms.append(f"format in [{', '.join(map(_quoted, filter.formats))}]")
    if filter.after:
        terms.append(f"captured >= {_quoted(filter.after)}")
    if filter.before:
        terms.append(f'captured < {_quoted(filter.before)} and captured != ""')
    if filter.cameras and all(map(_PLAIN.fullmatch, filter.cameras)):
        terms.append("(" + " or ".join(f'camera like "%{text}%"' for text in filter.cameras) + ")")
    if filter.near is not None:
        high = filter.near.kilometers / 111.0 + 0.01
        low, top = filter.near.latitude - high, min(filter.near.latitude + high, 90.5)
        terms.append(f"latitude >= {low:.6f} and latitude <= {top:.6f}")
    return " and ".join(terms)


def _quoted(text: str) -> str:
    return '"' + text.replace("\\", "\\\\").replace('"', '\\"') + '"'


def _strange(what: str, row: dict[str, Any], error: Exception) -> IndexCorrupt:
    shown = printable(str({key: row[key] for key in row if key != "vector"}))[:200]
    return IndexCorrupt(f"the store holds a row that is no {what} ({error}): {shown}")
