"""Milvus as a store, through its own client: a server, or Milvus Lite in a file."""

from __future__ import annotations

import json
import logging
import os
import re
from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import contextmanager, suppress
from functools import cached_property
from typing import TYPE_CHECKING, Any

from visualsearch_cli import __version__
from visualsearch_cli.embedders.embedder import model_of
from visualsearch_cli.errors import (
    IndexCorrupt,
    IndexIncompatible,
    IndexLocked,
    IndexNotFound,
    IndexStoreError,
    IndexVersionUnsupported,
)
from visualsearch_cli.fields import Fields, Malformed, parsed
from visualsearch_cli.index.records import EVERYTHING, Counts, Manifest
from visualsearch_cli.store.engine_rows import (
    CONTENT_FIELDS,
    DIGEST,
    FILE_FIELDS,
    IMAGE,
    MOST_FOLDERS,
    MOST_TEXT,
    ROOT,
    SKIPPED,
    bytes_of,
    content_of,
    content_row,
    digest_of_place,
    expression_of,
    file_of,
    file_row,
    root_row,
)
from visualsearch_cli.store.port import batches
from visualsearch_cli.vectors.index import IndexParams

if TYPE_CHECKING:
    from visualsearch_cli.embedders.embedder import ModelSpec
    from visualsearch_cli.index.carried.carried_rows import CarriedContent, CarriedFile
    from visualsearch_cli.index.records import Filter
    from visualsearch_cli.store.address import Address
    from visualsearch_cli.vectors.index import Embeddings

INSTALL = "pip install 'visualsearch-cli[milvus]'"
TOKEN = "MILVUS_TOKEN"
FORMAT = 1  # of the two collections and their properties; a newer one is refused
PROPERTY = "visualsearch."
LEAST_SERVER = (2, 4)
MOST_HITS = 16_384  # that Milvus gives for a query
PAGE, LONG_PAGE = 4_000, 10_000  # rows that are read together, with vectors and without; for each page Milvus
# Lite passes over all rows
CONNECT_SECONDS = 10.0


class MilvusStore:
    """Two collections: contents with their vectors, and files."""

    def __init__(self, address: Address) -> None:
        """Connect. Raises IndexStoreError if the engine cannot be reached, or its client is not installed."""
        self.address = address
        self._contents = address.collection
        self._files = f"{address.collection}_files"
        self._client = _connected(address)

    def close(self) -> None:
        """Let go of the engine."""
        with suppress(Exception):  # the client of a server that is gone
            self._client.close()

    def exists(self) -> bool:
        """Tell whether there is a store, and not only an engine."""
        return bool(self._call(self._client.has_collection, self._files))

    def create(self, model: ModelSpec, created: str) -> None:
        """Make a store. One that another writer makes at the same time is as good."""
        properties = {
            f"{PROPERTY}format": str(FORMAT),
            f"{PROPERTY}model": json.dumps(model._asdict()),
            f"{PROPERTY}created": created,
            f"{PROPERTY}created_by": __version__,
        }
        try:
            self._create(self._contents, self._contents_schema(model.dim), "vector", "COSINE", properties)
            self._create(self._files, self._files_schema(), "none", "L2", properties)
        except IndexStoreError:
            if not self.exists():
                raise

    def _create(self, name: str, schema: Any, vector: str, metric: str, properties: dict[str, str]) -> None:
        if self._call(self._client.has_collection, name):
            return
        params = self._client.prepare_index_params()
        index_type = self.address.index_type if vector == "vector" else "FLAT"
        params.add_index(vector, index_type=index_type, metric_type=metric, params={})
        self._call(
            self._client.create_collection,
            name,
            schema=schema,
            index_params=params,
            properties=properties,
            consistency_level="Strong",
        )

    def _contents_schema(self, dim: int) -> Any:
        from pymilvus import DataType

        schema = self._client.create_schema(auto_id=False, enable_dynamic_field=False)
        schema.add_field("hash", DataType.VARCHAR, max_length=64, is_primary=True)
        schema.add_field("vector", DataType.FLOAT_VECTOR, dim=dim)
        for name in ("width", "height", "size"):
            schema.add_field(name, DataType.INT64)
        for name, length in (("format", 32), ("captured", 64), ("camera", 1000)):
            schema.add_field(name, DataType.VARCHAR, max_length=length)
        for name in ("latitude", "longitude"):
            schema.add_field(name, DataType.DOUBLE)
        return schema

    def _files_schema(self) -> Any:
        from pymilvus import DataType

        schema = self._client.create_schema(auto_id=False, enable_dynamic_field=False)
        schema.add_field("key", DataType.VARCHAR, max_length=64, is_primary=True)
        for name, length in (("root", MOST_TEXT), ("relpath", MOST_TEXT), ("content", 64), ("reason", 1000)):
            schema.add_field(name, DataType.VARCHAR, max_length=length)
        schema.add_field(
            "folders",
            DataType.ARRAY,
            element_type=DataType.VARCHAR,
            max_capacity=MOST_FOLDERS,
            max_length=DIGEST,
        )
        for name in ("kind", "size", "mtime_ns"):
            schema.add_field(name, DataType.INT64)
        schema.add_field("missing", DataType.BOOL)
        schema.add_field("none", DataType.FLOAT_VECTOR, dim=2)  # Milvus has no collection without vectors
        return schema

    def manifest(self) -> Manifest:
        """Return what its vectors are of. To be asked before anything else, unless the store was just made.

        Raises IndexNotFound if there is none, IndexIncompatible for what is none of ours or not of this
        version's.
        """
        return self._manifest

    @cached_property
    def _manifest(self) -> Manifest:
        if not self.exists():
            raise IndexNotFound(
                f"{self.address.text} holds no index: run `visualsearch index PATH --store "
                f"{self.address.text}` first"
            )
        described = self._call(self._client.describe_collection, self._contents)
        said = {str(key): str(value) for key, value in dict(described.get("properties") or {}).items()}
        format = said.get(f"{PROPERTY}format", "")
        if not format.isdecimal():
            raise IndexIncompatible(
                f"{self.address.text} holds a collection that is not of visualsearch: name another one with "
                "?collection=NAME"
            )
        if int(format) > FORMAT:
            raise IndexVersionUnsupported(
                f"{self.address.text} has format {format}, and this version knows up to {FORMAT}: "
                "install a newer visualsearch"
            )
        names = {field["name"] for field in described["fields"]}
        if not names.issuperset(("vector", *CONTENT_FIELDS)):
            raise IndexIncompatible(
                f"{self.address.text} lacks fields that format {FORMAT} has, among them "
                f"{sorted({'vector', *CONTENT_FIELDS} - names)[0]}: name another one with ?collection=NAME"
            )
        try:
            model = model_of(Fields(parsed(said.get(f"{PROPERTY}model", "")), "model"))
        except Malformed as error:
            raise IndexCorrupt(f"{self.address.text} does not say which model it is of: {error}") from error
        for name in (self._contents, self._files):  # Milvus Lite asks for it in each process
            self._call(self._client.load_collection, name)
        return Manifest(
            format_version=FORMAT,
            created_by=said.get(f"{PROPERTY}created_by", "unknown"),
            created=said.get(f"{PROPERTY}created", "unknown"),
            model=model,
            weights_path=None,
            params=IndexParams(),
            graph=None,
        )

    def version(self) -> str:
        """Return which version the engine is of."""
        return str(self._call(self._client.get_server_version))

    def counts(self) -> Counts:
        """Count what is there."""
        contents = self._count(self._contents, "")
        images = self._count(self._files, f"kind == {IMAGE} and missing == false")
        missing = self._count(self._files, f"kind == {IMAGE} and missing == true")
        return Counts(images, missing, self._count(self._files, f"kind == {SKIPPED}"), contents, contents)

    def images_in(self, root: str) -> int:
        """Count the files of a root that are there."""
        place = digest_of_place(root, b"")
        where = f'kind == {IMAGE} and missing == false and ARRAY_CONTAINS(folders, "{place}")'
        return self._count(self._files, where)

    def _count(self, collection: str, where: str) -> int:
        rows = self._call(self._client.query, collection, filter=where, output_fields=["count(*)"], **_STRONG)
        return int(rows[0]["count(*)"])

    def roots(self) -> list[str]:
        """Return the names of the roots, in order."""
        rows = self._rows(self._files, f"kind == {ROOT}", ["root"])
        return sorted(os.fsdecode(bytes_of(row["root"])) for row in rows)

    def files(self, root: str, below: bytes = b"") -> Iterator[CarriedFile]:
        """Yield the files of a root, or those at a path in it and below, in no order."""
        where = f'ARRAY_CONTAINS(folders, "{digest_of_place(root, below)}")'
        for row in self._rows(self._files, where, FILE_FIELDS):
            yield file_of(row)
        if below and (itself := self.file(root, below)) is not None:
            yield itself

    def file(self, root: str, relpath: bytes) -> CarriedFile | None:
        """Return what is known of one file."""
        from visualsearch_cli.index.carried.carried_rows import CarriedFile

        key = CarriedFile(root, relpath, 0, 0, None).key
        rows = self._get(self._files, [key], FILE_FIELDS)
        return file_of(rows[0]) if rows else None

    def files_of(self, hashes: Iterable[bytes]) -> Iterator[CarriedFile]:
        """Yield the files of some contents, in no order."""
        for chunk in batches(dict.fromkeys(hashes)):
            where = f"content in {json.dumps([hash_.hex() for hash_ in chunk])}"
            for row in self._rows(self._files, where, FILE_FIELDS):
                yield file_of(row)

    def hashes(self) -> Iterator[bytes]:
        """Yield the hashes of all contents."""
        for row in self._rows(self._contents, "", ["hash"]):
            yield bytes.fromhex(row["hash"])

    def known(self, hashes: Iterable[bytes]) -> set[bytes]:
        """Return those of some hashes of which the content is there."""
        return {
            bytes.fromhex(row["hash"])
            for chunk in batches(dict.fromkeys(hashes))
            for row in self._get(self._contents, [hash_.hex() for hash_ in chunk], ["hash"])
        }

    def contents(self, hashes: Iterable[bytes] | None = None) -> Iterator[CarriedContent]:
        """Yield some contents, or all, in no order; those that are not there are left out."""
        fields = (*CONTENT_FIELDS, "vector")
        if hashes is None:
            for row in self._rows(self._contents, "", fields):
                yield content_of(row)
            return
        for chunk in batches(dict.fromkeys(hashes)):
            for row in self._get(self._contents, [hash_.hex() for hash_ in chunk], fields):
                yield content_of(row)

    def nearest(self, queries: Embeddings, k: int, filter: Filter = EVERYTHING) -> list[list[bytes]]:
        """Return the hashes of the k nearest contents of each query, nearest first, of those that a filter
        lets through, and perhaps some more; MOST_HITS at most."""
        found = self._call(
            self._client.search,
            self._contents,
            data=queries.tolist(),
            anns_field="vector",
            filter=expression_of(filter),
            limit=min(k, MOST_HITS),
            search_params={"metric_type": "COSINE", "params": self.address.params},
            output_fields=["hash"],
            **_STRONG,
        )
        return [[bytes.fromhex(hit["entity"]["hash"]) for hit in hits] for hits in found]

    def put_roots(self, roots: Iterable[str]) -> None:
        """Remember folders as roots."""
        rows = [root_row(root) for root in roots]
        if rows:
            self._call(self._client.upsert, self._files, rows)

    def put_contents(self, contents: Sequence[CarriedContent]) -> None:
        """Take contents in."""
        self._put(self._contents, [content_row(content) for content in contents])

    def put_files(self, files: Sequence[CarriedFile]) -> None:
        """Take files in, whose roots and contents are there. What was known of them is replaced."""
        self._put(self._files, [file_row(file) for file in files])

    def _put(self, collection: str, rows: Sequence[dict[str, Any]]) -> None:
        for part in batches(rows):
            self._call(self._client.upsert, collection, part)

    def forget_files(self, files: Iterable[CarriedFile]) -> None:
        """Forget what is known of some files."""
        self._delete(self._files, [file.key for file in files])

    def forget_contents(self, hashes: Iterable[bytes]) -> None:
        """Forget contents that no file has."""
        wanted = set(hashes)
        used = {file.content for file in self.files_of(wanted)}
        self._delete(self._contents, [hash_.hex() for hash_ in wanted - used])

    def forget_roots(self, roots: Iterable[str]) -> None:
        """Forget roots, and all their files."""
        from visualsearch_cli.index.carried.carried_rows import CarriedFile

        for root in roots:
            self.forget_files(list(self.files(root)))
            self._delete(self._files, [CarriedFile(root, b"", 0, 0, None).key])

    def _delete(self, collection: str, keys: Sequence[str]) -> None:
        for chunk in batches(dict.fromkeys(keys)):
            self._call(self._client.delete, collection, ids=chunk)

    def flush(self) -> None:
        """Let what was written be searched quickly."""
        for name in (self._contents, self._files):
            self._call(self._client.flush, name)

    def _get(self, collection: str, keys: Sequence[str], fields: Sequence[str]) -> list[dict[str, Any]]:
        """Return the rows with some primary keys, MOST_HITS at most."""
        return list(
            self._call(self._client.get, collection, ids=list(keys), output_fields=list(fields), **_STRONG)
        )

    def _rows(self, collection: str, where: str, fields: Sequence[str]) -> Iterator[dict[str, Any]]:
        """Yield all rows that a condition holds for, however many."""
        pages = self._call(
            self._client.query_iterator,
            collection,
            batch_size=PAGE if "vector" in fields else LONG_PAGE,
            filter=where,
            output_fields=list(fields),
            **_STRONG,
        )
        try:
            while page := self._call(pages.next):
                yield from page
        finally:
            with suppress(Exception):  # a server that is gone has said so already
                pages.close()

    def _call(self, call: Callable[..., Any], *values: Any, **named: Any) -> Any:
        """Ask the engine. Raises IndexStoreError, with one sentence, for whatever it refuses."""
        from pymilvus.exceptions import MilvusException

        try:
            return call(*values, **named)
        except MilvusException as error:
            raise _refused(self.address, error) from error


_STRONG = {"consistency_level": "Strong"}  # what one writer has put, the next reader sees


def _connected(address: Address) -> Any:
    try:
        import pymilvus
        from pymilvus.exceptions import MilvusException

        if address.is_file:
            import milvus_lite  # noqa: F401
    except ImportError as error:
        raise IndexStoreError(
            f"{address.text} needs a package that is not installed ({error}): {INSTALL}"
        ) from error
    logging.getLogger("pymilvus").setLevel(logging.CRITICAL)  # what it logs, its errors say as well
    if address.is_file and not os.path.isdir(folder := os.path.dirname(address.uri)):
        raise IndexNotFound(f"{folder} is not there, so {address.text} cannot be: check the path")
    why = _Why()
    try:
        with why.listening():
            client = pymilvus.MilvusClient(
                address.uri, token=os.environ.get(TOKEN, ""), timeout=CONNECT_SECONDS
            )
            version = str(client.get_server_version())
    except (MilvusException, OSError, RuntimeError, ValueError) as error:
        if address.is_file:
            raise _not_opened(address, why.error or error) from error
        raise _refused(address, error) from error
    numbers = re.findall(r"\d+", version)[:2]
    if not address.is_file and tuple(map(int, numbers)) < LEAST_SERVER:
        least = ".".join(map(str, LEAST_SERVER))
        raise IndexIncompatible(
            f"{address.text} runs Milvus {version}, and {least} or later is needed: update it"
        )
    return client


class _Why(logging.Handler):
    """Hears why Milvus Lite does not start: its client says but that it does not."""

    def __init__(self) -> None:
        super().__init__()
        self.error: BaseException | None = None

    def emit(self, record: logging.LogRecord) -> None:
        """Keep the error that is logged."""
        if record.exc_info and record.exc_info[1]:
            self.error = record.exc_info[1]

    @contextmanager
    def listening(self) -> Iterator[None]:
        """Hear what is logged, in place of the terminal."""
        logger = logging.getLogger("milvus_lite")
        logger.addHandler(self)
        logger.propagate = False
        logger.setLevel(logging.ERROR)
        try:
            yield
        finally:
            logger.removeHandler(self)
            logger.setLevel(logging.CRITICAL)  # later on, as for the client


def _not_opened(address: Address, error: BaseException) -> IndexStoreError:
    said = _one_line(error)
    if "lock" in said:
        return IndexLocked(
            f"{address.text} is open in another process, and a file can be in one only: wait for it to end, "
            "or use a server"
        )
    return IndexStoreError(f"{address.text} cannot be opened ({said}): check the path, or name another file")


def _refused(address: Address, error: Exception) -> IndexStoreError:
    said = _one_line(error)
    if re.search(r"connect|unavailable|deadline|timed? ?out", said, re.IGNORECASE):
        return IndexStoreError(
            f"{address.text} cannot be reached ({said}): check that it runs, and run this again: what was "
            "done is kept"
        )
    return IndexStoreError(f"{address.text} refused ({said}): run this again: what was done is kept")


def _one_line(error: BaseException) -> str:
    text = str(getattr(error, "message", "") or error)
    return " ".join(text.split())[:200].rstrip(".")
