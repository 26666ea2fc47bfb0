"""Addresses of objects, such as s3://photos/2024/a.jpg: they stand for the paths of files on no disk."""

from __future__ import annotations

import re

SCHEME = "s3://"

_BUCKET = re.compile(r"[A-Za-z0-9][A-Za-z0-9._-]{1,62}")


def is_object(path: str) -> bool:
    """Tell whether a path is the address of objects."""
    return path.startswith(SCHEME)


def is_plain_object(path: str) -> bool:
    """Tell whether an address could be the path of a file: no part of its key is empty or leads elsewhere."""
    parts = path.removeprefix(SCHEME).split("/")
    return is_object(path) and "\0" not in path and not {"", ".", ".."} & set(parts)


def object_given(text: str) -> str:
    """Return the address that a user typed, without a slash at its end. Raises ValueError."""
    address = text.rstrip("/") if text.rstrip("/") != SCHEME.rstrip("/") else SCHEME
    bucket = address.removeprefix(SCHEME).partition("/")[0]
    if "@" in bucket or ":" in bucket:
        raise ValueError(
            f"{SCHEME}…{bucket.rpartition('@')[2]} holds credentials: they come from the environment, as "
            "$AWS_ACCESS_KEY_ID, or from the settings of the client"
        )
    if not _BUCKET.fullmatch(bucket) or not is_plain_object(address):
        raise ValueError(f"{text} is no {SCHEME}BUCKET or {SCHEME}BUCKET/FOLDER")
    return address
