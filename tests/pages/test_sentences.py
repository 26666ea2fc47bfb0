"""What reports say in English is said in the language of the page, clause by clause."""

from __future__ import annotations

import re

import pytest

from tests.helpers.places import PACKAGE
from tests.verdicts.test_words import IDENTITY, alignment
from visualsearch_cli.duplicates.renditions import shows_more
from visualsearch_cli.pages.sentences import Sentences
from visualsearch_cli.pages.texts import DEFAULT, Texts, languages
from visualsearch_cli.pictures.held.holdings import Holdings, what_more
from visualsearch_cli.verdicts.comparison import Difference, Lens
from visualsearch_cli.verdicts.evidence import Evidence, Fit
from visualsearch_cli.verdicts.opencv.full_size.plain import PLAIN
from visualsearch_cli.verdicts.rules import Settled
from visualsearch_cli.verdicts.verdict import Verdict
from visualsearch_cli.verdicts.words import (
    _where,
    describe,
    describe_differences,
    describe_direction,
    describe_profile,
    describe_writing,
    told_of_b,
)

GERMAN = Texts("de")


@pytest.mark.parametrize(
    ("said", "expected"),
    [
        ("", ""),
        ("same bytes, as indexed", "dieselben Bytes, laut Index"),
        (
            "crop of 62 %, scaled 0.50, mirrored, rotated 90° clockwise",
            "Ausschnitt von 62 %, Maßstab 0,50, gespiegelt, um 90° im Uhrzeigersinn gedreht",
        ),
        (
            "72 % of it, on 35 % of the other, scaled 1.00, no rotation, drawn over at the lower right",
            "72 % davon, auf 35 % des anderen, Maßstab 1,00, nicht gedreht, übermalt, unten rechts",
        ),
        (
            "two shots of one camera: other exposures",
            "zwei Aufnahmen einer Kamera: andere Belichtungen",
        ),
        (
            "full frame, scaled 1.00, no rotation, brighter by 0.4 EV, saturation −20 %; its disk is offline",
            "ganzes Bild, Maßstab 1,00, nicht gedreht, um 0,4 EV heller, Sättigung −20 %; ihre Platte ist "
            "nicht eingehängt",
        ),
        ("a thing in another color", "ein Ding in anderer Farbe"),
        (
            "full frame, scaled 0.25, no rotation, the smaller one cannot show the writing",
            "ganzes Bild, Maßstab 0,25, nicht gedreht, das kleinere kann die Schrift nicht zeigen",
        ),
        (
            "full frame, scaled 1.00, mirrored, x, y.xmp belongs to it and has no copy beside the kept file",
            "ganzes Bild, Maßstab 1,00, gespiegelt, x, y.xmp gehört dazu und hat keine Kopie neben der "
            "bleibenden Datei",
        ),
        (
            "holds more than the kept file: 3 frames, pages or layers instead of 1, sound",
            "enthält mehr als die bleibende Datei: 3 Einzelbilder, Seiten oder Ebenen statt 1, Ton",
        ),
        (
            "holds more than the kept file: a film, a gain map",
            "enthält mehr als die bleibende Datei: ein Film, eine Helligkeitskarte (Gain Map)",
        ),
        ("not compared with the file to keep: /x: damaged", None),
        ("shows something else in the dark", None),
        ("what a later version says", None),
    ],
)
def test_reasons(said: str, expected: str | None) -> None:
    translated = GERMAN.reason(said)
    if expected is not None:
        assert translated == expected
    else:
        assert translated in (said, "nicht mit der bleibenden Datei verglichen: /x: damaged")
    assert Texts("en").reason(said) == said


@pytest.mark.parametrize(
    ("said", "expected"),
    [
        (
            "detail: 1.00 of the detail (a (1).jpg: 0.52 of the detail)",
            "Einzelheiten: 1,00 der Einzelheiten (a (1).jpg: 0,52 der Einzelheiten)",
        ),
        (
            "size: 12,345 bytes (kept: 1,234,567 bytes)",
            "Größe: 12.345 Bytes (bleibende: 1.234.567 Bytes)",
        ),
        (
            "oldest: 2020-01-02 (file time) (kept: 2019-01-02 (file time))",
            "älteste: 2020-01-02 (Dateizeit) (bleibende: 2019-01-02 (Dateizeit))",
        ),
        ("original: “copy” in its name (kept: an original's name)", None),
        ("chosen in the review", "in der Durchsicht gewählt"),
        ("something: new (kept: old)", "something: new (kept: old)"),
    ],
)
def test_why_a_file_is_kept(said: str, expected: str | None) -> None:
    expected = expected or "Original: „copy“ im Namen (bleibende: der Name eines Originals)"
    assert GERMAN.because(said) == expected
    assert Texts("en").because(said) == said


SAY = ("verdicts", "duplicates", "pictures", "reports", "search", "wording.py", "pages/beside.py")


@pytest.mark.slow
def test_what_texts_translate_is_what_the_program_says() -> None:
    """Whoever changes a word in the program changes it in the texts, too."""
    places = [PACKAGE / name for name in SAY]
    files = [
        path for place in places for path in ([place] if place.is_file() else sorted(place.rglob("*.py")))
    ]
    source = "\n".join(path.read_text("utf-8") for path in files)
    for name, text in languages()[DEFAULT].items():
        if name.startswith("say."):
            for word in re.findall(r"[A-Za-z']{3,}", re.sub(r"\{\w+\}", "", text)):
                assert re.search(rf"\b{word.removesuffix('s')}", source), (name, word)


def test_each_word_for_a_place_and_for_what_a_file_holds_has_a_text() -> None:
    said = [describe_writing(count) for count in (1, 2, 51)]
    said += [_where((x, y, x + 1, y + 1), (9, 9)) for x in (0, 4, 8) for y in (0, 4, 8)]
    said += what_more(Holdings(2, "film", True, True, True, True, 3, True, 16), Holdings())
    for text in said:
        assert GERMAN.reason(text) != text, text
        assert GERMAN.reason(f"holds more than the kept file: {text}").startswith("enthält mehr"), text


def test_each_reason_for_a_verdict_has_a_text() -> None:
    """Whoever adds a reason to the program adds it to the texts, too."""
    place = Difference((0, 0, 9, 9), (0, 0, 9, 9), 5.0, 100)
    flags = [name for name, kind in Settled.__annotations__.items() if kind == "bool" and name != "toned"]
    settled = [Settled(None, places, **{name: True}) for name in flags for places in ((), (place,))]
    settled += [Settled(None), Settled(None, (place,)), Settled(Verdict.EDITED, (place,))]
    said = [
        describe_differences(each, proof, (90, 90), drawn)
        for each in settled
        for proof in (PLAIN, PLAIN._replace(apart=0.0), PLAIN._replace(refocused=1.0))
        for drawn in (0.0, 0.5)
    ]
    way = alignment(IDENTITY, 1, 1)
    for other in (way, way._replace(lens=Lens(0.1, 0.1, 0.0)), way._replace(inversion="negative")):
        said.append(describe(other, (90, 90), (90, 90)))
    for number in (0, 1):
        for words in (describe_direction(number), describe_profile(number)):
            said += [words, told_of_b(words, "the kept file")]
    said.append(shows_more(Evidence(Verdict.EDITED, 0.1, Fit(IDENTITY, False, 50, 0.6, 0.6, 0.0, 1.0))))
    sentences = Sentences(languages()["de"], languages()[DEFAULT])
    for text in filter(None, said):
        _, is_whole = sentences._joined(text, 0)
        assert is_whole, text
