"""Pictures in object storage, through fsspec: they are listed and read, and nothing is ever written there.

Where the storage is, and who asks, comes from the environment and the settings of the client:
AWS_ENDPOINT_URL, AWS_ACCESS_KEY_ID, AWS_PROFILE and the like.
"""

from __future__ import annotations

import os
from collections.abc import Iterator
from contextlib import contextmanager
from importlib.util import find_spec
from typing import TYPE_CHECKING, Any

from visualsearch_cli.errors import ImageError, ImageUnreadable, NotThere, VisualSearchError
from visualsearch_cli.index.exclusion import Exclusion
from visualsearch_cli.indexing.loading import NEVER, LoadedFile
from visualsearch_cli.indexing.parts.object_paths import SCHEME, is_plain_object
from visualsearch_cli.indexing.scanner import is_named_like_image
from visualsearch_cli.pictures.image import ScannedFile, SkippedImage, as_stored_time
from visualsearch_cli.pictures.reading import LARGEST_WHOLE, FileRead
from visualsearch_cli.wording import short_size

if TYPE_CHECKING:
    import datetime

    from visualsearch_cli.indexing.scanner import Scanner

INSTALL = "pip install 'visualsearch-cli[cloud]'"
NO_CREDENTIALS = ("NoCredentialsError", "PartialCredentialsError", "ProfileNotFound")
"""Names of the client's errors: to import their classes takes a second."""


class ObjectStorageError(VisualSearchError):
    """Object storage cannot be asked."""


class ObjectStorage:
    """Objects by their addresses."""

    def __init__(self) -> None:
        """Load the client, which connects when it is asked. Raises ObjectStorageError if there is none."""
        if missing := [name for name in ("fsspec", "s3fs") if not find_spec(name)]:
            raise ObjectStorageError(f"{SCHEME} needs the package {' and '.join(missing)}: {INSTALL}")
        import fsspec  # late: it takes a second

        self._client = fsspec.filesystem("s3", use_listings_cache=False)

    def root_of(self, address: str) -> str:
        """Return the folder that an address stands for, or the one of a single object.

        Raises NotThere if nothing is there, ObjectStorageError if that cannot be told.
        """
        with _told(address):
            info = self._client.info(_key(address))
        return address if info["type"] == "directory" else address.rpartition("/")[0]

    def files(self, address: str, scanner: Scanner) -> Iterator[ScannedFile]:
        """Yield the objects at or below an address that are named like images, in the order of their keys,
        folder by folder. `scanner` says which count, and is told what cannot be used.

        Raises NotThere and ObjectStorageError.
        """
        root = self.root_of(address)
        if root != address:
            with _told(address):
                yield _scanned(address, self._client.info(_key(address)))
            return
        exclusion = Exclusion(scanner.patterns, [_as_path(root)])
        yield from self._below(address, exclusion, scanner)

    def _below(self, folder: str, exclusion: Exclusion, scanner: Scanner) -> Iterator[ScannedFile]:
        with _told(folder):
            listed = self._client.ls(_key(folder), detail=True)
        for info in sorted(listed, key=lambda info: str(info["name"])):
            address = SCHEME + str(info["name"])
            last = address.rpartition("/")[2]
            is_folder = info["type"] == "directory"
            if not is_folder and not is_named_like_image(os.fsencode(last)):
                continue  # among them what stands for an empty folder, whose name ends with a slash
            if not is_plain_object(address):
                what = "has objects with keys that no path can have"
                scanner.unread.append(SkippedImage(address, what))
                continue
            if last.startswith(".") and not scanner.options.hidden:
                continue
            if exclusion.leaves_out(_as_path(address), is_folder=is_folder):
                continue
            if is_folder:
                yield from self._below(address, exclusion, scanner)
            else:
                yield _scanned(address, info)

    def read(self, file: ScannedFile) -> LoadedFile | FileRead:
        """Read an object, as `read_from_disk` a file. Raises ObjectStorageError if it cannot be asked for."""
        try:
            return self._read(file).hashed()
        except ImageError as error:
            return LoadedFile(file._replace(mtime_ns=NEVER), None, None, str(error))

    def _read(self, file: ScannedFile) -> FileRead:
        if file.size > LARGEST_WHOLE:
            raise ImageUnreadable(
                f"has {short_size(file.size)}: objects are read up to {short_size(LARGEST_WHOLE)}"
            )
        try:
            with _told(file.path):
                data = self._client.cat_file(_key(file.path))
        except NotThere as error:
            raise ImageUnreadable("is gone since it was listed") from error
        if len(data) != file.size:
            raise ImageUnreadable("changed while it was read: embed again when it is complete")
        return FileRead(file, data)


def _key(address: str) -> str:
    return address.removeprefix(SCHEME)


def _as_path(address: str) -> str:
    """Return what patterns are compared with."""
    return os.sep + _key(address).replace("/", os.sep)


def _scanned(address: str, info: dict[str, Any]) -> ScannedFile:
    modified: datetime.datetime = info["LastModified"]
    seconds = int(modified.timestamp())
    return ScannedFile(
        address, int(info["size"]), as_stored_time(seconds * 10**9 + modified.microsecond * 1000)
    )


@contextmanager
def _told(address: str) -> Iterator[None]:
    """Say in a sentence what the client says of an address: its errors have no class in common."""
    try:
        yield
    except FileNotFoundError as error:
        raise NotThere(
            f"{address} does not exist: check the bucket, the folder, and where $AWS_ENDPOINT_URL leads"
        ) from error
    except PermissionError as error:
        raise ObjectStorageError(
            f"{address} may not be read with these credentials ({error}): check $AWS_ACCESS_KEY_ID or "
            "$AWS_PROFILE"
        ) from error
    except Exception as error:
        names = {each.__name__ for each in type(error).__mro__}
        if names & set(NO_CREDENTIALS):
            raise ObjectStorageError(
                f"{address} needs credentials ({error}): set AWS_ACCESS_KEY_ID and AWS_SECRET_ACCESS_KEY, or "
                "AWS_PROFILE"
            ) from error
        if not names & {"BotoCoreError", "ClientError", "OSError"}:
            raise
        words = " ".join(str(error).split()) or type(error).__name__
        raise ObjectStorageError(
            f"{address} cannot be asked for ({words}): run it again when it can"
        ) from error
