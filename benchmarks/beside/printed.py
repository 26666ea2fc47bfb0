"""The numbers that a benchmark printed, each with the words around it, by which another version has it too.

Benchmarks print for people: lines such as `index: 5.2 s of CPU, 147 MB`, and tables in Markdown. A line with
its numbers left out is what two versions have in common, and so are the names of a row and of a column.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Literal, NamedTuple

from benchmarks.beside.ratios import Measured

Kind = Literal["time", "memory", ""]

UNITS: dict[str, tuple[Kind, float]] = {
    **{"ns": ("time", 1e-9), "µs": ("time", 1e-6), "us": ("time", 1e-6), "ms": ("time", 1e-3)},
    **{"s": ("time", 1.0), "min": ("time", 60.0), "h": ("time", 3600.0)},
    **{"bytes": ("memory", 1.0), "kB": ("memory", 1e3), "MB": ("memory", 1e6), "GB": ("memory", 1e9)},
    **{"KiB": ("memory", 2.0**10), "MiB": ("memory", 2.0**20), "GiB": ("memory", 2.0**30)},
}
# Digits that are part of a word (recall@10, crop50, ViT-B-32, n^1.2, 1/8) or of a version are no figure.
NUMBER = re.compile(
    r"(?<![\w.,^@/+-])(?P<digits>-?(?:\d{1,3}(?:,\d{3})+|\d+)(?P<decimals>\.\d+)?)(?P<power>e[-+]?\d+)?"
    rf"(?:\s?(?P<unit>{'|'.join(UNITS)}))?(?![.,]?\w|[\^@])"
)
FOLDERS = re.compile(r"(?<![\w.])/(?:[^\s/]+/)+")  # temporary ones have another name each time


@dataclass(frozen=True, slots=True)
class Number:
    """A number as it was printed."""

    measured: Measured
    kind: Kind
    whole: bool  # has neither decimals nor a unit: likely a count
    text: str


@dataclass(frozen=True, slots=True)
class Text:
    """Words, and the numbers between them: one piece of words more than numbers."""

    words: tuple[str, ...]
    numbers: tuple[Number, ...] = ()


@dataclass(frozen=True, slots=True)
class Statement:
    """A line, or a cell of a table, with what it stands under and what it is about."""

    heading: Text
    subject: Text
    says: Text
    in_table: bool = False

    @property
    def numbers(self) -> tuple[Number, ...]:
        """Its own numbers: those of the heading belong to the heading's own line."""
        return self.subject.numbers + self.says.numbers

    @property
    def words(self) -> tuple[tuple[str, ...], ...]:
        """All but the numbers."""
        return self.heading.words, self.subject.words, self.says.words


class Key(NamedTuple):
    """What a statement is known by in the outputs of both versions."""

    words: tuple[tuple[str, ...], ...]
    before: int  # statements of the same words


def statements(text: str) -> dict[Key, Statement]:
    """Return all that a benchmark stated with numbers, in its order."""
    found: dict[Key, Statement] = {}
    seen: Counter[tuple[tuple[str, ...], ...]] = Counter()
    for statement in _read(text.splitlines()):
        if statement.numbers:
            words = statement.words
            found[Key(words, seen[words])] = statement
            seen[words] += 1
    return found


def _read(lines: list[str]) -> Iterator[Statement]:
    """Yield lines and cells. They stand under the last line that is not indented and no sentence."""
    heading = part = ""
    columns: list[str] = []
    for number, line in enumerate(lines):
        if line.startswith("|"):
            cells = [cell.strip() for cell in line.strip().strip("|").split("|")]
            following = lines[number + 1] if number + 1 < len(lines) else ""
            if re.match(r"\|\s*:?-+", following):
                columns = cells
            elif columns and not re.match(r"\|\s*:?-+", line):
                yield from _cells(columns, cells, heading)
            continue
        columns = []
        shown = FOLDERS.sub("", " ".join(line.split()))
        if not shown or shown.startswith("<!--"):
            continue
        if not line[0].isspace():
            if not shown.endswith("."):
                heading, part = shown.lstrip("# ").rstrip(":"), ""
            yield _line(shown, "")
        elif shown.endswith(":") and not NUMBER.search(shown):
            part = shown.rstrip(":")
        else:
            yield _line(shown, ", ".join(filter(None, (heading, part))))


def _line(line: str, heading: str) -> Statement:
    subject, colon, says = line.partition(": ")
    if not colon:
        first = NUMBER.search(line)
        start = first.start() if first else len(line)
        subject, says = line[:start].rstrip(", "), line[start:]
    return Statement(_text(heading), _text(subject), _text(says.rstrip(":")))


def _cells(columns: list[str], cells: list[str], heading: str) -> Iterator[Statement]:
    """Yield what the cells of a row say. Its name is kept as it is: sizes in it are no figures."""
    for column, cell in zip(columns[1:], cells[1:], strict=False):
        names = ", ".join(filter(None, (cells[0], column)))
        title = ", ".join(filter(None, (heading, columns[0])))
        yield Statement(_text(title), Text((names,)), _text(cell.replace("**", "")), in_table=True)


def _text(line: str) -> Text:
    words: list[str] = []
    numbers: list[Number] = []
    end = 0
    for match in NUMBER.finditer(line):
        words.append(line[end : match.start()])
        numbers.append(_number(match))
        end = match.end()
    return Text((*words, line[end:]), tuple(numbers))


def _number(match: re.Match[str]) -> Number:
    kind, scale = UNITS[match["unit"]] if match["unit"] else ("", 1.0)
    decimals = len(match["decimals"] or ".") - 1
    power = scale * 10.0 ** int((match["power"] or "e0")[1:])
    value = float(match["digits"].replace(",", "")) * power
    whole = not (match["decimals"] or match["power"] or match["unit"])
    return Number(Measured(value, power * 10.0**-decimals / 2), kind, whole, match[0])
