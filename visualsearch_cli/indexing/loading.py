"""From files to prepared model inputs: read, hash, decode and resize in a few threads, in order.

The look-ahead is bounded, so memory does not grow with the folder; a content that is known, or was met
earlier in the same run, is not decoded.
"""

from __future__ import annotations

from collections import deque
from collections.abc import Callable, Generator, Iterable
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from visualsearch_cli.embedders.embedder import Embedder, ModelInput
from visualsearch_cli.errors import ImageError
from visualsearch_cli.pictures.image import ImageReader, ScannedFile
from visualsearch_cli.pictures.reading import hash_content, read_file

if TYPE_CHECKING:
    from concurrent.futures import Future

    from visualsearch_cli.pictures.regions import RegionScheme

LOOK_AHEAD_BYTES = 256 * 2**20
"""Of files in memory, read and not decoded yet: with that much no further one is read."""

NEVER = -1  # an mtime that no file has


@dataclass(frozen=True, slots=True)
class Decoded:
    """What the decoder said of a content, and the inputs of the model made from it."""

    model_input: ModelInput  # of the full frame
    width: int
    height: int
    format: str
    regions: tuple[ModelInput, ...] = ()  # by number, where they are asked for


@dataclass(frozen=True, slots=True)
class LoadedFile:
    """A file on its way into the index."""

    file: ScannedFile  # size and mtime as they were when its bytes were read
    content_hash: bytes | None  # None: not readable
    decoded: Decoded | None  # None: known, met earlier in this run, or not readable
    error: str | None = None


def load_images(
    files: Iterable[ScannedFile],
    reader: ImageReader,
    embedder: Callable[[], Embedder],
    known: Callable[[bytes], bool],
    threads: int,
    scheme: RegionScheme | None = None,
) -> Generator[LoadedFile, None, None]:
    """Yield each file, in order, with its content hash and, for a new content, its model input.

    With a scheme, there are inputs of the regions too.

    `embedder` is called when the first new content is met: a run without one loads no model.
    """
    from concurrent.futures import ThreadPoolExecutor  # late: a query reads its picture without threads

    waiting = iter(files)
    seen: set[bytes] = set()
    reading: deque[Future[LoadedFile | tuple[ScannedFile, bytes, bytes]]] = deque()
    decoding: deque[Future[LoadedFile] | LoadedFile] = deque()
    look_ahead = 2 * threads
    held: deque[int] = deque()  # bytes of each file on its way, in order
    pool = ThreadPoolExecutor(threads, thread_name_prefix="decode")
    try:
        while True:
            while (
                len(reading) < look_ahead and sum(held) < LOOK_AHEAD_BYTES and (file := next(waiting, None))
            ):
                held.append(file.size)
                reading.append(pool.submit(_read, file))
            if reading and len(decoding) < look_ahead:
                raw = reading.popleft().result()
                if isinstance(raw, LoadedFile):
                    decoding.append(raw)
                elif raw[2] in seen or known(raw[2]):
                    decoding.append(LoadedFile(raw[0], raw[2], None))
                else:
                    seen.add(raw[2])
                    decoding.append(pool.submit(_decode, *raw, reader, embedder(), scheme))
            elif decoding:
                item = decoding.popleft()
                held.popleft()
                yield item if isinstance(item, LoadedFile) else item.result()
            else:
                return
    finally:
        pool.shutdown(wait=True, cancel_futures=True)


def _read(file: ScannedFile) -> LoadedFile | tuple[ScannedFile, bytes, bytes]:
    try:
        actual, data = read_file(file.path)
    except ImageError as error:
        # Permissions and cables are mended without a new mtime: such a file is tried at every run.
        return LoadedFile(replace(file, mtime_ns=NEVER), None, None, str(error))
    return actual, data, hash_content(data)


def _decode(
    file: ScannedFile,
    data: bytes,
    content_hash: bytes,
    reader: ImageReader,
    embedder: Embedder,
    scheme: RegionScheme | None,
) -> LoadedFile:
    side = embedder.input_side
    try:
        image = reader.read(data, scheme.min_side(side) if scheme else side)
    except ImageError as error:
        return LoadedFile(file, content_hash, None, str(error))
    regions = tuple(embedder.prepare(part) for part in scheme.parts(image.pixels)) if scheme else ()
    decoded = Decoded(embedder.prepare(image.pixels), image.width, image.height, image.format, regions)
    return LoadedFile(file, content_hash, decoded)
