"""What the name of a file says of where it comes from: that it is an edit, or a copy.

Google Takeout cuts names at 47 characters, so the word for "edited" may be cut, too.
"""

from __future__ import annotations

import re
import unicodedata
from pathlib import PurePath

EDITED_WORDS = (
    "edited",  # English
    "bearbeitet",  # German
    "modifié",  # French
    "editado",  # Spanish, Portuguese
    "ha editado",
    "modificato",  # Italian
    "bewerkt",  # Dutch
    "edytowane",  # Polish
    "編集済み",  # Japanese
    "redigerad",  # Swedish
    "redigeret",  # Danish
    "redigert",  # Norwegian
    "muokattu",  # Finnish
    "upravené",  # Czech, Slovak
    "изменено",  # Russian
    "已修改",  # Chinese
    "수정됨",  # Korean
    "editat",  # Catalan
    "edit",
    "effects",  # as Google Photos names what it made
    "collage",
    "animation",
    "smile",
    "mix",
)
LONGEST_STEM = 47  # characters, of a name with its suffix that Takeout leaves; then the word is cut
LEAST_CUT = 2  # characters of the word that are left

COPY_WORDS = (
    *("copy", "copy of", "kopie", "kopie von", "copie", "copie de", "copia", "copia de", "cópia", "kopia"),
    *("kopi", "kopio", "kópia", "còpia", "kopya", "másolat", "копия", "копія", "αντίγραφο", "duplicate"),
    *("コピー", "副本", "複製", "拷贝", "복사본", "사본", "نسخة", "עותק"),
)
_UNSPACED = ("のコピー", "副本", "複製", "拷贝", "복사본", "사본")  # as macOS joins them to the name

_SENT = re.compile(
    r"-WA\d{4,}$|^(?:FB_IMG|received|signal)[_-]\d|^photo_\d{4}-\d\d-\d\d_", re.IGNORECASE
)  # WhatsApp, Facebook, Messenger, Signal, Telegram
_NUMBERED = re.compile(r"\w*\d{4}\w* ([2-9]|1\d)")  # IMG_1234 2.JPG: macOS, in all languages

_BRACKETED = re.compile(r" ?\(\d{1,4}\)$")
_NAMED_BY_GOOGLE = frozenset(EDITED_WORDS[EDITED_WORDS.index("effects") :])
_SAVED_AGAIN = re.compile(r"~\d{1,2}$")  # PXL_20230501_101112~2.jpg; PICTUR~1.JPG is a name that DOS cut
LONGEST_OF_DOS = 8
_APPLE = re.compile(r"IMG_E\d{4,}", re.IGNORECASE)
_IN_BRACKETS = re.compile(  # F-Spot, and what phones hand on
    r"\((?:{words}|modified)(?: \(?\d{{1,3}}\)?)?\)$".format(words="|".join(map(re.escape, EDITED_WORDS))),
    re.IGNORECASE,
)
_CONFLICT = re.compile(
    r"\([^()]*conflicted copy[^()]*\)$|\.sync-conflict-\d{8}-\d{6}(?:-\w+)?$", re.IGNORECASE
)  # Dropbox and Nextcloud; Syncthing
_COPY = re.compile(
    r"(?:^(?:{words})[ _-])|(?:[ _–-]+\(?(?:{words})\)?(?: ?\(?\d{{1,4}}\)?)?$)"
    r"|(?:\([^()]{{0,20}}\b(?:{words})\)$)|(?:(?:{unspaced})(?: ?\(?\d{{1,4}}\)?)?$)".format(
        words="|".join(sorted(map(re.escape, COPY_WORDS), key=len, reverse=True)),
        unspaced="|".join(_UNSPACED),
    ),
    re.IGNORECASE,
)  # "(3rd copy)" and "(another copy)" are Nautilus' words
_BY_PROGRAM = re.compile(
    r"(?<=.)[-_](?:edit(?:ed)?[-_ ]?\d{1,2}|enhanced(?:-nr|-sr)?(?:-\d{1,2})?|dxo(?:_\w+)?|topaz(?:-.+)?"
    r"|(?:denoise|sharpen)ai(?:-.+)?|gigapixel(?:-.+)?|upscayl(?:_.+)?)$",
    re.IGNORECASE,
)  # Photoshop Elements, Lightroom, DxO PhotoLab, Topaz and Upscayl


def edited_word(path: PurePath) -> str:
    """Return what in a name says that a program edited the file; nothing if nothing does."""
    stem = unicodedata.normalize("NFC", path.stem)
    if found := _APPLE.match(stem):
        return found[0][:5]
    if found := _IN_BRACKETS.search(stem):
        return found[0]
    bare = _BRACKETED.sub("", stem)
    if len(bare) > LONGEST_OF_DOS and (found := _SAVED_AGAIN.search(bare)):
        return found[0]
    if found := _BY_PROGRAM.search(bare):
        return found[0]
    head, line, tail = bare.rpartition("_")
    if head and tail.lower() in EDITED_WORDS and tail.lower() not in _NAMED_BY_GOOGLE:
        return f"{line}{tail.lower()}"
    head, hyphen, tail = bare.rpartition("-")
    if not hyphen or not head:
        return ""
    tail = tail.lower()
    if tail in EDITED_WORDS:
        return f"-{tail}"
    is_cut = len(bare) >= LONGEST_STEM - len(path.suffix) and len(tail) >= LEAST_CUT
    return f"-{tail}" if is_cut and any(word.startswith(tail) for word in EDITED_WORDS) else ""


def copy_word(path: PurePath) -> str:
    """Return what in a name says that it is a copy's, or was sent: "(1)", "Kopie", "WA0003"; nothing if
    nothing does."""
    stem = unicodedata.normalize("NFC", path.stem)
    if found := _CONFLICT.search(stem):
        return found[0]
    if found := _COPY.search(stem):
        return found[0].strip(" _–-")
    for pattern in (_BRACKETED, _SENT):
        if found := pattern.search(stem):
            return found[0].strip(" -")
    if found := _NUMBERED.fullmatch(stem):
        return found[1]
    return ""
