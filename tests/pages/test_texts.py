"""Every language says all there is to say, and nothing else; what the pages ask for is there."""

from __future__ import annotations

import re

import pytest

from tests.helpers.places import PACKAGE
from visualsearch_cli.pages.listing import STATES, Sort
from visualsearch_cli.pages.texts import DEFAULT, Texts, languages, preferred
from visualsearch_cli.verdicts.verdict import Verdict

ALL = languages()


@pytest.mark.parametrize("language", ALL)
def test_each_language_has_all_texts_with_the_same_values(language: str) -> None:
    own, known = ALL[language], ALL[DEFAULT]
    assert own.keys() == known.keys()
    for name, text in known.items():
        if name not in ("thousands", "decimal", "name"):
            assert set(re.findall(r"\{\w+\}", own[name])) == set(re.findall(r"\{\w+\}", text)), name


def test_what_pages_ask_for_is_there_and_nothing_is_there_for_nobody() -> None:
    pages = "".join(p.read_text("utf-8") for p in (PACKAGE / "pages" / "templates").glob("*.jinja"))
    asked = set(re.findall(r'\bt\("([a-z_0-9.]+)"[,)]', pages))
    asked |= {f"state.{state}" for state in (*STATES, "undecided")} | {f"sort.{sort.value}" for sort in Sort}
    asked |= {f"meaning.{verdict.value}" for verdict in Verdict} | {"finished_apply", "finished_undo"}
    asked |= {"pixels", "size", "format", "date", "thousands", "decimal", "name", "only_here", "instead"}
    asked |= {"aligned", "not_aligned"}
    known = {name.removesuffix(".one") for name in ALL[DEFAULT] if not name.startswith("say.")}
    assert asked - known == set()
    assert known - asked == set()


def test_one_has_a_text_of_its_own() -> None:
    assert Texts("en")("files", n=1) == "1 file"
    assert Texts("en")("files", n=2000) == "2,000 files"
    assert Texts("de")("files", n=2000) == "2.000 Dateien"
    assert (Texts("en").size(50_900), Texts("de").size(50_900)) == ("50.9 kB", "50,9 kB")
    assert Texts("xx").language == DEFAULT


@pytest.mark.parametrize(
    ("accepted", "language"),
    [
        ("", "en"),
        ("de", "de"),
        ("de-AT,de;q=0.9,en;q=0.8", "de"),
        ("fr-FR, en;q=0.5, de;q=0.7", "de"),
        ("en-US,en;q=0.9,de;q=0.8", "en"),
        ("xx, *;q=0.1", "en"),
        ("de;q=nonsense, en;q=0.1", "en"),
        (",,,;q=;;", "en"),
    ],
)
def test_the_browser_says_which_language(accepted: str, language: str) -> None:
    assert preferred(accepted) == language
