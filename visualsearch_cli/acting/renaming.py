"""Renames that overwrite nothing, in one step where the system has such a call."""

from __future__ import annotations

import ctypes
import errno
import os
import sys
from functools import cache
from pathlib import Path
from typing import Any

AT_FDCWD = -100  # linux/fcntl.h
RENAME_NOREPLACE = 1  # linux/fs.h
RENAME_EXCL = 4  # sys/stdio.h of macOS

# What file systems answer that know no such call: most of those over FUSE, NFS, SMB.
UNKNOWN = {errno.EINVAL, errno.ENOSYS, errno.ENOTSUP, errno.EOPNOTSUPP, errno.EPERM}


def rename_exclusively(source: Path, destination: Path) -> None:
    """Give a file another name, if nothing has that name.

    Where no call does both, the name is looked for right before. Raises OSError.
    """
    if os.name == "nt":
        os.rename(source, destination)  # there, it never overwrites
        return
    if (call := _call()) is not None:
        if call(source, destination) == 0:
            return
        number = ctypes.get_errno()
        if number not in UNKNOWN:
            raise OSError(number, os.strerror(number), str(source), None, str(destination))
    if os.path.lexists(destination):
        raise FileExistsError(errno.EEXIST, os.strerror(errno.EEXIST), str(destination))
    os.rename(source, destination)


@cache
def _call() -> Any:
    """Return what renames by two paths and returns 0 if it did, None where there is nothing of the kind."""
    library = ctypes.CDLL(None, use_errno=True)
    encoded = os.fsencode
    if sys.platform == "linux" and hasattr(library, "renameat2"):  # glibc 2.28, musl 1.2.6
        number = ctypes.c_uint(RENAME_NOREPLACE)
        return lambda a, b: library.renameat2(AT_FDCWD, encoded(a), AT_FDCWD, encoded(b), number)
    if sys.platform == "darwin" and hasattr(library, "renamex_np"):
        return lambda a, b: library.renamex_np(encoded(a), encoded(b), ctypes.c_uint(RENAME_EXCL))
    return None
