"""What a run of indexing did."""

from __future__ import annotations

from dataclasses import dataclass, field

from visualsearch_cli.index.records import Root
from visualsearch_cli.pictures.image import SkippedImage


@dataclass(slots=True)
class Lacking:
    """Contents that were known before, and lacked vectors that the index is to hold."""

    added: int = 0  # that got them
    left: list[SkippedImage] = field(default_factory=list)  # a file of each that still lacks them
    missing: int = 0  # that lack them, and whose files are all missing


@dataclass(slots=True)
class IndexReport:
    """What an indexing run did."""

    found: int = 0  # image files met
    unchanged: int = 0
    embedded: int = 0  # distinct contents that were embedded
    reused: int = 0  # new or changed files whose content had a vector already
    brought: bool = False  # vectors came with files, none was made here
    missing: int = 0  # images newly marked as missing
    lacking_regions: Lacking = field(default_factory=Lacking)
    lacking_second: Lacking = field(default_factory=Lacking)  # the vector of the second model
    skipped: list[SkippedImage] = field(default_factory=list)  # in this run, or remembered
    told_before: frozenset[str] = frozenset()  # paths of those that are remembered, and did not change since
    left_out: dict[str, int] = field(default_factory=dict)  # folders, by the kind of place, see `stores`
    offline: list[Root] = field(default_factory=list)
    rewritten: list[str] = field(default_factory=list)  # paths of files with new contents behind old mtimes
