"""Everything that can go wrong and is not a bug, with the exit code of each kind."""

from __future__ import annotations

from typing import ClassVar

_NO_MEMORY = (
    "bad_alloc",
    "failed to map segment",
    "Cannot allocate memory",
    "Insufficient memory",
    "Failed to allocate memory",
    "can't start new thread",
)


def is_of_memory(error: BaseException) -> bool:
    """Tell whether a library says that there was no memory: the loader, C++ in onnxruntime, or OpenCV."""
    return isinstance(error, MemoryError) or any(words in str(error) for words in _NO_MEMORY)


class VisualSearchError(Exception):
    """A failure the user can act on. The message names the thing, both values and the next step."""

    exit_code: ClassVar[int] = 1


class ImageError(VisualSearchError):
    """One image cannot be used; while indexing it is skipped and listed."""


class ImageUnreadable(ImageError):
    """The file is not an image, is damaged, or cannot be opened."""


class ImageTooLarge(ImageError):
    """The image has more pixels than the limit allows."""


class OutputRefused(VisualSearchError):
    """What was named as output is a file that the command may not write over, or cannot be made."""

    exit_code = 2


class NotThere(VisualSearchError):
    """A path is not there, or its disk is not, or no picture is at it: who waits may find it later."""


class ReportInvalid(VisualSearchError):
    """What was given as a report of duplicates is none, or not a whole one."""


class ActionError(VisualSearchError):
    """One file could not be acted upon. It is as it was, and others are not affected."""


class FileChanged(ActionError):
    """A file is not, or no longer, what it was when it was last looked at."""


class OneFile(FileChanged):
    """Two paths that were taken for two files are, or may be, one."""


class AcrossDevices(ActionError):
    """Two paths lie on different file systems."""


class JournalUnusable(VisualSearchError):
    """The journal cannot be read or written: nothing is done without one."""


class ApplyRunning(VisualSearchError):
    """Another process is applying a report, or undoing one."""

    exit_code = 11


class EmbedderError(VisualSearchError):
    """An embedder cannot do its work."""


class ModelUnavailable(EmbedderError):
    """The weights, or the package that runs them, are not here."""


class IndexStoreError(VisualSearchError):
    """The index folder cannot be used as asked."""


class GraphUnavailable(IndexStoreError):
    """hnswlib, which makes and searches graphs, is not here or does not run on this processor."""


class GraphLibraryMissing(GraphUnavailable):
    """hnswlib is not installed, which is a way to install the program."""


class IndexNotFound(IndexStoreError):
    """There is no index where one was looked for."""

    exit_code = 10


class IndexUntrusted(IndexStoreError):
    """An index that was found belongs to another user, and this one never named it."""


class IndexLocked(IndexStoreError):
    """Another process is writing to the index."""

    exit_code = 11


class IndexIncompatible(IndexStoreError):
    """The index is sound, but not usable for this request or by this version."""

    exit_code = 12


class IndexVersionUnsupported(IndexIncompatible):
    """A newer version of the program wrote the index."""


class ModelMismatch(IndexIncompatible):
    """The index holds the vectors of another model."""


class NoWords(IndexIncompatible):
    """The model of the index knows pictures, but no words."""


class IndexCorrupt(IndexStoreError):
    """A file of the index is damaged."""

    exit_code = 13
