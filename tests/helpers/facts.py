"""What files tell of their pictures, made up."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from pathlib import Path
from types import MappingProxyType

from visualsearch_cli.pictures.held.holdings import Holdings
from visualsearch_cli.pictures.image import ImageRecord
from visualsearch_cli.pictures.metadata.values import Metadata
from visualsearch_cli.pictures.quality.origin import UNKNOWN_ORIGIN, Origin


class NoFacts:
    """Files that tell nothing, but perhaps what they hold and what they know, by name."""

    known: Mapping[str, Metadata] = MappingProxyType({})

    def __init__(self, **held: Holdings) -> None:
        self.held = held

    def holdings(self, image: ImageRecord) -> Holdings:
        return self.held.get(image.path.stem, Holdings())

    def metadata(self, image: ImageRecord, beside: Iterable[Path]) -> Metadata:
        del beside
        return self.known.get(image.path.stem, Metadata())

    def is_enlarged(self, image: ImageRecord, width: int, height: int) -> bool:
        del image, width, height
        return False

    def jpeg_quality(self, image: ImageRecord) -> int | None:
        del image
        return None

    def exif(self, image: ImageRecord) -> int:
        del image
        return 0

    def origin(self, image: ImageRecord) -> Origin:
        del image
        return UNKNOWN_ORIGIN
