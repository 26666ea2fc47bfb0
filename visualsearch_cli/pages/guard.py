"""Who may ask: the browser tab that was opened with the address, and nobody else.

The server listens on the loopback interface, which every program and every page in a browser of this machine
can reach. So each request must name the host as it is (a page whose name was bound anew to 127.0.0.1 names
its own), must have the token of this run at the beginning of its path, and must not come from another origin.
"""

from __future__ import annotations

import hmac
from collections.abc import Awaitable, Callable, Iterable, MutableMapping
from typing import Any

Message = MutableMapping[str, Any]
Receive = Callable[[], Awaitable[Message]]
Send = Callable[[Message], Awaitable[None]]
App = Callable[[MutableMapping[str, Any], Receive, Send], Awaitable[None]]

POLICY = "; ".join(
    (
        "default-src 'none'",
        "script-src 'self'",
        "style-src 'self'",
        "img-src 'self' blob: data:",
        "connect-src 'self'",
        "form-action 'self'",
        "base-uri 'none'",
        "frame-ancestors 'none'",
    )
)

HEADERS = (
    (b"content-security-policy", POLICY.encode()),
    (b"x-content-type-options", b"nosniff"),
    (b"x-frame-options", b"DENY"),
    (
        b"referrer-policy",
        b"same-origin",
    ),  # without any referrer, browsers say of a form that it is from "null"
    (b"cross-origin-opener-policy", b"same-origin"),
    (b"cross-origin-resource-policy", b"same-origin"),
    (b"permissions-policy", b"camera=(), microphone=(), geolocation=()"),
)
"""Of every answer, a refusal too."""

METHODS = ("GET", "HEAD", "POST")
FROM_HERE = ("same-origin", "none")  # Sec-Fetch-Site: of a page of ours, or typed by the user
MOST_BODY = 64 << 20  # bytes: a picture that is dropped onto the search page


class Guard:
    """Lets requests through to an app, or refuses them with a word on why."""

    def __init__(self, app: App, port: int, token: str) -> None:
        self._app = app
        self._host = f"127.0.0.1:{port}"
        self._origin = f"http://{self._host}"
        self._token = token

    async def __call__(self, scope: MutableMapping[str, Any], receive: Receive, send: Send) -> None:
        """Answer a request, as ASGI has it."""
        if scope["type"] == "lifespan":
            await self._app(scope, receive, send)
            return
        if scope["type"] != "http":
            return  # no web socket is opened

        async def guarded(message: Message) -> None:
            if message["type"] == "http.response.start":
                own = {name for name, _ in message.get("headers", ())}
                extra = [header for header in HEADERS if header[0] not in own]
                if b"cache-control" not in own:
                    extra.append((b"cache-control", b"no-store"))
                message["headers"] = [*message.get("headers", ()), *extra]
            await send(message)

        refusal = self._refusal(scope)
        if refusal is None:
            await self._app(scope, receive, guarded)
            return
        status, why = refusal
        body = f"refused: {why}\n".encode()
        headers = [
            (b"content-type", b"text/plain; charset=utf-8"),
            (b"content-length", str(len(body)).encode()),
        ]
        await guarded({"type": "http.response.start", "status": status, "headers": headers})
        await guarded({"type": "http.response.body", "body": body})

    def _refusal(self, scope: MutableMapping[str, Any]) -> tuple[int, str] | None:
        """Return the status and the reason to refuse a request, None if there is none."""
        headers: dict[bytes, list[str]] = {}
        for name, value in scope["headers"]:
            headers.setdefault(name, []).append(value.decode("latin-1"))
        if headers.get(b"host") != [self._host]:
            return 421, f"this server is {self._host}, and no other name leads to it"
        if scope["method"] not in METHODS:
            return 405, f"{scope['method']} is not a method of this server"
        first = scope["path"].lstrip("/").partition("/")[0]
        if not hmac.compare_digest(first.encode(), self._token.encode()):
            return 403, "wrong or missing token: open the address that `visualsearch review` printed"
        origins = headers.get(b"origin", [])
        if any(origin != self._origin for origin in origins) or len(origins) > 1:
            return 403, f"the request comes from another origin, {_shown(origins)}"
        if scope["method"] == "POST" and not origins:
            return 403, "a form says where it is from, and this one does not"
        if any(site not in FROM_HERE for site in headers.get(b"sec-fetch-site", [])):
            return 403, "the request comes from another site"
        if any(_too_much(length) for length in headers.get(b"content-length", [])):
            return 413, "it is too large"
        return None


def _too_much(length: str) -> bool:
    return not length.isdecimal() or len(length) > 12 or int(length) > MOST_BODY


def _shown(origins: Iterable[str]) -> str:
    return ", ".join(origins).encode("ascii", "replace").decode()[:100]
