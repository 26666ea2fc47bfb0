"""Take what one catalog knows into another: files, vectors, what is left out and what is ignored."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import TYPE_CHECKING

from visualsearch_cli.embedders.specs import described
from visualsearch_cli.errors import ModelMismatch
from visualsearch_cli.named_tuples import NamedTuple
from visualsearch_cli.pictures.image import SkippedImage

if TYPE_CHECKING:
    from visualsearch_cli.index.catalog import Catalog
    from visualsearch_cli.index.writer import CatalogWriter


class Merged(NamedTuple):
    """What came of it."""

    files: int  # that the target did not know, and that have a content
    known: int  # that it did: they stay as they are there
    contents: int  # that were new to it
    skipped: tuple[SkippedImage, ...]  # files that it did not know, and that the source could not use


def check_one_model(first: Catalog, other: Catalog) -> None:
    """Raise ModelMismatch if two catalogs hold vectors of two models."""
    ours, theirs = first.manifest().model, other.manifest().model
    if theirs != ours:
        raise ModelMismatch(
            f"{first.path.parent} was built with {described(ours)}, {other.path.parent} with "
            f"{described(theirs)}: distances of two models cannot be compared, so index again with one"
        )


def merge(
    source: Catalog,
    target: CatalogWriter,
    places: Sequence[str] = (),
    leaves_out: Callable[[str], bool] = lambda _: False,
) -> Merged:
    """Take what a catalog knows into another one; with places (absolute), only of files at or below them.
    Files whose absolute paths are to be left out are.

    A file is known by its path, whatever root it is below. What both know stays as the target has it. Regions
    come along if the target has the same, and what is offline comes along, too.

    Each model of the target takes over the vectors of the same model of the source. Where the second has no
    such, contents lack its vectors.

    Raises ModelMismatch if the source has no vectors of the first, IndexCorrupt if the source is damaged.
    """
    ours = target.manifest()
    of_models = {seen.manifest().model: seen for seen in source.models()}
    theirs = of_models.get(ours.model, source)
    check_one_model(target, theirs)
    regions = theirs.manifest().regions
    second = None if ours.other is None else of_models.get(ours.other.model)
    with source.snapshot():
        with_regions = regions is not None and regions == ours.regions
        wanted, known, contents = target.adopt(
            theirs, places, leaves_out, regions=with_regions, second=second
        )
    skipped = tuple(SkippedImage(path, reason) for path, reason in wanted.unusable)
    return Merged(len(wanted.files) - len(skipped), known, contents, skipped)
