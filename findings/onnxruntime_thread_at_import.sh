#!/usr/bin/env bash
# onnxruntime 1.32.0, wheel of PyPI for Linux: `import onnxruntime` alone, without a session, starts a thread, which stays.
# So a program that forks after the import (multiprocessing with "fork", servers with a parent that loads all) forks a
# process with threads, of which only one lives on in the child, while the library's state says that the other is there:
# children that had nothing to do but to end were seen not to end, or to be ended by the C++ runtime (std::system_error).
# 1.28.0 starts no thread. ORT_DISABLE_TELEMETRY=1, set before the import, lets 1.32.0 start none either.
#
# Output seen:
#   1.28.0: 0 threads more
#   1.32.0: 1 threads more
#   1.32.0, ORT_DISABLE_TELEMETRY=1: 0 threads more
#
# Ends with 0 while this is so, with 1 when it changes.
set -euo pipefail
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
python3 -m venv "$work/venv"
unset ORT_DISABLE_TELEMETRY
export OPENBLAS_NUM_THREADS=1 # numpy, which it imports, starts none then
count() { # words, variables
  env HOME="$work" "${@:2}" "$work/venv/bin/python" - "$1" <<'PY'
import os
import sys

before = len(os.listdir("/proc/self/task"))
import onnxruntime

after = len(os.listdir("/proc/self/task"))
print(f"{sys.argv[1]}: {after - before} threads more", flush=True)
os._exit(0)
PY
}
found=$(
  for version in 1.28.0 1.32.0; do
    "$work/venv/bin/python" -m pip install --quiet "onnxruntime==$version"
    count "$version"
  done
  count "1.32.0, ORT_DISABLE_TELEMETRY=1" ORT_DISABLE_TELEMETRY=1
)
echo "$found"
expected='1.28.0: 0 threads more
1.32.0: 1 threads more
1.32.0, ORT_DISABLE_TELEMETRY=1: 0 threads more'
[ "$found" = "$expected" ] || { echo "onnxruntime behaves otherwise now" >&2; exit 1; }
