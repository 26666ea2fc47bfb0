"""HNSW: the contract, files that must not reach native code, and recall against exact search."""

from __future__ import annotations

import os
import re
from collections.abc import Callable
from pathlib import Path
from typing import Any

import hnswlib
import numpy as np
import numpy.typing as npt
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from tests.contracts.vector_index import DIM, VectorIndexContract, ids_from
from tests.helpers.vectors import realistic_vectors
from visualsearch_cli.errors import IndexCorrupt, IndexStoreError
from visualsearch_cli.vectors.checks import file_checksum
from visualsearch_cli.vectors.exact import ExactIndex
from visualsearch_cli.vectors.graph_structure import HEADER
from visualsearch_cli.vectors.hnsw import HnswIndex
from visualsearch_cli.vectors.index import IndexParams, VectorIndex
from visualsearch_cli.vectors.recall import recall_against_exact

PARAMS = IndexParams(M=8, ef_construction=100, ef_search=100)
N = 150


class TestHnswIndex(VectorIndexContract):
    def make(self, dim: int) -> VectorIndex:
        return HnswIndex(dim, PARAMS)


class TestLoadedHnswIndex(VectorIndexContract):
    """An index that was saved and loaded takes vectors and answers like any other."""

    @pytest.fixture(autouse=True)
    def _folder(self, tmp_path: Path) -> None:
        self.path = tmp_path / "graph.bin"

    def make(self, dim: int) -> VectorIndex:
        HnswIndex(dim, PARAMS).save(self.path)
        return HnswIndex.load(self.path, dim, 0, PARAMS, file_checksum(self.path))


@pytest.fixture
def saved(tmp_path: Path) -> Path:
    index = HnswIndex(DIM, PARAMS, threads=1)
    index.add(ids_from(1, N), realistic_vectors(N, DIM, 0))
    index.save(tmp_path / "graph.bin")
    return tmp_path / "graph.bin"


def load(
    path: Path, dim: int = DIM, count: int = N, params: IndexParams = PARAMS, checksum: str | None = None
) -> HnswIndex:
    return HnswIndex.load(path, dim, count, params, checksum or file_checksum(path))


@pytest.fixture
def no_native_loading(monkeypatch: pytest.MonkeyPatch) -> None:
    """Fail if hnswlib gets to read a file."""

    class Graph(hnswlib.Index):  # type: ignore[misc]  # hnswlib has no types
        def load_index(self, *_: Any, **__: Any) -> None:
            pytest.fail("native code parsed the file")

    monkeypatch.setattr(hnswlib, "Index", Graph)


def test_a_saved_index_answers_as_before(saved: Path) -> None:
    vectors = realistic_vectors(N, DIM, 0)
    original = HnswIndex(DIM, PARAMS, threads=1)
    original.add(ids_from(1, N), vectors)
    loaded = load(saved)
    assert len(loaded) == N
    np.testing.assert_array_equal(loaded.search(vectors, 10).ids, original.search(vectors, 10).ids)


@pytest.mark.slow
def test_a_loaded_index_can_be_appended_to_and_saved_again(saved: Path) -> None:
    vectors = realistic_vectors(3 * N, DIM, 1)
    index = load(saved)
    for start in range(0, 3 * N, N):
        index.add(ids_from(1000 + start, N), vectors[start : start + N])
    with pytest.raises(ValueError, match="id 1 is already among"):
        index.add(ids_from(1, 1), vectors[:1])
    again = saved.with_name("again.bin")
    index.save(again)
    found = load(again, count=4 * N).search(vectors, 1)
    assert found.distances.max() < 1e-6


def test_a_large_graph_is_searched_with_more_candidates() -> None:
    params = IndexParams(M=8, ef_construction=100, ef_search=256)
    assert params.for_search(7_000) == params
    assert params.for_search(1_000_000) == IndexParams(M=8, ef_construction=100, ef_search=3_000)


def test_ef_search_is_set_on_load(saved: Path) -> None:
    # hnswlib's own default of 10 would do: ask for fewer than that, and look.
    index = load(saved, params=IndexParams(M=8, ef_construction=100, ef_search=77))
    index.search(realistic_vectors(1, DIM, 0), 3)
    assert index._graph.ef == 77


def test_one_thread_builds_equal_files(saved: Path) -> None:
    index = HnswIndex(DIM, PARAMS, threads=1)
    index.add(ids_from(1, N), realistic_vectors(N, DIM, 0))
    again = saved.with_name("again.bin")
    index.save(again)
    assert file_checksum(again) == file_checksum(saved)


def test_any_file_name_will_do(tmp_path: Path) -> None:
    path = tmp_path / "Größe 写真" / "graph.bin"
    path.parent.mkdir()
    HnswIndex(DIM, PARAMS).save(path)
    assert [p.name for p in path.parent.iterdir()] == ["graph.bin"]
    assert len(load(path, count=0)) == 0


def test_a_folder_that_is_not_there_is_an_error(tmp_path: Path) -> None:
    with pytest.raises(FileNotFoundError):
        HnswIndex(DIM, PARAMS).save(tmp_path / "nowhere" / "graph.bin")


@pytest.mark.skipif(not Path("/dev/full").exists(), reason="no /dev/full on this system")
def test_a_full_disk_is_an_error(tmp_path: Path) -> None:
    path = tmp_path / "graph.bin"
    path.symlink_to("/dev/full")
    index = HnswIndex(DIM, PARAMS)
    index.add(ids_from(1, N), realistic_vectors(N, DIM, 0))
    with pytest.raises((OSError, IndexStoreError)):
        index.save(path)


@pytest.mark.usefixtures("no_native_loading")
class TestRefusedFiles:
    def test_missing(self, tmp_path: Path) -> None:
        with pytest.raises(IndexCorrupt, match="is missing"):
            load(tmp_path / "graph.bin", checksum="00")

    def test_unreadable(self, tmp_path: Path) -> None:
        with pytest.raises(IndexStoreError, match="cannot be read"):
            load(tmp_path, checksum="00")

    def test_wrong_checksum(self, saved: Path) -> None:
        with pytest.raises(IndexCorrupt, match=r"its checksum is [0-9a-f]{64}, expected 00"):
            load(saved, checksum="00")

    @pytest.mark.parametrize("size", [0, 1, 50, 95, 96, 97, 5000])
    def test_truncated(self, saved: Path, size: int) -> None:
        checksum = file_checksum(saved)
        saved.write_bytes(saved.read_bytes()[:size])
        with pytest.raises(IndexCorrupt, match="checksum"):
            load(saved, checksum=checksum)

    def test_shorter_than_its_header(self, saved: Path) -> None:
        saved.write_bytes(saved.read_bytes()[:50])
        with pytest.raises(IndexCorrupt, match="50 bytes, expected at least 96"):
            load(saved)

    def test_other_dimension(self, saved: Path) -> None:
        with pytest.raises(IndexCorrupt, match="dimension 16, expected 32"):
            load(saved, dim=32)

    def test_larger_than_any_of_so_many_vectors(self, saved: Path) -> None:
        """Told before it is read: a sparse file may be larger than any disk."""
        os.truncate(saved, 1 << 40)
        with pytest.raises(IndexCorrupt, match=f"as no graph of {N} vectors has"):
            load(saved, checksum="00")

    @pytest.mark.parametrize("count", [N - 1, N + 1])
    def test_other_count(self, saved: Path, count: int) -> None:
        with pytest.raises(IndexCorrupt, match=f"count {N}, expected {count}"):
            load(saved, count=count)

    def test_other_m(self, saved: Path) -> None:
        with pytest.raises(IndexCorrupt, match="M 8, expected 16"):
            load(saved, params=IndexParams(M=16))

    @pytest.mark.slow
    @settings(suppress_health_check=[HealthCheck.function_scoped_fixture])
    @given(data=st.data())
    def test_any_flipped_bits(self, saved: Path, data: st.DataObject) -> None:
        content, checksum = bytearray(saved.read_bytes()), file_checksum(saved)
        places = data.draw(st.sets(st.integers(0, 8 * len(content) - 1), min_size=1, max_size=20))
        for place in places:
            content[place // 8] ^= 1 << place % 8
        damaged = saved.with_name("damaged.bin")
        damaged.write_bytes(content)
        with pytest.raises(IndexCorrupt, match="is damaged"):
            load(damaged, checksum=checksum)


LINKS = 1 + 2 * PARAMS.M  # words of a vector on the ground layer, before its values
ROW = LINKS + DIM + 2
UPPER = HEADER.size // 4 + N * ROW


def words_of(path: Path) -> npt.NDArray[np.uint32]:
    return np.fromfile(path, np.uint32)


def first_on_upper_layers(words: npt.NDArray[np.uint32]) -> int:
    """Return the place of the first size of upper layers that is one."""
    return UPPER + int(np.flatnonzero(words[UPPER:])[0])


def on_the_ground_layer(words: npt.NDArray[np.uint32]) -> int:
    """Return the number of a vector that is on no upper layer."""
    number, place = 0, UPPER
    while words[place]:
        number, place = number + 1, place + 1 + int(words[place]) // 4
    return number


CHANGES: dict[str, tuple[Callable[[npt.NDArray[np.uint32]], object], str]] = {
    "too many links": (lambda words: words.__setitem__(24, 2 * PARAMS.M + 1), "more links than there are"),
    "a deleted vector": (lambda words: words.__setitem__(24, words[24] | 1 << 16), "or a deleted one"),
    "a link beyond": (lambda words: words.__setitem__(25, N), "a link beyond its"),
    "no number": (lambda words: words.__setitem__(24 + LINKS, 0x7FC00000), "values that are no numbers"),
    "another beginning": (lambda words: words.__setitem__(13, N), "begins at vector"),
    "a layer below the ground": (lambda words: words.__setitem__(12, 0xFFFFFFFF), "on layer -1"),
    "another layer": (lambda words: words.__setitem__(12, words[12] + 1), "its vectors are on up to"),
    "another row": (lambda words: words.__setitem__(6, 4 * ROW + 4), "bytes per vector"),
    "another offset": (lambda words: words.__setitem__(0, 8), "offset of the ground layer"),
    "another label's": (lambda words: words.__setitem__([8, 10], words[[8, 10]] + 4), "offset of values"),
    "more on a layer": (lambda words: words.__setitem__(14, 9), "links per upper layer"),
    "more on the ground": (lambda words: words.__setitem__(16, 99), "links on the ground layer"),
    "no scale": (lambda words: words.__setitem__(slice(20, 22), 0), "scale of layers"),
    "half a layer": (
        lambda words: words.__setitem__(first_on_upper_layers(words), 4),
        "4 bytes of upper layers",
    ),
    "layers without end": (
        lambda words: words.__setitem__(first_on_upper_layers(words), 0xFFFFFFF0),
        "bytes of upper layers",
    ),
    "too many above": (
        lambda words: words.__setitem__(first_on_upper_layers(words) + 1, PARAMS.M + 1),
        "more links on an upper layer",
    ),
    "a link that leads down": (
        lambda words: words.__setitem__(first_on_upper_layers(words) + 2, on_the_ground_layer(words)),
        "to a vector that is not there",
    ),
    "a link above that leads out": (
        lambda words: words.__setitem__(first_on_upper_layers(words) + 2, N),
        "to a vector that is not there",
    ),
}


@pytest.mark.usefixtures("no_native_loading")
@pytest.mark.parametrize("change", CHANGES)
def test_no_number_of_a_graph_is_believed(saved: Path, change: str) -> None:
    """The checksum is right: it is that of whoever made the file."""
    words = words_of(saved)
    do, named = CHANGES[change]
    do(words)
    words.tofile(saved)
    with pytest.raises(IndexCorrupt, match=re.escape(named)):
        load(saved)


@pytest.mark.usefixtures("no_native_loading")
def test_what_lies_behind_a_graph_is_none_of_it(saved: Path) -> None:
    saved.write_bytes(saved.read_bytes() + b"\0\0\0\0")
    with pytest.raises(IndexCorrupt, match="4 bytes behind them"):
        load(saved)


def test_two_vectors_of_one_name_are_corrupt(saved: Path) -> None:
    """That, hnswlib may read."""
    words = words_of(saved)
    words[24 + ROW - 2] = words[24 + 2 * ROW - 2]
    words.tofile(saved)
    with pytest.raises(IndexCorrupt, match="cannot be loaded"):
        load(saved)


@pytest.mark.parametrize(
    "params",
    [IndexParams(M=1), IndexParams(M=0), IndexParams(ef_construction=0), IndexParams(ef_search=0)],
)
def test_parameters_hnswlib_would_crash_on_are_refused(params: IndexParams) -> None:
    with pytest.raises(ValueError, match="expected M >= 2"):
        HnswIndex(DIM, params)


def test_a_graph_of_islands_is_searched_exactly() -> None:
    # 900 equal vectors link only to each other, so no search leaves them once it is among them.
    vectors = realistic_vectors(1000, DIM, 0)
    vectors[:900] = vectors[0]
    index = HnswIndex(DIM, IndexParams(M=4, ef_construction=10, ef_search=10))
    index.add(ids_from(1, 1000), vectors)
    found = index.search(vectors[950:], 990)
    exact = ExactIndex.from_arrays(ids_from(1, 1000), vectors).search(vectors[950:], 990)
    assert recall_against_exact(found, exact, 990) == 1.0


@pytest.mark.slow
@pytest.mark.parametrize("in_order", [False, pytest.param(True, marks=pytest.mark.long)])
def test_recall_at_10(in_order: bool) -> None:
    n, dim = 20_000, 256
    vectors = realistic_vectors(n, dim, 0)
    if in_order:  # as folders are: alike pictures one after the other
        vectors = vectors[np.lexsort(vectors.T[:4])]
    index = HnswIndex(dim, IndexParams())
    index.add(ids_from(1, n), vectors)
    queries = vectors[np.random.default_rng(1).choice(n, 2000, replace=False)]
    exact = ExactIndex.from_arrays(ids_from(1, n), vectors).search(queries, 10)
    assert recall_against_exact(index.search(queries, 10), exact, 10) >= 0.99
