"""Any sequence of changes to a folder, and of index runs between them, leaves the index equal to the disk."""

from __future__ import annotations

import os
import shutil
from collections.abc import Iterator
from contextlib import closing
from dataclasses import dataclass, replace
from pathlib import Path
from tempfile import TemporaryDirectory

import numpy as np
import pytest
from hypothesis import settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, precondition, rule

from tests.helpers.doubles import FakeReader, InterruptedEmbedder, Loader, MemoryGraphStore, toy
from tests.helpers.fakes import FakeEmbedder
from visualsearch_cli.index import derived
from visualsearch_cli.index.catalog import Catalog
from visualsearch_cli.index.derived import update_graphs
from visualsearch_cli.index.folder import IndexFolder
from visualsearch_cli.index.known_files import Stretch
from visualsearch_cli.index.records import FileKey
from visualsearch_cli.index.roots import find_targets
from visualsearch_cli.index.sqlite import known_files
from visualsearch_cli.index.writer import CatalogWriter
from visualsearch_cli.indexing.build import index_files
from visualsearch_cli.indexing.changes import find_changes
from visualsearch_cli.indexing.scanner import Scanner, ScanOptions
from visualsearch_cli.indexing.summary import IndexReport
from visualsearch_cli.pictures.image import ImageRecord
from visualsearch_cli.pictures.reading import hash_content
from visualsearch_cli.progress import NoProgress
from visualsearch_cli.search.neighbors import Query, SearchOptions, find_neighbors
from visualsearch_cli.vectors.combined import CombinedIndex
from visualsearch_cli.vectors.exact import ExactIndex
from visualsearch_cli.vectors.index import Embeddings, IndexParams, Searchable

NAMES = st.sampled_from(
    [
        f"{folder}{name}.jpg"
        for folder in ("", "sub/", "sub/deep/", "sub2/")
        for name in ("a", "b", "it's \u00e9")
    ]
)
SEEDS = st.integers(0, 11)
EXCLUDED = st.sampled_from([(), ("b.jpg",), ("sub",), ("sub/deep",)])
TARGETS = st.sampled_from([".", ".", "sub", "sub/deep", "a.jpg"])


def vector_of(data: bytes) -> Embeddings:
    embedder = FakeEmbedder()
    return embedder.embed([embedder.prepare(FakeReader().read(data).pixels)])


VECTORS = {hash_content(toy(seed)): vector_of(toy(seed)) for seed in range(12)}


@dataclass(frozen=True)
class File:
    """A file on the disk. No two different contents ever have the same time."""

    data: bytes
    time: int

    @property
    def hash(self) -> bytes | None:
        """Its content hash, if it is an image."""
        return hash_content(self.data) if self.data.startswith(b"toy:") else None


@dataclass(frozen=True)
class Known:
    """What the catalog should remember of an image."""

    file: File
    hash: bytes
    missing: bool = False


class WithoutSummaries(Catalog):
    """A catalog that always gives every file."""

    def stretches(self, place: FileKey) -> Iterator[Stretch]:
        """Forget what is known of them as a whole."""
        for stretch in super().stretches(place):
            yield replace(stretch, summary=None)


class IndexMachine(RuleBasedStateMachine):
    """A folder that changes, its index, and a model of both."""

    def __init__(self) -> None:
        super().__init__()
        self._temporary = TemporaryDirectory()
        self.base = Path(os.path.realpath(self._temporary.name)) / "base0"
        self.photos.mkdir(parents=True)
        self.store = MemoryGraphStore()
        self.disk: dict[str, File] = {}
        self.known: dict[str, Known] = {}
        self.skipped: dict[str, File] = {}
        self.stored: set[bytes] = set()  # contents
        self.clock = 10**18
        self.moves = 0

    @property
    def photos(self) -> Path:
        return self.base / "photos"

    @initialize()
    def make(self) -> None:
        folder = IndexFolder(self.base / ".visualsearch")
        with folder.lock():
            folder.create(FakeEmbedder.spec, None, IndexParams())
        self.open()
        (self.photos / "notes.txt").touch()  # a root without any file counts as a disk that is not mounted
        find_targets(self.catalog, [str(self.photos)])

    def open(self) -> None:
        self.catalog = CatalogWriter(self.base / ".visualsearch" / "catalog.sqlite")
        self.catalog._db.run("PRAGMA synchronous = OFF")  # nobody pulls the plug of a test

    def teardown(self) -> None:
        if hasattr(self, "catalog"):
            self.catalog.close()
        self._temporary.cleanup()

    # What people do to folders

    def put(self, name: str, data: bytes) -> None:
        self.clock += 10**10  # more than the coarsest file system's unit, or both may be one time
        path = self.photos / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(data)
        os.utime(path, ns=(self.clock, self.clock))
        self.disk[name] = File(data, self.clock)

    def pick(self, choice: int) -> str:
        return sorted(self.disk)[choice % len(self.disk)]

    @rule(name=NAMES, seed=SEEDS)
    def add_or_change(self, name: str, seed: int) -> None:
        self.put(name, toy(seed))

    @rule(name=NAMES, number=st.integers(0, 2))
    def make_unreadable(self, name: str, number: int) -> None:
        self.put(name, b"bad%d" % number)

    @precondition(lambda self: self.disk)
    @rule(choice=st.integers(0, 99), name=NAMES)
    def copy(self, choice: int, name: str) -> None:
        source = self.pick(choice)
        if source != name:
            (self.photos / name).parent.mkdir(parents=True, exist_ok=True)
            shutil.copy2(self.photos / source, self.photos / name)
            self.disk[name] = self.disk[source]

    @precondition(lambda self: self.disk)
    @rule(choice=st.integers(0, 99), name=NAMES)
    def rename(self, choice: int, name: str) -> None:
        source = self.pick(choice)
        (self.photos / name).parent.mkdir(parents=True, exist_ok=True)
        os.replace(self.photos / source, self.photos / name)
        self.disk[name] = self.disk.pop(source)

    @precondition(lambda self: self.disk)
    @rule(choice=st.integers(0, 99))
    def delete(self, choice: int) -> None:
        name = self.pick(choice)
        (self.photos / name).unlink()
        del self.disk[name]

    @precondition(lambda self: (self.photos / "sub").is_dir())
    @rule()
    def delete_folder(self) -> None:
        shutil.rmtree(self.photos / "sub")
        self.disk = {name: file for name, file in self.disk.items() if not name.startswith("sub/")}

    @precondition(lambda self: any(item.missing for item in self.known.values()))
    @rule(choice=st.integers(0, 99))
    def restore(self, choice: int) -> None:
        """Bring back a file as it was, as from a backup."""
        gone = sorted(name for name, item in self.known.items() if item.missing and name not in self.disk)
        if gone:
            name = gone[choice % len(gone)]
            file = self.known[name].file
            path = self.photos / name
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_bytes(file.data)
            os.utime(path, ns=(file.time, file.time))
            self.disk[name] = file

    @rule()
    def move_everything(self) -> None:
        """Rename the folder that holds both the photos and the index."""
        self.catalog.close()
        self.moves += 1
        self.base = self.base.rename(self.base.with_name(f"base{self.moves}"))
        self.open()

    # What the program does

    @rule(place=TARGETS, exclude=EXCLUDED, retry=st.booleans())
    def compare(self, place: str, exclude: tuple[str, ...], retry: bool) -> None:
        """Whether the catalog's summaries are there makes no difference to what is found."""
        if not self.is_there(place):
            return
        targets, _ = find_targets(self.catalog, [os.path.normpath(self.photos / place)])
        options = ScanOptions(exclude=exclude)
        with closing(WithoutSummaries(self.catalog.path)) as plain:
            found = [
                find_changes(targets, catalog, Scanner(options), NoProgress(), retry_skipped=retry)
                for catalog in (self.catalog, plain)
            ]
        assert found[0] == found[1]

    def run(self, target: str, loader: Loader) -> IndexReport:
        targets, offline = find_targets(self.catalog, [os.path.normpath(self.photos / target)])
        assert offline == []
        report = index_files(targets, self.catalog, Scanner(), FakeReader(), loader, 2, NoProgress())
        self.catalog.summarize()
        update_graphs(self.catalog, self.store, NoProgress())
        return report

    def covers(self, target: str, name: str) -> bool:
        return target in (".", name) or name.startswith(target + "/")

    def unknown(self, target: str) -> set[bytes]:
        """Return the contents at a target that are not stored yet."""
        files = (file for name, file in self.disk.items() if self.covers(target, name))
        return {file.hash for file in files if file.hash} - self.stored

    def is_there(self, target: str) -> bool:
        return os.path.exists(self.photos / target)

    @rule(place=TARGETS)
    def index(self, place: str) -> None:
        if not self.is_there(place):
            return
        files = {name: file for name, file in self.disk.items() if self.covers(place, name)}
        was_known = {name: item for name, item in self.known.items() if self.covers(place, name)}
        new = self.unknown(place)
        untried = [name for name, file in files.items() if not file.hash and self.skipped.get(name) != file]
        loader = Loader()
        report = self.run(place, loader)

        assert loader.embedded == report.embedded == len(new)
        assert new or untried or loader.calls == 0
        assert report.found == len(files)
        assert {item.path for item in report.skipped} == {
            str(self.photos / name) for name, file in files.items() if not file.hash
        }
        gone = [name for name, item in was_known.items() if not item.missing and name not in files]
        assert report.missing == len(gone)
        self.stored |= new
        for name in was_known:
            if name not in files:
                self.known[name] = replace(self.known[name], missing=True)
        self.skipped = {name: file for name, file in self.skipped.items() if not self.covers(place, name)}
        for name, file in files.items():
            if file.hash:
                self.known[name] = Known(file, file.hash)
            else:
                self.known.pop(name, None)
                self.skipped[name] = file

    @rule(place=TARGETS)
    def index_interrupted(self, place: str) -> None:
        """Press Ctrl-C while the first batch is embedded: only what was merely back is noted."""
        if not self.is_there(place) or not self.unknown(place):
            return
        with pytest.raises(KeyboardInterrupt):
            self.run(place, Loader(InterruptedEmbedder(0)))
        for name, item in self.known.items():
            if self.covers(place, name) and self.disk.get(name) == item.file:
                self.known[name] = replace(item, missing=False)

    @rule()
    def prune(self) -> None:
        gone = [name for name, item in self.known.items() if item.missing]
        assert self.catalog.prune() == len(gone)
        for name in gone:
            del self.known[name]
        self.stored = {item.hash for item in self.known.values()}

    @rule(seed=SEEDS, k=st.integers(1, 8), limit=st.sampled_from([None, 0.0, 0.5]))
    def query(self, seed: int, k: int, limit: float | None) -> None:
        content_hash = hash_content(toy(seed))
        query = Query(Path("/outside.jpg"), VECTORS[content_hash], content_hash.hex())
        expected = []
        for name, item in self.known.items():
            dot = float((query.vectors.astype(np.float64) @ VECTORS[item.hash].T.astype(np.float64))[0, 0])
            distance = 0.0 if item.hash == content_hash else round(float(np.float32(max(0.0, 1 - dot))), 6)
            if not item.missing and (limit is None or distance <= limit):
                expected.append((distance, str(self.photos / name)))
        options = SearchOptions(k=k, max_distance=limit)
        (result,) = find_neighbors([query], self.searched(), self.catalog, options)
        found = [(match.distance, str(match.image.path)) for match in result.matches]
        assert found == sorted(expected)[:k]

    def searched(self) -> Searchable:
        """Return the graph and what is beside it, as a command would open them."""
        graph = self.catalog.manifest().graph
        tail = self.catalog.all_vectors(after_id=graph.last_id if graph else 0)
        beside = ExactIndex.from_arrays(tail.ids, tail.vectors)
        if graph is None:
            return beside
        return CombinedIndex([self.store.load(graph, FakeEmbedder.spec.dim, IndexParams()), beside])

    # What must hold at any moment

    def images(self) -> Iterator[ImageRecord]:
        stored = self.catalog.vectors()
        for records in self.catalog.images_of(stored.content_ids.tolist()).values():
            yield from records

    @invariant()
    def the_catalog_is_as_expected(self) -> None:
        if not hasattr(self, "catalog"):
            return
        assert self.catalog.problems() == []
        found = {str(image.path): bytes.fromhex(image.content_hash) for image in self.images()}
        present = {name: item.hash for name, item in self.known.items() if not item.missing}
        assert found == {str(self.photos / name): content_hash for name, content_hash in present.items()}
        for content_hash in self.stored:
            vector = self.catalog.content_vector(content_hash)
            assert vector is not None
            np.testing.assert_allclose(vector, VECTORS[content_hash], atol=1e-6)
        counts = self.catalog.counts()
        assert counts.images == len(present)
        assert counts.missing == len(self.known) - len(present)
        assert counts.skipped == len(self.skipped)
        assert counts.vectors == len(self.stored)
        assert {item.path for item in self.catalog.skipped()} == {str(self.photos / n) for n in self.skipped}


@pytest.fixture(autouse=True)
def few_are_many(monkeypatch: pytest.MonkeyPatch) -> None:
    """Let graphs be written after a few appends, and files be summarized by threes, not by the thousand."""
    monkeypatch.setattr(derived, "SMALL_TAIL", 2)
    monkeypatch.setattr(known_files, "LENGTH", 3)
    monkeypatch.setattr(known_files, "THIN", 2)


TestIndexMachine = pytest.mark.slow(IndexMachine.TestCase)
TestIndexMachine.settings = settings(max_examples=25, stateful_step_count=25)
