"""What a filter costs a search: beside the same search without one, and whether its answers are exact.

    python -m benchmarks.scale.filter_cost [--count N] [--work FOLDER]

An index of N drawn contents is made, with a date, a camera, a place, a size and a folder for each. Three more
things are known of those that lie farthest from what is asked, as of screenshots where a photograph is: a
camera of their own, a format, a label. Then a picture is asked for with and without filters, each time in an
index that was opened anew, and the answers are compared with those of a sort of all distances. CPU time is
counted: of the search and, where what passes lies far, of the command, in turns with one without a filter.
"""

from __future__ import annotations

import argparse
import os
import shutil
import sysconfig
import time
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path
from statistics import median

import numpy as np
import numpy.typing as npt
from PIL import Image

from benchmarks.cost.processes import Side, alternate
from benchmarks.places import SAMPLES
from visualsearch_cli import __version__
from visualsearch_cli.embedders.embedder import ModelSpec
from visualsearch_cli.embedders.registry import ModelRequest, load
from visualsearch_cli.embedders.specs import BUNDLED
from visualsearch_cli.index.block_files import BlockFolder
from visualsearch_cli.index.derived import update_blocks
from visualsearch_cli.index.folder import IndexFolder
from visualsearch_cli.index.model import ModelChoice
from visualsearch_cli.index.open import open_index
from visualsearch_cli.index.records import Manifest
from visualsearch_cli.index.sqlite.database import create
from visualsearch_cli.index.sqlite.rows import manifest_rows, vector_blob
from visualsearch_cli.index.writer import CatalogWriter
from visualsearch_cli.pictures.reader import Decoding
from visualsearch_cli.progress import NoProgress
from visualsearch_cli.search.answering import Answering, QueryOptions
from visualsearch_cli.search.filtering import Where
from visualsearch_cli.search.limits import Looks
from visualsearch_cli.vectors.index import IndexParams

RUNS = 7
NEARLY = 1.1e-6  # distances are shown with six digits
K = 10
FAR = "far"
ASKED = SAMPLES / "holiday" / "sunset.jpg"
CAMERAS = ("canon eos 5d", "nikon d90", "apple iphone 12", "", "epson v600")
SCANNED, LABELED, PNG = 0.3, 0.1, 0.2  # of all, those that are farthest
SLICE = 20_000  # rows written at once

Columns = dict[str, npt.NDArray[np.float64]]


def facts(distances: npt.NDArray[np.float64]) -> Columns:
    """Return what is known of each content, by its distance to what is asked: the same for the same ones."""
    random = np.random.default_rng(1)
    count = len(distances)
    known = {
        "day": random.integers(0, 20 * 365, count).astype(float),  # since 2005
        "camera": random.choice(4, count, p=[0.6, 0.39, 0.0005, 0.0095]).astype(float),
        "latitude": random.normal(48, 5, count),
        "longitude": random.normal(11, 10, count),
        "width": random.choice([640, 1600, 4000, 9000], count, p=[0.1, 0.3, 0.599, 0.001]).astype(float),
        "size": random.lognormal(14, 1, count).round(),
    }
    farthest = np.argsort(np.argsort(-distances, kind="stable")) / count  # 0: nothing is farther
    known["camera"][farthest < SCANNED] = len(CAMERAS) - 1
    return known | {"labeled": 1.0 * (farthest < LABELED), "png": 1.0 * (farthest < PNG)}


def date_of(day: float) -> str:
    """Return a date of ISO 8601, so many days after the beginning of 2005."""
    return f"{np.datetime64('2005-01-01') + np.timedelta64(int(day), 'D')}T12:00:00"


def vectors_in(count: int, dim: int = BUNDLED.dim) -> Iterator[npt.NDArray[np.float32]]:
    """Yield unit vectors, SLICE at a time."""
    for start in range(0, count, SLICE):
        random = np.random.default_rng(start + 7)
        rows = random.normal(size=(min(SLICE, count - start), dim)).astype(np.float32)
        rows[:, 0] += 4  # near to each other, as photographs are
        yield rows / np.linalg.norm(rows, axis=1, keepdims=True)


def build(folder: IndexFolder, known: Columns, model: ModelSpec = BUNDLED) -> None:
    """Make an index of vectors of a model. Rows are written as `index` would, but without pictures."""
    folder.path.mkdir(parents=True)
    params = IndexParams()
    manifest = Manifest(0, __version__, "2026-01-01T00:00:00+00:00", model, None, params, None)
    create(folder.catalog_path, manifest_rows(manifest))
    count = len(known["day"])
    with closing(CatalogWriter(folder.catalog_path)) as catalog:
        root = catalog.add_root(folder.path.parent)
        database = catalog._db
        for number, rows in enumerate(vectors_in(count, model.dim)):
            ids = range(number * SLICE + 1, number * SLICE + len(rows) + 1)
            with database.transaction():
                database.run_many(
                    "INSERT INTO contents VALUES (?, ?, ?, 3000, ?)",
                    (
                        (
                            id,
                            _hash(id),
                            int(known["width"][id - 1]),
                            "PNG" if known["png"][id - 1] else "JPEG",
                        )
                        for id in ids
                    ),
                )
                database.run_many(
                    "INSERT INTO labels (hash, label) VALUES (?, 'scan')",
                    ((_hash(id),) for id in ids if known["labeled"][id - 1]),
                )
                database.run_many(
                    "INSERT INTO embeddings (content_id, region, vector, crc32) VALUES (?, 0, ?, ?)",
                    ((id, *vector_blob(row)) for id, row in zip(ids, rows, strict=True)),
                )
                database.run_many(
                    "INSERT INTO images (root_id, relpath, size, mtime_ns, content_id)"
                    " VALUES (?, ?, ?, 1, ?)",
                    (
                        (root.id, b"%04d/%07d.jpg" % (id % 1000, id), int(known["size"][id - 1]), id)
                        for id in ids
                    ),
                )
                database.run_many(
                    "UPDATE facts SET looked_at = 1, size = ?, captured = ?, camera = ?, latitude = ?,"
                    " longitude = ? WHERE content_id = ?",
                    (
                        (
                            int(known["size"][id - 1]),
                            date_of(known["day"][id - 1]),
                            CAMERAS[int(known["camera"][id - 1])],
                            known["latitude"][id - 1],
                            known["longitude"][id - 1],
                            id,
                        )
                        for id in ids
                    ),
                )
        update_blocks(catalog, BlockFolder(folder.path), NoProgress())


def _hash(id: int) -> bytes:
    return id.to_bytes(32, "big")


def cases(folder: Path, known: Columns) -> Iterator[tuple[str, Where, npt.NDArray[np.bool_]]]:
    """Yield filters, and which contents pass each."""
    everything = np.ones(len(known["day"]), bool)
    ids = np.arange(1, len(everything) + 1)
    dates = np.datetime64("2005-01-01") + known["day"].astype("timedelta64[D]")
    camera, width = known["camera"], known["width"]
    yield "no filter", Where(), everything
    yield "half: after 2015", Where(after="2015"), dates >= np.datetime64("2015-01-01")
    yield "all: wider than 1", Where(min_width=1), everything
    yield "42 %: canon", Where(cameras=("canon",)), camera == 0
    yield "the farthest 30 %: a camera", Where(cameras=("epson",)), camera == 4
    yield "the farthest 20 %: a format", Where(formats=("png",)), known["png"] > 0
    yield "the farthest 10 %: a label", Where(labels=("scan",)), known["labeled"] > 0
    first, last = known["png"] > 0, dates >= np.datetime64("2015-01-01")
    yield "10 %, far: format and date", Where(formats=("png",), after="2015"), first & last
    week = (dates >= np.datetime64("2019-07-01")) & (dates < np.datetime64("2019-07-08"))
    yield "0.1 %: a week", Where(after="2019-07-01", before="2019-07-08"), week
    yield "0.05 %: a rare camera", Where(cameras=("iphone",)), camera == 2
    yield "0.1 %: very wide", Where(min_width=9000), width >= 9000
    yield "0.1 %: a folder", Where(within=str(folder / "0007")), ids % 1000 == 7
    east = np.radians(known["longitude"] - 11.575)
    a, b = np.radians(48.137), np.radians(known["latitude"])
    cosine = np.sin(a) * np.sin(b) + np.cos(a) * np.cos(b) * np.cos(east)
    near = 6371.0088 * np.arccos(np.clip(cosine, -1, 1)) <= 100
    yield "1.5 %: 100 km around a place", Where(near=(48.137, 11.575, 100)), near
    both = (camera == 1) & (dates < np.datetime64("2006-01-01")) & (known["size"] > 2e6)
    yield "0.6 %: three at once", Where(cameras=("d90",), before="2006", larger_than=2_000_000), both
    yield "none: 2040", Where(after="2040"), ~everything


def asked_for() -> npt.NDArray[np.float32]:
    """Return the vector of the picture that is asked for."""
    embedder = load(ModelRequest("bundled"))
    with Image.open(ASKED) as picture:
        vector: npt.NDArray[np.float32] = embedder.embed(
            [embedder.prepare(np.asarray(picture.convert("RGB")))]
        )[0]
    return vector


def words_of(where: Where) -> list[str]:
    """Return a filter as options of `query`."""
    words = [f"--after={where.after}"] if where.after else []
    words += [f"--before={where.before}"] if where.before else []
    words += [f"--within={where.within}"] if where.within else []
    words += [f"--camera={text}" for text in where.cameras]
    words += [f"--type={text}" for text in where.formats]
    words += [f"--label={text}" for text in where.labels]
    words += [f"--min-width={where.min_width}"] if where.min_width else []
    words += [f"--larger-than={where.larger_than}"] if where.larger_than else []
    return words + ([f"--gps-near={','.join(map(str, where.near))}"] if where.near else [])


def command_ratio(home: Path, where: Where, runs: int) -> float:
    """Return the CPU time of a whole `query` with a filter beside one without: the median of pairs."""
    program = shutil.which("visualsearch", path=sysconfig.get_path("scripts")) or "visualsearch"
    bare = [program, "query", str(ASKED), "--index", str(home), "-k", str(K), "--no-verify"]
    sides = {"with": Side([*bare, *words_of(where)], allowed=(0,)), "without": Side(bare, allowed=(0,))}
    costs = alternate(sides, runs)
    return median(a.cpu / b.cpu for a, b in zip(costs["with"], costs["without"], strict=True))


def main() -> None:
    """Measure, and print a table."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").partition("\n")[0])
    parser.add_argument("--count", type=int, default=1_000_000)
    parser.add_argument("--work", type=Path, default=Path("scale"))
    parser.add_argument("--runs", type=int, default=RUNS)
    options = parser.parse_args()
    base = Path(os.path.realpath(options.work)) / f"filters-{options.count}"
    folder = IndexFolder(base / ".visualsearch")
    query = asked_for()
    distances = np.concatenate([1 - rows @ query.astype(float) for rows in vectors_in(options.count)])
    known = facts(distances)
    if not folder.exists():
        build(folder, known)
    order = np.argsort(distances, kind="stable")
    alone = 0.0
    for name, where, passes in cases(base, known):
        times = []
        for _ in range(options.runs):
            with open_index(folder, ModelChoice(), Decoding()) as index:
                start = time.process_time()
                asked = QueryOptions(k=K, where=where, looks=Looks.NONE)
                found = Answering(index, asked).of_vector(query).matches
                times.append(time.process_time() - start)
        alone = alone or median(times)
        nearest = distances[order[passes[order]][:K]]
        is_exact = (
            len(found) == len(nearest)
            and all(passes[match.image.content_id - 1] for match in found)
            and np.allclose([match.distance for match in found], nearest, rtol=0, atol=NEARLY)
        )
        took, share = median(times), passes.mean()
        line = f"{name:32} {share:9.3%} {1000 * took:8.0f} ms {took / alone:6.2f} × "
        line += "exact" if is_exact else "WRONG"
        if FAR in name:  # the slowest ones
            line += f"; the command {command_ratio(folder.path, where, options.runs):.2f} ×"
        print(line, flush=True)


if __name__ == "__main__":
    main()
