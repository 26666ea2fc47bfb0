"""The catalog in SQLite: the contract, then what is special about one file on a disk."""

from __future__ import annotations

import os
import re
import signal
import sqlite3
import struct
import subprocess
import sys
import tempfile
from collections.abc import Callable, Iterator
from contextlib import closing, contextmanager
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.contracts.catalog import DIM, MANIFEST, CatalogContract, content, digest, unit
from tests.helpers.older import make_older
from visualsearch_cli.errors import (
    IndexCorrupt,
    IndexNotFound,
    IndexStoreError,
    IndexVersionUnsupported,
)
from visualsearch_cli.index.catalog import Catalog
from visualsearch_cli.index.records import FileKey, FileUpdate, Frames, Manifest, NewContent
from visualsearch_cli.index.sqlite.database import create, migrate
from visualsearch_cli.index.sqlite.migrations import FORMAT_VERSION
from visualsearch_cli.index.sqlite.rows import manifest_rows
from visualsearch_cli.index.writer import CatalogWriter
from visualsearch_cli.pictures.regions import CORNERS


def catalog_path(folder: Path) -> Path:
    return folder / ".visualsearch" / "catalog.sqlite"


class TestSqliteCatalog(CatalogContract):
    """Catalog keeps the contract."""

    def make(self, folder: Path, manifest: Manifest) -> None:
        create(catalog_path(folder), manifest_rows(manifest))

    def open(self, folder: Path) -> Catalog:
        return Catalog(catalog_path(folder))

    def open_writer(self, folder: Path) -> CatalogWriter:
        return CatalogWriter(catalog_path(folder))


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """Return a folder with an index of three images, and one that was skipped."""
    folder = Path(os.path.realpath(tmp_path)) / "base"
    fill(folder)
    return folder


def fill(folder: Path) -> None:
    (folder / "photos").mkdir(parents=True)
    (folder / ".visualsearch").mkdir()
    create(catalog_path(folder), manifest_rows(MANIFEST))
    with closing(CatalogWriter(catalog_path(folder))) as catalog:
        root = catalog.add_root(folder / "photos")
        updates = [FileUpdate(FileKey(root.id, f"{n}.jpg"), 1, n, content(f"c{n}", 1, n)) for n in range(3)]
        catalog.write([*updates, FileUpdate(FileKey(root.id, "bad.jpg"), 1, 1, None, "broken")])


@contextmanager
def raw(folder: Path) -> Iterator[sqlite3.Connection]:
    """Change the catalog behind its back."""
    with closing(sqlite3.connect(catalog_path(folder))) as connection:
        yield connection
        connection.commit()


def problems(folder: Path) -> list[str]:
    with closing(Catalog(catalog_path(folder))) as catalog:
        return catalog.problems()


# Where things are


@pytest.mark.parametrize("root", ["photos", "."], ids=["below", "itself"])
def test_roots_move_together_with_the_folder_around_the_index(root: str, tmp_path: Path) -> None:
    before = Path(os.path.realpath(tmp_path)) / "before"
    fill(before)
    with closing(CatalogWriter(catalog_path(before))) as catalog:
        if root == ".":
            added = catalog.add_root(before)
            catalog.write([FileUpdate(FileKey(added.id, "x.jpg"), 1, 1, digest("c0"))])
    after = before.with_name("after")
    before.rename(after)
    with closing(Catalog(catalog_path(after))) as catalog:
        roots = catalog.roots()
        assert roots[-1].path == os.path.normpath(after / root)
        name = "x.jpg" if root == "." else "0.jpg"
        record = catalog.image(FileKey(roots[-1].id, name))
        assert record is not None
        assert record.path == Path(os.path.normpath(after / root / name))
        assert catalog.skipped()[0].path == str(after / "photos" / "bad.jpg")


def test_a_root_elsewhere_stays_where_it_is(folder: Path, tmp_path: Path) -> None:
    elsewhere = Path(os.path.realpath(tmp_path)) / "elsewhere"
    elsewhere.mkdir()
    with closing(CatalogWriter(catalog_path(folder))) as catalog:
        catalog.add_root(elsewhere)
    moved = folder.rename(folder.with_name("moved"))
    with closing(Catalog(catalog_path(moved))) as catalog:
        assert [root.path for root in catalog.roots()] == [str(moved / "photos"), str(elsewhere)]


def test_an_index_reached_through_a_link_has_the_same_roots(folder: Path, tmp_path: Path) -> None:
    link = tmp_path / "link"
    try:
        link.symlink_to(folder / ".visualsearch", target_is_directory=True)
    except OSError:
        pytest.skip("no symbolic links here")
    with closing(Catalog(link / "catalog.sqlite")) as catalog:
        assert [root.path for root in catalog.roots()] == [str(folder / "photos")]


# The format


def test_vectors_are_little_endian_float32(folder: Path) -> None:
    vector = unit(3, 4)
    with closing(CatalogWriter(catalog_path(folder))) as catalog:
        catalog.write([FileUpdate(FileKey(1, "v.jpg"), 1, 1, NewContent(digest("v"), 1, 1, "PNG", vector))])
    with raw(folder) as connection:
        ((blob,),) = connection.execute("SELECT vector FROM embeddings ORDER BY id DESC LIMIT 1")
    assert blob == struct.pack("<4f", 0.6, 0.8, 0, 0)


def test_the_file_says_what_it_is(folder: Path) -> None:
    header = catalog_path(folder).read_bytes()[:100]
    assert header.startswith(b"SQLite format 3\0")
    assert struct.unpack(">I", header[60:64]) == (FORMAT_VERSION,)
    assert header[68:72] == b"vsli"


def test_names_are_stored_as_raw_bytes_with_slashes(folder: Path) -> None:
    with closing(CatalogWriter(catalog_path(folder))) as catalog:
        catalog.write([FileUpdate(FileKey(1, "a/\u00e9\udcff.jpg"), 1, 1, digest("c0"))])
    with raw(folder) as connection:
        names = [name for (name,) in connection.execute("SELECT relpath FROM images")]
    assert b"a/" + os.fsencode("\u00e9\udcff.jpg") in names


@pytest.mark.parametrize("open_as", [Catalog, CatalogWriter])
def test_a_newer_format_is_refused(open_as: Callable[[Path], Catalog], folder: Path) -> None:
    with raw(folder) as connection:
        connection.execute(f"PRAGMA user_version = {FORMAT_VERSION + 1}")
    with pytest.raises(
        IndexVersionUnsupported, match=rf"format {FORMAT_VERSION + 1}.*up to {FORMAT_VERSION}"
    ):
        open_as(catalog_path(folder))


@pytest.mark.parametrize("data", [b"", b"not a database, but longer than a header" * 9, b"SQLite format 3\0"])
def test_a_file_that_is_no_catalog_is_refused(data: bytes, folder: Path) -> None:
    catalog_path(folder).write_bytes(data)
    with pytest.raises(IndexCorrupt, match=r"catalog\.sqlite"):
        Catalog(catalog_path(folder))


def test_another_database_is_refused(folder: Path) -> None:
    catalog_path(folder).unlink()
    with raw(folder) as connection:
        connection.execute("CREATE TABLE images (id INTEGER)")
    with pytest.raises(IndexCorrupt, match="application id 0x0, expected 0x76736c69"):
        Catalog(catalog_path(folder))


def test_no_catalog_is_not_found(tmp_path: Path) -> None:
    with pytest.raises(IndexNotFound, match="visualsearch index PATH"):
        Catalog(tmp_path / "catalog.sqlite")
    assert list(tmp_path.iterdir()) == []


def test_migrating_the_current_format_changes_nothing(folder: Path) -> None:
    before = catalog_path(folder).read_bytes()
    migrate(catalog_path(folder))
    assert catalog_path(folder).read_bytes() == before


@pytest.mark.slow
def test_an_index_of_format_1_has_no_regions_and_can_get_some(folder: Path) -> None:
    with raw(folder) as connection:
        make_older(connection, 1)
        connection.execute("DELETE FROM manifest WHERE key IN ('regions', 'region_graph')")
    with closing(Catalog(catalog_path(folder))) as catalog:  # a reader changes nothing
        manifest = catalog.manifest()
        assert (manifest.format_version, manifest.regions, manifest.region_graph) == (1, None, None)
        assert catalog.vector_count() == len(catalog.vectors().ids) == 3
        assert catalog.vector_count(frames=Frames.REGIONS) == 0
    migrate(catalog_path(folder))
    with closing(CatalogWriter(catalog_path(folder))) as catalog:
        catalog.set_regions(CORNERS.name)
        catalog.add_regions([(1, np.stack([unit(1)] * len(CORNERS)))])
        manifest = catalog.manifest()
        assert (manifest.format_version, manifest.regions) == (FORMAT_VERSION, CORNERS.name)
        assert len(catalog.vectors(frames=Frames.REGIONS).ids) == len(CORNERS)
    assert problems(folder) == []


@pytest.mark.slow
def test_a_catalog_of_any_older_format_is_sound_and_can_be_brought_up_to_date(folder: Path) -> None:
    for version in range(FORMAT_VERSION - 1, 0, -1):
        with raw(folder) as connection:
            make_older(connection, version)
        assert problems(folder) == []
        migrate(catalog_path(folder))
        with closing(CatalogWriter(catalog_path(folder))) as catalog:
            assert len(list(catalog.known_files(FileKey(1, ".")))) == 4
            (stretch,) = catalog.stretches(FileKey(1, "."))
            stays = (
                6 <= version < FORMAT_VERSION - 1
            )  # what the last round summarized, in formats with summaries
            assert (stretch.summary is not None) == stays
            catalog.summarize()
        assert problems(folder) == []


def test_a_reader_cannot_change_anything(folder: Path) -> None:
    with (
        closing(Catalog(catalog_path(folder))) as catalog,
        pytest.raises(IndexStoreError, match="readonly"),
    ):
        catalog._db.run("DELETE FROM images")


def test_a_folder_name_with_odd_characters_opens(tmp_path: Path) -> None:
    folder = Path(os.path.realpath(tmp_path)) / "100% sure? #1 \u00e9"
    fill(folder)
    assert problems(folder) == []
    assert [path.name for path in tmp_path.iterdir()] == [folder.name]


# Damage


def test_a_flipped_bit_in_a_vector_is_found(folder: Path) -> None:
    data = catalog_path(folder).read_bytes()
    vector = unit(1, 2).astype("<f4").tobytes()
    assert data.count(vector) == 1
    flipped = vector[:5] + bytes([vector[5] ^ 1]) + vector[6:]
    catalog_path(folder).write_bytes(data.replace(vector, flipped))
    assert problems(folder) == ["vector 3 does not match its checksum"]


def test_a_cut_vector_is_found(folder: Path) -> None:
    with raw(folder) as connection:
        connection.execute("UPDATE embeddings SET vector = substr(vector, 1, 15) WHERE id = 2")
    assert problems(folder) == [f"vector 2 has 15 bytes, expected {4 * DIM}"]
    with closing(Catalog(catalog_path(folder))) as catalog:
        with pytest.raises(IndexCorrupt, match=f"{DIM} float32"):
            catalog.vectors()
        with pytest.raises(IndexCorrupt, match=f"{DIM} float32"):
            catalog.content_vector(digest("c1"))
        assert catalog.content_vector(digest("c0")) is not None


def test_a_vector_of_another_length_is_found(folder: Path) -> None:
    import zlib

    blob = struct.pack("<4f", 2, 0, 0, 0)
    with raw(folder) as connection:
        connection.execute(
            "UPDATE embeddings SET vector = ?, crc32 = ? WHERE id = 1", (blob, zlib.crc32(blob))
        )
    assert problems(folder) == ["vector 1 has length 2.0, expected 1"]


def test_a_vector_of_another_type_is_found(folder: Path) -> None:
    with raw(folder) as connection:
        connection.execute("UPDATE embeddings SET vector = 'sixteen letters.' WHERE id = 1")
    assert problems(folder) == ["catalog: row 1 of embeddings: vector is 'sixteen letters.', expected blob"]
    with (
        closing(Catalog(catalog_path(folder))) as catalog,
        pytest.raises(IndexCorrupt, match="embeddings"),
    ):
        catalog.all_vectors()


def test_many_damaged_vectors_are_summed_up(folder: Path) -> None:
    with closing(CatalogWriter(catalog_path(folder))) as catalog:
        updates = [FileUpdate(FileKey(1, f"m{n}.jpg"), 1, n, content(f"m{n}", 1, n)) for n in range(27)]
        catalog.write(updates)
    with raw(folder) as connection:
        connection.execute("UPDATE embeddings SET crc32 = crc32 + 1")
    assert problems(folder)[-1] == "25 further vectors are damaged"


def test_rows_that_refer_to_nothing_are_found(folder: Path) -> None:
    with raw(folder) as connection:
        connection.execute("DELETE FROM contents WHERE id = 2")  # foreign keys are off here
        connection.execute("INSERT INTO contents VALUES (9, x'00', 1, 1, 'PNG')")
    found = problems(folder)
    assert "catalog: row 2 of images refers to nothing in contents" in found
    assert "catalog: row 2 of embeddings refers to nothing in contents" in found
    assert "content 9 has no vector" in found


@pytest.mark.parametrize(
    ("change", "message"),
    [
        ("DELETE FROM manifest WHERE key = 'model'", "model is missing"),
        ("UPDATE manifest SET value = '{' WHERE key = 'params'", "params is not JSON"),
        ("UPDATE manifest SET value = '[' WHERE key = 'block'", "block is not JSON"),
        ("UPDATE manifest SET value = '{\"x\": 1}' WHERE key = 'graph'", "graph.generation is missing"),
        ("UPDATE manifest SET value = '7' WHERE key = 'weights_path'", "weights_path is 7, expected a text"),
        ("UPDATE manifest SET value = '[]' WHERE key = 'regions'", "regions is"),
        ("UPDATE manifest SET value = '{}' WHERE key = 'calibration'", "calibration.full is missing"),
        ("UPDATE manifest SET value = 'null' WHERE key = 'model'", "model is None, expected a JSON object"),
        ("UPDATE manifest SET value = '{\"M\": 1}' WHERE key = 'params'", "params.M is 1"),
        (
            "UPDATE manifest SET value = x'00' WHERE key = 'created'",
            "manifest.value is b'.x00', expected a text",
        ),
        ("DROP TABLE manifest", "manifest"),
    ],
)
def test_a_damaged_manifest_is_said_to_be(change: str, message: str, folder: Path) -> None:
    with raw(folder) as connection:
        connection.execute(change)
    with (
        closing(Catalog(catalog_path(folder))) as catalog,
        pytest.raises(IndexCorrupt, match=f"manifest.*{message}|{message}"),
    ):
        catalog.manifest()


READ: list[Callable[[Catalog], object]] = [
    lambda catalog: catalog.manifest(),
    lambda catalog: catalog.roots(),
    lambda catalog: catalog.skipped(),
    lambda catalog: list(catalog.known_files(FileKey(1, "."))),
    lambda catalog: [list(stretch.files()) for stretch in catalog.stretches(FileKey(1, "."))],
    lambda catalog: catalog.image(FileKey(1, "0.jpg")),
    lambda catalog: catalog.content_vector(digest("c0")),
    lambda catalog: catalog.content_regions(digest("c0")),
    lambda catalog: catalog.vectors(),
    lambda catalog: catalog.all_vectors(),
    lambda catalog: catalog.sources_of([1, 2]),
    lambda catalog: catalog.images_of([1, 2]),
    lambda catalog: catalog.files_per_content([FileKey(1, ".")]),
    lambda catalog: catalog.problems(),
]


@pytest.mark.parametrize(
    ("change", "message"),
    [
        ("UPDATE roots SET location = 'x'", "roots.location is 'x', expected bytes"),
        ("UPDATE roots SET relative = 'x'", "roots.relative is 'x', expected a whole number"),
        ("UPDATE roots SET device = x'00'", r"roots.device is b'.x00', expected a text"),
        ("UPDATE roots SET id = 7", "a file lies below root 1, which is not among the roots"),
        ("UPDATE images SET relpath = 'x' WHERE id = 1", "images.*relpath is 'x', expected bytes"),
        ("UPDATE images SET size = 'x' WHERE id = 1", "size is 'x', expected a whole number"),
        ("UPDATE images SET mtime_ns = 1.5 WHERE id = 1", "mtime_ns is 1.5, expected a whole number"),
        ("UPDATE images SET content_id = 'x' WHERE id = 1", "content_id is 'x', expected a whole number"),
        ("UPDATE contents SET hash = 'x' WHERE id = 1", "c.hash is 'x', expected bytes"),
        ("UPDATE contents SET width = 'x' WHERE id = 1", "c.width is 'x', expected a whole number"),
        ("UPDATE contents SET format = x'00' WHERE id = 1", r"c.format is b'.x00', expected a text"),
        ("UPDATE embeddings SET vector = 'x' WHERE id = 1", "embeddings.vector is 'x', expected bytes"),
        ("UPDATE embeddings SET content_id = 'x' WHERE id = 1", "embeddings.content_id is 'x'"),
        ("UPDATE skipped SET reason = x'00'", r"reason is b'.x00', expected a text"),
        (
            "INSERT INTO stretches VALUES (1, x'', 'z', 9, 0, x'00')",
            "stretches.until is 'z', expected bytes or",
        ),
        ("INSERT INTO stretches VALUES (1, x'', NULL, 'z', 0, x'00')", "stretches.count is 'z'"),
    ],
)
def test_a_value_of_another_type_is_damage(change: str, message: str, folder: Path) -> None:
    with raw(folder) as connection:
        connection.execute(change)
    found = []
    with closing(Catalog(catalog_path(folder))) as catalog:
        for read in READ:
            try:
                read(catalog)
            except IndexCorrupt as error:
                found.append(str(error))
    assert found, "somebody reads the value"
    for text in found:
        assert re.search(message, text) and str(catalog_path(folder)) in text
        assert "index again into a new folder" in text


@pytest.mark.parametrize(
    ("change", "said", "found"),
    [
        ("UPDATE contents SET width = 0 WHERE id = 1", "0 × ", "content 1 has 0 × "),
        ("UPDATE contents SET height = -3 WHERE id = 1", " × -3 pixels", " × -3 pixels"),
        ("UPDATE images SET size = -1 WHERE id = 1", "in -1 bytes", "image 1 has -1 bytes"),
    ],
)
def test_a_picture_without_pixels_is_damage(change: str, said: str, found: str, folder: Path) -> None:
    with raw(folder) as connection:
        connection.execute(change)
    with closing(Catalog(catalog_path(folder))) as catalog:
        with pytest.raises(IndexCorrupt, match=re.escape(said)):
            catalog.images_of([1])
        assert any(found in problem for problem in catalog.problems())


@pytest.mark.slow
@pytest.mark.parametrize("error", [AttributeError, KeyError, TypeError, ValueError])
@pytest.mark.parametrize(
    "place",
    [
        "catalog.manifest_of",
        "catalog.located",
        "catalog.SkippedImage",
        "sqlite.known_files.known_between",
        "catalog.ImageRecord",
        "catalog.Source",
        "sqlite.embeddings.StoredVectors",
        "sqlite.rows.IndexParams",
        "sqlite.known_files.Stretch",
    ],
)
def test_a_bug_of_ours_is_no_damage_of_the_index(
    place: str, error: type[Exception], folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def broken(*_: object, **__: object) -> None:
        raise error("planted")

    monkeypatch.setattr(f"visualsearch_cli.index.{place}", broken)
    raised = set()
    with closing(Catalog(catalog_path(folder))) as catalog:
        for read in READ:
            try:
                read(catalog)
            except error as caught:
                raised.add(str(caught).strip("'"))
    assert raised == {"planted"}


def test_a_file_cut_short_is_damaged(folder: Path) -> None:
    data = catalog_path(folder).read_bytes()
    catalog_path(folder).write_bytes(data[: len(data) // 2])
    with pytest.raises(IndexCorrupt, match="damaged"):
        problems(folder)


def use(catalog: Catalog) -> Iterator[Callable[[], object]]:
    """Give all ways to read a catalog."""
    yield catalog.manifest
    yield catalog.roots
    yield catalog.counts
    yield catalog.skipped
    yield lambda: list(catalog.known_files(FileKey(1, ".")))
    yield lambda: [list(stretch.files()) for stretch in catalog.stretches(FileKey(1, "."))]
    yield lambda: catalog.image(FileKey(1, "1.jpg"))
    yield lambda: catalog.content_vector(digest("c1"))
    yield catalog.vectors
    yield catalog.all_vectors
    yield lambda: catalog.images_of([s.content_id for s in catalog.sources_of([1, 2, 3]).values()])
    yield lambda: catalog.vectors(FileKey(1, "."), frames=Frames.REGIONS)
    yield lambda: catalog.contents_without(Frames.REGIONS)
    yield catalog.problems


@pytest.fixture(scope="module")
def sound_catalog() -> Iterator[tuple[Path, bytes]]:
    with tempfile.TemporaryDirectory() as name:
        folder = Path(os.path.realpath(name)) / "base"
        fill(folder)
        yield catalog_path(folder), catalog_path(folder).read_bytes()


@pytest.mark.slow
@settings(max_examples=80)
@given(st.data())
def test_damage_anywhere_is_an_answer_or_our_error(
    sound_catalog: tuple[Path, bytes], data: st.DataObject
) -> None:
    path, sound = sound_catalog
    start = data.draw(st.integers(0, len(sound) - 1))
    damage = data.draw(st.binary(min_size=1, max_size=40) | st.sampled_from([b"\0" * 4096, b"\xff" * 200]))
    damaged = bytearray(sound)
    damaged[start : start + len(damage)] = damage
    path.write_bytes(damaged[: len(sound)])
    try:
        catalog = Catalog(path)
    except IndexStoreError:
        return
    with closing(catalog):
        for read in use(catalog):
            try:
                read()
            except IndexStoreError:
                continue


# Killed writers

KILLED = """
import os, signal, sys
from pathlib import Path
from visualsearch_cli.index.records import FileKey, FileUpdate
from visualsearch_cli.index.writer import CatalogWriter

class Endless(list):
    def __iter__(self):
        for n in range(1000):
            # far more than SQLite keeps in memory: the file itself is half written
            yield FileUpdate(FileKey(1, f"new{n}.jpg"), 1, 1, None, "x" * 20_000)
        os.kill(os.getpid(), signal.SIGKILL)

CatalogWriter(Path(sys.argv[1])).write(Endless([1]))
"""


@pytest.mark.slow
@pytest.mark.skipif(not hasattr(signal, "SIGKILL"), reason="needs POSIX signals")
def test_a_killed_writer_leaves_the_state_before(folder: Path) -> None:
    before = catalog_path(folder).stat().st_size
    killed = subprocess.run([sys.executable, "-c", KILLED, catalog_path(folder)], check=False)
    assert killed.returncode == -signal.SIGKILL
    assert catalog_path(folder).stat().st_size > before
    assert problems(folder) == []
    with closing(Catalog(catalog_path(folder))) as catalog:
        assert (catalog.counts().images, catalog.counts().skipped) == (3, 1)
