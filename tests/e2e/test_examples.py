"""The examples of the help do what it says of them."""

from __future__ import annotations

import csv
import re
import shutil
from pathlib import Path

import pytest

from tests.helpers.kinds import write_kinds
from tests.helpers.onnx_files import write_towers
from tests.helpers.photographs import write_cuttings
from tests.helpers.places import SAMPLES
from tests.helpers.program import Program
from visualsearch_cli.cli.manual import COMMANDS, WHOLE

UNREADABLE = ("bricks.jpg", "notes.jpg")
LINES = tuple(
    example.line
    for entry in (WHOLE, *COMMANDS.values())
    for example in entry.examples
    if not example.line.startswith(
        ("visualsearch review", "visualsearch watch")
    )  # run until they are ended: test_review.py and test_watch.py start these
)

pytestmark = pytest.mark.skipif(not (SAMPLES / "truth.csv").is_file(), reason="sample_images/ is not here")

BEFORE = {
    "visualsearch undo": "visualsearch apply dupes.json --move-to gone --yes",
    "visualsearch ignore --forget": "visualsearch ignore a.jpg b.jpg",
    "visualsearch index": "rm -r Photos/.visualsearch both",
    "visualsearch info --skipped": "echo no picture > Photos/bad.jpg; visualsearch index || [ $? = 3 ]",
    "visualsearch search": "visualsearch index Photos --index words --weights image.onnx,text.onnx "
    "--tokenizer tokenizer.json",
    "visualsearch label ~/Photos/cats": "mkdir Photos/cats; cp a.jpg Photos/cats; visualsearch index",
    "visualsearch match": "visualsearch label a.jpg alps; mkdir Downloads; cp x.jpg Downloads",
    "visualsearch only ~/Card": "mkdir Card; cp Copies/downloads/alps-peak.jpg a.jpg Card",
    "visualsearch prune --dry-run": "rm Backup/[a-m]*; visualsearch index",
}
"""What is done before an example that begins so."""

SHOWN = {
    "visualsearch index ~/Photos": r"\d\d images",
    "visualsearch index ~/Photos ~/Backup --index ~/both": r"both",
    "visualsearch query x.jpg -k 5": r"alps\.jpg(.*\n){5}",
    "visualsearch query x.jpg --level edited --exit-code": r"alps\.jpg",
    'visualsearch search "a dog on a beach" -people': r"a dog on a beach −people\n(.*\n){10}",
    'visualsearch search "at night" --image x.jpg --diverse': r"at night \+.*/x\.jpg\n(.*\n){10}",
    "visualsearch label ~/Photos/cats cat": r"1 label given to 1 distinct picture",
    "visualsearch label --folders ~/Albums": r"\d\d labels given to \d\d distinct pictures",
    "visualsearch match x.jpg": r"x\.jpg: alps  ",
    "visualsearch match Downloads --json": r'"label": "alps"',
    "visualsearch adapt own.model --into ~/adapted": r"never saw(.*\n)*.*adapted: 240 pictures, none",
    "visualsearch adapt own.model --loss circle --json": r'"loss": "circle"',
    "visualsearch map map.html": r"",
    "visualsearch map map.svg --most 500": r"",
    "visualsearch dupes --report dupes.json": r"candle\.jpg",
    "visualsearch dupes --report dupes.json --html dupes.html": r"candle\.jpg",
    "visualsearch dupes ~/Photos ~/Backup --cross --reference ~/Photos": r"Backup/candle\.jpg",
    "visualsearch compare a.jpg b.jpg": r"verdict +same",
    "visualsearch compare a.jpg b.jpg --image match.png": r"verdict +same",
    "visualsearch only ~/Card --copy-to ~/Photos/new": r"alps-peak(.*\n)1 of 2 files in Card is only there",
    "visualsearch only ~/Backup --not-in ~/Photos": r"of 7 files in Backup .* have a copy in Photos",
    "visualsearch apply dupes.json --dry-run": r"candle\.jpg",
    "visualsearch apply dupes.json --move-to ~/Duplicates --yes": r"moved .*candle\.jpg",
    "visualsearch undo --list": r" move .*dupes\.json",
    "visualsearch undo --last": r"returned .*candle\.jpg",
    "visualsearch ignore a.jpg b.jpg": r"2 files ignored",
    "visualsearch ignore --forget all": r"1 decision forgotten",
    "visualsearch embed ~/Photos -o photos.npz": r"",
    "visualsearch embed ~/Photos --shard 1/2 -o 1.npz": r"",
    "visualsearch info": r"images +\d\d.*\n(.*\n)*root .*/Photos (.*\n)*root .*/Backup ",
    "visualsearch info --skipped": r"skipped .*bad\.jpg: ",
    "visualsearch check": r"Photos/\.visualsearch: nothing wrong",
    "visualsearch check --repair --index ~/both": r"both: nothing wrong",
    "visualsearch calibrate": r"calibrated on",
    "visualsearch calibrate --sample 20": r"calibrated on",
    "visualsearch prune --dry-run": r"[1-9] files would be forgotten",
    "visualsearch prune --root ~/Backup": r"[1-9] files forgotten",
    "visualsearch models": r"bundled \(default\)",
    "visualsearch models --json": r"visualsearch/models/1",
    "visualsearch eval ~/Albums -k 1 -k 10": r"recall@1\b(.*\n)*.*recall@10\b",
    "visualsearch eval ~/Copies --truth copies.csv --by relation": r"recompressed",
}
"""What stdout has after each example."""

WRITTEN = re.compile(r"(?:-o|adapt|map|--into|--report|--html|--image|--move-to|--copy-to|--index) (\S+)")
"""What an example writes to."""


@pytest.fixture(scope="module")
def prepared(tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, Path]:
    """A home with what the examples name, made of the sample pictures; and a copy, to make it anew."""
    home = tmp_path_factory.mktemp("prepared") / "home"
    readable = shutil.ignore_patterns(*UNREADABLE)
    for name in ("holiday", "phone"):
        shutil.copytree(SAMPLES / name, home / "Photos" / name, ignore=readable)
        shutil.copytree(SAMPLES / name, home / "Albums" / name, ignore=readable)
    shutil.copytree(SAMPLES / "backup", home / "Backup")
    for name in ("holiday", "phone", "backup", "downloads"):
        shutil.copytree(SAMPLES / name, home / "Copies" / name, ignore=readable)
    with (SAMPLES / "truth.csv").open(encoding="utf-8", newline="") as file:
        rows = [row for row in csv.reader(file) if Path(row[0]).name not in UNREADABLE]
    with (home / "copies.csv").open("w", encoding="utf-8", newline="") as file:
        csv.writer(file).writerows(rows)
    shutil.copy(SAMPLES / "holiday" / "alps.jpg", home / "a.jpg")
    for name in ("b.jpg", "x.jpg"):
        shutil.copy(SAMPLES / "downloads" / "alps-small.jpg", home / name)
    write_towers(home)
    run = Program(home, {"VISUALSEARCH_INDEX": str(home / "Photos" / ".visualsearch")})
    run("index", "Photos", "Backup", "--index", "both")
    run("index", "Photos", "Backup")
    run("dupes", "--report", "dupes.json")
    return home, shutil.copytree(home, home.parent / "copy")


@pytest.fixture
def run(prepared: tuple[Path, Path]) -> Program:
    """The program in that home, in which nothing was done yet."""
    home, copy = prepared
    shutil.rmtree(home)
    index = {"VISUALSEARCH_INDEX": str(home / "Photos" / ".visualsearch")}
    return Program(shutil.copytree(copy, home), index)


def test_each_example_is_tried() -> None:
    assert set(SHOWN) == set(LINES)


@pytest.mark.parametrize("line", LINES)
def test_an_example_works(run: Program, line: str) -> None:
    if "calibrate" in line:
        write_cuttings(run.home / "Photos" / "cuttings", 90)
        run("index")
    if line.startswith("visualsearch adapt"):
        kinds = write_kinds(run.home / "Kinds")
        run.env["VISUALSEARCH_INDEX"] = str(kinds / ".visualsearch")
        run("index", kinds, "--model", "pixels")
        run("label", "--folders", kinds)
    if line.startswith("visualsearch search"):
        pytest.importorskip("tokenizers", reason="needs the extra 'onnx'")
        run.env["VISUALSEARCH_INDEX"] = str(run.home / "words")
    for beginning, command in BEFORE.items():
        if line.startswith(beginning):
            run.shell(command)
    result = run.shell(line)
    assert re.search(SHOWN[line], result.out)
    for name in WRITTEN.findall(line):
        assert name == "-" or (run.home / name.removeprefix("~/")).exists()
