"""Files that commands write: what they may take the place of, and how they are there whole or not at all.

One rule holds for every file that a user names: a report, a page, vectors, a picture.

- Where nothing is, a new file is made. An empty file, such as `mktemp` makes, holds nothing: it is replaced.
- A file that the same command wrote before is replaced. It is looked at, not judged by its name.
- Into a pipe, `/dev/null` or another character device the output is written as it comes.
- Anything else is refused by name, and left as it is: photographs, other documents, folders, what the user
  may not write to.
- A symbolic link stands for what it leads to, as in a shell: the rule is asked about that, and that is
  replaced; the link stays. A link to nothing is refused, for what it led to may be on another disk.

The rule is asked twice: before any work, by `check_output`, and right before a new file takes its name.

Until then, what is written has a name of its own in the same folder, which no other run has and no scan takes
for a photograph. It is opened exclusively: no file or link that has this name already is written to.
"""

from __future__ import annotations

import errno
import os
import re
import stat
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import BinaryIO

from visualsearch_cli.errors import OutputRefused, VisualSearchError
from visualsearch_cli.named_tuples import NamedTuple

HEAD = 4096  # bytes of the beginning of a file that tell what it is

_NAME = "visualsearch"  # of the folders that a user has for this program

NO_FOLLOW = getattr(os, "O_NOFOLLOW", 0)  # there is none on Windows
READ = os.O_RDONLY | NO_FOLLOW | getattr(os, "O_NONBLOCK", 0) | getattr(os, "O_BINARY", 0)
CREATE = os.O_WRONLY | os.O_CREAT | os.O_EXCL | NO_FOLLOW | getattr(os, "O_BINARY", 0)
UPDATE = os.O_RDWR | NO_FOLLOW | getattr(os, "O_BINARY", 0)
STREAM = os.O_WRONLY | getattr(os, "O_NOCTTY", 0) | getattr(os, "O_BINARY", 0)

_TEMPORARY = re.compile(r"\.visualsearch-[0-9a-f]{16}\.tmp(-journal)?")  # -journal: SQLite's, beside it


class OutputKind(NamedTuple):  # no dataclass, which every query would wait for
    """A kind of file that a command writes, and how such a file is known again."""

    name: str  # for messages: "a report that `visualsearch dupes` wrote"
    is_ours: Callable[[BinaryIO], bool]  # given the file, opened at its beginning


def json_that_begins_with(schema: str) -> Callable[[BinaryIO], bool]:
    """Return what tells JSON whose first field is a schema, given without its version."""
    begin = re.compile(rb'(\xef\xbb\xbf)?\s*\{\s*"schema"\s*:\s*"' + re.escape(schema).encode() + rb'/\d+"')
    return lambda stream: begin.match(stream.read(HEAD)) is not None


def generated_by(generator: str) -> Callable[[BinaryIO], bool]:
    """Return what tells a page or a drawing by the generator that its head names."""
    mark = f'content="{generator}"'.encode()
    return lambda stream: mark in stream.read(HEAD)


def check_output(path: Path, kind: OutputKind) -> None:
    """Check that a file may be written, by the rule above. Raises OutputRefused."""
    _target(path, kind)


def is_free(path: Path) -> bool:
    """Tell whether a name stands for an empty file, or for a pipe or device, whatever is written there."""
    with suppress(OSError):
        state = os.stat(path)
        return _is_stream(state) or (stat.S_ISREG(state.st_mode) and not state.st_size)
    return False


def regular(path: str | os.PathLike[str]) -> BinaryIO:
    """Open a file to be read, links followed.

    Raises OSError for anything else that has a name: a pipe would wait for somebody to write, a device may
    never end, and a folder of photographs that comes from elsewhere may hold either.
    """
    _require_regular(os.stat(path))  # before it is opened: that alone may make a device do something
    stream = os.fdopen(os.open(path, READ & ~NO_FOLLOW), "rb")
    try:
        _require_regular(os.fstat(stream.fileno()))
    except OSError:
        stream.close()
        raise
    return stream


def _require_regular(state: os.stat_result) -> None:
    if stat.S_ISDIR(state.st_mode):
        raise IsADirectoryError(errno.EISDIR, "is a folder")
    if not stat.S_ISREG(state.st_mode):
        raise OSError(errno.EINVAL, "it is a pipe, a device or a socket, and no file")


@contextmanager
def written_whole(path: Path, kind: OutputKind) -> Iterator[BinaryIO]:
    """Give a stream to write to. What was written takes the place of `path` at the end; after an exception,
    nothing has changed there.

    Raises OutputRefused, and VisualSearchError if the file cannot be written.
    """
    target = _target(path, kind)
    try:
        if target is None:
            with os.fdopen(os.open(path, STREAM), "wb") as stream:
                if not _is_stream(os.fstat(stream.fileno())):
                    raise _refused(path, "was exchanged a moment ago")
                yield stream
            return
        with replacing(target, lambda: _target(path, kind)) as temporary, temporary.open("r+b") as stream:
            yield stream
    except OSError as error:
        raise VisualSearchError(f"{path} cannot be written: {error.strerror or error}") from error


@contextmanager
def replacing(path: Path, check: Callable[[], object] = lambda: None) -> Iterator[Path]:
    """Give a temporary file, empty, to write to by its name. At the end it takes the name `path`; after an
    exception it is deleted.

    For names of our own, such as those in an index folder: what has this name, a link perhaps, is replaced.
    `check` is called right before. Raises OSError.
    """
    temporary = path.with_name(temporary_name())
    before = _mode(path)
    # The permissions of a new file are the user's umask's, those of a replaced file stay.
    os.close(os.open(temporary, CREATE, 0o666 if before is None else 0o600))
    try:
        yield temporary
        with temporary.open("r+b") as stream:
            os.fsync(stream.fileno())  # before the name: else a power cut could leave the name of nothing
        if before is not None:
            os.chmod(temporary, before)
        check()
        os.replace(temporary, path)
    except BaseException:
        with suppress(OSError):
            temporary.unlink()
        raise


def make_own(path: Path) -> None:
    """Before a file of ours is written in place: let a copy take its place if it has further names (hard
    links), for these may be another file's, or a backup's. Raises OSError, also for a symbolic link, which
    Windows would follow."""
    state = os.lstat(path)
    if stat.S_ISLNK(state.st_mode):
        raise OSError(errno.ELOOP, "it is a symbolic link")
    if state.st_nlink < 2 or not stat.S_ISREG(state.st_mode):
        return
    with (
        os.fdopen(os.open(path, READ), "rb") as source,
        replacing(path) as temporary,
        temporary.open("r+b") as copy,
    ):
        while block := source.read(1 << 20):
            copy.write(block)


def state_folder() -> Path:
    """Return the folder of this user for what is to stay and is not in an index."""
    if (folder := _of_linux("XDG_STATE_HOME", ".local/state")) is not None:
        return folder
    from platformdirs import user_state_path

    return user_state_path(_NAME)


def config_folder() -> Path:
    """Return the folder of this user for settings."""
    if (folder := _of_linux("XDG_CONFIG_HOME", ".config")) is not None:
        return folder
    from platformdirs import user_config_path

    return user_config_path(_NAME)


def cache_folder() -> Path:
    """Return the folder of this user for what can be made again."""
    from platformdirs import user_cache_path  # late: few runs need it

    return user_cache_path(_NAME)


def _of_linux(variable: str, usual: str) -> Path | None:
    """Return what platformdirs would say on Linux, whose import no query should wait for; None elsewhere."""
    if not sys.platform.startswith("linux"):
        return None
    said = os.environ.get(variable, "")
    return Path(said if said.strip() else os.path.expanduser(f"~/{usual}"), _NAME)


def temporary_name() -> str:
    """Return a new name, which no scan takes for a photograph."""
    return f".visualsearch-{os.urandom(8).hex()}.tmp"


def is_temporary(name: str) -> bool:
    """Tell whether a name is one that `temporary_name` made, or belongs to one."""
    return _TEMPORARY.fullmatch(name) is not None


def remove_leftovers(folder: Path) -> None:
    """Delete what killed runs left in a folder that is ours alone. The caller holds its lock."""
    for path in folder.iterdir():
        if is_temporary(path.name):
            with suppress(OSError):
                path.unlink()


def sync_folder(folder: Path) -> None:
    """Let a change of names in a folder survive a power failure, where the system can say so."""
    if os.name == "nt":
        return  # folders cannot be opened there
    handle = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(handle)
    except OSError as error:
        if error.errno not in (errno.EINVAL, errno.ENOTSUP, errno.EBADF):  # some network shares cannot
            raise
    finally:
        os.close(handle)


def _target(path: Path, kind: OutputKind) -> Path | None:
    """Return what is to be made or replaced, links followed; None for a stream. Raises OutputRefused."""
    try:
        state = os.stat(path)
    except (FileNotFoundError, NotADirectoryError):
        if os.path.islink(path):
            raise _refused(path, f"is a link to {os.readlink(path)}, which is not there") from None
        return _new(path)
    except OSError as error:
        raise _refused(path, f"cannot be examined ({error.strerror})") from error
    if _is_stream(state):
        return None
    if stat.S_ISDIR(state.st_mode):
        raise _refused(path, "is a folder")
    if not stat.S_ISREG(state.st_mode):
        raise _refused(path, "is not a regular file")
    target = Path(os.path.realpath(path))
    if state.st_size:
        _look(path, target, state, kind)
    if not os.access(target, os.W_OK):
        raise _refused(path, "may not be written to")
    return _new(target)


def _look(path: Path, target: Path, state: os.stat_result, kind: OutputKind) -> None:
    """Refuse a file unless it is of a kind."""
    try:
        with os.fdopen(os.open(target, READ), "rb") as stream:
            if not os.path.samestat(state, os.fstat(stream.fileno())):
                raise _refused(path, "was exchanged a moment ago")
            if not kind.is_ours(stream):
                raise _refused(path, f"is not {kind.name}")
    except OSError as error:
        raise _refused(path, f"cannot be read ({error.strerror}), so it is not known what it is") from error


def _new(target: Path) -> Path:
    """Return where a file is to be made, if there is a folder for it."""
    folder = target.absolute().parent
    if not folder.is_dir():
        raise OutputRefused(f"{target} cannot be written: {folder} is not a folder")
    if not os.access(folder, os.W_OK | os.X_OK):
        raise OutputRefused(f"{target} cannot be written: you may not write to the folder {folder}")
    return target


def _refused(path: Path, why: str) -> OutputRefused:
    return OutputRefused(f"{path} {why}: it is left as it is, name another file")


def _is_stream(state: os.stat_result) -> bool:
    return stat.S_ISFIFO(state.st_mode) or stat.S_ISCHR(state.st_mode)


def _mode(path: Path) -> int | None:
    """Return the permissions of a regular file, None where there is none."""
    try:
        state = os.lstat(path)
    except OSError:
        return None
    return stat.S_IMODE(state.st_mode) if stat.S_ISREG(state.st_mode) else None
