"""All that the page says, in each language that it speaks: texts.json, which a translation is added to."""

from __future__ import annotations

import json
import re
from collections.abc import Mapping
from functools import lru_cache
from importlib.resources import files

from visualsearch_cli.pages.sentences import Sentences
from visualsearch_cli.pictures.metadata.values import Known
from visualsearch_cli.reports.differences import cut
from visualsearch_cli.wording import short_size

DEFAULT = "en"
TAG = re.compile(r"\s*([A-Za-z]{1,8})(?:-[A-Za-z0-9-]+)?\s*(?:;\s*q=([0-9.]+))?\s*")


@lru_cache(maxsize=1)
def languages() -> Mapping[str, Mapping[str, str]]:
    """Return the texts by their names, by language."""
    text = files("visualsearch_cli.pages").joinpath("texts.json").read_text("utf-8")
    found: dict[str, dict[str, str]] = json.loads(text)
    return found


class Texts:
    """The texts of one language."""

    def __init__(self, language: str) -> None:
        """Take a language of `languages`, or of any other one the default."""
        self.language = language if language in languages() else DEFAULT
        self._texts = languages()[self.language]
        sentences = Sentences(self._texts, languages()[DEFAULT])
        self.reason, self.because = sentences.reason, sentences.because

    def __call__(self, name: str, **values: object) -> str:
        """Return a text, with values put in. Of a number `n`, 1 has a text of its own where that differs."""
        if values.get("n") == 1 and f"{name}.one" in self._texts:
            name = f"{name}.one"
        shown = {
            key: self.number(value) if isinstance(value, int) else value for key, value in values.items()
        }
        return self._texts[name].format_map(shown)

    def only_here(self, known: Known) -> str:
        """Return what a file alone of its group knows."""
        what = f"{self.reason(known.field)} {cut(known.value)}"
        return self(
            "only_here", what=self("instead", what=what, other=cut(known.other)) if known.other else what
        )

    def size(self, value: int) -> str:
        """Return a number of bytes, shortened."""
        return self.reason(short_size(value))

    def number(self, value: int) -> str:
        """Return a number as it is written in the language."""
        return f"{value:,}".replace(",", self._texts["thousands"])


def said_by(part: str) -> list[re.Pattern[str]]:
    """Return what is met in reasons, as reports say them, where any language says some words."""
    others = (texts for name, texts in languages().items() if name != DEFAULT)
    return [found for texts in others for found in Sentences(texts, languages()[DEFAULT]).said_by(part)]


def preferred(accepted: str) -> str:
    """Return the language that an Accept-Language header (RFC 9110, 12.5.4) likes best of those there are."""
    found: list[tuple[float, int, str]] = []
    for place, part in enumerate(accepted[:500].split(",")):
        match = TAG.fullmatch(part)
        if match and match[1].lower() in languages():
            try:
                weight = float(match[2] or 1)
            except ValueError:
                continue
            found.append((-weight, place, match[1].lower()))
    return min(found)[2] if found else DEFAULT
