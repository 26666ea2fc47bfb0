"""What lists of a whole folder know of one of its pictures: lists of descriptions, and Picasa's.

Such a list belongs to no single picture, so it never goes with one. But what it says of a file under a name
is lost with the file that has the name.

Sources: `descript.ion` of 4DOS, as Total Commander, IrfanView, XnView and ACDSee write it (`NAME text`,
names with spaces in quotes, and behind 0x04 what a program notes for itself); `files.bbs` of mailboxes
(`NAME text`, further lines indented, with size and date before the text in some); `.picasa.ini` of Google
Picasa (a section for each file, contacts in `Contacts2`, faces as `rect64(…),CONTACT`).
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Iterator, Mapping
from functools import lru_cache
from itertools import chain, islice
from pathlib import Path

from visualsearch_cli.pictures.beside.names import MAILBOX, PICASA, folded
from visualsearch_cli.pictures.metadata.file_attributes import known_by_attributes
from visualsearch_cli.pictures.metadata.values import Metadata, clean, joined

LARGEST = 8 << 20  # bytes: a list of fifty thousand pictures is shorter
MOST_NAMES = 200_000  # that are read of a list
STARRED = "starred"  # what a star of Picasa is called as a label

_LINE_OF_TEXT = re.compile(r"[^\r\n]+")
_OF_PROGRAM = "\x04"  # in `descript.ion`: what follows is no text
_LINE = re.compile(r'(?:"([^"]+)"|(\S+))(?:[ \t]+(.*))?')
_SIZE_AND_DATE = re.compile(r"\d+[kKmM]?[ \t]+\d{1,4}[-/.]\d{1,2}[-/.]\d{1,4}[ \t]+")
_SECTION = re.compile(r"\[(.+)\]")
_CONTACTS = ("Contacts2", "Contacts")
_FACE = re.compile(r"rect64\([0-9a-fA-F]*\),([0-9a-fA-F]+)")


def known_elsewhere(
    pictures: Iterable[Path], lists: Iterable[Path], read: Callable[[Path], bytes]
) -> Metadata:
    """Return what the file system and lists of its folders know of a file, by its names."""
    paths = list(pictures)
    return joined([known_by_attributes(paths), known_by_lists(paths, lists, read)])


def known_by_lists(
    pictures: Iterable[Path], lists: Iterable[Path], read: Callable[[Path], bytes]
) -> Metadata:
    """Return what lists know of a file, by each of its names that lies in the folder of one."""
    paths = list(pictures)
    return joined(
        metadata_in(one.name, read(one), path.name)
        for one in lists
        for path in paths
        if path.parent == one.parent
    )


def metadata_in(called: str, data: bytes, picture: str) -> Metadata:
    """Return what a list, by its name and bytes, says of the picture of a name. Damaged ones say nothing."""
    if len(data) > LARGEST:
        return Metadata()
    return _known_in(called.lower(), data).get(folded(picture), Metadata())


@lru_cache(maxsize=4)
def _known_in(called: str, data: bytes) -> Mapping[str, Metadata]:
    """Return what a list says of each picture that it names: it is asked about one after another."""
    text = _text_of(data)
    if called in PICASA:
        return _of_picasa(_sections(text))
    captions: dict[str, Metadata] = {}
    described = _of_mailbox(text) if called == MAILBOX else _of_descriptions(text)
    for title, said in islice(described, MOST_NAMES):
        if said:
            captions.setdefault(folded(title), Metadata(caption=said))
    return captions


def _text_of(data: bytes) -> str:
    """Return a list as text; old ones are in a code page that nobody names."""
    if data.startswith((b"\xff\xfe", b"\xfe\xff")):
        return data.decode("utf-16", "replace")
    try:
        return data.decode("utf-8-sig")
    except UnicodeDecodeError:
        return data.decode("cp1252", "replace")


def _lines_of(text: str) -> Iterator[str]:
    """Return the lines of a text that are not empty, one by one: of a long list, all at once take much."""
    return (found[0] for found in _LINE_OF_TEXT.finditer(text))


def _of_descriptions(text: str) -> Iterator[tuple[str, str]]:
    for line in _lines_of(text):
        if found := _LINE.fullmatch(line.strip(" \t\x1a\0")):
            said = (found[3] or "").partition(_OF_PROGRAM)[0]
            # Where a program notes for itself that a text has several lines, it writes these as \n.
            yield found[1] or found[2], clean(said.replace("\\n", "\n"))


def _of_mailbox(text: str) -> Iterator[tuple[str, str]]:
    title, said = "", [""]
    for line in chain(_lines_of(text), [""]):
        if line[:1].isspace():
            if more := line.strip(" \t|\x1a"):
                said.append(more)
            continue
        if title:
            yield title, clean(" ".join(said).strip())
        title, said = "", [""]
        if found := _LINE.fullmatch(line.strip("\x1a\0")):
            title = found[1] or found[2]
            said = [_SIZE_AND_DATE.sub("", found[3] or "", count=1)]


def _sections(text: str) -> dict[str, dict[str, str]]:
    """Return the sections of an INI file, by their names, those of files folded."""
    sections: dict[str, dict[str, str]] = {}
    current: dict[str, str] = {}
    for line in _lines_of(text):
        if found := _SECTION.fullmatch(line.strip()):
            name = found[1]
            if len(sections) > MOST_NAMES:
                break
            current = sections.setdefault(name if name in _CONTACTS else folded(name), {})
        else:
            key, equals, value = line.partition("=")
            if equals:
                current[key.strip()] = value.strip()
    return sections


def _of_picasa(sections: Mapping[str, Mapping[str, str]]) -> dict[str, Metadata]:
    contacts = {
        number: said.split(";")[0].strip()
        for section in _CONTACTS
        for number, said in sections.get(section, {}).items()
    }
    return {
        name: _of_section(section, contacts) for name, section in sections.items() if name not in _CONTACTS
    }


def _of_section(its: Mapping[str, str], contacts: Mapping[str, str]) -> Metadata:
    people = (clean(contacts.get(found[1], "")) for found in _FACE.finditer(its.get("faces", "")))
    return Metadata(
        caption=clean(its.get("caption", "")),
        keywords=tuple(dict.fromkeys(filter(None, map(clean, its.get("keywords", "").split(","))))),
        people=tuple(dict.fromkeys(filter(None, people))),
        label=STARRED if its.get("star", "").lower() == "yes" else "",
    )
