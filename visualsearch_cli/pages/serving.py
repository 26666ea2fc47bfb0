"""Serves an app on the loopback interface until it is told to end."""

from __future__ import annotations

import asyncio
import http.client
import socket
from collections.abc import Callable
from contextlib import closing, suppress
from dataclasses import dataclass
from typing import TYPE_CHECKING

from visualsearch_cli.doors import LOOPBACK, open_door
from visualsearch_cli.pages.guard import App, Guard
from visualsearch_cli.watched import WATCH

if TYPE_CHECKING:
    import uvicorn

GRACE = 3  # seconds that answers under way have when it ends


@dataclass(slots=True)
class Door:
    """Where the server listens, and the token that its address has. Nobody else can take the port."""

    socket: socket.socket
    token: str
    server: uvicorn.Server | None = None

    @classmethod
    def open(cls) -> Door:
        """Listen at a port that is free, if the process that watches does not already."""
        opened = WATCH.door or open_door()
        return cls(opened.socket, opened.token)

    @property
    def port(self) -> int:
        """The number of the port."""
        return int(self.socket.getsockname()[1])

    @property
    def base(self) -> str:
        """What the path of every page begins with."""
        return f"/{self.token}"

    @property
    def address(self) -> str:
        """The address of the page."""
        return f"http://{LOOPBACK}:{self.port}{self.base}/"

    def ask(self, path: str) -> None:
        """Ask for a page, as a browser does: what is loaded and made for the first one is there then."""
        connection = http.client.HTTPConnection(LOOPBACK, self.port, timeout=GRACE)
        with suppress(OSError, http.client.HTTPException), closing(connection):
            connection.request("GET", f"{self.base}/{path}")
            connection.getresponse().read()

    def serve(self, app: App, ready: Callable[[], None] = lambda: None) -> None:
        """Serve until `end` is called. On Ctrl-C it ends, and raises KeyboardInterrupt.

        `ready` is called in a thread of its own as soon as answers are given.
        """
        import uvicorn  # late: it is an extra

        class Server(uvicorn.Server):
            async def startup(self, sockets: list[socket.socket] | None = None) -> None:
                await super().startup(sockets)
                await asyncio.get_running_loop().run_in_executor(None, ready)

        config = uvicorn.Config(
            Guard(app, self.port, self.token),
            log_config=None,
            access_log=False,
            lifespan="off",
            ws="none",
            server_header=False,
            timeout_graceful_shutdown=GRACE,
        )
        self.server = Server(config)
        try:
            self.server.run(sockets=[self.socket])
        finally:
            self.socket.close()

    def end(self) -> None:
        """Let it end when the present answers are given."""
        if self.server is not None:
            self.server.should_exit = True
