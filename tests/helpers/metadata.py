"""Metadata of any kind, for tests with properties."""

from __future__ import annotations

from typing import Any

from hypothesis import strategies as st

from visualsearch_cli.pictures.metadata.values import Metadata

Strategy = st.SearchStrategy[Any]


def any_metadata(texts: Strategy, lists: Strategy, **others: Strategy) -> Strategy:
    """Return a strategy for metadata: `texts` for each field of one text, `lists` for those of several, and
    `others` by their names."""
    fields = {
        name: texts if value == "" else lists
        for name, value in Metadata._field_defaults.items()
        if name not in others and value in ("", ())
    }
    return st.builds(Metadata, rating=st.integers(-1, 5), **fields, **others)
