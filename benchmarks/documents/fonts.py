"""Typefaces, wherever packages of Python or the system keep them, sized by the height of a small x."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cache, lru_cache
from importlib.util import find_spec
from pathlib import Path

import numpy as np
from PIL import ImageFont

Font = ImageFont.FreeTypeFont

AILERON = "Aileron"  # inside Pillow: always there
FAMILIES = {  # the first of each that is found is taken, Aileron at last
    "sans": ("DejaVuSans",),
    "sans bold": ("DejaVuSans-Bold",),
    "serif": ("DejaVuSerif",),
    "serif bold": ("DejaVuSerif-Bold",),
    "mono": ("DejaVuSansMono",),
    "mono bold": ("DejaVuSansMono-Bold",),
    "grotesque": ("LiberationSans-Regular",),
    "grotesque bold": ("LiberationSans-Bold", "DejaVuSans-Bold"),
    "roman": ("LiberationSerif-Regular", "STIXGeneral", "DejaVuSerif"),
    "roman bold": ("LiberationSerif-Bold", "STIXGeneralBol", "DejaVuSerif-Bold"),
    "roman italic": ("LiberationSerif-Italic", "STIXGeneralItalic", "DejaVuSerif-Italic"),
    "typewriter": ("LiberationMono-Regular", "DejaVuSansMono"),
    "thin": (),
}
FOLDERS = (
    "/usr/share/fonts",
    "/usr/local/share/fonts",
    "/Library/Fonts",
    "~/Library/Fonts",
    "~/.local/share/fonts",
    "~/.fonts",
    "C:/Windows/Fonts",
)
PROBE = 200  # pixels to the em, at which a face is measured


@dataclass(frozen=True, slots=True)
class Face:
    """A typeface and its proportions."""

    family: str
    name: str  # of the file without its suffix
    x_height: float  # of the em
    stem: float  # width of the small l, of the em

    def at(self, x_height: float) -> Font:
        """Return the face at the size where a small x is `x_height` pixels high."""
        return _font(self.name, round(x_height / self.x_height, 2))


@cache
def face(family: str) -> Face:
    """Return a face by the family's name."""
    name = next((name for name in FAMILIES[family] if name in _files()), AILERON)
    font = _font(name, PROBE)
    _, top, _, bottom = font.getbbox("x", anchor="ls")
    return Face(family, name, (bottom - top) / PROBE, _stem(font) / PROBE)


def faces_used() -> dict[str, str]:
    """Return the file of each family: other files draw other pictures from the same seed."""
    return {family: face(family).name for family in FAMILIES}


def faces_missing() -> list[str]:
    """Return the families for which nothing was found but Aileron."""
    return [family for family, names in FAMILIES.items() if names and face(family).name == AILERON]


def _stem(font: Font) -> float:
    drawn = font.getmask("l", mode="L")
    mask = np.asarray(drawn, np.float64).reshape(drawn.size[::-1])
    return float(mask[mask.shape[0] // 2].sum() / 255)


@lru_cache(maxsize=512)
def _font(name: str, size: float) -> Font:
    if name == AILERON:
        found = ImageFont.load_default(size)
        if not isinstance(found, Font):
            raise SystemExit("this Pillow was built without FreeType and draws no text: install it with pip")
        return found
    # Raqm, where it is installed, sets ligatures: other machines would draw other pictures
    return ImageFont.truetype(_files()[name], size, layout_engine=ImageFont.Layout.BASIC)


@lru_cache(maxsize=1)
def _files() -> dict[str, Path]:
    wanted = {name for names in FAMILIES.values() for name in names}
    found: dict[str, Path] = {}
    for folder in _folders():
        for path in sorted(folder.rglob("*.ttf")):
            if path.stem in wanted:
                found.setdefault(path.stem, path)
    return found


def _folders() -> list[Path]:
    matplotlib = find_spec("matplotlib")
    own = [Path(matplotlib.origin).parent / "mpl-data" / "fonts"] if matplotlib and matplotlib.origin else []
    return own + [path for name in FOLDERS if (path := Path(name).expanduser()).is_dir()]
