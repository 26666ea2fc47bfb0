"""Photo folders to try the program on: cuttings of the sample photographs of other packages."""

from __future__ import annotations

import random
import sqlite3
import time
from collections.abc import Callable
from functools import cache
from importlib.util import find_spec
from pathlib import Path

from PIL import Image

SOURCES = (
    ("skimage", "data/astronaut.png"),
    ("skimage", "data/coffee.png"),
    ("skimage", "data/chelsea.png"),
    ("skimage", "data/rocket.jpg"),
    ("skimage", "data/hubble_deep_field.jpg"),
    ("skimage", "data/retina.jpg"),
    ("skimage", "data/ihc.png"),
    ("skimage", "data/motorcycle_left.png"),
    ("sklearn", "datasets/images/china.jpg"),
    ("sklearn", "datasets/images/flower.jpg"),
)
NAMES = tuple(Path(name).stem for _, name in SOURCES)


@cache
def originals() -> tuple[Image.Image, ...]:
    """Return the photographs, at most 640 pixels a side."""
    images = []
    for package, name in SOURCES:
        spec = find_spec(package)
        assert spec and spec.submodule_search_locations
        with Image.open(Path(spec.submodule_search_locations[0]) / name) as image:
            image.thumbnail((640, 640))
            images.append(image.convert("RGB"))
    return tuple(images)


def write_album(folder: Path) -> list[Path]:
    """Write the ten photographs, the last three of them into a folder inside."""
    (folder / "trip").mkdir(parents=True)
    paths = []
    for number, (name, image) in enumerate(zip(NAMES, originals(), strict=True)):
        path = folder / ("trip" if number >= 7 else ".") / f"{name}.jpg"
        small = image.copy()
        small.thumbnail((320, 320))
        small.save(path, quality=92)
        paths.append(path)
    return paths


def cutting(seed: int) -> Image.Image:
    """Return a part of one of the photographs; another seed gives another part."""
    rng = random.Random(seed)
    image = originals()[seed % len(SOURCES)]
    width, height = rng.randint(120, 260), rng.randint(120, 260)
    x, y = rng.randint(0, image.width - width), rng.randint(0, image.height - height)
    return image.crop((x, y, x + width, y + height))


def write_cuttings(folder: Path, count: int, seed: int = 0) -> list[Path]:
    """Write many small photographs into a folder and ten folders inside."""
    paths = [folder / f"{n % 10}" / f"{seed + n:05}.jpg" for n in range(count)]
    for number, path in enumerate(paths):
        path.parent.mkdir(parents=True, exist_ok=True)
        cutting(seed + number).save(path, quality=88)
    return paths


def copy_of(path: Path, to: Path, *, quality: int = 70, scale: float = 0.6, mirrored: bool = False) -> Path:
    """Write a smaller, recompressed copy of a photograph."""
    with Image.open(path) as image:
        small = image.resize((round(image.width * scale), round(image.height * scale)))
    if mirrored:
        small = small.transpose(Image.Transpose.FLIP_LEFT_RIGHT)
    to.parent.mkdir(parents=True, exist_ok=True)
    small.save(to, quality=quality)
    return to


def change_index(index: Path, sql: str) -> None:
    """Change a catalog behind the program's back."""
    connection = sqlite3.connect(index / "catalog.sqlite")
    with connection:
        connection.execute(sql)
    connection.close()


def stored_images(index: Path) -> int:
    """Return how many images are committed, also while the program runs."""
    return _count(index, "SELECT count(*) FROM images")


def stored_regions(index: Path) -> int:
    """Return how many vectors of regions are committed, also while the program runs."""
    return _count(index, "SELECT count(*) FROM embeddings WHERE region > 0")


def _count(index: Path, sql: str) -> int:
    """Opened for writing: what a killed program left half done is rolled back first, as the next run does."""
    try:
        connection = sqlite3.connect(f"{(index / 'catalog.sqlite').as_uri()}?mode=rw", uri=True)
        try:
            return int(connection.execute(sql).fetchone()[0])
        finally:
            connection.close()
    except sqlite3.Error:
        return 0


def wait_until(condition: Callable[[], bool]) -> None:
    """Wait for something that comes within seconds."""
    deadline = time.monotonic() + 60
    while not condition():
        assert time.monotonic() < deadline
        time.sleep(0.001)
