"""Embeddings of files that no index need know: the way of `embed`."""

from __future__ import annotations

import os
from collections.abc import Callable, Iterator, Sequence
from typing import TYPE_CHECKING

from visualsearch_cli.index.exclusion import warn_of_unmatched
from visualsearch_cli.index.records import NewContent
from visualsearch_cli.index.roots import no_such_path
from visualsearch_cli.indexing.embedding import embed_images
from visualsearch_cli.indexing.loading import LoadedFile, load_images, read_from_disk
from visualsearch_cli.indexing.parts.object_paths import is_object
from visualsearch_cli.indexing.parts.vector_file import VectorRecord
from visualsearch_cli.pictures.image import ScannedFile, SkippedImage

if TYPE_CHECKING:
    from visualsearch_cli.embedders.embedder import Embedder
    from visualsearch_cli.indexing.parts.object_storage import ObjectStorage
    from visualsearch_cli.indexing.parts.shards import Shard
    from visualsearch_cli.indexing.scanner import Scanner
    from visualsearch_cli.pictures.reader import Decoding
    from visualsearch_cli.pictures.reading import FileRead
    from visualsearch_cli.progress import Messages, Progress


class FilesToEmbed:
    """The image files at some paths, and their embeddings, which are made as they are asked for."""

    def __init__(
        self, paths: Sequence[str], scanner: Scanner, messages: Messages, shard: Shard | None = None
    ) -> None:
        """Look for images at absolute paths: files, and folders with all below them, or at addresses of
        objects. With a shard, only what is in it counts.

        Raises VisualSearchError for a path that is not there, or cannot be asked for.
        """
        self._objects: ObjectStorage | None = None
        if any(map(is_object, paths)):
            from visualsearch_cli.indexing.parts.object_storage import (
                ObjectStorage as Storage,
            )  # late: few have

            self._objects = Storage()
        roots = {path: self._root(path) for path in paths}
        self.files = [
            (file, roots[path])
            for path in paths
            for file in self._files_at(path, scanner)
            if shard is None or shard.has(file.path, roots[path])
        ]
        warn_of_unmatched(scanner.unmatched, "PATH", messages)
        self._scanner = scanner
        self.unread: list[SkippedImage] = []  # of the files, those that were come to and cannot be used

    def _root(self, path: str) -> str:
        if self._objects is not None and is_object(path):
            return self._objects.root_of(path)
        if not os.path.lexists(path):
            raise no_such_path(path)
        return path if os.path.isdir(path) else os.path.dirname(path)

    def _files_at(self, path: str, scanner: Scanner) -> Iterator[ScannedFile]:
        if self._objects is not None and is_object(path):
            return self._objects.files(path, scanner)
        return scanner.files(path)

    def _read(self, file: ScannedFile) -> LoadedFile | FileRead:
        if self._objects is not None and is_object(file.path):
            return self._objects.read(file)
        return read_from_disk(file)

    def thin_out(self, most: int) -> None:
        """Keep at most so many files, which lie evenly among all."""
        count = len(self.files)
        if count > most:
            self.files = [self.files[number * count // most] for number in range(most)]

    @property
    def skipped(self) -> list[SkippedImage]:
        """All that cannot be used, folders too."""
        return [*self.unread, *self._scanner.unread]

    def records(
        self,
        embedder: Callable[[], Embedder],
        decoding: Decoding,
        progress: Progress,
        label: str = "Embedding",
    ) -> Iterator[VectorRecord]:
        """Yield a record for each file that can be read, in order."""
        contents: dict[bytes, NewContent] = {}
        roots = iter(self.files)
        files = (file for file, _ in self.files)
        reader, threads = decoding.reader(), decoding.threads
        loaded = load_images(files, reader, embedder, lambda _: False, threads, read=self._read)
        with progress.step(label, len(self.files)) as advance:
            for batch in embed_images(loaded, embedder):
                for item in batch:
                    _, root = next(roots)
                    content = item.content
                    if content is None:
                        self.unread.append(SkippedImage(item.file.path, item.error or "unknown"))
                        continue
                    if isinstance(content, NewContent):
                        contents[content.hash] = content
                    else:
                        content = contents[content]
                    yield VectorRecord(
                        item.file.path,
                        root,
                        item.file.size,
                        item.file.mtime_ns,
                        content.hash.hex(),
                        content.width,
                        content.height,
                        content.format,
                        content.vector,
                    )
                advance(len(batch))
