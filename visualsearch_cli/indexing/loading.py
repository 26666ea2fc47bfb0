"""From files to prepared model inputs: read, hash, decode and resize in a few threads, in order.

The look-ahead is bounded, so memory does not grow with the folder; a content that is known, or was met
earlier in the same run, is not decoded.
"""

from __future__ import annotations

from collections import deque
from collections.abc import Callable, Generator, Iterable
from contextlib import suppress
from dataclasses import dataclass
from typing import TYPE_CHECKING

from visualsearch_cli.ahead import Done, Started, ahead, workers
from visualsearch_cli.embedders.embedder import Embedder, ModelInput
from visualsearch_cli.errors import ImageError
from visualsearch_cli.named_tuples import NamedTuple
from visualsearch_cli.pictures.image import ImageReader, ScannedFile
from visualsearch_cli.pictures.reading import (
    LARGEST_FILE,
    LARGEST_UNSEEN,
    SHORT_OF_MEMORY,
    FileRead,
    read_file,
    require_size,
)
from visualsearch_cli.watched import WATCH

if TYPE_CHECKING:
    from visualsearch_cli.pictures.regions import RegionScheme

LOOK_AHEAD_BYTES = 128 * 2**20
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
    second_input: ModelInput | None = None  # of the full frame, for the second model, where there is one


class LoadedFile(NamedTuple):  # made for each file: a frozen dataclass takes four times as long to make
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
    second: Callable[[], Embedder] | None = None,
    read: Callable[[ScannedFile], LoadedFile | FileRead] | None = None,
) -> Generator[LoadedFile, None, None]:
    """Yield each file, in order, with its content hash and, for a new content, its model input.

    With a scheme, there are inputs of the regions too; with a second model, one for it, made of the same
    decoded picture. `read` takes the place of reading from a disk.

    The models are called when the first new content is met: a run without one loads none.
    """
    seen: set[bytes] = set()
    held: deque[int] = deque()  # bytes of each file on its way, in order
    most = 2 * threads

    def has_room() -> bool:
        return sum(held) < LOOK_AHEAD_BYTES

    def start_reading(file: ScannedFile) -> Started[LoadedFile | FileRead]:
        held.append(file.size)
        return pool.submit(read or read_from_disk, file)

    def start_decoding(read: LoadedFile | FileRead) -> Started[LoadedFile]:
        if isinstance(read, LoadedFile):
            return Done(read)
        content_hash = read.content_hash
        if content_hash in seen or known(content_hash):
            return Done(LoadedFile(read.file, content_hash, None))
        seen.add(content_hash)
        return pool.submit(_decode, read, reader, embedder(), scheme, second() if second else None)

    with workers(threads, "decode") as pool:
        for loaded in ahead(ahead(files, start_reading, most, has_room), start_decoding, most, has_room):
            held.popleft()
            yield loaded


def read_from_disk(file: ScannedFile) -> LoadedFile | FileRead:
    """Read a file, or return why it cannot be used."""
    if LARGEST_UNSEEN < file.size <= LARGEST_FILE:
        try:
            _look_at(file.path)
        except ImageError as error:
            return LoadedFile(file, None, None, str(error))
    try:
        return read_file(file.path).hashed()
    except ImageError as error:
        # Permissions and cables are mended without a new mtime: such a file is tried at every run.
        return LoadedFile(file._replace(mtime_ns=NEVER), None, None, str(error))


def _look_at(path: str) -> None:
    """Look at the head of a large file: a film or a disk image with a picture's name is not read whole."""
    from visualsearch_cli.pictures.pillow import require_picture

    with suppress(OSError), WATCH.decoding(path):  # what cannot be read is said when it is
        require_size(path)  # first: Pillow looks for what follows the head of a JPEG through all of it
        require_picture(path)


def _decode(
    read: FileRead,
    reader: ImageReader,
    embedder: Embedder,
    scheme: RegionScheme | None,
    second: Embedder | None,
) -> LoadedFile:
    side = embedder.input_side
    sides = [scheme.min_side(side) if scheme else side, *([second.input_side] if second else [])]
    try:
        image = read.decoded(reader, max(sides))
    except ImageError as error:
        return LoadedFile(read.file, read.content_hash, None, str(error))
    except MemoryError:
        # There may be more at the next run.
        return LoadedFile(read.file._replace(mtime_ns=NEVER), None, None, SHORT_OF_MEMORY)
    regions = tuple(embedder.prepare(part) for part in scheme.parts(image.pixels)) if scheme else ()
    of_second = second.prepare(image.pixels) if second else None
    size = image.width, image.height
    decoded = Decoded(embedder.prepare(image.pixels), *size, image.format, regions, of_second)
    return LoadedFile(read.file, read.content_hash, decoded)
