"""A store that is opened for commands that search, and for those that need all of it."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from typing import TYPE_CHECKING

from visualsearch_cli.cli.output.console import MESSAGES
from visualsearch_cli.cli.storing.named_store import mounts_given, opened_store, refuse

if TYPE_CHECKING:
    from visualsearch_cli.index.model import ModelChoice
    from visualsearch_cli.index.open import OpenIndex
    from visualsearch_cli.pictures.reader import Decoding
    from visualsearch_cli.progress import Progress
    from visualsearch_cli.store.address import Address


def check_search(*, labels: bool, exact: bool, hnsw: bool, ef_search: bool = False) -> None:
    """Refuse what a search in a store has not. Raises BadParameter."""
    refuse({"--label": labels}, "labels are kept in an index, and stay there")
    why = "the engine searches, and how is said in its address, such as ?ef=256"
    refuse({"--exact": exact, "--hnsw": hnsw, "--ef-search": ef_search}, why)


@contextmanager
def store_to_ask(
    address: Address, map_: Sequence[str] | None, choice: ModelChoice, decoding: Decoding
) -> Iterator[OpenIndex]:
    """Open a store for questions about single pictures."""
    from visualsearch_cli.store.asked_catalog import open_asked

    mounts = mounts_given(map_)
    with (
        opened_store(address) as store,
        open_asked(store, address.text, mounts, choice, decoding, MESSAGES) as opened,
    ):
        yield opened


@contextmanager
def store_as_index(
    address: Address,
    map_: Sequence[str] | None,
    places: Sequence[str],
    choice: ModelChoice,
    decoding: Decoding,
    progress: Progress,
) -> Iterator[OpenIndex]:
    """Open all that a store knows, or what it knows of some places, as an index."""
    from visualsearch_cli.store.gathering import open_gathered

    mounts = mounts_given(map_)
    with (
        opened_store(address) as store,
        open_gathered(*(store, address.text, mounts, places, choice, decoding, progress, MESSAGES)) as opened,
    ):
        yield opened
