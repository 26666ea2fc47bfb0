"""The server itself."""

from __future__ import annotations

import socket
from pathlib import Path

import pytest

from tests.helpers.reviewing import served
from tests.pages.conftest import report_of


def test_answers_wait_for_no_acknowledgement(photos: Path, tmp_path: Path) -> None:
    with served(report_of(photos), photos, tmp_path / "journals") as client:
        # asyncio asks for TCP_NODELAY only where a socket says that it speaks TCP
        assert client.opened.door.socket.proto == socket.IPPROTO_TCP


@pytest.mark.slow
def test_the_first_pages_were_made_before_the_address_is_told(photos: Path, tmp_path: Path) -> None:
    with served(report_of(photos), photos, tmp_path / "journals"):
        from visualsearch_cli.pages.frame import _environment

        assert {"list.html.jinja", "group.html.jinja"} <= {name for _, name in _environment().cache or {}}
