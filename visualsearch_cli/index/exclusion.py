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

Source of the rules: gitignore(5) of git, as pathspec follows it.
"""

from __future__ import annotations

import os
import re
from collections.abc import Callable, Sequence
from typing import TypeAlias

from visualsearch_cli.errors import VisualSearchError
from visualsearch_cli.progress import Messages

Rule: TypeAlias = Callable[[str], bool]
"""Tells whether a path below a root, with "/" between its parts and at the end of a folder, is left out."""

_MEANT_OTHERWISE = re.compile(r"[\\*?\[\]!# ]")


class Patterns:
    """The patterns of one command. Those that fitted nothing are known afterwards."""

    def __init__(self, given: Sequence[str]) -> None:
        """Take the patterns as they were typed."""
        self.given = tuple(given)
        self._unmatched = dict.fromkeys(self.given)
        self._rules: dict[str, Rule] = {}

    @property
    def unmatched(self) -> list[str]:
        """The patterns that fitted nothing so far."""
        return list(self._unmatched)

    def below(self, root: str) -> Rule:
        """Return the rule for what is below a root. Raises VisualSearchError for what is no pattern."""
        if root not in self._rules:
            self._rules[root] = self._rule(root)
        return self._rules[root]

    def _rule(self, root: str) -> Rule:
        from pathspec import GitIgnoreSpec  # late: most commands leave nothing out

        def spec_of(lines: Sequence[str]) -> GitIgnoreSpec:
            return GitIgnoreSpec.from_lines(lines, backend="simple")  # of all backends it is always there

        lines = {pattern: _below_root(pattern, root) for pattern in self.given}
        alone = {}
        for pattern, line in lines.items():
            try:
                alone[pattern] = spec_of([line])
            except (ValueError, re.error) as error:
                raise VisualSearchError(
                    f"--exclude {pattern}: this is not a pattern of a .gitignore file ({error}): "
                    "write a backslash before a character that stands for itself"
                ) from error
        together = spec_of(list(lines.values()))

        def leaves_out(path: str) -> bool:
            for pattern in [*self._unmatched]:
                if alone[pattern].check_file(path).include is not None:
                    del self._unmatched[pattern]
            return together.match_file(path)

        return leaves_out


class Exclusion:
    """Patterns, and the roots that they are about."""

    def __init__(self, patterns: Patterns, roots: Sequence[str]) -> None:
        """Take absolute paths of folders. Raises VisualSearchError for what is no pattern."""
        ended = dict.fromkeys(root.rstrip(os.sep) + os.sep for root in roots)
        self._rules = {root: patterns.below(root) for root in ended}
        self._folders: dict[str, bool] = {}  # whether a folder is left out: most files share one with others

    def leaves_out(self, path: str, *, is_folder: bool = False) -> bool:
        """Tell whether an absolute path is left out, or one of the folders it lies in, up to its root."""
        roots = [root for root in self._rules if path.startswith(root) and path != root]
        if not roots:
            return False
        folder = os.path.dirname(path)
        if folder not in self._folders:
            self._folders[folder] = self.leaves_out(folder, is_folder=True)
        if self._folders[folder]:
            return True
        end = "/" if is_folder else ""
        return any(self._rules[root](path[len(root) :].replace(os.sep, "/") + end) for root in roots)


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
