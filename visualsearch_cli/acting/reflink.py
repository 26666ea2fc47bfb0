"""Clones: files that share their blocks until one is written to (Btrfs, XFS, bcachefs, OCFS2; APFS)."""

from __future__ import annotations

import ctypes
import errno
import os
import sys
from pathlib import Path

FICLONE = 0x40049409  # _IOW(0x94, 9, int) of linux/fs.h; another number on MIPS, PowerPC and SPARC
CLONE_NOFOLLOW = 1  # sys/clonefile.h
CANNOT = (errno.EOPNOTSUPP, errno.ENOTSUP, errno.ENOTTY, errno.EINVAL, errno.ENOSYS)


def clone_file(source: Path, destination: Path) -> None:
    """Make a new file that shares its blocks with another. The destination must not exist.

    Raises OSError with ENOTSUP and a reason if the system or the file system cannot.
    """
    try:
        if sys.platform == "linux":
            _clone_on_linux(source, destination)
        elif sys.platform == "darwin":
            _clone_on_macos(source, destination)
        else:
            raise OSError(errno.ENOTSUP, "this system cannot")
    except OSError as error:
        if error.errno in CANNOT:
            reason = (
                "this file system cannot share blocks between files, use --trash, --move-to or, if it has "
                "hard links, --hardlink"
            )
            raise OSError(errno.ENOTSUP, reason) from error
        raise


def _clone_on_linux(source: Path, destination: Path) -> None:
    from fcntl import ioctl  # there is none on Windows

    original = os.open(source, os.O_RDONLY | os.O_NOFOLLOW)
    try:
        clone = os.open(destination, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
        try:
            ioctl(clone, FICLONE, original)
        except OSError:
            os.unlink(destination)
            raise
        finally:
            os.close(clone)
    finally:
        os.close(original)


def _clone_on_macos(source: Path, destination: Path) -> None:
    library = ctypes.CDLL(None, use_errno=True)
    if library.clonefile(os.fsencode(source), os.fsencode(destination), ctypes.c_uint32(CLONE_NOFOLLOW)) != 0:
        number = ctypes.get_errno()
        raise OSError(number, os.strerror(number), str(destination))
