"""A thorough index: regions find small crops and pictures inside pictures, and an index can become one."""

from __future__ import annotations

import os
import signal
import sqlite3
from contextlib import closing
from pathlib import Path
from typing import Any

import pytest
from PIL import Image, ImageOps

from tests.helpers.photographs import change_index, cutting, stored_regions, wait_until, write_cuttings
from tests.helpers.program import Program

PHOTOS = 10
REGIONS = 5
MODELS = {"onnxruntime", "torch"}


@pytest.fixture(scope="session")
def thorough_album(tmp_path_factory: pytest.TempPathFactory, album: Path) -> Path:
    """The ten photographs and their thorough index, which was plain before. Not to be changed."""
    folder = tmp_path_factory.mktemp("thorough") / "Photos"
    run = Program(folder.parent)
    run("index", album, "--index", folder / ".visualsearch", "--thorough")
    return folder / ".visualsearch"


def info(run: Program, *arguments: str | Path) -> dict[str, Any]:
    document: dict[str, Any] = run("info", "--json", *arguments).json
    return document


def best(run: Program, image: Path, *arguments: str | Path) -> dict[str, Any]:
    """Return the first neighbor."""
    (record,) = run("query", image, "-k", "3", "--format", "jsonl", *arguments).jsonl
    neighbor: dict[str, Any] = record["neighbors"][0]
    return neighbor


def stored_vectors(folder: Path) -> list[tuple[int, bytes]]:
    """Return the ids and vectors of the full frames."""
    with closing(sqlite3.connect(folder / ".visualsearch" / "catalog.sqlite")) as connection:
        return connection.execute("SELECT id, vector FROM embeddings WHERE region = 0 ORDER BY id").fetchall()


@pytest.fixture
def crop(album: Path, tmp_path: Path) -> Path:
    """Three tenths of a photograph, out of its bottom right."""
    path = tmp_path / "crop.jpg"
    with Image.open(album / "coffee.jpg") as image:
        width, height = image.size
        left, top = round(0.45 * width), round(0.45 * height)
        image.crop((left, top, left + round(0.55 * width), top + round(0.55 * height))).save(path, quality=85)
    return path


@pytest.fixture
def collage(album: Path, tmp_path: Path) -> Path:
    """A photograph on a part of something else."""
    path = tmp_path / "collage.jpg"
    with Image.open(album / "coffee.jpg") as image:
        other = cutting(5).resize((round(1.6 * image.width), round(1.6 * image.height)))
        other.paste(image)
        other.save(path, quality=85)
    return path


def test_a_small_crop_is_found_by_a_region(
    run: Program, album: Path, thorough_album: Path, crop: Path
) -> None:
    plain = best(run, crop, "--index", album / ".visualsearch")
    found = best(run, crop, "--index", thorough_album)
    assert plain["region"] is None
    assert Path(found["path"]).name == "coffee.jpg"
    assert (found["region"], found["query_region"]) == ("bottom right", None)
    assert found["verdict"] == "edited" and "of a larger picture" in found["reason"]
    assert found["distance"] < plain["distance"]
    table = run("query", crop, "--index", thorough_album).out
    assert "its bottom right" in table
    assert "near by" not in run("query", crop, "--index", album / ".visualsearch").out


@pytest.mark.parametrize("way", ["--exact", "--hnsw"])
def test_both_ways_to_search_find_it(run: Program, thorough_album: Path, crop: Path, way: str) -> None:
    found = best(run, crop, "--index", thorough_album, way)
    assert (Path(found["path"]).name, found["region"]) == ("coffee.jpg", "bottom right")


def test_a_picture_in_a_picture_is_found_by_a_region_of_the_query(
    run: Program, album: Path, collage: Path
) -> None:
    place = ("--index", album / ".visualsearch")  # a plain one
    found = best(run, collage, *place, "--thorough")
    assert Path(found["path"]).name == "coffee.jpg"
    assert (found["region"], found["query_region"]) == (None, "top left")
    assert found["distance"] < best(run, collage, *place)["distance"]
    assert "query's top left" in run("query", collage, *place, "--thorough").out
    both = best(run, collage, *place, "--thorough", "--transforms", "mirror")
    assert (both["path"], both["query_region"]) == (found["path"], "top left")


def test_full_frames_keep_their_vectors_and_distances(
    run: Program, album: Path, thorough_album: Path
) -> None:
    """Full frames are as far from each other as in a plain index, where no region is nearer."""
    queries = [album / "coffee.jpg", album / "chelsea.jpg"]
    plain = run("query", *queries, "--index", album / ".visualsearch", "--format", "jsonl").jsonl
    found, loaded = run.modules("query", *queries, "--index", thorough_album, "--format", "jsonl")
    assert not loaded & MODELS
    for before, after in zip(plain, found.jsonl, strict=True):
        distances = {n["path"]: n["distance"] for n in after["neighbors"] if n["region"] is None}
        for neighbor in before["neighbors"]:
            full = distances.get(neighbor["path"], neighbor["distance"])
            # A thorough index decodes at a larger scale, and the network rounds to 8 bits.
            assert full == pytest.approx(neighbor["distance"], abs=1e-2)


def test_a_query_that_is_known_needs_no_model(run: Program, album: Path, thorough_album: Path) -> None:
    _, loaded = run.modules("query", album / "coffee.jpg", "--index", thorough_album)
    assert not loaded & MODELS


def test_a_close_look_finds_a_tile_of_a_collage_and_a_picture_that_was_turned(
    run: Program, album: Path, thorough_album: Path, tmp_path: Path
) -> None:
    """The corners of a query show neither of them."""
    with Image.open(album / "chelsea.jpg") as opened:
        picture = opened.convert("RGB")
    side = min(picture.size)
    tiles = [ImageOps.fit(picture, (side, side)), *(Image.effect_noise((side, side), 90) for _ in range(2))]
    collage = Image.new("RGB", (3 * side + 40, side + 20), "white")
    for number, tile in enumerate(tiles):
        collage.paste(tile, (10 + number * (side + 10), 10))
    collage.save(tmp_path / "collage.jpg", quality=90)
    turned = picture.rotate(40, Image.Resampling.BICUBIC, expand=True, fillcolor="white")
    turned.save(tmp_path / "turned.jpg", quality=90)
    asked = [tmp_path / "collage.jpg", tmp_path / "turned.jpg"]
    found = run("query", *asked, "--thorough", "--index", thorough_album, "--format", "jsonl").jsonl
    first = [result["neighbors"][0] for result in found]
    assert [Path(match["path"]).name for match in first] == ["chelsea.jpg"] * 2
    assert all(match["looked_at"] for match in first)
    assert first[1]["verdict"] == "edited"
    assert first[0]["query_region"] == "0%,0%,33%,100%"


def test_an_index_becomes_thorough_and_stays_so(run: Program, chosen: Path) -> None:
    assert info(run)["regions"] is None
    full_frames = stored_vectors(chosen)
    report = run("index", "--thorough", "--json").json
    assert (report["embedded"], report["unchanged"]) == (0, PHOTOS)
    scheme = "corners5-60/1"
    assert report["regions"] == {"scheme": scheme, "added": PHOTOS, "vectors": PHOTOS * REGIONS}
    document = info(run)
    assert document["regions"] == {"scheme": scheme, "vectors": PHOTOS * REGIONS, "contents_without": 0}
    assert document["vectors"] == PHOTOS
    assert (document["graph"]["vectors"], document["region_graph"]["vectors"]) == (PHOTOS, PHOTOS * REGIONS)
    assert stored_vectors(chosen) == full_frames
    text = run("info").out
    assert "regions  corners5-60/1, 50 vectors\n" in text
    assert "50 vectors of regions" in text

    result, loaded = run.modules("index", "--json")
    assert not loaded & MODELS
    assert result.json["regions"]["added"] == 0
    cutting(1).save(chosen / "new.jpg", quality=90)
    assert run("index", "--json").json["regions"]["vectors"] == (PHOTOS + 1) * REGIONS
    assert "thorough" in run("index").out
    assert run("check").out.endswith("nothing wrong\n")


def test_pictures_that_are_not_there_are_left_and_named(run: Program, chosen: Path) -> None:
    trip = chosen.parent / "Trip"
    (chosen / "trip").rename(trip)
    run("index")
    run("index", trip)  # a root of its own, with known contents
    cutting(1).save(trip / "only here.jpg", quality=90)
    run("index", trip)
    trip.rename(chosen.parent / "unplugged")
    result = run("index", "--thorough")
    assert f"{trip} is offline: its 4 images are left alone" in result.err
    assert result.err.count("no regions for") == 4
    assert f"no regions for {trip / 'only here.jpg'}: missing" in result.err
    assert info(run)["regions"]["contents_without"] == 4
    assert "4 contents without" in run("info").out
    assert run("check").code == 0
    (chosen.parent / "unplugged").rename(trip)
    result = run("index")
    assert "no regions" not in result.err
    assert info(run)["regions"]["contents_without"] == 0


def test_prune_forgets_regions(run: Program, chosen: Path) -> None:
    run("index", "--thorough")
    (chosen / "coffee.jpg").unlink()
    assert run("index", "--json").json["missing"] == 1
    run("prune")
    document = info(run)
    assert (document["vectors"], document["regions"]["vectors"]) == (PHOTOS - 1, (PHOTOS - 1) * REGIONS)
    assert run("check").out.endswith("nothing wrong\n")


def test_a_damaged_graph_of_regions_is_found_and_built_again(run: Program, chosen: Path, crop: Path) -> None:
    run("index", "--thorough")
    name = info(run)["region_graph"]["file"]
    path = chosen / ".visualsearch" / name
    path.write_bytes(path.read_bytes()[:-1] + b"x")
    assert name in run("check", code=13).err
    assert best(run, crop, "--hnsw")["region"] == "bottom right"  # every vector is compared instead
    run("check", "--repair")
    assert run("check").code == 0


def test_embeddings_from_a_file_have_no_regions_until_the_next_run(
    run: Program, photos: Path, thorough_album: Path
) -> None:
    del thorough_album
    run("embed", photos, "-o", "photos.npz")
    assert "--from has full frames only" in run("index", "--from", "photos.npz", "--thorough", code=2).message
    run("index", "--from", "photos.npz")
    place = ("--index", photos / ".visualsearch")
    run("index", *place, "--thorough")
    cutting(3).save(photos / "new.jpg", quality=90)
    run("embed", photos, "-o", "photos.npz")
    result = run("index", "--from", "photos.npz")
    assert "pictures without regions: 1; `visualsearch index` adds them" in result.err
    assert info(run, *place)["regions"]["contents_without"] == 1
    run("index", *place)
    assert info(run, *place)["regions"]["contents_without"] == 0


def test_another_scheme_is_refused(run: Program, chosen: Path, crop: Path) -> None:
    change_index(chosen / ".visualsearch", "UPDATE manifest SET value = '\"nine/7\"' WHERE key = 'regions'")
    for command in (("index",), ("query", crop), ("check",)):
        assert "nine/7" in run(*command, code=12).message


def test_a_killed_upgrade_goes_on(run: Program, tmp_path: Path) -> None:
    many, index = tmp_path / "many", run.home / "idx"
    write_cuttings(many, 80)
    run("index", many, "--index", index)
    with run.started("index", "--index", index, "--thorough") as process:
        wait_until(lambda: stored_regions(index) > 0 or process.poll() is not None)
        killed = process.poll() is None
        os.killpg(process.pid, signal.SIGKILL) if killed else None
        process.communicate()
    before = stored_regions(index)
    assert before % REGIONS == 0, "the regions of a content are committed together"
    assert killed
    assert run("check", "--index", index).out.endswith("nothing wrong\n")
    report = run("index", "--index", index, "--json").json  # it is thorough from its first moment on
    assert report["regions"]["added"] == 80 - before // REGIONS
    assert info(run, "--index", index)["regions"]["contents_without"] == 0
    assert run("check", "--index", index).out.endswith("nothing wrong\n")
