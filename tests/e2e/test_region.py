"""A query by a part of a picture."""

from __future__ import annotations

from pathlib import Path

import pytest
from PIL import ExifTags, Image

from tests.helpers.program import Program
from visualsearch_cli.library import open_index


@pytest.fixture
def pair(run: Program, indexed: Path) -> Path:
    """A picture with coffee on its left and a rocket on its right, lying on its side by EXIF."""
    sides = []
    for name in ("coffee", "rocket"):
        with Image.open(indexed / f"{name}.jpg") as image:
            sides.append(image.convert("RGB").resize((400, 300)))
    both = Image.new("RGB", (800, 300))
    both.paste(sides[0], (0, 0))
    both.paste(sides[1], (400, 0))
    exif = Image.Exif()
    exif[ExifTags.Base.Orientation] = 6  # shown turned by a quarter clockwise
    path = run.home / "pair.jpg"
    both.transpose(Image.Transpose.ROTATE_90).save(path, exif=exif, quality=95)
    return path


def first(run: Program, path: Path, region: str) -> str:
    (result,) = run("query", path, "--region", region, "-k", "1", "--json").json["results"]
    (found,) = result["neighbors"]
    assert not found["looked_at"]
    return Path(found["path"]).stem


def test_a_part_finds_what_it_shows(run: Program, indexed: Path, pair: Path) -> None:
    assert first(run, pair, "0,0,400,300") == first(run, pair, "0,0,50%,100%") == "coffee"
    assert first(run, pair, "400,0,400,300") == first(run, pair, "50%,0,900,100%") == "rocket"
    inside = indexed / "pair.jpg"
    inside.write_bytes(pair.read_bytes())
    run("index", indexed)
    assert first(run, inside, "50%,0,50%,100%") == "rocket", "the picture itself is no answer"
    with open_index(indexed) as index:
        found = index.query(pair, k=1, region="0,0,50%,100%").matches
        assert [match.image.path.stem for match in found] == ["coffee"]
        with pytest.raises(ValueError, match="nothing can be proved"):
            index.query(pair, region="0,0,50%,100%", level="same")


def test_regions_that_cannot_be_meant(run: Program, indexed: Path, pair: Path) -> None:
    assert indexed.is_dir()
    for region in ("", "1,2,3", "a,b,c,d", "0,0,0,5", "-1,0,5,5", "0,0,nan,5", "0,0,inf,5"):
        assert "is no region" in run("query", pair, f"--region={region}", code=2).message
    result = run("query", pair, "--region", "900,0,50,50", code=3)
    assert "has 800 × 300 pixels, and the region lies outside" in result.err
    for options in (["--level", "same"], ["--verify", "all"]):
        message = run("query", pair, "--region", "0,0,9,9", *options, code=2).message
        assert "leave --level and --verify out" in message
