"""The pages and what they post: addresses, and what each of them answers."""

from __future__ import annotations

import json
import os
from base64 import b64encode
from collections import Counter
from collections.abc import Callable, Mapping
from functools import cache
from importlib.resources import files
from typing import TYPE_CHECKING, Any

from markupsafe import Markup
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import Mount, Route

from visualsearch_cli.duplicates.decided.review_log import Choice
from visualsearch_cli.errors import ImageError
from visualsearch_cli.pages.beside import Beside, beside
from visualsearch_cli.pages.comparing import Comparing, point_in
from visualsearch_cli.pages.frame import Frame, picture_answer
from visualsearch_cli.pages.listing import Lister, Listing
from visualsearch_cli.pages.sent.sent_pictures import Refused, SentPictures, Size
from visualsearch_cli.pages.session import Review
from visualsearch_cli.pages.texts import languages
from visualsearch_cli.pages.views import group_view, rows
from visualsearch_cli.reports.report import Member
from visualsearch_cli.reports.report_json import report_record
from visualsearch_cli.verdicts.verdict import Verdict

if TYPE_CHECKING:
    from visualsearch_cli.pages.actions import Actions
    from visualsearch_cli.pages.asking.search_pages import SearchPages

A_PAGE = 50  # groups of a list without a script
MOST_ROWS = 200  # that are sent at once
MOST_CUTS = 24  # files of which the same place is shown
FOLDERS = 200  # that are suggested for a rule
STATIC = {"review.css": "text/css", "review.js": "text/javascript"}


class Site:
    """All that can be asked for. `base` is what every path begins with."""

    def __init__(
        self,
        review: Review,
        pictures: SentPictures,
        comparing: Comparing,
        actions: Actions,
        base: str,
        end: Callable[[], None],
        language: str | None = None,
        search: SearchPages | None = None,
    ) -> None:
        """`language` is that of all pages; None: the one that the browser prefers. `search` is there if the
        index can be asked."""
        self._review = review
        self._pictures = pictures
        self._comparing = comparing
        self._actions = actions
        self._end = end
        self._lister = Lister(review)
        self._frame = Frame(review, self._is_busy, base, language, searches=search is not None)
        self._search = search

    def app(self) -> Starlette:
        """Return the app."""
        guarded, posted = self._frame.guarded, self._frame.posted
        routes = [
            Route("/", guarded(self.groups)),
            Route("/rows", guarded(self.rows)),
            Route("/g/{number:int}", guarded(self.group)),
            Route("/g/{number:int}", posted(self.decide), methods=["POST"]),
            Route("/g/{number:int}/c/{place:int}", guarded(self.compare)),
            Route("/g/{number:int}/sharp", guarded(self.sharp)),
            Route("/p/{number:int}/{place:int}/{size}", guarded(self.picture)),
            Route("/undo", posted(self.undo), methods=["POST"]),
            Route("/rule", guarded(self.rule)),
            Route("/rule", posted(self.decide_by_rule), methods=["POST"]),
            Route("/apply", guarded(self.applying)),
            Route("/apply", posted(self.apply), methods=["POST"]),
            Route("/return", posted(self.take_back), methods=["POST"]),
            Route("/job", guarded(self.job)),
            Route("/report.json", guarded(self.report)),
            Route("/language", posted(self.set_language), methods=["POST"]),
            Route("/end", posted(self.end), methods=["POST"]),
            Route("/static/{name}", guarded(self.static)),
        ]
        if self._search is not None:
            routes += self._search.routes(self._frame)
        return Starlette(routes=[Mount(self._frame.base, routes=routes)])

    # -- pages

    def groups(self, request: Request) -> Response:
        """The list of groups, a page of it."""
        listing = Listing.of(request.query_params)
        numbers = self._lister.numbers(listing)
        pages = max(1, -(-len(numbers) // A_PAGE))
        page = min(max(1, _integer(request.query_params.get("page"), 1)), pages)
        first = (page - 1) * A_PAGE
        return self._frame.page(
            request,
            "list.html.jinja",
            listing,
            rows=rows(self._review, numbers[first : first + A_PAGE]),
            first=first,
            total=len(numbers),
            page=page,
            pages=pages,
            counts=self._counts(),
        )

    def rows(self, request: Request) -> Response:
        """Some rows of the list, for the script."""
        listing = Listing.of(request.query_params)
        first = max(0, _integer(request.query_params.get("from"), 0))
        count = min(max(0, _integer(request.query_params.get("count"), A_PAGE)), MOST_ROWS)
        numbers = self._lister.numbers(listing)
        some = rows(self._review, numbers[first : first + count])
        return self._frame.page(
            request, "rows.html.jinja", listing, rows=some, first=first, total=len(numbers)
        )

    def group(self, request: Request) -> Response:
        """A group, with all that can be decided about it."""
        listing, number = Listing.of(request.query_params), self._number(request)
        view = group_view(self._review, number, whole="whole" in request.query_params)
        return self._frame.page(
            request,
            "group.html.jinja",
            listing,
            view=view,
            next=self._lister.after(listing, number),
            previous=self._lister.after(listing, number, -1),
        )

    def compare(self, request: Request) -> Response:
        """Two files of a group: the one that is kept, and another one."""
        listing, number = Listing.of(request.query_params), self._number(request)
        view = group_view(self._review, number, whole=True)
        place = request.path_params["place"]
        other = next((card for card in view.cards if card.place == place), None)
        kept = view.cards[0]
        if other is None or other is kept:
            raise IndexError(place)
        try:
            matrix, is_laid = self._comparing.laid(kept.member, other.member)
            reason = other.member.reason
        except ImageError as error:
            (matrix, is_laid), reason = (None, False), str(error)
        spots = [each for each in view.cards if each is not kept]
        at = spots.index(other)
        return self._frame.page(
            request,
            "compare.html.jinja",
            listing,
            view=view,
            kept=kept,
            other=other,
            matrix=None if matrix is None else json.dumps([value for row in matrix for value in row]),
            is_laid=is_laid,
            reason=reason,
            beside=[self._beside(card.member) for card in (kept, other)],
            next_place=spots[(at + 1) % len(spots)].place,
            point=(0.5, 0.5),
            cuts=self._cuts(number, 0.5, 0.5) if "sharp" in request.query_params else None,
        )

    def sharp(self, request: Request) -> Response:
        """The same place of all files of a group, at 1:1, as a part of the page of a pair."""
        number = self._number(request)
        x, y = (_share(request.query_params.get(name)) for name in ("x", "y"))
        return self._frame.page(
            request, "cuts.html.jinja", Listing(), number=number, cuts=self._cuts(number, x, y)
        )

    def _cuts(self, number: int, x: float, y: float) -> list[dict[str, Any]]:
        """Return where a point of the kept file lies in each file, and how sharp each is there."""
        from visualsearch_cli.pages.sent.sharpness import cut

        view = group_view(self._review, number)
        kept = view.cards[0].member
        found: list[tuple[float, dict[str, Any]]] = []
        for card in view.cards[:MOST_CUTS]:
            try:
                matrix, _ = self._comparing.laid(kept, card.member)
                at = point_in(matrix, x, y)
                made = cut(self._pictures.pixels(card.member), *at)
            except (ImageError, Refused):
                continue
            picture = Markup("data:image/png;base64," + b64encode(made.data).decode("ascii"))
            found.append((made.sharpness, {"card": card, "picture": picture, "value": made.sharpness}))
        best = max((value for value, _ in found), default=0.0)
        return [{**each, "best": value == best and len(found) > 1} for value, each in found]

    def rule(self, request: Request) -> Response:
        """A rule about a folder, and how many groups it decides."""
        folder = _folder(request.query_params.get("folder", ""))
        effect = self._review.rule(folder) if folder else None
        return self._frame.page(
            request, "rule.html.jinja", Listing(), asked=folder, effect=effect, folders=self._folders()
        )

    def applying(self, request: Request) -> Response:
        """What would be done, is being done, or was done."""
        return self._frame.page(
            request,
            "apply.html.jinja",
            Listing(),
            job=self._actions.jobs.last,
            journals=self._review.journals(),
            move_to=self._actions.folder,
        )

    def job(self, request: Request) -> Response:
        """How far the job is, for the script."""
        del request
        job = self._actions.jobs.last
        known = {} if job is None else {"over": job.is_over, "done": job.done, "total": job.total}
        return JSONResponse(known)

    def report(self, request: Request) -> Response:
        """The report of what was decided."""
        del request
        record = report_record(self._review.outcome(self._actions.command))
        headers = {"content-disposition": 'attachment; filename="reviewed.json"'}
        return Response(json.dumps(record, indent=2) + "\n", media_type="application/json", headers=headers)

    # -- pictures

    def picture(self, request: Request) -> Response:
        """A picture of a group."""
        size = {size.name.lower(): size for size in Size}.get(request.path_params["size"])
        if size is None:
            raise IndexError(request.path_params["size"])
        sent = self._pictures.sent(self._member(request), size)
        return picture_answer(sent)

    def static(self, request: Request) -> Response:
        """The style and the script."""
        name = request.path_params["name"]
        if name not in STATIC:
            raise IndexError(name)
        data = _static(name)
        return Response(data, media_type=STATIC[name], headers={"cache-control": "private, max-age=3600"})

    # -- what is posted

    def decide(self, request: Request, form: Mapping[str, list[str]]) -> Response:
        """A decision about a group: then comes the next one, or the same if only the file to keep changed."""
        listing, number = Listing.of(request.query_params), self._number(request)
        group = self._review.group(number)
        members = group.members

        def member(text: str) -> Member:
            place = _integer(text, -1)
            if not 0 <= place < len(members):
                raise IndexError(text)
            return members[place]

        keep = member(_last(form, "keep")).path
        spared = [member(text).path for text in form.get("spared", [])]
        what = _last(form, "do")
        if what == "keep":
            self._review.decide(number, keep, None, spared)
        elif what in [choice.value for choice in Choice]:
            self._review.decide(number, keep, Choice(what), spared if what == "remove" else ())
            following = self._lister.after(listing, number, is_open=True)
            if following is not None:
                number = following
            else:
                return self._frame.to("/apply")
        else:
            raise IndexError(what)
        return self._frame.to(f"/g/{number}{listing.query}")

    def undo(self, request: Request, form: Mapping[str, list[str]]) -> Response:
        """Take the last decision back, and show its group."""
        del form
        act = self._review.undo()
        number = None if act is None or act.rule else self._review.number_of(act)
        listing = Listing.of(request.query_params)
        return self._frame.to(f"/{listing.query}" if number is None else f"/g/{number}{listing.query}")

    def decide_by_rule(self, request: Request, form: Mapping[str, list[str]]) -> Response:
        """Decide all groups that a rule about a folder decides."""
        del request
        folder = _folder(_last(form, "folder"))
        if folder:
            self._review.decide_by_rule(folder)
        return self._frame.to("/")

    def apply(self, request: Request, form: Mapping[str, list[str]]) -> Response:
        """Act on what was decided."""
        del request
        self._actions.apply(merges="merge" in form)
        return self._frame.to("/apply")

    def take_back(self, request: Request, form: Mapping[str, list[str]]) -> Response:
        """Take back what was done."""
        del request
        journal = _last(form, "journal")
        if journal not in self._review.journals():
            raise IndexError(journal)
        self._actions.undo(journal)
        return self._frame.to("/apply")

    def set_language(self, request: Request, form: Mapping[str, list[str]]) -> Response:
        """Speak another language from now on."""
        del request
        if _last(form, "language") in languages():
            self._frame.language = _last(form, "language")
        return self._frame.to("/")

    def end(self, request: Request, form: Mapping[str, list[str]]) -> Response:
        """End the review."""
        del form
        self._end()
        return self._frame.page(request, "ended.html.jinja", Listing())

    # -- what they share

    def _is_busy(self) -> bool:
        job = self._actions.jobs.last
        return job is not None and not job.is_over

    def _number(self, request: Request) -> int:
        number: int = request.path_params["number"]
        self._review.group(number)
        return number

    def _member(self, request: Request) -> Member:
        members = self._review.group(request.path_params["number"]).members
        place: int = request.path_params["place"]
        return members[place]

    def _beside(self, member: Member) -> Beside | None:
        try:
            return beside(self._pictures.data(member))
        except Refused:
            return None

    def _counts(self) -> list[tuple[Verdict, int]]:
        counts = Counter(self._review.told(number).verdict for number in range(1, len(self._review) + 1))
        return [(verdict, counts[verdict]) for verdict in Verdict if counts[verdict]]

    def _folders(self) -> list[str]:
        """Return the folders with files in most groups."""
        found = Counter(
            folder
            for group in self._review.report.groups
            for folder in {str(member.path.parent) for member in group.members}
        )
        return sorted(folder for folder, _ in found.most_common(FOLDERS))


@cache
def _static(name: str) -> bytes:
    data = files("visualsearch_cli.pages").joinpath("static").joinpath(name).read_bytes()
    if name == "review.js":
        from visualsearch_cli.plots.map_files import script

        data += script().encode("utf-8")  # one script, and one way to draw a map
    return data


def _last(form: Mapping[str, list[str]], name: str) -> str:
    return form.get(name, [""])[-1]


def _integer(text: str | None, default: int) -> int:
    try:
        return int(text or default)
    except ValueError:
        return default


def _share(text: str | float | None) -> float:
    """Return a number from 0 to 1."""
    value = float(text if text is not None else 0.5)
    return min(max(value, 0.0), 1.0) if value == value else 0.5


def _folder(text: str) -> str:
    """Return the absolute path of a folder that was typed; nothing for what is none."""
    text = text.strip()
    return os.path.normpath(text) if os.path.isabs(text) else ""
