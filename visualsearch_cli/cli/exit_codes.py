"""What the program ends with: every exit code, with its meaning. docs/exit-codes.md says what to do then."""

from __future__ import annotations

from enum import IntEnum

from visualsearch_cli.errors import (
    IndexCorrupt,
    IndexIncompatible,
    IndexLocked,
    IndexNotFound,
    VisualSearchError,
)


class ExitCode(IntEnum):
    """An exit code. Those of errors are numbered where the errors are."""

    meaning: str

    DONE = 0, "done"
    ERROR = VisualSearchError.exit_code, "error: stderr says what is wrong, and the next step"
    USAGE = 2, "the command line is wrong, or names an output that must not be written"
    INCOMPLETE = 3, "done, but some files were skipped, refused or failed"
    NOTHING_MATCHED = 4, "nothing matched (only with --exit-code)"
    NO_INDEX = IndexNotFound.exit_code, "there is no index"
    LOCKED = IndexLocked.exit_code, "another process is writing to the index, or is applying a report"
    INCOMPATIBLE = IndexIncompatible.exit_code, "the index was made with another model, or by a newer version"
    DAMAGED = IndexCorrupt.exit_code, "the index is damaged"
    INTERRUPTED = 130, "interrupted (Ctrl-C): what was done is kept"

    def __new__(cls, code: int, meaning: str = "") -> ExitCode:
        """Make a member; `ExitCode(3)` gives it by its code alone."""
        member = int.__new__(cls, code)
        member._value_ = code
        member.meaning = meaning
        return member
