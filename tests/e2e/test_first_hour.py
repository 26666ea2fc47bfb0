"""The first hour of a new user, played: what people ask, one command each, and docs/recipes.md."""

from __future__ import annotations

import os
import re
import shutil
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pytest

from tests.helpers.photographs import copy_of, cutting
from tests.helpers.places import PROJECT, SAMPLES
from tests.helpers.program import Program, Result

RECIPES = dict(
    re.findall(
        r"^## (.*)\n(?:(?!^## |^```).*\n)*```\n((?:.*\n)*?)```",
        (PROJECT / "docs" / "recipes.md").read_text("utf-8"),
        re.M,
    )
)
"""The commands of each recipe, by its title."""


# Questions


def test_is_this_picture_there_already(run: Program, chosen: Path) -> None:
    """A plain copy is called one, and strangers are called so; scripts get neither those nor what is gone."""
    copy_of(chosen / "coffee.jpg", run.home / "Downloads" / "coffee-web.jpg", scale=0.5)
    cutting(5).save(run.home / "Downloads" / "new.jpg")
    (run.home / "Downloads" / "raw.cr2").write_bytes(b"II*\0 a RAW of tomorrow")
    (chosen / "trip" / "flower.jpg").unlink()

    result = run("query", "Downloads", "--format", "jsonl", code=3)
    copy, new, raw = result.jsonl
    assert result.err.count("\n") == 1, "no library says more"
    assert [Path(record["query"]).name for record in result.jsonl] == ["coffee-web.jpg", "new.jpg", "raw.cr2"]
    first, *others = copy["neighbors"]
    assert (Path(first["path"]).name, first["verdict"], first["looked_at"]) == ("coffee.jpg", "same", True)
    assert "full frame" in first["reason"] and all(other["stranger"] for other in others)
    assert {Path(n["path"]).name for n in new["neighbors"] if n["missing"]} == {"flower.jpg"}
    assert all(neighbor["stranger"] for neighbor in new["neighbors"]) and new["error"] is None
    assert raw["error"] and not raw["neighbors"], "what has no neighbors is not what was not looked at"
    listed = run("query", "Downloads/coffee-web.jpg", "Downloads/new.jpg", "--format", "paths").out
    assert listed.split() == [str(chosen / "coffee.jpg")]
    assert run("query", "Downloads/raw.cr2", code=3).code == run("query", "Downloads", code=3).code
    run("query", "Downloads/new.jpg", "--exit-code", code=4)


def test_a_disk_in_a_drawer_is_remembered(run: Program, chosen: Path) -> None:
    """What is on a disk that is away is told, and is no path that a program could open."""
    shutil.copy(chosen / "rocket.jpg", run.home / "x.jpg")
    run("index", chosen, "--index", run.home / "idx", "-q")
    chosen.rename(run.home / "away")
    result = run("query", "x.jpg", "-k", "1", "--format", "jsonl", "--index", run.home / "idx")
    (nearest,) = result.jsonl[0]["neighbors"]
    assert (nearest["verdict"], nearest["offline"], nearest["missing"]) == ("identical", True, False)
    result = run("query", "x.jpg", "-k", "1", "--format", "paths", "--index", run.home / "idx")
    assert result.out == "" and "1 near picture on disks that are not mounted" in result.err


def test_two_folders_with_indexes_of_their_own(run: Program, chosen: Path) -> None:
    """Index A, index B, compare A with B; and what both hold, in numbers; with defaults of one's own."""
    del run.env["VISUALSEARCH_INDEX"]
    backup = run.home / "Backup"
    shutil.copytree(chosen / "trip", backup / "trip")
    run("index", backup, "-q")
    config = run.home / ".config" / "visualsearch"
    config.mkdir(parents=True)
    (config / "visualsearch.toml").write_text('[dupes]\nformat = "paths"\ncross = true\n')
    found = run("dupes", chosen, backup, "--reference", chosen).out.splitlines()
    assert [Path(path).parent for path in found] == [backup / "trip"] * 3
    assert "[dupes] cross = True" in run("info", "--settings", "--index", backup).out
    run("index", "--from", backup, "--index", chosen, "-q")
    numbers = run("info", "--statistics", "--json", "--index", chosen).json["statistics"]
    assert [folder["files"] for folder in numbers["folders"]] == [3, 10]
    assert numbers["overlap"] == [[0, 3], [3, 0]]
    shown = run.on_terminal("info", "--index", chosen, columns=60).decode()
    model = run("info", "--json", "--index", chosen).json["model"]["preprocessing"]
    assert {f"{model},", "photographs", "pictures"} <= set(shown.split()), "no word is broken"
    assert all(len(line) <= 60 or line.count("/") > 2 for line in shown.splitlines())
    table = run("info", "--statistics", "--index", chosen).out
    assert "formats  JPEG 10" in table and re.search(r"in 1  in 2\nof 1 +0 +3\nof 2 +3 +0\n", table)
    assert run("prune", "--root", backup, "--index", chosen).out == "3 files forgotten\n"


def test_a_folder_that_was_never_indexed(run: Program, chosen: Path) -> None:
    """To say that it holds no duplicates would be untrue."""
    new, empty, left_out = (chosen / name for name in ("new", "empty", "drafts"))
    for folder in (new, empty, left_out):
        folder.mkdir()
    for folder in (new, left_out):
        shutil.copy(chosen / "coffee.jpg", folder / "coffee.jpg")
    message = run("dupes", new, code=1).message
    assert f"nothing at or below {new} is indexed" in message and f"run `visualsearch index {new}`" in message
    assert f"below {new} is indexed" in run("only", chosen / "trip", "--not-in", new, code=1).message
    assert "knows of no picture there" in run("query", new / "coffee.jpg", "--within", new, code=1).message
    assert f"there is no picture to compare in {empty}" in run("dupes", empty).err
    (chosen / "notes.txt").write_text("found by the shell, too")
    assert run("dupes", *chosen.glob("c*.jpg"), chosen / "notes.txt").err == ""
    told = run("dupes", chosen / "coffee.jpg", new / "coffee.jpg").err
    assert f"1 file not indexed, so not compared: {new}/coffee.jpg: run" in told
    run("index", new, "--exclude", "drafts/", "-q")
    assert "coffee.jpg" in run("dupes", new, "--reference", chosen).out
    assert f"{left_out} is left out of the index by a pattern" in run("dupes", left_out).err


def test_answers_do_not_mislead(run: Program, chosen: Path) -> None:
    """What is left out is, what cannot be known is said, and what changed secretly is found on request."""
    downloads = run.home / "Downloads"
    copy_of(chosen / "coffee.jpg", downloads / "coffee-web.jpg")
    (downloads / "skipme").mkdir()
    shutil.copy(chosen / "rocket.jpg", downloads / "skipme")
    told = run("index", downloads, "--exclude", "./skipme", "--exclude", "typo/").err
    assert "--exclude typo/ matches nothing" in told
    assert run("index", downloads, "--json").json["found"] == 1, "what was left out once stays so"
    found = run("dupes", downloads, "--reference", chosen, "--format", "paths")
    assert found.out == f"{downloads}/coffee-web.jpg\n"
    assert "TYPO does not exist" in run("dupes", "--within", "TYPO", code=1).message
    nearest, *others = run("query", downloads / "coffee-web.jpg", "--json").json["results"][0]["neighbors"]
    assert (nearest["verdict"], nearest["looked_at"]) == ("same", True) and len(others) == 9
    turned = run("query", downloads / "coffee-web.jpg", "--transforms", "all", "--json").json
    assert turned["results"][0]["neighbors"][0]["path"] == nearest["path"]
    assert "different pictures" in run("calibrate", code=1).message
    before = (chosen / "rocket.jpg").stat()
    with (chosen / "rocket.jpg").open("r+b") as file:
        file.seek(-40, 2)
        file.write(bytes(20))
    os.utime(chosen / "rocket.jpg", ns=(before.st_atime_ns, before.st_mtime_ns))
    assert run("index", "--json").json["unchanged"] == 11
    assert f"{chosen}/rocket.jpg has another content" in run("index", "--checksum").err
    for folder in list(chosen.iterdir()):
        if folder.name != ".visualsearch":
            shutil.rmtree(folder) if folder.is_dir() else folder.unlink()
    told = run("prune").err
    assert f"{chosen} holds no file, as if its disk were not mounted: 10 images stay" in told
    assert run("prune", "--yes").out == "10 files forgotten\n"


def test_scripts_and_people_are_told_what_they_need(run: Program, chosen: Path) -> None:
    """A nightly job is silent about what it said before; help, questions and refusals say the next step."""
    (chosen / "bad.jpg").write_bytes(b"no picture")
    assert run("index", "-q", code=3).err.count("bad.jpg") == 1
    silent = run("index", "-q", code=3)
    assert silent.out + silent.err == ""
    alone = run("query", chosen / "bad.jpg", code=3).err
    assert alone == run("query", chosen / "bad.jpg", chosen / "coffee.jpg", "-q", code=3).err
    elsewhere = {"VISUALSEARCH_INDEX": ""}
    (run.home / "empty").mkdir()
    last = run("dupes", "-q", cwd=run.home / "empty", env=elsewhere, code=10).message
    assert f"{chosen}/.visualsearch, the index written last, is only used on a terminal" in last
    assert (
        "is a web address, not the path of a file"
        in run("query", "https://example.org/x.jpg", code=2).message
    )
    shutil.copy(chosen / "coffee.jpg", chosen / "coffee again.jpg")
    run("index", "-q", code=3)
    if sys.platform == "linux":
        assert "no display" in run("query", chosen / "coffee.jpg", "-k", "1", "--open", code=1).message
    run("dupes", "--report", "r.json", code=0)
    asked = run.on_terminal("apply", "r.json", typed=b"n\n").decode()
    assert "coffee again.jpg (kept: Photos/coffee.jpg)" in asked and "Move to the trash: 1 file?" in asked
    assert "shortest-path" in run("dupes", "--keep", "prettiest", code=2).message
    assert "Examples:" in run("only", "--help").out and "Exit codes:" in run("only", "--help").out
    assert (PROJECT / "docs" / "man" / "visualsearch-only.1").is_file()


@pytest.mark.skipif(not (SAMPLES / "truth.csv").is_file(), reason="sample_images/ is not here")
def test_the_demo_shows_the_main_job(run: Program) -> None:
    out = run.shell("sh benchmarks/demo.sh", cwd=PROJECT).out
    commands = re.findall(r"^\$ visualsearch (\w+)", out, re.M)
    assert commands == ["index", "index", "query", "query", "info", "compare", "dupes", "apply"]
    assert "could be reclaimed by removing" in out and "trash" in out.splitlines()[-1]


# Recipes


def import_from_a_card(run: Program, script: str) -> None:
    photos, card = run.home / "Photos", run.home / "Card"
    shutil.copytree(photos / "trip", card / "DCIM")
    cutting(11).save(card / "DCIM" / "new.jpg")
    (card / "DCIM" / "new.xmp").write_text("stars")
    (card / "DCIM" / "damaged.jpg").write_bytes(b"no picture")
    run("index", photos, "-q")
    played(run, script)
    copied = sorted(path.name for path in (photos / "new" / "DCIM").iterdir())
    assert copied == ["damaged.jpg", "new.jpg", "new.xmp"]
    (card / "DCIM" / "damaged.jpg").unlink()
    run("only", card, "--not-in", photos, "--exit-code", code=4)


def clean_downloads(run: Program, script: str) -> None:
    photos, downloads = run.home / "Photos", run.home / "Downloads"
    copy_of(photos / "coffee.jpg", downloads / "coffee-web.jpg")
    shutil.copy(photos / "rocket.jpg", photos / "twin.jpg")
    cutting(12).save(downloads / "new.jpg")
    before = sorted(path.name for path in photos.rglob("*.jpg"))
    played(run, script)
    assert [path.name for path in downloads.glob("*.jpg")] == ["new.jpg"]
    assert sorted(path.name for path in photos.rglob("*.jpg")) == before
    assert (run.home / "Sorted-out").is_dir()


def can_this_backup_go(run: Program, script: str) -> None:
    photos, backup = run.home / "Photos", run.home / "Backup"
    shutil.copytree(photos / "trip", backup)
    run("index", photos, "-q")
    assert "nothing is only in the backup" in played(run, script).out
    cutting(13).save(backup / "forgotten.jpg")
    left = run.shell(script, code=1)
    assert "forgotten.jpg" in left.out and "nothing is only" not in left.out


def original_of_a_thumbnail(run: Program, script: str) -> None:
    photos = run.home / "Photos"
    for name, scale in (("web.jpg", 0.6), ("message.jpg", 0.4)):
        copy_of(photos / "coffee.jpg", photos / name, scale=scale, quality=60)
    copy_of(photos / "coffee.jpg", run.home / "thumbnail.jpg", scale=0.3)
    run("index", photos, "-q")
    assert played(run, script).out == f"{photos}/coffee.jpg\n"


def before_committing(run: Program, script: str) -> None:
    repository, photos = run.home / "repository", run.home / "Photos"
    shutil.copytree(photos / "trip", repository / "assets")
    git(repository, "init", "-q")
    git(repository, "add", "assets")
    git(repository, "commit", "-qm", "Add pictures")
    (repository / ".git" / "info" / "exclude").write_text(".visualsearch\n")
    run.shell(script, cwd=repository)
    cutting(14).save(repository / "assets" / "new.png")
    git(repository, "add", "assets")
    run.shell(script, cwd=repository)
    (repository / "assets" / "broken.png").write_bytes(b"no picture")
    git(repository, "add", "assets")
    assert "broken.png" in run.shell(script, code=1, cwd=repository).err
    git(repository, "rm", "-qf", "assets/broken.png")
    copy_of(repository / "assets" / "china.jpg", repository / "assets" / "hero.jpg")
    git(repository, "add", "assets")
    assert f"there already: {repository}/assets/china.jpg" in run.shell(script, code=1, cwd=repository).err


def every_night(run: Program, script: str) -> None:
    photos = run.home / "Photos"
    run("index", photos, "--exclude", "drafts/", "-q")
    (photos / "drafts").mkdir()
    for name in ("drafts/left out.jpg", "coffee again.jpg"):
        shutil.copy(photos / "coffee.jpg", photos / name)
    (photos / "damaged.jpg").write_bytes(b"no picture")
    first = played(run, script)
    assert first.out == "" and (run.home / "dupes.txt").read_text() == f"{photos}/coffee again.jpg\n"
    assert played(run, script).out == "", "the next night says no more"
    (photos / ".visualsearch").rename(run.home / "index")
    shutil.move(photos, run.home / "unplugged")
    photos.mkdir()
    (run.home / "index").rename(photos / ".visualsearch")
    played(run, script)
    assert run("prune", "--index", photos).out == "0 files forgotten\n", "an empty mount point is no loss"


def disk_in_the_drawer(run: Program, script: str) -> None:
    photos, disk = run.home / "Photos", run.home / "Disk"
    run("index", photos, "-q")
    disk.mkdir()
    shutil.copy(photos / "coffee.jpg", disk / "coffee.jpg")
    cutting(15).save(disk / "own.jpg")
    shown = played(run, script).out
    assert "Disk/coffee.jpg" in shown and "its disk is offline" in shown and "own.jpg" not in shown


def played(run: Program, script: str) -> Result:
    """Run a recipe to its end; any line that fails ends it."""
    return run.shell(script if "$?" in script.splitlines()[-1] else f"set -e -o pipefail\n{script}")


def git(folder: Path, *arguments: str) -> None:
    who = ("-c", "user.name=A", "-c", "user.email=a@example.org", "-c", "init.defaultBranch=main")
    subprocess.run(["git", *who, *arguments], cwd=folder, check=True, timeout=60)


PLAYS: dict[str, Callable[[Program, str], None]] = {
    "Import from a card": import_from_a_card,
    "Clean downloads against an archive that must not be touched": clean_downloads,
    "Can this backup go?": can_this_backup_go,
    "Find the original of a thumbnail": original_of_a_thumbnail,
    "Before committing a picture to a repository": before_committing,
    "Every night, by cron": every_night,
    "Compare with a disk in the drawer": disk_in_the_drawer,
}


def test_each_recipe_is_played() -> None:
    assert set(PLAYS) == set(RECIPES)


@pytest.mark.usefixtures("photos")
@pytest.mark.parametrize("title", PLAYS)
def test_a_recipe_works(run: Program, title: str) -> None:
    run.env.pop("VISUALSEARCH_INDEX", None)  # a new user has none
    PLAYS[title](run, RECIPES[title])
