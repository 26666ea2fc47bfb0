"""`dupes`: groups with the file to keep, in every format, wherever the files lie."""

from __future__ import annotations

import csv
import io
import json
import os
import shutil
from pathlib import Path
from typing import Any

import pytest
from filelock import FileLock
from PIL import Image

from tests.helpers.photographs import change_index, copy_of
from tests.helpers.program import Program

Groups = list[dict[str, Any]]


def index(run: Program, *folders: Path) -> Path:
    """Index folders; return where the index is, which $VISUALSEARCH_INDEX then names."""
    run("index", *folders, "--index", run.home / "index", "-q")
    run.env["VISUALSEARCH_INDEX"] = str(run.home / "index")
    return run.home / "index"


def groups(run: Program, *arguments: str | Path, code: int = 0) -> Groups:
    """Return the groups that `dupes` finds."""
    found: Groups = run("dupes", "--json", *arguments, code=code).json["groups"]
    return found


def names(found: Groups) -> list[list[str]]:
    """Return the names of the members of each group."""
    return [[Path(member["path"]).name for member in group["members"]] for group in found]


def aged(path: Path, seconds: int) -> Path:
    """Give a file a modification time of its own."""
    os.utime(path, (seconds, seconds))
    return path


@pytest.fixture
def copies(run: Program, photos: Path) -> Path:
    """~/Photos with ten photographs, of which coffee.jpg has two copies in other folders."""
    aged(photos / "coffee.jpg", 1000)
    for number, folder in enumerate(("backup", "phone")):
        (photos / folder).mkdir()
        shutil.copy(photos / "coffee.jpg", photos / folder / f"copy{number}.jpg")
        aged(photos / folder / f"copy{number}.jpg", 2000 + number)
    index(run, photos)
    return photos


def test_equal_files_are_a_group_with_the_oldest_kept(run: Program, copies: Path) -> None:
    document = run("dupes", "--json").json
    assert document["schema"] == "visualsearch/dupes/1"
    assert document["level"] == "same" and document["keep"][:2] == ["reference", "detail"]
    assert document["model"] == "bundled"
    assert document["command"] == "visualsearch dupes --json" and not document["skipped"]
    (group,) = document["groups"]
    size = (copies / "coffee.jpg").stat().st_size
    assert group["verdict"] == "identical" and group["bytes_reclaimable"] == 2 * size
    kept, *others = group["members"]
    assert kept["path"] == str(copies / "coffee.jpg") and kept["keep"] and kept["verdict"] is None
    assert [other["path"] for other in others] == [
        str(copies / "backup" / "copy0.jpg"),
        str(copies / "phone" / "copy1.jpg"),
    ]
    for other in others:
        assert (other["verdict"], other["distance"], other["bytes"]) == ("identical", 0, size)
        assert not other["keep"] and not other["protected"]


@pytest.mark.usefixtures("copies")
def test_every_format_says_the_same(run: Program) -> None:
    paths = [member["path"] for member in groups(run)[0]["members"]]
    assert run("dupes", "--format", "paths").out.splitlines() == paths[1:]
    assert run("dupes", "--format", "paths", "-0").out.split("\0") == [*paths[1:], ""]
    assert run("dupes", "--format", "fdupes").out == "\n".join(paths) + "\n\n"
    assert run("dupes", "--format", "jsonl").jsonl == groups(run)
    rows = list(csv.DictReader(io.StringIO(run("dupes", "--format", "csv").out)))
    assert [row["path"] for row in rows] == paths
    assert [row["keep"] for row in rows] == ["True", "False", "False"]
    table = run("dupes", "--html", run.home / "page.html").out
    assert "copy0.jpg" in (run.home / "page.html").read_text()
    assert "coffee.jpg" in table and "identical" in table


@pytest.mark.usefixtures("copies")
def test_the_report_is_written_beside_what_is_printed(run: Program) -> None:
    report = run.home / "report.json"
    run("dupes", "--report", report)  # what it wrote before is replaced
    result = run("dupes", "--report", report, "--format", "paths")
    assert len(result.out.splitlines()) == 2
    assert json.loads(report.read_text())["groups"] == groups(run)
    assert [path.name for path in run.home.glob("*report*")] == ["report.json"]
    message = run("dupes", "--report", run.home / "no" / "folder.json", code=2).message
    assert "no/folder.json" in message


def test_nothing_found(run: Program, photos: Path) -> None:
    index(run, photos)
    assert groups(run) == []
    assert run("dupes", "--format", "paths").out == ""
    run("dupes", "--exit-code", code=4)


def test_places_limit_what_is_looked_at(run: Program, copies: Path) -> None:
    assert names(groups(run, copies / "backup")) == []
    assert names(groups(run, copies / "backup", copies / "phone")) == [["copy0.jpg", "copy1.jpg"]]
    assert names(groups(run, copies / "coffee.jpg", copies / "phone")) == [["coffee.jpg", "copy1.jpg"]]
    assert names(groups(run, "--within", copies / "phone")) == []
    assert names(groups(run, run.home)) == names(groups(run))
    stranger = run.home / "elsewhere"
    stranger.mkdir()
    message = run("dupes", stranger, code=1).message
    assert str(stranger) in message and f"visualsearch index {stranger}" in message


def test_a_place_that_is_nowhere_is_a_mistake_and_one_that_went_away_is_not(
    run: Program, copies: Path
) -> None:
    index(run, copies)
    message = run("dupes", copies / "bakcup", code=1).message
    assert f"{copies / 'bakcup'} does not exist, and the index knows of nothing there" in message
    shutil.move(copies / "backup", run.home / "elsewhere")
    assert run("dupes", copies / "backup").out.startswith("no duplicates")
    (copies / "empty").mkdir()
    assert run("dupes", copies / "empty").out.startswith("no duplicates")


@pytest.mark.usefixtures("copies")
def test_patterns_and_sizes_leave_files_out(run: Program) -> None:
    assert names(groups(run, "--exclude", "backup")) == [["coffee.jpg", "copy1.jpg"]]
    assert names(groups(run, "--exclude", "phone/copy1.*")) == [["coffee.jpg", "copy0.jpg"]]
    assert names(groups(run, "--exclude", "copy*")) == []
    assert len(groups(run, "--min-size", "1k")) == 1
    assert groups(run, "--min-size", "10MB") == []
    assert "--min-size" in run("dupes", "--min-size", "big", code=2).message


def test_references_are_kept_and_never_offered(run: Program, copies: Path) -> None:
    (group,) = groups(run, "--reference", copies / "phone", "--reference", copies / "backup")
    assert names([group]) == [["copy0.jpg", "coffee.jpg", "copy1.jpg"]]
    assert [member["protected"] for member in group["members"]] == [True, False, True]
    assert group["bytes_reclaimable"] == group["members"][1]["bytes"]
    paths = run("dupes", "--reference", copies / "phone", "--format", "paths").out
    assert "copy1.jpg" not in paths
    assert "--reference" in run("dupes", "--reference", copies / "none", code=1).message


def test_references_outside_of_the_paths_take_part(run: Program, copies: Path) -> None:
    shutil.copy(copies / "trip" / "china.jpg", copies / "phone" / "china.jpg")
    shutil.copy(copies / "trip" / "china.jpg", copies / "trip" / "china2.jpg")
    shutil.copy(copies / "rocket.jpg", copies / "trip" / "rocket.jpg")
    shutil.copy(copies / "rocket.jpg", copies / "trip" / "rocket2.jpg")
    run("index")
    found = groups(run, copies / "phone", "--reference", copies / "trip", "--reference", copies / "backup")
    assert [sorted(group) for group in names(found)] == [
        ["copy0.jpg", "copy1.jpg"],
        ["china.jpg", "china.jpg", "china2.jpg"],
    ], "and no group of references alone"
    assert len(groups(run, "--within", copies / "phone", "--reference", copies / "trip")) == 1
    (run.home / "Elsewhere").mkdir()
    message = run("dupes", "--reference", run.home / "Elsewhere", code=1).message
    assert f"{run.home}/Elsewhere is not in the index" in message and "visualsearch index" in message


def test_a_mistyped_place_is_an_error(run: Program, copies: Path) -> None:
    (copies / "empty").mkdir()
    for arguments, said in (
        (("--within", copies / "tirp"), "does not exist"),
        (("--within", copies / "empty"), "knows of no picture"),
        ((copies / "phone", "--within", copies / "trip"), "lies in none of"),
    ):
        assert said in run("dupes", *arguments, code=1).message


@pytest.mark.usefixtures("copies")
def test_keys_choose_the_file_to_keep(run: Program) -> None:
    assert names(groups(run, "--keep", "newest"))[0][0] == "copy1.jpg"
    assert names(groups(run, "--keep", "longest-path"))[0][0] == "copy0.jpg"
    assert names(groups(run, "--keep", "shortest-path,oldest"))[0][0] == "coffee.jpg"
    message = run("dupes", "--keep", "prettiest", code=2).message
    assert "prettiest" in message and "shortest-path" in message


def test_cross_wants_several_places(run: Program, copies: Path) -> None:
    assert "--cross" in run("dupes", "--cross", code=1).message
    assert groups(run, "--cross", copies / "backup", copies / "trip") == []
    assert len(groups(run, "--cross", copies / "backup", copies / "phone")) == 1
    other = run.home / "Other"
    other.mkdir()
    shutil.copy(copies / "trip" / "motorcycle_left.jpg", other / "x.jpg")
    run("index", other, "-q")
    assert ["coffee.jpg", "copy0.jpg", "copy1.jpg"] in names(groups(run))
    (group,) = groups(run, "--cross")
    assert "x.jpg" in names([group])[0]


def test_hard_links_are_one_file(run: Program, photos: Path) -> None:
    os.link(photos / "coffee.jpg", photos / "trip" / "linked.jpg")
    shutil.copy(photos / "rocket.jpg", photos / "trip" / "twin.jpg")
    os.link(photos / "trip" / "twin.jpg", photos / "trip" / "twin-linked.jpg")
    index(run, photos)
    (group,) = groups(run)
    assert sorted(names([group])[0]) == ["rocket.jpg", "twin-linked.jpg"]
    linked = next(member for member in group["members"] if member["links"])
    assert linked["links"] == [str(photos / "trip" / "twin.jpg")]
    assert group["bytes_reclaimable"] == (photos / "rocket.jpg").stat().st_size


def test_changed_and_vanished_files_are_left_out(run: Program, copies: Path) -> None:
    (copies / "backup" / "copy0.jpg").unlink()
    copy_of(copies / "rocket.jpg", copies / "phone" / "copy1.jpg")
    result = run("dupes", "--json", code=3)
    assert result.json["groups"] == []
    skipped = {Path(item["path"]).name: item["reason"] for item in result.json["skipped"]}
    assert "has vanished" in skipped["copy0.jpg"] and "changed" in skipped["copy1.jpg"]
    assert all("visualsearch index" in reason for reason in skipped.values())
    assert "copy0.jpg" in result.err


def test_names_that_are_no_utf8(run: Program, photos: Path) -> None:
    odd = os.fsencode(photos) + b"/caf\xe9 \n.jpg"
    shutil.copy(os.fsencode(photos / "coffee.jpg"), odd)
    os.utime(odd, (2_000_000_000, 2_000_000_000))
    index(run, photos)
    assert run("dupes", "--format", "paths", "-0").stdout == odd + b"\0"
    assert os.fsencode(groups(run)[0]["members"][1]["path"]) == odd
    for format in ("table", "csv", "jsonl", "fdupes"):
        run("dupes", "--format", format)


def test_an_index_that_cannot_be_written(
    run: Program, copies: Path, without_root_power: tuple[str, ...]
) -> None:
    before = groups(run, copies)
    place = run.home / "index"
    for path in (*place.iterdir(), place):
        path.chmod(0o500 if path.is_dir() else 0o400)
    try:
        assert run("dupes", "--json", copies, prefix=without_root_power).json["groups"] == before
    finally:
        place.chmod(0o700)


@pytest.mark.of_index
@pytest.mark.usefixtures("copies")
def test_an_index_that_another_process_writes_to(run: Program) -> None:
    """What would be remembered is not; everything else works."""
    before = groups(run)
    with FileLock(run.home / "index" / "lock"):
        assert groups(run, "--level", "edited", "--transforms", "all") == before
        result = run("dupes", "-v")
        assert "not remembered" in result.err
        run("ignore", "--group", before[0]["id"], code=11)
    run("ignore", "--group", before[0]["id"])


@pytest.mark.of_index
def test_the_order_in_which_files_were_made_changes_nothing(run: Program, album: Path) -> None:
    found = []
    for number, turned in enumerate((False, True)):
        home = run.home / str(number)
        files = sorted(path for path in album.rglob("*.jpg"))
        made = [(path, f"{path.stem}{copy}.jpg") for path in files for copy in range(3)]
        for path, name in reversed(made) if turned else made:
            (home / "Photos" / name[0]).mkdir(parents=True, exist_ok=True)
            aged(Path(shutil.copy(path, home / "Photos" / name[0] / name)), 1000)
        run("index", home / "Photos", "-q")
        report = run("dupes", "--index", home / "Photos", "--level", "similar", "--json").json
        text = json.dumps({key: report[key] for key in ("groups", "skipped", "level", "keep")})
        found.append(text.replace(f"/{number}/Photos", "/Photos"))
    assert found[0] == found[1]
    assert len(json.loads(found[0])["groups"]) == 10


@pytest.mark.of_index
def test_turned_copies_are_found_when_asked_for(run: Program, photos: Path) -> None:
    for name, turn in (("left", Image.Transpose.ROTATE_90), ("half", Image.Transpose.ROTATE_180)):
        with Image.open(photos / "coffee.jpg") as image:
            image.transpose(turn).save(photos / f"{name}.jpg", quality=90)
    where = index(run, photos)
    assert names(groups(run, "--level", "similar")) == []
    (group,) = groups(run, "--level", "similar", "--transforms", "all")
    assert sorted(names([group])[0]) == ["coffee.jpg", "half.jpg", "left.jpg"]
    before = run("query", photos / "coffee.jpg", "--json", "--level", "similar").json["results"]
    _, loaded = run.modules("dupes", "--level", "similar", "--transforms", "all")
    assert "onnxruntime" not in loaded, "turned pictures are embedded once"
    change_index(where, "DELETE FROM turned")
    assert run("query", photos / "coffee.jpg", "--json", "--level", "similar").json["results"] == before
