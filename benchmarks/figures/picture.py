"""Draws docs/terminal.svg and docs/dupes.svg: what commands really print, as rich draws a terminal."""

from __future__ import annotations

import os
import re
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Sequence
from pathlib import Path

from rich.console import Console
from rich.text import Text

from benchmarks.places import DOCS, PROJECT, SAMPLES

DATE = 1_720_958_400  # of the files, so that the picture is always the same
QUERY = "sample_images/phone/red-dice.jpg"
COLUMNS = 96
ALBUM = (  # a few groups of the samples, one a verdict
    "phone/red-dice.jpg",
    "backup/red dice (1).jpg",
    "downloads/red-dice-crop.jpg",
    "phone/moon.jpg",
    "backup/moon.png",
    "holiday/alps.jpg",
    "downloads/alps-small.jpg",
    "holiday/balloons.jpg",
    "downloads/balloons-mirrored.jpg",
    "holiday/sailing-1.jpg",
    "holiday/sailing-2.jpg",
)


def main() -> None:
    """Draw both pictures."""
    with tempfile.TemporaryDirectory() as folder:
        draw("terminal", PROJECT, Path(folder), (["index", "sample_images"], ["query", QUERY, "-k", "4"]))
    with tempfile.TemporaryDirectory() as folder:
        for name in ALBUM:
            copy = Path(folder, "Photos", name)
            copy.parent.mkdir(parents=True, exist_ok=True)
            shutil.copy(SAMPLES / name, copy)
            os.utime(copy, (DATE, DATE))
        run(["index", "Photos"], Path(folder), Path(folder))
        command = ["dupes", "--level", "similar", "--transforms", "mirror"]
        draw("dupes", Path(folder), Path(folder), (command,))


def draw(name: str, where: Path, folder: Path, commands: Sequence[list[str]]) -> None:
    """Save what commands print as docs/NAME.svg."""
    console = Console(record=True, width=COLUMNS, file=open(os.devnull, "w"), force_terminal=True)  # noqa: SIM115
    for arguments in commands:
        output = run(arguments, where, folder).replace(str(folder), "~")
        console.print(Text("$ visualsearch " + " ".join(arguments), style="bold"))
        console.print(Text.from_ansi(output))
    svg = console.export_svg(title="visualsearch")
    # rich would have the reader's browser fetch a font from elsewhere
    svg = re.sub(r"@font-face \{.*?\}", "", svg, flags=re.DOTALL)
    (DOCS / f"{name}.svg").write_text(svg, encoding="utf-8")


def run(arguments: list[str], where: Path, folder: Path) -> str:
    """Run the program with the index in a folder and return what it prints, colours included."""
    environment = {
        **os.environ,
        "VISUALSEARCH_INDEX": f"{folder}/.visualsearch",
        "XDG_STATE_HOME": str(folder),
        "FORCE_COLOR": "1",
        "COLUMNS": str(COLUMNS),
    }
    command = [sys.executable, "-m", "visualsearch_cli", *arguments]
    done = subprocess.run(command, cwd=where, env=environment, capture_output=True, check=False)
    if done.returncode not in (0, 3):  # 3: some of the samples are damaged on purpose
        raise SystemExit(done.stderr.decode())
    return done.stdout.decode()


if __name__ == "__main__":
    main()
