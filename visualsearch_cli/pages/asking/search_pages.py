"""The page to search in: what it answers."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING, NamedTuple

from visualsearch_cli.pages.asking.searching import Asked, Searching, shown_verdict
from visualsearch_cli.pages.asking.uploads import ID, Uploads, file_of_form
from visualsearch_cli.pages.listing import Listing
from visualsearch_cli.pages.sent.sent_pictures import SentPictures, Size
from visualsearch_cli.verdicts.verdict import Verdict

if TYPE_CHECKING:
    from starlette.requests import Request
    from starlette.responses import Response

    from visualsearch_cli.pages.sent.sent_pictures import Sent
    from visualsearch_cli.search.matches import Match

SIDE = 240  # pixels, of the longer side of a match


class Hit(NamedTuple):
    """A match as it is shown."""

    match: Match
    verdict: str
    like: str  # the end of the address of what is like it
    shape: tuple[int, int]  # in pixels


def _hit(match: Match, asked: Asked) -> Hit:
    image = match.image
    scale = min(1.0, SIDE / max(image.width, image.height, 1))
    shape = max(1, round(image.width * scale)), max(1, round(image.height * scale))
    return Hit(match, shown_verdict(match), asked.like_this(image.content_hash), shape)


class SearchPages:
    """Answers questions about pictures by a page of them."""

    def __init__(self, searching: Searching, uploads: Uploads, pictures: SentPictures) -> None:
        self._searching = searching
        self._uploads = uploads
        self._pictures = pictures

    def search(self, request: Request, page: Callable[..., Response]) -> Response:
        """The form, and what was found. Raises VisualSearchError, and ValueError for a filter."""
        asked = Asked.of(request.query_params)
        hits: list[Hit] = []
        if asked.is_something:
            hits = [_hit(match, asked) for match in self._searching.answer(asked)]
        like = self._searching.picture(asked.like) if asked.like else None
        return page(
            request,
            "search.html.jinja",
            Listing(),
            asked=asked,
            hits=hits,
            like=like,
            knows_words=self._searching.knows_words(),
            levels=[verdict.value for verdict in Verdict],
        )

    def found(self, request: Request) -> Sent:
        """A picture that was found. Raises Refused, and IndexError for one that was not."""
        image = self._searching.picture(request.path_params["hash"])
        if image is None:
            raise IndexError(request.path_params["hash"])
        return self._pictures.sent(image, Size.THUMB)

    def given(self, request: Request) -> Sent:
        """A picture that was given. Raises Refused if it is none, and IndexError if it is no more."""
        name = request.path_params["name"]
        path = self._uploads.path(name) if ID.fullmatch(name) else None
        if path is None:
            raise IndexError(name)
        return self._pictures.given(path, Size.THUMB)

    def take(self, request: Request, body: bytes) -> str:
        """Take a picture that was given; return the end of the address that asks with it, and the filters.

        Raises ValueError if there is none.
        """
        data = file_of_form(request.headers.get("content-type", ""), body)
        if not data:
            raise ValueError("no picture was given")
        asked = Asked.of(
            {**request.query_params, "words": "", "like": "", "upload": self._uploads.keep(data)}
        )
        return asked.query
