#!/usr/bin/env bash
# onnxruntime 1.29.0 to 1.32.0, wheels of PyPI for Linux: `import onnxruntime` alone, without a session, leaves two files
# in the cache folder of the user: an id of the device, and a SQLite database with a queue of events for its publisher.
# What is counted of an import holds the path of the Python that runs, the distribution, the model of the processor, the
# memory, and whether it is a container. 1.28.0 leaves nothing. ORT_DISABLE_TELEMETRY=1, set before the import, leaves
# nothing either; onnxruntime.disable_telemetry_events() can be called only after the import, when the files are there.
#
# Output seen:
#   1.28.0: 0 files
#   1.29.0: 2 files: deviceid onnxruntime.db; an event has the path of Python: True
#   1.32.0: 2 files: deviceid onnxruntime.db; an event has the path of Python: True
#   1.32.0, disabled after the import: 2 files: deviceid onnxruntime.db
#   1.32.0, ORT_DISABLE_TELEMETRY=1: 0 files
#
# Ends with 0 while this is so, with 1 when it changes.
set -euo pipefail
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
python3 -m venv "$work/venv"
unset ORT_DISABLE_TELEMETRY XDG_CACHE_HOME
count() { # words, code, variables
  local home
  home=$(mktemp -d -p "$work")
  env HOME="$home" "${@:3}" "$work/venv/bin/python" -c "$2"
  "$work/venv/bin/python" - "$home" "$1" "$work/venv/bin/python" <<'PY'
import sqlite3
import sys
from pathlib import Path

home, words, python = sys.argv[1:]
files = sorted(path for path in Path(home).rglob("*") if path.is_file())
print(f"{words}: {len(files)} files" + (": " + " ".join(path.name for path in files) if files else ""), end="")
if files and "disabled" not in words:
    events = sqlite3.connect(files[-1]).execute("SELECT payload FROM events").fetchall()
    has_path = any(python.encode() in payload for (payload,) in events)
    print(f"; an event has the path of Python: {has_path}", end="")
print()
PY
}
found=$(
  for version in 1.28.0 1.29.0 1.32.0; do
    "$work/venv/bin/python" -m pip install --quiet "onnxruntime==$version"
    count "$version" "import onnxruntime"
  done
  count "1.32.0, disabled after the import" "import onnxruntime; onnxruntime.disable_telemetry_events()"
  count "1.32.0, ORT_DISABLE_TELEMETRY=1" "import onnxruntime" ORT_DISABLE_TELEMETRY=1
)
echo "$found"
expected='1.28.0: 0 files
1.29.0: 2 files: deviceid onnxruntime.db; an event has the path of Python: True
1.32.0: 2 files: deviceid onnxruntime.db; an event has the path of Python: True
1.32.0, disabled after the import: 2 files: deviceid onnxruntime.db
1.32.0, ORT_DISABLE_TELEMETRY=1: 0 files'
[ "$found" = "$expected" ] || { echo "onnxruntime behaves otherwise now" >&2; exit 1; }
