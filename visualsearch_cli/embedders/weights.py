"""Weights of models: a file of the user's, or on huggingface.co: its local cache, and downloads to it.

Imports no torch, and what speaks to the network only to speak to it.
"""

from __future__ import annotations

import os
import stat
from functools import lru_cache
from pathlib import Path

from visualsearch_cli.errors import ModelUnavailable

TIMEOUT = 5  # seconds to reach the hub before it is given up
PROJECTION = "projection.model"  # in the folder of an index: what makes its vectors shorter, see `projection`

_SAFE = "open_clip_model.safetensors"
_TORCH = "open_clip_pytorch_model.bin"


def cached_file(location: str) -> Path | None:
    """Return the weights of a location of open_clip, "ORG/REPOSITORY/[FILE]", if they are here.

    Looks where HF_HUB_CACHE or HF_HOME says, as huggingface_hub does.
    """
    from huggingface_hub import try_to_load_from_cache

    repository, candidates = _parse(location)
    for candidate in candidates:
        found = try_to_load_from_cache(repository, candidate)
        if isinstance(found, str):
            return Path(found)
    return None


def fetch(location: str, name: str) -> Path:
    """Return the weights of a location, downloaded if need be. `name` is what the user calls them.

    Raises ModelUnavailable, within seconds if there is no way to the hub.
    """
    found = cached_file(location)
    if found is not None:
        return found
    repository, candidates = _parse(location)
    page = f"https://huggingface.co/{repository}"
    remedy = f"download them from {page} on another machine and pass --weights FILE"
    if os.environ.get("HF_HUB_OFFLINE", "").upper() in {"1", "ON", "YES", "TRUE"}:
        raise ModelUnavailable(
            f"the weights of {name} are not on this machine, and HF_HUB_OFFLINE is set: unset it, or {remedy}"
        )
    trouble = _unreachable()
    if trouble:
        raise ModelUnavailable(
            f"the weights of {name} are not on this machine, and the hub cannot be reached ({trouble}): "
            f"connect and try again, or {remedy}"
        )
    try:
        return _download(repository, candidates)
    except Exception as error:
        raise ModelUnavailable(
            f"cannot download the weights of {name} ({_first_line(error)}): try again, or {remedy}"
        ) from error


def _parse(location: str) -> tuple[str, list[str]]:
    """Return the repository and the files that may hold the weights, those without pickle first."""
    repository, _, file = location.rpartition("/")
    if not file:
        return repository, [_SAFE, _TORCH]
    return repository, list(dict.fromkeys([f"{Path(file).stem}.safetensors", file]))


def _unreachable() -> str | None:
    """Return why the hub cannot be reached, or None.

    huggingface_hub itself would retry for half a minute, for each candidate.
    """
    import ssl
    from urllib.error import HTTPError, URLError
    from urllib.request import Request, urlopen

    from huggingface_hub.constants import ENDPOINT

    try:
        urlopen(Request(ENDPOINT, method="HEAD"), timeout=TIMEOUT).close()
    except HTTPError:
        return None  # someone answered
    except URLError as error:
        # The hub's client has certificates of its own.
        return None if isinstance(error.reason, ssl.SSLError) else _first_line(error.reason)
    except OSError as error:
        return _first_line(error)
    return None


def _download(repository: str, candidates: list[str]) -> Path:
    from huggingface_hub import hf_hub_download
    from huggingface_hub.errors import EntryNotFoundError, LocalEntryNotFoundError

    for candidate in candidates[:-1]:
        try:
            return Path(hf_hub_download(repository, candidate))
        except LocalEntryNotFoundError:  # a kind of EntryNotFoundError, but about the connection
            raise
        except EntryNotFoundError:
            continue
    return Path(hf_hub_download(repository, candidates[-1]))


def _first_line(error: object) -> str:
    if isinstance(error, OSError) and error.strerror:
        return error.strerror
    return (str(error).strip() or type(error).__name__).splitlines()[0]


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
            f"cannot read the weights {path} ({error.strerror}): pass --weights FILE with a file that exists"
        ) from error


@lru_cache(maxsize=8)
def _sha256(path: Path, _size: int, _mtime_ns: int) -> str:
    import hashlib  # a model that comes with the package needs none, and OpenSSL takes a while to load

    digest = hashlib.sha256()
    with path.open("rb") as file:
        while chunk := file.read(CHUNK):
            digest.update(chunk)
    return f"sha256:{digest.hexdigest()}"


def projection_in(folder: Path, id: str) -> Path | None:
    """Return the projection in the folder of an index, if it is the one with this id, and no link.

    It is numbers and no program, so it may come from where the index comes. But nobody named it: it must not
    be remembered as weights that the user did.
    """
    path = folder / PROJECTION
    try:
        is_there = stat.S_ISREG(os.lstat(path).st_mode) and weights_id(path) == id
    except (OSError, ModelUnavailable):
        return None
    return path if is_there else None
