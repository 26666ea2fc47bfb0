"""Where pages are served: one address of the loopback interface, for as long as the command runs."""

from __future__ import annotations

import secrets
import socket

from visualsearch_cli.named_tuples import NamedTuple

LOOPBACK = "127.0.0.1"


class Door(NamedTuple):
    """Where pages are served: it stays open while one process takes the place of another."""

    socket: socket.socket
    token: str  # that the address has


def open_door() -> Door:
    """Listen on the loopback interface, at a port that is free. Nobody else can take it."""
    # The protocol is named, since asyncio switches Nagle's algorithm off only where it is: else each answer
    # waits 40 ms for the browser to acknowledge its head.
    listening = socket.socket(socket.AF_INET, socket.SOCK_STREAM, socket.IPPROTO_TCP)
    listening.bind((LOOPBACK, 0))
    listening.listen(128)
    return Door(listening, secrets.token_urlsafe(24))
