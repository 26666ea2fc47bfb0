"""The installed program, run as a user runs it."""

from __future__ import annotations

import json
import os
import select
import shutil
import struct
import subprocess
import sys
import sysconfig
import time
from collections.abc import Iterator, Mapping
from contextlib import contextmanager, nullcontext
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, TypeAlias

from tests.helpers.forked import forked_program
from visualsearch_cli.cli.exit_codes import ExitCode
from visualsearch_cli.cli.manual import COMMANDS, WHOLE

Argument: TypeAlias = "str | bytes | Path"

COMMAND = shutil.which("visualsearch", path=sysconfig.get_path("scripts")) or "visualsearch"
TIMEOUT = 120  # seconds, for one command: far more than any takes
PATIENCE = 5  # seconds until Ctrl-C is typed again
ESCAPE = b"\x1b"

OF_ITS_OWN = """
import fcntl, os, signal, sys, termios
signal.signal(signal.SIGINT, signal.SIG_DFL)
os.setsid()
fcntl.ioctl(0, termios.TIOCSCTTY, 0)
os.execv(sys.argv[1], sys.argv[1:])
"""
"""Runs a command on a terminal that is its own: only there Ctrl-C is a signal."""

REPORT_MODULES = """
import atexit, json, os, sys
def report():
    loaded = sorted(sys.modules)
    with open(os.environ["LOADED_MODULES"], "w") as file:
        file.write(json.dumps(loaded))
atexit.register(report)
from visualsearch_cli.cli.app import main
sys.argv[0] = "visualsearch"
main()
"""


@dataclass(frozen=True, slots=True)
class Result:
    """What a command printed, and its exit code."""

    code: int
    stdout: bytes
    stderr: bytes

    @property
    def out(self) -> str:
        """Results, as text."""
        return self.stdout.decode("utf-8", "surrogateescape")

    @property
    def err(self) -> str:
        """Everything else, as text."""
        return self.stderr.decode("utf-8", "surrogateescape")

    @property
    def json(self) -> Any:
        """The JSON document on stdout."""
        return json.loads(self.stdout)

    @property
    def jsonl(self) -> list[Any]:
        """The JSON records on stdout, one a line."""
        return [json.loads(line) for line in self.stdout.splitlines()]

    @property
    def message(self) -> str:
        """The one line that says what went wrong; usage errors come in a box, which is taken apart."""
        if self.code == 2:
            box = [line.strip("│╭╰╮╯─ ") for line in self.err.splitlines()]
            return " ".join(line for line in box if line)
        lines = [line for line in self.err.splitlines() if line.startswith("visualsearch: ")]
        assert len(lines) == 1, self.err
        assert self.err.splitlines()[-1] == lines[0], self.err
        return lines[0].removeprefix("visualsearch: ")


def exit_codes(command: Argument) -> tuple[ExitCode, ...]:
    """Return the exit codes that the help of a command names; of the program, where that is no command."""
    return COMMANDS.get(str(command), WHOLE).exit_codes


@dataclass
class Program:
    """Runs the installed command in a home folder of its own."""

    home: Path
    env: dict[str, str] = field(default_factory=dict)

    def __post_init__(self) -> None:
        """Keep of the environment only what a program needs to run."""
        keep = ("PATH", "LD_LIBRARY_PATH", "DYLD_LIBRARY_PATH", "SYSTEMROOT", "TMPDIR")
        inherited = {name: os.environ[name] for name in keep if name in os.environ}
        scripts = sysconfig.get_path("scripts")
        self.env = {
            **inherited,
            "PATH": os.pathsep.join((scripts, inherited.get("PATH", os.defpath))),
            "HOME": str(self.home),
            "XDG_STATE_HOME": str(self.home / ".state"),
            "XDG_CACHE_HOME": str(self.home / ".cache"),
            "LC_ALL": "C.UTF-8",
            "TERM": "xterm-256color",
            "HF_HUB_OFFLINE": "1",
            **self.env,
        }

    def __call__(
        self,
        *arguments: Argument,
        code: int | None = 0,
        stdin: bytes = b"",
        cwd: Path | None = None,
        env: Mapping[str, str] | None = None,
        prefix: tuple[str, ...] = (),
    ) -> Result:
        """Run a command, and check its exit code, which its help names, and that it shows no traceback.

        None: it may end with any of these.
        """
        result = self._run([*prefix, COMMAND, *arguments], code, stdin, cwd, env, may_be_forked=not prefix)
        assert not arguments or result.code in exit_codes(arguments[0])
        return result

    def shell(self, line: str, code: int = 0, cwd: Path | None = None) -> Result:
        """Run a shell line, in which `visualsearch` is the installed program."""
        return self._run(["bash", "-c", line], code, b"", cwd, None)

    def modules(
        self, *arguments: Argument, code: int = 0, cwd: Path | None = None
    ) -> tuple[Result, set[str]]:
        """Run a command; also return the modules that were loaded when it ended."""
        assert code in exit_codes(arguments[0])
        report = self.home / "modules.json"
        report.unlink(missing_ok=True)
        start = [sys.executable, "-c", REPORT_MODULES]
        result = self._run([*start, *arguments], code, b"", cwd, {"LOADED_MODULES": str(report)})
        return result, set(json.loads(report.read_text()))

    def _run(
        self,
        command: list[Argument],
        code: int | None,
        stdin: bytes,
        cwd: Path | None,
        env: Mapping[str, str] | None,
        *,
        may_be_forked: bool = False,
    ) -> Result:
        whole = {**self.env, **(env or {})}
        folder = cwd or self.home
        with forked_program(self.env, whole) if may_be_forked else nullcontext() as forked:
            done = (
                forked.run(command, stdin, folder, whole, TIMEOUT)
                if forked is not None
                else subprocess.run(
                    command,
                    input=stdin,
                    capture_output=True,
                    cwd=folder,
                    env=whole,
                    timeout=TIMEOUT,
                    check=False,
                )
            )
        result = Result(done.returncode, done.stdout, done.stderr)
        assert b"Traceback" not in done.stderr, result.err
        assert code is None or done.returncode == code, (
            f"exit code {done.returncode}: {result.err}{result.out}"
        )
        return result

    @contextmanager
    def started(self, *arguments: Argument, cwd: Path | None = None) -> Iterator[subprocess.Popen[bytes]]:
        """Start a command in a session of its own; kill it at the end if it still runs."""
        with subprocess.Popen(
            [COMMAND, *arguments],
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            cwd=cwd or self.home,
            env=self.env,
            start_new_session=True,
        ) as process:
            try:
                yield process
            finally:
                if process.poll() is None:
                    process.kill()

    def on_terminal(
        self,
        *arguments: Argument,
        columns: int = 80,
        code: int = 0,
        only_stderr: bool = False,
        cwd: Path | None = None,
        env: Mapping[str, str] | None = None,
        typed: bytes = b"",
        ctrl_c_at: bytes = b"",
    ) -> bytes:
        """Run a command on a terminal, with something typed there; return all that was written to it.

        If `ctrl_c_at` is given, Ctrl-C is pressed once that is shown.
        """
        import fcntl
        import pty
        import termios

        master, terminal = pty.openpty()
        fcntl.ioctl(terminal, termios.TIOCSWINSZ, struct.pack("HHHH", 40, columns, 0, 0))
        before = [sys.executable, "-c", OF_ITS_OWN] if ctrl_c_at else []
        process = subprocess.Popen(
            [*before, COMMAND, *arguments],
            stdin=terminal,
            stdout=subprocess.DEVNULL if only_stderr else terminal,
            stderr=terminal,
            cwd=cwd or self.home,
            env={**self.env, **(env or {})},
        )
        os.close(terminal)
        os.write(master, typed)
        try:
            shown = _drain(master, process, ctrl_c_at)
        finally:
            os.close(master)
            if process.poll() is None:
                process.kill()
            process.wait()
        assert b"Traceback" not in shown, shown.decode()
        assert process.returncode == code, shown.decode("utf-8", "replace")
        return shown


def _drain(master: int, process: subprocess.Popen[bytes], ctrl_c_at: bytes) -> bytes:
    """Read what a process writes to its terminal, until it ends; press Ctrl-C at some text.

    A signal that comes between Python's last look for one and the system call that waits for a line is seen
    when that call ends. So the key is pressed again, as a person would.
    """
    shown = b""
    pressed = 0.0
    deadline = time.monotonic() + TIMEOUT
    while (now := time.monotonic()) < deadline:
        if ctrl_c_at and ctrl_c_at in shown and now > pressed + PATIENCE:
            os.write(master, b"\x03")
            pressed = now
        if not select.select([master], [], [], 0.05)[0]:
            if process.poll() is not None:
                return shown
            continue
        try:
            data = os.read(master, 65536)
        except OSError:  # Linux says so when the last writer is gone
            data = b""
        if not data:
            process.wait(TIMEOUT)
            return shown
        shown += data
    raise AssertionError(f"still running after {TIMEOUT} s: {shown!r}")
