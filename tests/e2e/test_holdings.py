"""A file that holds more than another one stays: its film, its further pages, its bits are not lost."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from tests.helpers.photographs import originals
from tests.helpers.program import Program

FILM = b"\0\0\0\x18ftypmp42\0\0\0\0mp42isom" + bytes(50_000)


def write_film(folder: Path) -> Path:
    path = folder / "PXL_1.MP.jpg"
    originals()[1].save(path, quality=80)
    path.write_bytes(path.read_bytes() + FILM)
    originals()[1].save(folder / "resaved.jpg", quality=96)
    return path


def write_attached(folder: Path) -> Path:
    path = folder / "PXL_2.jpg"
    small = originals()[1].convert("L").resize((160, 120)).convert("RGB")
    originals()[1].save(path, "MPO", save_all=True, append_images=[small], quality=80)
    originals()[1].save(folder / "resaved.jpg", quality=96)
    return path


def write_alpha(folder: Path) -> Path:
    path = folder / "cut.png"
    image = originals()[8].resize((320, 213)).convert("RGBA")
    alpha = np.full((image.height, image.width), 255, np.uint8)
    alpha[:3] = 250
    image.putalpha(Image.fromarray(alpha))
    image.save(path)
    originals()[8].resize(image.size).resize((640, 426)).save(folder / "larger.jpg", quality=96)
    return path


@pytest.mark.parametrize("write", [write_film, write_attached, write_alpha])
@pytest.mark.parametrize("keys", [(), ("--keep", "size,resolution")])
@pytest.mark.parametrize("level", ["same", "edited"])
def test_it_is_kept(run: Program, write: Callable[[Path], Path], keys: tuple[str, ...], level: str) -> None:
    folder = run.home / "Photos"
    folder.mkdir()
    path = write(folder)
    before = path.read_bytes()
    run("index", folder, "-q")
    run("dupes", "--level", level, "--report", "r.json", *keys, cwd=folder)
    (group,) = json.loads((folder / "r.json").read_text("utf-8"))["groups"]
    kept, other = group["members"]
    assert kept["path"] == str(path) and not other["protected"]
    run("apply", "r.json", "--level", level, "--move-to", run.home / "moved", "--yes", cwd=folder)
    assert path.read_bytes() == before and not Path(other["path"]).exists()


def write_small_alpha(folder: Path) -> Path:
    path = write_alpha(folder)
    originals()[8].save(folder / "larger.jpg", quality=96)
    return path


def write_animation(folder: Path) -> Path:
    """What Google Photos makes of a few photographs: small, of 256 colors, and it begins with one of them."""
    path = folder / "IMG_1-ANIMATION.gif"
    first, *others = (originals()[number].resize((280, 187)).quantize(256) for number in (8, 1, 3))
    first.save(path, save_all=True, append_images=others, duration=300)
    originals()[8].save(folder / "IMG_1.jpg", quality=92)
    return path


@pytest.mark.parametrize("write", [write_small_alpha, write_animation])
def test_a_better_picture_stays_beside_one_that_holds_more(
    run: Program, write: Callable[[Path], Path]
) -> None:
    folder = run.home / "Photos"
    folder.mkdir()
    write(folder)
    files = sorted(folder.iterdir())
    run("index", folder, "-q")
    told = run("dupes", "--level", "edited", "--report", run.home / "r.json", cwd=folder)
    assert "shows more than the kept file, which holds" in " ".join(told.out.split())
    run("apply", run.home / "r.json", "--level", "edited", "--yes", cwd=folder)
    assert [path for path in files if path.exists()] == files


def test_below_no_reference_it_stays_beside_the_kept_one(run: Program) -> None:
    """Also for a report that does not say that it is protected."""
    folder, mine = run.home / "Photos", run.home / "Mine"
    for each in (folder, mine):
        each.mkdir()
    path = write_film(folder)
    (folder / "resaved.jpg").rename(mine / "resaved.jpg")
    before = path.read_bytes()
    run("index", folder, mine, "--index", run.home / "index", "-q")
    run.env["VISUALSEARCH_INDEX"] = str(run.home / "index")
    shown = run("dupes", "--reference", mine, "--report", run.home / "r.json").out
    assert "holds more than the kept file: a film" in " ".join(shown.split())
    assert "1 protected: never offered for removal" in shown
    document = json.loads((run.home / "r.json").read_text("utf-8"))
    (group,) = document["groups"]
    assert group["bytes_reclaimable"] == 0
    (other,) = group["members"][1:]
    assert other["path"] == str(path) and other["protected"]
    assert "holds more than the kept file: a film" in other["reason"]
    for protected in (True, False):
        other["protected"] = protected
        (run.home / "r.json").write_text(json.dumps(document), "utf-8")
        told = run("apply", run.home / "r.json", "--yes", "-v").err
        assert "holds more than the kept" in " ".join(told.split())
        assert path.read_bytes() == before
