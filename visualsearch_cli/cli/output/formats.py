"""The formats results are printed in."""

from __future__ import annotations

import json
from enum import Enum
from typing import Any


class OutputFormat(str, Enum):
    """How results are printed."""

    TABLE = "table"
    JSON = "json"
    JSONL = "jsonl"
    CSV = "csv"
    PATHS = "paths"


class DupesFormat(str, Enum):
    """How duplicates are printed."""

    TABLE = "table"
    JSON = "json"
    JSONL = "jsonl"
    CSV = "csv"
    PATHS = "paths"
    FDUPES = "fdupes"


def chosen_format(given: OutputFormat, *, json: bool) -> OutputFormat:
    """Return the format asked for by --format and --json."""
    return OutputFormat.JSON if json else given


def to_json(document: Any, *, indent: int | None = None) -> str:
    """Return a JSON text in ASCII: stray bytes of a file name appear as surrogate escapes."""
    return json.dumps(document, indent=indent, ensure_ascii=True)
