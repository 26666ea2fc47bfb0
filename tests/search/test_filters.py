"""Filters: exact, whichever way they are pushed into the search, and alike in SQL and in words."""

from __future__ import annotations

import math
import os
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path

import numpy as np
import numpy.typing as npt
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from tests.contracts.catalog import MANIFEST
from visualsearch_cli.index import derived
from visualsearch_cli.index.block_files import BlockFolder
from visualsearch_cli.index.folder import IndexFolder
from visualsearch_cli.index.records import Circle, Facts, FileKey, FileUpdate, Filter, NewContent
from visualsearch_cli.index.sqlite import filters as sqlite_filters
from visualsearch_cli.index.sqlite.database import create
from visualsearch_cli.index.sqlite.filters import By, _found_by
from visualsearch_cli.index.sqlite.labels import Labels
from visualsearch_cli.index.sqlite.rows import manifest_rows
from visualsearch_cli.index.writer import CatalogWriter
from visualsearch_cli.pictures import formats
from visualsearch_cli.pictures.codecs import choosing
from visualsearch_cli.pictures.formats import RAW
from visualsearch_cli.pictures.image import ImageRecord
from visualsearch_cli.progress import NoProgress
from visualsearch_cli.search import neighbors, opening
from visualsearch_cli.search.filtering import ALIASES, Where
from visualsearch_cli.search.neighbors import Query, SearchOptions, find_neighbors
from visualsearch_cli.search.opening import open_vectors
from visualsearch_cli.search.plan import Method

DIM = 8
COUNT = 400
CITIES = [(48.137, 11.575), (52.52, 13.405), (-33.87, 151.21), (10.0, 179.9), (10.0, -179.9), (89.9, 0.0)]
CAMERAS = ["canon eos 5d", "nikon d90", "apple iphone 12", ""]
FORMATS = ["JPEG", "PNG", "RAW"]
DATES = ["", "2018-12-31T23:59:59", "2019-01-01T00:00:00", "2019-07-03T09:46:12+02:00", "2020", "2021-05"]
LABELS = ["cat", "dog"]


class World:
    """An index of pictures of which everything is known, and the same in lists."""

    def __init__(self, folder: Path) -> None:
        self.folder = IndexFolder(Path(os.path.realpath(folder)) / ".visualsearch")
        self.folder.path.mkdir()
        manifest = MANIFEST._replace(model=MANIFEST.model._replace(dim=DIM))
        create(self.folder.catalog_path, manifest_rows(manifest))
        self.catalog = CatalogWriter(self.folder.catalog_path)
        root = self.catalog.add_root(self.folder.path.parent)
        random = np.random.default_rng(5)
        rows = random.normal(size=(COUNT, DIM)) + 1
        self.vectors: npt.NDArray[np.float32] = (rows / np.linalg.norm(rows, axis=1, keepdims=True)).astype(
            np.float32
        )
        self.known: dict[int, tuple[Facts, set[str], int, str]] = {}
        updates = []
        for number in range(COUNT):
            hash_ = f"{number:032}".encode()
            format_ = FORMATS[number % 3]
            content = NewContent(hash_, 100 + number, 50, format_, self.vectors[number])
            key = FileKey(root.id, f"{'ab'[number % 2]}/{number:03}.jpg")
            updates.append(FileUpdate(key, 1000 * number, 1, content))
        self.catalog.write(updates)
        found, labels = [], {}
        for number in range(COUNT):
            latitude, longitude = CITIES[number % 7] if number % 7 < len(CITIES) else (None, None)
            facts = Facts(
                number + 1,
                1000 * number,
                DATES[random.integers(len(DATES))],
                CAMERAS[random.integers(len(CAMERAS))],
                latitude,
                longitude,
            )
            names = set(LABELS[: random.integers(3)]) if number % 10 == 0 else set()
            labels[f"{number:032}".encode().hex()] = names
            found.append(facts)
            self.known[facts.content_id] = (facts, names, 100 + number, FORMATS[number % 3])
        self.catalog.set_facts(found)
        with self.catalog._db.transaction():
            self.catalog._db.run_many(
                "INSERT INTO labels (label, hash) VALUES (?, ?)",
                [(name, bytes.fromhex(hash_)) for hash_, names in labels.items() for name in names],
            )
        self.catalog.vanish([3, 30, 300], [])

    def passes(self, image: ImageRecord, filter: Filter) -> bool:
        """Tell, without SQL, whether an image passes a filter."""
        facts, names, width, format_ = self.known[image.content_id]
        folder = image.path.parent.name
        return (
            (filter.within is None or folder == filter.within.relpath)
            and (not filter.after or (facts.captured != "" and facts.captured >= filter.after))
            and (not filter.before or (facts.captured != "" and facts.captured < filter.before))
            and (not filter.cameras or any(text in facts.camera for text in filter.cameras))
            and (not filter.formats or format_ in filter.formats)
            and width >= filter.min_width
            and (not filter.larger_than or facts.size > filter.larger_than)
            and (not filter.labels or bool(names & set(filter.labels)))
            and (filter.near is None or self.is_near(facts, filter.near))
        )

    @staticmethod
    def is_near(facts: Facts, circle: Circle) -> bool:
        if facts.latitude is None or facts.longitude is None:
            return False
        a, b = math.radians(circle.latitude), math.radians(facts.latitude)
        east = math.radians(facts.longitude - circle.longitude)
        cosine = math.sin(a) * math.sin(b) + math.cos(a) * math.cos(b) * math.cos(east)
        return 6371.0088 * math.acos(max(-1, min(1, cosine))) <= circle.kilometers + 1e-6

    def expected(self, query: npt.NDArray[np.float32], filter: Filter, k: int) -> list[int]:
        images = self.catalog.images_of(range(1, COUNT + 1))
        passing = [id for id, (image,) in images.items() if self.passes(image, filter)]
        distances = {id: round(float(1 - self.vectors[id - 1] @ query), 6) for id in passing}
        return sorted(passing, key=lambda id: (distances[id], str(images[id][0].path)))[:k]


@pytest.fixture(scope="module", params=[False, True], ids=["tables", "block"])
def world(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Iterator[World]:
    world = World(tmp_path_factory.mktemp("world"))
    with closing(world.catalog), pytest.MonkeyPatch.context() as patch:
        if request.param:
            patch.setattr(derived, "WORTH_WRITING", 1)
            derived.update_blocks(world.catalog, BlockFolder(world.folder.path), NoProgress())
            assert world.catalog.manifest().block is not None
        patch.setattr(neighbors, "MOST_AFTER", 60)
        yield world


def some(values: list[str]) -> st.SearchStrategy[tuple[str, ...]]:
    return st.just(()) | st.lists(st.sampled_from(values), max_size=2).map(tuple)


circles = st.builds(
    Circle,
    st.sampled_from([place[0] for place in CITIES]),
    st.sampled_from([place[1] for place in CITIES] + [180.0]),
    st.sampled_from([0.5, 30.0, 600.0, 15_000.0, 30_000.0]),
)
filters = st.builds(
    Filter,
    st.sampled_from([None, None, FileKey(1, "a"), FileKey(1, "b")]),
    st.sampled_from(["", "", "2019", "2019-07-03", "2021-05-01"]),
    st.sampled_from(["", "", "2019-01-01", "2020", "2030"]),
    some(["canon", "d90", "phone", "leica"]),
    some([*FORMATS, "HEIF"]),
    st.sampled_from([0, 0, 150, 480, 9999]),
    st.sampled_from([0, 0, 1000, 390_000]),
    some([*LABELS, "horse"]),
    st.none() | circles,
    st.just(False),
)


@settings(max_examples=150, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(
    filter=filters,
    k=st.sampled_from([1, 5, 500]),
    share=st.sampled_from([None, 0.0, 1.0]),
    most=st.sampled_from([0, 40, 10_000]),
    cameras=st.sampled_from([0, 100]),
)
@pytest.mark.slow
def test_answers_are_exact_whichever_way_the_filter_is_pushed(
    world: World, filter: Filter, k: int, share: float | None, most: int, cameras: int
) -> None:
    """`most` is how many rows, and vectors, are looked up by an index."""
    query = world.vectors[17]
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(sqlite_filters, "MOST_LOOKED_UP", most)
        patch.setattr(sqlite_filters, "MOST_COVERED", most)
        patch.setattr(sqlite_filters, "MOST_CAMERAS", cameras)
        patch.setattr(opening, "LOOKED_UP", most)
        if share is None:
            share = world.catalog.share_of(filter)
        index = open_vectors(world.folder, world.catalog, Method.EXACT, None, filter, share=share)
        options = SearchOptions(k=k, filter=filter, share=share)
        (result,) = find_neighbors([Query(Path("/q"), query.reshape(1, -1))], index, world.catalog, options)
        found = [match.image.content_id for match in result.matches]
        assert found == world.expected(query, filter, k)
        everything = world.expected(query, filter, COUNT)
        assert set(everything) <= set(world.catalog.contents_where(filter).tolist())


@pytest.mark.slow
@pytest.mark.parametrize(
    ("filter", "by"),
    [
        (Filter(after="2021"), By.CAPTURED),
        (Filter(cameras=("canon",)), By.CAMERA),
        (Filter(near=Circle(48, 11, 30)), By.PLACE),
        (Filter(min_width=150), None),
        (Filter(FileKey(1, "a"), after="2021"), None),
        (Filter(after="2021", min_width=150), By.CAPTURED),
        (Filter(after="2018", near=Circle(48, 11, 30)), By.PLACE),
        (Filter(after="2021", before="2022", cameras=("o",)), By.CAPTURED),
        (Filter(cameras=("d90",), min_width=150), None),
    ],
)
def test_rows_are_found_by_the_index_that_leads_to_the_fewest(
    world: World, monkeypatch: pytest.MonkeyPatch, filter: Filter, by: By | None
) -> None:
    monkeypatch.setattr(sqlite_filters, "MOST_LOOKED_UP", 80)
    monkeypatch.setattr(sqlite_filters, "MOST_COVERED", 300)
    assert _found_by(world.catalog._db, filter)[1] is by


def test_a_catalog_without_these_indexes_is_filtered_alike(tmp_path: Path) -> None:
    world = World(tmp_path)
    with closing(world.catalog):
        filter = Filter(after="2019", cameras=("canon", "d90"), near=Circle(48, 11, 600))
        found = world.catalog.contents_where(filter).tolist()
        assert len(found) > 5
        for each in By:
            world.catalog._db.run(f"DROP INDEX {each.value}")
        assert _found_by(world.catalog._db, filter) == (filter, None)
        assert world.catalog.contents_where(filter).tolist() == found


def test_the_share_is_about_right(world: World) -> None:
    assert world.catalog.share_of(Filter()) == 1
    assert world.catalog.share_of(Filter(min_width=300)) == pytest.approx(0.5, abs=0.02)
    assert world.catalog.share_of(Filter(formats=("HEIF",))) == 0
    assert world.catalog.share_of(Filter(FileKey(1, "a"))) == pytest.approx(0.5, abs=0.02)


@pytest.mark.parametrize(
    "date", ["2019", "2019-07", "2019-07-03", "2020-02-29", "2019-07-03T18", "2019-07-03T18:05:59"]
)
def test_dates(date: str) -> None:
    assert Where(after=date).checked().after == Where(before=date).checked().before == date


@pytest.mark.parametrize(
    "where",
    [
        Where(after="yesterday"),
        Where(before="2019-13"),
        Where(after="2019-7-3"),
        Where(after="2019-02-30"),
        Where(after="2021-02-29T12"),
        Where(before="2019-04-31"),
        Where(before="1900-02-29"),
        Where(after="0000"),
        Where(after="２０１９"),
        Where(min_width=2**63),
        Where(min_width=-1),
        Where(larger_than=2**70),
        Where(larger_than=-1),
        Where(near=(91, 0, 1)),
        Where(near=(0, 181, 1)),
        Where(near=(0, 0, -1)),
        Where(near=(0, 0, math.nan)),
        Where(labels=(" ",)),
        Where(cameras=("",)),
        Where(formats=("jpge",)),
        Where(formats=("png", "docx")),
    ],
)
def test_what_cannot_be_meant(where: Where) -> None:
    with pytest.raises(ValueError, match=r"expected|empty"):
        where.checked()


def test_every_format_that_is_read_can_be_asked_for() -> None:
    assert {*choosing.FORMATS, "MPO", "HEIF", "JXL", RAW} == formats.FORMATS
    every = (*(name.lower() for name in formats.FORMATS), *ALIASES)
    assert Where(formats=every).checked().formats == every
    with pytest.raises(
        ValueError, match=r"'foo' is no format of pictures: expected one of avif, bmp, .*, webp"
    ):
        Where(formats=("foo",)).checked()


def test_labels_are_kept_by_content(world: World) -> None:
    labels = Labels(world.folder.catalog_path, lambda: closing(world.catalog._db)).of_contents()
    assert labels.keys() == {f"{number:032}".encode().hex() for number in range(0, COUNT, 10)} & labels.keys()
    assert sum(len(names) for names in labels.values()) == sum(world.catalog.labels().values()) > 0
