"""Each thing the README's everyday commands promise."""

from __future__ import annotations

import json
import shutil
import sys
from pathlib import Path

import numpy as np
import pytest

from tests.helpers.photographs import NAMES, copy_of, cutting
from tests.helpers.program import COMMAND, ESCAPE, Program


@pytest.fixture
def copy(run: Program, chosen: Path) -> Path:
    """~/x.jpg, a small copy of Photos/coffee.jpg."""
    return copy_of(chosen / "coffee.jpg", run.home / "x.jpg")


def fake_viewer(run: Program, name: str) -> Path:
    """Put a viewer on the PATH that writes its arguments to a file; return the file."""
    folder = run.home / "bin"
    folder.mkdir(exist_ok=True)
    script = folder / name
    script.write_text(f'#!/bin/sh\nprintf "%s\\n" "$@" >> {run.home}/opened\n')
    script.chmod(0o755)
    run.env["PATH"] = f"{folder}:{run.env['PATH']}"
    return run.home / "opened"


def test_index_builds_then_appends_only_what_is_new(run: Program, photos: Path) -> None:
    first = run("index", photos, "--json").json
    assert (first["found"], first["embedded"], first["images"]) == (10, 10, 10)
    for seed in (1, 2):
        cutting(seed).save(photos / f"new{seed}.jpg")
    second = run("index", photos, "--json").json
    assert (second["found"], second["embedded"], second["unchanged"]) == (12, 2, 10)
    assert second["images"] == 12


def test_query_finds_the_picture_a_copy_was_made_of(run: Program, copy: Path) -> None:
    result = run("query", copy, "-k", "5")
    lines = result.out.splitlines()
    assert lines[0] == "x.jpg"
    assert len([line for line in lines if ".jpg" in line]) == 6
    first = next(line for line in lines if "Photos/" in line)
    assert first.split()[2] == "same" and first.endswith("   Photos/coffee.jpg")
    assert "full frame" in first
    assert [line.split()[2] for line in lines if "Photos/" in line][1:] == ["stranger"] * 4
    assert float(first.split()[1]) < 0.2
    assert "×" in first.split()[3]


@pytest.mark.parametrize("k", [1, 1000])
def test_query_gives_as_many_as_asked_for_or_all_there_are(run: Program, copy: Path, k: int) -> None:
    (record,) = run("query", copy, "-k", str(k), "--format", "jsonl").jsonl
    neighbors = record["neighbors"]
    assert [n["rank"] for n in neighbors] == list(range(1, min(k, 10) + 1))
    assert neighbors == sorted(neighbors, key=lambda n: (n["distance"], n["path"]))
    assert all(Path(n["path"]).is_file() for n in neighbors)


def test_query_opens_the_nearest_in_the_desktops_viewer(run: Program, chosen: Path, copy: Path) -> None:
    opened = fake_viewer(run, "xdg-open")
    fake_viewer(run, "open")
    desktop = {"DISPLAY": ":0"}
    run("query", copy, "--open", env=desktop)
    assert opened.read_text() == f"{chosen}/coffee.jpg\n"
    opened.unlink()
    cutting(7).save(run.home / "stranger.jpg")
    assert "nothing near was found" in run("query", "stranger.jpg", "--open", env=desktop).err
    assert not opened.exists()
    if sys.platform == "linux":
        assert "there is no display" in run("query", copy, "--open", code=1).message


def test_query_opens_the_nearest_with_a_command(run: Program, chosen: Path, copy: Path) -> None:
    opened = fake_viewer(run, "my viewer")
    run("query", copy, "--open-with", "'my viewer' --fullscreen")
    assert opened.read_text() == f"--fullscreen\n{chosen}/coffee.jpg\n"


def test_no_viewer_is_an_error_that_names_the_next_step(run: Program, copy: Path) -> None:
    run.env["PATH"] = str(run.home / "nothing")
    message = run("query", copy, "--open", code=1).message
    assert "not installed" in message and "--open-with" in message
    message = run("query", copy, "--open-with", "no-such-viewer", code=1).message
    assert "no-such-viewer" in message
    message = run("query", copy, "--open-with", "'unbalanced", code=2).message
    assert "--open-with" in message


@pytest.mark.usefixtures("copy")
def test_paths_go_to_xargs(run: Program, chosen: Path) -> None:
    shutil.copy2(chosen / "coffee.jpg", chosen / "with space.jpg")
    run("index", chosen)
    listed = run.shell("visualsearch query x.jpg -k 3 --format paths -0 | xargs -0 ls -l")
    assert len(listed.out.splitlines()) == 2, "the third is a stranger"
    assert "coffee.jpg" in listed.out and "with space.jpg" in listed.out


def test_paths_come_from_find(run: Program, chosen: Path) -> None:
    for name in ("coffee", "rocket"):
        copy_of(chosen / f"{name}.jpg", run.home / "some where" / f"{name}.png")
    result = run.shell("find . -name '*.png' -print0 | visualsearch query - -0 --format jsonl")
    found = {Path(r["query"]).stem: Path(r["neighbors"][0]["path"]).stem for r in result.jsonl}
    assert found == {"coffee": "coffee", "rocket": "rocket"}


@pytest.mark.parametrize("name", ["photos.npz", "photos.jsonl"])
def test_embeddings_in_a_file_make_the_same_index(run: Program, photos: Path, name: str) -> None:
    run("index", photos, "--index", run.home / "direct")
    run("embed", photos, "-o", name)
    report, loaded = run.modules("index", "--from", name, "--json")
    assert (report.json["embedded"], report.json["reused"], report.json["images"]) == (0, 10, 10)
    assert not loaded & {"onnxruntime", "PIL", "torch"}
    assert run("index", photos, "--json").json["unchanged"] == 10
    x = copy_of(photos / "coffee.jpg", run.home / "x.jpg")
    answers = [
        run("query", x, "--index", index, "--format", "csv").out for index in (run.home / "direct", photos)
    ]
    assert answers[0] == answers[1]


def test_embeddings_are_taken_from_stdin(run: Program, photos: Path) -> None:
    result = run.shell(f"visualsearch embed {photos} -o - | visualsearch index --from - --json")
    assert result.json["images"] == 10


def test_embeddings_are_for_other_tools(run: Program, photos: Path) -> None:
    run("embed", photos, "-o", "photos.npz")
    with np.load(run.home / "photos.npz", allow_pickle=False) as file:
        vectors, paths = file["embeddings"], file["path"].tolist()
    assert vectors.dtype == np.float32 and vectors.shape == (10, 256)
    assert np.allclose(np.linalg.norm(vectors, axis=1), 1, atol=1e-5)
    records = run("embed", photos, "-o", "-").jsonl
    assert [record["path"] for record in records] == paths
    assert np.array_equal(np.array([r["embedding"] for r in records], np.float32), vectors)


def test_a_file_changed_since_it_was_embedded_is_skipped(run: Program, photos: Path) -> None:
    run("embed", photos, "-o", "photos.npz")
    cutting(3).save(photos / "coffee.jpg")
    result = run("index", "--from", "photos.npz", "--json", code=3)
    assert result.json["images"] == 9
    (skipped,) = result.json["skipped"]
    assert skipped["path"] == f"{photos}/coffee.jpg" and "changed" in skipped["reason"]
    assert run("index", photos, "--json").json["embedded"] == 1


@pytest.mark.of_index
def test_info_tells_what_is_in_the_index(run: Program, indexed: Path) -> None:
    document = run("info", "--json", cwd=indexed).json
    assert document["schema"] == "visualsearch/info/1"
    assert (document["images"], document["missing"], document["skipped"]) == (10, 0, 0)
    assert document["model"]["name"] == "bundled" and document["model"]["dim"] == 256
    assert document["roots"] == [{"path": str(indexed), "offline": False, "images": 10, "exclude": []}]
    text = run("info", cwd=indexed).out
    assert f"{indexed}/.visualsearch" in text and "10" in text and "bundled" in text


@pytest.mark.of_index
def test_check_finds_nothing_wrong(run: Program, indexed: Path) -> None:
    assert run("check", cwd=indexed).out == f"{indexed}/.visualsearch: nothing wrong\n"
    assert run("check", "--json", cwd=indexed).json["problems"] == []


def test_models_are_listed(run: Program) -> None:
    names = [line.split()[0] for line in run("models").out.splitlines() if line.strip()]
    assert {"bundled", "dct", "pixels", "histogram", "hog", "clip"} <= set(names)
    infos = run("models", "--json").json["models"]
    assert [info["name"] for info in infos if info["is_default"]] == ["bundled"]


@pytest.mark.parametrize("model", ["dct", "pixels", "histogram", "hog", "sift", "orb"])
def test_classical_descriptors_find_a_copy_too(run: Program, photos: Path, model: str) -> None:
    run("index", photos, "--model", model)
    copy_of(photos / "coffee.jpg", run.home / "x.jpg")
    (record,) = run("query", "x.jpg", "--format", "jsonl").jsonl
    assert Path(record["neighbors"][0]["path"]).name == "coffee.jpg"


def test_preview_shows_pictures(run: Program, copy: Path) -> None:
    shown = run.on_terminal("query", copy, "-k", "2", "--preview", columns=100)
    assert shown.count("▀".encode()) > 200
    assert b"\x1b[38;2;" in shown or b"\x1b[38;5;" in shown
    assert b"coffee.jpg" in shown
    plain = run("query", copy, "-k", "2", "--preview")
    assert ESCAPE not in plain.stdout


def test_turned_copies_are_found_with_transforms(run: Program, chosen: Path) -> None:
    mirrored = copy_of(chosen / "rocket.jpg", run.home / "m.jpg", mirrored=True)

    def nearest(*options: str) -> tuple[str, float]:
        (record,) = run("query", mirrored, "--format", "jsonl", *options).jsonl
        return Path(record["neighbors"][0]["path"]).name, record["neighbors"][0]["distance"]

    name, distance = nearest("--transforms", "mirror")
    assert name == "rocket.jpg" and distance < nearest()[1]
    name, as_turned = nearest("--transforms", "all")
    assert name == "rocket.jpg" and as_turned <= distance


def test_a_quarter_turn_is_found_with_all_transforms(run: Program, chosen: Path) -> None:
    from PIL import Image

    with Image.open(chosen / "astronaut.jpg") as image:
        image.transpose(Image.Transpose.ROTATE_90).save(run.home / "turned.jpg", quality=80)
    (record,) = run("query", "turned.jpg", "--transforms", "all", "--format", "jsonl").jsonl
    assert Path(record["neighbors"][0]["path"]).name == "astronaut.jpg"
    assert record["neighbors"][0]["verdict"] == "edited"
    assert "turn" in record["neighbors"][0]["reason"] or "rotat" in record["neighbors"][0]["reason"]


def test_level_and_max_distance_leave_out_what_is_too_far(run: Program, chosen: Path, copy: Path) -> None:
    def neighbors(*options: str) -> list[tuple[str, str | None]]:
        (record,) = run("query", copy, "--format", "jsonl", *options).jsonl
        return [(Path(n["path"]).stem, n["verdict"]) for n in record["neighbors"]]

    everything = neighbors()
    assert len(everything) == 10
    assert neighbors("--level", "identical") == []
    similar = neighbors("--level", "similar")
    assert similar == [n for n in everything if n[1]] and similar[0] == ("coffee", "same")
    assert len(similar) < 10
    assert neighbors("--max-distance", "0.2")[0] == ("coffee", "same")
    assert neighbors("--no-verify")[0] == ("coffee", "similar")
    assert neighbors("--max-distance", "0") == []
    shutil.copy2(chosen / "coffee.jpg", run.home / "same.jpg")
    (record,) = run("query", "same.jpg", "--level", "identical", "--format", "jsonl").jsonl
    assert [Path(n["path"]).stem for n in record["neighbors"]] == ["coffee"]


def test_within_leaves_out_other_folders(run: Program, chosen: Path, copy: Path) -> None:
    (record,) = run("query", copy, "--within", chosen / "trip", "--format", "jsonl").jsonl
    assert sorted(Path(n["path"]).name for n in record["neighbors"]) == [
        "china.jpg", "flower.jpg", "motorcycle_left.jpg",
    ]  # fmt: skip
    (record,) = run("query", copy, "--within", chosen / "coffee.jpg", "--format", "jsonl").jsonl
    assert [Path(n["path"]).name for n in record["neighbors"]] == ["coffee.jpg"]
    message = run("query", copy, "--within", run.home, code=1).message
    assert "--within" in message and str(chosen) in message
    message = run("query", copy, "--within", chosen / "tirp", code=1).message
    assert f"--within {chosen / 'tirp'} does not exist" in message


@pytest.mark.of_index
def test_exact_search_and_the_graph_give_the_same_answers(run: Program, chosen: Path, copy: Path) -> None:
    for seed in range(40):
        cutting(seed).save(chosen / f"cut{seed}.jpg")
    run("index", chosen)
    # Without looks: how many there is time for depends on what else the machine does.
    queries = [copy, *(chosen / f"{name}.jpg" for name in NAMES[:7])]
    exact = run("query", *queries, "--exact", "--no-verify", "--format", "jsonl", "-v")
    graph = run("query", *queries, "--hnsw", "--no-verify", "--format", "jsonl", "-v")
    assert "every vector" in exact.err and "graph of generation 1" in graph.err
    assert exact.jsonl == graph.jsonl
    assert run("query", *queries, "--no-verify", "--format", "jsonl").jsonl == exact.jsonl
    wide = run("query", *queries, "--ef-search", "50", "--no-verify", "--format", "jsonl", "-v")
    assert "graph of generation 1" in wide.err and wide.jsonl == exact.jsonl


def test_exit_code_tells_whether_anything_matched(run: Program, copy: Path) -> None:
    run("query", copy, "--level", "similar", "--exit-code")
    run("query", copy, "--level", "identical", "--exit-code", code=4)
    run("query", copy, "--level", "identical")
    result = run.shell("visualsearch query x.jpg --level similar --exit-code && echo 'have it'")
    assert result.out.endswith("have it\n")


def test_an_image_of_the_index_is_no_neighbor_of_itself(run: Program, chosen: Path) -> None:
    (record,) = run("query", chosen / "coffee.jpg", "--format", "jsonl").jsonl
    assert len(record["neighbors"]) == 9
    assert f"{chosen}/coffee.jpg" not in [n["path"] for n in record["neighbors"]]


def test_a_byte_identical_copy_under_another_name_is_identical(run: Program, chosen: Path) -> None:
    shutil.copy(chosen / "coffee.jpg", run.home / "IMG_1.jpeg")
    (record,) = run("query", "IMG_1.jpeg", "--format", "jsonl").jsonl
    nearest = record["neighbors"][0]
    assert (nearest["path"], nearest["verdict"], nearest["distance"]) == (
        f"{chosen}/coffee.jpg", "identical", 0,
    )  # fmt: skip
    shutil.copy(chosen / "coffee.jpg", chosen / "again.jpg")
    run("index", chosen)
    (record,) = run("query", chosen / "again.jpg", "--format", "jsonl").jsonl
    assert record["neighbors"][0]["path"] == f"{chosen}/coffee.jpg"
    assert record["neighbors"][0]["verdict"] == "identical"


def test_a_changed_file_is_queried_as_it_is_now(run: Program, chosen: Path) -> None:
    copy_of(chosen / "rocket.jpg", chosen / "coffee.jpg")
    (record,) = run("query", chosen / "coffee.jpg", "--format", "jsonl").jsonl
    assert record["neighbors"][0]["path"] == f"{chosen}/rocket.jpg"
    assert record["neighbors"][0]["verdict"] == "same"
    assert f"{chosen}/coffee.jpg" not in [n["path"] for n in record["neighbors"]]


@pytest.mark.of_index
def test_the_index_is_found_as_git_finds_its_own(run: Program, indexed: Path, copy: Path) -> None:
    elsewhere = run.home / "elsewhere"
    elsewhere.mkdir()
    del run.env["VISUALSEARCH_INDEX"]
    expected = run("query", copy, "--format", "paths", cwd=indexed / "trip")
    assert expected.err == "" and expected.out
    run("query", copy, code=10, cwd=elsewhere)
    run("query", copy, "--index", indexed, cwd=elsewhere)
    run("query", copy, "--index", indexed / ".visualsearch", cwd=elsewhere)
    by_variable = {"VISUALSEARCH_INDEX": str(indexed / ".visualsearch")}
    result = run("query", copy, "--format", "paths", cwd=elsewhere, env=by_variable)
    assert (result.out, result.err) == (expected.out, "")
    run("index", indexed)
    shown = run.on_terminal("query", copy, "--format", "paths", cwd=elsewhere).decode().splitlines()
    assert shown[1:] == expected.out.splitlines()
    assert shown[0].startswith(f"using {indexed}/.visualsearch, the index written last")
    for quiet in ((), ("-q",)):
        message = run("query", copy, *quiet, code=10, cwd=elsewhere).message
        assert f"{indexed}/.visualsearch, the index written last, is only used on a terminal" in message


def test_the_program_also_runs_as_a_module(run: Program) -> None:
    python = Path(COMMAND).parent / "python"
    version = run.shell(f"{python} -m visualsearch_cli --version").out
    assert version == run("--version").out
    assert version.startswith("visualsearch 0.")


@pytest.mark.of_index
def test_json_document_names_index_and_model(run: Program, chosen: Path, copy: Path) -> None:
    document = json.loads(run("query", copy, "--json").stdout)
    assert document["schema"] == "visualsearch/query/1"
    assert document["index"] == f"{chosen}/.visualsearch"
    assert document["model"] == "bundled"
    assert set(document["results"][0]["neighbors"][0]) == {
        "rank", "path", "distance", "similarity", "verdict", "width", "height", "bytes", "mtime",
        "region", "query_region", "reason", "looked_at", "stranger", "offline", "missing", "copies",
    }  # fmt: skip
