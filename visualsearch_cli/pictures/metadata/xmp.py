"""XMP: a packet or a sidecar as a tree that remembers where its elements stand, and what is known by it.

Parsed by expat, with nothing declared: a document type, and with it every entity, is refused, and no other
file is ever opened. Source: XMP Specification parts 1 and 2 (ISO 16684-1); MWG Guidelines 2.0 (regions).
"""

from __future__ import annotations

import math
import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from xml.parsers import expat

from visualsearch_cli.pictures.metadata.values import GeoPoint, Metadata, date_of, point_of

RDF = "http://www.w3.org/1999/02/22-rdf-syntax-ns#"
DC = "http://purl.org/dc/elements/1.1/"
XMP = "http://ns.adobe.com/xap/1.0/"
EXIF = "http://ns.adobe.com/exif/1.0/"
TIFF = "http://ns.adobe.com/tiff/1.0/"
PHOTOSHOP = "http://ns.adobe.com/photoshop/1.0/"
LIGHTROOM = "http://ns.adobe.com/lightroom/1.0/"
IPTC_CORE = "http://iptc.org/std/Iptc4xmpCore/1.0/xmlns/"
IPTC_EXTENSION = "http://iptc.org/std/Iptc4xmpExt/2008-02-29/"
_DIGIKAM = "http://www.digikam.org/ns/1.0/"
_MICROSOFT = "http://ns.microsoft.com/photo/1.0/"
_REGIONS = "http://www.metadataworkinggroup.com/schemas/regions/"
_MICROSOFT_REGIONS = "http://ns.microsoft.com/photo/1.2/t/Region#"
_LANGUAGE = "http://www.w3.org/XML/1998/namespace lang"

UTF_16 = (b"\xff\xfe", b"\xfe\xff")
LARGEST = 64 << 20  # bytes: no sidecar comes near it
MOST_PARTS = 200_000
"""Elements and attributes of a document: a picture that was painted over by thousands of strokes has a tenth
of it. Each takes a hundred times the memory of its bytes."""

_CONTAINERS = {f"{RDF} Bag", f"{RDF} Seq", f"{RDF} Alt"}
_POSITION = re.compile(r"\s*(\d+(?:\.\d+)?),(\d+(?:\.\d+)?)(?:,(\d+(?:\.\d+)?))?\s*([NSEW])\s*", re.ASCII)


class XmpUnusable(Exception):
    """Not a document of XMP, or one that is not to be trusted."""


@dataclass(slots=True)
class Element:
    """An element, by where it stands in the bytes."""

    name: str  # its namespace, a space, its name
    prefix: str
    attributes: dict[str, str]  # named in the same way
    prefixes: dict[str, str]  # of the attributes
    start: int  # where its start tag begins
    end: int = 0  # where its end tag begins; after an empty-element tag
    children: list[Element] = field(default_factory=list)
    text: str = ""  # directly in it

    def child(self, name: str) -> Element | None:
        """Return the first child of a name."""
        return next((child for child in self.children if child.name == name), None)

    def walk(self) -> Iterator[Element]:
        """Yield this element and all below it."""
        pending = [self]
        while pending:
            element = pending.pop()
            yield element
            pending += reversed(element.children)


def parse(data: bytes) -> Element:
    """Return the root of a document. Raises XmpUnusable."""
    if len(data) > LARGEST:
        raise XmpUnusable(f"it has {len(data)} bytes")
    parser = expat.ParserCreate(namespace_separator=" ")
    parser.namespace_prefixes = True
    parser.buffer_text = True
    open_elements: list[Element] = []
    texts: list[list[str]] = []  # of the open elements, in pieces: to add each to the others copies them all
    roots: list[Element] = []
    parts = 0

    def start(name: str, attributes: dict[str, str]) -> None:
        nonlocal parts
        parts += 1 + len(attributes)
        if parts > MOST_PARTS:
            raise XmpUnusable(f"it has more than {MOST_PARTS} elements and attributes")
        full, prefix = _split(name)
        named = {key: _split(key) for key in attributes}
        found = Element(
            full,
            prefix,
            {named[key][0]: value for key, value in attributes.items()},
            dict(named.values()),
            parser.CurrentByteIndex,
        )
        (open_elements[-1].children if open_elements else roots).append(found)
        open_elements.append(found)
        texts.append([])

    def end(_name: str) -> None:
        closed = open_elements.pop()
        closed.end = parser.CurrentByteIndex
        closed.text = "".join(texts.pop())

    def text(more: str) -> None:
        if texts:
            texts[-1].append(more)

    def refuse(*_: object) -> None:
        raise XmpUnusable("it declares a document type, which XMP has none of")

    parser.StartElementHandler, parser.EndElementHandler = start, end
    parser.CharacterDataHandler = text
    parser.StartDoctypeDeclHandler = refuse
    try:
        parser.Parse(data, True)
    except (expat.ExpatError, ValueError, LookupError) as error:
        raise XmpUnusable(f"it is not XML: {error}") from error
    return roots[0]


def _split(name: str) -> tuple[str, str]:
    """Return a name with its namespace, and its prefix, of what expat makes of it."""
    uri, _, rest = name.partition(" ")
    if not rest:
        return f" {uri}", ""
    local, _, prefix = rest.partition(" ")
    return f"{uri} {local}", prefix


def rdf_of(root: Element) -> Element:
    """Return the element that holds all that XMP says. Raises XmpUnusable."""
    found = next((element for element in root.walk() if element.name == f"{RDF} RDF"), None)
    if found is None:
        raise XmpUnusable("it has no rdf:RDF")
    return found


def metadata_of_xmp(data: bytes) -> Metadata:
    """Return what is known by a packet or a sidecar. Raises XmpUnusable."""
    rdf = rdf_of(parse(data if data.startswith(UTF_16) else data.strip(b"\0 \r\n\t")))
    said = _Said([child for child in rdf.children if child.name == f"{RDF} Description"])
    point = _point(said.text(f"{EXIF} GPSLatitude"), said.text(f"{EXIF} GPSLongitude"))
    if point:
        altitude = _number(said.text(f"{EXIF} GPSAltitude"))
        if altitude is not None and said.text(f"{EXIF} GPSAltitudeRef") == "1":
            altitude = -altitude
        point = point._replace(altitude=altitude)
    return Metadata(
        captured=said.first(
            date_of, f"{EXIF} DateTimeOriginal", f"{PHOTOSHOP} DateCreated", f"{XMP} CreateDate"
        ),
        gps=point,
        rating=rating_of(said.text(f"{XMP} Rating") or said.text(f"{_MICROSOFT} Rating")),
        title=said.text(f"{DC} title"),
        caption=said.text(f"{DC} description"),
        camera=said.text(f"{TIFF} Model"),
        maker=said.text(f"{TIFF} Make"),
        keywords=said.items(f"{DC} subject"),
        hierarchy=tuple(
            dict.fromkeys(
                (
                    *said.items(f"{LIGHTROOM} hierarchicalSubject"),
                    *(item.replace("/", "|") for item in said.items(f"{_DIGIKAM} TagsList") if "/" in item),
                )
            )
        ),
        people=tuple(dict.fromkeys((*said.items(f"{IPTC_EXTENSION} PersonInImage"), *_faces(rdf)))),
        creators=said.items(f"{DC} creator"),
        rights=said.text(f"{DC} rights"),
        label=said.text(f"{XMP} Label"),
        headline=said.text(f"{PHOTOSHOP} Headline"),
        location=said.text(f"{IPTC_CORE} Location"),
        city=said.text(f"{PHOTOSHOP} City"),
        state=said.text(f"{PHOTOSHOP} State"),
        country=said.text(f"{PHOTOSHOP} Country"),
    )


@dataclass(frozen=True, slots=True)
class _Said:
    """What the descriptions of a picture say, by property."""

    descriptions: list[Element]

    def text(self, name: str) -> str:
        """Return the one value of a property, in the default language where there are several."""
        for description in self.descriptions:
            if value := description.attributes.get(name, "").strip():
                return value
            if (element := description.child(name)) is not None and (values := list(_values(element))):
                default = (text for text, language in values if language == "x-default")
                return next(default, values[0][0])
        return ""

    def items(self, name: str) -> tuple[str, ...]:
        """Return the values of a property, each once."""
        found: dict[str, None] = {}
        for description in self.descriptions:
            if value := description.attributes.get(name, "").strip():
                found[value] = None
            if (element := description.child(name)) is not None:
                found |= dict.fromkeys(text for text, _ in _values(element))
        return tuple(found)

    def first(self, read: Callable[[str], str], *names: str) -> str:
        return next((value for name in names if (value := read(self.text(name)))), "")


def _values(element: Element) -> Iterator[tuple[str, str]]:
    """Yield the texts of a property that are not empty, each with its language."""
    containers = [child for child in element.children if child.name in _CONTAINERS]
    items = [item for container in containers for item in container.children] or [element]
    for item in items:
        inner = item.child(f"{RDF} value")
        if text := (item if inner is None else inner).text.strip():
            yield text, item.attributes.get(_LANGUAGE, "")


def _faces(rdf: Element) -> Iterator[str]:
    """Yield the names of the faces that programs marked."""
    for element in rdf.walk():
        name = _own(element, f"{_REGIONS} Name")
        if name and _own(element, f"{_REGIONS} Type") in ("", "Face"):
            yield name
        if name := _own(element, f"{_MICROSOFT_REGIONS} PersonDisplayName"):
            yield name


def _own(element: Element, name: str) -> str:
    child = element.child(name)
    return element.attributes.get(name, "" if child is None else child.text).strip()


def rating_of(text: str) -> int:
    """Return a rating, 0 for none."""
    number = _number(text)
    return 0 if number is None or not -1 <= number <= 5 else round(number)


def _number(text: str) -> float | None:
    """Return a number, which may be a fraction."""
    above, _, below = text.partition("/")
    try:
        number = float(above) / float(below or 1)
    except (ValueError, ZeroDivisionError):
        return None
    return number if math.isfinite(number) else None


def _point(latitude: str, longitude: str) -> GeoPoint | None:
    values = [_degrees(text) for text in (latitude, longitude)]
    return None if values[0] is None or values[1] is None else point_of(values[0], values[1])


def _degrees(text: str) -> float | None:
    """Return "52,31.2N" or "52,31,12N" in degrees."""
    found = _POSITION.fullmatch(text)
    if found is None:
        return None
    degrees = float(found[1]) + float(found[2]) / 60 + float(found[3] or 0) / 3600
    return -degrees if found[4] in "SW" else degrees
