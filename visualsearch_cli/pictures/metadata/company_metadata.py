"""What the files beside a picture know of it: XMP sidecars, and Takeout's JSON."""

from __future__ import annotations

from collections.abc import Iterable

from visualsearch_cli.pictures.metadata.values import Metadata, joined

SIDECAR = ".xmp"
TAKEOUT = ".json"
NOTHING_LISTED = Metadata()


def knows_something(name: str) -> bool:
    """Tell whether a file beside a picture may know something of it, by its name."""
    return name.lower().endswith((SIDECAR, TAKEOUT))


def with_company(
    embedded: Metadata, beside: Iterable[tuple[str, bytes]], listed: Metadata = NOTHING_LISTED
) -> Metadata:
    """Return what a picture file and the files beside it, each a name and its bytes, know together.

    What somebody wrote into a sidecar counts before what is in the file, that before what lists of its folder
    and its file system say of it, and that before Takeout's JSON.
    """
    before: list[Metadata] = []
    after: list[Metadata] = []
    for name, data in beside:
        if name.lower().endswith(TAKEOUT):
            after.append(_of_takeout(data))
        elif name.lower().endswith(SIDECAR):
            before.append(_of_sidecar(data))
    return joined((*before, embedded, listed, *after))


def _of_sidecar(data: bytes) -> Metadata:
    from visualsearch_cli.pictures.metadata.xmp import (
        XmpUnusable,
        metadata_of_xmp,
    )  # most have none beside them

    try:
        return metadata_of_xmp(data)
    except XmpUnusable:
        return Metadata()


def _of_takeout(data: bytes) -> Metadata:
    from visualsearch_cli.pictures.metadata.takeout_facts import metadata_of_takeout

    return metadata_of_takeout(data)
