"""Labels for pictures of an index, and for others: who is given one, and which one fits."""

from __future__ import annotations

import csv
import os
from collections.abc import Iterable, Iterator, Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING

from visualsearch_cli.errors import ImageError, VisualSearchError
from visualsearch_cli.index.open import calibration_of, open_labels
from visualsearch_cli.index.roots import key_of
from visualsearch_cli.named_tuples import NamedTuple
from visualsearch_cli.pictures.image import SkippedImage, is_as_indexed
from visualsearch_cli.pictures.reading import read_file
from visualsearch_cli.wording import checked_text, counted, is_text, typed

if TYPE_CHECKING:
    from visualsearch_cli.index.catalog import Catalog
    from visualsearch_cli.index.folder import IndexFolder
    from visualsearch_cli.index.open import OpenIndex
    from visualsearch_cli.progress import Messages
    from visualsearch_cli.search.labelling import Cutoff, Matched
    from visualsearch_cli.vectors.index import Embeddings


_NO_LABEL = "its name is not UTF-8, and cannot be a label: rename the folder, or label it by a name"


class NoLabels(VisualSearchError):
    """No picture of the index has a label."""


def hash_at(path: str, catalog: Catalog) -> str:
    """Return the content hash of a file: that of the index, if the file is as it was indexed.

    Raises ImageError if it cannot be read.
    """
    key = key_of(path, catalog.roots())
    record = None if key is None else catalog.image(key)
    if record is not None and is_as_indexed(record):
        return record.content_hash
    try:
        return read_file(path).content_hash.hex()
    except ImageError as error:
        raise type(error)(f"{path}: {error}") from error


def labels_in(table: Path, messages: Messages) -> Iterator[tuple[str, str]]:
    """Yield files, as absolute paths, and their labels from a CSV file with the columns file and label. Names
    of files are relative to it. Of other columns it is said that they are left out.

    Raises VisualSearchError if it is none, a line is empty or longer than the first, or a label is no text.
    """
    try:
        with table.open(encoding="utf-8-sig", errors="surrogateescape", newline="") as stream:
            rows = csv.DictReader(stream, restval="")
            columns = list(rows.fieldnames or ())
            if not {"file", "label"} <= set(columns):
                found = ", ".join(columns) or "(none)"
                raise VisualSearchError(f"{table} has the columns {found}, expected file and label")
            if others := [name or "(no name)" for name in columns if name not in ("file", "label")]:
                messages.note(
                    f"{table}: labels come from the column label alone, not from {', '.join(others)}"
                )
            for row in rows:
                if None in row:
                    raise VisualSearchError(
                        f"{table}, line {rows.line_num}: more values than the first line has columns: put "
                        "what has a comma in it in double quotes"
                    )
                if not row["file"] or not row["label"].strip():
                    raise VisualSearchError(
                        f"{table}, line {rows.line_num}: file or label is empty: name both"
                    )
                label = row["label"].strip()
                try:
                    checked_text(label, "the label")
                except ValueError as error:
                    raise VisualSearchError(f"{table}, line {rows.line_num}: {error}") from error
                yield os.path.abspath(os.path.join(table.parent, row["file"])), label
    except OSError as error:
        raise VisualSearchError(f"{table} cannot be read: {error.strerror or error}") from error
    except csv.Error as error:
        raise VisualSearchError(f"{table} is not a CSV file: {error}") from error


def labels_of_subfolders(folders: Iterable[str], skipped: list[SkippedImage]) -> Iterator[tuple[str, str]]:
    """Yield the pictures of folders, at absolute paths, each with the name of the subfolder that it is in.
    Subfolders whose names are no text cannot be labels: they are added to `skipped`.

    Raises VisualSearchError for what is no folder, and for a folder without pictures in subfolders.
    """
    from visualsearch_cli.indexing.scanner import Scanner

    for folder in folders:
        if not os.path.isdir(folder):
            raise VisualSearchError(f"{folder} is not a folder: name one whose subfolders are labels")
        unfit: set[str] = set()
        is_label = False
        for file in Scanner().files(folder):
            inner = os.path.relpath(file.path, folder).split(os.sep)
            if len(inner) < 2:
                continue
            if is_text(inner[0]):
                yield file.path, inner[0]
            elif inner[0] not in unfit:
                unfit.add(inner[0])
                skipped.append(SkippedImage(os.path.join(folder, inner[0]), _NO_LABEL))
            is_label = True
        if not is_label:
            raise VisualSearchError(
                f"{folder} has no subfolder with pictures in it, and their names are the labels: to give its "
                f"pictures one, run `visualsearch label {typed(folder)} NAME`"
            )


class Given(NamedTuple):
    """What came of labels that were given to pictures, or taken away from them."""

    labels: int  # that are new, or are no more
    pictures: int  # distinct ones that were named
    strangers: int  # of them, that the index does not know
    skipped: Sequence[SkippedImage]  # files that cannot be read


def give_labels(
    files: Iterable[tuple[str, str]],
    catalog: Catalog,
    folder: IndexFolder,
    messages: Messages,
    *,
    remove: bool = False,
) -> Given:
    """Give the contents of files, at absolute paths, their labels, or take these away.

    Raises IndexLocked if another process writes to the index.
    """
    wanted, skipped = _by_content(files, catalog)
    strangers = sum(not catalog.has_content(bytes.fromhex(content)) for content in wanted)
    labels = open_labels(folder, messages=messages)
    changed = labels.remove(wanted) if remove else labels.add(wanted)
    return Given(changed, len(wanted), strangers, skipped)


def _by_content(
    files: Iterable[tuple[str, str]], catalog: Catalog
) -> tuple[dict[str, set[str]], list[SkippedImage]]:
    """Return the labels of contents by their hashes, and the files that cannot be read."""
    labels: dict[str, set[str]] = {}
    skipped: list[SkippedImage] = []
    for path, label in files:
        try:
            labels.setdefault(hash_at(path, catalog), set()).add(label)
        except ImageError as error:
            skipped.append(SkippedImage(path, str(error).removeprefix(f"{path}: ")))
    return labels, skipped


class Named(NamedTuple):
    """The pictures of an index that have labels, all that is needed of them."""

    hashes: Sequence[str]  # (n,), of contents
    vectors: Embeddings  # (n, dim)
    names: Sequence[Sequence[str]]  # (n,)
    by_content: Mapping[str, Sequence[str]]  # also of contents that the index does not know


class Matching:
    """Finds labels for pictures."""

    def __init__(self, index: OpenIndex, max_distance: float | None = None, k: int | None = None) -> None:
        """`max_distance` is how far a neighbor may be to have a say; None: what is best for the labels that
        are known, else what is similar to the model. `k` neighbors have one.

        Raises NoLabels if there are none, and VisualSearchError if nobody knows how far.
        """
        from visualsearch_cli.search.labelling import NEIGHBORS, calibrated_cutoff

        self.named = named_in(index)
        self.k = k or NEIGHBORS
        self.cutoff: Cutoff | None = None
        if max_distance is None:
            self.cutoff = calibrated_cutoff(self.named.vectors, self.named.names)
            levels = calibration_of(index.catalog.manifest())
            if self.cutoff is not None:
                max_distance = self.cutoff.distance
            elif levels is not None:
                max_distance = levels.similar
            else:
                raise VisualSearchError(
                    "no two pictures have one label, so nobody knows how far pictures of one may be: label "
                    "more, run `visualsearch calibrate`, or say it with --max-distance"
                )
        self.max_distance = max_distance

    def of(self, vector: Embeddings, content_hash: str = "") -> Matched:
        """Return the label for a unit vector, shape (dim,). A content of that hash which has labels needs no
        neighbors: they hold for every copy of it.
        """
        import numpy as np

        from visualsearch_cli.search.labelling import vote

        named = self.named
        if own := named.by_content.get(content_hash):
            return vote([0.0], [own], 0.0)
        distances = np.round(1 - (named.vectors @ vector).astype(np.float64), 6)
        order = np.argsort(distances, kind="stable")[: self.k].tolist()
        return vote(
            [float(distances[row]) for row in order], [named.names[row] for row in order], self.max_distance
        )


def named_in(index: OpenIndex) -> Named:
    """Return the pictures of an index that have labels.

    Raises NoLabels if there are none.
    """
    import numpy as np

    labels: Mapping[str, Sequence[str]] = open_labels(index.folder).of_contents()
    catalog = index.catalog
    ids = {
        id: content_hash
        for content_hash in labels
        if (id := catalog.content_id(bytes.fromhex(content_hash))) is not None
    }
    vectors = catalog.vectors_of(ids)
    if labels and not vectors:
        raise NoLabels(
            f"{index.folder.path} knows labels of {counted(len(labels), 'picture')}, and none of these "
            "is in it any more, or yet: `visualsearch index` takes in what is there"
        )
    if not vectors:
        raise NoLabels(
            f"no picture in {index.folder.path} has a label: give some with `visualsearch label PATH... NAME`"
        )
    hashes = [ids[id] for id in vectors]
    if missing := len(labels) - len(hashes):
        index.messages.note(
            f"not compared with {counted(missing, 'picture')} with a label, of which the index has no "
            "vector: `visualsearch index` takes in what is there"
        )
    names = [labels[content_hash] for content_hash in hashes]
    return Named(hashes, np.array(list(vectors.values())), names, labels)
