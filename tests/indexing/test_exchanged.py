"""Disks that take turns at one path: what is known of each stays, and comes back with it."""

from __future__ import annotations

import os
import shutil
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path

import pytest

from tests.contracts.catalog import content
from tests.helpers.catalogs import new_catalog
from visualsearch_cli.index.disks.volumes import Volumes
from visualsearch_cli.index.records import FileKey, FileUpdate
from visualsearch_cli.index.roots import is_offline
from visualsearch_cli.index.writer import CatalogWriter
from visualsearch_cli.indexing import exchanged
from visualsearch_cli.indexing.exchanged import note_volumes, settle_exchanged
from visualsearch_cli.pictures.reading import hash_content

STAMP = 1_700_000_000_000_000_001


class Reader(Volumes):
    """A reader for cards, of which the one that is in it now may have a name."""

    name = ""

    def name_of(self, folder: str) -> str:
        del folder
        return self.name


@pytest.fixture
def base(tmp_path: Path) -> Path:
    return Path(os.path.realpath(tmp_path))


@pytest.fixture
def catalog(base: Path) -> Iterator[CatalogWriter]:
    with closing(new_catalog(base / "index")) as catalog:
        yield catalog


def put_in(folder: Path, content: str, names: tuple[str, ...] = ("1.jpg", "2.jpg", "3.jpg")) -> None:
    """Put a card with other pictures of the same names into the reader."""
    shutil.rmtree(folder, ignore_errors=True)
    (folder / "DCIM").mkdir(parents=True)
    for name in names:
        (folder / "DCIM" / name).write_text(content)
        os.utime(folder / "DCIM" / name, ns=(STAMP + len(content), STAMP + len(content)))


def learn(catalog: CatalogWriter, folder: Path, reader: Volumes, place: FileKey | None = None) -> FileKey:
    """Index what is in the reader, as far as the catalog sees it."""
    if place is None:
        place = FileKey(catalog.add_root(folder).id, ".")
    begin = "" if place.relpath == "." else place.relpath + "/"
    updates = []
    for path in sorted((folder / "DCIM").iterdir()):
        state = path.stat()
        key = FileKey(place.root_id, f"{begin}DCIM/{path.name}")
        updates.append(
            FileUpdate(key, state.st_size, state.st_mtime_ns, content(path.read_text() + path.name))
        )
    catalog.write(updates)
    note_volumes(catalog, reader, [])
    return place


def settled(catalog: CatalogWriter, reader: Volumes, *paths: Path) -> list[str]:
    """Return what is said."""
    told: list[str] = []
    settle_exchanged(catalog, [str(path) for path in paths], reader, told.append)
    return told


def known(catalog: CatalogWriter, place: FileKey) -> list[str]:
    return [os.fsdecode(row[0]) for row in catalog.known_files(place)]


@pytest.mark.slow
@pytest.mark.parametrize("names", [("uuid A", "uuid B"), ("", "uuid B"), ("uuid A", ""), ("", "")])
def test_two_cards_take_turns(names: tuple[str, str], catalog: CatalogWriter, base: Path) -> None:
    """Whether their volumes can be told apart or not: their pictures have the same names."""
    folder, reader = base / "EOS", Reader()
    reader.name = names[0]
    put_in(folder, "one")
    place = learn(catalog, folder, reader)
    assert settled(catalog, reader) == []
    reader.name = names[1]
    put_in(folder, "another")
    (said,) = settled(catalog, reader)
    (aside,) = (root for root in catalog.roots() if root.id != place.root_id)
    assert said.startswith(f"{folder} holds another disk now") and "3 images of the one before stay" in said
    assert f"`visualsearch prune --root '{aside.path}'` forgets them" in said
    assert is_offline(aside, catalog) and exchanged.UNTIL.fullmatch(aside.path, len(str(folder)))
    assert known(catalog, FileKey(aside.id, ".")) == [f"{aside.path}/DCIM/{n}.jpg" for n in (1, 2, 3)]
    assert known(catalog, place) == []
    learn(catalog, folder, reader, place)
    assert settled(catalog, reader) == [], "it is known now"
    reader.name = names[0]
    put_in(folder, "one")
    before = {row[1] for row in catalog.known_files(FileKey(aside.id, "."))}
    out, back = settled(catalog, reader)
    assert out.startswith(f"{folder} holds another disk now")
    assert back == f"{folder} holds the disk again that was {aside.path}: 3 images are known"
    assert known(catalog, place) == [f"{folder}/DCIM/{n}.jpg" for n in (1, 2, 3)]
    assert {row[1] for row in catalog.known_files(place)} == before, "their rows are those from before"
    assert [root.id for root in catalog.roots()] != [place.root_id, aside.id]
    assert not catalog.problems()


def test_a_card_that_was_emptied_by_its_camera_is_the_same(catalog: CatalogWriter, base: Path) -> None:
    """Its volume says so: what it held is missing."""
    folder, reader = base / "EOS", Reader()
    reader.name = "uuid A"
    put_in(folder, "one")
    place = learn(catalog, folder, reader)
    put_in(folder, "later")
    assert settled(catalog, reader) == []
    assert len(known(catalog, place)) == 3 and len(catalog.roots()) == 1


@pytest.mark.slow
def test_pictures_that_came_along_to_another_disk_are_the_same(catalog: CatalogWriter, base: Path) -> None:
    """After a move to a larger disk most are there; one that two cards share is not enough."""
    folder, reader = base / "disk", Reader()
    reader.name = "uuid small"
    put_in(folder, "one")
    learn(catalog, folder, reader)
    reader.name = "uuid large"
    put_in(folder, "one", ("1.jpg", "2.jpg"))
    assert settled(catalog, reader) == []
    reader.name = "uuid other"
    put_in(folder, "one", ("1.jpg",))
    assert len(settled(catalog, reader)) == 1


def test_a_volume_without_a_name_is_the_same_if_any_file_is_there(catalog: CatalogWriter, base: Path) -> None:
    folder, reader = base / "EOS", Reader()
    put_in(folder, "one")
    learn(catalog, folder, reader)
    put_in(folder, "one", ("3.jpg", "4.jpg"))
    assert settled(catalog, reader) == []


@pytest.mark.slow
@pytest.mark.parametrize("names", [("", ""), ("uuid small", "uuid large")])
def test_a_copy_that_kept_no_times_is_the_same(
    names: tuple[str, str], catalog: CatalogWriter, base: Path
) -> None:
    """What is there has the bytes that are known; other pictures with their names and sizes have not."""
    folder, reader = base / "disk", Reader()
    (folder / "DCIM").mkdir(parents=True)
    place = FileKey(catalog.add_root(folder).id, ".")
    pictures = {f"DCIM/{number}.jpg": b"picture %d" % number for number in range(3)}
    catalog.write(
        [
            FileUpdate(
                FileKey(place.root_id, name), len(data), 7, content(name)._replace(hash=hash_content(data))
            )
            for name, data in pictures.items()
        ]
    )
    reader.name = names[0]
    note_volumes(catalog, reader, [])
    for name, data in pictures.items():
        (folder / name).write_bytes(data)
    reader.name = names[1]
    assert settled(catalog, reader) == []
    for name, data in pictures.items():
        (folder / name).write_bytes(data[::-1])
    reader.name = "uuid other"
    assert len(settled(catalog, reader)) == 1


def test_a_folder_in_which_all_was_missing_already_is_the_same(catalog: CatalogWriter, base: Path) -> None:
    folder, reader = base / "EOS", Reader()
    put_in(folder, "one")
    place = learn(catalog, folder, reader)
    catalog.vanish([row[1] for row in catalog.known_files(place)], [])
    put_in(folder, "another")
    assert settled(catalog, reader) == []


@pytest.mark.slow
def test_other_paths_have_nothing_to_do_with_it(catalog: CatalogWriter, base: Path) -> None:
    folder, reader = base / "EOS", Reader()
    put_in(folder, "one")
    learn(catalog, folder, reader)
    put_in(folder, "another")
    assert settled(catalog, reader, base / "elsewhere") == []
    assert len(settled(catalog, reader, folder / "DCIM")) == 1


@pytest.mark.slow
def test_a_card_inside_a_root_takes_its_turn_there(catalog: CatalogWriter, base: Path) -> None:
    """What is around it stays."""
    photos, reader = base / "Photos", Reader()
    card = photos / "in" / "card"
    put_in(photos, "mine")
    place = learn(catalog, photos, reader)
    inner = FileKey(place.root_id, "in/card")
    catalog.set_mounts([inner])
    put_in(card, "one")
    learn(catalog, card, reader, inner)
    put_in(card, "another")
    (said,) = settled(catalog, reader)
    assert said.startswith(f"{card} holds another disk now")
    aside = catalog.roots()[-1]
    assert len(known(catalog, FileKey(aside.id, "."))) == 3
    assert known(catalog, place) == [f"{photos}/DCIM/{n}.jpg" for n in (1, 2, 3)]
    put_in(card, "one")
    assert settled(catalog, reader) == [
        f"{card} holds the disk again that was {aside.path}: 3 images are known"
    ]
    assert len(known(catalog, inner)) == 3 and len(known(catalog, place)) == 6
    assert not catalog.problems()


@pytest.mark.slow
def test_a_root_is_followed_by_the_name_of_its_volume(catalog: CatalogWriter, base: Path) -> None:
    """A disk that is mounted elsewhere has another number then."""
    from visualsearch_cli.index.roots import find_targets

    reader = Reader()
    reader.name = "uuid A /"
    put_in(base / "mnt" / "one", "one")
    place = learn(catalog, base / "mnt" / "one", reader)
    shutil.copytree(base / "mnt" / "one", base / "mnt" / "two", copy_function=shutil.copy2)
    shutil.rmtree(base / "mnt" / "one")
    told: list[str] = []
    find_targets(catalog, [str(base / "mnt" / "two")], told.append, reader)
    assert told == [f"{base}/mnt/one is now {base}/mnt/two: its images are known there"]
    assert [root.id for root in catalog.roots()] == [place.root_id]


@pytest.mark.slow
def test_names_are_not_taken_twice(catalog: CatalogWriter, base: Path) -> None:
    folder, reader = base / "EOS", Reader()
    put_in(folder, "one")
    place = learn(catalog, folder, reader)
    for number in range(3):
        put_in(folder, "another" * (number + 2))
        settled(catalog, reader)
        learn(catalog, folder, reader, place)
    names = [root.path.removeprefix(str(folder)) for root in catalog.roots()]
    day = names[1].removesuffix(")")
    assert names == ["", f"{day})", f"{day}, 2)", f"{day}, 3)"]
