"""Results as scripts and people get them."""

from __future__ import annotations

import csv
import io
import json
import os
from pathlib import Path

import pytest
from rich.console import Console

from tests.contracts.catalog import MANIFEST, ODD_NAMES, digest
from visualsearch_cli.cli.output import console
from visualsearch_cli.cli.output import query as render
from visualsearch_cli.cli.output.console import settings
from visualsearch_cli.cli.output.formats import OutputFormat
from visualsearch_cli.cli.output.index import print_index_report
from visualsearch_cli.cli.output.query import QueryPrinter
from visualsearch_cli.cli.output.text import short_path
from visualsearch_cli.index.records import Counts, Root
from visualsearch_cli.indexing.summary import IndexReport
from visualsearch_cli.pictures.image import ImageRecord, SkippedImage
from visualsearch_cli.search.matches import Match, QueryResult
from visualsearch_cli.verdicts.verdict import Verdict
from visualsearch_cli.wording import printable, short_size

PHOTOS = os.path.abspath(os.sep + "photos")
CONTROLS = [chr(n) for n in (*range(32), 127, *range(128, 160))]


@pytest.fixture(autouse=True)
def plain(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("FORCE_COLOR", "COLUMNS", "TTY_COMPATIBLE", "NO_COLOR"):
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setattr(settings, "quiet", False)
    monkeypatch.setattr(settings, "verbose", False)


def match(name: str, distance: float = 0.25, verdict: Verdict | None = Verdict.SIMILAR) -> Match:
    path = Path(PHOTOS, name)
    hash_ = digest("x").hex()
    image = ImageRecord(1, 1, path, 1_234_567, 1_700_000_000_500_000_000, hash_, 4000, 3000, "JPEG")
    return Match(image, distance, verdict)


def result(*names: str, query: str = "query.jpg") -> QueryResult:
    return QueryResult(Path(PHOTOS, query), tuple(match(name) for name in names))


def show(format: OutputFormat, *results: QueryResult, null: bool = False) -> None:
    printer = QueryPrinter(format, Path("some", "index"), "toy", null=null)
    for item in results:
        printer.add([item])
    printer.finish()


# JSON


def test_the_json_document_is_as_promised(capsys: pytest.CaptureFixture[str]) -> None:
    nearest = match("a.jpg", 0.0, Verdict.IDENTICAL)
    show(OutputFormat.JSON, QueryResult(Path(PHOTOS, "q.jpg"), (nearest, match("b.jpg", 0.123456, None))))
    document = json.loads(capsys.readouterr().out)
    assert list(document) == ["schema", "index", "model", "results"]
    assert document["schema"] == "visualsearch/query/1"
    assert document["index"] == os.path.join(os.getcwd(), "some", "index")
    assert document["model"] == "toy"
    ((only,),) = [document["results"]]
    assert list(only) == ["query", "neighbors", "error", "part"] and only["error"] is None
    assert only["query"] == os.path.join(PHOTOS, "q.jpg")
    first, second = only["neighbors"]
    assert first == {
        "rank": 1,
        "path": os.path.join(PHOTOS, "a.jpg"),
        "distance": 0.0,
        "similarity": 1.0,
        "verdict": "identical",
        "width": 4000,
        "height": 3000,
        "bytes": 1_234_567,
        "mtime": 1_700_000_000.5,
        "region": None,
        "query_region": None,
        "reason": "",
        "looked_at": False,
        "stranger": False,
        "offline": False,
        "missing": False,
        "copies": [],
    }
    assert list(first) == list(second)
    assert (second["rank"], second["distance"], second["similarity"]) == (2, 0.123456, 0.876544)
    assert second["verdict"] is None


def test_json_is_one_document_for_all_queries(capsys: pytest.CaptureFixture[str]) -> None:
    show(OutputFormat.JSON, result("a", query="1"), result(query="2"))
    results = json.loads(capsys.readouterr().out)["results"]
    assert [(Path(item["query"]).name, len(item["neighbors"])) for item in results] == [("1", 1), ("2", 0)]


def test_json_without_a_query_is_a_document(capsys: pytest.CaptureFixture[str]) -> None:
    show(OutputFormat.JSON)
    assert json.loads(capsys.readouterr().out)["results"] == []


def test_jsonl_is_one_record_a_line(capsys: pytest.CaptureFixture[str]) -> None:
    unread = QueryResult(Path(PHOTOS, "raw.cr2"), (), "cannot be read")
    show(OutputFormat.JSONL, result("a", "new\nline.jpg", query="1"), result(query="2\n"), unread)
    lines = capsys.readouterr().out.splitlines()
    records = [json.loads(line) for line in lines]
    assert [list(item) for item in records] == [["query", "neighbors", "error", "part"]] * 3
    assert records[0]["neighbors"][1]["path"] == os.path.join(PHOTOS, "new\nline.jpg")
    assert records[1] == {"query": os.path.join(PHOTOS, "2\n"), "neighbors": [], "error": None, "part": None}
    assert (records[2]["neighbors"], records[2]["error"]) == ([], "cannot be read")


@pytest.mark.parametrize("name", ODD_NAMES, ids=ascii)
@pytest.mark.parametrize("format", [OutputFormat.JSON, OutputFormat.JSONL])
def test_json_keeps_every_name(
    format: OutputFormat, name: str, capsysbinary: pytest.CaptureFixture[bytes]
) -> None:
    show(format, result(name, query=name))
    data = capsysbinary.readouterr().out
    assert data.isascii()
    document = json.loads(data)
    (record,) = document["results"] if format is OutputFormat.JSON else [document]
    assert os.fsencode(record["query"]) == os.fsencode(os.path.join(PHOTOS, name))
    assert os.fsencode(record["neighbors"][0]["path"]) == os.fsencode(os.path.join(PHOTOS, name))


# Paths


def test_paths_are_raw_bytes_ended_by_nul(capsysbinary: pytest.CaptureFixture[bytes]) -> None:
    show(OutputFormat.PATHS, result(*ODD_NAMES), result("last"), null=True)
    data = capsysbinary.readouterr().out
    expected = [os.fsencode(os.path.join(PHOTOS, name)) for name in (*ODD_NAMES, "last")]
    assert data == b"".join(path + b"\0" for path in expected)


def test_paths_are_one_a_line(capsysbinary: pytest.CaptureFixture[bytes]) -> None:
    show(OutputFormat.PATHS, result("a", "\udcff"), result())
    lines = [os.fsencode(os.path.join(PHOTOS, name)) for name in ("a", "\udcff")]
    assert capsysbinary.readouterr().out == b"\n".join(lines) + b"\n"


# CSV


def test_csv_is_quoted_and_has_a_header_once(capsys: pytest.CaptureFixture[str]) -> None:
    names = ["a,b.jpg", 'the "best".jpg', "new\nline.jpg", " x .jpg", "plain.jpg"]
    show(OutputFormat.CSV, result(*names[:3], query="q,\n1"), result(), result(*names[3:], query="q2"))
    text = capsys.readouterr().out
    rows = list(csv.reader(io.StringIO(text, newline="")))
    assert rows[0] == [
        "query",
        "rank",
        "path",
        "distance",
        "similarity",
        "verdict",
        "width",
        "height",
        "bytes",
        "mtime",
        "region",
        "query_region",
        "reason",
        "looked_at",
        "stranger",
        "offline",
        "missing",
        "copies",
    ]
    assert [row[2] for row in rows[1:]] == [os.path.join(PHOTOS, name) for name in names]
    assert [row[1] for row in rows[1:]] == ["1", "2", "3", "1", "2"]
    assert rows[1][0] == os.path.join(PHOTOS, "q,\n1")
    assert rows[1][3:10] == ["0.25", "0.75", "similar", "4000", "3000", "1234567", "1700000000.5"]
    assert rows[1][10:] == ["", "", "", "False", "False", "False", "False", "0"]


def test_csv_shows_stray_bytes_as_escapes(capsysbinary: pytest.CaptureFixture[bytes]) -> None:
    show(OutputFormat.CSV, result("\udcff.jpg", query="\udcfe.jpg"))
    text = capsysbinary.readouterr().out.decode("utf-8")
    assert r"\udcff.jpg" in text
    assert r"\udcfe.jpg" in text


# Tables


def test_a_piped_table_has_one_line_for_each_neighbor(capsys: pytest.CaptureFixture[str]) -> None:
    long = "/".join(["a rather long folder name"] * 30) + "/x.jpg"
    names = [*ODD_NAMES, long, "z.jpg"]
    show(OutputFormat.TABLE, result(*names, query=long))
    first, *lines = capsys.readouterr().out.splitlines()
    assert first == printable(os.path.join(PHOTOS, long))
    rows = lines[-len(names) :]
    for rank, (row, name) in enumerate(zip(rows, names, strict=True), start=1):
        assert row.split()[0] == str(rank)
        assert printable(os.path.join(PHOTOS, name)).rstrip() in row
    assert len(lines) <= len(names) + 2  # a header and a rule


def test_a_table_shows_what_matters(capsys: pytest.CaptureFixture[str]) -> None:
    nearest = match("a.jpg", 0.0, Verdict.IDENTICAL)
    show(OutputFormat.TABLE, QueryResult(Path(PHOTOS, "q.jpg"), (nearest, match("b.jpg", 1.23456, None))))
    out = capsys.readouterr().out
    first, second = [line.split() for line in out.splitlines()[-2:]]
    assert first == ["1", "0.0000", "identical", "4000\u00d73000", "1.2", "MB", os.path.join(PHOTOS, "a.jpg")]
    assert second[:3] == ["2", "1.2346", "\u2013"]


def test_no_neighbors_are_said_to_be_none(capsys: pytest.CaptureFixture[str]) -> None:
    show(OutputFormat.TABLE, result())
    assert "nothing near enough" in capsys.readouterr().out


def test_where_no_part_was_found_nothing_was_looked_for(capsys: pytest.CaptureFixture[str]) -> None:
    printer = QueryPrinter(OutputFormat.TABLE, Path("index"), "bundled", null=False, parts="face")
    printer.add([result()])
    out = capsys.readouterr().out
    assert "no face was found in it" in out and "near enough" not in out


def test_names_are_not_markup(capsys: pytest.CaptureFixture[str]) -> None:
    show(OutputFormat.TABLE, result("[red]x[/red].jpg", "[/].jpg", ":smile:.jpg", query="[bold]q[/bold]"))
    out = capsys.readouterr().out
    for name in ("[red]x[/red].jpg", "[/].jpg", ":smile:.jpg", "[bold]q[/bold]"):
        assert name in out


def test_a_path_that_is_too_long_is_broken_behind_a_folder(monkeypatch: pytest.MonkeyPatch) -> None:
    """Half a name tells nobody anything. A name alone that is too long is broken all the same."""
    screen = io.StringIO()
    terminal = Console(file=screen, force_terminal=True, color_system=None, width=96, highlight=False)
    monkeypatch.setattr(render, "stdout", lambda: terminal)
    monkeypatch.setenv("FORCE_COLOR", "1")
    name = "a-name-that-is-longer-than-the-column-that-it-stands-in.jpg"
    long = match(os.path.join("holiday-in-the-mountains", "mountain-lake-with-a-boat.jpg"))
    long = long._replace(reason="crop of 70 %, scaled 1.00, no rotation")
    show(OutputFormat.TABLE, QueryResult(Path(PHOTOS, "q.jpg"), (long, match(name))))
    words = screen.getvalue().split()
    assert os.path.join(PHOTOS, "holiday-in-the-mountains", "") in words
    assert "mountain-lake-with-a-boat.jpg" in words and {"scaled", "rotation"} <= set(words)
    assert name not in words and name in screen.getvalue().replace(" ", "").replace("\n", "")


def test_control_characters_of_names_never_reach_the_terminal(monkeypatch: pytest.MonkeyPatch) -> None:
    screen = io.StringIO()
    terminal = Console(file=screen, force_terminal=True, color_system=None, width=60, highlight=False)
    monkeypatch.setattr(render, "stdout", lambda: terminal)
    names = [f"x{char}y.jpg" for char in CONTROLS if char != "\0"]
    show(OutputFormat.TABLE, result(*names, "\x1b]0;title\x07.jpg", "\u202egpj.exe", query="\x1b[2J\r.jpg"))
    assert [char for char in screen.getvalue() if char in CONTROLS and char != "\n"] == []
    assert "\u202e" not in screen.getvalue()


def test_messages_are_one_line_without_control_characters(capsys: pytest.CaptureFixture[str]) -> None:
    console.note("skipped " + "".join(CONTROLS) + "\udcff\n")
    console.fail("".join(CONTROLS))
    _, err = capsys.readouterr()
    assert err.count("\n") == 2
    assert [char for char in err if char in CONTROLS and char != "\n"] == []
    assert r"\udcff" in err
    assert "visualsearch: " in err


def test_quiet_and_verbose(capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch) -> None:
    console.note("note")
    console.detail("detail")
    assert capsys.readouterr() == ("", "note\n")
    monkeypatch.setattr(settings, "verbose", True)
    console.detail("detail")
    assert capsys.readouterr() == ("", "detail\n")
    monkeypatch.setattr(settings, "quiet", True)
    console.note("note")
    console.detail("detail")
    console.fail("fail")
    assert capsys.readouterr() == ("", "visualsearch: fail\n")


def test_ordinary_names_are_printed_as_they_are() -> None:
    for name in ("a.jpg", "caf\u00e9.jpg", "\u5199\u771f \U0001f4f7.jpg", "it's [x] (1) 100%.jpg"):
        assert printable(name) == name


def test_paths_below_the_current_folder_are_short(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    here = Path.cwd()
    assert short_path(here / "a" / "b.jpg") == os.path.join("a", "b.jpg")
    assert short_path(here.parent / "b.jpg") == str(here.parent / "b.jpg")
    assert short_path(here.with_name(here.name + "2") / "b.jpg") == str(here) + "2" + os.sep + "b.jpg"


@pytest.mark.parametrize(
    ("size", "text"),
    [
        (0, "0 B"),
        (999, "999 B"),
        (1000, "1.0 kB"),
        (99_499, "99.5 kB"),
        (99_500, "100 kB"),
        (999_499, "999 kB"),
        (999_500, "1.0 MB"),
        (12_345_678, "12.3 MB"),
        (123_456_789_012, "123 GB"),
        (10**15, "1000.0 TB"),
    ],
)
def test_sizes_for_people(size: int, text: str) -> None:
    assert short_size(size) == text


# The report of an indexing run

REPORT = IndexReport(
    found=9,
    unchanged=2,
    embedded=3,
    reused=1,
    missing=4,
    skipped=[SkippedImage("/photos/\udcff\n.jpg", "broken")],
    left_out={"@eaDir": 7, "#recycle": 1},
    offline=[Root(1, "/disk", "1", "2")],
)
COUNTS = Counts(images=8, missing=4, skipped=1, contents=5, vectors=5)


def test_the_report_for_scripts(capsysbinary: pytest.CaptureFixture[bytes]) -> None:
    print_index_report(REPORT, Path("index"), MANIFEST, COUNTS, json=True)
    data = capsysbinary.readouterr().out
    assert data.isascii()
    document = json.loads(data)
    assert document["schema"] == "visualsearch/index/1"
    assert document["index"] == os.path.join(os.getcwd(), "index")
    expected = {"found": 9, "unchanged": 2, "embedded": 3, "reused": 1, "missing": 4, "images": 8}
    assert {key: document[key] for key in expected} == expected
    assert document["skipped"] == [{"path": "/photos/\udcff\n.jpg", "reason": "broken"}]
    assert document["offline"] == ["/disk"] and document["left_out"] == {"@eaDir": 7, "#recycle": 1}
    assert document["model"] == "toy"


def test_the_report_for_people(capsys: pytest.CaptureFixture[str]) -> None:
    print_index_report(REPORT, Path("ind\x1bex"), MANIFEST, COUNTS, json=False)
    first, second = capsys.readouterr().out.splitlines()
    assert first.startswith("9 files: 3 embedded")
    for text in (
        "1 with known content",
        "2 unchanged",
        "4 newly missing",
        "8 folders left out (@eaDir, #recycle)",
    ):
        assert text in first
    assert r"ind\x1bex holds 8 images, 4 missing" in second
