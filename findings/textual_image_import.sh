#!/usr/bin/env bash
# textual-image 0.12.0: `import textual_image.renderable` asks the terminal what it can show, if stdout is one, and
# reads the answer from stdin without looking at what that is. So the import itself raises
#   - termios.error where stdin is a pipe, as in `find … | program`;
#   - UnicodeDecodeError where a letter that is not ASCII was typed before, since bytes are decoded one at a time;
#     only TerminalError and TimeoutError are caught.
# The documentation says that "keystrokes during reading the response can lead to false answers".
#
# Output seen:
#   stdin is a pipe: termios.error
#   nothing was typed: imported
#   a letter was typed: imported
#   an umlaut was typed: UnicodeDecodeError
#
# Ends with 0 while this is so, with 1 when it changes.
set -euo pipefail
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
python3 -m venv "$work/venv"
"$work/venv/bin/python" -m pip install --quiet textual-image==0.12.0
cat > "$work/ask.py" <<'PYTHON'
import os
import pty
import subprocess
import sys

IMPORT = """
import sys
try:
    import textual_image.renderable
    said = "imported"
except BaseException as error:
    said = f"{type(error).__module__}.{type(error).__name__}".removeprefix("builtins.")
print(said, file=sys.stderr)
"""


def imported(typed: str | None) -> str:
    """Import it with stdout on a terminal; what is typed there, None: stdin is a pipe."""
    master, terminal = pty.openpty()
    stdin = subprocess.PIPE if typed is None else terminal
    process = subprocess.Popen(
        [sys.executable, "-c", IMPORT], stdin=stdin, stdout=terminal, stderr=subprocess.PIPE, text=True
    )
    os.write(master, (typed or "").encode())
    said = process.communicate("" if typed is None else None, timeout=30)[1]
    os.close(terminal)
    os.close(master)
    return said.strip()


for name, typed in (
    ("stdin is a pipe", None),
    ("nothing was typed", ""),
    ("a letter was typed", "x"),
    ("an umlaut was typed", "ü"),
):
    print(f"{name}: {imported(typed)}")
PYTHON
found=$("$work/venv/bin/python" "$work/ask.py")
echo "$found"
expected='stdin is a pipe: termios.error
nothing was typed: imported
a letter was typed: imported
an umlaut was typed: UnicodeDecodeError'
[ "$found" = "$expected" ] || { echo "textual-image behaves otherwise now" >&2; exit 1; }
