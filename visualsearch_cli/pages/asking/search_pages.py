"""The page to search in: what it answers."""

from __future__ import annotations

import json
from collections.abc import Callable
from typing import TYPE_CHECKING

from starlette.concurrency import run_in_threadpool
from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import Route

from visualsearch_cli.errors import VisualSearchError
from visualsearch_cli.named_tuples import NamedTuple
from visualsearch_cli.pages.asking.map_pages import MapPages
from visualsearch_cli.pages.asking.searching import Asked, Searching, shown_verdict
from visualsearch_cli.pages.asking.uploads import ID, Uploads, file_of_form
from visualsearch_cli.pages.frame import TOO_LARGE, Frame, body_of, picture_answer
from visualsearch_cli.pages.listing import Listing
from visualsearch_cli.pages.sent.sent_pictures import SentPictures, Size
from visualsearch_cli.search.matches import neighbor_record
from visualsearch_cli.verdicts.verdict import Verdict
from visualsearch_cli.wording import printable

if TYPE_CHECKING:
    from visualsearch_cli.search.matches import Match

SCHEMA = "visualsearch/asked/1"
MOST_GIVEN = 64 << 20  # bytes of a picture that is given
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
    """Answers questions about pictures by a page of them, or in JSON, and shows the map of all."""

    def __init__(self, searching: Searching, uploads: Uploads, pictures: SentPictures) -> None:
        self._searching = searching
        self._uploads = uploads
        self._pictures = pictures
        self._map = MapPages(searching, pictures)

    def routes(self, frame: Frame) -> list[Route]:
        """Return what can be asked for."""

        async def take(request: Request) -> Response:
            body = await body_of(request, MOST_GIVEN)
            if body is None:
                return TOO_LARGE
            answer = frame.guarded(lambda request: frame.to(f"/search{self._take(request, body)}"))
            return await run_in_threadpool(answer, request)

        async def answer_posted(request: Request) -> Response:
            body = await body_of(request, MOST_GIVEN)
            if body is None:
                return TOO_LARGE
            return await run_in_threadpool(lambda: self._json(lambda: self._given_by(request, body)))

        return [
            Route("/search.json", lambda request: self._json(lambda: Asked.of(request.query_params))),
            Route("/search.json", answer_posted, methods=["POST"]),
            Route("/search", frame.guarded(lambda request: self._answer(request, frame))),
            Route("/search", take, methods=["POST"]),
            Route("/r/{hash}", frame.guarded(self._found)),
            Route("/u/{name}", frame.guarded(self._given)),
            Route("/map", frame.guarded(lambda request: self._show_map(request, frame))),
            Route("/map.json", frame.guarded(lambda _: JSONResponse(self._map.data(frame.base)))),
            Route("/map/{number:int}", frame.guarded(self._sheet)),
        ]

    def _answer(self, request: Request, frame: Frame) -> Response:
        """The form, and what was found. Raises VisualSearchError, and ValueError for a filter."""
        asked = Asked.of(request.query_params)
        hits: list[Hit] = []
        if asked.is_something:
            hits = [_hit(match, asked) for match in self._searching.answer(asked)]
        like = self._searching.picture(asked.like) if asked.like else None
        return frame.page(
            request,
            "search.html.jinja",
            Listing(),
            asked=asked,
            hits=hits,
            like=like,
            knows_words=self._searching.knows_words(),
            levels=[verdict.value for verdict in Verdict],
        )

    def _json(self, asked_for: Callable[[], Asked]) -> Response:
        """Answer a program: neighbors as `query --json` has them, or what is wrong."""
        try:
            asked = asked_for()
            if not asked.is_something:
                raise ValueError(
                    "nothing was asked for: expected words, like, upload, or a picture as the body"
                )
            matches = self._searching.answer(asked)
        except (ValueError, VisualSearchError) as error:
            status = 404 if isinstance(error, ValueError) else 409
            return JSONResponse({"schema": SCHEMA, "error": printable(str(error))}, status)
        neighbors = [neighbor_record(rank, match) for rank, match in enumerate(matches, start=1)]
        document = {"schema": SCHEMA, "asked": asked.said, "neighbors": neighbors}
        return Response(json.dumps(document), media_type="application/json")  # stray bytes of names, escaped

    def _found(self, request: Request) -> Response:
        """A picture that was found. Raises Refused, and IndexError for one that was not."""
        image = self._searching.picture(request.path_params["hash"])
        if image is None:
            raise IndexError(request.path_params["hash"])
        return picture_answer(self._pictures.sent(image, Size.THUMB))

    def _given(self, request: Request) -> Response:
        """A picture that was given. Raises Refused if it is none, and IndexError if it is no more."""
        name = request.path_params["name"]
        path = self._uploads.path(name) if ID.fullmatch(name) else None
        if path is None:
            raise IndexError(name)
        return picture_answer(self._pictures.given(path, Size.THUMB), {})

    def _show_map(self, request: Request, frame: Frame) -> Response:
        """The map. Raises VisualSearchError if there are no pictures."""
        from visualsearch_cli.plots.map_files import legend

        shown = self._map.shown()
        return frame.page(request, "map.html.jinja", Listing(), shown=shown, labels=legend(shown))

    def _sheet(self, request: Request) -> Response:
        """Some thumbnails of the map."""
        return picture_answer(self._map.sheet(request.path_params["number"]))

    def _take(self, request: Request, body: bytes) -> str:
        """Take a picture that was given; return the end of the address that asks with it, and the filters.

        Raises ValueError if there is none.
        """
        return self._given_by(request, body).query

    def _given_by(self, request: Request, body: bytes) -> Asked:
        """Take a picture that was given, to be asked with beside the filters of the address.

        Raises ValueError if there is none.
        """
        data = file_of_form(request.headers.get("content-type", ""), body)
        if not data:
            raise ValueError("no picture was given")
        return Asked.of({**request.query_params, "words": "", "like": "", "upload": self._uploads.keep(data)})
