"""What is told beside a picture: what the camera wrote, what is known of it, and what its file holds."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from visualsearch_cli.pictures.held.holdings import Holdings, what_more
from visualsearch_cli.pictures.metadata.values import NAMES, in_words

if TYPE_CHECKING:
    from visualsearch_cli.pictures.formats import Capture


@dataclass(frozen=True, slots=True)
class Beside:
    """What is told of a file."""

    known: tuple[tuple[str, str], ...]  # of the picture: field and value
    holds: tuple[str, ...]  # beside the picture that it shows first, in words


def beside(data: bytes) -> Beside:
    """Return what the contents of a file tell. What cannot be read of it is not told."""
    from visualsearch_cli.pictures.held.inspection import holdings_of
    from visualsearch_cli.pictures.metadata.embedded import metadata_of
    from visualsearch_cli.pictures.whole import facts_of

    metadata = metadata_of(data)
    known = [(word, in_words(value)) for name, word in NAMES.items() if (value := getattr(metadata, name))]
    known += _exposure(facts_of(data).capture)
    return Beside(tuple(known), tuple(what_more(holdings_of(data), Holdings())))


def _exposure(capture: Capture) -> list[tuple[str, str]]:
    """Return time, aperture and sensitivity, if the camera wrote all three."""
    if len(capture.exposure) != 3 or min(capture.exposure) <= 0:
        return []
    time, aperture, sensitivity = capture.exposure
    shown = f"1/{1 / time:.0f} s" if time < 0.3 else f"{time:g} s"
    return [("exposure", f"{shown} · f/{aperture:.3g} · ISO {sensitivity:.0f}")]
