"""What --exclude leaves out, for all commands: patterns as in a .gitignore file that lies in the root.

So a pattern without a slash fits a name at any depth, and one with a slash fits a path below the root. A
slash at its end asks for a folder, `*` stands for all but a slash, `**` for any number of folders, and `!`
takes back what an earlier pattern left out. A folder is left out with all that it holds. Three things are
said on a command line that no .gitignore file says:

- `./name` is `/name`: what lies directly in the root.
- An absolute path below the root is the path below it. If there is such a file or folder, all its characters
  stand for themselves.
- `#name` is a name and no comment.

A root may lie inside another one. What is below both is left out if it is so by either.

What was left out of a root once is remembered with it, so that the next run does not take it in again: these
patterns come before those of the command. And a folder may say for itself what is left out of it, in a file
named IGNORE_FILE, as git has it: the deeper file decides, and before all files the command.

Source of the rules: gitignore(5) of git, as pathspec follows it.
"""

from __future__ import annotations

import errno
import os
import re
import stat
from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING

from visualsearch_cli.atomic import READ
from visualsearch_cli.errors import VisualSearchError
from visualsearch_cli.index.records import IGNORE_FILE
from visualsearch_cli.pictures.image import SkippedImage
from visualsearch_cli.progress import Messages
from visualsearch_cli.wording import typed

if TYPE_CHECKING:
    from pathspec import GitIgnoreSpec

LARGEST = 1_000_000  # bytes of a file of patterns: more is none

_MEANT_OTHERWISE = re.compile(r"[\\*?\[\]!# ]")


class Patterns:
    """The patterns of one command, and those that are remembered. Which of the former fitted nothing is known
    afterwards."""

    def __init__(self, given: Sequence[str], remembered: Mapping[str, Sequence[str]] | None = None) -> None:
        """Take the patterns as they were typed, and by the paths of roots the lines that are remembered."""
        self.given = tuple(given)
        self._remembered = {_ended(root): lines for root, lines in (remembered or {}).items()}
        self._unmatched = dict.fromkeys(self.given)
        self._rules: dict[str, _Rule] = {}

    @property
    def unmatched(self) -> list[str]:
        """The patterns that fitted nothing so far."""
        return list(self._unmatched)

    def lines(self, root: str) -> list[str]:
        """Return what is left out of a root, to be remembered: the lines of a .gitignore file in it."""
        root = _ended(root)
        lines = [*self._remembered.get(root, ()), *(_below_root(pattern, root) for pattern in self.given)]
        return list(dict.fromkeys(reversed(lines)))[::-1]  # the last that fits decides, so each is kept there

    def check(self, root: str) -> None:
        """Raise VisualSearchError for what is no pattern."""
        self._rule(_ended(root))

    def decide(self, root: str, path: str) -> bool | None:
        """Tell whether a path below a root is left out, is not, or is of no concern to the patterns.

        The root has a separator at its end; the path has "/" between its parts, and at its end if it is a
        folder's. Raises VisualSearchError for what is no pattern.
        """
        if root not in self._rules:
            self._rules[root] = self._rule(root)
        rule = self._rules[root]
        for pattern in [*self._unmatched]:
            if rule.alone[pattern].check_file(path).include is not None:
                del self._unmatched[pattern]
        return None if rule.together is None else rule.together.check_file(path).include

    def _rule(self, root: str) -> _Rule:
        alone = {}
        for pattern in self.given:
            try:
                alone[pattern] = _spec_of([_below_root(pattern, root)])
            except ValueError as error:
                raise VisualSearchError(
                    f"--exclude {pattern}: this is not a pattern of a .gitignore file ({error}): "
                    "write a backslash before a character that stands for itself"
                ) from error
        lines = self.lines(root)
        try:
            return _Rule(alone, _spec_of(lines) if lines else None)
        except ValueError as error:
            raise VisualSearchError(
                f"one of the patterns that are remembered of {root} is none ({', '.join(lines)}: {error}): "
                f"run `visualsearch index {typed(root)} --no-exclude` once"
            ) from error


class _Rule:
    """The patterns of a root: each alone, and all together."""

    def __init__(self, alone: Mapping[str, GitIgnoreSpec], together: GitIgnoreSpec | None) -> None:
        self.alone = alone
        self.together = together


class Exclusion:
    """Patterns, and the roots that they are about."""

    def __init__(
        self, patterns: Patterns, roots: Sequence[str], unread: list[SkippedImage] | None = None
    ) -> None:
        """Take absolute paths of folders. With a list for those that cannot be read, what files named
        IGNORE_FILE say counts as well."""
        self._patterns = patterns
        self._roots = list(dict.fromkeys(_ended(root) for root in roots))
        self._with_lines = {root for root in self._roots if patterns.lines(root)}
        self._unread = unread
        self._folders: dict[str, bool] = {}  # whether a folder is left out: most files share one with others
        self._files: dict[str, list[tuple[str, GitIgnoreSpec]]] = {}

    def leaves_out(self, path: str, *, is_folder: bool = False) -> bool:
        """Tell whether an absolute path is left out, or one of the folders it lies in, up to its root.

        Raises VisualSearchError for what is no pattern.
        """
        roots = [root for root in self._roots if path.startswith(root) and path != root]
        if not roots:
            return False
        folder = os.path.dirname(path)
        if folder not in self._folders:
            self._folders[folder] = self.leaves_out(folder, is_folder=True)
        if self._folders[folder]:
            return True
        end = "/" if is_folder else ""
        decided = {self._patterns.decide(root, _slashed(path[len(root) :]) + end) for root in roots}
        if True in decided:
            return True
        if False in decided:
            return False
        for above, spec in self._said_above(folder):
            include = spec.check_file(_slashed(path[len(above) :]) + end).include
            if include is not None:
                return include
        return False

    def may_apply_in(self, folder: str) -> bool:
        """Tell whether anything in a folder, below a root, can be left out."""
        return any(_ended(folder).startswith(root) for root in self._with_lines) or bool(
            self._said_above(folder)
        )

    def _said_above(self, folder: str) -> list[tuple[str, GitIgnoreSpec]]:
        """Return what files in a folder and above it, up to its root, leave out: the deepest first."""
        if self._unread is None:
            return []
        if folder not in self._files:
            above: list[tuple[str, GitIgnoreSpec]] = []
            inside = _ended(folder)
            if any(inside.startswith(root) for root in self._roots):
                above = self._said_above(os.path.dirname(folder))
                if own := _said_in(folder, self._unread):
                    above = [(inside, own), *above]
            self._files[folder] = above
        return self._files[folder]


def _said_in(folder: str, unread: list[SkippedImage]) -> GitIgnoreSpec | None:
    """Return what the file of patterns in a folder says, if there is one. What cannot be used of it goes to
    `unread`."""
    path = os.path.join(folder, IGNORE_FILE)
    try:
        text = _text_of(path)
    except (FileNotFoundError, NotADirectoryError):
        return None
    except OSError as error:
        unread.append(SkippedImage(path, f"cannot be read: {error.strerror}"))
        return None
    lines = []
    for number, line in enumerate(text.splitlines(), start=1):
        try:
            _spec_of([line])
        except ValueError as error:
            unread.append(SkippedImage(path, f"line {number} is no pattern ({error}): {line}"))
        else:
            lines.append(line)
    return _spec_of(lines)


def _text_of(path: str) -> str:
    """Return the text of a regular file of sensible size, not through a link. Raises OSError."""
    handle = os.open(path, READ)
    if not stat.S_ISREG(os.fstat(handle).st_mode):
        os.close(handle)
        raise OSError(errno.EINVAL, "not a regular file", path)
    with os.fdopen(handle, "rb") as stream:
        data = stream.read(LARGEST + 1)
    if len(data) > LARGEST:
        raise OSError(errno.EFBIG, f"larger than {LARGEST:,} bytes", path)
    return os.fsdecode(data.removeprefix(b"\xef\xbb\xbf"))  # an editor on Windows marks UTF-8 so


def _spec_of(lines: Sequence[str]) -> GitIgnoreSpec:
    """Return lines as what tells what they fit. Raises ValueError for what is no pattern."""
    from pathspec import GitIgnoreSpec  # late: most commands leave nothing out

    try:
        return GitIgnoreSpec.from_lines(lines, backend="simple")  # of all backends it is always there
    except re.error as error:
        raise ValueError(str(error)) from error


def _ended(folder: str) -> str:
    return folder.rstrip(os.sep) + os.sep


def _slashed(path: str) -> str:
    return path.replace(os.sep, "/")


def _below_root(pattern: str, root: str) -> str:
    """Return a pattern as a .gitignore file in a root has it; `root` ends with a separator."""
    if pattern.startswith("!"):
        return "!" + _below_root(pattern[1:], root)
    if pattern.startswith("#"):
        return "\\" + pattern
    if os.path.isabs(pattern):
        folder, name = os.path.split(pattern)  # an empty name, if there is a separator at the end
        path = os.path.join(os.path.realpath(folder), name)
        if os.path.join(path, "") == root:
            return "*"
        if path.startswith(root):
            below = path[len(root) :]
            if os.path.lexists(path):
                below = _MEANT_OTHERWISE.sub(r"\\\g<0>", below)
            return "/" + below.replace(os.sep, "/")
    if os.sep == "\\":
        pattern = pattern.replace(os.sep, "/")
    return pattern[1:] if pattern.startswith("./") else pattern


def warn_of_unmatched(patterns: Sequence[str], roots: str, messages: Messages) -> None:
    """Say which patterns fitted nothing. `roots` says what the patterns are about."""
    for pattern in patterns:
        messages.note(f"--exclude {pattern} matches nothing: patterns are as in a .gitignore file in {roots}")
