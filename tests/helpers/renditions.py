"""Renditions of pictures, as they are measured of copies that differ in nothing."""

from __future__ import annotations

from typing import Any

from visualsearch_cli.verdicts.evidence import Rendition

_PLAIN = Rendition(
    top=4.0,
    fine=5.0,
    middle=8.0,
    beyond=0.5,
    scale=1.0,
    noise=0.5,
    clipped=0.01,
    tones=230.0,
    light=120.0,
    red=0.0,
    blue=0.0,
    color=12.0,
    colors=9000,
    variety=0.3,
    quality=90,
    before=0,
    is_made=False,
    unknown=0.0,
    grained=None,
    bordered=0.0,
    pasted=False,
    leans=False,
    marked=0.0,
)


def rendition(**other: Any) -> Rendition:
    """Return a rendition like that of its copies but for some values."""
    return _PLAIN._replace(**other)
