#!/usr/bin/env bash
# watchdog 7.1.0 (a recursive Observer on Linux) says nothing where Linux takes no more folders. `schedule` and `start`
# end well, no handler is told and nothing is logged, but only as many folders are watched as there was room for
# (fs.inotify.max_user_watches, which all programs of a user share): what changes in the others is never told. An OSError
# comes for the folder that was named alone. To notice it, count the lines `inotify wd:` in /proc/self/fdinfo.
#
# Output seen with Linux 6.18, with room for five watches, below a folder with twenty:
#   schedule and start ended well
#   5 of 21 folders are watched, 4 of 20 new files were told
#
# Ends with 0 while this is so, with 1 when it changes. Runs without root, in a user namespace of its own.
set -euo pipefail
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
python3 -m venv "$work/venv"
"$work/venv/bin/python" -m pip install --quiet watchdog==7.1.0
mkdir -p "$work"/tree/{1..20}
cat > "$work/show.py" <<'EOF'
import glob, logging, os, sys, time
from watchdog.events import FileSystemEventHandler
from watchdog.observers import Observer

logging.basicConfig()
told = set()

class Handler(FileSystemEventHandler):
    def on_created(self, event):
        told.add(event.src_path)

observer = Observer()
observer.schedule(Handler(), sys.argv[1], recursive=True)
observer.start()
print("schedule and start ended well")
watched = 0
for name in glob.glob("/proc/self/fdinfo/*"):
    try:
        watched += open(name).read().count("inotify wd:")
    except FileNotFoundError:
        pass
for folder in os.listdir(sys.argv[1]):
    open(os.path.join(sys.argv[1], folder, "new.jpg"), "w").close()
time.sleep(3)
print(f"{watched} of 21 folders are watched, {len(told)} of 20 new files were told")
os._exit(0)
EOF
found=$(unshare --user --map-root-user sh -c \
  'echo 5 > /proc/sys/user/max_inotify_watches && exec "$0" "$@"' "$work/venv/bin/python" "$work/show.py" "$work/tree" 2>&1)
echo "$found"
expected='schedule and start ended well
5 of 21 folders are watched, 4 of 20 new files were told'
[ "$found" = "$expected" ] || { echo "it behaves otherwise now" >&2; exit 1; }
