"""What a native library writes to the terminal behind our back.

LibRaw writes a line for each fault that it finds in a sensor's data, and goes on; rawpy cannot forbid it.
"""

from __future__ import annotations

import os
import re
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from threading import Lock

_STDERR = 2
_OF_LIBRAW = re.compile(rb"^[^\n]*: (data corrupted at -?\d+|[Uu]nexpected end of file)\n?", re.MULTILINE)

_one = Lock()
"""What is written belongs to no thread, so one of them listens at a time."""


@contextmanager
def faults_heard() -> Iterator[list[str]]:
    """Give a list that holds, at the end, what LibRaw wrote meanwhile. All else is passed on."""
    faults: list[str] = []
    with _one:
        try:
            kept = os.dup(_STDERR)
        except OSError:  # it is closed: nothing can be written to it
            yield faults
            return
        with tempfile.TemporaryFile() as heard:
            os.dup2(heard.fileno(), _STDERR)
            try:
                yield faults
            finally:
                os.dup2(kept, _STDERR)
                os.close(kept)
                heard.seek(0)
                written = heard.read()
                faults += [fault.decode() for fault in _OF_LIBRAW.findall(written)]
                if rest := _OF_LIBRAW.sub(b"", written):
                    os.write(_STDERR, rest)
