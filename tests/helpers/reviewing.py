"""A review that is served in this process, and requests to it, as of a browser or of an attacker."""

from __future__ import annotations

import http.client
import threading
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from urllib.parse import urlencode

from visualsearch_cli.acting.journal import JournalFolder
from visualsearch_cli.embedders.embedder import Embedder
from visualsearch_cli.errors import IndexLocked
from visualsearch_cli.index.folder import IndexFolder
from visualsearch_cli.index.model import ModelChoice
from visualsearch_cli.index.records import Pictures
from visualsearch_cli.pages.session import Review
from visualsearch_cli.pages.setting_up import Opened, open_review
from visualsearch_cli.reports.report import Report

PATIENCE = 60  # seconds, for one answer, and for the end of the server


@dataclass
class FakeMemory:
    """What an index remembers of pictures that are no duplicates; it may be locked."""

    known: dict[int, Pictures] = field(default_factory=dict)
    is_locked: bool = False
    made: int = 0

    def ignore(self, pictures: Pictures, created: str) -> int:
        """Remember pictures."""
        del created
        self._check()
        self.made += 1
        self.known[self.made] = dict(pictures)
        return self.made

    def forget(self, ids: Sequence[int] | None) -> int:
        """Forget them."""
        self._check()
        return sum(self.known.pop(id, None) is not None for id in ids or ())

    def _check(self) -> None:
        if self.is_locked:
            raise IndexLocked("another process writes")


@dataclass
class Answer:
    """What the server says."""

    status: int
    headers: Mapping[str, str]
    body: bytes

    @property
    def text(self) -> str:
        """The body as text."""
        return self.body.decode("utf-8")


@dataclass
class Client:
    """Asks the server. What is passed as a header takes the place of what a browser would send."""

    opened: Opened
    memory: FakeMemory

    @property
    def review(self) -> Review:
        """What is shown."""
        return self.opened.review

    @property
    def host(self) -> str:
        """The name and port of the server."""
        return f"127.0.0.1:{self.opened.door.port}"

    def get(self, path: str, *, method: str = "GET", token: str | None = None, **headers: str) -> Answer:
        """Ask for a page, by its path behind the token."""
        base = self.opened.door.base if token is None else token
        return self.raw(method, base + path, headers={"Host": self.host, **_named(headers)})

    def post(
        self,
        path: str,
        form: Sequence[tuple[str, str]] | dict[str, str] = (),
        data: bytes | None = None,
        **headers: str,
    ) -> Answer:
        """Post a form, as a page of the server does, or some bytes."""
        body = urlencode(form, errors="surrogateescape").encode("ascii") if data is None else data
        own = {
            "Host": self.host,
            "Origin": f"http://{self.host}",
            "Content-Type": "application/x-www-form-urlencoded",
            **_named(headers),
        }
        return self.raw("POST", self.opened.door.base + path, {k: v for k, v in own.items() if v}, body)

    def raw(self, method: str, path: str, headers: Mapping[str, str], body: bytes = b"") -> Answer:
        """Send just that."""
        connection = http.client.HTTPConnection("127.0.0.1", self.opened.door.port, timeout=PATIENCE)
        try:
            connection.putrequest(method, path, skip_host=True, skip_accept_encoding=True)
            for name, value in headers.items():
                connection.putheader(name, value)
            if body or method == "POST":
                connection.putheader("Content-Length", str(len(body)))
            connection.endheaders(body)
            response = connection.getresponse()
            return Answer(response.status, {k.lower(): v for k, v in response.getheaders()}, response.read())
        finally:
            connection.close()


def _named(headers: Mapping[str, str]) -> dict[str, str]:
    return {name.replace("_", "-").title(): value for name, value in headers.items()}


def _no_model() -> Embedder:
    return ModelChoice().new()()


@contextmanager
def served(
    report: Report, folder: Path, journals: Path, move_to: Path | None = None, indexes: Sequence[Path] = ()
) -> Iterator[Client]:
    """Serve a review of a report about pictures in a folder, and perhaps a page to search in indexes.

    The state folder is the environment's.
    """
    memory = FakeMemory()
    opened = open_review(
        report,
        [str(folder)],
        memory,
        _no_model,
        JournalFolder(journals),
        "visualsearch review",
        move_to,
        "en",
        [IndexFolder(each) for each in indexes],
    )
    ready = threading.Event()
    thread = threading.Thread(target=opened.serve, args=(ready.set,), daemon=True)
    thread.start()
    assert ready.wait(PATIENCE)
    try:
        yield Client(opened, memory)
    finally:
        opened.door.end()
        thread.join(PATIENCE)
        assert not thread.is_alive()
