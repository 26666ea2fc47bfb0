"""Names, numbers and dates as people read them, in the terminal and on a page; texts as they give them."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime
from pathlib import Path

_FORMATS = {
    "JPG": "JPEG",
    "JPE": "JPEG",
    "JFIF": "JPEG",
    "TIF": "TIFF",
    "DIB": "BMP",
    "HIF": "HEIC",
    "HEIF": "HEIC",
    "HEICS": "HEIC",
    "HEIFS": "HEIC",
    "AVIFS": "AVIF",
    "JXL": "JPEG XL",
    "J2C": "JPEG 2000",
    "JPC": "JPEG 2000",
    "J2K": "JPEG 2000",
    "JP2": "JPEG 2000",
    "JPF": "JPEG 2000",
    "JPX": "JPEG 2000",
    "WEBP": "WebP",
}
_LONGEST_SUFFIX = 5  # letters


def printable(text: str) -> str:
    """Return a text that any terminal can take: control characters and stray bytes are escaped.

    A file name may hold a newline or an escape sequence; neither may act on the terminal.
    """
    if text.isprintable():
        return text
    return "".join(
        char if char.isprintable() else char.encode("unicode_escape", "surrogatepass").decode("ascii")
        for char in text
    )


def several(given: str | Iterable[str]) -> tuple[str, ...]:
    """Return the texts that were given where there may be several: one alone is no list of letters."""
    return (given,) if isinstance(given, str) else tuple(given)


def checked_text(text: str, what: str) -> str:
    """Return a text that is to be kept, compared or read by a model: a label, words, the name of a camera.

    Raises ValueError if it is none: a path may have any bytes, a text is UTF-8.
    """
    if is_text(text):
        return text
    try:
        data = text.encode("utf-8", "surrogateescape")  # as the bytes that were typed
    except UnicodeEncodeError:
        data = text.encode("utf-8", "backslashreplace")
    shown = printable(data.decode("utf-8", "backslashreplace"))
    raise ValueError(f"{what} '{shown}' is not UTF-8: type it again, or save it as UTF-8")


def is_text(text: str) -> bool:
    """Tell whether all of it is characters. Bytes of another encoding are none."""
    try:
        text.encode("utf-8")
    except UnicodeEncodeError:
        return False
    return True


def short_size(size: int) -> str:
    """Return a number of bytes for people, in powers of 1000 as file managers show them."""
    value = float(size)
    for unit in ("B", "kB", "MB", "GB"):
        if value < 999.5:
            return f"{value:.0f} {unit}" if unit == "B" or value >= 99.5 else f"{value:.1f} {unit}"
        value /= 1000
    return f"{value:.1f} TB"


def typed(path: str | Path) -> str:
    """Return a path as it is typed in a shell, for commands that are offered to be copied."""
    from shlex import quote  # late: most runs offer none

    return quote(str(path))


def counted(number: int, noun: str, plural: str = "") -> str:
    """Return a number with its noun: "1 group", "2,000 groups"."""
    return f"{number:,} {noun if number == 1 else plural or noun + 's'}"


def format_name(path: Path) -> str:
    """Return the format that a name's suffix stands for: "JPEG" for .jpg and .jpeg; "" if for none."""
    suffix = path.suffix[1:].upper()
    if not (suffix.isascii() and suffix.isalnum() and len(suffix) <= _LONGEST_SUFFIX):
        return ""  # "Trip to St. Moritz" has none
    return _FORMATS.get(suffix, suffix)


def exact_date(mtime_ns: int) -> str:
    """Return a time of change in the local zone, to the nanosecond; "–" if no calendar has it."""
    seconds, rest = divmod(mtime_ns, 1_000_000_000)
    try:
        return f"{datetime.fromtimestamp(seconds):%Y-%m-%d %H:%M:%S}.{rest:09}"
    except (OverflowError, OSError, ValueError):
        return "–"


def date(mtime_ns: int) -> str:
    """Return a time of change in the local zone, to the minute; "–" if no calendar has it."""
    try:
        return datetime.fromtimestamp(mtime_ns // 1_000_000_000).strftime("%Y-%m-%d %H:%M")
    except (OverflowError, OSError, ValueError):
        return "–"
