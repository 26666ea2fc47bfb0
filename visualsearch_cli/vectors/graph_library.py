"""Is hnswlib here, and does it run on this processor? It is compiled where it is installed.

Unless it was told otherwise, its setup compiles for the very processor at hand. Where such an installation is
copied to an older one, the system ends the process at the first vector, and nothing in it can say why. So
another process tries it first, once for each build and processor.
"""

from __future__ import annotations

import os
import sys
from functools import lru_cache
from importlib import import_module
from importlib.util import find_spec
from pathlib import Path
from typing import Any

from visualsearch_cli.errors import GraphLibraryMissing, GraphUnavailable
from visualsearch_cli.remembered import remember_said, remembered

NAME = "hnswlib"
TRIED = "graph-library.json"
"""Builds that ran: the file and the processor, and the file's size and time."""

PATIENCE = 60  # seconds for a trial, which takes a fifth of one

_TRIAL = """
import hnswlib, numpy
for dim in (3, 16, 20, 256):  # each goes another way through the instructions of vectors
    index = hnswlib.Index("ip", dim)
    index.init_index(64)
    vectors = numpy.random.default_rng(0).normal(size=(64, dim)).astype(numpy.float32)
    index.add_items(vectors)
    index.knn_query(vectors, 4)
"""
_ILLEGAL_INSTRUCTION = {-4, 128 + 4, 0xC000001D}  # SIGILL of POSIX, the same as shells say it, and of Windows


@lru_cache(maxsize=1)
def graph_library() -> Any:
    """Return hnswlib. Raises GraphUnavailable, with what to do, if it is not here or cannot run."""
    spec = find_spec(NAME)
    if spec is None:
        raise GraphLibraryMissing(
            f"a search graph needs the package {NAME}, which is not installed: run `pip install {NAME}`, "
            "which takes a C++ compiler"
        )
    if spec.origin and not _runs(Path(spec.origin)):
        raise GraphUnavailable(
            f"{NAME} was compiled for another processor and cannot run on this one: set the variable "
            f"HNSWLIB_NO_NATIVE=1 and run `pip install --force-reinstall --no-deps --no-cache-dir {NAME}`"
        )
    try:
        return import_module(NAME)
    except ImportError as error:
        raise GraphUnavailable(f"{NAME} cannot be loaded ({error}): install it again") from error


def _runs(build: Path) -> bool:
    """Tell whether a build runs on this processor. What another process cannot find out is taken for true."""
    try:
        status = build.stat()
    except OSError:
        return True
    key, value = f"{build} {_processor()}", f"{status.st_size} {status.st_mtime_ns}"
    if remembered(TRIED).get(key) == value or not sys.executable or getattr(sys, "frozen", False):
        return True
    import subprocess  # late: a build is tried once

    path = os.pathsep.join(filter(None, sys.path))  # the trial is about what this process would import
    try:
        trial = subprocess.run(
            [sys.executable, "-c", _TRIAL],
            env={**os.environ, "PYTHONPATH": path},
            stdin=subprocess.DEVNULL,
            capture_output=True,
            timeout=PATIENCE,
            check=False,
        )
    except (OSError, subprocess.SubprocessError):
        return True
    if trial.returncode == 0:
        remember_said(TRIED, key, value)
    return trial.returncode not in _ILLEGAL_INSTRUCTION


def _processor() -> str:
    """Return what tells processors apart that can do other things: homes are shared, and images copied."""
    import hashlib
    import platform

    try:
        with open("/proc/cpuinfo", "rb") as stream:  # Linux
            first = stream.read(8192).partition(b"\n\n")[0]
        lines = [line for line in first.splitlines() if line.lower().startswith((b"flags", b"features"))]
        said = b"\n".join(lines)
    except OSError:
        said = os.fsencode(os.environ.get("PROCESSOR_IDENTIFIER", ""))  # Windows
    said += os.fsencode(f"{platform.machine()} {platform.node() if not said else ''}")
    return hashlib.blake2b(said, digest_size=8).hexdigest()
