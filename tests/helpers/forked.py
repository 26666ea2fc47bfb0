"""The installed program, forked from a process that has imported it: to import it is most of a short command.

    python -m tests.helpers.forked NUMBER

answers at the socket of that number, whose other end is a `Forked`. All that runs is the program's own, from
its entry point on. Not tested so is what happens before: the environment that libraries read when they are
loaded, and which modules a command loads. `Program` starts it anew for these.
"""

from __future__ import annotations

import gc
import importlib
import os
import pickle
import pkgutil
import signal
import socket
import struct
import subprocess
import sys
import threading
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import NamedTuple

from tests.helpers.places import PROJECT

NUMBER = struct.Struct("q")
READ_LATE = ("HOME", "TERM", "COLUMNS", "NO_COLOR")  # variables that are read when they are needed
READ_LATE_TOO = ("XDG_", "VISUALSEARCH_")  # what begins so
FEW_THREADS = {"OPENBLAS_NUM_THREADS": "1", "OMP_NUM_THREADS": "1"}  # a process with threads cannot be forked
NOT_IMPORTED = (
    "torch",
    "timm",
    "open_clip",
    "pymilvus",
    "dask",
    "rawpy",
)  # few commands need them, and forks copy


class Call(NamedTuple):
    """What a forked process becomes."""

    arguments: list[bytes]  # the first is the program
    cwd: bytes
    env: dict[str, str]
    umask: int


class Forked:
    """A process that forks the program, once at a time. It ends with this one."""

    def __init__(self, env: Mapping[str, str]) -> None:
        self.busy = threading.Lock()
        self._env = dict(env)
        self._socket, there = socket.socketpair()
        with there:
            subprocess.Popen(
                [sys.executable, "-m", "tests.helpers.forked", str(there.fileno())],
                cwd=PROJECT,
                env={**env, **FEW_THREADS},
                pass_fds=[there.fileno()],
                stdin=subprocess.PIPE,  # pipes, as those that take their places: in none can be sought
                stdout=subprocess.PIPE,
                stderr=subprocess.PIPE,
            )

    def may_run(self, env: Mapping[str, str]) -> bool:
        """Tell whether an environment differs from that of this process in what is read late alone."""
        differing = {name for name in env.keys() | self._env.keys() if env.get(name) != self._env.get(name)}
        return all(name in READ_LATE or name.startswith(READ_LATE_TOO) for name in differing)

    def run(
        self,
        command: Sequence[str | bytes | Path],
        stdin: bytes,
        cwd: Path,
        env: Mapping[str, str],
        timeout: float,
    ) -> subprocess.CompletedProcess[bytes]:
        """Run the program as `subprocess.run` does; what takes longer than `timeout` seconds is killed."""
        umask = os.umask(0)
        os.umask(umask)
        call = pickle.dumps(
            Call([os.fsencode(each) for each in command], os.fsencode(cwd), {**env, **FEW_THREADS}, umask)
        )
        (its_in, stdin_end), (stdout_end, its_out), (stderr_end, its_err) = (os.pipe() for _ in range(3))
        socket.send_fds(self._socket, [NUMBER.pack(len(call))], (its_in, its_out, its_err))
        for stream in (its_in, its_out, its_err):
            os.close(stream)
        self._socket.sendall(call)
        printed: dict[int, bytes] = {}
        threads = [
            threading.Thread(target=_read, args=(stdout_end, printed)),
            threading.Thread(target=_read, args=(stderr_end, printed)),
            threading.Thread(target=_write, args=(stdin_end, stdin)),
        ]
        for thread in threads:
            thread.start()
        killing = threading.Timer(timeout, os.kill, (_number(self._socket), signal.SIGKILL))
        killing.start()
        code = os.waitstatus_to_exitcode(_number(self._socket))
        killing.cancel()
        for thread in threads:
            thread.join()
        return subprocess.CompletedProcess(command, code, printed[stdout_end], printed[stderr_end])


MOST_AT_ONCE = 2  # of one process of tests
_forked: list[Forked] = []
_is_used = sys.platform == "linux"  # elsewhere, a fork that does not exec is unsafe, or is none


def start_each_anew() -> None:
    """Fork nothing: all commands are started as users start them."""
    global _is_used
    _is_used = False


@contextmanager
def forked_program(base: Mapping[str, str], env: Mapping[str, str]) -> Iterator[Forked | None]:
    """Yield what forks the program in an environment, begun in another one that this one is made of.

    None if it has to be started anew: something was added that is read early, or enough are running.
    """
    if _is_used and all(forked.busy.locked() for forked in _forked) and len(_forked) < MOST_AT_ONCE:
        _forked.append(Forked(base))
    for forked in _forked if _is_used else ():
        if forked.may_run(env) and forked.busy.acquire(blocking=False):
            try:
                yield forked
            finally:
                forked.busy.release()
            return
    yield None


def _read(stream: int, printed: dict[int, bytes]) -> None:
    with os.fdopen(stream, "rb") as file:
        printed[stream] = file.read()


def _write(stream: int, data: bytes) -> None:
    try:
        with os.fdopen(stream, "wb") as file:
            file.write(data)
    except BrokenPipeError:  # it reads nothing
        pass


def _received(connection: socket.socket, count: int) -> bytes:
    data = b""
    while len(data) < count:
        part = connection.recv(count - len(data))
        if not part:
            raise EOFError("the process that forks the program has ended")
        data += part
    return data


def _number(connection: socket.socket) -> int:
    (number,) = NUMBER.unpack(_received(connection, NUMBER.size))
    return int(number)


def _import_all() -> None:
    """Import the package, but for what few commands need."""
    for name in NOT_IMPORTED:
        sys.modules[name] = None  # type: ignore[assignment]  # which Python takes for one that is not installed
    package = importlib.import_module("visualsearch_cli")
    for module in pkgutil.walk_packages(package.__path__, "visualsearch_cli."):
        if not module.name.endswith("__main__"):
            try:
                importlib.import_module(module.name)
            except ImportError:  # it needs one of those
                continue
    for name in NOT_IMPORTED:
        del sys.modules[name]


def _fork_for_each_call(connection: socket.socket) -> None:
    """Fork until there are no more calls, and end then. Returns in each process that was forked."""
    while True:
        head, streams, _, _ = socket.recv_fds(connection, NUMBER.size, 3)
        if not head:
            os._exit(0)
        call = Call(*pickle.loads(_received(connection, *NUMBER.unpack(head))))
        process = os.fork()
        if not process:
            connection.close()
            _become(call, streams)
            return
        for stream in streams:
            os.close(stream)
        connection.sendall(NUMBER.pack(process))
        connection.sendall(NUMBER.pack(os.waitpid(process, 0)[1]))


def _become(call: Call, streams: Sequence[int]) -> None:
    for number, stream in enumerate(streams):
        os.dup2(stream, number)
        os.close(stream)
    os.chdir(call.cwd)
    os.umask(call.umask)
    for name in os.environ.keys() - call.env.keys():
        del os.environ[name]
    os.environ.update(call.env)
    sys.argv = [os.fsdecode(argument) for argument in call.arguments]


if __name__ == "__main__":
    _import_all()
    gc.collect()
    gc.freeze()  # to look through what was imported would copy it into each process
    _fork_for_each_call(socket.socket(fileno=int(sys.argv[1])))
    from visualsearch_cli.cli.app import main

    main()
