"""Pictures in iTerm2's own way, which other terminals may know, too: a file, in an escape sequence.

The library that is kept up, textual-image, draws Kitty's graphics and sixels alone. The sequence, and the
question whether a terminal knows it, are described at https://iterm2.com/documentation-images.html and
https://iterm2.com/feature-reporting/.
"""

from __future__ import annotations

import base64
import io
import os
import re
import select
import sys
import time
from collections.abc import Iterator
from typing import TYPE_CHECKING

from rich.segment import ControlType, Segment

if TYPE_CHECKING:
    from PIL import Image
    from rich.console import Console, ConsoleOptions, RenderResult

PATIENCE = 0.2  # seconds for the answer of a terminal; all but a few answer at once
MOST = 4096  # bytes of an answer
ASK = b"\x1b]1337;Capabilities\a\x1b[c"
"""What it can do, and what it is: the latter is answered by all, the former by iTerm2 before it."""

_CAPABILITIES = re.compile(rb"\x1b\]1337;Capabilities=([A-Za-z0-9]*)(?:\a|\x1b\\)")
_FEATURE = re.compile(rb"[A-Z][a-z]*[0-9]*")
_ATTRIBUTES = re.compile(rb"\x1b\[\?[0-9;]*c")
FILE = b"F"  # among the features: it shows files


def shows_files() -> bool:
    """Ask the terminal that stdin and stdout lead to. False if nobody answers, or nobody could."""
    try:
        import termios
        import tty
    except ImportError:  # Windows
        return False
    if os.environ.get("TERM") in ("dumb", "linux"):
        return False  # they would show the question
    assert sys.__stdin__ and sys.__stdout__
    reading, writing = sys.__stdin__.fileno(), sys.__stdout__.fileno()
    try:
        before = termios.tcgetattr(reading)
        tty.setcbreak(reading, termios.TCSAFLUSH)  # what was typed before is no answer
        try:
            os.write(writing, ASK)
            answer = b"".join(_answers(reading))
        finally:
            termios.tcsetattr(reading, termios.TCSANOW, before)
    except (OSError, termios.error):
        return False
    found = _CAPABILITIES.search(answer)
    return found is not None and FILE in _FEATURE.findall(found[1])


def _answers(reading: int) -> Iterator[bytes]:
    """Yield what comes, until all has been answered, or nothing comes any more."""
    deadline = time.monotonic() + PATIENCE
    answer = b""
    while not _ATTRIBUTES.search(answer) and len(answer) < MOST:
        if not select.select([reading], [], [], max(0.0, deadline - time.monotonic()))[0]:
            return
        part = os.read(reading, 256)
        if not part:
            return
        answer += part
        yield part


class FilePicture:
    """A picture as such a file, which rich prints, of so many character cells at most."""

    def __init__(self, image: Image.Image, width: int, height: int) -> None:
        stream = io.BytesIO()
        image.convert("RGB").save(stream, "JPEG", quality=90)
        data = stream.getvalue()
        self._sequence = (
            f"\x1b]1337;File=inline=1;size={len(data)};width={width};height={height};preserveAspectRatio=1:"
            f"{base64.b64encode(data).decode('ascii')}\a"
        )

    def __rich_console__(self, console: Console, options: ConsoleOptions) -> RenderResult:
        """Draw it where the cursor is, and end the line."""
        del console, options
        yield Segment(self._sequence, None, [(ControlType.CURSOR_FORWARD, 0)])  # it takes no cell of a line
        yield Segment.line()
