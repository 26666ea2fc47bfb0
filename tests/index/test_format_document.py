"""The numbers in the documents about the index are those of the code."""

from __future__ import annotations

import pytest

from tests.helpers.places import PROJECT
from visualsearch_cli.index.block_files import HEADER, VERSION
from visualsearch_cli.index.block_rows import HEAD
from visualsearch_cli.index.committing import COMMIT_SECONDS
from visualsearch_cli.index.derived import SMALL_TAIL, STALE_SHARE, TAIL_SHARE, WORTH_WRITING
from visualsearch_cli.index.sqlite.caches import DESCRIPTOR, MOST_FINDINGS, MOST_TRAITS
from visualsearch_cli.index.sqlite.known_files import LENGTH
from visualsearch_cli.index.sqlite.migrations import APPLICATION_ID, FORMAT_VERSION
from visualsearch_cli.pictures.regions import CORNERS

FORMAT = "docs/index-format.md"


@pytest.mark.parametrize(
    ("document", "text"),
    [
        (FORMAT, f"# The index folder, format {FORMAT_VERSION}\n"),
        (FORMAT, f"\n| {FORMAT_VERSION} | 0.2.0 | "),
        ("CHANGELOG.md", f"format {FORMAT_VERSION}. Indexes of formats 1 to {FORMAT_VERSION - 1} "),
        (FORMAT, f"`application_id` {APPLICATION_ID:#x},"),
        (FORMAT, f"cache of at most {MOST_TRAITS:,} rows"),
        (FORMAT, f"cache of at most {MOST_FINDINGS:,} rows"),
        (FORMAT, f"SIFT descriptors of {DESCRIPTOR} bytes"),
        ("docs/verdicts.md", f"for at most {MOST_TRAITS:,} pictures"),
        ("docs/verdicts.md", f"at most {MOST_FINDINGS:,} pairs"),
        (FORMAT, f"`{CORNERS.name}`"),
        (FORMAT, f"a version (uint32, {VERSION}),"),
        (FORMAT, f"\n| {HEADER.size} | rows of {HEAD} + 4 × `dim` bytes"),
        (FORMAT, f"fewer than\n{WORTH_WRITING:,} vectors has no block"),
        (
            FORMAT,
            f"more than {SMALL_TAIL:,} of them and more than {TAIL_SHARE:.0%} of the graph".replace(
                "%", " %"
            ),
        ),
    ],
)
def test_documents_say_what_the_code_does(document: str, text: str) -> None:
    assert text in (PROJECT / document).read_text(encoding="utf-8")


def test_numbers_in_words_are_those_of_the_code() -> None:
    """ "about once a second", "at most a thousand files", "make up a fifth"."""
    assert (COMMIT_SECONDS, LENGTH, STALE_SHARE) == (1.0, 1000, 1 / 5)
