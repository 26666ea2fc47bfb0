"""What is changed, and what then reads it: a folder with an index is made once, and copied for each input."""

from __future__ import annotations

import hashlib
import io
import json
import os
import random
import shutil
import sqlite3
import sys
from collections.abc import Callable, Iterator
from contextlib import closing, contextmanager
from functools import cache, cached_property
from pathlib import Path
from typing import Any, NamedTuple

import numpy as np
from PIL import Image

from benchmarks.fuzz.mutations import change_rows, changed_bytes, changed_document, changed_name
from tests.helpers.dng import dng
from visualsearch_cli.errors import VisualSearchError

KNOWN_CODES = {0, 1, 2, 3, 4, 10, 11, 12, 13}
SIDE = 96  # pixels of a sound picture
MOST_PIXELS = 250_000  # of one that is decoded: what is searched for has no end otherwise


class Wrong(Exception):
    """The program ended as it must not."""


class Trial(NamedTuple):
    """An input, and what is to read it."""

    kind: str  # one of TARGETS
    place: str  # the name of the file that it is written to
    data: bytes
    lines: tuple[tuple[str, ...], ...] = ()  # commands


class World:
    """A home with photographs, their index, a report and a file of embeddings, all of them sound."""

    def __init__(self, home: Path) -> None:
        self.home = home
        self.photos = home / "Photos"
        self.index = self.photos / ".visualsearch"
        self.written = (self.index, home / ".state", home / "tried")
        """All that commands may write to, and the inputs themselves."""
        self._tried = home / "tried"
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
        for names, label in (("abc", "Ash"), ("def", "Birch"), ("gh", "Cedar")):
            run(
                "label",
                *(str(self.photos / f"{name}.jpg") for name in names),
                label,
                "--index",
                str(self.index),
            )
        shutil.copytree(self.index, self._sound)

    def outside(self) -> dict[str, tuple[int, int]]:
        """Return size and mtime of all that no command was told to write."""
        found = {}
        for folder, _, names in os.walk(self.home):
            if not self.may_be_written(folder):
                for name in names:
                    state = os.stat(os.path.join(folder, name))
                    found[os.path.join(folder, name)] = (state.st_size, state.st_mtime_ns)
        return found

    def may_be_written(self, path: str) -> bool:
        """Tell whether a path, its links resolved, is one that commands may write to."""
        return any(Path(path).is_relative_to(place) for place in self.written)

    def draw(self, kind: str, rng: random.Random) -> Trial:
        """Return a changed input of a kind."""
        drawn: Trial = getattr(self, f"_{kind}")(rng)
        return drawn

    def again(self, kind: str, file: Path) -> Trial:
        """Return an input that was kept, which all commands are to read."""
        lines = {
            "image": [],
            "path": self._lines_of_paths(file.name),
            "report": [self._apply(file.name)],
            "vectors": [self._import(file.name)],
        }
        return Trial(kind, file.name, file.read_bytes(), tuple(lines.get(kind, self._lines_of_index())))

    def place(self, trial: Trial) -> None:
        """Put an input where it is to be read."""
        shutil.rmtree(self._tried, ignore_errors=True)
        self._tried.mkdir()
        if trial.kind in ("catalog", "block", "graph"):
            shutil.rmtree(self.index, ignore_errors=True)
            shutil.copytree(self._sound, self.index)
        folder = self._tried if trial.kind in ("path", "report", "vectors") else self.index
        if trial.kind != "image":
            (folder / trial.place).write_bytes(trial.data)
        if trial.kind == "graph":
            self._name_as_made(trial)

    def _name_as_made(self, trial: Trial) -> None:
        """Let the catalog give the checksum of a graph, as whoever made both would: else nobody reads it."""
        checksum = hashlib.blake2b(trial.data, digest_size=32).hexdigest()
        with closing(sqlite3.connect(self.index / "catalog.sqlite")) as connection, connection:
            for key, value in connection.execute("SELECT key, value FROM manifest").fetchall():
                graph = json.loads(value) if key.startswith("graph") else None
                if isinstance(graph, dict) and graph.get("name") == trial.place:
                    changed = json.dumps({**graph, "checksum": checksum})
                    connection.execute("UPDATE manifest SET value = ? WHERE key = ?", (changed, key))

    def read(self, trial: Trial) -> None:
        """Let the program read an input that has its place. Raises Wrong if it ends as it must not."""
        if trial.kind == "image":
            look_at(trial.data)
        for line in trial.lines:
            run(*line)

    def _image(self, rng: random.Random) -> Trial:
        return Trial("image", "picture", changed_bytes(rng.choice(self._seeds), self._seeds, rng))

    def _path(self, rng: random.Random) -> Trial:
        """A picture, changed or not, under a name that is hard to handle."""
        data = rng.choice(self._seeds)
        if rng.random() < 0.5:
            data = changed_bytes(data, self._seeds, rng)
        name = os.fsdecode(changed_name(rng))
        return Trial("path", name, data, tuple(self._lines_of_paths(name)))

    def _lines_of_paths(self, name: str) -> list[tuple[str, ...]]:
        index = ("--index", str(self._tried / "index"))
        path = str(self._tried / name)
        return [
            ("index", str(self._tried), *index),
            ("query", path, *index),
            ("dupes", "--json", *index),
            ("info", "--skipped", *index),
        ]

    def _catalog(self, rng: random.Random) -> Trial:
        path = self._tried / "catalog.sqlite"
        self._tried.mkdir(exist_ok=True)
        sound = (self._sound / path.name).read_bytes()
        if rng.random() < 0.7:
            path.write_bytes(sound)
            change_rows(path, rng)
            data = path.read_bytes()
        else:
            data = changed_bytes(sound, [sound], rng)
        return Trial("catalog", path.name, data, self._some_lines(rng))

    def _block(self, rng: random.Random) -> Trial:
        return self._derived("block", "vectors.*", rng)

    def _graph(self, rng: random.Random) -> Trial:
        return self._derived("graph", "hnsw.*", rng)

    def _derived(self, kind: str, pattern: str, rng: random.Random) -> Trial:
        path = rng.choice(sorted(self._sound.glob(pattern)))
        sound = path.read_bytes()
        return Trial(kind, path.name, changed_bytes(sound, [sound], rng), self._some_lines(rng))

    def _some_lines(self, rng: random.Random) -> tuple[tuple[str, ...], ...]:
        return tuple(rng.sample(self._lines_of_index(), 2))

    def _lines_of_index(self) -> list[tuple[str, ...]]:
        index = ("--index", str(self.index))
        known = str(self.photos / "a.jpg")
        return [
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
            ("only", str(self.photos), *index),
            ("search", "--image", known, "--after", "2001", "--min-width", "10", "--label", "Ash", *index),
            ("label", known, "Dogwood", *index),
            ("label", "--list", *index),
            ("match", known, *index),
            ("map", str(self._tried / "map.svg"), *index),
            ("adapt", str(self._tried / "adapted.npz"), "--into", str(self._tried / "adapted"), *index),
        ]

    def _report(self, rng: random.Random) -> Trial:
        """A report that `apply` reads, and does nothing."""
        data = changed_document((self.home / "report.json").read_bytes(), rng)
        return Trial("report", "report.json", data, (self._apply("report.json"),))

    def _apply(self, name: str) -> tuple[str, ...]:
        return ("apply", str(self._tried / name), "--dry-run", "--index", str(self.index))

    def _vectors(self, rng: random.Random) -> Trial:
        """A file of embeddings that `index --from` reads."""
        suffix = rng.choice((".npz", ".jsonl"))
        data = (self.home / f"vectors{suffix}").read_bytes()
        if suffix == ".npz":
            data = changed_bytes(data, [data], rng)
        else:
            lines = data.splitlines()
            number = rng.randrange(len(lines))
            lines[number] = changed_document(lines[number], rng)
            data = b"\n".join(lines)
        return Trial("vectors", f"vectors{suffix}", data, (self._import(f"vectors{suffix}"),))

    def _import(self, name: str) -> tuple[str, ...]:
        return ("index", "--from", str(self._tried / name), "--index", str(self._tried / "index"))


TARGETS = {"image": 10, "path": 1, "catalog": 3, "block": 1, "graph": 1, "report": 2, "vectors": 2}
"""What is changed, and how often beside the others."""


def look_at(data: bytes) -> None:
    """Let all that looks at a picture look at one."""
    from visualsearch_cli.pictures.held.inspection import holdings_of
    from visualsearch_cli.pictures.metadata.embedded import metadata_of
    from visualsearch_cli.pictures.reader import AnyImageReader
    from visualsearch_cli.pictures.whole import (
        facts_of,
        whole_of,
    )

    reader = AnyImageReader(MOST_PIXELS)
    for look in (
        lambda: reader.read(data, 32),
        lambda: reader.read(data),
        lambda: whole_of(data) if _pixels(data) < MOST_PIXELS else None,
        lambda: holdings_of(data),
        lambda: metadata_of(data),
        lambda: facts_of(data),
    ):
        try:
            look()
        except VisualSearchError:
            pass


def run(*line: str) -> None:
    """Run a command in this process. Raises Wrong if it ends as no command does."""
    sys.argv = ["visualsearch", *line]
    try:
        with _unheard():
            _program(line[0])()
    except SystemExit as end:
        code = end.code or 0
        if code not in KNOWN_CODES:
            raise Wrong(f"{line[0]} ended with {code}") from end
    except BaseException as error:
        raise Wrong(f"{' '.join(line)}: {type(error).__name__}: {str(error)[:300]}") from error


@cache
def _program(command: str) -> Callable[[], None]:
    """Return the program as far as a command needs it: to make it anew each time would take half the time."""
    from visualsearch_cli.cli.program import program

    return program([command])


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
