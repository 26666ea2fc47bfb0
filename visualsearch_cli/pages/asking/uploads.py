"""Pictures that were dropped onto the page, pasted, or chosen in a form, to be asked with."""

from __future__ import annotations

import re
import secrets
import tempfile
from collections import OrderedDict
from pathlib import Path
from threading import Lock

from visualsearch_cli.atomic import CREATE

MOST = 16  # that are there at a time: who goes back in the browser asks again with an earlier one
ID = re.compile("[0-9a-f]{16}")
_BOUNDARY = re.compile(r'boundary="?([0-9A-Za-z\'()+_,./:=? -]{1,70})"?', re.IGNORECASE)


class Uploads:
    """Keeps the last few pictures in a folder that only this user can read; it goes with `close`."""

    def __init__(self) -> None:
        self._folder: tempfile.TemporaryDirectory[str] | None = None
        self._known: OrderedDict[str, Path] = OrderedDict()
        self._lock = Lock()

    def keep(self, data: bytes) -> str:
        """Keep a picture, whatever it is, under a name of ours; return that."""
        import os

        with self._lock:
            if self._folder is None:
                self._folder = tempfile.TemporaryDirectory(prefix="visualsearch-")
            name = secrets.token_hex(8)
            path = Path(self._folder.name, name)
            with os.fdopen(os.open(path, CREATE, 0o600), "wb") as stream:
                stream.write(data)
            self._known[name] = path
            while len(self._known) > MOST:
                self._known.popitem(last=False)[1].unlink(missing_ok=True)
        return name

    def path(self, name: str) -> Path | None:
        """Return where a picture is; None if it is no more."""
        with self._lock:
            return self._known.get(name)

    def close(self) -> None:
        """Delete them."""
        with self._lock:
            self._known.clear()
            if self._folder is not None:
                self._folder.cleanup()
                self._folder = None


def file_of_form(kind: str, body: bytes) -> bytes:
    """Return the first file of a form (RFC 7578), given its media type; nothing if there is none.

    A body of another type is the file itself, as a script sends it.
    """
    if not kind.lower().startswith("multipart/form-data"):
        return body
    found = _BOUNDARY.search(kind)
    if found is None:
        return b""
    for part in (b"\r\n" + body).split(b"\r\n--" + found[1].encode("ascii")):
        head, parted, data = part.partition(b"\r\n\r\n")
        if parted and b"filename=" in head.lower():
            return data
    return b""
