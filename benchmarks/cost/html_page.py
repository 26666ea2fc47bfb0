"""What a page of thousands of groups costs: to write it, and to look at it in a browser.

The pictures are drawn: noise under a gradient at twelve megapixels, which neither JPEG nor WebP finds easier
than a photograph.
"""

from __future__ import annotations

import argparse
import resource
import tempfile
import time
from concurrent.futures import ProcessPoolExecutor
from pathlib import Path

import numpy as np
from PIL import Image

from tests.helpers.browser import browser, run_browser, screenshot
from tests.helpers.reports import member, report
from visualsearch_cli.pictures.pillow import PillowReader
from visualsearch_cli.pictures.reading import hash_content
from visualsearch_cli.progress import NoProgress
from visualsearch_cli.reports.page import write_html
from visualsearch_cli.reports.report import Group, Member
from visualsearch_cli.verdicts.verdict import Verdict

DISTINCT = 12  # files; a member of a group is one of them under a name of its own
MEMBERS = 3
PATIENCE = 900  # seconds


def main() -> None:
    """Measure and print."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--groups", type=int, default=2000)
    parser.add_argument("--threads", type=int, default=2)
    parser.add_argument("--shape", default="4000x3000", help="of the pictures, WIDTHxHEIGHT")
    arguments = parser.parse_args()
    width, height = map(int, arguments.shape.split("x"))
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        with ProcessPoolExecutor(1) as other:  # whose memory is not counted
            drawings = [
                other.submit(drawn, folder / f"{number}.jpg", number, (width, height))
                for number in range(DISTINCT)
            ]
            files = [drawing.result() for drawing in drawings]
        groups = tuple(group(number, files, folder) for number in range(arguments.groups))
        page = folder / "report.html"
        start, worked = time.perf_counter(), time.process_time()
        write_html(report(*groups), PillowReader(), page, NoProgress(), arguments.threads)
        seconds = time.perf_counter() - start
        worked = time.process_time() - worked
        peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss * 1024 / 1e6
        print(f"{len(groups):,} groups of {MEMBERS}, {width}×{height} JPEG, {arguments.threads} threads")
        size = page.stat().st_size / 1e6
        print(f"written in {seconds:.1f} s ({worked:.1f} s of processor time)")
        print(f"{size:.1f} MB, peak memory of the process {peak:.0f} MB")
        if not browser():
            print("no browser is installed")
            return
        start = time.perf_counter()
        screenshot(page, folder / "shot.png")
        print(f"browser: loaded and pictured in {time.perf_counter() - start:.1f} s")
        start = time.perf_counter()
        run_browser(page, f"--print-to-pdf={folder / 'page.pdf'}", timeout=PATIENCE)
        print(f"browser: printed in {time.perf_counter() - start:.1f} s")


def drawn(path: Path, seed: int, shape: tuple[int, int]) -> Path:
    """Write a picture that is as hard to compress as a photograph."""
    rng = np.random.default_rng(seed)
    small = rng.integers(0, 256, (24, 32, 3), np.uint8)
    smooth = np.asarray(Image.fromarray(small).resize(shape, Image.Resampling.BICUBIC)).astype(np.int16)
    noise = rng.integers(-12, 13, smooth.shape, np.int16)
    Image.fromarray((smooth + noise).clip(0, 255).astype(np.uint8)).save(path, quality=88)
    return path


def group(number: int, files: list[Path], folder: Path) -> Group:
    """Return a group of links to the pictures: names of their own, and no second copy on disk."""
    members: list[Member] = []
    for place in range(MEMBERS):
        source = files[(number + place) % len(files)]
        path = folder / f"{number:05}-{place}.jpg"
        path.symlink_to(source)
        state = source.stat()
        verdict = Verdict.SAME if place else None
        digest = hash_content(path.name.encode()).hex()
        reason = "scaled 0.50, no rotation" if place else ""
        members.append(
            member(path, verdict, reason, size=state.st_size, mtime_ns=state.st_mtime_ns, content_hash=digest)
        )
    return Group(f"{number:08x}", tuple(members))


if __name__ == "__main__":
    main()
