"""What goes wrong ends with its exit code and one line that names the thing, the values and the next step."""

from __future__ import annotations

import csv
import os
import shutil
import sqlite3
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pytest

from tests.helpers.photographs import change_index, copy_of, cutting
from tests.helpers.program import COMMAND, Program
from visualsearch_cli.atomic import is_temporary

MODELS = {"onnxruntime", "PIL", "torch"}

HOLD_LOCK = """
import sys
from filelock import FileLock
lock = FileLock(sys.argv[1])
lock.acquire()
print("held", flush=True)
sys.stdin.read()
"""


@pytest.fixture
def copy(run: Program, chosen: Path) -> Path:
    """~/x.jpg, a small copy of Photos/coffee.jpg; the index is chosen."""
    return copy_of(chosen / "coffee.jpg", run.home / "x.jpg")


def damage(path: Path, at: float = 0.5, count: int = 64) -> None:
    """Overwrite some bytes of a file."""
    data = bytearray(path.read_bytes())
    start = int(len(data) * at)
    data[start : start + count] = bytes(byte ^ 0x5A for byte in data[start : start + count])
    path.write_bytes(data)


def graph_of(index: Path) -> Path:
    """Return the graph file of an index folder."""
    (graph,) = index.glob("hnsw.*.bin")
    return graph


@pytest.mark.parametrize(
    ("line", "named"),
    [
        ("no-such-command", "no-such-command"),
        ("query", "no image"),
        ("query x.jpg --nope", "--nope"),
        ("query x.jpg -k 0", "-k"),
        ("query x.jpg --exact --hnsw", "--exact and --hnsw"),
        ("query x.jpg --max-distance 3", "--max-distance"),
        ("query x.jpg --max-distance nan", "--max-distance"),
        ("query x.jpg --format xml", "xml"),
        ("query x.jpg --open-with ' '", "--open-with"),
        ("query ''", "empty path"),
        ("index ''", "empty path"),
        ("index Photos --threads 0", "--threads"),
        ("embed Photos", "--output"),
        ("embed -o x.npz", "no PATH"),
        ("embed Photos -o x.txt", "x.txt"),
        ("embed Photos -o x", ".npz"),
        ("prune --root", "--root"),
    ],
)
def test_usage_mistakes(run: Program, line: str, named: str) -> None:
    (run.home / "Photos").mkdir()
    result = run.shell(f"visualsearch {line}", code=2)
    assert named in result.message
    assert result.out == ""
    assert not (run.home / "Photos" / ".visualsearch").exists()


def test_a_model_that_does_not_exist(run: Program, photos: Path) -> None:
    result, loaded = run.modules("index", photos, "--model", "dtc", code=1)
    assert "dtc" in result.message and "did you mean dct" in result.message
    assert not loaded & MODELS
    assert not (photos / ".visualsearch").exists()


def test_weights_that_are_not_there(run: Program, photos: Path) -> None:
    arguments = ("--model", "open_clip:ViT-B-32", "--weights", "nothing.pt")
    result, loaded = run.modules("index", photos, *arguments, code=1)
    assert "nothing.pt" in result.message and not loaded & MODELS
    assert not (photos / ".visualsearch").exists()


@pytest.mark.parametrize("command", [["index"], ["embed", "-o", "x.npz"]])
@pytest.mark.usefixtures("chosen")
def test_a_path_that_is_not_there(run: Program, command: list[str]) -> None:
    message = run(*command, "holiday", code=1).message
    assert f"{run.home}/holiday" in message
    assert "check the path" in message
    assert not (run.home / "x.npz").exists()


def test_a_path_that_is_not_there_when_there_is_no_index(run: Program) -> None:
    message = run("index", "holiday", code=1).message
    assert f"{run.home}/holiday" in message and "check the path" in message
    assert list(run.home.iterdir()) == []


@pytest.mark.parametrize("content", ["nothing", "text", "hidden"])
def test_a_folder_without_images(run: Program, content: str) -> None:
    folder = run.home / "folder"
    folder.mkdir()
    if content == "text":
        (folder / "notes.txt").write_text("no picture")
    if content == "hidden":
        cutting(1).save(folder / ".hidden.jpg")
    for command in (["index"], ["index", "--index", "idx"], ["embed", "-o", "x.npz"]):
        if content != "nothing" and len(command) > 1:
            continue
        message = run(*command, folder, code=1).message
        assert str(folder) in message and "image" in message
        assert len(message) < 400
    assert not (folder / ".visualsearch").exists()
    assert list(run.home.iterdir()) == [folder]


@pytest.mark.usefixtures("chosen")
def test_an_empty_list_on_stdin(run: Program) -> None:
    assert "no image" in run("query", "-", code=2).message
    assert "no PATH" in run("embed", "-", "-o", "x.npz", code=2).message
    message = run("index", "-", code=2).message
    assert "stdin" in message, "an empty list is not: refresh everything"


def test_all_images_unreadable(run: Program) -> None:
    folder = run.home / "folder"
    folder.mkdir()
    for number in range(3):
        (folder / f"{number}.jpg").write_bytes(b"\xff\xd8\xff" + bytes(number))
    result = run("index", folder, code=3)
    assert result.err.count("skipped ") == 3 and "0x" not in result.err
    run("check", cwd=folder)
    x = run.home / "x.jpg"
    cutting(1).save(x)
    assert "nothing near enough" in run("query", x, cwd=folder).out
    assert run("query", x, "--hnsw", "--json", cwd=folder).json["results"][0]["neighbors"] == []


@pytest.mark.parametrize("content", [b"", b"no picture", "truncated"])
def test_an_unreadable_query_image(run: Program, copy: Path, content: bytes | str) -> None:
    whole = copy.read_bytes()
    copy.write_bytes(whole[: len(whole) // 3] if isinstance(content, str) else content)
    result = run("query", copy, "-q", code=3)
    assert result.err.startswith(f"skipped {copy}: ") and "0x" not in result.err
    assert result.err.count("\n") == 1 and result.out == ""


def test_a_folder_is_asked_for_picture_by_picture(run: Program, chosen: Path) -> None:
    result = run("query", chosen / "trip", "--format", "jsonl")
    assert [Path(record["query"]).name for record in result.jsonl] == [
        "china.jpg", "flower.jpg", "motorcycle_left.jpg",
    ]  # fmt: skip
    (run.home / "empty").mkdir()
    result = run("query", "empty", "--format", "jsonl")
    assert result.out == "" and f"no picture in {run.home}/empty" in result.err


@pytest.mark.parametrize("line", ["query {}", "compare {} x.jpg", "index {}", "query - <<< {}"])
def test_a_web_address_is_no_file(run: Program, line: str) -> None:
    address = "https://example.org/a/x.jpg"
    assert f"{address} is a web address" in run.shell(f"visualsearch {line.format(address)}", code=2).message


def test_one_unreadable_query_image_of_several_is_skipped(run: Program, copy: Path) -> None:
    (run.home / "broken.jpg").write_bytes(b"no picture")
    result = run("query", "broken.jpg", copy, "nothing.jpg", "--format", "jsonl", code=3)
    found = [(Path(record["query"]).name, bool(record["error"])) for record in result.jsonl]
    assert found == [("broken.jpg", True), ("x.jpg", False), ("nothing.jpg", True)]
    assert f"skipped {run.home}/broken.jpg: " in result.err
    assert f"skipped {run.home}/nothing.jpg: " in result.err


def test_skipped_images_while_indexing_and_embedding(run: Program, photos: Path) -> None:
    broken = photos / "broken.png"
    broken.write_bytes(b"\x89PNG\r\n\x1a\nno picture")
    result = run("index", photos, code=3)
    assert f"skipped {broken}: " in result.err and "1 skipped" in result.out
    result = run("embed", photos, "-o", "x.npz", code=3)
    assert f"skipped {broken}: " in result.err and "10 embeddings" in result.err


def test_a_few_skipped_images_are_named_and_many_are_counted(run: Program, photos: Path) -> None:
    for number in range(30):
        (photos / f"broken{number}.jpg").write_bytes(f"no picture {number}".encode())
    result = run("index", photos, code=3)
    assert len(result.err.splitlines()) == 11 and "info --skipped" in result.err
    assert len(run("info", "--skipped").out.splitlines()) >= 30


def test_an_image_above_the_limit_is_skipped(run: Program, photos: Path) -> None:
    result = run("index", photos, "--max-pixels", "60000", "--json", code=3)
    reasons = [item["reason"] for item in result.json["skipped"]]
    assert reasons and all("60" in reason and "--max-pixels" in reason for reason in reasons)
    assert result.json["images"] == 10 - len(reasons)


def test_an_index_of_another_model_is_refused_before_any_model_loads(run: Program, copy: Path) -> None:
    for arguments in (
        ("query", copy, "--model", "dct"),
        ("index", copy.parent / "Photos", "--model", "dct"),
        ("query", copy, "--model", "open_clip:ViT-B-32/laion2b_s34b_b79k"),
    ):
        result, loaded = run.modules(*arguments, code=12)
        assert not loaded & MODELS
        assert "bundled" in result.message and str(arguments[3]) in result.message
        assert "--index" in result.message


def test_embeddings_of_another_model_are_refused(run: Program, chosen: Path) -> None:
    run("embed", chosen, "-o", "x.npz", "--model", "dct")
    message = run("index", "--from", "x.npz", code=12).message
    assert "bundled" in message and "dct" in message and "--index" in message
    assert "ModelSpec" not in message


def test_an_index_made_by_other_weights_of_the_same_model(run: Program, copy: Path, chosen: Path) -> None:
    index = chosen / ".visualsearch"
    change_index(index, "UPDATE manifest SET value = replace(value, 'sha256:', 'sha256:00')")
    result, loaded = run.modules("query", copy, code=12)
    assert not loaded & MODELS and "sha256:00" in result.message
    run("query", chosen / "coffee.jpg")


def test_an_index_of_a_newer_format(run: Program, copy: Path, chosen: Path) -> None:
    change_index(chosen / ".visualsearch", "PRAGMA user_version = 99")
    for arguments in (("query", copy), ("index", chosen), ("check",)):
        result, loaded = run.modules(*arguments, code=12)
        assert "99" in result.message and "upgrade" in result.message
        assert not loaded & MODELS


def test_a_locked_index(run: Program, copy: Path, chosen: Path) -> None:
    index = chosen / ".visualsearch"
    with subprocess.Popen(
        [sys.executable, "-c", HOLD_LOCK, index / "lock"], stdin=subprocess.PIPE, stdout=subprocess.PIPE
    ) as holder:
        assert holder.stdout and holder.stdout.readline() == b"held\n"
        for arguments in (("index", chosen), ("check", "--repair")):
            message = run(*arguments, code=11).message
            assert str(index) in message and "wait" in message and "--index" in message
        run("query", copy)
        holder.kill()
    run("index", chosen)


def test_no_index(run: Program) -> None:
    for command in (["query", "x.jpg"], ["info"], ["index"]):
        message = run(*command, code=10).message
        assert str(run.home) in message and "visualsearch index PATH" in message
    message = run("info", "--index", "nowhere", code=10).message
    assert "nowhere" in message and "visualsearch index PATH --index nowhere" in message
    run("info", code=10, env={"VISUALSEARCH_INDEX": str(run.home / "nowhere")})
    assert list(run.home.iterdir()) == []


def emptied(path: Path) -> None:
    path.write_bytes(b"")


def cut_short(path: Path) -> None:
    path.write_bytes(path.read_bytes()[:10000])


def replaced(path: Path) -> None:
    path.write_bytes(b"no database at all" * 1000)


def header_damaged(path: Path) -> None:
    damage(path, 0.0, 200)


def tables_gone(path: Path) -> None:
    change_index(path.parent, "DROP TABLE images")


def manifest_gone(path: Path) -> None:
    change_index(path.parent, "DELETE FROM manifest")


@pytest.mark.parametrize(
    "harm",
    [emptied, cut_short, replaced, header_damaged, tables_gone, manifest_gone],
    ids=lambda harm: harm.__name__,
)
def test_a_damaged_catalog(run: Program, copy: Path, chosen: Path, harm: Callable[[Path], None]) -> None:
    catalog = chosen / ".visualsearch" / "catalog.sqlite"
    harm(catalog)
    message = run("query", copy, code=13).message
    assert str(catalog) in message and ("index again" in message or "--index DIR" in message)
    assert run("check", code=13).message


def test_damage_inside_the_catalog_is_found_by_check(run: Program, copy: Path, chosen: Path) -> None:
    index = chosen / ".visualsearch"
    change_index(index, "UPDATE embeddings SET vector = zeroblob(1024) WHERE id = 3")
    change_index(index, "UPDATE embeddings SET vector = x'00' WHERE id = 4")
    result = run("check", code=13)
    assert "vector 3" in result.err and "vector 4" in result.err
    problems = run("check", "--json", code=13).json["problems"]
    assert len(problems) == 2
    message = run("query", copy, code=13).message
    assert str(index / "catalog.sqlite") in message


@pytest.mark.parametrize("at", [0.1, 0.3, 0.5, 0.7, 0.9])
def test_a_catalog_damaged_anywhere_never_shows_a_traceback(
    run: Program, copy: Path, chosen: Path, at: float
) -> None:
    catalog = chosen / ".visualsearch" / "catalog.sqlite"
    damage(catalog, at, 9000)  # more than a page, the middle of which may be empty
    codes = []
    for arguments in (("check",), ("query", copy)):
        done = subprocess.run([COMMAND, *arguments], env=run.env, capture_output=True, check=False)
        assert done.returncode in (0, 13) and b"Traceback" not in done.stderr
        codes.append(done.returncode)
    assert codes[0] == 13


PLANTED = """
import sys
import visualsearch_cli.{module} as module
def broken(*_, **__):
    raise {error}("planted")
module.{name} = broken
from visualsearch_cli.cli.app import main
sys.exit(main())
"""


@pytest.mark.parametrize(
    ("module", "name", "error", "line"),
    [
        ("index.sqlite.rows", "model_of", "AttributeError", "info"),
        ("index.catalog", "ImageRecord", "KeyError", "query Photos/coffee.jpg"),
        ("reports.report_json", "Member", "TypeError", "apply report.json"),
        ("indexing.parts.vector_file", "model_of", "ValueError", "index --from v.jsonl --index other"),
    ],
)
def test_a_bug_of_ours_shows_its_traceback(
    run: Program, chosen: Path, module: str, name: str, error: str, line: str
) -> None:
    """It is not said to be damage of what the user has, who would throw that away."""
    shutil.copy(chosen / "coffee.jpg", chosen / "copy.jpg")
    run("index", "Photos")
    run("dupes", "--report", "report.json")
    run("embed", "Photos/coffee.jpg", "-o", "v.jsonl")
    code = PLANTED.format(module=module, name=name, error=error)
    command = [sys.executable, "-c", code, *line.split()]
    done = subprocess.run(command, env=run.env, cwd=run.home, capture_output=True, check=False)
    assert done.returncode == 1
    assert b"Traceback" in done.stderr and f"{error}: " in done.stderr.decode() and b"planted" in done.stderr
    assert b"damaged" not in done.stderr and b"make it again" not in done.stderr


def answers(text: str) -> list[list[str]]:
    """Return the rows of a CSV answer, distances to five digits: the order of summing changes the sixth."""
    rows = list(csv.reader(text.splitlines()))
    return [[*row[:3], *(f"{float(cell):.5f}" for cell in row[3:5]), *row[5:]] for row in rows[1:]]


@pytest.mark.parametrize("harm", ["changed", "gone"])
def test_a_damaged_graph(run: Program, copy: Path, chosen: Path, harm: str) -> None:
    graph = graph_of(chosen / ".visualsearch")
    expected = run("query", copy, "--format", "csv")
    if harm == "changed":
        damage(graph)
    else:
        graph.unlink()
    result = run("query", copy, "--hnsw", "--format", "csv")
    assert answers(result.out) == answers(expected.out)
    assert graph.name in result.err and "comparing every vector instead" in result.err
    assert len(result.err.splitlines()) == 1
    code = 13 if harm != "gone" else 10
    message = run("query", copy, "--hnsw", "--ef-search", "50", code=code).message
    assert graph.name in message
    result = run("check", code=13)
    assert graph.name in result.err and "check --repair" in result.err
    result = run("check", "--repair")
    assert "nothing wrong" in result.out
    repaired = run("query", copy, "--hnsw", "--format", "csv")
    assert (answers(repaired.out), repaired.err) == (answers(expected.out), "")


def test_a_damaged_graph_is_built_again_when_it_is_next_written(run: Program, chosen: Path) -> None:
    graph_of(chosen / ".visualsearch").unlink()
    run("index", chosen)
    assert run("check").out.endswith("nothing wrong\n")


def test_a_manifest_that_names_a_file_outside(run: Program, copy: Path, chosen: Path) -> None:
    change_index(
        chosen / ".visualsearch",
        "UPDATE manifest SET value = json_set(value, '$.name', '../../../etc/passwd') WHERE key = 'graph'",
    )
    message = run("query", copy, "--hnsw", "--ef-search", "9", code=13).message
    assert "not the name of a graph file" in message
    run("check", code=13)


@pytest.mark.parametrize(
    "content",
    [
        b"",
        b'{"schema": "visualsearch/embeddings/1"}',
        b"PK\x03\x04 no zip",
        b"\xff\xfe",
    ],
)
def test_a_file_of_embeddings_that_is_none(run: Program, photos: Path, content: bytes) -> None:
    (run.home / "x.npz").write_bytes(content)
    message = run("index", "--from", "x.npz", code=1).message
    assert "x.npz" in message and "visualsearch embed" in message
    assert not (photos / ".visualsearch").exists() and not (run.home / ".visualsearch").exists()


def test_embeddings_that_are_not_what_they_should_be(run: Program, photos: Path) -> None:
    text = run("embed", photos / "coffee.jpg", "-o", "-").out
    for old, new, named in (
        ('"content_hash": "', '"content_hash": "zz', "hex"),
        ('"content_hash": "', '"content_hash": "00', "content hash"),
        ('"embedding": [', '"embedding": [0.5, ', "257"),
        ('"embedding": [', '"embedding": [1e9], "e": [', "coffee.jpg"),
        ('"size": ', '"size": "many", "s": ', "many"),
        (str(photos), f"{run.home}/gone", "gone"),
    ):
        (run.home / "x.jsonl").write_text(text.replace(old, new))
        message = run("index", "--from", "x.jsonl", code=1).message
        assert "x.jsonl" in message and named in message


@pytest.mark.parametrize("name", ["no/such/folder/x.npz", "no/such/folder/x.jsonl", "Photos/x.npz/y.npz"])
def test_a_file_that_cannot_be_written(run: Program, photos: Path, name: str) -> None:
    (photos / "x.npz").write_bytes(b"")
    message = run("embed", photos / "coffee.jpg", "-o", name, code=2).message
    assert name in message and "cannot be written" in message
    assert not [path for path in run.home.rglob("*") if is_temporary(path.name)]


def test_an_index_folder_that_is_something_else(run: Program, photos: Path) -> None:
    other = run.home / "documents"
    other.mkdir()
    (other / "letter.txt").write_text("dear")
    message = run("index", photos, "--index", other, code=1).message
    assert str(other) in message and "not empty" in message and "--index" in message
    assert [path.name for path in other.iterdir()] == ["letter.txt"]
    message = run("index", photos, "--index", other / "letter.txt", code=1).message
    assert "letter.txt" in message


def test_a_read_only_index_can_be_queried(
    run: Program, copy: Path, chosen: Path, without_root_power: tuple[str, ...]
) -> None:
    prefix = without_root_power
    index = chosen / ".visualsearch"
    expected = run("query", copy, "--format", "csv").out
    for path in index.iterdir():
        path.chmod(0o444)
    index.chmod(0o555)
    chosen.chmod(0o555)
    try:
        for method in ("--exact", "--hnsw"):
            answer = run("query", copy, method, "--format", "csv", prefix=prefix).out
            assert answers(answer) == answers(expected)
        run("query", chosen / "coffee.jpg", prefix=prefix)
        run("check", prefix=prefix)
        message = run("index", chosen, code=1, prefix=prefix).message
        assert str(index) in message and "cannot be written" in message and "--index" in message
    finally:
        index.chmod(0o755)
        chosen.chmod(0o755)


def test_a_photo_folder_that_cannot_be_written(
    run: Program, photos: Path, without_root_power: tuple[str, ...]
) -> None:
    prefix = without_root_power
    photos.chmod(0o555)
    try:
        message = run("index", photos, code=1, prefix=prefix).message
        assert str(photos) in message and "cannot be written" in message and "--index DIR" in message
        run("index", photos, "--index", run.home / "idx", prefix=prefix)
    finally:
        photos.chmod(0o755)


def test_what_cannot_be_read_is_skipped_and_not_taken_for_gone(
    run: Program, indexed: Path, without_root_power: tuple[str, ...]
) -> None:
    prefix = without_root_power
    closed = indexed / "closed"
    closed.mkdir()
    cutting(1).save(closed / "one.jpg")
    run("index", indexed)
    closed.chmod(0)
    (indexed / "coffee.jpg").chmod(0)
    os.utime(indexed / "coffee.jpg")
    try:
        report = run("index", indexed, "--json", code=3, prefix=prefix).json
    finally:
        closed.chmod(0o755)
    assert {item["path"] for item in report["skipped"]} == {str(closed), f"{indexed}/coffee.jpg"}
    assert all("ermission" in item["reason"] for item in report["skipped"])
    assert report["missing"] == 0


def test_an_index_of_an_older_sqlite_journal_is_rolled_back(run: Program, copy: Path, chosen: Path) -> None:
    """A transaction cut in half leaves a hot journal; the next reader rolls it back."""
    index = chosen / ".visualsearch"
    spoil = (
        "import os, sqlite3, sys; c = sqlite3.connect(sys.argv[1], isolation_level=None);"
        "c.execute('PRAGMA cache_size = 1'); c.execute('BEGIN'); c.execute('DELETE FROM images');"
        "c.execute('UPDATE embeddings SET vector = zeroblob(1024)'); os.kill(os.getpid(), 9)"
    )
    subprocess.run([sys.executable, "-c", spoil, index / "catalog.sqlite"], check=False)
    assert (index / "catalog.sqlite-journal").exists()
    (record,) = run("query", copy, "-k", "1", "--format", "jsonl").jsonl
    assert record["neighbors"][0]["path"] == f"{chosen}/coffee.jpg"
    run("check")
    assert sqlite3.connect(index / "catalog.sqlite").execute("SELECT count(*) FROM images").fetchone() == (
        10,
    )
