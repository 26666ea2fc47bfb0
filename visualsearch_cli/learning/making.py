"""A model of its own from an index, in one go: learned, written to a file, and an index of it made."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING, TypeVar

from visualsearch_cli.atomic import check_output
from visualsearch_cli.embedders.embedder import ModelSpec
from visualsearch_cli.embedders.projection import Projection
from visualsearch_cli.errors import VisualSearchError
from visualsearch_cli.learning.adapting import KIND, Outcome, check_base, derive, save
from visualsearch_cli.learning.components import Kept
from visualsearch_cli.named_tuples import NamedTuple

if TYPE_CHECKING:
    from visualsearch_cli.index.folder import IndexFolder
    from visualsearch_cli.index.open import OpenIndex
    from visualsearch_cli.progress import Messages, Progress

Worth = TypeVar("Worth", Outcome, Kept)


class Made(NamedTuple):
    """What was written."""

    model: ModelSpec
    contents: int | None  # of the index that was made of it; None: none was


def make_model(
    index: OpenIndex,
    file: Path,
    into: IndexFolder | None,
    learned: Callable[[], tuple[Projection, Worth]],
    progress: Progress,
    messages: Messages,
) -> tuple[Worth, Made]:
    """Learn a projection of the vectors of an index, write it to a file, and make an index of that model if a
    folder is given. Returns what the projection is worth, and what was written.

    Raises VisualSearchError, and learns nothing, if no model can be made of that of the index, or there is an
    index in the folder already; OutputRefused if another file is there; and what `learned` raises, before
    anything is written.
    """
    base = index.catalog.manifest()
    check_base(base, index.folder.path)
    check_output(file, KIND)
    if into is not None and into.exists():
        raise VisualSearchError(f"{into.path} is an index already: name another folder")
    projection, worth = learned()
    model = save(file, base.model, projection, worth)
    contents = None if into is None else derive(index.catalog, model, file, into, progress, messages)
    return worth, Made(model, contents)
