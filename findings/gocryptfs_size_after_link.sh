#!/usr/bin/env bash
# gocryptfs 2.3 (Debian 2.3-1+b4): right after link(), stat gives both names the size of the encrypted file, 10114 bytes
# for 10000 of content, where it gave 10000 just before. Reading gives the 10000 bytes that are there. When the names
# have been read, the size is right half a second later. So a program that compares the size before and after it links
# a file takes the file for changed.
#
# Output seen, 5 times of 5:
#   before: 10000 bytes
#   at once: 10114 and 10114 bytes
#   read: 10000 and 10000 bytes
#   after half a second: 10000 and 10000 bytes
#
# Needs FUSE. Ends with 0 while this is so, with 1 when it changes, with 77 where nothing can be mounted.
set -euo pipefail
work=$(mktemp -d)
mounted=
finish() {
  [ -z "$mounted" ] || fusermount3 -u "$work/mount" || true
  [ -z "$mounted" ] || wait "$mounted" || true
  rm -rf --one-file-system "$work"
}
trap finish EXIT
[ -w /dev/fuse ] && command -v fusermount3 > /dev/null || { echo "needs /dev/fuse and fusermount3: not tried" >&2; exit 77; }
(cd "$work" && apt-get download -q gocryptfs=2.3-1+b4 > "$work/log" 2>&1)
dpkg -x "$work"/gocryptfs_*.deb "$work/root"
mkdir "$work/cipher" "$work/mount"
program="$work/root/usr/bin/gocryptfs"
echo test > "$work/password"
"$program" -init -q -scryptn 10 -passfile "$work/password" "$work/cipher" >> "$work/log" 2>&1
"$program" -fg -q -passfile "$work/password" "$work/cipher" "$work/mount" >> "$work/log" 2>&1 &
mounted=$!
for _ in $(seq 50); do
  if mountpoint -q "$work/mount"; then break; fi
  sleep 0.2
done
mountpoint -q "$work/mount" || { cat "$work/log" >&2; echo "cannot mount here: not tried" >&2; mounted=; exit 77; }
cat > "$work/program.py" <<'PYTHON'
import os
import sys
import time
from pathlib import Path

one, two = Path(sys.argv[1], "one"), Path(sys.argv[1], "two")
one.write_bytes(bytes(10_000))


def sizes(when: str) -> None:
    print(f"{when}: {one.stat().st_size} and {two.stat().st_size} bytes")


print(f"before: {one.stat().st_size} bytes")
os.link(one, two)
sizes("at once")
print(f"read: {len(one.read_bytes())} and {len(two.read_bytes())} bytes")
time.sleep(0.5)
sizes("after half a second")
PYTHON
found=$(python3 "$work/program.py" "$work/mount")
echo "$found"
expected='before: 10000 bytes
at once: 10114 and 10114 bytes
read: 10000 and 10000 bytes
after half a second: 10000 and 10000 bytes'
[ "$found" = "$expected" ] || { echo "gocryptfs behaves otherwise now" >&2; exit 1; }
