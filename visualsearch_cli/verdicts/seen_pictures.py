"""Pictures that a judge has in memory, and what was found of those that it saw before."""

from __future__ import annotations

from collections import OrderedDict
from collections.abc import Callable, Iterable
from contextlib import suppress
from threading import Lock
from typing import TypeVar

from visualsearch_cli.errors import ImageError
from visualsearch_cli.pictures.image import ImageReader, ImageRecord, Pixels
from visualsearch_cli.pictures.pillow import MORE_BYTES
from visualsearch_cli.pictures.reading import read_file
from visualsearch_cli.pictures.whole import facts_of, whole_of
from visualsearch_cli.verdicts.comparison import (
    INPUT_SIDE,
    Comparer,
    FullPicture,
    LocalFeatures,
    Traits,
    TraitsCache,
)
from visualsearch_cli.verdicts.full_pictures import FullPictures, Room
from visualsearch_cli.watched import WATCH

T = TypeVar("T")

REMEMBERED = 8  # for each picture in memory: so many of which the features alone are, up to 68 kB each
BESIDE_PICTURES = 4 << 20  # bytes of a file that is held whole beside what is decoded


class SeenPictures:
    """Those of one judge. A cache remembers what was found from one run to the next."""

    def __init__(
        self, reader: ImageReader, comparer: Callable[[], Comparer], cache: TraitsCache | None
    ) -> None:
        self._reader = reader
        self._comparer = comparer
        self._cache = cache
        self._pictures: OrderedDict[str, SeenPicture] = OrderedDict()
        self._remembered: OrderedDict[str, Traits] = OrderedDict()  # of pictures no longer in memory
        self._known: dict[str, Traits] = {}  # to the cache
        self._found: dict[str, Traits] = {}  # since the last visit to the cache
        self._lock = Lock()

    def get(self, image: ImageRecord, most: int) -> SeenPicture:
        """Return a picture. The least recently asked for go, until so many are in memory at most. What was
        found of those stays, of REMEMBERED times as many."""
        with self._lock:
            picture = self._pictures.get(image.content_hash)
            if picture is None:
                remembered = self._remembered.pop(image.content_hash, None)
                known = remembered or self._known.get(image.content_hash, Traits())
                picture = SeenPicture(image, self._reader, self._comparer, known)
                self._pictures[image.content_hash] = picture
            self._pictures.move_to_end(image.content_hash)
            while len(self._pictures) > most:
                self._forget_pixels(self._pictures.popitem(last=False)[1])
            while len(self._remembered) > REMEMBERED * most:
                self._remembered.popitem(last=False)
        return picture

    def recall(self, images: Iterable[ImageRecord]) -> None:
        """Ask the cache about the pictures that are new among these."""
        if self._cache is not None:
            hashes = {image.content_hash for image in images}
            self._known = dict(
                self._cache.load(sorted(hashes - self._pictures.keys() - self._remembered.keys()))
            )

    def remember(self) -> None:
        """Tell the cache what it did not know."""
        if self._cache is not None:
            for picture in self._pictures.values():
                self._note(picture)
            if self._found:
                self._cache.store(self._found)
        self._found = {}

    def _forget_pixels(self, picture: SeenPicture) -> None:
        """Keep of a picture what cost most: its features take six times as long as reading it again."""
        self._note(picture)
        self._remembered[picture.content_hash] = picture.traits

    def _note(self, picture: SeenPicture) -> None:
        if self._cache is not None and picture.traits != picture.known:
            self._found[picture.content_hash] = picture.known = picture.traits


class SeenPicture:
    """One picture in memory. What costs time is found when first asked for, once, whoever asks."""

    def __init__(
        self, image: ImageRecord, reader: ImageReader, comparer: Callable[[], Comparer], known: Traits
    ) -> None:
        self.content_hash = image.content_hash
        self.known = known  # to the cache
        self._image = image
        self._reader = reader
        self._comparer = comparer
        self._lock = Lock()
        self._pixels: Pixels | None = None
        self._features = known.features
        self._is_page: bool | None = None
        self._pixel_hash = known.pixel_hash
        self._error: ImageError | None = None

    @property
    def traits(self) -> Traits:
        """What was found so far."""
        return Traits(self._pixel_hash, self._features)

    @property
    def pixels(self) -> Pixels:
        """Reduced. Raises ImageError."""
        with self._lock:
            if self._pixels is None:
                self._pixels = self._reduced(self._data(to_decode=True))
            return self._pixels

    @property
    def features(self) -> LocalFeatures:
        """Raises ImageError."""
        pixels = self.pixels
        with self._lock:
            if self._features is None:
                self._features = self._comparer().detect(pixels)
            return self._features

    @property
    def is_page(self) -> bool:
        """Raises ImageError."""
        pixels = self.pixels
        with self._lock:
            if self._is_page is None:
                self._is_page = self._comparer().is_page(pixels)
            return self._is_page

    @property
    def pixel_hash(self) -> bytes:
        """Of all that it shows: frames, alpha, all bits, attached pictures and films. Raises ImageError."""
        with self._lock:
            if self._pixel_hash is None:
                self._pixel_hash = self._asked(whole_of, self._data()).hash
            return self._pixel_hash

    @property
    def takes_most(self) -> bool:
        """Whether its reader makes all of a picture before Pillow has it, which is copied from that."""
        return self._image.format in MORE_BYTES

    def full_in(self, room: Room) -> FullPicture:
        """Return it at full size, out of the room for a pair. Raises ImageError."""
        return room.full(self.content_hash, lambda: self._full(self._data(to_decode=True)))

    def decode_into(self, pictures: FullPictures) -> None:
        """Decode it, at full size and reduced, before its pair enters: in there, one thread alone may decode.

        What is wrong is found again by who asks for it.
        """
        with suppress(ImageError, MemoryError), self._lock:
            data = self._data(to_decode=True)
            pictures.of(self.content_hash, lambda: self._full(data))
            if self._pixels is None:
                self._pixels = self._reduced(data)

    def _full(self, data: bytes) -> FullPicture:
        facts = self._asked(facts_of, data)
        return FullPicture(self.content_hash, self._decoded(data, None), *facts)

    def _reduced(self, data: bytes) -> Pixels:
        pixels = self._decoded(data, INPUT_SIDE)  # first: it needs no comparer
        return self._comparer().reduced(pixels)

    def _data(self, *, to_decode: bool = False) -> bytes:
        if self._error is not None:
            raise self._error
        try:
            read = read_file(self._image.path, BESIDE_PICTURES, to_decode=to_decode)
            if read.content_hash.hex() != self._image.content_hash:
                raise ImageError("changed since it was indexed: index it again")
            return read.data
        except ImageError as error:
            self._error = type(error)(f"{self._image.path}: {error}")
            raise self._error from error

    def _decoded(self, data: bytes, side: int | None) -> Pixels:
        return self._asked(lambda content: self._reader.read(content, side).pixels, data)

    def _asked(self, ask: Callable[[bytes], T], data: bytes) -> T:
        """Return what is asked of the contents; errors name the file, and are remembered."""
        try:
            with WATCH.decoding(self._image.path):
                return ask(data)
        except ImageError as error:
            self._error = type(error)(f"{self._image.path}: {error}")
            raise self._error from error
