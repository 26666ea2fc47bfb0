"""The two files that `dupes` writes, and how each is known again before another takes its place."""

from __future__ import annotations

from typing import BinaryIO

from visualsearch_cli.atomic import HEAD, OutputKind, json_that_begins_with
from visualsearch_cli.reports.report import SCHEMA

GENERATOR = '<meta name="generator" content="visualsearch dupes">'
"""What marks a page as ours; it stands at the beginning of the template."""

# How pages began before they had the mark.
_POLICY = b"default-src 'none'; style-src 'unsafe-inline'; img-src data:; base-uri 'none'; form-action 'none'"
_TITLE = b" of duplicates</title>"


def is_page(stream: BinaryIO) -> bool:
    """Tell whether a file is a page that `dupes --html` wrote, by its beginning."""
    head = stream.read(HEAD)
    return GENERATOR.encode("ascii") in head or (_POLICY in head and _TITLE in head)


REPORT = OutputKind(
    "a report that `visualsearch dupes` wrote", json_that_begins_with(SCHEMA.rpartition("/")[0])
)
PAGE = OutputKind("a page that `visualsearch dupes --html` wrote", is_page)
