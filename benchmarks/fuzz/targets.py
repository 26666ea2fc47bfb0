"""What is changed, and what then reads it: a folder with an index is made once, and copied for each input."""

from __future__ import annotations

import io
import os
import random
import shutil
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from functools import cached_property
from pathlib import Path
from typing import Any

import numpy as np
from PIL import Image

from benchmarks.fuzz.mutations import change_rows, changed_bytes, changed_document
from tests.helpers.dng import dng
from visualsearch_cli.errors import VisualSearchError

KNOWN_CODES = {0, 1, 2, 3, 4, 10, 11, 12, 13}
SIDE = 96


class Wrong(Exception):
    """The program ended as it must not."""


class World:
    """A home with photographs, their index, a report and a file of embeddings, all of them sound."""

    def __init__(self, home: Path) -> None:
        self.home = home
        self.photos = home / "Photos"
        self.index = self.photos / ".visualsearch"
        self._sound = home / "sound"

    @cached_property
    def _seeds(self) -> list[bytes]:
        return list(_pictures())

    def make(self) -> None:
        """Write it."""
        self.photos.mkdir(parents=True)
        for number, (name, image) in enumerate(_photographs()):
            image.save(self.photos / name, quality=90)
            if number < 3:
                image.resize((150, 110)).save(self.photos / f"copy-of-{name}", quality=70)
        run("index", str(self.photos), "--thorough")
        run("dupes", "--report", str(self.home / "report.json"), "--index", str(self.index))
        run("embed", str(self.photos), "-o", str(self.home / "vectors.npz"))
        run("embed", str(self.photos), "-o", str(self.home / "vectors.jsonl"))
        run("query", str(self.photos / "a.jpg"), "--hnsw", "--index", str(self.index))
        shutil.copytree(self.index, self._sound)

    def restore(self) -> None:
        """Put a sound index in place of what became of it."""
        shutil.rmtree(self.index, ignore_errors=True)
        shutil.copytree(self._sound, self.index)

    def outside(self) -> dict[str, tuple[int, int]]:
        """Return size and mtime of all that no command was told to write."""
        written = (self.index, self.home / ".state", self.home / ".cache", self.home / "try-index")
        found = {}
        for folder, _, names in os.walk(self.home):
            if any(Path(folder).is_relative_to(place) for place in written):
                continue
            for name in names:
                if not name.startswith("try"):
                    state = os.stat(os.path.join(folder, name))
                    found[os.path.join(folder, name)] = (state.st_size, state.st_mtime_ns)
        return found

    def image(self, rng: random.Random) -> None:
        """Let all that looks at a picture look at one."""
        from visualsearch_cli.pictures.held.inspection import holdings_of
        from visualsearch_cli.pictures.metadata.embedded import metadata_of
        from visualsearch_cli.pictures.reader import AnyImageReader
        from visualsearch_cli.pictures.whole import (
            capture_of,
            compression_of,
            frames_of,
            profile_in,
            whole_of,
        )

        data = changed_bytes(rng.choice(self._seeds), self._seeds, rng)
        reader = AnyImageReader(1_000_000)
        for look in (
            lambda: reader.read(data, 32),
            lambda: reader.read(data),
            lambda: whole_of(data) if _pixels(data) < 1_000_000 else None,
            lambda: holdings_of(data),
            lambda: metadata_of(data),
            lambda: (compression_of(data), capture_of(data), frames_of(data), profile_in(data)),
        ):
            try:
                look()
            except VisualSearchError:
                pass

    def catalog(self, rng: random.Random) -> None:
        """Let commands read a catalog."""
        self.restore()
        path = self.index / "catalog.sqlite"
        if rng.random() < 0.7:
            change_rows(path, rng)
        else:
            path.write_bytes(changed_bytes(path.read_bytes(), [path.read_bytes()], rng))
        self._commands(rng)

    def block(self, rng: random.Random) -> None:
        """Let commands read vectors in rows."""
        self._file(rng, "vectors.*")

    def graph(self, rng: random.Random) -> None:
        """Let commands read a graph."""
        self._file(rng, "hnsw.*")

    def _file(self, rng: random.Random, pattern: str) -> None:
        self.restore()
        path = rng.choice(sorted(self.index.glob(pattern)))
        path.write_bytes(changed_bytes(path.read_bytes(), [path.read_bytes()], rng))
        self._commands(rng)

    def _commands(self, rng: random.Random) -> None:
        index = ("--index", str(self.index))
        known = str(self.photos / "a.jpg")
        lines: list[tuple[str, ...]] = [
            ("info", *index),
            ("check", *index),
            ("check", "--repair", *index),
            ("query", known, *index),
            ("query", known, "--hnsw", *index),
            ("query", known, "--json", *index),
            ("dupes", *index),
            ("dupes", "--level", "identical", *index),
            ("index", str(self.photos), *index),
            ("info", "--skipped", *index),
            ("prune", "--dry-run", *index),
        ]
        for line in rng.sample(lines, 2):
            run(*line)

    def report(self, rng: random.Random) -> None:
        """Let `apply` read a report, and do nothing."""
        path = self.home / "try-report.json"
        path.write_bytes(changed_document((self.home / "report.json").read_bytes(), rng))
        run("apply", str(path), "--dry-run")

    def vectors(self, rng: random.Random) -> None:
        """Let `index --from` read a file of embeddings."""
        suffix = rng.choice((".npz", ".jsonl"))
        data = (self.home / f"vectors{suffix}").read_bytes()
        if suffix == ".npz":
            data = changed_bytes(data, [data], rng)
        else:
            lines = data.splitlines()
            number = rng.randrange(len(lines))
            lines[number] = changed_document(lines[number], rng)
            data = b"\n".join(lines)
        path = self.home / f"try{suffix}"
        path.write_bytes(data)
        shutil.rmtree(self.home / "try-index", ignore_errors=True)
        run("index", "--from", str(path), "--index", str(self.home / "try-index"))


TARGETS = {"image": 10, "catalog": 3, "block": 1, "graph": 1, "report": 2, "vectors": 2}
"""What is changed, and how often beside the others."""


def run(*line: str) -> None:
    """Run a command in this process. Raises Wrong if it ends as no command does."""
    from visualsearch_cli.cli.program import program

    sys.argv = ["visualsearch", *line]
    try:
        with _unheard():
            program(line[:1])()
    except SystemExit as end:
        code = end.code or 0
        if code not in KNOWN_CODES:
            raise Wrong(f"{line[0]} ended with {code}") from end
    except BaseException as error:
        raise Wrong(f"{' '.join(line)}: {type(error).__name__}: {str(error)[:300]}") from error


@contextmanager
def _unheard() -> Iterator[None]:
    before = sys.stdout, sys.stderr
    sys.stdout, sys.stderr = (io.TextIOWrapper(io.BytesIO(), "utf-8", "backslashreplace") for _ in range(2))
    try:
        yield
    finally:
        sys.stdout, sys.stderr = before


def _photographs() -> Iterator[tuple[str, Image.Image]]:
    rng = np.random.default_rng(7)
    for name in "abcdefgh":
        small = rng.integers(0, 256, (8, 10, 3), dtype=np.uint8)
        yield f"{name}.jpg", Image.fromarray(small).resize((200, 150), Image.Resampling.BICUBIC)


def _pixels(data: bytes) -> int:
    from visualsearch_cli.pictures.pillow import told

    return told(data, lambda image: image.width * image.height, 0)


def _pictures() -> Iterator[bytes]:
    """Yield a small picture in each format that is read, and some of its kinds."""
    _, image = next(_photographs())
    image = image.resize((SIDE, SIDE * 3 // 4))
    exif = Image.Exif()
    exif[0x0112], exif[0x010F], exif[0x0132] = 6, "Maker", "2020:01:02 03:04:05"
    several: dict[str, Any] = {"save_all": True}
    kinds: list[tuple[str, Image.Image, dict[str, Any]]] = [
        ("JPEG", image, {"exif": exif}),
        ("JPEG", image, {"progressive": True}),
        ("JPEG", image.convert("CMYK"), {}),
        ("JPEG", image.convert("L"), {}),
        ("MPO", image, {**several}),
        ("PNG", image, {"exif": exif}),
        ("PNG", image.quantize(16), {"transparency": 0}),
        ("PNG", image.convert("1"), {}),
        ("PNG", image.convert("LA"), {}),
        ("PNG", image.convert("I;16"), {}),
        ("PNG", image, {**several}),
        ("GIF", image.quantize(), {**several}),
        ("BMP", image, {}),
        ("TIFF", image, {"compression": "tiff_lzw"}),
        ("TIFF", image, {**several}),
        ("TIFF", image, {"compression": "jpeg"}),
        ("TIFF", image.convert("F"), {}),
        ("WEBP", image, {"exif": exif}),
        ("WEBP", image, {"lossless": True, **several}),
        ("AVIF", image, {"exif": exif}),
        ("JPEG2000", image, {}),
        ("PPM", image, {}),
    ]
    for format_, picture, options in kinds:
        stream = io.BytesIO()
        if "save_all" in options:  # anew: Pillow leaves what it was told of one format on the frames
            options = {**options, "append_images": [image.rotate(angle) for angle in (10, 20)]}
        picture.copy().save(stream, format_, **options)
        yield stream.getvalue()
    yield dng(image)
    try:
        import pillow_heif
    except ImportError:
        return
    pillow_heif.register_heif_opener()
    stream = io.BytesIO()
    image.save(stream, "HEIF")
    yield stream.getvalue()


def target(world: World, name: str) -> Callable[[random.Random], None]:
    """Return what reads an input of a kind."""
    found: Callable[[random.Random], None] = getattr(world, name)
    return found
