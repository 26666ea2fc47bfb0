"""What an index teaches a model: which pictures belong together, or along which axes they differ."""

from __future__ import annotations

from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Literal

from visualsearch_cli.for_programs.arguments import MESSAGES, AnyPath, OnProgress, Steps, absolute
from visualsearch_cli.for_programs.opened_index import OpenedIndex
from visualsearch_cli.for_programs.returned import Adapted, Shortened

if TYPE_CHECKING:
    from visualsearch_cli.embedders.projection import Projection
    from visualsearch_cli.index.folder import IndexFolder
    from visualsearch_cli.learning.adapting import Outcome
    from visualsearch_cli.reports.report import Report


class TaughtIndex(OpenedIndex):
    """An index that models are made from."""

    def adapt(
        self,
        file: AnyPath,
        *,
        groups: Report | AnyPath | None = None,
        loss: Literal["triplet", "pn", "multi-similarity", "circle"] = "triplet",
        dim: int | None = None,
        into: AnyPath | None = None,
        progress: OnProgress = None,
    ) -> Adapted:
        """Learn which pictures belong together, and write a model of it to a file: a projection of vectors.
        Returns what it is worth on labels that were held back.

        dim: how many values a projected vector has; None: 128, or as many as there are.
        groups: learn from the groups of such a report, of `duplicates` or in a file of `visualsearch dupes
            --report`; None: from the labels of the index.
        into: a folder in which an index of that model is made, without embedding a picture again.

        Raises VisualSearchError, and writes nothing, if it finds pictures of unseen labels no better, if
        there are too few labels or values, or if there is an index already; OutputRefused if another file is
        there.
        """
        from visualsearch_cli.learning.adapting import adapt
        from visualsearch_cli.learning.classes import by_groups, by_labels, parted
        from visualsearch_cli.learning.descent import Settings
        from visualsearch_cli.learning.losses import LOSSES
        from visualsearch_cli.learning.making import make_model
        from visualsearch_cli.reports.report import Report
        from visualsearch_cli.reports.report_json import report_in

        if loss not in LOSSES or (dim is not None and dim < 2):
            raise ValueError(
                f"loss is {loss!r}, dim {dim}: expected one of {', '.join(LOSSES)}, and 2 or more"
            )
        index, path, steps = self._meant, Path(absolute(file)), Steps(progress)

        def learned() -> tuple[Projection, Outcome]:
            if groups is None:
                classed = by_labels(index)
            else:
                report = groups if isinstance(groups, Report) else report_in(Path(absolute(groups)))
                classed = by_groups(index, report)
            return adapt(parted(classed), Settings(loss, dim), steps)

        outcome, _ = make_model(index, path, _folder(into), learned, steps, MESSAGES)
        return Adapted(path, outcome.pictures, outcome.before, outcome.after, outcome.chance)

    def shorten(
        self,
        file: AnyPath,
        *,
        dim: int = 128,
        whiten: bool = False,
        into: AnyPath | None = None,
        progress: OnProgress = None,
    ) -> Shortened:
        """Find the `dim` axes along which the pictures of the index differ most (PCA), without labels, and
        write a model of it to a file: its vectors are those along these axes. If it is to `whiten`, all of
        them count alike.

        into: a folder in which an index of that model is made, without embedding a picture again.

        Raises VisualSearchError, and writes nothing, if vectors are no longer than that, if pictures are
        too few, or if there is an index already; OutputRefused if another file is there.
        """
        from visualsearch_cli.learning.components import components_of
        from visualsearch_cli.learning.making import make_model

        if dim < 2:
            raise ValueError(f"dim is {dim}, expected 2 or more")
        index, path, steps = self._meant, Path(absolute(file)), Steps(progress)
        components = partial(components_of, index, dim, whiten=whiten)
        kept, _ = make_model(index, path, _folder(into), components, steps, MESSAGES)
        return Shortened(path, kept.pictures, kept.variance, kept.neighbors)


def _folder(into: AnyPath | None) -> IndexFolder | None:
    from visualsearch_cli.index.folder import IndexFolder

    return None if into is None else IndexFolder(Path(absolute(into)))
