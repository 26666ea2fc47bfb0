"""Draws docs/terminal.svg: what a query of the sample pictures really prints, as rich draws a terminal."""

from __future__ import annotations

import os
import re
import subprocess
import sys
import tempfile
from pathlib import Path

from rich.console import Console
from rich.text import Text

PROJECT = Path(__file__).parent.parent
QUERY = "sample_images/phone/red-dice.jpg"
COLUMNS = 96


def run(arguments: list[str], environment: dict[str, str]) -> str:
    """Run the program in the project's folder and return what it prints, colours included."""
    command = [sys.executable, "-m", "visualsearch_cli", *arguments]
    done = subprocess.run(command, cwd=PROJECT, env=environment, capture_output=True, check=False)
    if done.returncode not in (0, 3):  # 3: some of the samples are damaged on purpose
        raise SystemExit(done.stderr.decode())
    return done.stdout.decode()


def main() -> None:
    """Index the samples in a temporary folder, query them, and save the picture."""
    console = Console(record=True, width=COLUMNS, file=open(os.devnull, "w"), force_terminal=True)  # noqa: SIM115
    with tempfile.TemporaryDirectory() as folder:
        environment = {
            **os.environ,
            "VISUALSEARCH_INDEX": f"{folder}/.visualsearch",
            "XDG_STATE_HOME": folder,
            "FORCE_COLOR": "1",
            "COLUMNS": str(COLUMNS),
        }
        for arguments in (["index", "sample_images"], ["query", QUERY, "-k", "4"]):
            output = run(arguments, environment).replace(folder, "~")
            console.print(Text("$ visualsearch " + " ".join(arguments), style="bold"))
            console.print(Text.from_ansi(output))
    svg = console.export_svg(title="visualsearch")
    # rich would have the reader's browser fetch a font from elsewhere
    svg = re.sub(r"@font-face \{.*?\}", "", svg, flags=re.DOTALL)
    (PROJECT / "docs" / "terminal.svg").write_text(svg, encoding="utf-8")


if __name__ == "__main__":
    main()
