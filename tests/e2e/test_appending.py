"""Running `index` again: what is known is not embedded again, what is gone is not forgotten."""

from __future__ import annotations

import os
import shutil
from pathlib import Path
from typing import Any

import pytest

from tests.helpers.photographs import copy_of, cutting
from tests.helpers.program import Program
from visualsearch_cli.library import VisualSearchError, open_index

MODELS = {"onnxruntime", "PIL", "torch"}


def index(run: Program, *arguments: str | Path, code: int = 0) -> dict[str, Any]:
    """Index, and return the counts."""
    document: dict[str, Any] = run("index", *arguments, "--json", code=code).json
    assert document["schema"] == "visualsearch/index/1"
    return document


def nearest(run: Program, image: Path) -> str:
    """Return the nearest neighbor's path."""
    (record,) = run("query", image, "-k", "1", "--format", "jsonl").jsonl
    return str(record["neighbors"][0]["path"])


def test_indexing_twice_embeds_nothing(run: Program, photos: Path) -> None:
    first = run("index", photos, "-v")
    assert "loading bundled" in first.err
    result, loaded = run.modules("index", photos, "--json", "-v")
    assert (result.json["embedded"], result.json["unchanged"]) == (0, 10)
    assert "loading" not in result.err
    assert not loaded & {"onnxruntime", "torch"}
    assert run("check").code == 0


@pytest.mark.parametrize("again", [True, False])
def test_a_renamed_folder_is_still_indexed(run: Program, indexed: Path, again: bool) -> None:
    del run.env["VISUALSEARCH_INDEX"]
    moved = run.home / "Pictures"
    indexed.rename(moved)
    if again:
        report = index(run, moved)
        assert (report["embedded"], report["unchanged"], report["missing"]) == (0, 10, 0)
        assert report["images"] == 10
    x = copy_of(moved / "coffee.jpg", run.home / "x.jpg")
    (record,) = run("query", x, "-k", "1", "--format", "jsonl", cwd=moved).jsonl
    assert record["neighbors"][0]["path"] == f"{moved}/coffee.jpg"


def test_a_renamed_folder_with_its_index_elsewhere_follows(run: Program, photos: Path) -> None:
    place = ("--index", run.home / "idx")
    index(run, photos, *place)
    moved = photos.rename(run.home / "Pictures")
    report = index(run, moved, *place)
    assert (report["embedded"], report["reused"], report["unchanged"]) == (0, 0, 10)
    assert report["images"] == 10
    assert run("info", "--json", *place).json["roots"] == [
        {"path": str(moved), "offline": False, "images": 10, "exclude": []}
    ]


def test_a_moved_file_is_not_embedded(run: Program, indexed: Path) -> None:
    (indexed / "coffee.jpg").rename(indexed / "trip" / "cup.jpg")
    report = index(run, indexed)
    assert (report["embedded"], report["reused"], report["missing"]) == (0, 1, 1)
    assert report["images"] == 10
    x = copy_of(indexed / "trip" / "cup.jpg", run.home / "x.jpg")
    assert nearest(run, x) == f"{indexed}/trip/cup.jpg"


def test_a_renamed_folder_inside_is_not_embedded(run: Program, indexed: Path) -> None:
    (indexed / "trip").rename(indexed / "journey")
    report = index(run, indexed)
    assert (report["embedded"], report["reused"], report["missing"]) == (0, 3, 3)
    assert nearest(run, copy_of(indexed / "journey" / "china.jpg", run.home / "x.jpg")) == (
        f"{indexed}/journey/china.jpg"
    )


def test_a_copied_file_is_not_embedded(run: Program, indexed: Path) -> None:
    shutil.copy(indexed / "coffee.jpg", indexed / "copy.jpg")
    result, loaded = run.modules("index", indexed, "--json")
    assert (result.json["embedded"], result.json["reused"], result.json["images"]) == (0, 1, 11)
    assert not loaded & {"onnxruntime", "torch"}
    assert run("info", "--json", cwd=indexed).json["contents"] == 10
    assert nearest(run, indexed / "coffee.jpg") == f"{indexed}/copy.jpg"


def test_a_changed_file_is_the_only_one_embedded(run: Program, indexed: Path) -> None:
    copy_of(indexed / "rocket.jpg", indexed / "coffee.jpg")
    report = index(run, indexed)
    assert (report["embedded"], report["unchanged"], report["missing"]) == (1, 9, 0)
    assert report["images"] == 10
    assert nearest(run, indexed / "rocket.jpg") == f"{indexed}/coffee.jpg"


def test_a_touched_file_is_read_but_not_embedded(run: Program, indexed: Path) -> None:
    os.utime(indexed / "coffee.jpg")
    report = index(run, indexed)
    assert (report["embedded"], report["reused"], report["unchanged"]) == (0, 1, 9)


def test_new_copies_of_one_picture_are_embedded_once(run: Program, photos: Path) -> None:
    for number in range(5):
        shutil.copy(photos / "coffee.jpg", photos / f"copy{number}.jpg")
    report = index(run, photos)
    assert (report["found"], report["embedded"], report["reused"]) == (15, 10, 5)


def test_deleted_files_are_reported_and_forgotten_only_by_prune(run: Program, indexed: Path) -> None:
    x = copy_of(indexed / "coffee.jpg", run.home / "x.jpg")
    (indexed / "coffee.jpg").unlink()
    (indexed / "rocket.jpg").unlink()
    result = run("index", indexed)
    assert "2 newly missing" in result.out and "8 images, 2 missing" in result.out
    assert index(run, indexed)["missing"] == 0, "they are news only once"
    assert nearest(run, x) != f"{indexed}/coffee.jpg"
    information = run("info", "--json").json
    assert (information["images"], information["missing"], information["contents"]) == (8, 2, 10)
    mistyped = run("prune", "--root", indexed / "nothing", "-n", code=1)
    assert f"knows of nothing at {indexed / 'nothing'}" in mistyped.err
    assert "2 files would be forgotten" in run("prune", "--dry-run").out
    assert "2 files forgotten" in run("prune").out
    information = run("info", "--json").json
    assert (information["images"], information["missing"], information["contents"]) == (8, 0, 8)
    assert run("check").code == 0


def test_a_file_that_comes_back_is_not_embedded(run: Program, indexed: Path) -> None:
    away = (indexed / "coffee.jpg").rename(run.home / "coffee.jpg")
    assert index(run, indexed)["missing"] == 1
    away.rename(indexed / "coffee.jpg")
    report = index(run, indexed)
    assert (report["embedded"], report["images"]) == (0, 10)
    assert run("info", "--json").json["missing"] == 0
    (record,) = run("query", indexed / "coffee.jpg", "--format", "jsonl").jsonl
    assert len(record["neighbors"]) == 9


def test_pruned_contents_leave_search_and_graph_right(run: Program, indexed: Path) -> None:
    for name in ("coffee", "rocket", "chelsea", "ihc"):
        (indexed / f"{name}.jpg").unlink()
    index(run, indexed)
    run("prune")
    for method in ("--exact", "--hnsw"):
        (record,) = run("query", indexed / "retina.jpg", method, "--format", "jsonl").jsonl
        assert len(record["neighbors"]) == 5
    assert run("check").code == 0


def test_a_root_that_is_not_there_is_left_alone(run: Program, photos: Path) -> None:
    place = ("--index", run.home / "idx")
    index(run, photos, *place)
    x = copy_of(photos / "coffee.jpg", run.home / "x.jpg")
    photos.rename(run.home / "unplugged")
    result = run("index", *place, "--json")
    assert result.json["offline"] == [str(photos)]
    assert (result.json["images"], result.json["missing"]) == (10, 0)
    assert f"{photos} is offline" in result.err
    assert run("info", "--json", *place).json["roots"][0]["offline"] is True
    message = run("index", photos, *place, code=1).message
    assert str(photos) in message and "mount" in message and "prune --root" in message
    run("prune", *place)
    assert run("info", "--json", *place).json["images"] == 10
    (record,) = run("query", x, "-k", "1", "--format", "jsonl", *place).jsonl
    assert record["neighbors"][0]["path"] == f"{photos}/coffee.jpg"
    (run.home / "unplugged").rename(photos)
    report = index(run, *place)
    assert (report["unchanged"], report["embedded"], report["offline"]) == (10, 0, [])


def test_a_change_behind_size_and_time_is_seen_on_request(run: Program, photos: Path) -> None:
    first, other = photos / "coffee.jpg", photos / "rocket.jpg"
    size = max(first.stat().st_size, other.stat().st_size)
    for path in (first, other):
        os.truncate(path, size)  # bytes after the end of a JPEG are no harm
    index(run, photos)
    old = first.stat()
    first.write_bytes(other.read_bytes())
    os.utime(first, ns=(old.st_atime_ns, old.st_mtime_ns))
    assert index(run, photos)["unchanged"] == 10
    assert run("dupes", "--json").json["groups"] == [], "as indexed"
    result = run("index", "--checksum", "--json")
    report = result.json
    assert (report["unchanged"], report["reused"], report["embedded"]) == (9, 1, 0)
    assert report["rewritten"] == [str(first)]
    assert f"{first} has another content than it had" in result.err
    (group,) = run("dupes", "--json").json["groups"]
    assert [member["reason"] for member in group["members"]] == ["", "same bytes, as indexed"]
    again = run("index", "--checksum")
    assert again.out.startswith("10 files: 0 embedded, 10 unchanged\n") and again.err == ""
    run("check")


def test_an_empty_mount_point_is_not_an_emptied_folder(run: Program, photos: Path) -> None:
    place = ("--index", run.home / "idx")
    index(run, photos, *place)
    photos.rename(run.home / "unplugged")
    photos.mkdir()
    result = run("index", *place, "--json")
    assert (result.json["offline"], result.json["images"]) == ([str(photos)], 10)
    assert f"{photos} holds no file" in result.err and "prune --yes" in result.err
    assert "holds no file" in run("index", photos, *place, code=1).message
    kept = run("prune", *place)
    assert kept.out == "0 files forgotten\n"
    assert kept.err == (
        f"{photos} holds no file, as if its disk were not mounted: 10 images stay; --yes forgets them\n"
    )
    assert run("prune", "--yes", "--dry-run", *place).out == "10 files would be forgotten\n"
    assert run("info", "--json", *place).json["images"] == 10
    assert run("prune", "--yes", *place).out == "10 files forgotten\n"
    assert run("info", "--json", *place).json["roots"] == []


def test_a_root_can_be_forgotten(run: Program, photos: Path) -> None:
    place = ("--index", run.home / "idx")
    other = run.home / "other"
    other.mkdir()
    cutting(1).save(other / "one.jpg")
    index(run, photos, other, *place)
    shutil.rmtree(photos)
    assert "10 files would be forgotten" in run("prune", "--root", photos, "-n", *place).out
    assert "10 files forgotten" in run("prune", "--root", photos, *place).out
    information = run("info", "--json", *place).json
    assert [root["path"] for root in information["roots"]] == [str(other)]
    assert information["contents"] == 1
    message = run("prune", "--root", photos, *place, code=1).message
    assert str(photos) in message and str(other) in message


def test_files_folders_and_nested_folders_as_paths(run: Program, photos: Path) -> None:
    report = index(run, photos / "trip", photos / "coffee.jpg", photos / "rocket.jpg")
    assert (report["found"], report["images"]) == (5, 5)
    report = index(run, photos, photos / "trip", photos / "coffee.jpg")
    assert (report["found"], report["embedded"], report["images"]) == (10, 5, 10)


def test_refreshing_one_folder_leaves_the_others_alone(run: Program, indexed: Path) -> None:
    (indexed / "coffee.jpg").unlink()
    (indexed / "trip" / "china.jpg").unlink()
    report = index(run, indexed / "trip")
    assert (report["found"], report["missing"], report["images"]) == (2, 1, 9)
    report = index(run, indexed)
    assert (report["found"], report["missing"], report["images"]) == (8, 1, 8)


def test_a_single_file_is_refreshed(run: Program, indexed: Path) -> None:
    copy_of(indexed / "rocket.jpg", indexed / "coffee.jpg")
    (indexed / "retina.jpg").unlink()
    report = index(run, indexed / "coffee.jpg")
    assert (report["found"], report["embedded"], report["missing"], report["images"]) == (1, 1, 0, 10)


def test_without_a_path_all_roots_are_refreshed(run: Program, photos: Path) -> None:
    place = ("--index", run.home / "idx")
    other = run.home / "other"
    other.mkdir()
    cutting(1).save(other / "one.jpg")
    index(run, photos, other, *place)
    cutting(2).save(other / "two.jpg")
    cutting(3).save(photos / "three.jpg")
    report = index(run, *place)
    assert (report["embedded"], report["unchanged"], report["images"]) == (2, 11, 13)


def test_two_folders_named_alike_are_two_roots(run: Program, photos: Path) -> None:
    """A copy of the folder is no rename, though all its files have known contents."""
    place = ("--index", run.home / "idx")
    index(run, photos, *place)
    backup = run.home / "backup"
    shutil.copytree(photos, backup)
    report = index(run, backup, *place)
    assert (report["embedded"], report["reused"], report["images"]) == (0, 10, 20)


def test_excluded_and_hidden_files_are_left_out(run: Program, photos: Path) -> None:
    cutting(1).save(photos / ".hidden.jpg")
    cutting(2).save(photos / "thumb_1.jpg")
    (photos / "notes.txt").write_text("no picture")
    report = index(run, photos, "--exclude", "thumb_*", "--exclude", "trip/*", "--index", "a")
    assert report["found"] == 7
    assert index(run, photos, "--hidden", "--index", "b")["found"] == 12
    assert index(run, photos, "--index", "c")["found"] == 11


def test_links_are_followed_only_when_asked(run: Program, photos: Path) -> None:
    outside = run.home / "outside"
    outside.mkdir()
    cutting(1).save(outside / "one.jpg")
    (photos / "link").symlink_to(outside)
    (photos / "loop").symlink_to(photos)
    (photos / "dangling.jpg").symlink_to(run.home / "nothing.jpg")
    assert index(run, photos, "--index", "a")["found"] == 10
    assert index(run, photos, "--follow-symlinks", "--index", "b")["found"] == 11


def test_a_damaged_image_is_named_once_and_then_remembered(run: Program, indexed: Path) -> None:
    whole = (indexed / "coffee.jpg").read_bytes()
    broken = indexed / "broken.jpg"
    broken.write_bytes(b"this is no picture")
    result = run("index", indexed, "--json", code=3)
    (skipped,) = result.json["skipped"]
    assert skipped["path"] == str(broken) and "0x" not in skipped["reason"]
    result, loaded = run.modules("index", indexed, code=3)
    assert not loaded & {"onnxruntime", "torch"}, "an unchanged file is not tried again"
    assert f"skipped {broken}: " in result.err and "1 skipped" in result.out
    assert str(broken) in run("info", "--skipped").out
    assert run("info", "--skipped", "--json").json["skipped_files"][0]["path"] == str(broken)
    broken.write_bytes(whole)
    report = index(run, indexed)
    assert (report["embedded"], report["reused"], report["skipped"]) == (0, 1, [])
    assert run("info", "--json").json["skipped"] == 0


def test_pictures_are_forgotten_by_their_names(run: Program, indexed: Path) -> None:
    (indexed / "sub").mkdir()
    for name in ("a", "b", "c"):
        (indexed / "sub" / f"{name}.jpg").write_bytes((indexed / "coffee.jpg").read_bytes() + name.encode())
    run("index")
    one, two = indexed / "sub" / "a.jpg", indexed / "sub"
    assert "knows of nothing" in run("prune", one, indexed / "nothing.jpg", code=1).message
    assert "4 files would be forgotten" in run("prune", two, one, indexed / "rocket.jpg", "-n").out
    forgotten = run("prune", one)
    assert forgotten.out == "1 file forgotten\n" and f"{one} is still there" in forgotten.err
    assert run("info", "--json").json["images"] == 12
    paths = run("query", indexed / "coffee.jpg", "--format", "paths").out
    assert str(one) not in paths and str(indexed / "sub" / "b.jpg") in paths
    assert run("prune", two, indexed / "rocket.jpg").out == "3 files forgotten\n"
    with open_index(indexed) as index:
        assert index.forget([indexed / "coffee.jpg", indexed / "coffee.jpg"]) == 1
        with pytest.raises(VisualSearchError, match="knows of nothing"):
            index.forget(indexed / "coffee.jpg")
        assert index.forget([]) == 0
    assert run("check").out.endswith("nothing wrong\n")
    assert run("index", "--json").json["embedded"] == 5, "what is there is taken in again"
