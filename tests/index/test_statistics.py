"""What an index holds, in numbers."""

from __future__ import annotations

import os
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path

import pytest

from tests.contracts.catalog import content
from tests.helpers.catalogs import new_catalog
from visualsearch_cli.index.records import FileKey, FileUpdate
from visualsearch_cli.index.statistics.counting import Shot, statistics
from visualsearch_cli.index.writer import CatalogWriter
from visualsearch_cli.pictures.image import ImageRecord
from visualsearch_cli.progress import NoProgress

IN_2001 = 990_000_000_000_000_000


@pytest.fixture
def catalog(tmp_path: Path) -> Iterator[CatalogWriter]:
    with closing(new_catalog(tmp_path / "index")) as catalog:
        yield catalog


def add(catalog: CatalogWriter, folder: Path, names: str) -> None:
    """Add a root with files, each named by the letter of its content and a number."""
    folder.mkdir()
    root = catalog.add_root(folder)
    catalog.write(
        [
            FileUpdate(FileKey(root.id, f"{name}.jpg"), 1, IN_2001, content(name.split("/")[-1][0]))
            for name in names.split()
        ]
    )
    for name in names.split():
        (folder / name).parent.mkdir(exist_ok=True)
        (folder / f"{name}.jpg").touch()


def shot(image: ImageRecord) -> Shot:
    return Shot(2019, "Pinhole") if image.path.name.startswith("a") else Shot(None, "")


def test_roots_and_how_many_files_of_each_are_in_the_others(catalog: CatalogWriter, tmp_path: Path) -> None:
    add(catalog, tmp_path / "A", "a1 a2 b1 c1")
    add(catalog, tmp_path / "B", "a1 d1")
    add(catalog, tmp_path / "C", "e1")
    found = statistics(catalog, shot, NoProgress())
    first, second, _ = found.folders
    assert [os.path.basename(folder.path) for folder in found.folders] == ["A", "B", "C"]
    assert (first.files, first.copies, second.files, second.copies) == (4, 1, 2, 0)
    assert (first.years, first.cameras) == ({"2001": 2, "2019": 2}, {"Pinhole": 2, "unknown": 2})
    assert first.formats == {"JPEG": 4}
    assert found.overlap == ((2, 2, 0), (1, 0, 0), (0, 0, 0))


def test_the_folders_of_an_only_root(catalog: CatalogWriter, tmp_path: Path) -> None:
    add(catalog, tmp_path / "A", "x/a1 x/b1 y/a1 c1")
    found = statistics(catalog, shot, NoProgress())
    names = [os.path.relpath(folder.path, tmp_path / "A") for folder in found.folders]
    assert names == [".", "x", "y"] and found.overlap == ((0, 0, 0), (0, 0, 1), (0, 1, 0))


def test_nothing_is_read_of_what_is_offline(catalog: CatalogWriter, tmp_path: Path) -> None:
    add(catalog, tmp_path / "A", "a1")
    add(catalog, tmp_path / "B", "a1")
    (tmp_path / "B").rename(tmp_path / "away")
    read: list[str] = []

    def reading(image: ImageRecord) -> Shot:
        read.append(str(image.path))
        return shot(image)

    found = statistics(catalog, reading, NoProgress())
    assert read == [str(tmp_path / "A" / "a1.jpg")]
    assert found.folders[1].years == {"2001": 1} and found.overlap == ((0, 1), (1, 0))
