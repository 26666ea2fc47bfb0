"""The report of duplicates as people get it in a terminal."""

from __future__ import annotations

import io
import os
from dataclasses import replace
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from rich.cells import cell_len
from rich.console import Console

from tests.helpers.reports import member, report, sample_groups
from visualsearch_cli.cli.output import dupes_table
from visualsearch_cli.cli.output.dupes_table import print_report
from visualsearch_cli.cli.output.text import VERDICT_STYLES, verdict_text
from visualsearch_cli.reports.report import Companion, Group, Member, Report, totals
from visualsearch_cli.verdicts.verdict import Verdict
from visualsearch_cli.wording import printable

COPY = {"shape": (2000, 1500), "size": 900_000}
CONTROLS = [chr(n) for n in (*range(32), 127, *range(128, 160))]

names = st.binary(min_size=1, max_size=60).map(
    lambda raw: raw.translate(None, b"\0/\\:").decode("utf-8", "surrogateescape")
)


@pytest.fixture(autouse=True)
def plain(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("FORCE_COLOR", "COLUMNS", "TTY_COMPATIBLE", "NO_COLOR"):
        monkeypatch.delenv(name, raising=False)


@pytest.fixture
def screen(monkeypatch: pytest.MonkeyPatch) -> io.StringIO:
    """A terminal of 80 columns."""
    return terminal(monkeypatch, 80)


def terminal(monkeypatch: pytest.MonkeyPatch, width: int, colors: bool = False) -> io.StringIO:
    shown = io.StringIO()
    console = Console(
        file=shown,
        force_terminal=True,
        color_system="standard" if colors else None,
        width=width,
        highlight=False,
        legacy_windows=False,
    )
    monkeypatch.setattr(dupes_table, "stdout", lambda: console)
    return shown


def copy(path: str, reason: str = "scaled 0.50") -> Member:
    return member(path, Verdict.SAME, reason, shape=(2000, 1500), size=900_000)


def group(*, long: str = "") -> Group:
    folder = Path(os.sep, "photos", long) if long else Path(os.sep, "photos")
    return Group(
        "9c1f00aa",
        (
            member(folder / "a.jpg"),
            member(folder / "b.png", Verdict.PIXELS, "same pixels", size=5_000_000),
            member(folder / "c.jpg", Verdict.SAME, "scaled 0.50", **COPY, protected=True),  # type: ignore[arg-type]
            member(folder / "d.jpg", Verdict.SIMILAR, "looks alike"),
        ),
    )


def test_a_pipe_gets_one_line_for_each_file(capsys: pytest.CaptureFixture[str]) -> None:
    print_report(report(group(), group(long="a long folder name/" * 30)))
    lines = capsys.readouterr().out.splitlines()
    assert lines[0] == "2 groups of 8 files, similar or stronger"
    assert lines[1] == ""
    title, *files = lines[2:7]
    assert title.split()[:2] == ["1", "similar"]
    assert title.endswith(f"4 files  5.0 MB to reclaim  9c1f00aa  in {os.sep}photos")
    assert [line.split()[:2] for line in files] == [
        ["keep", "a.jpg"],
        ["pixels", "b.png"],
        ["same", "c.jpg"],
        ["similar", "d.jpg"],
    ]
    assert "4000×3000 · 3.4 MB · JPEG · 20" in files[0]
    assert files[1].endswith("b.png  same pixels · 5.0 MB (+47 %) · PNG")
    assert files[2].endswith("c.jpg  protected · scaled 0.50 · 2000×1500 (−75 %) · 900 kB (−74 %)")
    assert files[3].endswith("d.jpg  looks alike")
    assert lines[7] == ""
    assert [line.split()[0] for line in lines[9:13]] == ["keep", "pixels", "same", "similar"]
    assert lines[-2:] == [
        "10.0 MB could be reclaimed by removing 2 files",
        "2 protected and 2 only similar: never offered for removal",
    ]


def test_where_there_is_no_room_details_go_below(screen: io.StringIO) -> None:
    print_report(
        report(group(long="deep"), Group("g", (member("/p/" + "a" * 30 + ".jpg"), copy("/p/b.png"))))
    )
    lines = screen.getvalue().splitlines()
    assert lines[4] == "  pixels     b.png  same pixels · 5.0 MB (+47 %) · PNG"
    assert lines[9] == f"  keep       {'a' * 30}.jpg"
    assert lines[10].startswith("             4000×3000 · 3.4 MB · JPEG · 20")
    assert lines[11:14] == [
        "  same       b.png",
        "             scaled 0.50 · 2000×1500 (−75 %) · 900 kB (−74 %) · PNG",
        "",
    ]


def test_long_details_break_between_facts(screen: io.StringIO) -> None:
    reason = "crop of 62 %, scaled 0.50, no rotation, with words"
    print_report(report(Group("g", (member("/p/a.jpg"), copy("/p/b.png", reason)))))
    lines = screen.getvalue().splitlines()
    assert lines[4:7] == [
        f"  same       b.png  {reason}",
        "                    2000×1500 (−75 %) · 900 kB (−74 %) · PNG",
        "",
    ]


def test_links_and_companions_are_named(capsys: pytest.CaptureFixture[str]) -> None:
    folder = Path(os.sep, "photos")
    kept = member(
        folder / "a.jpg",
        links=tuple(folder / f"l{n}.jpg" for n in range(5)),
        companions=(folder / "a.dng",),
    )
    print_report(report(Group("g", (kept, member(folder / "b.jpg", Verdict.IDENTICAL, "same bytes")))))
    lines = [line.strip() for line in capsys.readouterr().out.splitlines()]
    assert lines[4:9] == [
        "also l0.jpg (hard link)",
        "also l1.jpg (hard link)",
        "also l2.jpg (hard link)",
        "and 2 more hard links",
        "with a.dng (companion)",
    ]


def test_nothing_found_is_said(capsys: pytest.CaptureFixture[str]) -> None:
    print_report(report(level=Verdict.SAME))
    assert capsys.readouterr().out == "no duplicates at level same or stronger\n"


def test_nothing_to_reclaim_is_said(capsys: pytest.CaptureFixture[str]) -> None:
    print_report(report(Group("g", (member("/p/a.jpg"), member("/p/b.jpg", Verdict.SIMILAR)))))
    out = capsys.readouterr().out
    assert "2 files  nothing to reclaim" in out
    assert out.endswith("Nothing could be reclaimed\n1 only similar: never offered for removal\n")


def test_each_verdict_has_a_colour_and_its_word() -> None:
    assert set(VERDICT_STYLES) == set(Verdict)
    for verdict in Verdict:
        text = verdict_text(verdict)
        assert text.plain == verdict.value
        assert text.style == VERDICT_STYLES[verdict]
    assert verdict_text(None).plain == "–"


def test_colours_are_only_for_those_who_want_them(monkeypatch: pytest.MonkeyPatch) -> None:
    colored = terminal(monkeypatch, 100, colors=True)
    print_report(report(group()))
    assert "\x1b[32mpixels" in colored.getvalue()
    assert "\x1b[33msimilar" in colored.getvalue()
    plain = terminal(monkeypatch, 100)
    print_report(report(group()))
    assert "\x1b" not in plain.getvalue()


def test_long_paths_are_shortened_unless_they_would_read_alike(screen: io.StringIO) -> None:
    folder = Path(os.sep, "photos")
    deep = ("a long folder name",) * 6
    kept = member(folder.joinpath("x", *deep, "a.jpg"))
    print_report(report(Group("g", (kept, member(folder.joinpath("y", *deep, "a.jpg"), Verdict.SAME)))))
    lines = screen.getvalue().splitlines()
    end = os.path.join("…", "a long folder name", "a long folder name", "a.jpg")
    assert [line[:14] for line in lines if line.endswith(end)] == ["  keep       x", "  same       y"]
    assert all(cell_len(line) <= 80 for line in lines)
    middle = [folder.joinpath("x", *deep[:3], which, *deep[:3], "a.jpg") for which in "pq"]
    copies = [member(path, Verdict.SAME) for path in middle]
    print_report(report(Group("g", (member(folder / "z.jpg"), *copies))))
    for which in "pq":
        assert f"{os.sep}{which}{os.sep}" in screen.getvalue()


@settings(suppress_health_check=[HealthCheck.function_scoped_fixture], deadline=None)
@given(st.lists(names, min_size=2, max_size=6, unique=True), st.text(max_size=30))
@pytest.mark.slow
def test_no_name_acts_on_the_terminal(screen: io.StringIO, files: list[str], reason: str) -> None:
    screen.seek(0)
    screen.truncate()
    folder = Path(os.sep, "photos")
    kept, *others = [folder / f"{number}{name}" for number, name in enumerate(files)]
    members = (member(kept), *(member(path, Verdict.SAME, reason) for path in others))
    print_report(report(Group("g", members)))
    shown = screen.getvalue()
    assert [char for char in shown if char in CONTROLS and char != "\n"] == []
    for number in range(len(files)):
        assert f" {number}" in shown
    shown.encode()


@pytest.mark.slow
def test_the_sample_pictures_fit_into_80_columns(screen: io.StringIO) -> None:
    found = report(*sample_groups())
    print_report(found)
    lines = screen.getvalue().splitlines()
    assert all(cell_len(line) <= 80 for line in lines)
    for each in found.groups:
        for one in each.members:
            assert printable(one.path.name) in screen.getvalue()


@pytest.mark.parametrize("name", ["b.jpg", "a name that leaves no room beside it, at all.jpg"])
def test_a_long_reason_goes_on_below(screen: io.StringIO, name: str) -> None:
    reason = (
        "full frame, scaled 0.80, rotated 90° counterclockwise, brighter by 0.6 EV, contrast −23 %, "
        "in shades of one color, 12 % drawn over at the lower right"
    )
    folder = Path(os.sep, "photos")
    print_report(report(Group("g", (member(folder / "a.jpg"), copy(str(folder / name), reason)))))
    lines = screen.getvalue().splitlines()
    assert all(cell_len(line) <= 80 for line in lines)
    assert reason in " ".join(" ".join(lines).split())
    assert not any(line.endswith((" 12", "−23")) for line in lines), "a number apart from its sign"


def test_why_and_what_belongs_to_it_goes_on_below(
    screen: io.StringIO, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A terminal would break the line within a word."""
    monkeypatch.setattr("visualsearch_cli.cli.output.dupes_table.settings.verbose", True)
    why = (
        "companions: nothing beside it (kept: a film and 1 kind of sidecars beside it, with much more to say)"
    )
    folder = Path(os.sep, "photos/in a folder with a long name and with many words in it")
    beside = (Companion(folder / "between others of its kind/a.jpg.xmp"),)
    copy = replace(member(folder / "b.jpg", Verdict.SAME), why=why, companions=beside)
    print_report(report(Group("9c1f00aa", (replace(member("/photos/a.jpg"), why=why), copy))))
    lines = screen.getvalue().splitlines()
    assert max(cell_len(line) for line in lines) <= 80
    text = " ".join(" ".join(line.split()) for line in lines)
    assert text.count(why) == 2 and str(beside[0].path.relative_to("/photos")) in text


def test_totals_count_each_file_once() -> None:
    found: Report = report(group(), group())
    numbers = totals(found)
    assert (numbers.groups, numbers.files) == (2, 8)
    assert (numbers.removable, numbers.protected, numbers.similar) == (2, 2, 2)
    assert numbers.reclaimable == sum(each.bytes_reclaimable for each in found.groups)
