"""A report survives its way through JSON; what is no report is refused by name."""

from __future__ import annotations

import json
import os
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from visualsearch_cli.errors import ReportInvalid
from visualsearch_cli.pictures.image import SkippedImage
from visualsearch_cli.reports.report import Group, Member, Report, is_removable
from visualsearch_cli.reports.report_json import read_report, report_record
from visualsearch_cli.verdicts.verdict import Verdict

names = st.binary(min_size=1, max_size=12).map(lambda raw: "/" + os.fsdecode(raw.replace(b"\0", b"")))


def member(path: str, verdict: Verdict | None, *, protected: bool = False) -> Member:
    return Member(Path(path), verdict is None, protected, verdict, 0.1, 30, 20, 1000, 5, "ab" * 32)


def report(*groups: Group) -> Report:
    skipped = (SkippedImage("/x.jpg", "truncated"),)
    return Report(
        Path("/p/.visualsearch"), "bundled", "2026-01-01", "dupes", Verdict.SAME, ("size",), groups, skipped
    )


@given(names, names, st.sampled_from(Verdict), st.booleans())
def test_there_and_back(first: str, second: str, verdict: Verdict, protected: bool) -> None:
    wanted = report(Group("g1", (member(first, None), member(second, verdict, protected=protected))))
    assert read_report(json.dumps(report_record(wanted)), "r.json") == wanted


@pytest.mark.parametrize("text", ["", "[]", "{}", '{"schema": "visualsearch/query/1"}', "\0"])
def test_what_is_no_report_is_refused(text: str) -> None:
    with pytest.raises(ReportInvalid, match=r"r\.json"):
        read_report(text, "r.json")


@pytest.mark.parametrize(
    ("key", "value"), [("keep", "yes"), ("path", "relative.jpg"), ("bytes", "many"), ("verdict", "sure")]
)
def test_a_member_that_is_none_is_refused(key: str, value: object) -> None:
    document = report_record(report(Group("g1", (member("/a", None), member("/b", Verdict.SAME)))))
    document["groups"][0]["members"][1][key] = value
    with pytest.raises(ReportInvalid, match="not a whole report"):
        read_report(json.dumps(document), "r.json")


def test_a_group_begins_with_the_one_file_to_keep() -> None:
    document = report_record(report(Group("g1", (member("/a", None), member("/b", Verdict.SAME)))))
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
