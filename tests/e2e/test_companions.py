"""What lies beside a picture goes or stays with it: films, sidecars, Takeout's JSON, on the real disk."""

from __future__ import annotations

import json
import os
import shutil
from pathlib import Path
from typing import Any

import pytest

from tests.helpers.live_photos import film, still
from tests.helpers.photographs import originals
from tests.helpers.program import Program

BESIDE = {"IMG_1.MOV": b"film", "IMG_1.xmp": b"<x/>", "IMG_1.AAE": b"<edits/>", "IMG_1.jpg.json": b"{}"}


def contents(*folders: Path) -> dict[str, bytes]:
    """Return what is in the files below some folders, by their paths."""
    return {
        str(path): path.read_bytes()
        for folder in folders
        for path in folder.rglob("*")
        if path.is_file() and ".visualsearch" not in path.parts
    }


@pytest.fixture
def folder(run: Program) -> Path:
    """~/Photos with a Live Photo and its sidecars in one folder, and the bare still in another one."""
    folder = run.home / "Photos"
    for name in ("import", "zz/camera"):
        (folder / name).mkdir(parents=True)
        originals()[1].save(folder / name / "IMG_1.jpg", quality=90)
    os.utime(folder / "import" / "IMG_1.jpg", (10**9, 10**9))  # older, and with the shorter path
    for name, data in BESIDE.items():
        (folder / "zz/camera" / name).write_bytes(data)
    run.env["VISUALSEARCH_INDEX"] = str(folder / ".visualsearch")
    return folder


def report(run: Program, folder: Path, *options: str | Path) -> list[Any]:
    run("index", folder, "--index", folder / ".visualsearch", "-q")
    run("dupes", "--report", run.home / "r.json", *options)
    groups: list[Any] = json.loads((run.home / "r.json").read_text("utf-8"))["groups"]
    return groups


def copy_of_camera(folder: Path) -> Path:
    backup = folder / "zz/later/camera"
    shutil.copytree(folder / "zz/camera", backup)
    return backup


@pytest.mark.parametrize("keep", ["oldest", "shortest-path", "resolution"])
def test_the_picture_with_companions_is_kept(run: Program, folder: Path, keep: str) -> None:
    before = contents(folder / "zz/camera")
    (group,) = report(run, folder, "--keep", keep)
    kept, other = group["members"]
    assert kept["path"] == str(folder / "zz/camera/IMG_1.jpg") and not other["protected"]
    assert sorted(Path(path).name for path in kept["companions"]) == sorted(BESIDE)
    run("apply", run.home / "r.json", "--yes")
    assert contents(folder) == before


@pytest.mark.parametrize("action", ["--trash", "--move-to", "--delete"])
def test_companions_go_along_and_come_back(run: Program, folder: Path, action: str) -> None:
    backup = copy_of_camera(folder)
    before = contents(folder)
    (group,) = report(run, folder)
    gone = sum(len(data) for path, data in before.items() if path.startswith(str(backup)))
    gone += (folder / "import/IMG_1.jpg").stat().st_size
    assert group["bytes_reclaimable"] == gone
    assert "1 group of 3 files" in run("dupes").out
    names = ["IMG_1.jpg", "IMG_1.jpg", *sorted(BESIDE)]
    assert [Path(line).name for line in run("dupes", "--format", "paths").out.splitlines()] == names
    asked = run.on_terminal("apply", run.home / "r.json", typed=b"n\n", columns=200)
    assert b"Move to the trash: 2 files, and 4 companions? [y/N]" in asked and contents(folder) == before
    option = (action, run.home / "moved") if action == "--move-to" else (action,)
    planned = run("apply", run.home / "r.json", *option, "--dry-run").out
    assert all(f"{backup / name}" in planned for name in BESIDE) and contents(folder) == before
    done = run("apply", run.home / "r.json", *option, "--yes", "--json").json
    assert (done["files"], done["bytes"]) == (6, gone)
    along = {result["path"]: result["companion_of"] for result in done["results"]}
    assert along[str(backup / "IMG_1.MOV")] == str(backup / "IMG_1.jpg")
    assert along[str(backup / "IMG_1.jpg")] is None
    assert {Path(path).parent for path in contents(folder)} == {folder / "zz/camera"}
    again = run("apply", run.home / "r.json", *option, "--yes", "--json").json
    assert again["files"] == 0
    if action == "--move-to":
        assert len(contents(run.home / "moved")) == 6
    if action != "--delete":
        assert run("undo", "--last", "--json").json["files"] == 6
        assert contents(folder) == before


@pytest.mark.parametrize("link", ["--hardlink", "--symlink"])
def test_links_leave_companions_where_they_are(run: Program, folder: Path, link: str) -> None:
    copy_of_camera(folder)
    before = contents(folder)
    report(run, folder)
    assert run("apply", run.home / "r.json", link, "--yes", "--json").json["files"] == 2
    assert contents(folder) == before
    run("undo", "--last")
    assert contents(folder) == before


@pytest.mark.parametrize("name", BESIDE)
def test_a_companion_without_an_equal_keeps_its_picture(run: Program, folder: Path, name: str) -> None:
    backup = copy_of_camera(folder)
    (backup / name).write_bytes(BESIDE[name][::-1] + b"!"[: len(name) % 2])  # another one, perhaps as large
    before = contents(backup)
    (group,) = report(run, folder)
    member = next(member for member in group["members"] if member["path"].startswith(str(backup)))
    assert member["protected"] and f"{name} belongs to it and has no copy" in member["reason"]
    document = json.loads((run.home / "r.json").read_text("utf-8"))
    done = run("apply", run.home / "r.json", "--yes", "--json").json
    (left,) = (result for result in done["results"] if result["path"] == member["path"])
    assert left["outcome"] == "left" and f"{name} belongs to it" in left["message"]
    run("undo", "--last")
    for each in document["groups"][0]["members"]:  # a report that does not know better
        each["protected"] = False
    (run.home / "r.json").write_text(json.dumps(document), "utf-8")
    done = run("apply", run.home / "r.json", "--yes", "--json").json
    (left,) = (result for result in done["results"] if result["path"] == member["path"])
    assert left["outcome"] == "left" and f"{backup / name} belongs to it" in left["message"]
    assert contents(backup) == before


def test_sidecars_in_folders_of_their_program_go_along_and_come_back(run: Program, folder: Path) -> None:
    """Those of Capture One and of Nikon's programs lie in folders below that of the pictures."""
    below = {"CaptureOne/Settings153/IMG_1.jpg.cos": b"<AS/>", "NKSC_PARAM/IMG_1.jpg.nksc": b"<nk/>"}
    for name, data in below.items():
        (folder / "zz/camera" / name).parent.mkdir(parents=True)
        (folder / "zz/camera" / name).write_bytes(data)
    backup = copy_of_camera(folder)
    before = contents(folder)
    (group,) = report(run, folder)
    assert not any(member["protected"] for member in group["members"])
    done = run("apply", run.home / "r.json", "--move-to", run.home / "moved", "--yes", "--json").json
    assert done["files"] == 8 and {Path(path).name for path in contents(backup)} == set()
    assert {name for name in below if list((run.home / "moved").rglob(name))} == set(below)
    run("undo", "--last")
    assert contents(folder) == before
    (backup / "CaptureOne/Settings153/IMG_1.jpg.cos").write_bytes(b"<AT/>")
    (group,) = report(run, folder)
    (left,) = (member for member in group["members"][1:] if "later" in member["path"])
    assert left["protected"] and "IMG_1.jpg.cos belongs to it and has no copy" in left["reason"]


def test_what_came_or_changed_since_is_refused(run: Program, folder: Path) -> None:
    backup = copy_of_camera(folder)
    report(run, folder)
    (backup / "IMG_1.pp3").write_bytes(b"new")
    told = run("apply", run.home / "r.json", "--yes", code=3).err
    assert str(backup / "IMG_1.pp3") in told and "does not name it" in told and "dupes` again" in told
    (backup / "IMG_1.pp3").unlink()
    (backup / "IMG_1.xmp").write_bytes(b"<y/>")
    told = run("apply", run.home / "r.json", "--yes", code=3).err
    assert str(backup / "IMG_1.xmp") in told and "content hash" in told
    assert len(contents(backup)) == 5
    shutil.copy(folder / "zz/camera/IMG_1.xmp", backup / "IMG_1.xmp")
    run("apply", run.home / "r.json", "--yes")
    assert not contents(backup)


def test_what_is_shared_stays_while_one_stays(run: Program, folder: Path) -> None:
    """A sidecar of two pictures: the one goes, the other one, which is no copy of anything, keeps it."""
    backup = copy_of_camera(folder)
    (folder / "zz/camera/IMG_1.xmp").unlink()
    originals()[2].save(backup / "IMG_1.png")
    for name in ("IMG_1.AAE", "IMG_1.MOV", "IMG_1.jpg.json"):
        (backup / name).unlink()
    (group,) = report(run, folder)
    files = [file for member in group["members"] for file in member.get("companion_files", ())]
    shared = [file for file in files if file["shared_with"]]
    assert [(file["path"], file["shared_with"]) for file in shared] == [
        (str(backup / "IMG_1.xmp"), [str(backup / "IMG_1.png")])
    ]
    run("apply", run.home / "r.json", "--yes")
    assert sorted(Path(path).name for path in contents(backup)) == ["IMG_1.png", "IMG_1.xmp"]
    run("undo", "--last")
    assert len(contents(folder)) == 8


def test_a_taken_name_gets_a_number_with_all_that_belongs_to_it(run: Program, folder: Path) -> None:
    copy_of_camera(folder)
    report(run, folder)
    moved = run.home / "moved" / "zz/later/camera"
    moved.mkdir(parents=True)
    (moved / "IMG_1.MOV").write_bytes(b"somebody's")
    run("apply", run.home / "r.json", "--move-to", run.home / "moved", "--yes")
    assert sorted(path.name for path in moved.iterdir()) == sorted(
        ["IMG_1.MOV", *(name.replace("IMG_1", "IMG_1 (2)") for name in ("IMG_1.jpg", *BESIDE))]
    )
    assert (moved / "IMG_1.MOV").read_bytes() == b"somebody's"


def test_a_live_photo_is_known_by_what_is_in_both_files(run: Program) -> None:
    folder = run.home / "Photos"
    for place in ("a", "b"):
        (folder / place).mkdir(parents=True)
        for name, number, identifier in (("IMG_1.jpg", 1, "A" * 36), ("IMG_2.jpg", 2, "B" * 36)):
            (folder / place / name).write_bytes(still(identifier, image=originals()[number]))
    # The films of b have exchanged their names; in a there is none.
    (folder / "b/IMG_1.MOV").write_bytes(film("B" * 36))
    (folder / "b/IMG_2.MOV").write_bytes(film("A" * 36))
    run.env["VISUALSEARCH_INDEX"] = str(folder / ".visualsearch")
    companions = {
        group["members"][0]["path"]: group["members"][0]["companions"] for group in report(run, folder)
    }
    assert companions == {
        str(folder / "b/IMG_1.jpg"): [str(folder / "b/IMG_2.MOV")],
        str(folder / "b/IMG_2.jpg"): [str(folder / "b/IMG_1.MOV")],
    }


def test_takeout_and_the_phone(run: Program) -> None:
    """Numbers in odd places: each picture goes with its own JSON, which lies in another album as well."""
    folder = run.home / "Takeout"
    names = {
        1: ("IMG_1.jpg", "IMG_1.jpg.supplemental-metadata.json"),
        2: ("IMG_1(1).jpg", "IMG_1.jpg.supplem(1).json"),
    }
    for album in ("Photos from 2019", "Summer"):
        (folder / album).mkdir(parents=True)
        for number, (picture, beside) in names.items():
            originals()[number].save(folder / album / picture)
            (folder / album / beside).write_text(json.dumps({"title": "IMG_1.jpg", "number": number}))
    run.env["VISUALSEARCH_INDEX"] = str(folder / ".visualsearch")
    before = contents(folder)
    assert len(report(run, folder)) == 2
    run("apply", run.home / "r.json", "--yes")
    left = contents(folder)
    assert len(left) == 4 and {Path(path).parent.name for path in left} == {"Photos from 2019"}
    run("undo", "--last")
    assert contents(folder) == before


def test_a_symbolic_link_is_named_before_it_would_dangle(run: Program, folder: Path) -> None:
    backup = copy_of_camera(folder)
    albums = folder / "albums"
    albums.mkdir()
    (albums / "best.jpg").symlink_to(Path("../zz/later/camera/IMG_1.jpg"))
    (albums / "film.mov").symlink_to(backup / "IMG_1.MOV")
    (albums / "chain.jpg").symlink_to("best.jpg")
    (albums / "kept.jpg").symlink_to(folder / "zz/camera/IMG_1.jpg")
    (albums / "all").symlink_to(backup, target_is_directory=True)
    (group,) = report(run, folder)
    (told,) = (member["symlinks"] for member in group["members"] if "symlinks" in member)
    assert told == [str(albums / name) for name in ("best.jpg", "chain.jpg", "film.mov")]
    assert "albums/best.jpg (symbolic link" in run("dupes").out
    for options in (("--dry-run",), ("--move-to", run.home / "moved", "--yes")):
        said = " ".join(run("apply", run.home / "r.json", *options).err.split())
        assert "albums/best.jpg is a symbolic link to" in said and "camera/IMG_1.MOV" in said
        assert "kept.jpg" not in said
    assert not (albums / "best.jpg").exists()
    run("undo", "--last")
    assert (albums / "best.jpg").exists()
    (albums / "chain.jpg").unlink()
    document = run("apply", run.home / "r.json", "--json").json
    assert document["dangling"] == [
        {"path": str(albums / "best.jpg"), "target": str(backup / "IMG_1.jpg")},
        {"path": str(albums / "film.mov"), "target": str(backup / "IMG_1.MOV")},
    ]
    assert run("apply", run.home / "r.json", "--symlink", "--json").json["dangling"] == []


def test_of_two_that_share_a_companion_one_stays_if_it_has_no_equal(run: Program, folder: Path) -> None:
    backup = folder / "backup"
    backup.mkdir()
    for name in ("IMG_1.jpg", "IMG_1.jpeg"):
        shutil.copy(folder / "import/IMG_1.jpg", backup / name)
    (backup / "IMG_1.pp3").write_bytes(b"edits")
    (group,) = report(run, folder)
    protected = [member["path"] for member in group["members"] if member["protected"]]
    assert protected == [str(backup / "IMG_1.jpeg")]
    planned = group["bytes_reclaimable"]
    assert run("apply", run.home / "r.json", "--yes", "--json").json["bytes"] == planned
    assert sorted(Path(path).name for path in contents(backup)) == ["IMG_1.jpeg", "IMG_1.pp3"]
