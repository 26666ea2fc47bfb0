"""Which root a path belongs to, and whether its folder is there."""

from __future__ import annotations

import os
import shutil
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path

import pytest

from tests.contracts.catalog import content
from tests.helpers.catalogs import new_catalog
from visualsearch_cli.errors import VisualSearchError
from visualsearch_cli.index.records import FileKey, FileUpdate, Root
from visualsearch_cli.index.roots import find_targets, is_below, is_emptied, is_offline, key_of
from visualsearch_cli.index.writer import CatalogWriter

posix = pytest.mark.skipif(os.name == "nt", reason="paths of POSIX systems")


@pytest.fixture
def base(tmp_path: Path) -> Path:
    return Path(os.path.realpath(tmp_path))


@pytest.fixture
def catalog(base: Path) -> Iterator[CatalogWriter]:
    with closing(new_catalog(base / "index")) as catalog:
        yield catalog


STAMP = 1_700_000_000_000_000_001


def root_with_image(catalog: CatalogWriter, folder: Path) -> Root:
    """Add a root that has one image, as far as the catalog knows."""
    folder.mkdir(parents=True, exist_ok=True)
    root = catalog.add_root(folder)
    (folder / "a.jpg").write_bytes(b"a")
    os.utime(folder / "a.jpg", ns=(STAMP, STAMP))
    catalog.write([FileUpdate(FileKey(root.id, "a.jpg"), 1, STAMP, content("a"))])
    return root


def root_at(path: str, id: int = 1) -> Root:
    return Root(id, path, "1", "1")


# Places


@posix
@pytest.mark.parametrize(
    ("path", "expected"),
    [
        ("/photos/a.jpg", FileKey(1, "a.jpg")),
        ("/photos/trip/a.jpg", FileKey(1, "trip/a.jpg")),
        ("/photos", FileKey(1, ".")),
        ("/photos/phone", FileKey(2, ".")),
        ("/photos/phone/b.jpg", FileKey(2, "b.jpg")),
        ("/photos/phones/b.jpg", FileKey(1, "phones/b.jpg")),
        ("/photos2/a.jpg", None),
        ("/photo", None),
        ("/", None),
    ],
)
def test_a_path_belongs_to_the_nearest_root_above_it(path: str, expected: FileKey | None) -> None:
    roots = [root_at("/photos", 1), root_at("/photos/phone", 2)]
    assert key_of(path, roots) == expected
    assert key_of(path, roots[::-1]) == expected


@posix
def test_the_whole_disk_can_be_a_root() -> None:
    assert key_of("/a/b.jpg", [root_at("/")]) == FileKey(1, "a/b.jpg")
    assert key_of("/", [root_at("/")]) == FileKey(1, ".")
    assert is_below("/a", "/")


def test_names_that_are_not_utf8_have_a_place(base: Path) -> None:
    path = os.path.join(base, "\udcff", "\n.jpg")
    assert key_of(path, [root_at(str(base))]) == FileKey(1, "\udcff/\n.jpg")


# Targets


def test_a_new_folder_becomes_a_root(catalog: CatalogWriter, base: Path) -> None:
    (base / "photos").mkdir()
    (target,), offline = find_targets(catalog, [str(base / "photos")])
    (root,) = catalog.roots()
    assert root.path == target.path == str(base / "photos")
    assert target.scope == (FileKey(root.id, "."),)
    assert offline == []


def test_without_paths_all_roots_are_targets(catalog: CatalogWriter, base: Path) -> None:
    roots = [root_with_image(catalog, base / name) for name in ("b", "a")]
    targets, _ = find_targets(catalog, [])
    assert [target.path for target in targets] == [root.path for root in roots]
    assert [target.scope for target in targets] == [(FileKey(root.id, "."),) for root in roots]


def test_the_same_path_twice_is_one_target(catalog: CatalogWriter, base: Path) -> None:
    targets, _ = find_targets(catalog, [str(base), str(base)])
    assert len(targets) == 1


def test_a_folder_inside_a_root_covers_only_itself(catalog: CatalogWriter, base: Path) -> None:
    root = root_with_image(catalog, base / "photos")
    (base / "photos" / "trip").mkdir()
    (target,), _ = find_targets(catalog, [str(base / "photos" / "trip")])
    assert target.scope == (FileKey(root.id, "trip"),)
    assert catalog.roots() == [root]


def test_a_folder_above_a_root_covers_both(catalog: CatalogWriter, base: Path) -> None:
    inner = root_with_image(catalog, base / "photos" / "phone")
    beside = root_with_image(catalog, base / "photos2")
    (target,), _ = find_targets(catalog, [str(base / "photos")])
    outer = catalog.roots()[-1]
    assert outer.path == str(base / "photos")
    assert set(target.scope) == {FileKey(outer.id, "."), FileKey(inner.id, ".")}
    assert beside in catalog.roots()


def test_a_file_makes_a_root_of_its_folder_but_covers_only_itself(catalog: CatalogWriter, base: Path) -> None:
    (base / "photos").mkdir()
    (base / "photos" / "a.jpg").touch()
    (target,), _ = find_targets(catalog, [str(base / "photos" / "a.jpg")])
    (root,) = catalog.roots()
    assert root.path == str(base / "photos")
    assert target.scope == (FileKey(root.id, "a.jpg"),)


def test_a_path_that_is_not_there_is_an_error(catalog: CatalogWriter, base: Path) -> None:
    with pytest.raises(VisualSearchError, match=r"nowhere does not exist"):
        find_targets(catalog, [str(base / "nowhere")])
    root_with_image(catalog, base / "photos")
    with pytest.raises(VisualSearchError, match=r"typo\.jpg does not exist"):
        find_targets(catalog, [str(base / "photos" / "typo.jpg")])


# Renames


def test_a_renamed_root_is_recognised(catalog: CatalogWriter, base: Path) -> None:
    root = root_with_image(catalog, base / "photos")
    (base / "photos").rename(base / "pictures")
    told: list[str] = []
    (target,), offline = find_targets(catalog, [str(base / "pictures")], told.append)
    assert told == [f"{base / 'photos'} is now {base / 'pictures'}: its images are known there"]
    assert offline == []
    assert target.scope == (FileKey(root.id, "."),)
    assert [(r.id, r.path) for r in catalog.roots()] == [(root.id, str(base / "pictures"))]


@pytest.mark.parametrize("known", [None, b"another", b"b"])
def test_another_card_in_the_same_reader_is_another_root(
    known: bytes | None, catalog: CatalogWriter, base: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """It has the same device and inode, and cameras give the same names again."""
    root = root_with_image(catalog, base / "EOS")
    monkeypatch.setattr("visualsearch_cli.index.roots._identity", lambda _: (root.device, root.inode))
    shutil.rmtree(base / "EOS")
    (base / "EOS 1").mkdir()
    if known:
        (base / "EOS 1" / "a.jpg").write_bytes(known)
    find_targets(catalog, [str(base / "EOS 1")], lambda text: pytest.fail(text))
    assert [r.path for r in catalog.roots()] == [root.path, str(base / "EOS 1")]
    assert is_offline(root, catalog)


def test_a_copy_of_a_root_is_another_root(catalog: CatalogWriter, base: Path) -> None:
    """Neither while the first is there, nor when it is gone: it may be on a disk that is unplugged."""
    root = root_with_image(catalog, base / "photos")
    shutil.copytree(base / "photos", base / "backup")
    find_targets(catalog, [str(base / "backup")])
    shutil.copytree(base / "photos", base / "backup2")
    shutil.rmtree(base / "photos")
    find_targets(catalog, [str(base / "backup2")])
    assert [r.path for r in catalog.roots()] == [root.path, str(base / "backup"), str(base / "backup2")]


def test_a_folder_with_two_names_is_two_roots(
    catalog: CatalogWriter, base: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Mounted at two places, say. The first is still there, so it was not renamed."""
    root = root_with_image(catalog, base / "photos")
    (base / "mounted again").mkdir()
    monkeypatch.setattr("visualsearch_cli.index.roots._identity", lambda _: (root.device, root.inode))
    find_targets(catalog, [str(base / "mounted again")])
    assert [r.path for r in catalog.roots()] == [root.path, str(base / "mounted again")]


def test_a_root_put_in_the_place_of_another_is_noted(catalog: CatalogWriter, base: Path) -> None:
    root = root_with_image(catalog, base / "photos")
    (base / "photos").rename(base / "old")
    (base / "photos").mkdir()
    (base / "photos" / "b.jpg").touch()
    (target,), _ = find_targets(catalog, [str(base / "photos")])
    assert target.scope == (FileKey(root.id, "."),)
    (noted,) = catalog.roots()
    assert noted.inode == str(os.stat(base / "photos").st_ino) != root.inode


# Offline roots


def test_a_root_that_is_not_there_is_offline(catalog: CatalogWriter, base: Path) -> None:
    root = root_with_image(catalog, base / "disk" / "photos")
    other = root_with_image(catalog, base / "other")
    shutil.rmtree(base / "disk")
    assert is_offline(root, catalog)
    targets, offline = find_targets(catalog, [])
    assert offline == [root]
    assert [target.path for target in targets] == [other.path]


@pytest.mark.parametrize("inside", [".", "trip", "a.jpg"])
def test_a_path_inside_an_offline_root_is_offline(inside: str, catalog: CatalogWriter, base: Path) -> None:
    root = root_with_image(catalog, base / "photos")
    shutil.rmtree(base / "photos")
    targets, offline = find_targets(catalog, [os.path.normpath(base / "photos" / inside)])
    assert (targets, offline) == ([], [root])


def on_another_disk(catalog: CatalogWriter, root: Root) -> Root:
    """Let the catalog remember a root from another disk than the one its folder lies on now."""
    catalog._db.run("UPDATE roots SET device = 'another' WHERE id = ?", (root.id,))
    return next(r for r in catalog.roots() if r.id == root.id)


def test_an_empty_mount_point_is_offline(catalog: CatalogWriter, base: Path) -> None:
    root = on_another_disk(catalog, root_with_image(catalog, base / "photos"))
    (base / "photos" / "a.jpg").unlink()
    assert is_offline(root, catalog)
    assert find_targets(catalog, []) == ([], [root])


def test_an_empty_mount_point_inside_a_target_is_left_alone(catalog: CatalogWriter, base: Path) -> None:
    inner = on_another_disk(catalog, root_with_image(catalog, base / "photos" / "disk"))
    (base / "photos" / "disk" / "a.jpg").unlink()
    (target,), _ = find_targets(catalog, [str(base / "photos")])
    assert FileKey(inner.id, ".") not in target.scope
    assert len(target.scope) == 1


def test_a_root_on_another_device_with_files_is_not_offline(catalog: CatalogWriter, base: Path) -> None:
    """The same disk can get another number each time it is mounted."""
    root = on_another_disk(catalog, root_with_image(catalog, base / "photos"))
    assert not is_offline(root, catalog)
    targets, offline = find_targets(catalog, [])
    assert (len(targets), offline) == (1, [])
    assert catalog.roots()[0].device == str(os.stat(base / "photos").st_dev)


@pytest.mark.parametrize("folders", [(), ("trip",), ("trip/1", "trip/2", ".visualsearch")])
def test_a_folder_without_any_file_may_be_a_mount_point(
    folders: tuple[str, ...], catalog: CatalogWriter, base: Path
) -> None:
    """Device numbers are given again, so they do not tell."""
    root = root_with_image(catalog, base / "photos")
    (base / "photos" / "a.jpg").unlink()
    for name in folders:
        (base / "photos" / name).mkdir(parents=True)
    if ".visualsearch" in folders:
        (base / "photos" / ".visualsearch" / "catalog.sqlite").touch()
    assert is_offline(root, catalog) and is_emptied(root, catalog)
    (base / "photos" / (folders[0] if folders else ".") / "b.txt").touch()
    assert not is_offline(root, catalog) and not is_emptied(root, catalog)


def test_an_empty_mount_point_that_never_held_an_image_is_not_offline(
    catalog: CatalogWriter, base: Path
) -> None:
    (base / "photos").mkdir()
    root = on_another_disk(catalog, catalog.add_root(base / "photos"))
    assert not is_offline(root, catalog)


def test_a_renamed_root_is_recognised_only_on_its_own_disk(catalog: CatalogWriter, base: Path) -> None:
    root = on_another_disk(catalog, root_with_image(catalog, base / "photos"))
    (base / "photos").rename(base / "pictures")
    find_targets(catalog, [str(base / "pictures")])
    assert [r.path for r in catalog.roots()] == [root.path, str(base / "pictures")]
