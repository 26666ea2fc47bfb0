"""Which files of the index a command is about: places, patterns to leave out, disks that are not there."""

from __future__ import annotations

import os
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

from visualsearch_cli.errors import VisualSearchError
from visualsearch_cli.index.exclusion import Exclusion, Patterns
from visualsearch_cli.index.records import FileKey, Root
from visualsearch_cli.index.roots import away_mounts, is_below, is_offline, key_of
from visualsearch_cli.pictures.image import ImageRecord, SkippedImage
from visualsearch_cli.wording import typed

if TYPE_CHECKING:
    from visualsearch_cli.index.catalog import Catalog


@dataclass(frozen=True, slots=True)
class ScopeOptions:
    """Which files count. Paths are absolute."""

    places: tuple[str, ...] = ()  # folders and files; none: all that the index knows
    within: str | None = None  # and only what is at or below it
    exclude: tuple[str, ...] = ()  # patterns, see `index.exclusion`
    min_size: int = 0  # bytes
    offline: bool = False  # also what the index remembers of disks that are not mounted: `Scope.away`
    also: tuple[str, ...] = ()  # folders that count as well, whatever places and `within` say


class Scope:
    """A part of the catalog."""

    def __init__(self, catalog: Catalog, options: ScopeOptions) -> None:
        """Find the part.

        Raises VisualSearchError for a place that the index does not know, or that is neither on the disk nor
        in the index, and for what is no pattern.
        """
        roots = catalog.roots()
        away = [root for root in roots if is_offline(root, catalog)]
        reason = "offline: its images are left out until its disk is mounted, or with --offline"
        self._away = away_mounts(catalog)
        self.offline = [SkippedImage(path, reason) for path in (*(root.path for root in away), *self._away)]
        self._catalog = catalog
        self._options = options
        self._patterns = Patterns(options.exclude)
        folders = [root.path for root in roots] if options.exclude else []
        self._exclusion = Exclusion(self._patterns, folders)
        given = options.places or tuple(root.path for root in roots)
        within = [options.within] if options.within else []
        for path in (*options.places, *within, *options.also):
            if not (known := keys_at(path, roots)):
                raise _not_indexed(path, roots)
            if not os.path.lexists(path) and not any(catalog.has_files(key) for key in known):
                raise VisualSearchError(
                    f"{path} does not exist, and the index knows of nothing there: check the path"
                )
        if options.within is not None:
            given = tuple(both for path in given if (both := _overlap(path, options.within)))
            if not given:
                raise VisualSearchError(
                    f"{options.within} lies in none of {', '.join(options.places)}: check the paths"
                )
            if not any(catalog.has_files(key) for key in keys_at(options.within, roots)):
                raise VisualSearchError(
                    f"the index knows of no picture in {options.within}: check the path, or run "
                    f"`visualsearch index {typed(options.within)}` first"
                )
        here = [root for root in roots if root not in away]
        keys = [key for path in (*given, *options.also) for key in keys_at(path, here)]
        self._keys = [key for key in dict.fromkeys(keys) if key.root_id in {root.id for root in here}]
        self.away: list[FileKey] = []  # what of it is on disks that are not there, if that is asked for
        if options.offline:
            self.offline = []
            gone = [*(root.path for root in away), *self._away]
            wanted = [_overlap(place, path) for place in gone for path in (*given, *options.also)]
            found = [key_of(path, roots) for path in dict.fromkeys(wanted) if path]
            self.away = [key for key in found if key]

    @property
    def min_size(self) -> int:
        """The least size of a file, in bytes."""
        return self._options.min_size

    def counts(self) -> Mapping[int, int]:
        """Return how many present files of sufficient size each content has; excluded ones still count."""
        return self._catalog.files_per_content(self._keys, self._options.min_size)

    def images_of(self, contents: Iterable[int]) -> dict[int, list[ImageRecord]]:
        """Return the images of contents, by path."""
        wanted = list(contents)
        found: dict[int, dict[int, ImageRecord]] = {}
        for key in self._keys:
            for content, images in self._catalog.images_of(wanted, key).items():
                kept = {image.id: image for image in images if self._counts(image)}
                found.setdefault(content, {}).update(kept)
        return {
            content: sorted(images.values(), key=lambda image: str(image.path))
            for content, images in sorted(found.items())
            if images
        }

    def unmatched(self) -> list[str]:
        """Return the patterns that fit no file of the scope, whether it may have copies or not."""
        for key in self._keys if self._patterns.unmatched else ():
            for path, *_ in self._catalog.known_files(key):
                self._exclusion.leaves_out(os.path.normpath(os.fsdecode(path)))
                if not self._patterns.unmatched:
                    return []
        return self._patterns.unmatched

    def wants(self, image: ImageRecord) -> bool:
        """Tell whether an image of the right place is wanted, be its disk there or not."""
        return image.size >= self._options.min_size and not self._exclusion.leaves_out(str(image.path))

    def _counts(self, image: ImageRecord) -> bool:
        return not any(is_below(str(image.path), folder) for folder in self._away) and self.wants(image)


def keys_at(path: str, roots: Sequence[Root]) -> list[FileKey]:
    """Return the parts of the catalog at or below a path: in the root around it, and in roots inside it."""
    key = key_of(path, roots)
    inside = [FileKey(root.id, ".") for root in roots if is_below(root.path, path)]
    return [*([key] if key else []), *inside]


def _overlap(path: str, other: str) -> str | None:
    if is_below(path, other):
        return path
    return other if is_below(other, path) else None


def _not_indexed(path: str, roots: Sequence[Root]) -> VisualSearchError:
    covered = ", ".join(root.path for root in roots) or "nothing yet"
    if not os.path.lexists(path):
        return VisualSearchError(f"{path} does not exist, and the index covers {covered}: check the path")
    return VisualSearchError(
        f"{path} is not in the index, which covers {covered}: run `visualsearch index {typed(path)}` first"
    )
