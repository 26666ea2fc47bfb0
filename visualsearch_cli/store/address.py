"""Where a store is: `milvus:FILE.db`, or `milvus:http://HOST:PORT`, and options behind a question mark."""

from __future__ import annotations

import os
import re
from urllib.parse import parse_qsl, urlsplit

from visualsearch_cli.named_tuples import NamedTuple

SCHEME = "milvus:"
DEFAULT_COLLECTION = "visualsearch"
COMPLETE = "FLAT"
INDEX_TYPES = (COMPLETE, "HNSW", "DISKANN")
"""Of vectors in an engine. The first compares with all: no answer is left out, whatever a filter leaves."""

_NAME = re.compile(r"[A-Za-z_][A-Za-z0-9_]{0,99}")
_LEAST_EF = {"HNSW": "ef", "DISKANN": "search_list"}


class Address(NamedTuple):
    """What a user typed, taken apart."""

    uri: str  # for the client: a path that is absolute, or http://…
    is_file: bool
    collection: str = DEFAULT_COLLECTION
    index_type: str = COMPLETE  # of a store that is made
    ef: int | None = None  # candidates that a search keeps, where the index has such

    @property
    def text(self) -> str:
        """It once more, as messages name it."""
        beside = "" if self.collection == DEFAULT_COLLECTION else f"?collection={self.collection}"
        return f"{SCHEME}{self.uri}{beside}"

    @property
    def params(self) -> dict[str, int]:
        """What the engine is told about each search, by the name that its index has for it."""
        name = _LEAST_EF.get(self.index_type)
        return {} if name is None or self.ef is None else {name: self.ef}


def parsed_address(text: str) -> Address:
    """Return the address that was typed. Raises ValueError for what is none."""
    if not text.startswith(SCHEME) or not (rest := text.removeprefix(SCHEME)):
        raise ValueError(
            f"{text!r} names no store: expected {SCHEME}FILE.db, which is a file, or {SCHEME}http://HOST:PORT"
        )
    place, _, said = rest.partition("?")
    is_file = "://" not in place
    if not is_file:
        parts = urlsplit(place)
        if parts.scheme not in ("http", "https") or not parts.hostname:
            raise ValueError(f"{text!r}: expected http://HOST:PORT or https://HOST:PORT behind {SCHEME}")
        if "@" in parts.netloc:
            raise ValueError(
                "a user and password do not belong into an address, which reports and histories keep: "
                "set MILVUS_TOKEN to USER:PASSWORD"
            )
    elif not place.endswith(".db"):
        raise ValueError(f"{text!r}: a file of Milvus Lite ends in .db")
    values = dict(parse_qsl(said, keep_blank_values=True))
    collection = values.pop("collection", DEFAULT_COLLECTION)
    index_type = values.pop("index", COMPLETE).upper()
    ef = values.pop("ef", None)
    if values:
        raise ValueError(f"{text!r} says {', '.join(values)}: known are collection, index and ef")
    if not _NAME.fullmatch(collection):
        raise ValueError(f"{collection!r} cannot name a collection: expected letters, digits and underscores")
    if index_type not in INDEX_TYPES:
        raise ValueError(f"index={index_type} is not among {', '.join(INDEX_TYPES)}")
    if ef is not None and not (ef.isdecimal() and int(ef) > 0):
        raise ValueError(f"ef={ef} is not a number of candidates")
    uri = os.path.abspath(os.path.expanduser(place)) if is_file else place.rstrip("/")
    return Address(uri, is_file, collection, index_type, None if ef is None else int(ef))
