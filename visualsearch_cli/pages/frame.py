"""What all pages share: the frame around them, the language, how errors are said, and how forms are read."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Mapping
from functools import lru_cache, wraps
from typing import TYPE_CHECKING, Any
from urllib.parse import parse_qs

from jinja2 import Environment
from starlette.concurrency import run_in_threadpool
from starlette.requests import Request
from starlette.responses import RedirectResponse, Response

from visualsearch_cli.errors import VisualSearchError
from visualsearch_cli.pages.listing import STATES, Listing, Sort
from visualsearch_cli.pages.sent.sent_pictures import Refused, Sent
from visualsearch_cli.pages.texts import Texts, languages, preferred
from visualsearch_cli.reports.differences import below
from visualsearch_cli.reports.environment import environment
from visualsearch_cli.reports.report import is_removable
from visualsearch_cli.wording import printable

if TYPE_CHECKING:
    from visualsearch_cli.pages.session import Review

MOST_FORM = 1 << 20  # bytes of a form
UNCHANGING = {"cache-control": "private, max-age=86400, immutable"}  # the address names the content

Answer = Callable[[Request], Response]
FormAnswer = Callable[[Request, Mapping[str, list[str]]], Response]
TOO_LARGE = Response("refused: it is too large\n", 413, media_type="text/plain")


class Frame:
    """Makes answers. `base` is what every path begins with."""

    def __init__(
        self, review: Review, is_busy: Callable[[], bool], base: str, language: str | None, *, searches: bool
    ) -> None:
        """`is_busy` tells whether something is being done. `language` is that of all pages; None: the one
        that the browser prefers. `searches`: there is a page to search in."""
        self.base = base
        self.language = language
        self._review = review
        self._is_busy = is_busy
        self._searches = searches

    def page(
        self, request: Request, template: str, listing: Listing, status: int = 200, **values: Any
    ) -> Response:
        """Return a page that a template makes of some values."""
        texts = Texts(self.language or preferred(request.headers.get("accept-language", "")))
        text = (
            _environment()
            .get_template(template)
            .render(
                t=texts,
                base=self.base,
                listing=listing,
                sums=self._review.sums(),
                is_busy=self._is_busy(),
                languages=languages(),
                states=STATES,
                sorts=[sort.value for sort in Sort],
                everything=listing.is_everything,
                searches=self._searches,
                **values,
            )
        )
        # A name may hold half of a character; what is printable has none.
        return Response(text, status, {"content-language": texts.language}, "text/html; charset=utf-8")

    def to(self, path: str) -> Response:
        """Lead to another page."""
        return RedirectResponse(f"{self.base}{path}", status_code=303)

    def guarded(self, answer: Answer) -> Answer:
        """Let an answer say what goes wrong in it."""

        @wraps(answer)
        def guarded(request: Request) -> Response:
            try:
                return answer(request)
            except Refused as refused:
                text = f"refused: {printable(str(refused))}\n"
                return Response(text, 403, media_type="text/plain; charset=utf-8")
            except (IndexError, ValueError) as error:
                return self._failed(request, error, 404)
            except VisualSearchError as error:
                return self._failed(request, error, 409)

        return guarded

    def posted(self, answer: FormAnswer) -> Callable[[Request], Awaitable[Response]]:
        """Let an answer have the form that is posted."""

        async def posted(request: Request) -> Response:
            body = await body_of(request, MOST_FORM)
            if body is None:
                return TOO_LARGE
            try:
                form = parse_qs(body.decode("ascii"), keep_blank_values=True, errors="surrogateescape")
            except ValueError as error:
                return self._failed(request, error, 400)
            return await run_in_threadpool(self.guarded(lambda request: answer(request, form)), request)

        return posted

    def _failed(self, request: Request, error: Exception, status: int) -> Response:
        return self.page(request, "failed.html.jinja", Listing(), status, why=str(error))


def picture_answer(sent: Sent, headers: Mapping[str, str] = UNCHANGING) -> Response:
    """Return a picture."""
    return Response(sent.data, media_type=sent.kind, headers=headers)


async def body_of(request: Request, most: int) -> bytes | None:
    """Return what is posted; None if it is more than that many bytes."""
    body = bytearray()
    async for part in request.stream():
        body += part
        if len(body) > most:
            return None
    return bytes(body)


@lru_cache(maxsize=1)
def _environment() -> Environment:
    made = environment("visualsearch_cli.pages")
    made.filters["below"] = below
    made.tests["removable"] = is_removable
    return made
