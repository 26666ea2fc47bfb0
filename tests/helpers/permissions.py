"""Permissions that bind whoever runs the tests, also root."""

from __future__ import annotations

import ctypes
import os
import sys
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from typing import TypeVar

import pytest

Result = TypeVar("Result")

# See capget(2) and capabilities(7).
VERSION_3 = 0x20080522
POWERS = 1 << 1 | 1 << 2  # CAP_DAC_OVERRIDE and CAP_DAC_READ_SEARCH


class _Header(ctypes.Structure):
    _fields_ = (("version", ctypes.c_uint32), ("pid", ctypes.c_int))


class _Sets(ctypes.Structure):
    _fields_ = (
        ("effective", ctypes.c_uint32),
        ("permitted", ctypes.c_uint32),
        ("inheritable", ctypes.c_uint32),
    )


def bound_by_permissions(action: Callable[[], Result]) -> Result:
    """Run something in a thread of its own, which permissions bind; return or raise what it does."""
    if not hasattr(os, "geteuid") or os.geteuid() != 0:
        return action()
    if sys.platform != "linux":
        pytest.skip("permissions do not bind root")

    def bound() -> Result:
        # A thread of Linux gives up powers of its own, and for good: os.access asks what it could take back.
        libc = ctypes.CDLL(None, use_errno=True)
        header, sets = _Header(VERSION_3, 0), (_Sets * 2)()
        if libc.capget(ctypes.byref(header), sets) == 0:
            sets[0].effective &= ~POWERS
            sets[0].permitted &= ~POWERS
            if libc.capset(ctypes.byref(header), sets) == 0:
                return action()
        raise OSError(ctypes.get_errno(), os.strerror(ctypes.get_errno()))

    with ThreadPoolExecutor(1) as thread:
        return thread.submit(bound).result()
