"""Numbers are found in what benchmarks print, with the words by which another version has them too."""

from __future__ import annotations

import pytest

from benchmarks.beside.printed import Statement, statements

SPEED = """\
unchanged, 100000 files (tree):
           find:    0.29 s of CPU,    0.30 s by the clock,   16 MB; 0.50 and 0.51 of find + python
  find + python:    0.31 s of CPU,    0.32 s by the clock,   16 MB; 1.00 and 1.00 of find + python
unchanged, 100000 files (flat):
           find:    0.32 s of CPU,    0.33 s by the clock,   16 MB; 0.50 and 0.51 of find + python
120 large files of 2.71 MB, 2 cores; in brackets: processes
  bare decode:    3.70 s of CPU,    3.80 s by the clock,   30 MB; 1.00 and 1.00 of bare decode
  the same, as multiples of indexing:
  bare decode:    3.70 s of CPU,    3.80 s by the clock,   30 MB; 0.72 and 1.08 of index
"""
SCALE = """\
10,000: catalog, 12 s

| CPU seconds | 10,000 | 100,000 | grows as |
|---|---|---|---|
| append 1,000 | 57.2 ms | 1.01 s | n^0.40 |
| append 100 | 496 ms | – | – |

An append of more than 1,000 vectors goes into the graph.

| bytes | 10,000 |
|---|---|
| disk: block | **11.7 MB** (mapped) |
"""


def found(text: str) -> list[tuple[str, str, str, list[float]]]:
    def words(statement: Statement) -> list[str]:
        return ["#".join(part) for part in statement.words]

    return [
        (*words(statement), [number.measured.value for number in statement.numbers])  # type: ignore[misc]
        for statement in statements(text).values()
    ]


def test_lines_stand_under_what_is_not_indented() -> None:
    said = found(SPEED)
    assert said[0] == ("", "unchanged", "# files (tree)", [100_000])
    line = "# of CPU, # by the clock, #; # and # of find + python"
    tree = "unchanged, # files (tree)"
    assert said[1] == (tree, "find", line, [0.29, 0.30, 16e6, 0.50, 0.51])
    assert [heading for heading, subject, _, _ in said if subject == "find"] == [
        tree,
        "unchanged, # files (flat)",
    ]
    assert (
        said[-1][0]
        == "# large files of #, # cores; in brackets: processes, the same, as multiples of indexing"
    )


def test_a_cell_is_known_by_its_row_its_column_and_its_table() -> None:
    assert found(SCALE) == [
        ("", "#", "catalog, #", [10_000, 12]),
        ("#: catalog, #, CPU seconds", "append 1,000, 10,000", "#", [pytest.approx(0.0572)]),
        ("#: catalog, #, CPU seconds", "append 1,000, 100,000", "#", [1.01]),
        ("#: catalog, #, CPU seconds", "append 100, 10,000", "#", [pytest.approx(0.496)]),
        ("", "An append of more than", "# vectors goes into the graph.", [1000]),
        ("#: catalog, #, bytes", "disk: block, 10,000", "# (mapped)", [pytest.approx(11.7e6)]),
    ]


def test_lines_of_the_same_words_are_told_apart_by_their_order() -> None:
    first, second = statements("10,000: build, 3 s\n100,000: build, 90 s\n")
    assert (first.words, first.before, second.before) == (second.words, 0, 1)


@pytest.mark.parametrize(
    ("text", "value", "half", "kind", "whole"),
    [
        ("1,234", 1234, 0.5, "", True),
        ("0.630", 0.63, 0.0005, "", False),
        ("217 ms", 0.217, 0.0005, "time", False),
        ("2.5 h", 9000, 180, "time", False),
        ("1.2e+03 s", 1200, 50, "time", False),
        ("2e-7", 2e-7, 0.5e-7, "", False),
        ("147 MB", 147e6, 0.5e6, "memory", False),
        ("1.5 GB", 1.5e9, 0.05e9, "memory", False),
        ("-4.1", -4.1, 0.05, "", False),
    ],
)
def test_numbers(text: str, value: float, half: float, kind: str, whole: bool) -> None:
    (statement,) = statements(f"figure: {text}").values()
    (number,) = statement.numbers
    assert number.measured.value == pytest.approx(value)
    assert number.measured.half == pytest.approx(half)
    assert (number.kind, number.whole, number.text) == (kind, whole, text)


@pytest.mark.parametrize(
    "words", ["recall@10", "crop50", "ViT-B-32", "n^1.20", "of version 0.1.0", "IMG_00012.jpg", "3x4"]
)
def test_digits_in_words_are_no_figures(words: str) -> None:
    assert not statements(f"figure of {words}")


def test_the_names_of_temporary_folders_do_not_count() -> None:
    first, second = (statements(f"60 files in /tmp/{name}/photos") for name in ("dupes-3l6", "dupes-9_7"))
    assert first.keys() == second.keys()
