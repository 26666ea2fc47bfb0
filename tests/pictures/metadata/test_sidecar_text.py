"""Sidecars are only added to, and what was added is read again: merging twice adds nothing."""

from __future__ import annotations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.helpers.metadata import any_metadata
from visualsearch_cli.pictures.metadata.sidecar_text import NEW, with_added
from visualsearch_cli.pictures.metadata.values import (
    GeoPoint,
    Metadata,
    clean,
    is_same_point,
    lacking,
    point_of,
)
from visualsearch_cli.pictures.metadata.xmp import XmpUnusable, metadata_of_xmp

texts = st.text(max_size=20).map(clean)
lists = st.lists(texts.filter(bool), max_size=4, unique_by=lambda text: " ".join(text.split())).map(tuple)
known = any_metadata(
    texts,
    lists,
    captured=st.sampled_from(["", "2019-07-03", "2019-07-03T09:46:12", "2019-07-03T09:46:12.25+02:00"]),
    gps=st.none()
    | st.builds(point_of, st.floats(-90, 90), st.floats(-180, 180), st.none() | st.floats(-400, 9000)),
    hierarchy=lists.map(lambda items: tuple(item.replace("/", "|") for item in items)),
)

DARKTABLE = b"""\xef\xbb\xbf<?xml version="1.0" encoding="UTF-8"?>
<!-- somebody's -->
<x:xmpmeta xmlns:x="adobe:ns:meta/" x:xmptk="XMP Core 4.4.0-Exiv2">
 <r:RDF xmlns:r="http://www.w3.org/1999/02/22-rdf-syntax-ns#">
  <r:Description r:about="me&amp;you" xmlns:xmp="http://ns.adobe.com/xap/1.0/"
    xmlns:dc="http://purl.org/dc/elements/1.1/" xmlns:a="http://ns.microsoft.com/photo/1.0/"
   a:Rating="0" xmp:Rating="0" xmp:Other="&quot;>/>">
   <dc:subject><r:Seq><r:li>sea &gt;</r:li></r:Seq></dc:subject>
   <dc:title><r:Alt/></dc:title>
  </r:Description>
 </r:RDF>
</x:xmpmeta>
"""
EMPTY_TAGS = (
    b"<R:RDF xmlns:R='http://www.w3.org/1999/02/22-rdf-syntax-ns#'><R:Description>"
    b"<s:subject xmlns:s='http://purl.org/dc/elements/1.1/'><R:Bag /></s:subject></R:Description></R:RDF>"
)
BEGINNINGS = [NEW, DARKTABLE, EMPTY_TAGS, b'<RDF xmlns="http://www.w3.org/1999/02/22-rdf-syntax-ns#"/>']


def is_within(short: bytes, long: bytes) -> bool:
    rest = iter(long)
    return all(byte in rest for byte in short)


@pytest.mark.slow
@pytest.mark.parametrize("before", BEGINNINGS)
@settings(max_examples=60)
@given(known)
def test_what_is_added_is_read_again_and_nothing_goes(before: bytes, its: Metadata) -> None:
    more = lacking(its, metadata_of_xmp(before))
    after = with_added(before, more)
    read = metadata_of_xmp(after)
    assert lacking(its, read) == Metadata()
    assert read.captured == its.captured and read.rating == its.rating
    assert (read.gps is None) == (its.gps is None)
    if read.gps and its.gps:
        assert is_same_point(read.gps, its.gps)
    kept = before.replace(b'xmp:Rating="0"', b"").replace(b"<dc:title><r:Alt/></dc:title>", b"")
    assert is_within(kept.replace(b"/>", b">") if before in BEGINNINGS[2:] else kept, after)
    assert with_added(after, lacking(its, read)) == after


def test_lists_go_on_where_they_are() -> None:
    after = with_added(DARKTABLE, Metadata(keywords=("beach", "a<b"), rating=4, title="R&B"))
    assert b"<r:li>sea &gt;</r:li><r:li>beach</r:li><r:li>a&lt;b</r:li></r:Seq>" in after
    assert b'a:Rating="0" xmp:Rating="4" xmp:Other' in after
    assert after.count(b"subject>") == 2 and after.count(b"<dc:title ") == 1
    assert metadata_of_xmp(after) == Metadata(rating=4, title="R&B", keywords=("sea >", "beach", "a<b"))


def test_a_description_of_its_own_says_of_what() -> None:
    after = with_added(DARKTABLE, Metadata(gps=GeoPoint(52.5, -13.25, -3.5)))
    assert b'rdf:about="me&amp;you"' in after and after.startswith(DARKTABLE[: DARKTABLE.index(b"</r:RDF")])
    assert metadata_of_xmp(after).gps == GeoPoint(52.5, -13.25, -3.5)


BOMB = b'<!DOCTYPE x [<!ENTITY a "aaaa">]><x>&a;</x>'


@pytest.mark.parametrize(
    ("data", "why"),
    [
        (BOMB, "document type"),
        (b"<x/>", "no rdf:RDF"),
        (b"not XML", "not XML"),
        (b"", "not XML"),
        (NEW.decode().encode("utf-16"), "UTF-8"),
        (b'<?xml version="1.0" encoding="latin-1"?>' + NEW, "UTF-8"),
        (DARKTABLE.replace(b'xmp:Rating="0"', b'xmp:Rating="many"'), "Rating"),
        (DARKTABLE.replace(b"r:Seq", b"r:Alt"), "subject"),
    ],
)
def test_what_cannot_be_added_to_is_refused(data: bytes, why: str) -> None:
    with pytest.raises(XmpUnusable, match=why):
        with_added(data, Metadata(rating=3, keywords=("sea",)))
