#!/usr/bin/env bash
# pathspec 1.1.1 (GitIgnoreSpec, which promises to do as git does) and git: the pattern `b/**/`, a folder at any depth
# below b. git leaves files that lie directly in b alone, since they are no folders; pathspec takes them.
# A program that excludes files by such a spec leaves out files that the same line in a .gitignore keeps.
#
# Output seen with git 2.39.5:
#   b/a: git keeps it, pathspec excludes it
#   b/c/d: git excludes it, pathspec excludes it
#   other/a: git keeps it, pathspec keeps it
#
# Ends with 0 while this is so, with 1 when it changes.
set -euo pipefail
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
python3 -m venv "$work/venv"
"$work/venv/bin/python" -m pip install --quiet pathspec==1.1.1
git init --quiet "$work/tree"
cd "$work/tree"
mkdir -p b/c other
touch b/a b/c/d other/a
echo 'b/**/' > .gitignore
found=$(for path in b/a b/c/d other/a; do
  by_git=keeps
  if git check-ignore --quiet "$path"; then by_git=excludes; fi
  by_pathspec=$("$work/venv/bin/python" -c '
import sys
from pathspec import GitIgnoreSpec
spec = GitIgnoreSpec.from_lines(["b/**/"])
print("excludes" if spec.match_file(sys.argv[1]) else "keeps")' "$path")
  echo "$path: git $by_git it, pathspec $by_pathspec it"
done)
echo "$found"
expected='b/a: git keeps it, pathspec excludes it
b/c/d: git excludes it, pathspec excludes it
other/a: git keeps it, pathspec keeps it'
[ "$found" = "$expected" ] || { echo "one of the two behaves otherwise now" >&2; exit 1; }
