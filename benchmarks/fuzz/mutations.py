"""Changes at random: of bytes, of JSON documents, and of the rows of a catalog."""

from __future__ import annotations

import json
import random
import sqlite3
from collections.abc import Sequence
from contextlib import suppress
from copy import deepcopy
from pathlib import Path
from typing import Any

STRANGE_BYTES = (b"\0", b"\xff", b"\xff\xff\xff\xff", b"\x7f\xff\xff\xff", b"\0\0\0\x80", b"\x80", b"\0" * 8)
MOST_CHANGES = 8

STRANGE_NAMES = (
    *(b"-rf.jpg", b"--help.jpg", b"a\nb.jpg", b"\x1b[2J.jpg", b"\xff\xfe.jpg", b"..jpg", b" .jpg", b"%s.jpg"),
    *(
        b"{}.jpg",
        b"*.jpg",
        b"[red].jpg",
        b"~.jpg",
        b"$HOME.jpg",
        b"`id`.jpg",
        b"NUL.jpg",
        b"a\\b.jpg",
        b"a.jpg.heic",
    ),
    *("é".encode() * 120 + b".jpg", "e\u0301.jpg".encode(), "\u202egpj.exe.jpg".encode(), b"a.JPG", b"_.dng"),
)

NAME_BYTES = bytes(byte for byte in range(1, 256) if byte != ord("/"))

STRANGE: tuple[Any, ...] = (
    *(None, True, False, 0, -1, 1, 2**31, 2**63, -(2**63), 2**70, 0.5, 1e308, float("nan"), float("inf")),
    *("", "x", "x" * 5000, "../../outside", "/etc/passwd", "a\0b", "\ud800", "\x1b[2J", "1", "é" * 300),
    *([], {}, [[]], [None], {"a": 1}, ["x"] * 50),
)


def changed_bytes(data: bytes, others: Sequence[bytes], rng: random.Random) -> bytes:
    """Return data with a few changes: bits, bytes, numbers, pieces left out, repeated or from elsewhere."""
    found = bytearray(data)
    for _ in range(rng.randint(1, MOST_CHANGES)):
        if not found:
            break
        # Most formats say at their beginning what comes then.
        at = rng.randrange(min(len(found), 256) if rng.random() < 0.4 else len(found))
        length = min(rng.choice((1, 2, 4, 16, 100, 1000)), len(found) - at)
        match rng.randrange(8):
            case 0:
                found[at] ^= 1 << rng.randrange(8)
            case 1:
                found[at] = rng.randrange(256)
            case 2:
                strange = rng.choice(STRANGE_BYTES)
                found[at : at + len(strange)] = strange
            case 3:
                del found[at : at + length]
            case 4:
                found[at:at] = found[at : at + length]
            case 5:
                found[at : at + length] = rng.randbytes(length)
            case 6:
                del found[at:]
            case _:
                other = rng.choice(others)
                start = rng.randrange(max(1, len(other)))
                found[at : at + length] = other[start : start + length]
    return bytes(found)


def changed_name(rng: random.Random) -> bytes:
    """Return the name of a picture's file that programs stumble over, or one of random bytes."""
    if rng.random() < 0.6:
        return rng.choice(STRANGE_NAMES)
    return bytes(rng.choice(NAME_BYTES) for _ in range(rng.randint(1, 20))) + b".jpg"


def changed_document(text: bytes, rng: random.Random) -> bytes:
    """Return a JSON document with a few values replaced, left out or nested, or with changes of its bytes."""
    if rng.random() < 0.3:
        return changed_bytes(text, [text], rng)
    document = json.loads(text)
    for _ in range(rng.randint(1, 3)):
        places = list(_places(document))
        if not places:
            break
        holder, key = rng.choice(places)
        chance = rng.random()
        if chance < 0.15:
            del holder[key]
        elif chance < 0.2:
            return json.dumps(document).encode().replace(b"{", b"[" * rng.choice((500, 200_000)) + b"{", 1)
        else:
            holder[key] = deepcopy(rng.choice(STRANGE))
    return json.dumps(document).encode()


def _places(value: Any) -> list[tuple[Any, Any]]:
    if not isinstance(value, dict | list):
        return []
    found = []
    waiting = [value]
    while waiting:
        holder = waiting.pop()
        keys = holder if isinstance(holder, dict) else range(len(holder))
        for key in keys:
            found.append((holder, key))
            if isinstance(holder[key], dict | list):
                waiting.append(holder[key])
    return found


def change_rows(catalog: Path, rng: random.Random) -> None:
    """Give a few values of a catalog others, of whatever type, and change what its manifest holds."""
    with sqlite3.connect(catalog) as database:
        database.execute("PRAGMA foreign_keys = OFF")
        database.execute("PRAGMA ignore_check_constraints = ON")
        query = "SELECT name FROM sqlite_master WHERE type = 'table' AND sql NOT LIKE '%WITHOUT ROWID%'"
        tables = [name for (name,) in database.execute(query)]
        for _ in range(rng.randint(1, 3)):
            with suppress(sqlite3.Error, OverflowError, UnicodeEncodeError):  # not all are let in
                if rng.random() < 0.3:
                    _change_manifest(database, rng)
                    continue
                table = rng.choice(tables)
                columns = [row[1] for row in database.execute(f"PRAGMA table_info({table})")]
                rows = [row for (row,) in database.execute(f"SELECT rowid FROM {table}")]
                row, column = rng.choice(rows or [0]), rng.choice(columns)
                if rng.random() < 0.1:
                    database.execute(f"DELETE FROM {table} WHERE rowid = ?", (row,))
                elif rows:
                    value = _value(database, table, column, row, rng)
                    database.execute(f"UPDATE {table} SET {column} = ? WHERE rowid = ?", (value, row))
    database.close()


def _value(database: sqlite3.Connection, table: str, column: str, row: int, rng: random.Random) -> object:
    (before,) = database.execute(f"SELECT {column} FROM {table} WHERE rowid = ?", (row,)).fetchone()
    if isinstance(before, bytes) and before and rng.random() < 0.5:
        return changed_bytes(before, [before], rng)
    value = rng.choice(STRANGE)
    if isinstance(value, list | dict):
        return rng.choice((b"", b"\0", b"../../outside", b"/etc/passwd", b"x" * 5000))
    return value


def _change_manifest(database: sqlite3.Connection, rng: random.Random) -> None:
    key, value = rng.choice(database.execute("SELECT key, value FROM manifest").fetchall())
    try:
        new = changed_document(value.encode(), rng)
    except (ValueError, RecursionError):  # an earlier change nested it
        new = rng.choice((b"", b"{}", b"null", b"[" * 100_000, b"1e999"))
    text = new.decode("utf-8", "replace")
    database.execute("UPDATE manifest SET value = ? WHERE key = ?", (text, key))
