"""The map: pictures that look alike lie together. Its thumbnails are sent in sheets, a few at a time."""

from __future__ import annotations

import io
from typing import TYPE_CHECKING, Any

from visualsearch_cli.pages.asking.searching import Asked, Searching
from visualsearch_cli.pages.sent.sent_pictures import Refused, Sent, SentPictures, Size

if TYPE_CHECKING:
    from PIL import Image

    from visualsearch_cli.pictures.image import ImageRecord
    from visualsearch_cli.plots.mapped import Map

COLUMNS = 8  # thumbnails of a sheet, and as many rows: one is there soon
MOST = 2000  # pictures


class MapPages:
    """Answers what the page of the map asks for. The map is made with the first question, and anew when
    somebody wrote to an index."""

    def __init__(self, searching: Searching, pictures: SentPictures) -> None:
        self._searching = searching
        self._pictures = pictures

    def shown(self) -> Map:
        """Return the map. Raises VisualSearchError if there are no pictures."""
        return self._searching.map(MOST)

    def data(self, base: str) -> dict[str, Any]:
        """Return what the script draws, and where a picture leads. `base` is what every path begins with."""
        from visualsearch_cli.plots.map_files import map_data

        shown = self.shown()
        sheets = range(-(-len(shown.pictures) // COLUMNS**2))
        version = self._searching.map_version()
        found = map_data(shown, [f"{base}/map/{number}?{version}" for number in sheets], COLUMNS)
        for told, picture in zip(found["pictures"], shown.pictures, strict=True):
            told["like"] = f"{base}/search{Asked(like=picture.image.content_hash).query}"
        return found

    def sheet(self, number: int) -> Sent:
        """Return a sheet of thumbnails; what may not be shown is left out. Raises IndexError."""
        from visualsearch_cli.plots.map_files import sheet_of

        images = [picture.image for picture in self.shown().pictures[number * COLUMNS**2 :][: COLUMNS**2]]
        if not images:
            raise IndexError(number)
        return Sent(sheet_of([self._small(image) for image in images], COLUMNS), "image/webp")

    def _small(self, image: ImageRecord) -> Image.Image | None:
        from PIL import Image

        from visualsearch_cli.plots.map_files import SIDE

        try:
            sent = self._pictures.sent(image, Size.THUMB)
        except Refused:
            return None
        with Image.open(io.BytesIO(sent.data)) as made:
            made.thumbnail((SIDE, SIDE), Image.Resampling.LANCZOS)
            small: Image.Image = made.convert("RGB")
        return small
