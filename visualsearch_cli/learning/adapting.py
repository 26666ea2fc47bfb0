"""Adapts a model to classes: learns a projection, says what came of it, and derives an index by it."""

from __future__ import annotations

import os
from pathlib import Path
from typing import TYPE_CHECKING

from visualsearch_cli.atomic import OutputKind, json_that_begins_with, written_whole
from visualsearch_cli.embedders.embedder import ModelSpec
from visualsearch_cli.embedders.projection import Projection, packed, read_projection
from visualsearch_cli.embedders.specs import ADAPTED, adapted_spec
from visualsearch_cli.embedders.weights import projection_in, weights_id
from visualsearch_cli.errors import VisualSearchError
from visualsearch_cli.index.block_files import BlockFolder
from visualsearch_cli.index.derived import update_derived
from visualsearch_cli.index.graph_files import GraphFolder
from visualsearch_cli.index.open import open_writer
from visualsearch_cli.learning.classes import Parts
from visualsearch_cli.learning.descent import Settings, learn
from visualsearch_cli.learning.gains import CHANCE, by_chance, found_first
from visualsearch_cli.named_tuples import NamedTuple
from visualsearch_cli.remembered import WEIGHTS, remember_said
from visualsearch_cli.wording import counted

if TYPE_CHECKING:
    from visualsearch_cli.index.catalog import Catalog
    from visualsearch_cli.index.folder import IndexFolder
    from visualsearch_cli.index.records import Manifest
    from visualsearch_cli.learning.components import Kept
    from visualsearch_cli.progress import Messages, Progress

KIND = OutputKind("a model that `visualsearch adapt` wrote", json_that_begins_with("visualsearch/adapted"))


class NoHelp(VisualSearchError):
    """What was learned finds pictures of unseen classes no better."""


class Outcome(NamedTuple):
    """What a projection is worth on pictures of classes that it never saw."""

    loss: str
    batches: int  # of the descent: 0 if its start was best
    classes: tuple[int, int, int]  # that it was learned from, that ended it, that judged it
    pictures: int  # that judged it
    before: float  # recall@1 with the vectors as they were
    after: float
    chance: float  # how often as much is gained by chance

    def said(self) -> str:
        """Return it in a sentence."""
        return (
            f"of {counted(self.pictures, 'picture')} of {self.classes[2]} classes that it never saw, "
            f"{self.after:.1%} find one of their class first, before {self.before:.1%}"
        )


def check_base(manifest: Manifest, where: Path) -> None:
    """Raise VisualSearchError if no model can be made of that of an index: its file would be lost with it."""
    if manifest.model.name == ADAPTED and projection_in(where, manifest.model.weights) is not None:
        raise VisualSearchError(
            f"the vectors of {where} were made shorter by `visualsearch index --dim`: adapt an index that "
            "has all values, made with `visualsearch index PATH --index DIR`"
        )


def adapt(parts: Parts, settings: Settings, progress: Progress) -> tuple[Projection, Outcome]:
    """Learn a projection.

    Raises NoHelp if it finds pictures of unseen classes no better, or so little that chance may have done it,
    and VisualSearchError if vectors are to become longer.
    """
    values = parts.learned.vectors.shape[1]
    if settings.dim is not None and settings.dim > values:
        raise VisualSearchError(
            f"the vectors have {values} values, and --dim asks for {settings.dim}: name as many at most"
        )
    learned = learn(*parts.learned, *parts.ending, settings, progress)
    judged = parts.judged
    before = found_first(judged.vectors, judged.classes)
    after = found_first(learned.projection(judged.vectors), judged.classes)
    chance = by_chance(before, after)
    counts = parts.learned.class_count, parts.ending.class_count, judged.class_count
    outcome = Outcome(
        settings.loss,
        learned.batches,
        counts,
        len(before),
        float(before.mean()),
        float(after.mean()),
        chance,
    )
    if chance > CHANCE:
        raise NoHelp(
            f"nothing was learned that helps: of {len(before)} pictures of {counts[2]} unseen classes, "
            f"{outcome.before:.1%} found one of their class first, and {outcome.after:.1%} would. Nothing is "
            "written: label more classes, or index with another model"
        )
    return learned.projection, outcome


def save(file: Path, base: ModelSpec, projection: Projection, outcome: Outcome | Kept) -> ModelSpec:
    """Write a model of its own, and return what it is called. It is remembered as weights that the user
    named.

    Raises OutputRefused if another file is there, and VisualSearchError if it cannot be written.
    """
    with written_whole(file, KIND) as stream:
        stream.write(packed(base, projection, outcome._asdict()))
    id = weights_id(file)
    remember_said(WEIGHTS, id, os.path.abspath(file))
    return adapted_spec(base, id, projection.matrix.shape[1])


def derive(
    source: Catalog,
    model: ModelSpec,
    file: Path,
    folder: IndexFolder,
    progress: Progress,
    messages: Messages,
) -> int:
    """Make an index of an adapted model from one of its base: vectors are projected, no picture is read.

    Returns how many contents it holds. Raises VisualSearchError if there is an index already.
    """
    _, projection = read_projection(file)

    with folder.lock():
        if folder.exists():
            raise VisualSearchError(f"{folder.path} is an index already: name another folder with --into")
        manifest = source.manifest()
        folder.create(model, file, manifest.params, bits=manifest.bits)
        with open_writer(folder) as catalog:
            if manifest.regions is not None:
                catalog.set_regions(manifest.regions)
            with source.snapshot():
                _, _, contents = catalog.adopt(
                    source, (), lambda _: False, regions=manifest.regions is not None, derived=projection
                )
            update_derived(catalog, BlockFolder(folder.path), GraphFolder(folder.path), progress, messages)
    return contents
