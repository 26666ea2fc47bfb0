"""Answers to queries: what comes, in which order, and what never does."""

from __future__ import annotations

import os
from collections.abc import Iterator, Sequence
from contextlib import ExitStack, closing
from pathlib import Path
from tempfile import TemporaryDirectory
from unittest.mock import patch

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.contracts.catalog import DIM, digest, unit
from tests.helpers.catalogs import new_catalog
from visualsearch_cli.index.records import FileKey, FileUpdate, Filter, Frames, NewContent
from visualsearch_cli.pictures.image import ImageRecord
from visualsearch_cli.search.likeness import MIN_REGION_WIDTH, Margins, Parts
from visualsearch_cli.search.matches import Match, QueryResult
from visualsearch_cli.search.neighbors import Query, SearchOptions, find_identical, find_neighbors
from visualsearch_cli.vectors.combined import CombinedIndex
from visualsearch_cli.vectors.exact import ExactIndex
from visualsearch_cli.vectors.hnsw import HnswIndex
from visualsearch_cli.vectors.index import Embeddings, IndexParams, Neighbors
from visualsearch_cli.verdicts.verdict import Verdict

BASE = unit(1)
NUMBERS = [1, 2, 3, 4, 5]  # of the regions of one way to turn a query


def away(distance: float) -> Embeddings:
    """Return a vector at a cosine distance from `BASE`."""
    return unit(1 - distance, np.sqrt(1 - (1 - distance) ** 2))


class Collection:
    """A catalog with made-up files and vectors. All of them are in the index that is searched."""

    def __init__(self, base: Path) -> None:
        self.base = base
        self.catalog = new_catalog(base / "index")
        self.catalog._db.run("PRAGMA synchronous = OFF")  # nobody pulls the plug of a test
        self.root = self.catalog.add_root(base)

    def add(self, contents: dict[str, Embeddings], *copies: tuple[str, str]) -> None:
        """Add a file for each content, under its name, and copies as (name of content, path)."""
        updates = [
            FileUpdate(self.key(name), 1, 1, NewContent(digest(name), 10, 10, "TOY", vector))
            for name, vector in contents.items()
        ]
        updates += [FileUpdate(self.key(path), 1, 1, digest(name)) for name, path in copies]
        self.catalog.write(updates)

    def add_regions(self, name: str, *vectors: Embeddings) -> None:
        """Add vectors of the regions of a content: of the first ones, in order."""
        content_id = self.catalog.content_id(digest(name))
        assert content_id is not None
        self.catalog.add_regions([(content_id, np.stack(vectors))])

    def lose(self, *paths: str) -> None:
        """Let files be missing."""
        self.catalog.vanish(
            [file[1] for path in paths for file in self.catalog.known_files(self.key(path))], ()
        )

    def key(self, relpath: str) -> FileKey:
        return FileKey(self.root.id, relpath)

    def query(self, name: str) -> Query:
        """Return the query of an image in the index."""
        image = self.catalog.image(self.key(name))
        assert image is not None
        vector = self.catalog.content_vector(bytes.fromhex(image.content_hash))
        assert vector is not None
        return Query(image.path, vector, image.content_hash, image.id)

    def index(self, frames: Frames = Frames.FULL) -> ExactIndex:
        stored = self.catalog.all_vectors(frames=frames)
        return ExactIndex.from_arrays(stored.ids, stored.vectors)

    def search(self, query: Query | None = None, **options: object) -> tuple[Match, ...]:
        """Search for a query, or for the picture `BASE` that is not in the index."""
        query = query or Query(Path("/outside.jpg"), BASE.reshape(1, DIM))
        wanted = SearchOptions(**options)  # type: ignore[arg-type]
        regions = self.index(Frames.REGIONS)
        (result,) = find_neighbors([query], self.index(), self.catalog, wanted, regions)
        assert result.query == query.path
        return result.matches

    def names(self, query: Query | None = None, **options: object) -> list[str]:
        return [self.name(match.image) for match in self.search(query, **options)]

    def name(self, image: ImageRecord) -> str:
        return os.path.relpath(image.path, self.base).replace(os.sep, "/")


@pytest.fixture
def collection(tmp_path: Path) -> Iterator[Collection]:
    collection = Collection(Path(os.path.realpath(tmp_path)))
    with closing(collection.catalog):
        yield collection


# Order and number


def test_neighbors_come_nearest_first(collection: Collection) -> None:
    collection.add({"far": away(0.5), "near": away(0.1), "opposite": away(2), "middle": away(0.3)})
    assert collection.names() == ["near", "middle", "far", "opposite"]
    distances = [match.distance for match in collection.search()]
    assert distances == pytest.approx([0.1, 0.3, 0.5, 2], abs=2e-6)


def test_ties_are_ordered_by_path(collection: Collection) -> None:
    vector = away(0.2)
    collection.add(dict.fromkeys(("c", "a", "d", "b"), vector))
    collection.add({"z": away(0.1)})
    assert collection.names() == ["z", "a", "b", "c", "d"]
    assert collection.names(k=3) == ["z", "a", "b"]


def test_float_noise_does_not_order_what_is_equal(collection: Collection) -> None:
    """A float32 product is good to seven digits."""
    vector = away(0.2)
    noisy = vector.copy()
    noisy[1] = np.nextafter(noisy[1], np.float32(2))
    collection.add({"b": noisy, "a": vector, "d": vector, "c": noisy})
    assert collection.names() == ["a", "b", "c", "d"]


def test_k_is_a_limit_and_not_a_demand(collection: Collection) -> None:
    collection.add({f"{n}": away(n / 10) for n in range(5)})
    assert len(collection.names(k=2)) == 2
    assert len(collection.names(k=5)) == 5
    assert len(collection.names(k=1000)) == 5


def test_an_empty_index_has_no_neighbors(collection: Collection) -> None:
    assert collection.search() == ()


def test_no_queries_have_no_results(collection: Collection) -> None:
    assert find_neighbors([], collection.index(), collection.catalog, SearchOptions()) == []


def test_distances_are_never_negative_zero(collection: Collection) -> None:
    collection.add({"a": BASE})
    (match,) = collection.search()
    assert str(match.distance) == "0.0"


# The query itself


def test_a_query_is_no_neighbor_of_itself(collection: Collection) -> None:
    collection.add({"a": BASE, "b": away(0.1)})
    assert collection.names(collection.query("a")) == ["b"]


def test_its_identical_copies_come_first(collection: Collection) -> None:
    collection.add({"a": BASE, "0 same vector": BASE, "b": away(0.1)}, ("a", "z copy"), ("a", "y copy"))
    matches = collection.search(collection.query("a"))
    assert [collection.name(match.image) for match in matches] == ["0 same vector", "y copy", "z copy", "b"]
    assert [match.distance for match in matches][:3] == [0.0, 0.0, 0.0]
    assert [match.verdict for match in matches] == [None, Verdict.IDENTICAL, Verdict.IDENTICAL, None]


def test_a_copy_outside_the_index_finds_all_of_them(collection: Collection) -> None:
    collection.add({"a": BASE}, ("a", "z"))
    query = Query(Path("/outside.jpg"), BASE.reshape(1, DIM), digest("a").hex())
    matches = collection.search(query)
    assert [(collection.name(m.image), m.distance, m.verdict) for m in matches] == [
        ("a", 0.0, Verdict.IDENTICAL),
        ("z", 0.0, Verdict.IDENTICAL),
    ]


def test_the_same_bytes_are_at_distance_0_whatever_their_vectors(collection: Collection) -> None:
    """Another machine may have computed a slightly different one."""
    collection.add({"a": away(0.001), "b": away(0.0005)})
    query = Query(Path("/outside.jpg"), BASE.reshape(1, DIM), digest("a").hex())
    matches = collection.search(query, k=1)
    assert [(collection.name(m.image), m.distance) for m in matches] == [("a", 0.0)]


def test_only_identical(collection: Collection) -> None:
    collection.add({"a": BASE, "same vector": BASE}, ("a", "copy"))
    (found,) = find_identical([collection.query("a")], collection.catalog, SearchOptions())
    assert [collection.name(match.image) for match in found.matches] == ["copy"]
    unknown = Query(Path("/outside.jpg"), BASE.reshape(1, DIM))
    assert find_identical([unknown], collection.catalog, SearchOptions())[0].matches == ()


def test_similar_is_at_or_below_its_distance(collection: Collection) -> None:
    collection.add({"a": away(0.1), "b": away(0.2), "c": away(0.3)})
    at = collection.search()[1].distance
    verdicts = [match.verdict for match in collection.search(similar_distance=at)]
    assert verdicts == [Verdict.SIMILAR, Verdict.SIMILAR, None]


def test_a_changed_file_of_the_index_is_still_no_neighbor_of_itself(collection: Collection) -> None:
    collection.add({"a": BASE, "b": away(0.1)})
    before = collection.query("a")
    query = Query(before.path, away(0.1).reshape(1, DIM), digest("changed").hex(), before.image_id)
    assert collection.names(query) == ["b"]


# What is left out


def test_missing_images_never_come(collection: Collection) -> None:
    collection.add({"a": away(0.1), "b": away(0.2)}, ("a", "copy of a"))
    collection.lose("a")
    assert collection.names() == ["copy of a", "b"]
    collection.lose("copy of a")
    assert collection.names() == ["b"]
    collection.lose("b")
    assert collection.names() == []


def test_forgotten_contents_never_come(collection: Collection) -> None:
    """The graph holds their vectors until it is built again."""
    collection.add({"a": away(0.1), "b": away(0.2)})
    index = collection.index()
    collection.lose("a")
    collection.catalog.prune()
    query = Query(Path("/outside.jpg"), BASE.reshape(1, DIM))
    (result,) = find_neighbors([query], index, collection.catalog, SearchOptions(k=1))
    assert [collection.name(match.image) for match in result.matches] == ["b"]


def test_within_a_folder(collection: Collection) -> None:
    collection.add({"in/a": away(0.3), "b": away(0.1), "inside/c": away(0.2)}, ("b", "in/copy of b"))
    assert collection.names(filter=Filter(collection.key("in"))) == ["in/copy of b", "in/a"]
    assert collection.names(filter=Filter(collection.key("in")), k=1) == ["in/copy of b"]
    assert collection.names(filter=Filter(collection.key("b"))) == ["b"]
    assert collection.names(filter=Filter(collection.key("nowhere"))) == []


def test_max_distance_includes_its_limit(collection: Collection) -> None:
    collection.add({f"{n}": away(n / 10) for n in range(1, 6)})
    assert collection.names(max_distance=0.3) == ["1", "2", "3"]
    assert collection.names(max_distance=0.299) == ["1", "2"]
    assert collection.names(max_distance=0.3, k=2) == ["1", "2"]
    assert collection.names(max_distance=0) == []


def test_max_distance_looks_past_missing_images_at_the_limit(collection: Collection) -> None:
    collection.add({f"{n:02}": away(0.1) for n in range(20)})  # in float32 a little more than 0.1
    collection.lose(*(f"{n:02}" for n in range(19)))
    assert collection.names(max_distance=0.1, k=1) == ["19"]


# Several vectors


def parts(matches: Sequence[Match]) -> list[tuple[str | None, str | None]]:
    return [(match.region, match.query_region) for match in matches]


def test_the_nearest_region_of_a_content_counts(collection: Collection) -> None:
    collection.add({"a": away(0.5), "b": away(0.3)})
    collection.add_regions("a", away(0.4), away(0.1), away(0.6), away(0.2), away(0.1))
    matches = collection.search()
    assert [collection.name(match.image) for match in matches] == ["a", "b"]
    assert matches[0].distance == pytest.approx(0.1, abs=2e-6)
    assert parts(matches) == [("top right", None), (None, None)]


def test_a_region_is_named_only_if_it_is_nearer_than_the_full_frame(collection: Collection) -> None:
    collection.add({"a": away(0.2)})
    collection.add_regions("a", away(0.2), away(0.19))
    assert parts(collection.search()) == [("top right", None)]
    assert parts(collection.search(margins=Margins(region=0.02))) == [(None, None)]


def test_regions_are_ranked_with_a_margin_and_shown_without(collection: Collection) -> None:
    collection.add({"part": away(0.9), "whole": away(0.3)})
    collection.add_regions("part", away(0.25))
    nearer, farther = collection.search(), collection.search(margins=Margins(region=0.1))
    assert [collection.name(match.image) for match in nearer] == ["part", "whole"]
    assert [collection.name(match.image) for match in farther] == ["whole", "part"]
    assert farther[1].distance == pytest.approx(0.25, abs=2e-6)


def test_limits_hold_regions_to_the_margin_too(collection: Collection) -> None:
    collection.add({"part": away(0.9), "whole": away(0.3)})
    collection.add_regions("part", away(0.25))
    assert collection.names(max_distance=0.34, margins=Margins(region=0.1)) == ["whole"]
    assert collection.names(max_distance=0.36, margins=Margins(region=0.1)) == ["whole", "part"]
    verdicts = [
        match.verdict for match in collection.search(similar_distance=0.34, margins=Margins(region=0.1))
    ]
    assert verdicts == [Verdict.SIMILAR, None]


def test_regions_of_the_query_are_looked_for_among_full_frames(collection: Collection) -> None:
    collection.add({"a": unit(0, 0, 1), "b": away(0.3), "c": unit(0, 0, 0, 1)})
    collection.add_regions("c", unit(0, 1, 1))  # a region like a region of the query is no match
    own = np.stack([unit(0, 1, 1), unit(0, 0.1, 1), unit(0, 2, 1), unit(0, 1, 1), unit(0, 1, 1)])
    query = Query(Path("/outside.jpg"), BASE.reshape(1, DIM), parts=Parts(own, NUMBERS))
    matches = collection.search(query)
    assert [collection.name(match.image) for match in matches] == ["a", "b", "c"]
    assert parts(matches)[:2] == [(None, "top right"), (None, None)]
    assert matches[2].distance == 1.0
    turned = Query(
        Path("/outside.jpg"),
        np.stack([BASE, away(0.5)]),
        parts=Parts(np.concatenate([own[::-1], own]), NUMBERS * 2),
    )
    assert parts(collection.search(turned))[0] == (None, "bottom right")  # the 4th of 5 of the first way


@pytest.mark.slow
def test_many_regions_do_not_crowd_out_other_images(collection: Collection) -> None:
    collection.add({f"{n:02}": away(0.1) for n in range(40)})
    for n in range(40):
        collection.add_regions(f"{n:02}", *(away(0.05 + n / 1000),) * 5)
    collection.add({"last": away(0.3)})
    assert collection.names(k=30) == [f"{n:02}" for n in range(30)]
    assert collection.names(k=41)[-1] == "last"


def test_a_query_in_several_orientations_takes_the_nearest(collection: Collection) -> None:
    collection.add({"a": unit(0, 0, 1), "b": away(0.2), "c": unit(0, 0, 0, 1)})
    query = Query(Path("/outside.jpg"), np.stack([BASE, unit(0, 0, 1)]))
    matches = collection.search(query, k=2)
    assert [collection.name(match.image) for match in matches] == ["a", "b"]
    assert matches[0].distance == 0.0


def test_a_turned_query_must_be_nearer_by_a_margin(collection: Collection) -> None:
    """Eight ways to ask are eight chances; what is shown is the distance all the same."""
    collection.add({"turned": unit(0, 0, 1), "upright": away(0.2)})
    query = Query(Path("/outside.jpg"), np.stack([BASE, unit(0, 0, 1, 0.62)]))
    for margin, names in ((0.0, ["turned", "upright"]), (0.1, ["upright", "turned"])):
        found = collection.search(query, k=2, similar_distance=0.22, margins=Margins(turn=margin))
        assert [collection.name(match.image) for match in found] == names
        turned = next(match for match in found if collection.name(match.image) == "turned")
        assert turned.distance == pytest.approx(0.15, abs=0.001)
        assert turned.is_stranger is (margin > 0)


def test_each_orientation_is_searched_far_enough(collection: Collection) -> None:
    """One finds enough at once, but what another had to look past missing images for is nearer."""
    other = {f"other/{n}": unit(0, 0, 1, 0.5 + n / 10) for n in range(6)}
    gone = {f"gone/{n}": away(n / 1000) for n in range(20)}
    collection.add({**other, **gone, "near": away(0.05)})
    collection.lose("gone")
    query = Query(Path("/outside.jpg"), np.stack([BASE, unit(0, 0, 1)]))
    assert collection.names(query, k=2) == ["near", "other/0"]


@pytest.mark.slow
def test_queries_do_not_disturb_each_other(collection: Collection) -> None:
    collection.add({f"{n}": unit(*np.random.default_rng(n).standard_normal(DIM)) for n in range(30)})
    queries = [collection.query(f"{n}") for n in range(30)]
    queries[7] = Query(Path("/turned.jpg"), np.stack([BASE, away(0.5), away(1.0)]))
    together = find_neighbors(queries, collection.index(), collection.catalog, SearchOptions(k=4))
    alone = [QueryResult(query.path, collection.search(query, k=4)) for query in queries]
    assert together == alone


# Widening


class CountingIndex(ExactIndex):
    """Notes how widely it was asked."""

    def __init__(self, dim: int) -> None:
        super().__init__(dim)
        self.asked: list[tuple[int, int]] = []

    def search(self, queries: Embeddings, k: int) -> Neighbors:
        self.asked.append((len(queries), k))
        return super().search(queries, k)


def test_one_look_is_enough_for_most_queries(collection: Collection) -> None:
    collection.add({f"{n:03}": away(n / 200) for n in range(200)})
    index = CountingIndex(DIM)
    stored = collection.catalog.all_vectors()
    index.add(stored.ids, stored.vectors)
    queries = [collection.query("000"), Query(Path("/outside.jpg"), away(0.9012).reshape(1, DIM))]
    find_neighbors(queries, index, collection.catalog, SearchOptions(k=5))
    assert index.asked == [(2, 7)]


def test_many_copies_of_one_content(collection: Collection) -> None:
    collection.add({"a": away(0.1), "b": away(0.2)}, *(("a", f"copies/{n:03}") for n in range(200)))
    assert collection.names(k=5) == ["a", *(f"copies/{n:03}" for n in range(4))]
    assert collection.names(collection.query("a"), k=5) == [f"copies/{n:03}" for n in range(5)]
    assert collection.names(k=500)[-1] == "b"


def test_many_contents_whose_files_are_missing(collection: Collection) -> None:
    collection.add({f"gone/{n:03}": away(n / 10_000) for n in range(300)})
    collection.add({f"here/{n}": away(0.5 + n / 100) for n in range(5)})
    collection.lose("gone")
    assert collection.names(k=3) == ["here/0", "here/1", "here/2"]


def test_a_tie_at_the_edge_is_looked_into(collection: Collection) -> None:
    """More equal vectors than were asked for: the first by path is still the first."""
    collection.add({f"{n:03}": away(0.25) for n in reversed(range(100))})
    assert collection.names(k=3) == ["000", "001", "002"]


def test_a_search_ends_where_max_distance_does(collection: Collection) -> None:
    collection.add({f"{n:03}": away(n / 200) for n in range(200)})
    collection.lose(*(f"{n:03}" for n in range(40)))
    index = CountingIndex(DIM)
    stored = collection.catalog.all_vectors()
    index.add(stored.ids, stored.vectors)
    query = Query(Path("/outside.jpg"), BASE.reshape(1, DIM))
    find_neighbors([query], index, collection.catalog, SearchOptions(k=2, max_distance=0.05))
    assert [k for _, k in index.asked] == [4, 16]


@pytest.mark.slow
def test_through_a_graph_and_what_is_beside_it(collection: Collection) -> None:
    rng = np.random.default_rng(0)
    collection.add({f"{n:03}": unit(*rng.standard_normal(DIM)) for n in range(150)})
    collection.lose(*(f"{n:03}" for n in range(0, 150, 3)))
    stored = collection.catalog.all_vectors()
    graph = HnswIndex(DIM, IndexParams())
    graph.add(stored.ids[:120], stored.vectors[:120])
    combined = CombinedIndex([graph, ExactIndex.from_arrays(stored.ids[120:], stored.vectors[120:])])
    queries = [collection.query(f"{n:03}") for n in range(1, 150, 3)]
    options = SearchOptions(k=7)
    found = find_neighbors(queries, combined, collection.catalog, options)
    expected = find_neighbors(queries, collection.index(), collection.catalog, options)
    for ours, theirs in zip(found, expected, strict=True):
        assert [match.image for match in ours.matches] == [match.image for match in theirs.matches]
        distances = [match.distance for match in theirs.matches]
        assert [match.distance for match in ours.matches] == pytest.approx(distances, abs=2e-6)


# Against brute force

VECTORS = [
    BASE,
    away(0.1),
    away(0.2),
    away(0.25),
    away(0.5),
    unit(0, 1),
    unit(0, 0, 1),
    -BASE,
    unit(1, 1, 1, 1),
]
vectors = st.sampled_from(VECTORS)

Frame = tuple[Embeddings, list[Embeddings]]
"""The vectors of an image: of its full frame, and of its regions."""


Ways = set[tuple[bool, bool]]
"""Whether it is near by a region of the image, and by one of the query; several, where ranks are equal."""


def brute_force(
    query: Query, images: Sequence[tuple[ImageRecord, Frame]], options: SearchOptions, folder: Path
) -> list[tuple[str, float, Verdict | None, Ways]]:
    """Answer a query by looking at each image: path, distance, verdict, and by which ways it is near."""
    found = []
    for image, (full, regions) in images:
        ways = [(_distance(query.vectors, [full]), False, False)]
        if regions:
            ways.append((_distance(query.vectors, regions), True, False))
        if query.parts is not None:
            ways.append((_distance(query.parts.vectors, [full]), False, True))
        ranks = [distance + options.margins.region * (a or b) for distance, a, b in ways]
        rank, (distance, *_) = min(zip(ranks, ways, strict=True), key=lambda item: item[0])
        nearest = {(a, b) for other, (_, a, b) in zip(ranks, ways, strict=True) if other < rank + 1e-6}
        identical = image.content_hash == query.content_hash
        if identical or ranks[0] == rank:  # the full frame goes before regions that are no nearer
            nearest = {(False, False)}
        if identical:
            rank = distance = 0.0
        rank = round(rank, 6)
        inside = options.filter.within is None or image.path.is_relative_to(
            folder / options.filter.within.relpath
        )
        near = options.max_distance is None or rank <= options.max_distance
        if inside and near and image.id != query.image_id:
            similar = options.similar_distance is not None and rank <= options.similar_distance
            verdict = Verdict.IDENTICAL if identical else Verdict.SIMILAR if similar else None
            found.append((rank, (str(image.path), round(distance, 6), verdict, nearest)))
    found.sort(key=lambda item: (item[0], item[1][0]))
    return [answer for _, answer in found[: options.k]]


def _distance(queries: Embeddings, vectors: Sequence[Embeddings]) -> float:
    dots = queries.astype(np.float64) @ np.stack(vectors).T.astype(np.float64)
    return float(np.clip(1 - dots, 0, 2).astype(np.float32).min())


def check(result: QueryResult, expected: Sequence[tuple[str, float, Verdict | None, Ways]]) -> None:
    found = [(str(m.image.path), m.distance, m.verdict) for m in result.matches]
    assert found == [answer[:3] for answer in expected]
    for match, (*_, ways) in zip(result.matches, expected, strict=True):
        assert (match.region is not None, match.query_region is not None) in ways


@pytest.mark.slow
@settings(max_examples=60)
@given(st.data())
def test_answers_equal_brute_force(data: st.DataObject) -> None:
    contents = data.draw(st.lists(vectors, max_size=25), label="contents")
    files = data.draw(
        st.lists(st.tuples(st.integers(0, 24), st.sampled_from(["a", "b", "a/c"])), max_size=25),
        label="copies",
    )
    five = st.lists(vectors, min_size=5, max_size=5)
    regions = data.draw(st.dictionaries(st.integers(0, 24), five, max_size=10), label="regions")
    width = data.draw(st.sampled_from([1, MIN_REGION_WIDTH]), label="width")
    with ExitStack() as stack:
        base = Path(os.path.realpath(stack.enter_context(TemporaryDirectory())))
        stack.enter_context(patch("visualsearch_cli.search.likeness.MIN_REGION_WIDTH", width))
        collection = Collection(base)
        stack.callback(collection.catalog.close)
        own = {f"{n:02}": (vector, regions.get(n, [])) for n, vector in enumerate(contents)}
        copies = [(f"{c:02}", f"{folder}/{n}") for n, (c, folder) in enumerate(files) if c < len(contents)]
        collection.add({name: full for name, (full, _) in own.items()}, *copies)
        for name, (_, of_regions) in own.items():
            if of_regions:
                collection.add_regions(name, *of_regions)
        paths = [*own, *(path for _, path in copies)]
        if paths:
            lost = data.draw(st.lists(st.sampled_from(paths), max_size=20), label="missing")
            collection.lose(*lost)
        records = [image for path in paths if (image := collection.catalog.image(collection.key(path)))]
        images = [(r, own[bytes.fromhex(r.content_hash).decode().rstrip(".")]) for r in records]
        turns = data.draw(st.lists(vectors, min_size=1, max_size=3), label="query")
        asked = data.draw(st.none() | st.lists(vectors, min_size=5, max_size=5), label="regions of it")
        of_query = None if asked is None else Parts(np.stack(asked * len(turns)), NUMBERS * len(turns))
        queries = [Query(Path("/q"), np.stack(turns), parts=of_query)]
        queries += [Query(r.path, v.reshape(1, DIM), r.content_hash, r.id) for r, (v, _) in images[:3]]
        options = SearchOptions(
            k=data.draw(st.integers(1, 30), label="k"),
            max_distance=data.draw(st.sampled_from([None, 0.0, 0.1, 0.2, 0.5, 1.0]), label="max_distance"),
            filter=Filter(
                data.draw(st.sampled_from([None, collection.key("a"), collection.key("b")]), label="within")
            ),
            share=data.draw(st.sampled_from([1.0, 0.5, 0.0]), label="share"),
            similar_distance=data.draw(st.sampled_from([None, 0.2]), label="similar_distance"),
            margins=Margins(data.draw(st.sampled_from([0.0, 0.07, 0.3]), label="region margin")),
        )
        region_index = collection.index(Frames.REGIONS)
        results = find_neighbors(queries, collection.index(), collection.catalog, options, region_index)
        for query, result in zip(queries, results, strict=True):
            check(result, brute_force(query, images, options, base))
        everything = options._replace(k=1000, max_distance=None)
        for query, result in zip(queries, find_identical(queries, collection.catalog, options), strict=True):
            expected = brute_force(query, images, everything, base)
            check(result, [a for a in expected if a[2] is Verdict.IDENTICAL][: options.k])
