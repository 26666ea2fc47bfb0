"""What can be wrong inside a catalog, found without looking at a single image."""

from __future__ import annotations

import re
import zlib
from collections.abc import Iterable, Iterator
from itertools import islice

import numpy as np

from visualsearch_cli.index.sqlite.database import Database
from visualsearch_cli.index.sqlite.known_files import outside, wrong_summaries
from visualsearch_cli.index.sqlite.migrations import MIGRATIONS
from visualsearch_cli.index.sqlite.rows import SECOND
from visualsearch_cli.pictures.regions import FULL_FRAME
from visualsearch_cli.vectors.index import FULL_BITS, number_type
from visualsearch_cli.vectors.stored_values import problem_of

MOST_NAMED = 5  # of one kind: a damaged disk can damage everything


def problems(
    database: Database, dim: int, regions: int, second: int | None = None, bits: int = FULL_BITS
) -> list[str]:
    """Verify pages, references, and every vector's length, checksum and norm; say what is wrong.

    A content has the vector of its full frame, and of none of its regions or of each of so many. `second` is
    how many values a vector of the second model has, of which a content may have none; None: there is no
    such model. A value has so many bits.
    """
    found = [
        f"catalog: {text}"
        for (text,) in database.rows(f"PRAGMA integrity_check({MOST_NAMED})")
        if text != "ok"
    ]
    if found:
        return found  # on damaged pages ids may be out of order: a walk along them might never end
    tables = {name for (name,) in database.rows("SELECT name FROM sqlite_master WHERE type = 'table'")}
    version = database.rows("PRAGMA user_version")[0][0]
    lost = sorted(_tables_of(version) - tables)
    if lost:
        return [*found, f"catalog: it lacks {', '.join(lost)}: delete its folder and index again"]
    found += islice(_of_other_types(database, sorted(_tables_of(version))), MOST_NAMED)
    for table, row, parent, _ in database.rows("PRAGMA foreign_key_check")[:MOST_NAMED]:
        found.append(f"catalog: row {row} of {table} refers to nothing in {parent}")
    lonely = database.rows(
        """SELECT id FROM contents WHERE id NOT IN (
            SELECT content_id FROM embeddings WHERE region = ?) LIMIT ?""",
        (FULL_FRAME, MOST_NAMED),
    )
    found += [f"content {id} has no vector" for (id,) in lonely]
    partial = database.rows(
        """SELECT content_id, count(*) FROM embeddings WHERE region <> ?
        GROUP BY content_id HAVING count(*) <> ? OR min(region) < 0 OR max(region) > ? LIMIT ?""",
        (FULL_FRAME, regions, regions, MOST_NAMED),
    )
    found += [f"content {id} has vectors of {count} regions, expected {regions}" for id, count in partial]
    empty = database.rows(
        "SELECT id, width, height FROM contents WHERE NOT (width >= 1 AND height >= 1) LIMIT ?", (MOST_NAMED,)
    )
    found += [f"content {id} has {width!a} × {height!a} pixels" for id, width, height in empty]
    sizes = database.rows("SELECT id, size FROM images WHERE NOT size >= 0 LIMIT ?", (MOST_NAMED,))
    found += [f"image {id} has {size!a} bytes" for id, size in sizes]
    found += [f"catalog: {text}" for text in islice(outside(database), MOST_NAMED)]
    damaged = _damaged(database, "embeddings", dim, bits)
    if second is not None:
        damaged += [
            f"of the second model {text}" for text in _damaged(database, f"{SECOND}embeddings", second, bits)
        ]
    if "stretches" in tables and (summaries := wrong_summaries(database)):
        found.append(f"catalog: {summaries[0]}: run `visualsearch check --repair`")
    return found + damaged


def _damaged(database: Database, table: str, dim: int, bits: int) -> list[str]:
    """Say which vectors of a table are not what was written, or of another length."""
    damaged: list[str] = []
    last = 0
    while rows := database.rows(
        f"SELECT id, crc32, vector FROM {table} WHERE id > ? ORDER BY id LIMIT 10000", (last,)
    ):
        last = rows[-1][0]
        damaged += [text for row in rows if (text := _vector_problem(row, dim, bits))]
    if len(damaged) > MOST_NAMED:
        damaged[MOST_NAMED:] = [f"{len(damaged) - MOST_NAMED} further vectors are damaged"]
    return damaged


def _of_other_types(database: Database, tables: Iterable[str]) -> Iterator[str]:
    """Yield the values that are not of the type of their column, of which SQLite itself keeps any."""
    for table in tables:
        columns = database.rows(f"PRAGMA table_info({table})")
        key = columns[0][1]
        for _, column, declared, required, *_ in columns:
            types = {declared.lower()} if required or column == key else {declared.lower(), "null"}
            listed = ", ".join(f"'{name}'" for name in sorted(types))
            rows = database.rows(
                f"SELECT {key}, {column} FROM {table} WHERE typeof({column}) NOT IN ({listed}) LIMIT ?",
                (MOST_NAMED,),
            )
            for name, value in rows:
                yield (
                    f"catalog: row {ascii(name)[:60]} of {table}: {column} is {ascii(value)[:60]}, "
                    f"expected {' or '.join(sorted(types))}"
                )


def _tables_of(version: int) -> set[str]:
    """Return which tables a catalog of a format has."""
    statements = (statement for step in MIGRATIONS[:version] for statement in step)
    return {found[1] for statement in statements if (found := re.match(r"CREATE TABLE (\w+)", statement))}


def _vector_problem(row: tuple[int, int, object], dim: int, bits: int) -> str | None:
    id, crc32, blob = row
    if not isinstance(blob, bytes):
        return None  # told already, by its type
    if len(blob) != dim * bits // 8:
        return f"vector {id} has {len(blob)} bytes, expected {dim * bits // 8}"
    if zlib.crc32(blob) != crc32:
        return f"vector {id} does not match its checksum"
    if bits != FULL_BITS:
        wrong = problem_of(np.frombuffer(blob, number_type(bits))[np.newaxis])
        return f"vector {id} is no rounded one: {wrong}" if wrong else None
    norm = float(np.linalg.norm(np.frombuffer(blob, "<f4")))
    if not abs(norm - 1.0) < 1e-3:
        return f"vector {id} has length {norm}, expected 1"
    return None
