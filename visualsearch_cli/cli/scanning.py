"""The folder scanner, as the options ask for it."""

from __future__ import annotations

from collections.abc import Sequence

from visualsearch_cli.indexing.scanner import Scanner, ScanOptions


def scanner_for(exclude: Sequence[str] | None, hidden: bool, follow_symlinks: bool) -> Scanner:
    """Return a scanner."""
    return Scanner(ScanOptions(hidden, follow_symlinks, tuple(exclude or ())))
