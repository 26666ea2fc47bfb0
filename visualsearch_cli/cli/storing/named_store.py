"""Which store a command works on, and where its roots are here."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from typing import TYPE_CHECKING

import typer

from visualsearch_cli.cli.options import NamedStore
from visualsearch_cli.store.address import Address, parsed_address

if TYPE_CHECKING:
    from visualsearch_cli.store.milvus import MilvusStore
    from visualsearch_cli.store.mounted import MountedRoots


def chosen_store(text: str) -> Address | None:
    """Return the store that was named; None if an index was typed, and the store comes from elsewhere.

    Raises BadParameter for an address that is none, and if both were typed.
    """
    if isinstance(text, NamedStore) and text.is_typed("index"):
        if text.is_typed("store"):
            raise typer.BadParameter("--store and --index exclude each other: name one")
        return None
    return given_address(text)


def given_address(text: str) -> Address:
    """Return a store by its address. Raises BadParameter."""
    try:
        return parsed_address(text)
    except ValueError as error:
        raise typer.BadParameter(f"--store: {error}") from error


def mounts_given(given: Sequence[str] | None) -> MountedRoots:
    """Return where the roots of a store are here. Raises BadParameter."""
    from visualsearch_cli.indexing.parts.mounts import mount_given
    from visualsearch_cli.store.mounted import MountedRoots

    try:
        return MountedRoots([mount_given(text) for text in given or ()])
    except ValueError as error:
        raise typer.BadParameter(f"--map: {error}") from error


def refuse(options: dict[str, bool], why: str) -> None:
    """Refuse options that mean nothing for a store. Raises BadParameter."""
    if named := [name for name, is_given in options.items() if is_given]:
        raise typer.BadParameter(f"{', '.join(named)} with --store: {why}")


@contextmanager
def opened_store(address: Address) -> Iterator[MilvusStore]:
    """Connect to a store. Raises IndexStoreError if that cannot be."""
    from visualsearch_cli.store.milvus import MilvusStore

    store = MilvusStore(address)
    try:
        yield store
    finally:
        store.close()
