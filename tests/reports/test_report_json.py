"""A report survives its way through JSON; what is no report is refused by name."""

from __future__ import annotations

import json
import os
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from visualsearch_cli.errors import ReportInvalid
from visualsearch_cli.pictures.image import SkippedImage
from visualsearch_cli.reports.report import Companion, Group, Member, Report, is_removable, totals
from visualsearch_cli.reports.report_json import read_report, report_digest, report_record
from visualsearch_cli.verdicts.evidence import Place
from visualsearch_cli.verdicts.verdict import Verdict

names = (
    st.binary(min_size=1, max_size=12)
    .map(lambda raw: "/" + os.fsdecode(raw.replace(b"\0", b"")))
    .filter(lambda path: ".." not in path.split("/"))  # which a report may not lead through
)


def member(path: str, verdict: Verdict | None, *, protected: bool = False) -> Member:
    return Member(Path(path), verdict is None, protected, verdict, 0.1, 30, 20, 1000, 5, "ab" * 32)


def report(*groups: Group) -> Report:
    skipped = (SkippedImage("/x.jpg", "truncated"),)
    return Report(
        Path("/p/.visualsearch"), "bundled", "2026-01-01", "dupes", Verdict.SAME, ("size",), groups, skipped
    )


PLACE = Place((0, 5, 30, 20), (10, 0, 11, 1))


@pytest.mark.slow
@given(names, names, st.sampled_from(Verdict), st.booleans())
def test_there_and_back(first: str, second: str, verdict: Verdict, protected: bool) -> None:
    copy = replace(member(second, verdict, protected=protected), differences=(PLACE,) * protected)
    wanted = report(Group("g1", (member(first, None), copy)))
    assert read_report(json.dumps(report_record(wanted)), "r.json") == wanted


@pytest.mark.parametrize("text", ["", "[]", "[" * 100_000, "{}", '{"schema": "visualsearch/query/1"}', "\0"])
def test_what_is_no_report_is_refused(text: str) -> None:
    with pytest.raises(ReportInvalid, match=r"r\.json"):
        read_report(text, "r.json")


def two() -> dict[str, Any]:
    return report_record(report(Group("g1", (member("/a", None), member("/b", Verdict.SAME)))))


@pytest.mark.parametrize(
    ("key", "value", "message"),
    [
        ("keep", "yes", "keep is 'yes', expected true or false"),
        ("keep", 1, "keep is 1, expected true or false"),
        ("protected", None, "protected is None"),
        ("path", "relative.jpg", "path is 'relative.jpg', expected an absolute path"),
        ("path", "/a\0.jpg", "path is '/a.x00.jpg', expected an absolute path"),
        ("path", "/\ud800.jpg", "path is '/.ud800.jpg', expected an absolute path"),
        ("path", 7, "path is 7, expected a text"),
        ("bytes", "many", "bytes is 'many', expected a whole number"),
        ("bytes", -1, "bytes is -1"),
        ("bytes", True, "bytes is True"),
        ("bytes", 2**63, f"bytes is {2**63}"),
        ("width", 1.0, "width is 1.0"),
        ("mtime_ns", None, "mtime_ns is None"),
        ("verdict", "sure", "verdict is 'sure', expected one of identical, pixels, same, edited, similar"),
        ("verdict", ["same"], r"verdict is \['same'\]"),
        ("distance", "0.1", "distance is '0.1', expected a finite number"),
        ("distance", float("nan"), "distance is nan"),
        ("content_hash", "abc", "content_hash is 'abc', expected a content hash"),
        ("content_hash", None, "content_hash is None, expected a text"),
        ("reason", 5, "reason is 5"),
        ("links", "/c", "links is '/c', expected a list"),
        ("links", ["c"], r"links\[0\] is 'c'"),
        ("companions", {}, r"companions is \{\}"),
        ("companion_files", ["/a.xmp"], r"companion_files\[0\] is '/a.xmp'"),
        ("companion_files", [{"path": "a.xmp"}], r"companion_files\[0\]\.path is 'a.xmp'"),
        ("companion_files", [{"path": "/a.xmp"}], r"companion_files\[0\]\.bytes is missing"),
        ("symlinks", ["c"], r"symlinks\[0\] is 'c'"),
        ("path", "/a/../private/.bashrc", r"path leads through '\.\.'"),
        ("links", ["/a/../b"], r"links\[0\] leads through '\.\.'"),
        ("companions", ["/.."], r"companions\[0\] leads through '\.\.'"),
        ("differences", [5], r"differences\[0\] is 5, expected a JSON object"),
        ("differences", [{"a": [0, 0, 1, 1]}], r"differences\[0\]\.b is missing"),
        ("differences", [{"a": [0, 0, 1, 1], "b": [5, 0, 5, 1]}], r"differences\[0\]\.b is \[5, 0, 5, 1\]"),
        ("size", ..., ""),
    ],
)
def test_a_member_that_is_none_is_refused(key: str, value: object, message: str) -> None:
    document = two()
    if value is ...:
        del document["groups"][0]["members"][1]["bytes"]
        message = "bytes is missing"
    else:
        document["groups"][0]["members"][1][key] = value
    with pytest.raises(ReportInvalid, match=rf"not a whole report \(groups\[0\]\.members\[1\]\.{message}"):
        read_report(json.dumps(document), "r.json")


@pytest.mark.parametrize(
    ("key", "value"),
    [
        ("index", 5),
        ("model", None),
        ("created", []),
        ("command", {}),
        ("level", "weak"),
        ("keep", "size"),
        ("keep", [1]),
        ("groups", {}),
        ("groups", [5]),
        ("groups", [{"id": 5, "members": []}]),
        ("groups", [{"id": "g", "members": []}]),
        ("groups", [{"id": "g", "members": [[]]}]),
        ("groups", [{"members": []}]),
        ("skipped", [{"path": "/x"}]),
        ("skipped", ["x"]),
    ],
)
def test_a_report_with_a_wrong_part_is_refused(key: str, value: object) -> None:
    with pytest.raises(ReportInvalid, match=rf"r\.json is not a whole report \(.*{key[0]}"):
        read_report(json.dumps({**two(), key: value}), "r.json")
    with pytest.raises(ReportInvalid, match=f"{key} is missing"):
        read_report(json.dumps({name: kept for name, kept in two().items() if name != key}), "r.json")


def test_parts_that_came_later_may_be_missing() -> None:
    document = two()
    for record in document["groups"][0]["members"]:
        for key in ("reason", "links", "companions", "differences"):
            del record[key]
    read = read_report(json.dumps(document), "r.json").groups[0].members[1]
    assert read.reason == "" and read.differences == ()


def test_companions_and_symbolic_links_come_back_and_are_missing_where_there_are_none() -> None:
    beside = Companion(Path("/b.xmp").absolute(), 5, 7, "ab" * 32, (Path("/b.png").absolute(),))
    film = Companion(Path("/b.mov").absolute(), 2**40, 7)
    copy = replace(
        member("/b", Verdict.EDITED), companions=(beside, film), symlinks=(Path("/link").absolute(),)
    )
    found = report(Group("g1", (member("/a", None), copy)))
    document = report_record(found)
    assert read_report(json.dumps(document), "r.json") == found
    kept, record = document["groups"][0]["members"]
    assert not {"companion_files", "symlinks"} & kept.keys()
    assert record["companions"] == [str(beside.path), str(film.path)], "as earlier versions read them"
    del record["companion_files"]
    read = read_report(json.dumps(document), "r.json").groups[0].members[1]
    assert read.companions == (Companion(beside.path), Companion(film.path)), "as they wrote them"


def test_a_companion_frees_its_bytes_with_the_last_of_its_pictures() -> None:
    shared = Companion(Path("/b.xmp"), 10, 7, "", (Path("/b.png"),))
    first = replace(member("/b.jpg", Verdict.SAME), companions=(shared,))
    other = replace(
        member("/b.png", Verdict.SAME), companions=(replace(shared, shared_with=(Path("/b.jpg"),)),)
    )
    kept = member("/a.jpg", None)
    alone = Group("g", (kept, first))
    both = Group("g", (kept, first, other))
    assert alone.bytes_reclaimable == first.size
    assert both.bytes_reclaimable == first.size + other.size + 10
    theirs = Group("g", (replace(kept, companions=(shared,)), first, other))
    assert theirs.bytes_reclaimable == first.size + other.size
    assert totals(report(both, theirs)).reclaimable == both.bytes_reclaimable + theirs.bytes_reclaimable


def test_a_report_is_known_again_by_what_earlier_versions_wrote() -> None:
    """A run that was interrupted goes on in its journal, which names the report."""
    found = report(Group("g1", (member("/a", None), member("/b", Verdict.EDITED))))
    copy = replace(found.groups[0].members[1], differences=(PLACE,))
    marked = report(Group("g1", (found.groups[0].kept, copy)))
    assert report_digest(found) == report_digest(marked)
    if os.sep == "/":  # of which the digest is made
        assert report_digest(found) == "fcd8acb32e14ea0ede21420db52f63bc"
    other = report(Group("g1", (member("/a", None), member("/c", Verdict.EDITED))))
    assert report_digest(other) != report_digest(found)


@pytest.mark.parametrize("error", [AttributeError, KeyError, TypeError, ValueError, IndexError])
def test_a_bug_of_ours_is_no_damage_of_the_report(
    error: type[Exception], monkeypatch: pytest.MonkeyPatch
) -> None:
    def broken(*_: object, **__: object) -> None:
        raise error("planted")

    for place in ("Member", "Group", "_member", "Report"):
        with monkeypatch.context() as patched:
            patched.setattr(f"visualsearch_cli.reports.report_json.{place}", broken)
            with pytest.raises(error, match="planted"):
                read_report(json.dumps(two()), "r.json")


def test_a_group_begins_with_the_one_file_to_keep() -> None:
    document = two()
    document["groups"][0]["members"].reverse()
    with pytest.raises(ReportInvalid, match="g1"):
        read_report(json.dumps(document), "r.json")


def test_what_is_protected_or_merely_similar_frees_nothing() -> None:
    group = Group(
        "g1",
        (
            member("/a", None),
            member("/b", Verdict.SAME),
            member("/c", Verdict.SAME, protected=True),
            member("/d", Verdict.SIMILAR),
        ),
    )
    assert [is_removable(m) for m in group.members] == [False, True, False, False]
    assert group.bytes_reclaimable == 1000
    assert group.verdict is Verdict.SIMILAR
