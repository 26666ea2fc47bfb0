"""Contents and files as they travel: without ids, which mean something in one catalog alone."""

from __future__ import annotations

import hashlib
import os
import struct
from typing import TYPE_CHECKING

from visualsearch_cli.named_tuples import NamedTuple

if TYPE_CHECKING:
    import numpy as np
    import numpy.typing as npt


class CarriedContent(NamedTuple):
    """A content, the vector of its full frame, and what a search filters by. What is not known is empty."""

    hash: bytes
    width: int
    height: int
    format: str
    vector: npt.NDArray[np.float32]  # shape (dim,), of unit length
    size: int = 0  # bytes; 0 where nobody has looked yet what its files say
    captured: str = ""  # ISO 8601, local time
    camera: str = ""  # maker and model, in lower case
    latitude: float | None = None  # degrees, WGS 84
    longitude: float | None = None


class CarriedFile(NamedTuple):
    """A file that is or was there, or could not be used."""

    root: str  # the absolute path of its root, as its writer calls it
    relpath: bytes  # below the root, "/" between the parts
    size: int
    mtime_ns: int
    content: bytes | None  # its hash; None: the file was skipped
    missing: bool = False
    reason: str | None = None  # why it was skipped

    @property
    def key(self) -> str:
        """What it is known by, whoever writes it: 64 hexadecimal digits of root and path."""
        return hashlib.sha256(os.fsencode(self.root) + b"\0" + self.relpath).hexdigest()

    @property
    def state(self) -> str:
        """All else that is known of it, in 32 hexadecimal digits: equal states need not be written again.
        Of a reason the beginning counts, which a store may cut off."""
        numbers = struct.pack("<qq?", self.size, self.mtime_ns, self.missing)
        what = self.content or (self.reason or "")[:100].encode("utf-8", "replace")
        return hashlib.sha256(numbers + (b"c" if self.content else b"s") + what).hexdigest()[:32]
