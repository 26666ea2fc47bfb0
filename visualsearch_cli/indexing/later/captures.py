"""When, where and by what pictures were taken, as their files say: learned once for each content."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import TYPE_CHECKING

from visualsearch_cli.index.committing import Committing
from visualsearch_cli.index.records import Facts
from visualsearch_cli.pictures.image import is_as_indexed

if TYPE_CHECKING:
    from visualsearch_cli.index.writer import CatalogWriter
    from visualsearch_cli.pictures.image import ImageReader, ImageRecord
    from visualsearch_cli.progress import Progress

LOOK_UP = 500  # contents whose files are looked up at a time


def look_at_captures(catalog: CatalogWriter, reader: ImageReader, progress: Progress) -> int:
    """Look into a file of each content that nobody looked into, committing about once a second. Only headers
    are read, and nothing counts but what is in the file itself. Returns how many contents are known now.

    A content without a file that is as it was indexed waits for the next run.
    """
    waiting = catalog.contents_to_look_at()
    if not waiting:
        return 0
    known = 0
    with (
        progress.step("Reading headers", len(waiting)) as advance,
        Committing[Facts](catalog.set_facts) as committing,
    ):
        for start in range(0, len(waiting), LOOK_UP):
            contents = waiting[start : start + LOOK_UP]
            images = catalog.images_of(contents)
            found = list(_facts([images[content] for content in contents if content in images], reader))
            committing.add(found)
            known += len(found)
            advance(len(contents))
    return known


def _facts(contents: Sequence[Sequence[ImageRecord]], reader: ImageReader) -> Iterator[Facts]:
    """Yield what is known of contents, by their images."""
    from visualsearch_cli.pictures.facts import PictureFacts  # late: most runs find nothing new

    facts = PictureFacts(reader)
    for images in contents:
        image = next((image for image in images if is_as_indexed(image)), None)
        if image is None:
            continue
        known = facts.metadata(image, ())
        camera = known.camera
        if known.maker.split(" ")[0].lower() not in camera.lower():
            camera = f"{known.maker} {camera}".strip()
        latitude, longitude = known.gps[:2] if known.gps else (None, None)
        yield Facts(image.content_id, image.size, known.captured, camera.lower(), latitude, longitude)
