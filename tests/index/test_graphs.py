"""When the graph is written, in which order, and what a crash leaves behind."""

from __future__ import annotations

import os
from collections.abc import Callable, Iterator
from contextlib import closing
from pathlib import Path

import numpy as np
import pytest

from tests.contracts.catalog import DIM
from tests.helpers.catalogs import new_catalog
from tests.helpers.doubles import MemoryGraphStore
from visualsearch_cli.atomic import temporary_name
from visualsearch_cli.errors import IndexCorrupt, IndexNotFound
from visualsearch_cli.index.derived import SMALL_TAIL, STALE_SHARE, TAIL_SHARE, GraphStore, update_graphs
from visualsearch_cli.index.graph_files import GraphFolder
from visualsearch_cli.index.records import FileKey, FileUpdate, Frames, GraphFile, NewContent
from visualsearch_cli.index.writer import CatalogWriter
from visualsearch_cli.progress import NoProgress
from visualsearch_cli.vectors.hnsw import HnswIndex
from visualsearch_cli.vectors.index import IndexParams


class Crash(BaseException):
    """The process dies here, as far as the code under test can tell."""


@pytest.fixture
def catalog(tmp_path: Path) -> Iterator[CatalogWriter]:
    with closing(new_catalog(Path(os.path.realpath(tmp_path)) / ".visualsearch")) as catalog:
        catalog.add_root(Path(os.path.realpath(tmp_path)))
        yield catalog


@pytest.fixture
def store() -> MemoryGraphStore:
    return MemoryGraphStore()


@pytest.fixture
def small_tails(monkeypatch: pytest.MonkeyPatch) -> None:
    """Let two vectors be few, and three many."""
    monkeypatch.setattr("visualsearch_cli.index.derived.SMALL_TAIL", 2)


def append(catalog: CatalogWriter, count: int, seed: int = 0) -> list[int]:
    """Write that many images with random vectors. Returns their ids."""
    rng = np.random.default_rng(seed)
    updates = []
    for n in range(count):
        vector = rng.standard_normal(DIM)
        vector /= np.linalg.norm(vector)
        content = NewContent(rng.bytes(32), 1, 1, "TOY", vector.astype(np.float32))
        updates.append(FileUpdate(FileKey(1, f"{seed}/{n}.jpg"), 1, 1, content))
    return catalog.write(updates)


def vanish(catalog: CatalogWriter, ids: list[int]) -> None:
    """Let images be missing."""
    catalog.vanish(ids, ())


def update(catalog: CatalogWriter, store: GraphStore, *, rebuild: bool = False) -> GraphFile | None:
    written = update_graphs(catalog, store, NoProgress(), rebuild=rebuild)
    assert len(written) <= 1  # no regions, no graph of regions
    return written[0] if written else None


def ids_in(store: MemoryGraphStore, graph: GraphFile | None) -> list[int]:
    assert graph is not None
    return store.files[graph.name][0]


def all_ids(catalog: CatalogWriter) -> list[int]:
    return [int(id) for id in catalog.all_vectors().ids]


# Regions


def add_regions(catalog: CatalogWriter, count: int = 2, seed: int = 0) -> None:
    """Give every content that lacks them vectors of so many regions."""
    rng = np.random.default_rng(seed)
    for content_id in catalog.contents_without(Frames.REGIONS):
        vectors = rng.standard_normal((count, DIM)).astype(np.float32)
        vectors /= np.linalg.norm(vectors, axis=1, keepdims=True)
        catalog.add_regions([(content_id, vectors)])


def test_regions_have_a_graph_of_their_own(catalog: CatalogWriter, store: MemoryGraphStore) -> None:
    append(catalog, 5)
    before = update(catalog, store)
    add_regions(catalog)
    (written,) = update_graphs(catalog, store, NoProgress())
    manifest = catalog.manifest()
    assert (manifest.graph, manifest.region_graph) == (before, written)
    assert ids_in(store, manifest.graph) == all_ids(catalog)
    assert ids_in(store, written) == catalog.all_vectors(frames=Frames.REGIONS).ids.tolist()
    assert (written.generation, written.vectors) == (2, 10)
    assert set(store.files) == {graph.name for graph in manifest.graphs}


@pytest.mark.usefixtures("small_tails")
def test_both_graphs_grow_and_are_rebuilt(catalog: CatalogWriter, store: MemoryGraphStore) -> None:
    for seed in range(2):
        append(catalog, 5, seed)
        add_regions(catalog, seed=seed)
        assert len(update_graphs(catalog, store, NoProgress())) == 2
    assert update_graphs(catalog, store, NoProgress()) == []
    assert len(update_graphs(catalog, store, NoProgress(), rebuild=True)) == 2
    manifest = catalog.manifest()
    assert [graph.vectors for graph in manifest.graphs] == [10, 20]
    assert len({graph.name for graph in manifest.graphs}) == 2
    assert set(store.files) == {graph.name for graph in manifest.graphs}


@pytest.mark.slow
@pytest.mark.usefixtures("small_tails")
@pytest.mark.parametrize("step", ["save", "commit", "sweep"])
def test_a_crash_with_regions_loses_no_graph_that_is_named(
    step: str, catalog: CatalogWriter, store: MemoryGraphStore, monkeypatch: pytest.MonkeyPatch
) -> None:
    for seed in range(2):
        append(catalog, 5, seed)
        add_regions(catalog, seed=seed)
        if seed == 0:
            update_graphs(catalog, store, NoProgress())
    for skipped in range(2):  # the step of the full frames, then that of the regions
        left = [skipped]

        def fail(reached: str, left: list[int] = left) -> None:
            if reached == step:
                if left[0] == 0:
                    raise Crash
                left[0] -= 1

        store.fail = fail
        with monkeypatch.context() as patch:
            patch.setattr(catalog, "set_graph", crashing(catalog.set_graph, store))
            with pytest.raises(Crash):
                update_graphs(catalog, store, NoProgress(), rebuild=True)
        assert all(store.exists(graph) for graph in catalog.manifest().graphs)
    store.fail = lambda _: None
    update_graphs(catalog, store, NoProgress())
    manifest = catalog.manifest()
    assert ids_in(store, manifest.graph) == all_ids(catalog)
    assert set(store.files) == {graph.name for graph in manifest.graphs}


# When


def test_an_empty_index_has_no_graph(catalog: CatalogWriter, store: MemoryGraphStore) -> None:
    assert update(catalog, store) is None
    assert catalog.manifest().graph is None
    assert store.files == {}


def test_the_first_graph_holds_all_vectors(catalog: CatalogWriter, store: MemoryGraphStore) -> None:
    append(catalog, 5)
    graph = update(catalog, store)
    assert graph is not None
    assert (graph.generation, graph.name, graph.vectors) == (1, "hnsw.000001.bin", 5)
    assert graph.last_id == all_ids(catalog)[-1]
    assert catalog.manifest().graph == graph
    assert ids_in(store, graph) == all_ids(catalog)
    np.testing.assert_array_equal(store.files[graph.name][1], catalog.all_vectors().vectors)


def test_nothing_new_writes_nothing(catalog: CatalogWriter, store: MemoryGraphStore) -> None:
    append(catalog, 5)
    graph = update(catalog, store)
    assert update(catalog, store) is None
    assert catalog.manifest().graph == graph
    assert len(store.files) == 1


@pytest.mark.usefixtures("small_tails")
def test_a_small_append_stays_beside_the_graph(catalog: CatalogWriter, store: MemoryGraphStore) -> None:
    append(catalog, 5)
    graph = update(catalog, store)
    append(catalog, 2, seed=1)
    assert update(catalog, store) is None
    assert catalog.manifest().graph == graph
    assert catalog.vector_count(after_id=graph.last_id if graph else 0) == 2


@pytest.mark.usefixtures("small_tails")
def test_a_larger_append_goes_into_a_new_generation(catalog: CatalogWriter, store: MemoryGraphStore) -> None:
    append(catalog, 5)
    update(catalog, store)
    append(catalog, 2, seed=1)
    append(catalog, 1, seed=2)
    graph = update(catalog, store)
    assert graph is not None
    assert (graph.generation, graph.vectors) == (2, 8)
    assert ids_in(store, graph) == all_ids(catalog)
    assert store.created == 1  # the old vectors were not inserted again
    assert [*store.files] == [graph.name]


@pytest.mark.usefixtures("small_tails")
def test_an_append_is_small_compared_with_a_large_graph(
    catalog: CatalogWriter, store: MemoryGraphStore
) -> None:
    append(catalog, 100)
    update(catalog, store)
    append(catalog, int(100 * TAIL_SHARE), seed=1)
    assert update(catalog, store) is None
    append(catalog, 1, seed=2)
    assert update(catalog, store) is not None


def test_appends_to_a_small_collection_are_small() -> None:
    assert SMALL_TAIL >= 500


def test_a_stale_graph_is_built_from_scratch(catalog: CatalogWriter, store: MemoryGraphStore) -> None:
    ids = append(catalog, 100)
    update(catalog, store)
    few = int(100 * STALE_SHARE)
    vanish(catalog, ids[:few])
    catalog.prune()
    assert update(catalog, store) is None
    vanish(catalog, ids[: few + 1])
    catalog.prune()
    graph = update(catalog, store)
    assert graph is not None
    assert (graph.generation, graph.vectors, store.created) == (2, 100 - few - 1, 2)
    assert ids_in(store, graph) == all_ids(catalog)


def test_missing_images_stay_in_the_graph(catalog: CatalogWriter, store: MemoryGraphStore) -> None:
    """A disk that is plugged in again must be searchable at once."""
    ids = append(catalog, 5)
    vanish(catalog, ids[:4])
    graph = update(catalog, store)
    assert ids_in(store, graph) == all_ids(catalog)
    assert len(all_ids(catalog)) == 5
    catalog.write((), ids[:4])
    assert update(catalog, store) is None


def test_an_index_that_lost_everything(catalog: CatalogWriter, store: MemoryGraphStore) -> None:
    ids = append(catalog, 5)
    update(catalog, store)
    vanish(catalog, ids)
    catalog.prune()
    update(catalog, store)
    update(catalog, store)
    append(catalog, 2, seed=1)
    graph = update(catalog, store)
    assert ids_in(store, graph) == all_ids(catalog)


# Lost and damaged files


def test_a_lost_graph_is_built_again(catalog: CatalogWriter, store: MemoryGraphStore) -> None:
    append(catalog, 5)
    update(catalog, store)
    store.files.clear()
    graph = update(catalog, store)
    assert graph is not None
    assert graph.generation == 2
    assert ids_in(store, graph) == all_ids(catalog)


@pytest.mark.usefixtures("small_tails")
def test_a_damaged_graph_is_built_again_when_it_is_needed(
    catalog: CatalogWriter, store: MemoryGraphStore
) -> None:
    append(catalog, 5)
    first = update(catalog, store)
    assert first is not None
    store.damaged.add(first.name)
    append(catalog, 3, seed=1)
    graph = update(catalog, store)
    assert ids_in(store, graph) == all_ids(catalog)
    assert store.created == 2


def test_rebuild_makes_a_new_generation_whatever_there_is(
    catalog: CatalogWriter, store: MemoryGraphStore
) -> None:
    append(catalog, 5)
    update(catalog, store)
    graph = update(catalog, store, rebuild=True)
    assert graph is not None
    assert (graph.generation, store.created) == (2, 2)
    assert [*store.files] == [graph.name]


# Crashes


def crash_at(step: str) -> Callable[[str], None]:
    def fail(reached: str) -> None:
        if reached == step:
            raise Crash

    return fail


def crashing(
    set_graph: Callable[[GraphFile | None, Frames], None], store: MemoryGraphStore
) -> Callable[[GraphFile | None, Frames], None]:
    """Let a commit fail where the store is told to."""

    def commit(graph: GraphFile | None, frames: Frames) -> None:
        store.fail("commit")
        set_graph(graph, frames)

    return commit


@pytest.mark.usefixtures("small_tails")
@pytest.mark.parametrize("moment", ["before the save", "before the commit", "before the sweep"])
@pytest.mark.parametrize("generations", [0, 1])
def test_the_update_after_a_crash_works(
    moment: str,
    generations: int,
    catalog: CatalogWriter,
    store: MemoryGraphStore,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    if generations:
        append(catalog, 5)
        update(catalog, store)
    before = catalog.manifest().graph
    append(catalog, 3, seed=1)
    store.fail = crash_at(moment.removeprefix("before the "))
    with monkeypatch.context() as patch:
        patch.setattr(catalog, "set_graph", crashing(catalog.set_graph, store))
        with pytest.raises(Crash):
            update(catalog, store)
    store.fail = lambda _: None
    named = catalog.manifest().graph
    if moment == "before the sweep":
        assert named is not None
        assert ids_in(store, named) == all_ids(catalog)
    else:
        assert named == before
    assert named is None or store.exists(named)  # what the catalog names is there at any moment

    append(catalog, 3, seed=2)
    graph = update(catalog, store)
    assert ids_in(store, graph) == all_ids(catalog)
    assert graph == catalog.manifest().graph
    assert [*store.files] == ([graph.name] if graph else [])


def test_what_a_crash_left_is_swept_even_if_nothing_is_written(
    catalog: CatalogWriter, store: MemoryGraphStore
) -> None:
    append(catalog, 5)
    graph = update(catalog, store)
    assert graph is not None
    store.files["hnsw.000002.bin"] = store.files[graph.name]
    assert update(catalog, store) is None
    assert [*store.files] == [graph.name]


# The files of a real folder


@pytest.fixture
def folder(catalog: CatalogWriter) -> Path:
    return catalog.path.parent


def test_graph_files_are_named_by_generation_and_swept(catalog: CatalogWriter, folder: Path) -> None:
    files = GraphFolder(folder)
    for name in ("hnsw.000009.bin", temporary_name(), "hnsw.txt", "README", "xhnsw.000001.bin"):
        (folder / name).write_bytes(b"old")
    append(catalog, 20)
    graph = update(catalog, files)
    assert graph is not None
    found = sorted(path.name for path in folder.iterdir())
    assert found == ["README", "catalog.sqlite", "hnsw.000001.bin", "hnsw.txt", "xhnsw.000001.bin"]
    assert files.verify(graph) is None
    index = files.load(graph, DIM, IndexParams(M=5))
    stored = catalog.all_vectors()
    assert len(index) == 20
    np.testing.assert_array_equal(index.search(stored.vectors, 1).ids[:, 0], stored.ids)


@pytest.mark.slow
def test_a_graph_grows_by_a_new_file(catalog: CatalogWriter, folder: Path) -> None:
    append(catalog, 20)
    files = GraphFolder(folder)
    first = update(catalog, files)
    append(catalog, SMALL_TAIL + 1, seed=1)
    second = update(catalog, files)
    assert first is not None
    assert second is not None
    assert not files.exists(first)
    assert (second.name, second.vectors) == ("hnsw.000002.bin", 21 + SMALL_TAIL)
    index = files.load(second, DIM, IndexParams(M=5))
    stored = catalog.all_vectors()
    assert len(index) == len(stored.ids)
    nearest = index.search(stored.vectors[:50], 1)
    np.testing.assert_allclose(nearest.distances, 0, atol=1e-6)


def test_a_graph_file_is_whole_or_not_there(
    catalog: CatalogWriter, folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def half(index: HnswIndex, path: Path) -> None:
        del index
        path.write_bytes(b"half")
        raise Crash

    append(catalog, 20)
    with monkeypatch.context() as patch:
        patch.setattr(HnswIndex, "save", half)
        with pytest.raises(Crash):
            update(catalog, GraphFolder(folder))
    assert not (folder / "hnsw.000001.bin").exists()
    assert update(catalog, GraphFolder(folder)) is not None
    assert sorted(path.name for path in folder.glob("hnsw*")) == ["hnsw.000001.bin"]


def test_a_damaged_graph_file_is_not_read(catalog: CatalogWriter, folder: Path) -> None:
    append(catalog, 20)
    files = GraphFolder(folder)
    graph = update(catalog, files)
    assert graph is not None
    path = folder / graph.name
    data = bytearray(path.read_bytes())
    data[len(data) // 2] ^= 1
    path.write_bytes(data)
    assert "checksum" in (files.verify(graph) or "")
    with pytest.raises(IndexCorrupt, match=r"hnsw\.000001\.bin"):
        files.load(graph, DIM, IndexParams(M=5))
    path.unlink()
    assert files.verify(graph) == "hnsw.000001.bin is not there"
    assert not files.exists(graph)
    with pytest.raises(IndexNotFound):
        files.load(graph, DIM, IndexParams(M=5))


@pytest.mark.parametrize("name", ["../hnsw.000001.bin", "/etc/passwd", "catalog.sqlite", "hnsw.1.bin"])
def test_a_catalog_cannot_name_any_file_as_its_graph(name: str, folder: Path) -> None:
    with pytest.raises(IndexCorrupt, match="not the name of a graph file"):
        GraphFolder(folder).load(GraphFile(1, name, "0" * 64, 1, 1), DIM, IndexParams())
