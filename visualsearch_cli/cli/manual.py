"""What the help and the manual page of a command say beyond its options: two examples, and its exit codes."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from visualsearch_cli.cli.exit_codes import ExitCode

ALWAYS = (ExitCode.DONE, ExitCode.ERROR, ExitCode.USAGE, ExitCode.INTERRUPTED)
OPENS_INDEX = (ExitCode.NO_INDEX, ExitCode.LOCKED, ExitCode.INCOMPATIBLE, ExitCode.DAMAGED)


@dataclass(frozen=True, slots=True)
class Example:
    """A command line as it is typed in a shell, and what it does."""

    line: str
    does: str


@dataclass(frozen=True, slots=True)
class Entry:
    """What the manual says about a command."""

    examples: tuple[Example, Example]
    exit_codes: tuple[ExitCode, ...]


def _entry(first: tuple[str, str], second: tuple[str, str], *beside: ExitCode) -> Entry:
    """Return an entry of two examples, and of the exit codes that come beside those of all commands."""
    return Entry((Example(*first), Example(*second)), tuple(sorted({*ALWAYS, *beside})))


WHOLE = _entry(
    ("visualsearch index ~/Photos", "Index a folder of photographs. Run it again to append what is new."),
    ("visualsearch dupes --report dupes.json", "Find the duplicates in it, and write them down for `apply`."),
    *ExitCode,
)
"""About the program itself."""

COMMANDS: Mapping[str, Entry] = {
    "index": _entry(
        ("visualsearch index ~/Photos", "Build ~/Photos/.visualsearch, or append what is new to it."),
        ("visualsearch index ~/Photos ~/Backup --index ~/both", "Keep one index of two folders, in ~/both."),
        *OPENS_INDEX,
        ExitCode.INCOMPLETE,
    ),
    "watch": _entry(
        ("visualsearch watch ~/Photos", "Index what changes in ~/Photos, as it changes. Ctrl-C ends it."),
        (
            "visualsearch watch /mnt/nas --every 300",
            "Look through a share, which tells nothing, every five minutes.",
        ),
        *(ExitCode.NO_INDEX, ExitCode.INCOMPATIBLE, ExitCode.DAMAGED),
    ),
    "query": _entry(
        ("visualsearch query x.jpg -k 5", "Print the five nearest pictures, with their distances."),
        (
            "visualsearch query x.jpg --level edited --exit-code",
            "Do I have this picture, or an edited copy of it? Ends with 4 if not.",
        ),
        *OPENS_INDEX,
        ExitCode.INCOMPLETE,
        ExitCode.NOTHING_MATCHED,
    ),
    "search": _entry(
        ('visualsearch search "a dog on a beach" -people', "Dogs on beaches, without people."),
        (
            'visualsearch search "at night" --image x.jpg --diverse',
            "Pictures like x.jpg, but at night, that differ from each other.",
        ),
        *OPENS_INDEX,
        ExitCode.INCOMPLETE,
        ExitCode.NOTHING_MATCHED,
    ),
    "label": _entry(
        ("visualsearch label ~/Photos/cats cat", "All pictures in this folder show a cat."),
        ("visualsearch label --folders ~/Albums", "Each subfolder is a label for the pictures in it."),
        *OPENS_INDEX,
        ExitCode.INCOMPLETE,
    ),
    "match": _entry(
        ("visualsearch match x.jpg", "Print the label that fits, or none."),
        ("visualsearch match Downloads --json", "The same for a script, of every picture in a folder."),
        *OPENS_INDEX,
        ExitCode.INCOMPLETE,
        ExitCode.NOTHING_MATCHED,
    ),
    "adapt": _entry(
        (
            "visualsearch adapt own.model --into ~/adapted",
            "Learn from the labels of the nearest index, and make an index of what was learned.",
        ),
        ("visualsearch adapt own.model --loss circle --json", "With another loss; the figures for a script."),
        *OPENS_INDEX,
    ),
    "map": _entry(
        (
            "visualsearch map map.html",
            "Draw the nearest index as a page that zooms, with all pictures inside.",
        ),
        ("visualsearch map map.svg --most 500", "As a drawing, of 500 pictures."),
        *OPENS_INDEX,
        ExitCode.INCOMPLETE,
    ),
    "dupes": _entry(
        (
            "visualsearch dupes --report dupes.json --html dupes.html",
            "Write all duplicates down for `apply`, and as a page to look at.",
        ),
        (
            "visualsearch dupes ~/Photos ~/Backup --cross --reference ~/Photos",
            "What in ~/Backup is also in ~/Photos? The files in ~/Photos are kept.",
        ),
        *OPENS_INDEX,
        ExitCode.INCOMPLETE,
        ExitCode.NOTHING_MATCHED,
    ),
    "compare": _entry(
        ("visualsearch compare a.jpg b.jpg", "Is b.jpg a copy of a.jpg, an edited one, or another picture?"),
        (
            "visualsearch compare a.jpg b.jpg --image match.png",
            "Also draw both side by side, and what was found of one in the other.",
        ),
        ExitCode.NOTHING_MATCHED,
    ),
    "only": _entry(
        (
            "visualsearch only ~/Card --copy-to ~/Photos/new",
            "Import what of a card is not in the index yet, with what belongs to it.",
        ),
        (
            "visualsearch only ~/Backup --not-in ~/Photos",
            "Can ~/Backup go? What of it has no copy in ~/Photos?",
        ),
        *OPENS_INDEX,
        ExitCode.INCOMPLETE,
        ExitCode.NOTHING_MATCHED,
    ),
    "apply": _entry(
        ("visualsearch apply dupes.json --dry-run", "Check every file, and print what would be done."),
        (
            "visualsearch apply dupes.json --move-to ~/Duplicates --yes",
            "Move the copies into ~/Duplicates, without asking.",
        ),
        ExitCode.INCOMPLETE,
        ExitCode.LOCKED,
    ),
    "undo": _entry(
        ("visualsearch undo --list", "List what was applied."),
        ("visualsearch undo --last", "Take back what was applied last."),
        ExitCode.INCOMPLETE,
        ExitCode.LOCKED,
    ),
    "review": _entry(
        ("visualsearch review ~/Photos", "Look for duplicates there, and decide about them in the browser."),
        (
            "visualsearch review dupes.json --report reviewed.json",
            "Decide about the groups of a report, and write down what was decided.",
        ),
        *OPENS_INDEX,
    ),
    "ignore": _entry(
        ("visualsearch ignore a.jpg b.jpg", "No longer show these two as duplicates of each other."),
        ("visualsearch ignore --forget all", "Show everything again."),
        *OPENS_INDEX,
    ),
    "embed": _entry(
        (
            "visualsearch embed ~/Photos -o photos.npz",
            "Write the embeddings for numpy, or for `index --from`.",
        ),
        (
            "visualsearch embed ~/Photos --shard 1/2 -o 1.npz",
            "Write those of the first half: another process does the second.",
        ),
        ExitCode.INCOMPLETE,
    ),
    "info": _entry(
        ("visualsearch info", "Say how many pictures there are, by which model, and in which folders."),
        ("visualsearch info --skipped", "Also list the files that could not be read, with the reasons."),
        *OPENS_INDEX,
    ),
    "check": _entry(
        ("visualsearch check", "Verify the nearest index."),
        (
            "visualsearch check --repair --index ~/both",
            "Write the derived files again, then verify the index in ~/both.",
        ),
        *OPENS_INDEX,
    ),
    "calibrate": _entry(
        ("visualsearch calibrate", "Learn from the pictures of the nearest index."),
        (
            "visualsearch calibrate --sample 20",
            "Edit 20 of them instead of 50, which is quicker and less certain.",
        ),
        *OPENS_INDEX,
    ),
    "prune": _entry(
        ("visualsearch prune --dry-run", "How many files of the index are gone?"),
        ("visualsearch prune --root ~/Backup", "Forget all files of a folder, gone or not."),
        *OPENS_INDEX,
    ),
    "models": _entry(
        ("visualsearch models", "List the embedders that `index --model` knows."),
        ("visualsearch models --json", "The same for a script."),
    ),
    "eval": _entry(
        ("visualsearch eval ~/Albums -k 1 -k 10", "Do the nearest pictures come from the same album?"),
        (
            "visualsearch eval ~/Copies --truth copies.csv --by relation",
            "Are known copies found? For each kind of copy that the file names.",
        ),
        ExitCode.INCOMPLETE,
    ),
}
"""About each command."""
