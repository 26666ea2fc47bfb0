"""Small pictures that were made before, on the disk of the user, with a bound."""

from __future__ import annotations

import os
from contextlib import suppress
from pathlib import Path
from threading import Lock

from visualsearch_cli.atomic import CREATE, is_temporary, temporary_name

MOST_BYTES = 512 << 20
SPARE = 0.9  # of it is left when it is full: to look through the folder costs more than one picture
ROUND = 256  # pictures that are written between two looks at how much there is


class PictureCache:
    """Keeps WebP pictures by a name of hexadecimal digits and dashes. Any number of processes share it.

    Nothing goes wrong if it cannot be used: then each picture is made again.
    """

    def __init__(self, folder: Path, most_bytes: int = MOST_BYTES) -> None:
        self._folder = folder
        self._most_bytes = most_bytes
        self._written = 0
        self._lock = Lock()

    def get(self, name: str) -> bytes | None:
        """Return a picture, and note that it was asked for."""
        path = self._path(name)
        try:
            data = path.read_bytes()
            os.utime(path)
        except OSError:
            return None
        return data if _is_whole(data) else None

    def put(self, name: str, data: bytes) -> None:
        """Keep a picture."""
        path = self._path(name)
        with suppress(OSError):
            path.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
            temporary = path.with_name(temporary_name())
            # Nothing waits until it is on the disk: what a power failure tears is made again.
            with os.fdopen(os.open(temporary, CREATE, 0o600), "wb") as stream:
                stream.write(data)
            os.replace(temporary, path)
        with self._lock:
            self._written += 1
            is_due = self._written % ROUND == 1
        if is_due:
            self.trim()

    def trim(self) -> None:
        """Delete what was not asked for the longest, until it fits."""
        found: list[tuple[int, int, str]] = []
        for folder, _, names in os.walk(self._folder):
            for name in names:
                with suppress(OSError):
                    path = os.path.join(folder, name)
                    state = os.stat(path)
                    if not is_temporary(name):
                        found.append((state.st_mtime_ns, state.st_size, path))
        held = sum(size for _, size, _ in found)
        if held <= self._most_bytes:
            return
        for _, size, path in sorted(found):
            if held <= SPARE * self._most_bytes:
                break
            with suppress(OSError):
                os.unlink(path)
            held -= size

    def _path(self, name: str) -> Path:
        return self._folder / name[:2] / name


def _is_whole(data: bytes) -> bool:
    """Tell whether a WebP has as many bytes as its head says (RFC 9649, 2.3)."""
    return data[:4] == b"RIFF" and int.from_bytes(data[4:8], "little") + 8 == len(data)
