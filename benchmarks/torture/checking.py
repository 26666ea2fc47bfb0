"""Is anything gone that was there? Nothing here is of the program, nor are files read in its way.

What a picture shows is known by whoever made the library; what a file holds and knows is read from its bytes.
"""

from __future__ import annotations

import hashlib
import io
import json
import os
import re
import stat
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any
from xml.etree import ElementTree

from PIL import Image

PACKET = re.compile(rb"<x:xmpmeta.*?</x:xmpmeta>", re.DOTALL)
SINGLE = ("date", "latitude", "rating", "title", "caption")
_RDF = "{http://www.w3.org/1999/02/22-rdf-syntax-ns#}"
_TAGS = {
    "{http://ns.adobe.com/exif/1.0/}DateTimeOriginal": "date",
    "{http://ns.adobe.com/exif/1.0/}GPSLatitude": "latitude",
    "{http://ns.adobe.com/xap/1.0/}Rating": "rating",
    "{http://purl.org/dc/elements/1.1/}title": "title",
    "{http://purl.org/dc/elements/1.1/}description": "caption",
    "{http://purl.org/dc/elements/1.1/}subject": "keywords",
    "{http://iptc.org/std/Iptc4xmpExt/2008-02-29/}PersonInImage": "people",
}

Facts = dict[str, set[str]]


@dataclass(frozen=True, slots=True)
class Entry:
    """A name in a library."""

    kind: str  # "file", "link" or "folder"
    data: bytes  # of a file; the target of a link
    mtime_ns: int
    mode: int
    inode: int


@dataclass(slots=True)
class Snapshot:
    """All that is in a library, by the paths from its root; without the index."""

    entries: dict[str, Entry] = field(default_factory=dict)

    @property
    def files(self) -> Iterator[tuple[str, Entry]]:
        return ((path, entry) for path, entry in self.entries.items() if entry.kind == "file")

    def holds(self, path: str) -> bool:
        return path in self.entries

    def state(self) -> dict[str, tuple[Any, ...]]:
        """Return what must be as before after `undo`: all but the times of folders, and numbers of inodes."""
        first: dict[int, str] = {}
        for path, entry in sorted(self.files):
            first.setdefault(entry.inode, path)
        return {
            path: (entry.kind, entry.mode)
            if entry.kind == "folder"
            else (entry.kind, entry.data, entry.mode, entry.mtime_ns, first.get(entry.inode))
            for path, entry in self.entries.items()
        }


def snapshot(root: Path) -> Snapshot:
    """Read a library."""
    found = Snapshot()
    for folder, folders, names in os.walk(root):
        folders[:] = [name for name in folders if name != ".visualsearch"]
        for name in (*folders, *names):
            path = os.path.join(folder, name)
            state = os.lstat(path)
            kind, data = "folder", b""
            if stat.S_ISLNK(state.st_mode):
                kind, data = "link", os.fsencode(os.readlink(path))
            elif stat.S_ISREG(state.st_mode):
                with open(path, "rb") as stream:
                    kind, data = "file", stream.read()
            found.entries[os.path.relpath(path, root)] = Entry(
                kind, data, state.st_mtime_ns, stat.S_IMODE(state.st_mode), state.st_ino
            )
    return found


def problems(
    before: Snapshot,
    after: Snapshot,
    frames: Mapping[str, tuple[str, ...]],
    owners: Mapping[str, list[str]],
    stores: Iterable[str],
) -> Iterator[str]:
    """Yield what is gone or changed that must not be. `frames`, `owners`, `stores`: see `making.Truth`."""
    yield from _changed(before, after, frames, tuple(stores))
    yield from _films(before, after)
    yield from _companions(before, after, owners)
    survivors: dict[str, list[str]] = {}
    for path, shown in frames.items():
        if after.holds(path):
            for frame in shown:
                survivors.setdefault(frame, []).append(path)
    facts = {path: _facts(path, before, owners) for path in frames if before.holds(path)}
    facts_after = {path: _facts(path, after, owners) for path in frames if after.holds(path)}
    for path, shown in frames.items():
        if after.holds(path):
            continue
        left = [other for other in survivors.get(shown[0], ()) if set(shown) <= set(frames[other])]
        if not left:
            yield f"{path!r}: nothing that shows {shown} is left"
        elif max(_area(other, before) for other in left) < _area(path, before):
            yield f"{path!r}: all that is left of {shown} is smaller"
        elif not any(_knows(facts_after[other], facts[path]) for other in left):
            missing = {other: _lacks(facts_after[other], facts[path]) for other in left}
            yield f"{path!r}: nobody knows what it knew: {missing}"


def _changed(
    before: Snapshot, after: Snapshot, frames: Mapping[str, tuple[str, ...]], stores: tuple[str, ...]
) -> Iterator[str]:
    for path, entry in before.entries.items():
        now = after.entries.get(path)
        if now is None:
            if path.split(os.sep)[0] in stores:
                yield f"{path!r} is gone from a store"
            elif entry.kind != "file":
                yield f"{path!r}, a {entry.kind}, is gone"
        elif now.kind != entry.kind:
            yield f"{path!r} is a {now.kind} now"
        elif now.data != entry.data and not path.lower().endswith(".xmp"):
            yield f"{path!r} was written to"
        elif now.data != entry.data and not _says_all(entry.data, now.data):
            yield f"{path!r} does not say all that it said"
        elif now.data == entry.data and entry.kind == "file" and now.mtime_ns != entry.mtime_ns:
            yield f"{path!r} has another time"
    for path in after.entries.keys() - before.entries.keys():
        if not (
            path.endswith(".xmp") and path[: -len(".xmp")] in frames and after.holds(path[: -len(".xmp")])
        ):
            yield f"{path!r} is new"


def _films(before: Snapshot, after: Snapshot) -> Iterator[str]:
    left = {film for _, entry in after.files for film in _films_in(entry.data)}
    for path, entry in before.files:
        for film in _films_in(entry.data):
            if film not in left:
                yield f"{path!r}: its film is gone"


def _films_in(data: bytes) -> Iterator[bytes]:
    at = data.rfind(b"ftypmp42")
    if at >= 4:
        yield hashlib.sha256(data[at - 4 :]).digest()


def _companions(before: Snapshot, after: Snapshot, owners: Mapping[str, list[str]]) -> Iterator[str]:
    """A companion is there, or one with all that it said; and none that is left is left alone."""
    left: dict[str, list[bytes]] = {}
    for path, entry in after.files:
        left.setdefault(os.path.splitext(path)[1].lower(), []).append(entry.data)
    for path, its in owners.items():
        if after.holds(path):
            if not any(after.holds(owner) for owner in its):
                yield f"{path!r} was left behind alone"
            continue
        data, suffix = before.entries[path].data, os.path.splitext(path)[1].lower()
        same = left.get(suffix, [])
        if data not in same and not (suffix == ".xmp" and any(_says_all(data, other) for other in same)):
            yield f"{path!r}: what it says is gone"


def _says_all(data: bytes, other: bytes) -> bool:
    """Tell whether a sidecar says all that another one says; 0 stars are none."""
    return set(_leaves(ElementTree.fromstring(data))) <= set(_leaves(ElementTree.fromstring(other)))


def _leaves(root: ElementTree.Element) -> Iterator[tuple[str, str]]:
    for element in root.iter():
        for name, value in element.attrib.items():
            if not (name.endswith("}Rating") and value == "0"):
                yield name, value
        if text := (element.text or "").strip():
            yield element.tag, text


def _area(path: str, found: Snapshot) -> int:
    width, height = Image.open(io.BytesIO(found.entries[path].data)).size
    return width * height


def _facts(path: str, found: Snapshot, owners: Mapping[str, list[str]]) -> Facts:
    """Return what a picture and the files beside it know."""
    facts: Facts = {}
    data = found.entries[path].data
    _read_exif(data, facts)
    for packet in PACKET.findall(data):
        _read_xmp(packet, facts)
    beside = {name for name, its in owners.items() if path in its} | {f"{path}.xmp"}
    for name in beside & found.entries.keys():
        if name.lower().endswith(".xmp"):
            _read_xmp(found.entries[name].data, facts)
        elif name.endswith(".json"):
            _read_json(found.entries[name].data, facts)
    return facts


def _read_exif(data: bytes, facts: Facts) -> None:
    with Image.open(io.BytesIO(data)) as image:
        exif = image.getexif()
        if date := exif.get_ifd(0x8769).get(0x9003):
            facts.setdefault("date", set()).add(re.sub(r"\D", "", str(date)))
        if latitude := exif.get_ifd(0x8825).get(2):
            facts.setdefault("latitude", set()).add(str(latitude))
        if caption := exif.get(0x010E):
            facts.setdefault("caption", set()).add(str(caption))


def _read_xmp(data: bytes, facts: Facts) -> None:
    for element in ElementTree.fromstring(data).iter():
        pairs = [*element.attrib.items(), (element.tag, (element.text or "").strip())]
        pairs += [(element.tag, (item.text or "").strip()) for item in element.iter(f"{_RDF}li")]
        for name, value in pairs:
            if name in _TAGS and value and (_TAGS[name], value) != ("rating", "0"):
                facts.setdefault(_TAGS[name], set()).add(value)


def _read_json(data: bytes, facts: Facts) -> None:
    document = json.loads(data)
    facts.setdefault("date", set()).add("taken")
    if document["geoData"]["latitude"]:
        facts.setdefault("latitude", set()).add("there")
    if document["description"]:
        facts.setdefault("caption", set()).add(document["description"])
    facts.setdefault("people", set()).update(person["name"] for person in document["people"])


def _lacks(facts: Facts, needed: Facts) -> Facts:
    """Return what one file knows and another one does not. Of single values the kept one's stays."""
    lacking: Facts = {}
    for name, values in needed.items():
        have = facts.get(name, set())
        missing = set() if name in SINGLE and have else values - have
        if missing:
            lacking[name] = missing
    return lacking


def _knows(facts: Facts, needed: Facts) -> bool:
    return not _lacks(facts, needed)
