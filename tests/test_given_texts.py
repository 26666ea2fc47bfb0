"""Texts as users give them: one or several, and all of it characters."""

from __future__ import annotations

import pytest

from visualsearch_cli.search.filtering import Where
from visualsearch_cli.wording import checked_text, several


def test_one_text_is_no_list_of_letters() -> None:
    assert several("zeiss") == ("zeiss",) and several(["a", "b"]) == ("a", "b") and several(()) == ()
    where = Where(cameras="zeiss", formats="jpeg", labels="moon").checked()
    assert (where.cameras, where.formats, where.labels) == (("zeiss",), ("jpeg",), ("moon",))
    assert hash(Where(labels=["moon"]).checked()) == hash(Where(labels="moon").checked())


@pytest.mark.parametrize(
    ("text", "shown"),
    [("caf\udce9", r"caf\xe9"), ("\udcff\n", r"\xff\n"), ("a\ud800", r"a\ud800"), ("é\udce9", r"é\xe9")],
)
def test_bytes_of_another_encoding_are_no_text(text: str, shown: str) -> None:
    with pytest.raises(ValueError, match="the label") as caught:
        checked_text(text, "the label")
    assert str(caught.value) == f"the label '{shown}' is not UTF-8: type it again, or save it as UTF-8"
    for where in (Where(cameras=(text,)), Where(labels=(text,)), Where(formats=text)):
        with pytest.raises(ValueError, match="is not UTF-8"):
            where.checked()


def test_texts_stay_as_they_are() -> None:
    for text in ("café", "日本", "a\0b", ""):
        assert checked_text(text, "the label") == text


@pytest.mark.parametrize(
    ("after", "before"),
    [("2020", "2010"), ("2019", "2019"), ("2019-07-03", "2019"), ("2019-07", "2019-06-30")],
)
def test_a_span_without_a_moment_is_refused(after: str, before: str) -> None:
    with pytest.raises(ValueError, match=f"nothing is both after {after} and before {before}"):
        Where(after=after, before=before).checked()
    assert Where(after=before, before="2030").checked() == Where(after=before, before="2030")
