"""What a program says of the pictures of an index, and what others are then called."""

from __future__ import annotations

import os
from collections.abc import Iterable, Sequence
from pathlib import Path
from typing import TYPE_CHECKING

from visualsearch_cli.for_programs.arguments import (
    MESSAGES,
    AnyPath,
    Steps,
    absolute,
    all_absolute,
    distance,
    label_named,
    positive,
    unit_vector,
)
from visualsearch_cli.for_programs.opened_index import OpenedIndex
from visualsearch_cli.for_programs.returned import Evaluated, Labelled
from visualsearch_cli.index.open import open_labels

if TYPE_CHECKING:
    import numpy as np
    import numpy.typing as npt

    from visualsearch_cli.pictures.image import SkippedImage
    from visualsearch_cli.search.labelling import Cutoff, Matched


class LabelledIndex(OpenedIndex):
    """An index whose pictures have labels."""

    def label(self, paths: AnyPath | Iterable[AnyPath], name: str) -> int:
        """Give pictures, and those in folders, a label. It belongs to what is in the files, and is kept in
        the index. Returns how many distinct pictures are new to it.

        Raises ImageError if a picture cannot be read, IndexLocked if another process writes to the index.
        """
        return open_labels(self._opened.folder, messages=MESSAGES).add(self._each_with(paths, name))

    def unlabel(self, paths: AnyPath | Iterable[AnyPath], name: str) -> int:
        """Take a label away from pictures, and from those in folders. Returns how many distinct ones had it.

        Raises what `label` does.
        """
        return open_labels(self._opened.folder, messages=MESSAGES).remove(self._each_with(paths, name))

    def forget_label(self, name: str) -> int:
        """Take a label away from all pictures. Returns how many had it.

        Raises IndexLocked if another process writes to the index.
        """
        return open_labels(self._opened.folder, messages=MESSAGES).forget(label_named(name))

    def label_by_folders(self, folders: AnyPath | Iterable[AnyPath], *, remove: bool = False) -> Labelled:
        """Give the pictures of folders the names of the subfolders that they are in as labels, as
        `visualsearch label --folders` does; or take these away.

        Raises VisualSearchError for what is no folder, or has no pictures in subfolders, IndexLocked if
        another process writes to the index.
        """
        from visualsearch_cli.search.naming import labels_of_subfolders

        unfit: list[SkippedImage] = []
        return self._labelled(labels_of_subfolders(all_absolute(folders), unfit), unfit, remove=remove)

    def label_by_table(self, table: AnyPath, *, remove: bool = False) -> Labelled:
        """Give pictures labels as a CSV file with the columns file and label says, as `visualsearch label
        --csv` does; or take these away. Names of files are relative to it.

        Raises VisualSearchError, and gives none, if it is no such table, IndexLocked if another process
        writes to the index.
        """
        from visualsearch_cli.search.naming import labels_in

        return self._labelled(labels_in(Path(absolute(table)), MESSAGES), remove=remove)

    def _each_with(self, paths: AnyPath | Iterable[AnyPath], name: str) -> dict[str, list[str]]:
        """Map the contents of files, and of those in folders, by their hashes to a label."""
        from visualsearch_cli.errors import ImageUnreadable
        from visualsearch_cli.indexing.scanner import Scanner
        from visualsearch_cli.search.naming import hash_at

        label, places = label_named(name), all_absolute(paths)
        for place in places:
            if not os.path.exists(place):
                raise ImageUnreadable(f"{place} is not there")
        files = [file.path for place in places for file in Scanner().files(place)]
        return {hash_at(path, self._opened.catalog): [label] for path in files}

    def _labelled(
        self, files: Iterable[tuple[str, str]], unfit: Sequence[SkippedImage] = (), *, remove: bool
    ) -> Labelled:
        from visualsearch_cli.search.naming import give_labels

        index = self._opened
        given = give_labels(files, index.catalog, index.folder, MESSAGES, remove=remove)
        return Labelled(given.labels, given.pictures, given.strangers, (*unfit, *given.skipped))

    @property
    def labels(self) -> dict[str, int]:
        """The labels there are, and how many distinct pictures have each."""
        return self._opened.catalog.labels()

    def match(
        self,
        queries: AnyPath | Iterable[AnyPath] | npt.NDArray[np.float32],
        *,
        max_distance: float | None = None,
        k: int = 5,
    ) -> tuple[Matched, ...]:
        """Return for each picture, or row of vectors (n, dim), the label that its k nearest labelled pictures
        vote for; None if none is near enough. A file with the same bytes as a labelled one has its label.

        max_distance: how near that is; None: what `calibrate` returns.

        Raises VisualSearchError if no picture has a label, or nobody knows how near; ImageError if a picture
        cannot be read; ValueError if a vector is of another length, or has no direction.
        """
        import numpy as np

        from visualsearch_cli.pictures.orientations import Transforms
        from visualsearch_cli.search.naming import Matching
        from visualsearch_cli.search.queries import QueryReader

        index = self._meant
        matching = Matching(index, distance(max_distance), positive(k))
        if isinstance(queries, np.ndarray):
            model = index.catalog.manifest().model
            return tuple(matching.of(unit_vector(row, model)) for row in np.atleast_2d(queries))
        reader = QueryReader(index.catalog, index.embedder, index.reader, Transforms.NONE)
        found = [reader.read(Path(path)) for path in all_absolute(queries)]
        return tuple(matching.of(query.vectors[0], query.content_hash or "") for query in found)

    def calibrate(self) -> Cutoff | None:
        """Return the distance up to which the label of the nearest picture is best taken over, learned from
        the labels of the index, and how right it is. None: no two pictures share a label.

        Raises VisualSearchError if no picture has a label.
        """
        from visualsearch_cli.search.labelling import calibrated_cutoff
        from visualsearch_cli.search.naming import named_in

        named = named_in(self._meant)
        return calibrated_cutoff(named.vectors, named.names)

    def evaluate(self, k: int | Iterable[int] = 10) -> Evaluated:
        """Return how well the pictures of the index that have just one label find each other.

        k: at how many neighbors to measure, one number or several.

        Raises VisualSearchError if no picture has a label, ValueError if no two of them share one.
        """
        import numpy as np

        from visualsearch_cli.evaluation.classification import classify
        from visualsearch_cli.evaluation.evaluation import evaluate
        from visualsearch_cli.search.naming import named_in

        ks = sorted({positive(each) for each in ([k] if isinstance(k, int) else k)})
        named = named_in(self._meant)
        rows = [row for row, names in enumerate(named.names) if len(names) == 1]
        names = [named.names[row][0] for row in rows]
        oriented = named.vectors[rows][:, np.newaxis]
        contents = np.arange(len(rows))
        numbers = {name: number for number, name in enumerate(sorted(set(names)))}
        groups = np.array([numbers[name] for name in names])
        steps = Steps(None)
        overall = evaluate(oriented, contents, groups, names, ks, steps).overall
        told = classify(oriented, contents, names, steps)
        return Evaluated(
            len(rows),
            overall.hit_at_1,
            overall.mean_average_precision,
            told.accuracy,
            tuple(its.name for its in told.classes),
            tuple(its.precision for its in told.classes),
            tuple(its.recall for its in told.classes),
            np.array(told.confusion),
            overall.at,
        )
