"""An index that somebody else made, to do harm: it says so, and does none."""

from __future__ import annotations

import os
import shutil
import sqlite3
import struct
from collections.abc import Iterator
from contextlib import closing, contextmanager
from pathlib import Path

import pytest

from tests.contracts.catalog import MANIFEST, content
from visualsearch_cli.embedders.embedder import ModelSpec
from visualsearch_cli.embedders.registry import ModelRequest
from visualsearch_cli.embedders.specs import SSCD_PREPROCESSING
from visualsearch_cli.embedders.weights import weights_id
from visualsearch_cli.errors import IndexCorrupt, IndexStoreError, ModelMismatch, ModelUnavailable
from visualsearch_cli.index import model as models
from visualsearch_cli.index.catalog import Catalog
from visualsearch_cli.index.folder import IndexFolder
from visualsearch_cli.index.model import ModelChoice
from visualsearch_cli.index.records import FileKey, FileUpdate, Manifest
from visualsearch_cli.index.sqlite.database import PAGE, create
from visualsearch_cli.index.sqlite.guards import SUPER_JOURNAL
from visualsearch_cli.index.sqlite.rows import manifest_rows
from visualsearch_cli.index.writer import CatalogWriter
from visualsearch_cli.remembered import WEIGHTS, remembered


@pytest.fixture
def path(tmp_path: Path) -> Path:
    """Return the catalog of an index of three images."""
    folder = Path(os.path.realpath(tmp_path)) / "base" / ".visualsearch"
    folder.mkdir(parents=True)
    path = folder / "catalog.sqlite"
    create(path, manifest_rows(MANIFEST))
    with closing(CatalogWriter(path)) as catalog:
        root = catalog.add_root(folder.parent)
        updates = [FileUpdate(FileKey(root.id, f"{n}.jpg"), 1, n, content(f"c{n}", 1, n)) for n in range(3)]
        catalog.write([*updates, FileUpdate(FileKey(root.id, "bad.jpg"), 1, 1, None, "broken")])
    return path


@contextmanager
def raw(path: Path) -> Iterator[sqlite3.Connection]:
    with closing(sqlite3.connect(path)) as connection:
        yield connection
        connection.commit()


def read_all(catalog: Catalog) -> None:
    catalog.images_of([1, 2, 3])
    catalog.skipped()
    list(catalog.known_files(FileKey(1, ".")))


OUTSIDE = [
    b"../private/.bashrc",
    b"a/../../x.jpg",
    b"/etc/passwd",
    b"a//b.jpg",
    b"./a.jpg",
    b"a/.",
    b"..",
    b"",
    b"a\0.jpg",
]


@pytest.mark.parametrize("relpath", OUTSIDE)
@pytest.mark.parametrize("table", ["images", "skipped"])
def test_a_path_that_leads_out_of_its_root_is_refused_and_found(
    table: str, relpath: bytes, path: Path
) -> None:
    with raw(path) as connection:
        connection.execute(f"UPDATE {table} SET relpath = ? WHERE id = 1", (relpath,))
    with closing(Catalog(path)) as catalog:
        with pytest.raises(IndexCorrupt, match="leads out of root 1"):
            read_all(catalog)
        with pytest.raises(IndexCorrupt, match="leads out of root 1"):
            list(catalog.known_files(FileKey(1, ".")))
        assert f"catalog: row 1 of {table}: the path {os.fsdecode(relpath)!a} leads out of root 1" in (
            catalog.problems()
        )


@pytest.mark.parametrize(
    "name", [b"...", b"..a.jpg", b".hidden.jpg", b"a/.b/c.jpg", b"a b\n.jpg", b"\xff.jpg"]
)
def test_a_name_that_only_looks_odd_is_one(name: bytes, path: Path) -> None:
    with raw(path) as connection:
        connection.execute("UPDATE images SET relpath = ? WHERE id = 1", (name,))
    with closing(Catalog(path)) as catalog:
        read_all(catalog)
        assert not [text for text in catalog.problems() if "leads out" in text]


@pytest.mark.parametrize(
    ("location", "relative"),
    [
        (b"..", 1),
        (b"../x", 1),
        (b"a/../../x", 1),
        (b"/x", 1),
        (b"/a/../x", 0),
        (b"x", 0),
        (b"", 0),
        (b"\0", 1),
    ],
)
def test_a_root_that_leads_elsewhere_is_refused(location: bytes, relative: int, path: Path) -> None:
    with raw(path) as connection:
        connection.execute("UPDATE roots SET location = ?, relative = ?", (location, relative))
    with closing(Catalog(path)) as catalog:
        with pytest.raises(IndexCorrupt, match="root 1 leads elsewhere"):
            catalog.roots()
        assert any("root 1 leads elsewhere" in text for text in catalog.problems())


LOOP = "WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n) SELECT"


@pytest.mark.parametrize(
    ("statements", "named"),
    [
        (
            [
                "DROP TABLE skipped",
                f"CREATE VIEW skipped AS {LOOP} i AS id, 1 AS root_id, x'61' AS relpath, 1 AS size,"
                " 1 AS mtime_ns, 'x' AS reason FROM n",
            ],
            "view skipped",
        ),
        (["CREATE TRIGGER mine AFTER INSERT ON images BEGIN DELETE FROM images; END"], "trigger mine"),
        (["CREATE TABLE other (x)"], "table other"),
        (["CREATE INDEX other ON images (size)"], "index other"),
        (["DROP TABLE manifest", "CREATE TABLE manifest (key, value)"], "table manifest"),
        (['CREATE TABLE "\x1b[2J" (x)'], "x1b"),
    ],
)
def test_a_schema_of_somebody_else_is_refused(statements: list[str], named: str, path: Path) -> None:
    with raw(path) as connection:
        for statement in statements:
            connection.execute(statement)
    for kind in (Catalog, CatalogWriter):
        with pytest.raises(IndexCorrupt, match=named) as caught:
            kind(path)
        assert str(caught.value).isprintable()


def test_a_catalog_of_holes_is_refused(path: Path) -> None:
    os.truncate(path, 1 << 40)
    if path.stat().st_blocks * 512 > 1 << 30:
        pytest.skip("no sparse files here")
    with pytest.raises(IndexCorrupt, match="1099511627776 bytes, of which hardly any is on the disk"):
        Catalog(path)


def test_what_sqlite_itself_adds_is_no_strangers(path: Path) -> None:
    with raw(path) as connection:
        connection.execute("ANALYZE")
    Catalog(path).close()


@pytest.mark.slow
def test_a_statement_that_does_not_end_is_ended(path: Path) -> None:
    with closing(Catalog(path)) as catalog, pytest.raises(IndexCorrupt, match="takes longer than all"):
        catalog._db.rows(f"{LOOP} max(i) FROM n")
    with closing(Catalog(path)) as catalog:
        for _ in range(200):  # each statement is counted for itself
            read_all(catalog)


# Files beside the catalog


def hot_journal(path: Path, names: bytes) -> None:
    """Leave the catalog as a killed writer does, with a journal that names a second one."""
    work = path.with_name("work.sqlite")
    shutil.copy(path, work)
    with closing(sqlite3.connect(work, isolation_level=None)) as connection:
        connection.execute("PRAGMA cache_size = 1")
        connection.execute("BEGIN IMMEDIATE")
        connection.execute("CREATE TABLE big (x)")
        connection.executemany("INSERT INTO big VALUES (?)", [("x" * 3000,)] * 50)
        connection.execute("UPDATE images SET size = size + 1")
        shutil.copy(work, path)
        journal = work.with_name(work.name + "-journal").read_bytes()
        connection.execute("ROLLBACK")
    work.unlink()
    total = sum(struct.unpack(f"{len(names)}b", names)) & 0xFFFFFFFF
    page = struct.pack(">I", 0x40000000 // PAGE + 1)
    end = page + names + struct.pack(">II", len(names), total) + SUPER_JOURNAL if names else b""
    path.with_name(path.name + "-journal").write_bytes(journal + end)


def test_what_a_killed_writer_left_is_rolled_back(path: Path) -> None:
    hot_journal(path, b"")
    with closing(Catalog(path)) as catalog:
        read_all(catalog)
        assert catalog.problems() == []


@pytest.mark.parametrize("kind", [Catalog, CatalogWriter])
def test_a_journal_that_would_delete_another_file_is_refused(
    kind: type[Catalog], path: Path, tmp_path: Path
) -> None:
    precious = tmp_path / "precious.txt"
    precious.write_bytes(b"all that I wrote\0")
    hot_journal(path, os.fsencode(precious))
    with pytest.raises(IndexCorrupt, match="would have another file deleted"):
        kind(path)
    assert precious.read_bytes() == b"all that I wrote\0"


def test_a_journal_that_its_writer_deletes_just_now_is_none(
    path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    journal = path.with_name(path.name + "-journal")
    journal.write_bytes(SUPER_JOURNAL)
    lstat = os.lstat

    def looked_at(file: Path) -> os.stat_result:
        try:
            return lstat(file)
        finally:
            if Path(file) == journal:
                journal.unlink(missing_ok=True)

    monkeypatch.setattr("visualsearch_cli.index.sqlite.guards.os.lstat", looked_at)
    with closing(Catalog(path)) as catalog:
        read_all(catalog)
    assert not journal.exists()


@pytest.mark.parametrize("suffix", ["-journal", "-wal", "-shm"])
def test_links_beside_the_catalog_are_refused(suffix: str, path: Path, tmp_path: Path) -> None:
    target = tmp_path / "target"
    target.write_bytes(b"")
    path.with_name(path.name + suffix).symlink_to(target)
    with pytest.raises(IndexCorrupt, match=f"catalog.sqlite{suffix} is a link to"):
        Catalog(path)
    assert target.read_bytes() == b""


@pytest.mark.parametrize("suffix", ["-journal", "-wal", "-shm"])
def test_a_second_name_of_another_file_is_not_written_to(suffix: str, path: Path, tmp_path: Path) -> None:
    precious = tmp_path / "precious"
    precious.write_bytes(bytes(600) + b"all that I wrote")  # SQLite writes over a journal that begins so
    path.with_name(path.name + suffix).hardlink_to(precious)
    with pytest.raises(IndexCorrupt, match=rf"catalog.sqlite{suffix} has 2 names \(hard links\)"):
        CatalogWriter(path)
    assert precious.read_bytes().endswith(b"all that I wrote")


@pytest.mark.parametrize("kind", [Catalog, CatalogWriter])
def test_no_unfinished_change_is_taken_back_in_another_file(
    kind: type[Catalog], path: Path, tmp_path: Path
) -> None:
    """A journal that lies beside a second name of a file would be written over whatever that file holds."""
    hot_journal(path, b"")
    precious = tmp_path / "precious"
    path.rename(precious)
    path.hardlink_to(precious)
    before = precious.read_bytes()
    with pytest.raises(
        IndexCorrupt, match=r"has other names \(hard links\), and a change of it was not fini"
    ):
        kind(path)
    assert precious.read_bytes() == before
    shutil.copy(path, path.with_name("copy"))  # as the message says
    path.with_name("copy").rename(path)
    with closing(kind(path)) as catalog:
        read_all(catalog)
    assert precious.read_bytes() == before


def test_a_catalog_with_another_name_is_read_and_not_written(path: Path, tmp_path: Path) -> None:
    (tmp_path / "backup").hardlink_to(path)
    before = path.read_bytes()
    with closing(Catalog(path)) as catalog:
        read_all(catalog)
    with closing(CatalogWriter(path)) as catalog, pytest.raises(IndexStoreError, match="readonly"):
        catalog.write([FileUpdate(FileKey(1, "new.jpg"), 1, 1, content("new", 1, 9))])
    with IndexFolder(path.parent).lock(), closing(CatalogWriter(path)) as catalog:
        catalog.write([FileUpdate(FileKey(1, "new.jpg"), 1, 1, content("new", 1, 9))])
    assert (tmp_path / "backup").read_bytes() == before != path.read_bytes()
    assert path.stat().st_nlink == 1


def test_a_lock_that_is_a_second_name_of_a_file_is_refused(path: Path, tmp_path: Path) -> None:
    precious = tmp_path / "precious"
    precious.write_bytes(b"all that I wrote")
    (path.parent / "lock").hardlink_to(precious)
    with pytest.raises(IndexStoreError, match=r"lock has 2 names \(hard links\) and holds 16 bytes"):
        IndexFolder(path.parent).lock().__enter__()
    assert precious.read_bytes() == b"all that I wrote"
    precious.write_bytes(b"")  # as it is in a backup of hard links
    with IndexFolder(path.parent).lock():
        assert precious.read_bytes() == b""


def test_a_write_ahead_log_is_none_of_ours(path: Path) -> None:
    with raw(path) as connection:
        connection.execute("PRAGMA journal_mode = WAL")
    before = sorted(path.parent.iterdir())
    with pytest.raises(IndexCorrupt, match="write-ahead log"):
        Catalog(path)
    assert sorted(path.parent.iterdir()) == before


# Weights


def sscd(weights: Path) -> Manifest:
    """Return the manifest of an index that was made with a file of weights, and names it."""
    model = ModelSpec("sscd", weights_id(weights), SSCD_PREPROCESSING, 512)
    return MANIFEST._replace(model=model, weights_path=str(weights))


@pytest.fixture
def loads(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> list[ModelRequest]:
    """Return what was asked to be loaded, instead of loading it."""
    asked: list[ModelRequest] = []

    class Embedder:
        def __init__(self, request: ModelRequest) -> None:
            assert request.weights is not None
            self.spec = sscd(request.weights).model

    def load(request: ModelRequest) -> Embedder:
        asked.append(request)
        return Embedder(request)

    monkeypatch.setattr(models, "load", load)
    monkeypatch.setattr("visualsearch_cli.remembered.state_folder", lambda: tmp_path / "state")
    monkeypatch.delenv(models.VARIABLE, raising=False)
    return asked


def test_weights_are_never_loaded_from_where_an_index_says(
    loads: list[ModelRequest], path: Path, tmp_path: Path
) -> None:
    program = tmp_path / "evil.torchscript.pt"
    program.write_bytes(b"a program")
    embedder = ModelChoice().of_index(sscd(program), path.parent)
    with pytest.raises(ModelUnavailable, match="pass --weights FILE, or set VISUALSEARCH_WEIGHTS") as caught:
        embedder()
    assert loads == [] and "evil" not in str(caught.value)


def test_weights_that_the_user_named_are_loaded_and_known_from_then_on(
    loads: list[ModelRequest], path: Path, tmp_path: Path
) -> None:
    weights = tmp_path / "mine.torchscript.pt"
    weights.write_bytes(b"mine")
    manifest = sscd(weights)._replace(weights_path="/elsewhere/evil.pt")
    ModelChoice(None, weights).of_index(manifest, path.parent)()
    assert remembered(WEIGHTS) == {weights_id(weights): str(weights)}
    ModelChoice().of_index(manifest, path.parent)()
    assert [request.weights for request in loads] == [weights, weights]
    weights.write_bytes(b"exchanged")
    with pytest.raises(ModelMismatch):  # the hash decides
        ModelChoice().of_index(manifest, path.parent)()
    weights.unlink()
    with pytest.raises(ModelUnavailable, match="pass --weights FILE"):
        ModelChoice().of_index(manifest, path.parent)()
    assert len(loads) == 2


def test_weights_of_the_environment(
    loads: list[ModelRequest], path: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    weights = tmp_path / "mine.torchscript.pt"
    weights.write_bytes(b"mine")
    monkeypatch.setenv(models.VARIABLE, str(weights))
    ModelChoice().of_index(sscd(weights), path.parent)()
    ModelChoice("sscd").new()()
    assert [request.weights for request in loads] == [weights, weights]
    assert ModelChoice().new().request.weights is None, "the default model takes none"
