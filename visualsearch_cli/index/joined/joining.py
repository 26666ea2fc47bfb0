"""Open several indexes as one: the way of `dupes A B`, where A and B have indexes of their own."""

from __future__ import annotations

import tempfile
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING

from visualsearch_cli.index.folder import IndexFolder
from visualsearch_cli.index.joined.memory import memory_of
from visualsearch_cli.index.joined.merging import merge
from visualsearch_cli.index.model import ModelChoice, Use
from visualsearch_cli.index.open import OpenIndex, open_index, open_reader, open_writer, seen_for
from visualsearch_cli.progress import Messages, Progress
from visualsearch_cli.vectors.index import FULL_BITS

if TYPE_CHECKING:
    from visualsearch_cli.pictures.reader import Decoding


@contextmanager
def open_joined(
    folders: Sequence[IndexFolder],
    choice: ModelChoice,
    decoding: Decoding,
    progress: Progress,
    messages: Messages,
) -> Iterator[OpenIndex]:
    """Open one index, or several of one model as if they were one. Nothing is written to any of several: what
    is found out is kept in a memory of theirs.

    Raises what `open_index` does, and ModelMismatch if their models differ.
    """
    if len(folders) == 1:
        with open_index(folders[0], choice, decoding, messages) as opened:
            yield opened
        return
    with tempfile.TemporaryDirectory(prefix="visualsearch-") as place:
        joined = IndexFolder(Path(place) / "joined")
        with joined.lock():
            _fill(joined, folders, choice, progress)
        with open_index(joined, choice, decoding, messages) as opened:
            memory = memory_of(folders, opened.catalog.manifest())
            yield opened._replace(joined_of=tuple(folders), memory=memory)


def _fill(
    joined: IndexFolder, folders: Sequence[IndexFolder], choice: ModelChoice, progress: Progress
) -> None:
    """Take the vectors of one model, the one for copies, of each index."""
    manifests = []
    for folder in folders:
        with open_reader(folder) as source:
            manifests.append(seen_for(source, choice, folder.path, Use.COPIES).manifest())
    manifest, schemes = manifests[0], {each.regions for each in manifests}
    bits = {each.bits for each in manifests}
    joined.create(manifest.model, None, manifest.params, bits=bits.pop() if len(bits) == 1 else FULL_BITS)
    joined.take_projection(folders[0], manifest.model)
    with open_writer(joined) as target, progress.step("Joining", len(folders)) as advance:
        if len(schemes) == 1 and (scheme := schemes.pop()) is not None:
            target.set_regions(scheme)
        if manifest.calibration is not None:
            target.set_calibration(manifest.calibration)
        for folder in folders:
            with open_reader(folder) as source:
                merge(source, target)
            advance(1)
        target.summarize()
