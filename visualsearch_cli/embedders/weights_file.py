"""Weights in a file that the user names."""

from __future__ import annotations

from functools import lru_cache
from pathlib import Path

from visualsearch_cli.errors import ModelUnavailable

CHUNK = 1 << 20  # bytes


def weights_id(path: Path) -> str:
    """Return "sha256:<hex>" of a file, read once as long as its size and mtime stay the same.

    Raises ModelUnavailable if it cannot be read.
    """
    try:
        status = path.stat()
        return _sha256(path, status.st_size, status.st_mtime_ns)
    except OSError as error:
        raise ModelUnavailable(
            f"cannot read the weights {path} ({error.strerror}): pass --weights FILE with one that is there"
        ) from error


@lru_cache(maxsize=8)
def _sha256(path: Path, _size: int, _mtime_ns: int) -> str:
    import hashlib  # a model that comes with the package needs none, and OpenSSL takes a while to load

    digest = hashlib.sha256()
    with path.open("rb") as file:
        while chunk := file.read(CHUNK):
            digest.update(chunk)
    return f"sha256:{digest.hexdigest()}"
