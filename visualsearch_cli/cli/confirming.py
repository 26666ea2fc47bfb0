"""Asking before anything is done."""

from __future__ import annotations

import sys
from typing import TYPE_CHECKING

import typer

from visualsearch_cli.acting.action import Action
from visualsearch_cli.wording import counted, short_size

if TYPE_CHECKING:
    from visualsearch_cli.acting.selection import Selection

QUESTIONS = {
    Action.TRASH: "Move to the trash:",
    Action.MOVE: "Move:",
    Action.HARDLINK: "Replace by hard links:",
    Action.SYMLINK: "Replace by symbolic links:",
    Action.REFLINK: "Replace by reflinks:",
    Action.DELETE: "Delete for good:",
}


def confirmed_on_terminal(selection: Selection, action: Action) -> bool:
    """Ask, where there is somebody to ask."""
    if not selection.tasks or not (sys.stdin.isatty() and sys.stderr.isatty()):
        return False
    verdicts: dict[str, int] = {}
    for task in selection.tasks:
        verdict = task.member.verdict.value if task.member.verdict else ""
        verdicts[verdict] = verdicts.get(verdict, 0) + 1
    kinds = ", ".join(f"{count} {verdict}" for verdict, count in verdicts.items())
    print(f"{kinds}; {short_size(selection.size)} in all", file=sys.stderr)
    question = f"{QUESTIONS[action]} {counted(len(selection.tasks), 'file')}?"
    return typer.confirm(question, default=False, err=True)
