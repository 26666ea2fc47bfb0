"""Photographs of folders and archives, and the roles they play."""

from __future__ import annotations

import tarfile
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from benchmarks.material.edits import DIHEDRAL, UPRIGHT
from benchmarks.material.photographs import Photograph, cast, find_photographs
from benchmarks.models.embedding import CHUNK, TURNS, embed_material
from visualsearch_cli.embedders.registry import ModelRequest, load


def save_pictures(folder: Path, count: int) -> None:
    for number in range(count):
        pixels = np.random.default_rng(number).integers(0, 256, (20, 30, 3), np.uint8)
        Image.fromarray(pixels).save(folder / f"{number:02}.png")


def named(count: int) -> list[Photograph]:
    return [Photograph(f"{number:03}", Path("nowhere")) for number in range(count)]


def test_files_and_members_of_archives_read_alike(tmp_path: Path) -> None:
    save_pictures(tmp_path, 3)
    (tmp_path / "notes.txt").write_text("no picture")
    (tmp_path / "more").mkdir()
    with tarfile.open(tmp_path / "more" / "a.tar", "w") as tar:
        for path in sorted(tmp_path.glob("*.*")):
            tar.add(path, f"in/{path.name}")
    found = find_photographs(tmp_path)
    files, members = found[:3], found[3:]
    assert [photograph.name for photograph in files] == ["00.png", "01.png", "02.png"]
    assert [photograph.name for photograph in members] == [f"more/a.tar/in/{file.name}" for file in files]
    for file, member in zip(files, members, strict=True):
        assert np.array_equal(np.asarray(file.read()), np.asarray(member.read()))


def test_what_is_no_image_reads_as_nothing(tmp_path: Path) -> None:
    (tmp_path / "a.jpg").write_bytes(b"no image")
    assert find_photographs(tmp_path)[0].read() is None


def test_roles_do_not_overlap_and_follow_from_the_seed() -> None:
    def drawn(seed: str, originals: int = 20) -> list[list[Photograph]]:
        material = cast(
            named(100), named(300)[100:], originals=originals, backgrounds=5, most_distractors=50, seed=seed
        )
        return [material.originals, material.backgrounds, material.others]

    parts = drawn("0")
    assert [len(part) for part in parts] == [20, 5, 75 + 50]
    assert len({photograph.name for part in parts for photograph in part}) == 150
    assert parts == drawn("0")
    assert parts != drawn("1")
    more = drawn("0", originals=30)  # adds queries, and leaves those there were as they were
    assert (more[0][:20], more[1]) == (parts[0], parts[1])


def test_too_few_photographs_are_refused() -> None:
    with pytest.raises(SystemExit, match="need 12 photographs, and there are 11"):
        cast(named(11), [], originals=10, backgrounds=2, most_distractors=0, seed="0")


def test_everything_is_embedded_in_order(tmp_path: Path) -> None:
    save_pictures(tmp_path, 2 * CHUNK + 3)
    (tmp_path / "zz.jpg").write_bytes(b"no image")
    photographs = find_photographs(tmp_path)
    material = cast(
        photographs[:-1], photographs[-1:], originals=2, backgrounds=1, most_distractors=9, seed="0"
    )
    embedders = {name: load(ModelRequest(name)) for name in ("pixels", "hog")}
    vectors = embed_material(material, embedders, seed="0", threads=3)["pixels"]
    assert vectors.index.shape == (2 * CHUNK + 2, 432)  # all but the background and what is no image
    assert vectors.upright.shape == (2, len(UPRIGHT), 432)
    assert vectors.turned.shape == (2, len(DIHEDRAL), TURNS, 432)
    for number, original in enumerate(material.originals):
        image = original.read()
        assert image is not None
        pixels = embedders["pixels"]
        alone = pixels.embed([pixels.prepare(np.asarray(image))])[0]
        assert np.allclose(vectors.index[number], alone)
        assert np.isclose((vectors.turned[number] @ alone).max(axis=1), 1, atol=1e-5).all()
