"""What `apply` and `undo` share: the journals, and how results are printed."""

from __future__ import annotations

import sys
from collections.abc import Iterable, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

import typer

from visualsearch_cli.acting.action import Action, Outcome, Result, Step
from visualsearch_cli.atomic import state_folder
from visualsearch_cli.cli.output.console import detail, fail, note, stdout
from visualsearch_cli.cli.output.text import VERDICT_STYLES, short_path
from visualsearch_cli.wording import counted, printable, short_size

if TYPE_CHECKING:
    from visualsearch_cli.acting.dangling import Dangling
    from visualsearch_cli.acting.journal import JournalFolder
    from visualsearch_cli.acting.selection import Selection


DONE_WORDS = {
    Action.TRASH: "trashed",
    Action.MOVE: "moved",
    Action.HARDLINK: "hard-linked",
    Action.SYMLINK: "symlinked",
    Action.REFLINK: "reflinked",
    Action.DELETE: "deleted",
    Action.MERGE: "merged",
}


def journal_folder() -> JournalFolder:
    """Return the journals of the user. They outlive the index, which can be made again; they cannot."""
    from visualsearch_cli.acting.journal import JournalFolder

    return JournalFolder(state_folder() / "journal")


def result_record(result: Result) -> dict[str, Any]:
    """Return what became of one file as JSON has it."""
    step = result.step
    return {
        "path": str(result.path),
        "keeper": str(result.keeper),
        "verdict": result.verdict.value if result.verdict else None,
        "bytes": result.size,
        "outcome": result.outcome.value,
        "message": result.message,
        "merged": is_sidecar(result),
        "destination": str(step.destination) if step and step.destination else None,
        "companion_of": str(step.companion_of) if step and step.companion_of else None,
    }


def is_sidecar(result: Result) -> bool:
    """Tell whether a result is about a sidecar that is written, not about a file that goes."""
    return result.step is not None and result.step.action is Action.MERGE


def note_lost(selection: Selection, action: Action) -> None:
    """Say on stderr how many copies know what the kept files do not."""
    count = sum(any(not known.other for known in task.member.only_here) for task in selection.tasks)
    if count and not action.links:
        who = "of them knows" if count == 1 else "of them know"
        note(
            f"{count} {who} of the picture what the kept file does not (`only_here` in the report): "
            "--merge-metadata writes it into a sidecar"
        )


def print_results(results: Iterable[Result], word: str | None = None) -> None:
    """Print a line for each file that was acted upon; problems go to stderr, so does the rest with -v."""
    from rich.text import Text

    console = stdout()
    for result in results:
        if result.outcome not in (Outcome.DONE, Outcome.PLANNED) or result.step is None:
            print_other(result)
        else:
            path = printable(short_path(result.path))
            verdict = result.verdict
            console.print(
                f"{word or DONE_WORDS[result.step.action]:<11}",
                Text(
                    f"{verdict.value if verdict else '':<9}", style=VERDICT_STYLES[verdict] if verdict else ""
                ),
                f"{'' if is_sidecar(result) else short_size(result.size):>7} ",
                Text(path + _where(result.step, word)),
                Text(f" ({printable(result.message)})" if result.message and word is None else ""),
                soft_wrap=True,
            )


def print_other(result: Result) -> None:
    """Say on stderr why nothing was done to a file: problems always, the rest with --verbose."""
    if result.outcome.is_problem:
        fail(f"{result.outcome.value}: {_naming(result)}")
    else:
        why = f": {result.message}" if result.message else ""
        word = "done before" if result.outcome is Outcome.ALREADY else "left alone"
        detail(f"{word}: {short_path(result.path)}{why}")


def note_dangling(links: Iterable[Dangling]) -> None:
    """Name on stderr each symbolic link that would lead to nothing."""
    for each in links:
        link, target = (printable(short_path(path)) for path in (each.link, each.target))
        note(
            f"{link} is a symbolic link to {target}: it leads to nothing when that goes, so remove it as well"
        )


def note_rest(results: Sequence[Result], already: str) -> None:
    """Count on stderr what was left alone or had been done before."""
    for outcome, text in (
        (Outcome.ALREADY, already),
        (Outcome.LEFT, "left alone by the rules (-v says which and why)"),
        (Outcome.REFUSED, "refused: no longer what the report says"),
        (Outcome.FAILED, "failed, without any change"),
    ):
        if count := sum(result.outcome is outcome for result in results):
            note(f"{counted(count, 'file')} {text}")


def _naming(result: Result) -> str:
    """Return a message that names the file, also where it is about the kept one."""
    path = str(result.path)
    return result.message if path in result.message else f"{path}: {result.message}"


def _where(step: Step, word: str | None) -> str:
    with_whom = f" (with {printable(step.companion_of.name)})" if step.companion_of else ""
    if step.action is Action.MOVE and step.destination and word is None:
        return f"{with_whom} -> {printable(short_path(Path(step.destination)))}"
    return with_whom


QUESTIONS = {
    Action.TRASH: "Move to the trash:",
    Action.MOVE: "Move:",
    Action.HARDLINK: "Replace by hard links:",
    Action.SYMLINK: "Replace by symbolic links:",
    Action.REFLINK: "Replace by reflinks:",
    Action.DELETE: "Delete for good:",
}


FIRST = 20  # files that are listed before the question


def list_files(selection: Selection, *, all_of_them: bool) -> None:
    """Name on stderr what is to be acted upon, each with the file that stays; all, or the first few."""
    tasks = selection.tasks if all_of_them else selection.tasks[:FIRST]
    for task in tasks:
        path, kept = (printable(short_path(path)) for path in (task.member.path, task.kept.path))
        verdict = task.member.verdict.value if task.member.verdict else ""
        print(f"  {verdict:<9} {path} (kept: {kept})", file=sys.stderr)
    if rest := len(selection.tasks) - len(tasks):
        print(f"  and {counted(rest, 'more file')}: --list names all", file=sys.stderr)


def confirmed_on_terminal(selection: Selection, action: Action, *, all_of_them: bool = False) -> bool:
    """Ask, where there is somebody to ask, and say about which files.

    Raises KeyboardInterrupt on Ctrl-C, of which typer makes an error like any other.
    """
    if not selection.tasks or not (sys.stdin.isatty() and sys.stderr.isatty()):
        return False
    verdicts: dict[str, int] = {}
    for task in selection.tasks:
        verdict = task.member.verdict.value if task.member.verdict else ""
        verdicts[verdict] = verdicts.get(verdict, 0) + 1
    list_files(selection, all_of_them=all_of_them)
    kinds = ", ".join(f"{count} {verdict}" for verdict, count in verdicts.items())
    print(f"{kinds}; {short_size(selection.size)} in all", file=sys.stderr)
    files = counted(len(selection.tasks), "file")
    if selection.along:
        files = f"{files}, and {counted(len(selection.along), 'companion')}"
    question = f"{QUESTIONS[action]} {files}?"
    try:
        return typer.confirm(question, default=False, err=True)
    except typer.Abort as abort:
        print(file=sys.stderr)  # what follows is not said on the line of the question
        if isinstance(abort.__context__, KeyboardInterrupt):
            raise KeyboardInterrupt from abort
        return False  # the end of the input, Ctrl-D, is no yes
