"""What a command writes takes the place of what it wrote before, and of nothing else."""

from __future__ import annotations

import json
import os
import shutil
from pathlib import Path

import pytest
from PIL import Image

from tests.helpers.photographs import copy_of
from tests.helpers.program import Program
from visualsearch_cli.atomic import is_temporary


@pytest.fixture
def two(run: Program, photos: Path) -> Path:
    """~/Photos with two copies of a photograph, indexed."""
    folder = run.home / "Two"
    folder.mkdir()
    for name in ("one.jpg", "two.jpg"):
        shutil.copy(photos / "coffee.jpg", folder / name)
    shutil.rmtree(photos)
    run.env["VISUALSEARCH_INDEX"] = str(folder / ".visualsearch")
    run("index", folder)
    return folder


def everything(run: Program) -> dict[str, bytes]:
    """What lies in the home folder, the catalog apart, into which `dupes` writes what it found."""
    files = (path for path in run.home.rglob("*") if path.is_file())
    return {str(path): path.read_bytes() for path in files if not path.name.startswith("catalog.sqlite")}


@pytest.mark.parametrize(
    "line",
    [
        "dupes --report Two/one.jpg",
        "dupes --report Two/*.jpg",  # the shell makes two names of it: a file, and a PATH
        "dupes Two --html Two/one.jpg",
        "embed Two -o Two/one.jpg",
        "embed Two -o Two/*.jpg",
        "compare Two/one.jpg Two/two.jpg --image Two/one.jpg",
        "compare Two/*.jpg --image Two/two.jpg",
    ],
)
def test_no_photograph_is_overwritten(run: Program, two: Path, line: str) -> None:
    before = everything(run)
    assert len([name for name in before if name.endswith(".jpg")]) == 2
    result = run.shell(f"visualsearch {line}", code=2)
    name = "Two/two.jpg" if line.endswith("two.jpg") else "Two/one.jpg"
    assert f"{name} is not a" in result.message
    assert "it is left as it is, name another file" in result.message
    assert everything(run) == before
    assert two.is_dir() and result.out == ""


def test_what_may_not_be_written_is_refused_before_any_work(run: Program) -> None:
    """There is no index, there are no pictures, and that is not what is said."""
    (run.home / "notes.txt").write_text("mine")
    for line in (
        "dupes --report notes.txt",
        "dupes --html notes.txt",
        "embed nowhere -o notes.txt",
        "compare no.jpg no.jpg --image notes.txt",
    ):
        assert "notes.txt is not a" in run.shell(f"visualsearch {line}", code=2).message
    assert (run.home / "notes.txt").read_text() == "mine"


@pytest.mark.parametrize(
    "line",
    [
        "dupes --report new.jpg",
        "dupes --report new.CR2",
        "dupes --html new",
        "dupes --html new.json",
        "embed Two -o new",
        "embed Two -o new.json",
        "compare Two/one.jpg Two/two.jpg --image new.gif",
    ],
)
def test_a_new_file_has_a_name_that_tells_what_it_is(run: Program, two: Path, line: str) -> None:
    message = run.shell(f"visualsearch {line}", code=2).message
    assert "the name must" in message and line.split()[-1] in message
    assert two.is_dir() and not list(run.home.glob("new*"))


def test_a_command_replaces_what_it_wrote_before(run: Program, two: Path) -> None:
    lines = {
        "report.json": "dupes --report",
        "report": "dupes --report",
        "page.html": "dupes --html",
        "v.npz": "embed Two -o",
        "v.jsonl": "embed Two -o",
        "m.png": "compare Two/one.jpg Two/two.jpg --image",
        "m.jpg": "compare Two/one.jpg Two/two.jpg --image",
        "m.webp": "compare Two/one.jpg Two/two.jpg --image",
    }
    for name, line in lines.items():
        run.shell(f"visualsearch {line} {name}")
        first = (run.home / name).stat()
        run.shell(f"visualsearch {line} {name}")
        assert (run.home / name).stat().st_ino != first.st_ino, f"{name} was written again"
    files = {path.name for path in run.home.iterdir() if path.is_file()}
    assert files == set(lines)
    # Each other kind is somebody else's file.
    run("dupes", "--report", "page.html", code=2)
    run("dupes", "--html", "m.png", code=2)
    run("embed", two, "-o", "report.json", code=2)
    run("compare", two / "one.jpg", two / "two.jpg", "--image", "v.npz", code=2)


def test_an_empty_file_a_pipe_and_a_device_may_be_written(run: Program, two: Path) -> None:
    out = run.shell('f=$(mktemp) && visualsearch dupes --report "$f" && cat "$f" && rm "$f"').out
    report = json.loads(out[out.index("{") :])
    assert len(report["groups"]) == 1
    result = run.shell("visualsearch dupes --format paths --report >(cat >piped.json) && sleep 0.5")
    assert json.loads((run.home / "piped.json").read_text())["groups"] == report["groups"]
    assert result.out == f"{two}/two.jpg\n"
    run("dupes", "--report", "/dev/null", "--html", "/dev/null")
    assert "Traceback" not in run("embed", two, "-o", "/dev/null").err
    run("compare", two / "one.jpg", two / "two.jpg", "--image", "/dev/null")
    lines = run.shell('f=$(mktemp) && visualsearch embed Two -o "$f" && cat "$f" && rm "$f"').jsonl
    assert [Path(line["path"]).name for line in lines] == ["one.jpg", "two.jpg"]
    run.shell("mkfifo v.npz && (cat v.npz >read.npz &) && visualsearch embed Two -o v.npz && sleep 0.5")
    assert run("index", "--from", "read.npz", "--index", "again", "--json").json["reused"] == 2
    page = run.shell("visualsearch dupes --html /dev/stdout | cat").out
    assert "</html>" in page


def test_a_report_and_a_page_are_two_files(run: Program, two: Path) -> None:
    del two
    message = run("dupes", "--report", "x.html", "--html", "./x.html", code=2).message
    assert "--report and --html name the same file" in message
    assert not (run.home / "x.html").exists()


def test_neighbors_of_what_is_written_are_left_alone(run: Program, two: Path) -> None:
    """Temporary files had such names once; a link of that name led to a photograph."""
    photo = two / "one.jpg"
    before = photo.read_bytes()
    for name in ("r.json", "p.html", "v.npz", "v.jsonl"):
        (run.home / f"{name}.new").symlink_to(photo)
        (run.home / f"{name}.tmp").write_text("mine")
    run("dupes", "--report", "r.json", "--html", "p.html")
    run("embed", two, "-o", "v.npz")
    run("embed", two, "-o", "v.jsonl")
    for name in ("r.json", "p.html", "v.npz", "v.jsonl"):
        assert (run.home / name).stat().st_size > 0
        assert os.readlink(run.home / f"{name}.new") == str(photo)
        assert (run.home / f"{name}.tmp").read_text() == "mine"
    assert photo.read_bytes() == before
    assert not [path for path in run.home.rglob("*") if is_temporary(path.name)]


def test_nothing_in_an_index_is_written_through_a_link(run: Program, photos: Path) -> None:
    precious = run.home / "precious.jpg"
    shutil.copy(photos / "coffee.jpg", precious)
    before = precious.read_bytes()
    index = photos / ".visualsearch"
    index.mkdir()
    for name in (
        "README",
        "catalog.sqlite.new",
        "vectors.000001.f32",
        "hnsw.000001.bin",
        "hnsw.000001.bin.new",
    ):
        (index / name).symlink_to(precious)
    run("index", photos)
    assert precious.read_bytes() == before
    for name in ("README", "hnsw.000001.bin"):
        assert not (index / name).is_symlink() and (index / name).stat().st_size > 0
    run("check", "--index", index)
    for name in ("lock", "catalog.sqlite"):
        path = index / name
        path.rename(run.home / name)
        path.symlink_to(precious)
        copy_of(photos / "coffee.jpg", photos / "new.jpg")
        message = run("index", photos, code=1).message
        assert f"{path} is a symbolic link to {precious}" in message
        assert precious.read_bytes() == before
        path.unlink()
        (run.home / name).rename(path)
    assert run("index", photos, "--json").json["embedded"] == 1


def test_nothing_is_written_beside_the_index_and_what_the_program_remembers(
    run: Program, photos: Path
) -> None:
    """Libraries write, too: onnxruntime keeps a database of who uses it, unless it is told not to."""
    run("index", photos)
    Image.new("RGB", (300, 200), "teal").save(run.home / "new.png")
    run("query", "new.png")
    folders = {path.relative_to(run.home).parts[0] for path in run.home.rglob("*") if path.is_file()}
    assert folders == {"Photos", ".state", "new.png"}
    assert {path.parent.name for path in photos.rglob("*") if path.suffix != ".jpg" and path.is_file()} == {
        ".visualsearch"
    }
    assert {path.parent.name for path in (run.home / ".state").rglob("*") if path.is_file()} == {
        "visualsearch"
    }
