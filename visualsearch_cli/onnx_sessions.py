"""What runs graphs in files of ONNX: onnxruntime, which is told to count nobody.

From version 1.29 on, it keeps an id of the machine and a queue of what it counts for its publisher in the
user's cache, unless a variable of the environment says no before it is loaded. So it is loaded here, and
nowhere else.
"""

from __future__ import annotations

import os
from pathlib import Path

os.environ.setdefault("ORT_DISABLE_TELEMETRY", "1")

import onnxruntime


def new_session(model: bytes | Path, threads: int, *, quiet: bool = False) -> onnxruntime.InferenceSession:
    """Return what runs a network on so many threads, 0: one for each core. `quiet` is for networks of users:
    it writes nothing to stderr, for what goes wrong is raised, and said in a sentence.

    What is no network raises errors that have no class in common but Exception.
    """
    options = onnxruntime.SessionOptions()
    options.intra_op_num_threads = threads
    if quiet:
        options.log_severity_level = 4
    return onnxruntime.InferenceSession(model, options, providers=["CPUExecutionProvider"])


def usable_cores() -> int:
    """Return how many cores this process may use."""
    if hasattr(os, "sched_getaffinity"):
        return len(os.sched_getaffinity(0))
    return os.cpu_count() or 1
