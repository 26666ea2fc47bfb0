"""A bound on memory that threads share, and what is kept of it."""

from __future__ import annotations

import platform
import subprocess
import sys
import threading
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest
from PIL import Image

from tests.helpers.pictures import photograph
from visualsearch_cli.pictures.pillow import MemoryGate


@pytest.mark.parametrize(("needed", "at_once"), [(10, 1), (5, 2), (3, 3), (1, 4), (99, 1)])
def test_no_more_are_inside_than_fit(needed: int, at_once: int) -> None:
    gate, lock = MemoryGate(10), threading.Lock()
    inside: list[int] = []
    most: list[int] = []

    def enter(number: int) -> None:
        with gate.taking(needed):
            with lock:
                inside.append(number)
                most.append(len(inside))
            threading.Event().wait(0.001)
            with lock:
                inside.remove(number)

    with ThreadPoolExecutor(4) as pool:
        list(pool.map(enter, range(40)))
    assert max(most) <= at_once


def test_what_fails_inside_gives_its_share_back() -> None:
    gate = MemoryGate(1)
    for _ in range(3):
        with pytest.raises(ValueError, match="no"), gate.taking(1):
            raise ValueError("no")
    with gate.taking(1):
        pass


FORMATS: dict[str, dict[str, object]] = {
    "JPEG": {"quality": 80},
    "PNG": {"compress_level": 1},
    "TIFF": {"compression": "tiff_lzw"},
    "WEBP": {"quality": 70, "method": 0},
    "JPEG2000": {"quality_mode": "rates", "quality_layers": [20]},
    "HEIF": {"quality": 50},
    "AVIF": {"quality": 50, "speed": 10},
    "JXL": {"quality": 80, "effort": 1},
}

DECODED = """
import sys
from visualsearch_cli.pictures import pillow
from visualsearch_cli.pictures.reader import AnyImageReader
pillow.LARGE = 1_000_000  # pixels: so it is converted in strips, as large ones are
def peak():
    line = next(line for line in open('/proc/self/status') if 'VmHWM' in line)
    return int(line.split()[1]) * 1024
small, large = (open(path, 'rb').read() for path in sys.argv[1:])
AnyImageReader().read(small, None)  # what its reader takes for itself
before = peak()
image = AnyImageReader().read(large, None)
print((peak() - before) / pillow.bytes_to_decode(image.width, image.height, image.format))
"""


@pytest.mark.slow
@pytest.mark.skipif(sys.platform != "linux", reason="reads /proc")
@pytest.mark.parametrize("format", FORMATS)
def test_decoding_takes_no_more_memory_than_it_asks_for(format: str, tmp_path: Path) -> None:
    if format == "JXL":
        pytest.importorskip("pillow_jxl", reason="the extra `formats` is not installed")
    if format == "HEIF":
        heif = pytest.importorskip("pillow_heif", reason="the extra `formats` is not installed")
        heif.register_heif_opener()
    paths = []
    for width in (32, 4000):
        path = tmp_path / f"{width}"
        picture = photograph("coffee").resize((width, width * 3 // 4), Image.Resampling.BICUBIC)
        picture.save(path, format, **FORMATS[format])
        paths.append(str(path))
    done = subprocess.run([sys.executable, "-c", DECODED, *paths], capture_output=True, text=True, check=True)
    assert 0.5 < float(done.stdout) <= 1


FAULTS = """
import resource
import threading
import time
import numpy as np
from visualsearch_cli.pictures.pillow import freed_is_kept

def faults_of(arrays):
    before = resource.getrusage(resource.RUSAGE_SELF).ru_minflt
    for _ in range(arrays):
        np.ones(3_000_000, np.uint8)
    return resource.getrusage(resource.RUSAGE_SELF).ru_minflt - before

print(faults_of(20))
with freed_is_kept():
    faults_of(1)
    print(faults_of(20))
while len(threading.enumerate()) > 1:  # one gives back what was kept
    time.sleep(0.01)
print(faults_of(20))
"""
"""Prints how often the system had to find a page for arrays of 3 MB, made one after another."""


@pytest.mark.slow
@pytest.mark.skipif(platform.libc_ver()[0] != "glibc", reason="glibc alone is told how to allocate")
def test_small_pairs_use_again_what_was_freed_and_give_it_back() -> None:
    done = subprocess.run([sys.executable, "-c", FAULTS], capture_output=True, text=True, check=True)
    before, kept, after = map(int, done.stdout.split())
    assert kept < before / 10
    assert after > before / 2
