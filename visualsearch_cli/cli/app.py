"""How the program starts and ends. Imports little: the garbage collector is put off before the rest is."""

from __future__ import annotations

import atexit
import errno
import gc
import io
import os
import sys
import threading
from collections.abc import Callable
from contextlib import suppress
from typing import Any

SUPERVISED = frozenset(
    (
        "index",
        "watch",
        "query",
        "search",
        "match",
        "dupes",
        "compare",
        "only",
        "embed",
        "calibrate",
        "eval",
        "map",
        "info",
        "review",
    )
)
"""The commands that decode pictures, of which another process watches over the one that runs them."""

SERVING = "review"
"""The one of them that serves pages: whoever looks at them has their address."""

LITTLE_MEMORY = 1 << 30  # bytes of addresses that a process may have

GRACE = 100_000  # objects; to import all that a query needs makes 60,000


def main() -> None:
    """Run the program; it exits with one of the codes of docs/exit-codes.md."""
    _fill_streams()
    _put_off_collection()
    _let_idle_threads_sleep()
    _start_few_threads_in_little_memory()
    asked = sys.argv[1:2]
    if asked and asked[0] in SUPERVISED:
        from visualsearch_cli.cli.supervisor import supervise

        supervise(sys.argv[2:], serves=asked[0] == SERVING)
    from visualsearch_cli.cli.program import COMMANDS, program

    if isinstance(sys.stdout, io.TextIOWrapper):
        sys.stdout.reconfigure(errors="backslashreplace")  # a name may not fit the terminal's character set
    names = [] if asked == ["--version"] else asked if asked and asked[0] in COMMANDS else COMMANDS
    try:
        _run(program(names))
    except SystemExit as ended:
        if asked and asked[0] in SUPERVISED:
            from visualsearch_cli.watched import WATCH

            WATCH.ends()
        _end_at_once(ended.code)
        raise


def _run(app: Callable[[], Any]) -> None:
    """Run the program, with one sentence where there is no space for what --help or --version print."""
    try:
        try:
            app()
        finally:
            with suppress(BrokenPipeError, ValueError):  # nobody reads
                sys.stdout.flush()
    except OSError as error:
        if error.errno != errno.ENOSPC:
            raise
        from visualsearch_cli.cli.command import without_space

        sys.exit(without_space(error))


def _end_at_once(code: object) -> None:
    """End this process with a code, or return if Python has to do it.

    To take apart what the system takes back anyway costs a query a twelfth of its time. What is to be done at
    the end is done: what was to run then runs, and streams are written out.
    """
    if not isinstance(code, int) or any(not each.daemon for each in threading.enumerate()[1:]):
        return
    atexit._run_exitfuncs()
    try:
        sys.stdout.flush()
        sys.stderr.flush()
    except (OSError, ValueError):  # nobody reads, or the disk is full: Python says so, and has a code for it
        return
    os._exit(code)


def _fill_streams() -> None:
    """Let streams that are closed lead nowhere, and stop where there is no current folder.

    What is opened next would get the number of a closed stream, and what a library says on stderr would be
    written into it: a catalog, or a photograph's copy.
    """
    closed = []
    for number, name in enumerate(("stdin", "stdout", "stderr")):
        try:
            os.fstat(number)
        except OSError:
            os.open(os.devnull, os.O_RDWR)  # gets the lowest number that is free
            stream = io.TextIOWrapper(io.FileIO(number, "r" if number == 0 else "w", closefd=False))
            setattr(sys, name, stream)
            closed.append(name)
    if "stdout" in closed:
        print("visualsearch: stdout is closed: results go nowhere", file=sys.stderr)
    try:
        os.getcwd()
    except OSError as error:
        message = f"visualsearch: the current folder cannot be used ({error.strerror}): change to another one"
        print(message, file=sys.stderr)
        sys.exit(1)


def _put_off_collection() -> None:
    """Let the garbage collector rest until GRACE objects were made; from then on it works as usual.

    What is imported stays. To look through it again and again, as Python does for every 700 new objects,
    takes a query as long as the search.
    """
    usual = gc.get_threshold()

    def go_on(_phase: str, _info: dict[str, Any]) -> None:
        gc.callbacks.remove(go_on)
        gc.set_threshold(*usual)

    gc.callbacks.append(go_on)
    gc.set_threshold(GRACE, *usual[1:])


def _let_idle_threads_sleep() -> None:
    """Let numpy's threads sleep when they have nothing to do, unless the user wants it otherwise.

    Those of OpenBLAS spin for a while, from the import on and after each product: 25 ms on a core that this
    process, or another, has a use for. It reads from the environment, when it is loaded, for how many cycles:
    the logarithm to the base of 2.
    """
    os.environ.setdefault("OPENBLAS_THREAD_TIMEOUT", "4")  # the least it takes


def _start_few_threads_in_little_memory() -> None:
    """Let numpy start no threads where a limit of the shell (`ulimit -v`) leaves no room for their stacks.

    OpenBLAS interrupts the process, as Ctrl-C does, if it cannot start one while it is loaded.
    """
    try:
        import resource
    except ImportError:  # Windows has no such limits
        return
    limit, _ = resource.getrlimit(resource.RLIMIT_AS)
    if limit != resource.RLIM_INFINITY and limit < LITTLE_MEMORY:
        os.environ.setdefault("OPENBLAS_NUM_THREADS", "1")
