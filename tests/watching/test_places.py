"""What was told of becomes what to look at: no more than a walk from the root would take in."""

from __future__ import annotations

import os
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.helpers.fakes import FakeEmbedder
from visualsearch_cli.index.folder import IndexFolder
from visualsearch_cli.index.records import IGNORE_FILE
from visualsearch_cli.index.writer import CatalogWriter
from visualsearch_cli.indexing.scanner import ScanOptions
from visualsearch_cli.vectors.index import IndexParams
from visualsearch_cli.watching.pending import Taken
from visualsearch_cli.watching.places import Where, paths_to_index

FILES = (
    "a.jpg",
    "inner/b.jpg",
    "inner/deep/c.jpg",
    ".hidden/d.jpg",
    ".Trash-1000/files/e.jpg",
    "out/f.jpg",
    "said/g.jpg",
    "h.gif",
    ".visualsearch/i.jpg",
)


@pytest.fixture
def root(tmp_path: Path) -> Path:
    """A folder of files."""
    for name in FILES:
        path = tmp_path / "Photos" / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.touch()
    (tmp_path / "Photos" / "said" / IGNORE_FILE).write_text("*\n")
    return tmp_path / "Photos"


@pytest.fixture
def catalog(root: Path) -> Iterator[CatalogWriter]:
    """Its catalog, by which out/ and what ends in .gif are left out."""
    folder = IndexFolder(root.parent / "index")
    with folder.lock():
        folder.create(FakeEmbedder.spec, None, IndexParams())
        catalog = CatalogWriter(folder.catalog_path)
        catalog.set_exclude({catalog.add_root(root).id: ["out", "*.gif"]})
        yield catalog
        catalog.close()


def looked_at(catalog: CatalogWriter, root: Path, options: ScanOptions, *told: str) -> list[str]:
    """Return where is looked, below the root, when it is told of some names: of folders, if they end so."""
    taken = Taken()
    for name in told:
        if name.endswith("/"):
            taken.folders[os.path.normpath(root / name)] = None
        else:
            path = root / name
            names = taken.folders.setdefault(str(path.parent), set())
            assert names is not None
            names.add(path.name)
    found = paths_to_index(taken, Where(catalog, [str(root)], options))
    return [os.path.relpath(path, root) for path in found]


def test_files_that_count_are_looked_at_one_by_one(root: Path, catalog: CatalogWriter) -> None:
    assert looked_at(catalog, root, ScanOptions(), *FILES) == ["a.jpg", "inner/b.jpg", "inner/deep/c.jpg"]


def test_what_is_asked_for_is_looked_at_too(root: Path, catalog: CatalogWriter) -> None:
    found = looked_at(catalog, root, ScanOptions(hidden=True, stores=True), *FILES)
    assert found == [
        ".Trash-1000/files/e.jpg",
        ".hidden/d.jpg",
        "a.jpg",
        "inner/b.jpg",
        "inner/deep/c.jpg",
    ]


def test_what_is_gone_is_seen_from_a_folder_that_is_there(root: Path, catalog: CatalogWriter) -> None:
    options = ScanOptions()
    assert looked_at(catalog, root, options, "inner/deep/gone.jpg") == ["inner/deep"]
    assert looked_at(catalog, root, options, "inner/gone/deep/", "inner/gone/x.jpg") == ["inner"]
    assert looked_at(catalog, root, options, "gone.jpg", *FILES) == ["."]
    assert looked_at(catalog, root, options, "out/gone.jpg", ".hidden/gone.jpg", "said/gone.jpg") == []


def test_what_lies_in_a_folder_that_is_looked_at_is_not_named_again(
    root: Path, catalog: CatalogWriter
) -> None:
    (root / "inner-2").mkdir()
    told = ("inner/", "inner/deep/c.jpg", "inner-2/", "a.jpg")
    assert looked_at(catalog, root, ScanOptions(), *told) == ["inner-2", "inner", "a.jpg"]


def test_a_root_that_is_left_out_is_looked_at_where_it_is_named(root: Path, catalog: CatalogWriter) -> None:
    """The run says that it is left out, and by what."""
    taken = Taken(folders={str(root / "out"): None})
    assert paths_to_index(taken, Where(catalog, [str(root)], ScanOptions())) == []
    assert paths_to_index(taken, Where(catalog, [str(root / "out")], ScanOptions())) == [str(root / "out")]


def test_links_and_folders_elsewhere_are_not_looked_at(root: Path, catalog: CatalogWriter) -> None:
    (root / "link.jpg").symlink_to(root / "a.jpg")
    assert looked_at(catalog, root, ScanOptions(), "link.jpg", "../elsewhere/", "../x.jpg") == []
