"""The text of an XMP sidecar: a new one, or one that is only added to. What stands in it stays, byte by byte.

A value goes where its property is: into a list, or in the place of "no stars" and of empty texts. Where there
is no such property, a description of its own says it, which XMP allows.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from xml.sax.saxutils import escape, quoteattr

from visualsearch_cli.pictures.metadata.values import GeoPoint, Metadata
from visualsearch_cli.pictures.metadata.xmp import (
    DC,
    EXIF,
    IPTC_CORE,
    IPTC_EXTENSION,
    LIGHTROOM,
    PHOTOSHOP,
    RDF,
    TIFF,
    UTF_16,
    XMP,
    Element,
    XmpUnusable,
    parse,
    rdf_of,
)

_NAMESPACES = {
    "rdf": RDF,
    "dc": DC,
    "xmp": XMP,
    "exif": EXIF,
    "tiff": TIFF,
    "photoshop": PHOTOSHOP,
    "lr": LIGHTROOM,
    "Iptc4xmpCore": IPTC_CORE,
    "Iptc4xmpExt": IPTC_EXTENSION,
}
_LISTS = {
    "keywords": "dc:subject",
    "hierarchy": "lr:hierarchicalSubject",
    "people": "Iptc4xmpExt:PersonInImage",
    "creators": "dc:creator",
}
_ORDERED = {"dc:creator"}  # lists, the first of which counts most
_PLAIN_TEXTS = {
    "camera": "tiff:Model",
    "maker": "tiff:Make",
    "label": "xmp:Label",
    "headline": "photoshop:Headline",
    "location": "Iptc4xmpCore:Location",
    "city": "photoshop:City",
    "state": "photoshop:State",
    "country": "photoshop:Country",
}
_TEXTS = {"title": "dc:title", "caption": "dc:description", "rights": "dc:rights"}
_SECONDARY = {"photoshop:DateCreated", "exif:GPSVersionID", "exif:GPSAltitude", "exif:GPSAltitudeRef"}
"""Tags that say what another one says already, or little: they are left as they are."""

_BAGS = {f"{RDF} Bag", f"{RDF} Seq"}
_ENCODING = re.compile(rb"<\?xml[^>]*?encoding\s*=\s*[\"']([A-Za-z0-9._-]+)[\"']")
_UTF_8 = {b"utf-8", b"utf8", b"us-ascii", b"ascii"}

NEW = (
    '<?xpacket begin="\ufeff" id="W5M0MpCehiHzreSzNTczkc9d"?>\n'
    '<x:xmpmeta xmlns:x="adobe:ns:meta/">\n'
    f' <rdf:RDF xmlns:rdf="{RDF}">\n'
    " </rdf:RDF>\n"
    "</x:xmpmeta>\n"
    '<?xpacket end="w"?>\n'
).encode()
"""A sidecar that says nothing."""


@dataclass(frozen=True, slots=True)
class _Place:
    """What stands in the place of some bytes, or between two of them, from now on."""

    start: int
    end: int
    text: str


def with_added(data: bytes, more: Metadata) -> bytes:
    """Return a sidecar that says more. Nothing that it says already may be in `more`.

    Raises XmpUnusable if it is not one that can be added to.
    """
    declared = _ENCODING.match(data.removeprefix(b"\xef\xbb\xbf"))
    if data.startswith(UTF_16) or (declared and declared[1].lower() not in _UTF_8):
        raise XmpUnusable("it is not in UTF-8")
    rdf = rdf_of(parse(data))
    descriptions = [child for child in rdf.children if child.name == f"{RDF} Description"]
    items = {tag: getattr(more, name) for name, tag in _LISTS.items() if getattr(more, name)}
    places: list[_Place] = []
    new: dict[str, str] = {}
    for tag, value in _properties(more).items():
        found = list(_found(descriptions, tag))
        if not found:
            new[tag] = value
        elif tag in items and (bag := _bag_in(found[0][1])) is not None:
            places.append(_at_the_end(data, bag, _items(items[tag], bag.prefix)))
        elif tag not in _SECONDARY:
            places += [_instead(data, *place, tag, value) for place in found[:1]]
    if new:
        about = next(
            (d.attributes[f"{RDF} about"] for d in descriptions if f"{RDF} about" in d.attributes), ""
        )
        places.append(_at_the_end(data, rdf, _description(new, about)))
    for place in sorted(places, key=lambda place: place.start, reverse=True):
        data = data[: place.start] + place.text.encode() + data[place.end :]
    return data


def _found(descriptions: Sequence[Element], tag: str) -> Iterator[tuple[Element, Element | None]]:
    """Yield where a property is: the description, and the element in it unless it is an attribute."""
    name = _full(tag)
    for description in descriptions:
        if name in description.attributes:
            yield description, None
        if (element := description.child(name)) is not None:
            yield description, element


def _full(tag: str) -> str:
    prefix, _, local = tag.partition(":")
    return f"{_NAMESPACES[prefix]} {local}"


def _bag_in(element: Element | None) -> Element | None:
    """Return the list of a property, if there is one."""
    return (
        None if element is None else next((child for child in element.children if child.name in _BAGS), None)
    )


def _instead(data: bytes, description: Element, element: Element | None, tag: str, value: str) -> _Place:
    """Return what gives a value to a property that has none. Raises XmpUnusable if it has one after all."""
    name = _full(tag)
    if element is not None:
        if any(part.text.strip() not in ("", "0") for part in element.walk()):
            raise XmpUnusable(f"its {tag} cannot be understood")
        prefix = tag.partition(":")[0]
        names = f'xmlns:rdf="{RDF}" xmlns:{prefix}="{_NAMESPACES[prefix]}"'
        return _Place(element.start, _end_of(data, element), f"<{tag} {names}>{value}</{tag}>")
    if description.attributes[name].strip() not in ("", "0") or "<" in value:
        raise XmpUnusable(f"its {tag} cannot be understood")
    written = f"{description.prefixes[name]}:{tag.partition(':')[2]}".encode()
    pattern = re.compile(rb"\s" + re.escape(written) + rb"\s*=\s*(\"[^\"]*\"|'[^']*')")
    found = pattern.search(data, description.start)
    if found is None:
        raise XmpUnusable(f"its {tag} cannot be found")
    return _Place(found.start(1), found.end(1), f'"{value}"')


def _is_empty_tag(data: bytes, element: Element) -> bool:
    return not element.children and not element.text and data[: element.end].endswith(b"/>")


def _end_of(data: bytes, element: Element) -> int:
    """Return where an element is over."""
    return element.end if _is_empty_tag(data, element) else data.index(b">", element.end) + 1


def _at_the_end(data: bytes, element: Element, text: str) -> _Place:
    """Return what puts a text at the end of an element, which may be written as an empty-element tag."""
    if not _is_empty_tag(data, element):
        return _Place(element.end, element.end, text)
    tag = data[element.start + 1 : element.end - 2].split(None, 1)[0].decode("utf-8")
    return _Place(element.end - 2, element.end, f">{text}</{tag}>")


def _properties(more: Metadata) -> dict[str, str]:
    """Return what is in the elements of all that is to be said, by the tags of their properties."""
    said: dict[str, str] = {}
    if more.captured:
        said["exif:DateTimeOriginal"] = said["photoshop:DateCreated"] = more.captured
    if more.gps:
        said |= _gps(more.gps)
    if more.rating:
        said["xmp:Rating"] = str(more.rating)
    for name, tag in _PLAIN_TEXTS.items():
        if text := getattr(more, name):
            said[tag] = _escaped(text)
    for name, tag in _TEXTS.items():
        if text := getattr(more, name):
            said[tag] = f'<rdf:Alt><rdf:li xml:lang="x-default">{_escaped(text)}</rdf:li></rdf:Alt>'
    for name, tag in _LISTS.items():
        if values := getattr(more, name):
            kind = "rdf:Seq" if tag in _ORDERED else "rdf:Bag"
            said[tag] = f"<{kind}>{_items(values, 'rdf')}</{kind}>"
    return said


def _items(values: Sequence[str], prefix: str) -> str:
    tag = f"{prefix}:li" if prefix else "li"
    return "".join(f"<{tag}>{_escaped(value)}</{tag}>" for value in values)


def _description(said: dict[str, str], about: str) -> str:
    used = dict.fromkeys(["rdf", *(tag.partition(":")[0] for tag in said)])
    names = "".join(f'\n    xmlns:{prefix}="{_NAMESPACES[prefix]}"' for prefix in used)
    elements = "".join(f"   <{tag}>{value}</{tag}>\n" for tag, value in said.items())
    return f" <rdf:Description{names}\n    rdf:about={quoteattr(about)}>\n{elements}  </rdf:Description>\n "


def _gps(point: GeoPoint) -> dict[str, str]:
    found = {
        "exif:GPSVersionID": "2.2.0.0",
        "exif:GPSLatitude": _position(point.latitude, "NS"),
        "exif:GPSLongitude": _position(point.longitude, "EW"),
    }
    if point.altitude is not None:
        found["exif:GPSAltitude"] = f"{round(abs(point.altitude) * 1000)}/1000"
        found["exif:GPSAltitudeRef"] = "1" if point.altitude < 0 else "0"
    return found


def _position(degrees: float, directions: str) -> str:
    minutes = round(abs(degrees) * 60, 7)  # of arc: 10^-7 of one is less than a millimeter
    return f"{int(minutes // 60)},{minutes % 60:.7f}{directions[degrees < 0]}"


def _escaped(text: str) -> str:
    return escape(text, {"\r": "&#13;"})
