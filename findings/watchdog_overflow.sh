#!/usr/bin/env bash
# watchdog 7.1.0 (an Observer on Linux) tells no handler that Linux dropped changes: where more than
# fs.inotify.max_queued_events wait to be read, as while the process is stopped, the rest is lost. No event says so, no
# method can be overridden to hear of it, and nothing is raised: one line is logged, and later changes are told as if
# nothing had been. Who must not miss a file looks through the folder after a burst, however large it seemed.
#
# Output seen with Linux 6.18, where 16,384 events wait at most (a new file makes three to four of them):
#   20000 files were made while the observer was stopped; some were told, some were not
#   of the kinds of events that were told, none is an overflow: closed, created, modified, opened
#   a file made afterwards was told
#
# Ends with 0 while this is so, with 1 when it changes.
set -euo pipefail
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
python3 -m venv "$work/venv"
"$work/venv/bin/python" -m pip install --quiet watchdog==7.1.0
mkdir "$work/tree"
cat > "$work/watch.py" <<'EOF'
import logging, sys, time
from watchdog.events import FileSystemEventHandler
from watchdog.observers import Observer

logging.disable()
told, kinds = set(), set()

class Handler(FileSystemEventHandler):
    def on_any_event(self, event):
        kinds.add(event.event_type)
        if not event.is_directory:
            told.add(event.src_path)

observer = Observer()
observer.schedule(Handler(), sys.argv[1], recursive=True)
observer.start()
print("ready", flush=True)
sys.stdin.readline()
before, deadline = -1, time.monotonic() + 60
while len(told) != before and time.monotonic() < deadline:
    before = len(told)
    time.sleep(1)
print(len(told), flush=True)
sys.stdin.readline()
time.sleep(2)
print(*sorted(kinds), flush=True)
print(int(any(path.endswith("afterwards") for path in told)), flush=True)
observer.stop()
EOF
cat > "$work/show.py" <<'EOF'
import os, signal, subprocess, sys
from pathlib import Path

python, script, tree = sys.argv[1], sys.argv[2], Path(sys.argv[3])
most = int(Path("/proc/sys/fs/inotify/max_queued_events").read_text())
count = most + 3616
watch = subprocess.Popen([python, script, tree], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True)
assert watch.stdout.readline() == "ready\n"
os.kill(watch.pid, signal.SIGSTOP)
for number in range(count):
    (tree / str(number)).write_bytes(b"x")
os.kill(watch.pid, signal.SIGCONT)
print("", file=watch.stdin, flush=True)
told = int(watch.stdout.readline())
(tree / "afterwards").write_bytes(b"x")
print("", file=watch.stdin, flush=True)
kinds, afterwards = watch.stdout.readline().split(), int(watch.stdout.readline())
watch.wait()
lost = 0 < told < count
print(f"{count} files were made while the observer was stopped; {'some were told, some were not' if lost else told}")
print(f"of the kinds of events that were told, none is an overflow: {', '.join(kinds)}")
print("a file made afterwards was told" if afterwards else "a file made afterwards was not told")
print(f"({told} were told)", file=sys.stderr)
sys.exit(not (lost and afterwards and not any("overflow" in kind for kind in kinds)))
EOF
"$work/venv/bin/python" "$work/show.py" "$work/venv/bin/python" "$work/watch.py" "$work/tree"
