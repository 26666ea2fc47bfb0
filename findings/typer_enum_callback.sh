#!/usr/bin/env bash
# typer 0.26.8: an option typed as an Enum, with a callback that returns the value it was given, is None in the
# command, whatever was typed. Without the callback, or with one that returns the member's plain value, it is the
# member. So a callback that only checks, as the documentation of callbacks shows for plain strings, silently undoes
# the option: no error, no warning, and the default of the command takes over.
#
# Output seen:
#   plain: Level.STRONG
#   checked: None
#   value: Level.STRONG
#
# Ends with 0 while this is so, with 1 when it changes.
set -euo pipefail
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
python3 -m venv "$work/venv"
"$work/venv/bin/python" -m pip install --quiet typer==0.26.8
cat > "$work/program.py" <<'PYTHON'
from enum import Enum
from typing import Annotated, Optional

import typer


class Level(str, Enum):
    WEAK = "weak"
    STRONG = "strong"


def main(
    plain: Annotated[Optional[Level], typer.Option()] = None,
    checked: Annotated[Optional[Level], typer.Option(callback=lambda level: level)] = None,
    value: Annotated[Optional[Level], typer.Option(callback=lambda level: level and level.value)] = None,
) -> None:
    for name, level in (("plain", plain), ("checked", checked), ("value", value)):
        print(f"{name}: {level and f'Level.{level.name}'}")


typer.run(main)
PYTHON
found=$("$work/venv/bin/python" "$work/program.py" --plain strong --checked strong --value strong)
echo "$found"
expected=$'plain: Level.STRONG\nchecked: None\nvalue: Level.STRONG'
[ "$found" = "$expected" ] || { echo "typer behaves otherwise now" >&2; exit 1; }
