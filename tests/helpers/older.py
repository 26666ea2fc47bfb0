"""Catalogs of older formats."""

from __future__ import annotations

import re
import sqlite3

from visualsearch_cli.index.sqlite.migrations import MIGRATIONS


def make_older(connection: sqlite3.Connection, version: int) -> None:
    """Take back what the steps after a format added."""
    for step in reversed(MIGRATIONS[version:]):
        for kind, name in reversed(re.findall(r"CREATE (TABLE|INDEX|TRIGGER) (\w+)", " ".join(step))):
            connection.execute(f"DROP {kind} {name}")
    connection.execute(f"PRAGMA user_version = {version}")
