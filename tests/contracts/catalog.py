"""What any catalog must do. A new one inherits `CatalogContract` and says how it is made and opened."""

from __future__ import annotations

import os
import threading
from collections.abc import Callable, Iterator, Sequence
from contextlib import closing
from itertools import pairwise
from pathlib import Path

import numpy as np
import numpy.typing as npt
import pytest

from visualsearch_cli.embedders.embedder import ModelSpec
from visualsearch_cli.index.catalog import Catalog
from visualsearch_cli.index.records import (
    BlockFile,
    Counts,
    FileKey,
    FileUpdate,
    Frames,
    GraphFile,
    Manifest,
    NewContent,
    Root,
    Source,
)
from visualsearch_cli.index.sqlite.migrations import FORMAT_VERSION
from visualsearch_cli.index.writer import CatalogWriter
from visualsearch_cli.pictures.image import SkippedImage
from visualsearch_cli.pictures.regions import CORNERS, FULL_FRAME
from visualsearch_cli.vectors.index import IndexParams

DIM = 4
MODEL = ModelSpec("toy", "none", "toy/1", DIM)
MANIFEST = Manifest(
    format_version=FORMAT_VERSION,
    created_by="0.0",
    created="2024-05-06T07:08:09+00:00",
    model=MODEL,
    weights_path=None,
    params=IndexParams(M=5, ef_construction=17, ef_search=23),
    graph=None,
)
GRAPH = GraphFile(7, "hnsw.000007.bin", "0" * 64, 3, 9)

ODD_NAMES = [
    "new\nline.jpg",
    'it\'s "quoted".jpg',
    "-rf.jpg",
    "caf\u00e9 \U0001f4f7.jpg",
    "\udcff\udc80.jpg",  # bytes that are not valid UTF-8
    " blanks .jpg",
    "100%_[x]*?.jpg",
    "semi;colon--.jpg",
    "\x1b[31mred.jpg",
]
if os.sep == "/":
    ODD_NAMES.append("back\\slash.jpg")


def unit(*values: float) -> npt.NDArray[np.float32]:
    """Return a vector of unit length, its last values 0."""
    vector = np.zeros(DIM)
    vector[: len(values)] = values
    vector /= np.linalg.norm(vector)
    return vector.astype(np.float32)


def content(name: str, *values: float) -> NewContent:
    """Return a content with a hash made of its name."""
    return NewContent(digest(name), 640, 480, "JPEG", unit(*(values or (1.0,))))


def digest(name: str) -> bytes:
    """Return 32 bytes that stand for the hash of a content."""
    return name.encode().ljust(32, b".")


def raw_path(path: Path) -> bytes:
    """Return a path as `known_files` has it."""
    return os.fsencode(path.as_posix())


def lose(catalog: CatalogWriter, place: FileKey, keep: Sequence[int] = ()) -> None:
    """Let the images at a place and below it be missing, but for some ids."""
    catalog.vanish([id for _, id, *_ in catalog.known_files(place) if id not in keep], ())


class Watched(list[FileUpdate]):
    """Updates that do something else after the first of them was written, in the middle of a transaction."""

    def __init__(self, updates: list[FileUpdate], action: Callable[[], None]) -> None:
        super().__init__(updates)
        self.action = action

    def __iter__(self) -> Iterator[FileUpdate]:
        """Give the first, act, give the others."""
        for number, update in enumerate(super().__iter__()):
            if number == 1:
                self.action()
            yield update


class CatalogContract:
    """The contract. `folder` holds the index in `.visualsearch`, and a root named `photos`."""

    def make(self, folder: Path, manifest: Manifest) -> None:
        """Make an empty catalog for an index inside a folder."""
        raise NotImplementedError

    def open(self, folder: Path) -> Catalog:
        """Open it for reading."""
        raise NotImplementedError

    def open_writer(self, folder: Path) -> CatalogWriter:
        """Open it for writing."""
        raise NotImplementedError

    @pytest.fixture
    def folder(self, tmp_path: Path) -> Path:
        folder = Path(os.path.realpath(tmp_path)) / "base"
        (folder / "photos").mkdir(parents=True)
        (folder / ".visualsearch").mkdir()
        self.make(folder, MANIFEST)
        return folder

    @pytest.fixture
    def catalog(self, folder: Path) -> Iterator[CatalogWriter]:
        with closing(self.open_writer(folder)) as catalog:
            yield catalog

    @pytest.fixture
    def root(self, catalog: CatalogWriter, folder: Path) -> Root:
        return catalog.add_root(folder / "photos")

    def put(self, catalog: CatalogWriter, root: Root, relpath: str, what: NewContent | bytes) -> int:
        """Write one file; returns its image id."""
        (id,) = catalog.write([FileUpdate(FileKey(root.id, relpath), 10, 20, what)])
        return id

    def skip(self, catalog: CatalogWriter, root: Root, relpath: str, reason: str = "broken") -> None:
        """Write one file that cannot be used."""
        assert catalog.write([FileUpdate(FileKey(root.id, relpath), 10, 20, None, reason)]) == []

    # Manifest and graph

    def test_the_manifest_comes_back_as_it_was_given(self, catalog: CatalogWriter) -> None:
        assert catalog.manifest() == MANIFEST

    def test_the_graph_is_set_and_unset(self, catalog: CatalogWriter, folder: Path) -> None:
        catalog.set_graph(GRAPH)
        with closing(self.open(folder)) as reader:
            assert reader.manifest().graph == GRAPH
            catalog.set_graph(None)
            assert reader.manifest().graph is None

    # Roots

    def test_roots_come_back_in_order(self, catalog: CatalogWriter, folder: Path) -> None:
        (folder / "another").mkdir()
        added = [catalog.add_root(folder / name) for name in ("photos", "another")]
        assert catalog.roots() == added
        assert [root.path for root in added] == [str(folder / "photos"), str(folder / "another")]
        assert added[0].id != added[1].id

    def test_a_root_remembers_which_folder_it_is(self, root: Root, folder: Path) -> None:
        state = os.stat(folder / "photos")
        assert (root.device, root.inode) == (str(state.st_dev), str(state.st_ino))

    def test_a_moved_root_takes_its_images_along(
        self, catalog: CatalogWriter, root: Root, folder: Path
    ) -> None:
        id = self.put(catalog, root, "a.jpg", content("a"))
        (folder / "photos").rename(folder / "holidays")
        moved = catalog.move_root(root.id, folder / "holidays")
        assert (moved.id, moved.path) == (root.id, str(folder / "holidays"))
        assert catalog.roots() == [moved]
        record = catalog.image(FileKey(root.id, "a.jpg"))
        assert record is not None
        assert (record.id, record.path) == (id, folder / "holidays" / "a.jpg")

    # Files

    def test_a_written_image_is_known(self, catalog: CatalogWriter, root: Root, folder: Path) -> None:
        key = FileKey(root.id, "trip/a.jpg")
        assert list(catalog.known_files(key)) == []
        assert catalog.image(key) is None
        (id,) = catalog.write([FileUpdate(key, 123, 2**62 + 1, content("a"))])
        path = raw_path(folder / "photos" / "trip" / "a.jpg")
        assert list(catalog.known_files(key)) == [(path, id, 123, 2**62 + 1, False, None)]
        record = catalog.image(key)
        assert record is not None
        assert record.path == folder / "photos" / "trip" / "a.jpg"
        assert (record.id, record.size, record.mtime_ns) == (id, 123, 2**62 + 1)
        assert (record.width, record.height, record.format) == (640, 480, "JPEG")
        assert record.content_hash == digest("a").hex()

    @pytest.mark.parametrize("name", ODD_NAMES, ids=ascii)
    def test_names_come_back_byte_for_byte(
        self, name: str, catalog: CatalogWriter, root: Root, folder: Path
    ) -> None:
        relpath = f"{name}/{name}"
        id = self.put(catalog, root, relpath, content("a"))
        self.skip(catalog, root, f"skipped/{name}")
        record = catalog.image(FileKey(root.id, relpath))
        assert record is not None
        assert record.id == id
        assert os.fsencode(record.path) == os.fsencode(folder / "photos" / name / name)
        assert [item.path for item in catalog.skipped()] == [str(folder / "photos" / "skipped" / name)]
        assert [*catalog.images_of([record.content_id], FileKey(root.id, name))] == [record.content_id]

    def test_a_root_with_an_odd_name_is_found_again(self, catalog: CatalogWriter, folder: Path) -> None:
        path = folder / "it's \u00e9\n"
        path.mkdir()
        catalog.add_root(path)
        with closing(self.open(folder)) as reader:
            assert [root.path for root in reader.roots()] == [str(path)]

    def test_a_changed_file_keeps_its_id_and_gets_its_new_content(
        self, catalog: CatalogWriter, root: Root
    ) -> None:
        key = FileKey(root.id, "a.jpg")
        id = self.put(catalog, root, "a.jpg", content("a"))
        (again,) = catalog.write([FileUpdate(key, 11, 21, content("b", 0, 1))])
        assert again == id
        record = catalog.image(key)
        assert record is not None
        assert (record.size, record.mtime_ns, record.content_hash) == (11, 21, digest("b").hex())
        assert catalog.has_content(digest("a"))  # kept until `prune`: the old version may come back

    def test_copies_share_a_content(self, catalog: CatalogWriter, root: Root) -> None:
        self.put(catalog, root, "z.jpg", content("a"))
        self.put(catalog, root, "b.jpg", digest("a"))
        ids = catalog.write(
            [
                FileUpdate(FileKey(root.id, "m.jpg"), 1, 1, content("m", 0, 1)),
                FileUpdate(FileKey(root.id, "n.jpg"), 1, 1, digest("m")),
            ]
        )
        assert len(ids) == 2
        assert catalog.counts() == Counts(images=4, missing=0, skipped=0, contents=2, vectors=2)

    def test_writing_a_content_twice_stores_it_once(self, catalog: CatalogWriter, root: Root) -> None:
        """A commit whose success was not noticed, because of an interruption, is made again."""
        update = FileUpdate(FileKey(root.id, "a.jpg"), 1, 1, content("a"))
        assert catalog.write([update]) == catalog.write([update])
        assert catalog.counts() == Counts(images=1, missing=0, skipped=0, contents=1, vectors=1)
        assert catalog.problems() == []

    def test_a_skipped_file_is_remembered_with_its_reason(
        self, catalog: CatalogWriter, root: Root, folder: Path
    ) -> None:
        self.skip(catalog, root, "b.jpg", "not an image")
        self.skip(catalog, root, "a.jpg", "too large")
        ((path, _, *known),) = catalog.known_files(FileKey(root.id, "a.jpg"))
        assert path == raw_path(folder / "photos" / "a.jpg")
        assert known == [10, 20, False, "too large"]
        assert catalog.image(FileKey(root.id, "a.jpg")) is None
        photos = folder / "photos"
        assert catalog.skipped() == [
            SkippedImage(str(photos / "a.jpg"), "too large"),
            SkippedImage(str(photos / "b.jpg"), "not an image"),
        ]
        assert catalog.counts() == Counts(images=0, missing=0, skipped=2, contents=0, vectors=0)

    def test_a_file_is_either_an_image_or_skipped(self, catalog: CatalogWriter, root: Root) -> None:
        self.put(catalog, root, "a.jpg", content("a"))
        self.skip(catalog, root, "a.jpg", "first")
        self.skip(catalog, root, "a.jpg", "second")
        assert catalog.counts().images == 0
        assert [item.reason for item in catalog.skipped()] == ["second"]
        self.put(catalog, root, "a.jpg", digest("a"))
        assert catalog.counts().images == 1
        assert catalog.skipped() == []

    # Missing files

    def test_what_vanishes_is_missing_and_comes_back(self, catalog: CatalogWriter, root: Root) -> None:
        self.put(catalog, root, "a.jpg", content("a"))
        gone = self.put(catalog, root, "b.jpg", content("b", 0, 1))
        assert catalog.vanish([gone], ()) == 1
        assert catalog.vanish([gone], ()) == 0  # it is missing already
        key = FileKey(root.id, "b.jpg")
        assert catalog.image(key) is None
        ((_, id, _, _, missing, _),) = catalog.known_files(key)
        assert (id, missing) == (gone, True)
        assert catalog.counts() == Counts(images=1, missing=1, skipped=0, contents=2, vectors=2)
        assert catalog.write((), [gone]) == []
        assert catalog.image(key) is not None
        assert catalog.counts().missing == 0

    def test_a_missing_file_that_is_written_is_back(self, catalog: CatalogWriter, root: Root) -> None:
        id = self.put(catalog, root, "a.jpg", content("a"))
        catalog.vanish([id], ())
        assert self.put(catalog, root, "a.jpg", digest("a")) == id
        assert catalog.counts() == Counts(images=1, missing=0, skipped=0, contents=1, vectors=1)

    def test_a_file_that_was_skipped_and_read_in_one_commit_is_an_image(
        self, catalog: CatalogWriter, root: Root
    ) -> None:
        """A run looks again at what changed meanwhile, and both may wait for the same commit."""
        key, other = FileKey(root.id, "a.jpg"), FileKey(root.id, "b.jpg")
        broken = FileUpdate(key, 10, 20, None, "broken")
        read = FileUpdate(key, 11, 21, content("a"))
        ids = catalog.write([broken, FileUpdate(other, 1, 1, content("a")), read])
        assert len(set(ids)) == 2
        assert catalog.counts() == Counts(images=2, missing=0, skipped=0, contents=1, vectors=1)

    def test_skipped_files_that_vanished_are_forgotten(self, catalog: CatalogWriter, root: Root) -> None:
        self.skip(catalog, root, "there.jpg")
        self.skip(catalog, root, "gone.jpg")
        ((_, gone, *_),) = catalog.known_files(FileKey(root.id, "gone.jpg"))
        assert catalog.vanish((), [gone]) == 0
        assert [os.path.basename(item.path) for item in catalog.skipped()] == ["there.jpg"]

    # What is known of files, for a walk over them

    def test_known_files_come_sorted_by_the_bytes_of_their_paths(
        self, catalog: CatalogWriter, root: Root, folder: Path
    ) -> None:
        names = [
            "b/1.jpg",
            "a/z/2.jpg",
            "a b.jpg",
            "a.jpg",
            "B.jpg",
            "\u00e9.jpg",
            "\udcff.jpg",
            "a/b.jpg",
            "a0",
        ]
        names += [f"{n}.jpg" for n in range(11_000)]  # read in several pages
        updates = [FileUpdate(FileKey(root.id, name), 1, 2, digest("x")) for name in names[1:]]
        catalog.write([FileUpdate(FileKey(root.id, names[0]), 1, 2, content("x"))])
        catalog.write(updates)
        self.skip(catalog, root, "a/c.jpg")
        paths = [file[0] for file in catalog.known_files(FileKey(root.id, "."))]
        expected = sorted(raw_path(folder / "photos" / name) for name in [*names, "a/c.jpg"])
        assert paths == expected

    def test_known_files_are_those_of_one_place(
        self, catalog: CatalogWriter, root: Root, folder: Path
    ) -> None:
        (folder / "other").mkdir()
        other = catalog.add_root(folder / "other")
        for number, relpath in enumerate(("a/b/1.jpg", "a/bc/2.jpg", "a/b.jpg", "a/b 3.jpg", "c.jpg")):
            self.put(catalog, root, relpath, content(f"c{number}"))
            self.put(catalog, other, relpath, digest(f"c{number}"))
        self.skip(catalog, other, "a/b/0.jpg")

        def known(root: Root, place: str) -> list[str]:
            base = folder / Path(root.path).name
            files = catalog.known_files(FileKey(root.id, place))
            return [os.path.relpath(os.fsdecode(file[0]), base).replace(os.sep, "/") for file in files]

        assert known(root, "a/b") == ["a/b/1.jpg"]
        assert known(other, "a/b") == ["a/b/0.jpg", "a/b/1.jpg"]
        assert known(other, "c.jpg") == ["c.jpg"]
        assert known(root, "a/b/1.jpg/x") == []

    # Stretches of files, which a walk compares at once

    def test_stretches_hold_all_that_is_known_in_order(self, catalog: CatalogWriter, root: Root) -> None:
        names = [f"{n % 7}/{n:05}.jpg" for n in range(4000)]
        catalog.write([FileUpdate(FileKey(root.id, "a.jpg"), 1, 2, content("x"))])
        catalog.write([FileUpdate(FileKey(root.id, name), 1, 2, digest("x")) for name in names])
        self.skip(catalog, root, "b.jpg")
        for summarized in (False, True):
            for place in (".", "3", "3/00003.jpg", "b.jpg", "nowhere"):
                key = FileKey(root.id, place)
                found = list(catalog.stretches(key))
                assert [file for stretch in found for file in stretch.files()] == list(
                    catalog.known_files(key)
                )
                for stretch, following in pairwise(found):
                    assert stretch.until is not None
                    assert all(file[0] < stretch.until for file in stretch.files())
                    assert all(file[0] >= stretch.until for file in following.files())
            whole = list(catalog.stretches(FileKey(root.id, ".")))
            assert [stretch.summary is not None for stretch in whole] == [summarized] * len(whole)
            assert whole[-1].until is None
            catalog.summarize()
        assert len(whole) > 3

    def test_a_summary_is_of_the_files_there_are(self, catalog: CatalogWriter, root: Root) -> None:
        self.put(catalog, root, "a.jpg", content("a"))
        self.put(catalog, root, "gone.jpg", digest("a"))
        self.skip(catalog, root, "b.jpg")
        lose(catalog, FileKey(root.id, "gone.jpg"))
        catalog.summarize()
        (stretch,) = catalog.stretches(FileKey(root.id, "."))
        summary = stretch.summary
        assert summary is not None
        assert (summary.count, summary.skipped) == (2, 1)
        paths = [raw_path(Path(root.path) / name) for name in ("a.jpg", "b.jpg")]
        assert summary.is_of(paths, [10, 10], [20, 20])
        assert not summary.is_of(paths[:1], [10], [20])
        assert not summary.is_of([paths[0], paths[1] + b"c"], [10, 10], [20, 20])
        assert not summary.is_of(paths, [10, 11], [20, 20])
        assert not summary.is_of(paths, [10, 10], [20, 21])
        assert not summary.is_of(paths, [10, 10], [20, 2**63])
        more = raw_path(Path(root.path) / "gone.jpg")
        assert not summary.is_of([*paths, more], [10] * 3, [20] * 3)

    def test_a_moved_root_keeps_its_summaries(self, catalog: CatalogWriter, root: Root, folder: Path) -> None:
        self.put(catalog, root, "a.jpg", content("a"))
        catalog.summarize()
        (folder / "photos").rename(folder / "holidays")
        catalog.move_root(root.id, folder / "holidays")
        (stretch,) = catalog.stretches(FileKey(root.id, "."))
        assert stretch.summary is not None
        assert stretch.summary.is_of([raw_path(folder / "holidays" / "a.jpg")], [10], [20])

    def summarized(self, catalog: CatalogWriter, root: Root) -> list[bool]:
        """Tell of each stretch of a root whether it has a summary."""
        return [stretch.summary is not None for stretch in catalog.stretches(FileKey(root.id, "."))]

    @pytest.fixture
    def known(self, catalog: CatalogWriter, root: Root) -> None:
        """Let the catalog have summaries of an image, one that is missing, and a file that was skipped."""
        self.put(catalog, root, "a.jpg", content("a"))
        self.put(catalog, root, "gone.jpg", digest("a"))
        self.skip(catalog, root, "skipped.jpg")
        lose(catalog, FileKey(root.id, "gone.jpg"))
        catalog.summarize()
        assert self.summarized(catalog, root) == [True]

    @pytest.mark.usefixtures("known")
    @pytest.mark.parametrize(
        ("name", "size", "time", "usable"),
        [
            ("new.jpg", 10, 20, True),
            ("new.jpg", 10, 20, False),
            ("a.jpg", 11, 20, True),
            ("a.jpg", 10, 21, True),
            ("a.jpg", 10, 20, False),
            ("gone.jpg", 10, 20, True),
            ("skipped.jpg", 11, 20, False),
            ("skipped.jpg", 10, 20, True),
        ],
    )
    def test_no_summary_outlives_what_is_written(
        self,
        name: str,
        size: int,
        time: int,
        usable: bool,
        catalog: CatalogWriter,
        root: Root,
        folder: Path,
    ) -> None:
        (folder / "other").mkdir()
        for place, left in ((catalog.add_root(folder / "other"), True), (root, False)):
            what, reason = (digest("a"), None) if usable else (None, "broken")
            catalog.write([FileUpdate(FileKey(place.id, name), size, time, what, reason)])
            assert self.summarized(catalog, root) == [left]
        catalog.summarize()
        assert self.summarized(catalog, root) == [True]
        assert catalog.problems() == []

    @pytest.mark.usefixtures("known")
    def test_no_summary_outlives_what_vanishes_or_is_back(self, catalog: CatalogWriter, root: Root) -> None:
        key = FileKey(root.id, ".")
        ids = {os.path.basename(path): id for path, id, *_ in catalog.known_files(key)}
        changes: list[Callable[[], object]] = [
            lambda: catalog.vanish([ids[b"a.jpg"]], ()),
            lambda: catalog.vanish((), [ids[b"skipped.jpg"]]),
            lambda: catalog.write((), [ids[b"gone.jpg"]]),
        ]
        for change in changes:
            change()
            assert self.summarized(catalog, root) == [False]
            catalog.summarize()
            assert self.summarized(catalog, root) == [True]
        assert catalog.problems() == []

    @pytest.mark.usefixtures("known")
    def test_a_root_that_is_forgotten_leaves_no_summary(self, catalog: CatalogWriter, root: Root) -> None:
        catalog.prune_roots([root.id])
        catalog.summarize()
        assert catalog.problems() == []

    # Forgetting

    def test_prune_forgets_missing_files_and_what_nothing_refers_to(
        self, catalog: CatalogWriter, root: Root
    ) -> None:
        kept = self.put(catalog, root, "a.jpg", content("a"))
        self.put(catalog, root, "copy.jpg", digest("a"))
        self.put(catalog, root, "b.jpg", content("b", 0, 1))
        self.put(catalog, root, "changed.jpg", content("old", 0, 0, 1))
        changed = self.put(catalog, root, "changed.jpg", content("new", 0, 0, 0, 1))
        lose(
            catalog,
            FileKey(root.id, "."),
            keep=(
                kept,
                changed,
            ),
        )
        assert catalog.prune() == 2
        assert list(catalog.known_files(FileKey(root.id, "copy.jpg"))) == []
        assert [catalog.has_content(digest(name)) for name in ("a", "b", "old", "new")] == [
            True,
            False,
            False,
            True,
        ]
        assert catalog.counts() == Counts(images=2, missing=0, skipped=0, contents=2, vectors=2)
        assert catalog.problems() == []
        assert catalog.prune() == 0

    def test_prune_forgets_what_is_named(self, catalog: CatalogWriter, root: Root) -> None:
        self.put(catalog, root, "a.jpg", content("a"))
        self.put(catalog, root, "bin/a.jpg", digest("a"))
        self.put(catalog, root, "bin/b.jpg", content("b", 0, 1))
        self.skip(catalog, root, "bin/c.jpg")
        catalog.summarize()
        known = list(catalog.known_files(FileKey(root.id, "bin")))
        images = [file[1] for file in known if file[5] is None]
        skipped = [file[1] for file in known if file[5] is not None]
        assert catalog.prune(images=images, skipped=skipped) == 2
        assert catalog.counts() == Counts(images=1, missing=0, skipped=0, contents=1, vectors=1)
        assert catalog.problems() == []

    def test_prune_of_a_root_forgets_all_below_it(
        self, catalog: CatalogWriter, root: Root, folder: Path
    ) -> None:
        (folder / "other").mkdir()
        other = catalog.add_root(folder / "other")
        self.put(catalog, root, "a.jpg", content("a"))
        self.put(catalog, root, "b.jpg", content("b", 0, 1))
        self.skip(catalog, root, "c.jpg")
        self.put(catalog, other, "a.jpg", digest("a"))
        self.skip(catalog, other, "c.jpg")
        assert catalog.prune_roots([root.id]) == 2
        assert catalog.roots() == [other]
        assert catalog.counts() == Counts(images=1, missing=0, skipped=1, contents=1, vectors=1)
        assert catalog.problems() == []

    def test_ids_are_not_used_again(self, catalog: CatalogWriter, root: Root) -> None:
        """The graph may still hold the vectors of forgotten contents."""
        self.put(catalog, root, "a.jpg", content("a"))
        (before,) = catalog.all_vectors().ids.tolist()
        lose(catalog, FileKey(root.id, "."))
        catalog.prune()
        self.put(catalog, root, "a.jpg", content("a"))
        (after,) = catalog.all_vectors().ids.tolist()
        assert after > before
        assert catalog.sources_of([before]) == {}

    # Vectors

    def test_vectors_come_back_bit_for_bit(self, catalog: CatalogWriter, root: Root) -> None:
        vector = unit(0.1, -0.2, 1e-30, 3)
        self.put(catalog, root, "a.jpg", NewContent(digest("a"), 1, 1, "PNG", vector))
        stored = catalog.content_vector(digest("a"))
        assert stored is not None
        assert stored.dtype == np.float32
        assert stored.shape == (1, DIM)
        assert stored.tobytes() == vector.tobytes()
        assert catalog.content_vector(digest("b")) is None

    def test_vectors_of_an_empty_catalog_have_the_right_shape(self, catalog: CatalogWriter) -> None:
        for stored in (catalog.vectors(), catalog.all_vectors()):
            assert stored.vectors.shape == (0, DIM)
            assert stored.vectors.dtype == np.float32
            assert stored.ids.dtype == stored.content_ids.dtype == np.int64
            assert len(stored.ids) == len(stored.content_ids) == len(stored.regions) == 0
        assert catalog.vector_count() == 0

    def test_vectors_leave_out_what_is_missing_and_all_vectors_do_not(
        self, catalog: CatalogWriter, root: Root
    ) -> None:
        kept = self.put(catalog, root, "in/a.jpg", content("a", 1))
        self.put(catalog, root, "in/b.jpg", content("b", 0, 1))
        other = self.put(catalog, root, "c.jpg", content("c", 0, 0, 1))
        lose(
            catalog,
            FileKey(root.id, "."),
            keep=(
                kept,
                other,
            ),
        )
        every = catalog.all_vectors()
        assert every.vectors.tolist() == [unit(1).tolist(), unit(0, 1).tolist(), unit(0, 0, 1).tolist()]
        assert every.ids.tolist() == sorted(every.ids.tolist())
        present = catalog.vectors()
        assert present.ids.tolist() == [every.ids[0], every.ids[2]]
        assert present.content_ids.tolist() == [every.content_ids[0], every.content_ids[2]]
        assert present.vectors.tolist() == [unit(1).tolist(), unit(0, 0, 1).tolist()]
        inside = catalog.vectors(within=FileKey(root.id, "in"))
        assert inside.ids.tolist() == [every.ids[0]]
        first, second, third = every.ids.tolist()
        assert catalog.vectors(after_id=first).ids.tolist() == [third]
        assert catalog.all_vectors(after_id=first).ids.tolist() == [second, third]
        assert catalog.all_vectors(after_id=third).ids.tolist() == []
        assert [catalog.vector_count(after) for after in (0, first, second, third)] == [3, 2, 1, 0]

    # Regions

    def with_regions(self, name: str, *firsts: float) -> NewContent:
        """Return a content whose regions have vectors with these first values."""
        return content(name)._replace(regions=np.stack([unit(first, 1) for first in firsts]))

    def test_regions_are_no_full_frames(self, catalog: CatalogWriter, root: Root) -> None:
        self.put(catalog, root, "a.jpg", self.with_regions("a", 0.1, 0.2))
        self.put(catalog, root, "b.jpg", content("b", 0, 1))
        self.put(catalog, root, "c.jpg", self.with_regions("c", 0.3, 0.4))
        full, parts = catalog.all_vectors(), catalog.all_vectors(frames=Frames.REGIONS)
        a, _, c = full.content_ids.tolist()
        assert full.regions.tolist() == [FULL_FRAME] * 3
        assert parts.content_ids.tolist() == [a, a, c, c]
        assert parts.regions.tolist() == [1, 2, 1, 2]
        assert parts.vectors.tolist() == [unit(first, 1).tolist() for first in (0.1, 0.2, 0.3, 0.4)]
        assert not set(full.ids.tolist()) & set(parts.ids.tolist())
        assert catalog.sources_of(parts.ids.tolist()) == {
            id: Source(content_id, region)
            for id, content_id, region in zip(
                parts.ids.tolist(), parts.content_ids.tolist(), parts.regions.tolist(), strict=True
            )
        }
        assert catalog.vector_count() == 3
        assert catalog.vector_count(frames=Frames.REGIONS) == 4
        last = int(parts.ids[1])
        assert catalog.vector_count(last, Frames.REGIONS) == 2
        assert catalog.all_vectors(last, Frames.REGIONS).regions.tolist() == [1, 2]
        assert catalog.counts() == Counts(3, missing=0, skipped=0, contents=3, vectors=3, region_vectors=4)
        vector = catalog.content_vector(digest("a"))
        assert vector is not None
        assert vector.tolist() == [unit(1).tolist()]
        regions = catalog.content_regions(digest("c"))
        assert regions is not None
        assert regions.tolist() == [unit(0.3, 1).tolist(), unit(0.4, 1).tolist()]
        assert catalog.content_regions(digest("b")) is None

    def test_regions_are_stored_all_or_none(self, catalog: CatalogWriter, root: Root) -> None:
        catalog.set_regions(CORNERS.name)
        self.put(catalog, root, "a.jpg", self.with_regions("a", 0.1, 0.2, 0.3, 0.4, 0.5))
        self.put(catalog, root, "b.jpg", content("b"))
        assert catalog.problems() == []
        self.put(catalog, root, "c.jpg", self.with_regions("c", 0.1, 0.2))
        (problem,) = catalog.problems()
        assert problem.endswith("has vectors of 2 regions, expected 5")

    def test_regions_of_what_is_missing_or_elsewhere_are_left_out(
        self, catalog: CatalogWriter, root: Root
    ) -> None:
        for name in ("in/a", "in/gone", "b"):
            self.put(catalog, root, name, self.with_regions(name, 0.1))
        lose(catalog, FileKey(root.id, "in/gone"))
        assert len(catalog.all_vectors(frames=Frames.REGIONS).ids) == 3
        assert len(catalog.vectors(frames=Frames.REGIONS).ids) == 2
        assert len(catalog.vectors(FileKey(root.id, "in"), frames=Frames.REGIONS).ids) == 1

    def test_regions_may_be_added_later(self, catalog: CatalogWriter, root: Root) -> None:
        for name in ("a", "b", "c"):
            self.put(catalog, root, name, content(name))
        a, b, c = catalog.all_vectors().content_ids.tolist()
        assert catalog.contents_without(Frames.REGIONS) == [a, b, c]
        catalog.add_regions([(b, np.stack([unit(1, 1), unit(1, 2)])), (c, np.stack([unit(1), unit(2)]))])
        assert catalog.contents_without(Frames.REGIONS) == [a]
        assert catalog.all_vectors(frames=Frames.REGIONS).content_ids.tolist() == [b, b, c, c]
        catalog.add_regions([(b, np.stack([unit(3), unit(4)]))])  # again: what is there stays
        assert catalog.vector_count(frames=Frames.REGIONS) == 4
        self.put(catalog, root, "copy of a", self.with_regions("a", 0.1, 0.2))
        assert catalog.contents_without(Frames.REGIONS) == []

    def test_a_second_model_has_vectors_of_its_own(self, catalog: CatalogWriter, root: Root) -> None:
        assert (catalog.manifest().other, catalog.models()) == (None, [catalog])
        other = ModelSpec("words", "none", "toy/2", 2)
        catalog.set_second_model(other, None)
        manifest = catalog.manifest()
        assert manifest.model == MODEL and manifest.other is not None and manifest.other.model == other
        first, second = catalog.models()
        assert first is catalog and second.manifest().model == other
        assert second.manifest().other == manifest._replace(other=None)
        assert second.seen(second=True) is second and not second.seen(second=False).is_second

        up = np.array([0, 1], np.float32)
        for name, has_both in (("a", True), ("b", False)):
            self.put(catalog, root, name, content(name)._replace(second=up if has_both else None))
        a, b = catalog.all_vectors().content_ids.tolist()
        assert second.contents_without(Frames.FULL) == [b] and first.contents_without(Frames.FULL) == []
        assert second.all_vectors().vectors.tolist() == [[0, 1]]
        assert second.content_vector(digest("b")) is None
        second.add_vectors([(a, up[::-1]), (b, up[::-1])])  # what is there stays
        assert second.vectors().vectors.tolist() == [[0, 1], [1, 0]] and second.vector_count() == 2
        assert list(second.vectors_of([b])) == [b] and second.counts().vectors == 2
        assert {source.content_id for source in second.sources_of(second.all_vectors().ids).values()} == {
            a,
            b,
        }
        assert catalog.vectors().vectors.shape == (2, DIM) and catalog.problems() == []

        second.set_graph(GRAPH)
        second.set_block(BlockFile("vectors.000009.f32", 2, 2))
        assert first.manifest().graph is None and second.manifest().graph == GRAPH
        assert first.manifest().all_graphs == (GRAPH,) and len(first.manifest().all_blocks) == 1
        assert second.manifest().all_graphs == (GRAPH,) and first.manifest().graphs == ()
        lose(catalog, FileKey(root.id, "a"))
        catalog.prune()
        assert second.vector_count() == 1

    def test_prune_forgets_regions_too(self, catalog: CatalogWriter, root: Root) -> None:
        kept = self.put(catalog, root, "kept", self.with_regions("kept", 0.1, 0.2))
        self.put(catalog, root, "gone", self.with_regions("gone", 0.3, 0.4))
        lose(catalog, FileKey(root.id, "."), keep=(kept,))
        catalog.prune()
        assert catalog.counts() == Counts(1, missing=0, skipped=0, contents=1, vectors=1, region_vectors=2)

    def test_the_manifest_names_the_scheme_and_the_graph_of_regions(
        self, catalog: CatalogWriter, folder: Path
    ) -> None:
        catalog.set_graph(GRAPH)
        catalog.set_regions("halves/1")
        catalog.set_graph(GRAPH._replace(generation=8), Frames.REGIONS)
        with closing(self.open(folder)) as reader:
            manifest = reader.manifest()
        assert manifest == MANIFEST._replace(
            graph=GRAPH, regions="halves/1", region_graph=GRAPH._replace(generation=8)
        )
        catalog.set_graph(None, Frames.REGIONS)
        assert catalog.manifest().graph == GRAPH
        assert catalog.manifest().region_graph is None

    def test_sources_of_ids(self, catalog: CatalogWriter, root: Root) -> None:
        updates = [FileUpdate(FileKey(root.id, f"{n}.jpg"), 1, 1, content(f"c{n}")) for n in range(1200)]
        catalog.write(updates)
        stored = catalog.all_vectors()
        found = catalog.sources_of([*stored.ids.tolist(), 10**9])
        contents = zip(stored.ids.tolist(), stored.content_ids.tolist(), strict=True)
        assert found == {id: Source(content, FULL_FRAME) for id, content in contents}
        assert catalog.sources_of([]) == {}
        assert len(catalog.images_of(source.content_id for source in found.values())) == 1200

    def test_images_of_contents_are_present_and_sorted_by_path(
        self, catalog: CatalogWriter, root: Root
    ) -> None:
        for relpath in ("b.jpg", "a/z.jpg", "ab.jpg", "gone.jpg"):
            self.put(
                catalog, root, relpath, digest("a") if catalog.has_content(digest("a")) else content("a")
            )
        self.put(catalog, root, "other.jpg", content("b"))
        lose(catalog, FileKey(root.id, "gone.jpg"))
        (one,) = {catalog.image(FileKey(root.id, "b.jpg")).content_id}  # type: ignore[union-attr]
        found = catalog.images_of([one])
        assert [*found] == [one]
        names = [os.path.relpath(r.path, root.path).replace(os.sep, "/") for r in found[one]]
        assert names == ["a/z.jpg", "ab.jpg", "b.jpg"]
        assert [r.path.name for r in catalog.images_of([one], FileKey(root.id, "a"))[one]] == ["z.jpg"]
        assert not catalog.images_of([one], FileKey(root.id, "nowhere"))
        assert not catalog.images_of([])

    @pytest.mark.parametrize("key", ["a/b", "a", "a/b/c", "A", "x", "a/b0", "a%", "a_b", "\udcff", ".", ""])
    def test_a_place_covers_itself_and_what_is_below_it(
        self, key: str, catalog: CatalogWriter, root: Root, folder: Path
    ) -> None:
        """`a/b` covers neither `a/bc` nor `a/b.jpg`, and `%` and `_` stand for themselves."""
        (folder / "other").mkdir()
        other = catalog.add_root(folder / "other")
        relpaths = (
            "a/b a/bc a/b.jpg a/b/c a/b/c/d a/b0/x a/b-/x a/b\udcff/x ab/x A/b a%/x a_b/x aXb/x x \udcff/x"
        )
        self.put(catalog, other, "a/b/c", content("same"))
        for relpath in relpaths.split():
            self.put(catalog, root, relpath, digest("same"))
        ((_, records),) = catalog.images_of(catalog.all_vectors().content_ids.tolist()).items()
        content_id = records[0].content_id
        found = catalog.images_of([content_id], FileKey(root.id, key)).get(content_id, [])
        names = {os.path.relpath(r.path, root.path).replace(os.sep, "/") for r in found}
        expected = {r for r in relpaths.split() if key in ("", ".") or r == key or r.startswith(key + "/")}
        assert names == expected

    def test_files_per_content_below_places(self, catalog: CatalogWriter, root: Root) -> None:
        for relpath, what in (
            ("in/a", content("a")),
            ("in/a2", digest("a")),
            ("out/a3", digest("a")),
            ("in/b", content("b")),
        ):
            self.put(catalog, root, relpath, what)
        a, b = (catalog.content_id(digest(name)) for name in "ab")
        whole, inside = FileKey(root.id, "."), FileKey(root.id, "in")
        assert catalog.files_per_content([whole]) == {a: 3, b: 1}
        assert catalog.files_per_content([inside]) == {a: 2, b: 1}
        assert catalog.files_per_content([whole, inside, FileKey(root.id, "in/a")]) == {a: 3, b: 1}
        assert catalog.files_per_content([]) == catalog.files_per_content([whole], 10**9) == {}
        lose(catalog, FileKey(root.id, "in/a"))
        assert catalog.files_per_content([inside]) == {a: 1, b: 1}

    def test_counts_of_one_root(self, catalog: CatalogWriter, root: Root, folder: Path) -> None:
        (folder / "other").mkdir()
        other = catalog.add_root(folder / "other")
        self.put(catalog, root, "a.jpg", content("a"))
        self.put(catalog, other, "a.jpg", digest("a"))
        self.put(catalog, other, "b.jpg", content("b"))
        self.skip(catalog, other, "c.jpg")
        lose(catalog, FileKey(other.id, "b.jpg"))
        counts = catalog.counts(other.id)
        assert (counts.images, counts.missing, counts.skipped, counts.contents) == (1, 1, 1, 2)
        assert catalog.counts() == Counts(images=2, missing=1, skipped=1, contents=2, vectors=2)

    def test_a_sound_catalog_has_no_problems(self, catalog: CatalogWriter, root: Root) -> None:
        assert catalog.problems() == []
        self.put(catalog, root, "a.jpg", content("a"))
        self.skip(catalog, root, "b.jpg")
        assert catalog.problems() == []

    # Transactions

    def test_an_interrupted_write_changes_nothing(self, catalog: CatalogWriter, root: Root) -> None:
        def interrupt() -> None:
            raise KeyboardInterrupt

        gone = self.put(catalog, root, "gone.jpg", content("gone"))
        lose(catalog, FileKey(root.id, "."))
        before = catalog.counts()
        updates = [FileUpdate(FileKey(root.id, f"{n}.jpg"), 1, 1, content(f"c{n}")) for n in range(3)]
        with pytest.raises(KeyboardInterrupt):
            catalog.write(Watched(updates, interrupt), [gone])
        assert catalog.counts() == before
        assert len(catalog.write(updates, [gone])) == 3
        assert catalog.counts().images == 4

    def test_readers_see_the_last_committed_state(
        self, catalog: CatalogWriter, root: Root, folder: Path
    ) -> None:
        self.put(catalog, root, "a.jpg", content("a"))
        seen: list[int] = []
        with closing(self.open(folder)) as reader:

            def look() -> None:
                seen.append(reader.counts().images)
                with closing(self.open(folder)) as late:
                    seen.append(len(late.vectors().ids))

            updates = [FileUpdate(FileKey(root.id, f"{n}.jpg"), 1, 1, content(f"c{n}")) for n in range(3)]
            catalog.write(Watched(updates, look))
            assert seen == [1, 1]
            assert reader.counts().images == 4

    def test_a_snapshot_stays_as_it_was(self, catalog: CatalogWriter, root: Root, folder: Path) -> None:
        self.put(catalog, root, "a.jpg", content("a"))

        def write() -> None:
            with closing(self.open_writer(folder)) as other:
                self.put(other, root, "b.jpg", content("b"))

        with closing(self.open(folder)) as reader:
            with reader.snapshot():
                assert reader.counts().images == 1
                writer = threading.Thread(target=write)
                writer.start()
                writer.join(timeout=0.05)  # the commit may wait for the end of the snapshot
                assert reader.counts().images == 1
                assert len(reader.vectors().ids) == 1
            writer.join(timeout=30)
            assert reader.counts().images == 2
