"""What every command has around it: the common options, and how it ends."""

from __future__ import annotations

import errno
import functools
import inspect
import os
import sys
from collections.abc import Callable
from typing import Annotated, Any

import typer

from visualsearch_cli.cli.exit_codes import ExitCode
from visualsearch_cli.cli.help import Command, paragraphs
from visualsearch_cli.cli.output.console import ProgressMode, RichProgress, fail, settings
from visualsearch_cli.errors import VisualSearchError, is_of_memory

GO_ON = ("index", "watch", "apply", "undo")  # what these have done is kept, and not done again

Quiet = Annotated[bool, typer.Option("--quiet", "-q", help="Only results and errors.")]
Verbose = Annotated[bool, typer.Option("--verbose", "-v", help="Say more on stderr.")]
NoColor = Annotated[bool, typer.Option("--no-color", help="No colors (also: NO_COLOR).")]
ProgressOption = Annotated[
    ProgressMode,
    typer.Option("--progress", metavar="WHEN", help="Progress bars on stderr: auto, always or never."),
]

COMMON = (
    ("quiet", Quiet, False),
    ("verbose", Verbose, False),
    ("no_color", NoColor, False),
    ("progress", ProgressOption, ProgressMode.AUTO),
)


def register(app: typer.Typer, name: str, command: Callable[..., ExitCode]) -> None:
    """Add a command to the program. It returns its exit code and never sees the common options."""
    app.command(name, cls=Command, help=paragraphs(command))(_with_common_options(command))


def _with_common_options(command: Callable[..., ExitCode]) -> Callable[..., None]:
    @functools.wraps(command)
    def wrapper(**arguments: Any) -> None:
        settings.quiet = arguments.pop("quiet")
        settings.verbose = arguments.pop("verbose")
        settings.color = not arguments.pop("no_color")
        settings.progress = arguments.pop("progress")
        if not RichProgress().enabled:
            os.environ.setdefault("HF_HUB_DISABLE_PROGRESS_BARS", "1")  # huggingface_hub draws its own
        raise typer.Exit(_outcome(command, arguments))

    # typer reads the signature at run time; the commands' own annotations are strings (eval_str)
    signature = inspect.signature(command, eval_str=True)
    own = [p.replace(kind=inspect.Parameter.KEYWORD_ONLY) for p in signature.parameters.values()]
    common = [
        inspect.Parameter(name, inspect.Parameter.KEYWORD_ONLY, default=default, annotation=annotation)
        for name, annotation, default in COMMON
    ]
    wrapper.__signature__ = inspect.Signature([*own, *common])  # type: ignore[attr-defined]
    wrapper.__annotations__ = {p.name: p.annotation for p in [*own, *common]}
    del wrapper.__wrapped__
    return wrapper


def _outcome(command: Callable[..., ExitCode], arguments: dict[str, Any]) -> ExitCode:
    """Run a command and return its exit code, its failure told in one line."""
    try:
        code = command(**arguments)
        sys.stdout.flush()
        return code
    except (KeyboardInterrupt, ImportError) as error:
        if not _was_interrupted(error):
            if is_of_memory(error):
                return _short_of_memory()
            raise
        kept = ": what was done is kept, run the same command again to go on"
        fail("interrupted" + (kept if command.__name__ in GO_ON else ""))
        return ExitCode.INTERRUPTED
    except VisualSearchError as error:
        fail(str(error))
        return ExitCode(error.exit_code)
    except BrokenPipeError:
        _silence_stdout()  # the reader has seen enough, as in `visualsearch query x.jpg | head -1`
        return ExitCode.DONE
    except MemoryError:
        return _short_of_memory()
    except OSError as error:
        if error.errno == errno.ENOSPC:
            return without_space(error)
        if isinstance(error, FileNotFoundError) and not _has_current_folder():
            fail("the current folder was removed meanwhile: change to another one and run this again")
            return ExitCode.ERROR
        raise
    except Exception as error:  # libraries have errors of their own for what is MemoryError elsewhere
        if not is_of_memory(error):
            raise
        return _short_of_memory()


def without_space(error: OSError) -> ExitCode:
    """Say that a disk is full; return the exit code."""
    _silence_stdout()
    fail(f"cannot write ({error.strerror}): free some space and run the same command again")
    return ExitCode.ERROR


def _has_current_folder() -> bool:
    try:
        os.getcwd()
    except OSError:
        return False
    return True


def _short_of_memory() -> ExitCode:
    fail("there is too little memory: run it with a smaller --threads, or when less else is running")
    return ExitCode.ERROR


def _was_interrupted(error: BaseException | None) -> bool:
    """Tell whether Ctrl-C was the cause: a compiled module that is loading just then raises ImportError."""
    while error is not None and not isinstance(error, KeyboardInterrupt):
        error = error.__cause__ or error.__context__
    return error is not None


def _silence_stdout() -> None:
    """Let what Python would still flush at exit go nowhere."""
    os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
