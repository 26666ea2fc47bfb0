"""Files that are there whole or not at all, and names that last."""

from __future__ import annotations

import errno
import os
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

from visualsearch_cli.errors import VisualSearchError


@contextmanager
def written_whole(path: Path) -> Iterator[Path]:
    """Give another name to write to; the file is renamed when it is whole, and deleted if it is not."""
    partial = path.with_name(path.name + ".new")
    try:
        yield partial
        with partial.open("r+b") as stream:
            os.fsync(stream.fileno())  # before the name: else a power cut could leave the name of nothing
        partial.replace(path)
    except OSError as error:
        raise VisualSearchError(f"{path} cannot be written: {error.strerror or error}") from error
    finally:
        with suppress(OSError):
            partial.unlink(missing_ok=True)


def sync_folder(folder: Path) -> None:
    """Let a change of names in a folder survive a power failure, where the system can say so."""
    if os.name == "nt":
        return  # folders cannot be opened there
    handle = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(handle)
    except OSError as error:
        if error.errno not in (errno.EINVAL, errno.ENOTSUP, errno.EBADF):  # some network shares cannot
            raise
    finally:
        os.close(handle)
