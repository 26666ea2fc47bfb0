"""What is known of a folder of pictures: which of them belong together, from its subfolders or a CSV file."""

from __future__ import annotations

import csv
import os
from collections import Counter
from collections.abc import Collection, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

from visualsearch_cli.errors import VisualSearchError

NO_COPIES = frozenset({"burst", "damaged", "not_an_image"})
"""Relations of rows that name an original and are no copies of it."""


class LabelError(VisualSearchError):
    """It is not known which pictures belong together."""


@dataclass(frozen=True, slots=True)
class Label:
    """Pictures of the same group are relevant to each other; a part is what figures can be broken down by."""

    group: int
    part: str | None  # the class, or the relation to the original


@dataclass(frozen=True, slots=True)
class Labels:
    """The labels of some files, in their order."""

    of_files: tuple[Label, ...]
    unused: int = 0  # files that are named, and there, but not among those that were to be labelled


def labels_by_folder(folder: str, files: Sequence[str]) -> Labels:
    """Label each file with its subfolder of `folder`, whatever lies between. All paths are absolute.

    Files directly in `folder` belong to no other.

    Raises LabelError if fewer than two subfolders hold files, or none holds two.
    """
    classes = [_class_of(folder, file) for file in files]
    named = sorted({name for name in classes if name is not None})
    numbers = {name: number for number, name in enumerate(named)}
    labels = tuple(
        Label(number if name is None else numbers[name], name)
        for number, name in enumerate(classes, start=len(named))
    )
    if len(named) < 2:
        some = f"one subfolder with pictures, {named[0]}" if named else "no subfolder with pictures"
        raise LabelError(
            f"{folder} has {some}, expected at least two: put each class into a subfolder of its own, "
            "or say what is a copy of what with --truth FILE.csv"
        )
    if not has_relevant(labels):
        raise LabelError(
            f"{folder} has {len(named)} subfolders with one picture each, expected more in at least one: "
            "pictures of a subfolder are the right answers to each other"
        )
    return Labels(labels)


def labels_by_truth(truth: Path, folder: str, files: Sequence[str]) -> Labels:
    """Label each file as a CSV file says, whose names are relative to `folder`. `files` are absolute.

    It has the columns `file` and `original` (empty: none). Files with the same original belong together,
    and with it, and so does what is said to be a copy of one of them. With a column `relation`, rows whose
    relation is one of NO_COPIES say nothing, and the relation is the part. Files it does not name belong
    to no other.

    Raises LabelError if it cannot be read, has other columns, names files that are not there, or no copy.
    """
    groups: dict[str, str] = {}
    relations: dict[str, str] = {}
    there: set[str] = set()
    missing: list[str] = []
    for line, row in _rows(truth):
        names = [row["file"], row["original"]] if row["original"] else [row["file"]]
        paths = [os.path.normpath(os.path.join(folder, name)) for name in names]
        for name, path in zip(names, paths, strict=True):
            if path in there or _exists(path):
                there.add(path)
            else:
                missing.append(f"line {line}: {name}")
        relation = row.get("relation", "")
        if relation:
            relations.setdefault(paths[0], relation)
        if len(paths) == 2 and relation not in NO_COPIES:
            groups[_first_of(groups, paths[0])] = _first_of(groups, paths[1])
    if missing:
        more = f" (and {len(missing) - 1} more)" if len(missing) > 1 else ""
        raise LabelError(
            f"{truth}, {missing[0]} is not in {folder}{more}: names are relative to the folder that is "
            "evaluated; correct them, or name another folder"
        )
    numbers: dict[str, int] = {}
    labels = tuple(
        Label(numbers.setdefault(_first_of(groups, file), len(numbers)), relations.get(file))
        for file in files
    )
    if not has_relevant(labels):
        raise LabelError(
            f"{truth} makes none of the {len(files)} pictures of {folder} a copy of another: "
            "the column `original` names the file that `file` is a copy of"
        )
    return Labels(labels, len(there.difference(files)))


def has_relevant(labels: Collection[Label]) -> bool:
    """Tell whether any two pictures belong together."""
    return any(count > 1 for count in Counter(label.group for label in labels).values())


def _class_of(folder: str, file: str) -> str | None:
    parts = os.path.relpath(file, folder).split(os.sep)
    return parts[0] if len(parts) > 1 else None


def _exists(path: str) -> bool:
    try:
        return os.path.isfile(path)
    except ValueError:  # a NUL in the name
        return False


def _first_of(groups: dict[str, str], path: str) -> str:
    """Return the file that stands for all that belong together with one."""
    while path in groups and groups[path] != path:
        path = groups[path]
    return path


def _rows(truth: Path) -> Iterator[tuple[int, dict[str, str]]]:
    """Yield the rows of a CSV file by column, with the line each ends on."""
    try:
        # Stray bytes of file names as the scanner has them; and Excel begins its files with a mark.
        with truth.open(encoding="utf-8-sig", errors="surrogateescape", newline="") as stream:
            reader = csv.DictReader(stream, restval="")
            columns = list(reader.fieldnames or ())
            if not {"file", "original"} <= set(columns):
                raise LabelError(
                    f"{truth} has the columns {', '.join(columns) or '(none)'}, expected file and original: "
                    "name them so in its first line, separated by commas"
                )
            for row in reader:
                if not row["file"]:
                    raise LabelError(
                        f"{truth}, line {reader.line_num}: the column `file` is empty: name a file"
                    )
                yield reader.line_num, row
    except OSError as error:
        raise LabelError(f"{truth} cannot be read: {error.strerror or error}: check --truth") from error
    except csv.Error as error:
        raise LabelError(f"{truth} is not a CSV file: {error}") from error
