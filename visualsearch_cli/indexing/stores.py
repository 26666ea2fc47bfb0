"""Folders that systems and other programs keep among photographs: bins, snapshots, thumbnails, libraries.

What is in a bin was thrown away, and thumbnails and renders are made anew from the originals: both are left
out. Originals that a program manages may be somebody's only copies: they are indexed, and protected.

A place is recognised by the name of its folder, whatever the case. A name that people use, too, needs
evidence: what lies beside it. Nothing is looked up for most folders but their name.
"""

from __future__ import annotations

import os
import re
from collections.abc import Sequence
from dataclasses import dataclass
from enum import Enum


class Treatment(Enum):
    """What is done about a place."""

    LEFT_OUT = "left out"  # taken in all the same, its files may be offered, but are not kept for others
    STORE = "left out, protected"  # as well, but a program would miss its files: they are never offered
    ORIGINALS = "indexed, protected"
    FOUND = "indexed, protected, not kept before others"  # it may be all that is left, or half of a file
    BEHIND = "indexed, protected, not kept before the edited picture"  # which is what people see


@dataclass(frozen=True, slots=True)
class Place:
    """A kind of folder."""

    name: str  # its last parts, with "/" between them; `*` stands for any characters but "/"
    what: str
    treatment: Treatment = Treatment.LEFT_OUT
    beside: tuple[
        str, ...
    ] = ()  # all of these are there, seen from the folder it lies in; "a|b": one of both
    originals: tuple[str, ...] = ()  # folders of a place that is left out in which originals are

    @property
    def is_left_out(self) -> bool:
        """Whether its files are not indexed unless they are asked for."""
        return self.treatment in (Treatment.LEFT_OUT, Treatment.STORE)


OF_ROOT = "lost+found"
"""A place of each Linux disk that mostly root alone may look into."""

_STORE = Treatment.STORE
_ORIGINALS = Treatment.ORIGINALS
_IMMICH = ("library|upload", "encoded-video|thumbs/.immich|library/.immich|upload/.immich")
_PHOTOPRISM = "config|index.db|serial|.ppstorage|backup|../originals|../import"

PLACES = (
    # Bins
    Place("#recycle", "recycle bin of Synology"),
    Place("@Recycle", "recycle bin of QNAP"),
    Place(".recycle", "recycle bin of Samba"),
    Place("Recycle Bin", "recycle bin of ReadyNAS"),
    Place("Network Recycle Bin*", "recycle bin of QNAP, earlier"),
    Place("trashbox", "recycle bin of Buffalo"),
    Place(".Recycle.Bin", "recycle bin of Unraid"),
    Place("$Recycle.Bin", "recycle bin of Windows"),
    Place("RECYCLER", "recycle bin of Windows XP"),
    Place("RECYCLED", "recycle bin of Windows 98"),
    Place(".Trash", "trash of macOS, Linux and Samsung phones"),
    Place(".Trashes", "trash of macOS on other disks"),
    Place(".Trash-*", "trash of Linux on other disks"),
    Place(".local/share/Trash", "trash of Linux"),
    Place(".trashBin", "trash of Xiaomi phones"),
    Place(".globalTrash", "trash of Xiaomi phones"),
    Place(".dtrash", "trash of digiKam"),
    Place(".dropbox.cache", "deleted files of Dropbox"),
    Place("Trash", "trash of a Capture One session", beside=("*.cosessiondb",)),
    Place("files_trashbin", "trash of Nextcloud and ownCloud", _STORE),
    Place("__groupfolders/trash", "trash of Nextcloud's group folders", _STORE),
    # Snapshots, earlier versions, and what systems keep
    Place("@Recently-Snapshot", "snapshots of QNAP", _STORE),
    Place("#snapshot", "snapshots of Synology", _STORE),
    Place(".snapshot", "snapshots of NetApp", _STORE),
    Place("~snapshot", "snapshots of NetApp, for Windows", _STORE),
    Place(".snapshots", "snapshots of Btrfs by Snapper", _STORE),
    Place(".zfs", "snapshots of ZFS", _STORE),
    Place("@GMT-*", "snapshots of Samba", _STORE),
    Place("files_versions", "earlier versions of Nextcloud and ownCloud", _STORE),
    Place("__groupfolders/versions", "earlier versions of Nextcloud's group folders", _STORE),
    Place(".stversions", "earlier versions of Syncthing"),
    Place(".sync/Archive", "earlier versions of Resilio Sync"),
    Place(".DocumentRevisions-V100", "earlier versions of macOS", _STORE),
    Place("System Volume Information", "restore points of Windows", _STORE),
    # What repairs of cards and disks left behind
    Place("LOST.DIR", "found by a repair of Android", Treatment.FOUND),
    Place("FOUND.0*", "found by a repair of Windows", Treatment.FOUND),
    Place(OF_ROOT, "found by a repair of Linux", Treatment.FOUND),
    # Thumbnails and caches of systems
    Place("@eaDir", "thumbnails of Synology", _STORE),
    Place("@tmp", "temporary files of Synology"),
    Place(".@__thumb", "thumbnails of QNAP", _STORE),
    Place(".@upload_cache", "unfinished uploads of QNAP"),
    Place(".thumbnails", "thumbnails of Android and Linux"),
    Place(".thumbs", "thumbnails of apps on Android"),
    Place("Android/data/*/cache", "caches of apps on Android"),
    Place("Android/media/*/cache", "caches of apps on Android"),
    Place(".cache", "caches of programs on Linux: darktable, Shotwell, thumbnails"),
    Place("Library/Caches", "caches of programs on macOS"),
    Place(".TemporaryItems", "temporary files of macOS"),
    Place(".AppleDouble", "resource forks that Netatalk keeps"),
    # Programs for photographs
    Place("*.photoslibrary", "library of Apple Photos", _STORE, originals=("originals", "Masters")),
    Place("*.photolibrary", "library of iPhoto", _STORE, originals=("Masters", "Originals")),
    Place("*.migratedphotolibrary", "library of iPhoto", _STORE, originals=("Masters", "Originals")),
    Place(
        "iPhoto Library",
        "library of iPhoto",
        _STORE,
        beside=("iPhoto Library/AlbumData.xml",),
        originals=("Masters", "Originals"),
    ),
    Place("*.aplibrary", "library of Aperture", _STORE, originals=("Masters", "*.approject")),
    Place("*.migratedaplibrary", "library of Aperture", _STORE, originals=("Masters", "*.approject")),
    Place("Mobile Downloads.lrdata", "pictures that Lightroom downloaded", _ORIGINALS),
    Place("*.lrdata", "previews of Lightroom Classic", _STORE),
    Place("*.lrlibrary", "library of Lightroom", _STORE, originals=("*/originals",)),
    Place("*.cocatalog", "catalog of Capture One", _STORE, originals=("Originals",)),
    Place("CaptureOne/Cache", "previews of Capture One", _STORE),
    Place("Cache", "previews of a Capture One catalog", _STORE, beside=("*.cocatalogdb",)),
    Place("Originals", "originals of a Capture One catalog", _ORIGINALS, beside=("*.cocatalogdb",)),
    Place("thumbs", "thumbnails of Immich", _STORE, beside=_IMMICH),
    Place("encoded-video", "converted films of Immich", _STORE, beside=_IMMICH),
    Place("library", "originals of Immich", _ORIGINALS, beside=("thumbs", *_IMMICH)),
    Place("upload", "originals of Immich", _ORIGINALS, beside=("thumbs", *_IMMICH)),
    Place("storage/cache", "thumbnails of PhotoPrism", _STORE, beside=(f"sidecar|{_PHOTOPRISM}",)),
    Place("storage/sidecar", "converted pictures of PhotoPrism", _STORE, beside=(f"cache|{_PHOTOPRISM}",)),
    Place(".photoprism", "sidecars of PhotoPrism", _STORE),
    Place("storage/originals", "originals of PhotoPrism", _ORIGINALS, beside=("cache|sidecar",)),
    Place("originals", "originals of PhotoPrism", _ORIGINALS, beside=("storage/cache|storage/sidecar",)),
    Place("appdata_*/preview", "previews of Nextcloud", _STORE),
    Place("appdata_oc*", "what the apps of Nextcloud make", _STORE),
    Place(
        "files",
        "originals of Nextcloud and ownCloud",
        _ORIGINALS,
        beside=("files_trashbin|files_versions|../.ocdata|../.ncdata|../appdata_oc*",),
    ),
    Place("__groupfolders", "originals of Nextcloud's group folders", _ORIGINALS),
    Place("Plex Media Server", "posters and thumbnails of Plex", _STORE),
    Place("*.trickplay", "stills of films by Jellyfin", _STORE),
    Place("userdata/Thumbnails", "thumbnails of Kodi", _STORE),
    Place("mipmaps-*.d", "previews of darktable", _STORE),
    Place("Google/Picasa2", "thumbnails of Picasa", _STORE),
    Place(".picasaoriginals", "originals of pictures edited with Picasa", Treatment.BEHIND),
    Place(
        "Originals", "originals of edited pictures, Picasa 2", _ORIGINALS, beside=(".picasa.ini|Picasa.ini",)
    ),
    Place("[Originals]", "originals of pictures edited with ACDSee", Treatment.BEHIND),
    Place("iPod_Control", "music and artwork of an iPod", _STORE),
    Place("iPod Photo Cache", "pictures reduced for an iPod", _STORE),
    Place("Thumbs", "pictures reduced for an iPod", _STORE, beside=("Photo Database",)),
)
"""All places. Of those that fit a folder the first counts."""

TRASHED = ".trashed-*"
"""The names of files in the trash of Android, which stay in their folder."""


class Inner:
    """The folders of a library that lead to its originals."""

    def __init__(self, place: Place, tails: Sequence[Sequence[re.Pattern[str]]]) -> None:
        """`tails` are the rest of the paths to originals, a pattern a folder."""
        self.place = place
        self._tails = tails

    def enter(self, name: str) -> Inner | Place | None:
        """Return what a folder inside is: one that leads on, one of originals, or None: it is left out."""
        tails = [tail[1:] for tail in self._tails if tail[0].fullmatch(name)]
        if not tails:
            return None
        return Inner(self.place, tails) if all(tails) else _originals_of(self.place)


def may_be_place(name: bytes) -> bool:
    """Tell quickly whether a folder may be a place, by its name: nearly all are not."""
    key = name.lower()
    return key in _NAMES or key.endswith(_ENDS) or key.startswith(_BEGINNINGS)


def place_of(folder: str, name: str) -> Place | None:
    """Return what kind of place a folder is that lies in another one, given by its absolute path."""
    rows = _EXACT.get(name.lower())
    if rows is None:
        match = _PATTERNS.fullmatch(name)
        if match is None:
            return None
        rows = _ROWS[match.lastindex or 0]
    return next((place for place in rows if _fits(place, folder)), None)


def entered(above: Inner | Place | None, folder: str, name: str) -> Inner | Place | None:
    """Return what a folder is, or lies in, that lies in another one, of which it is known what that is."""
    if isinstance(above, Inner):
        return above.enter(name) or above.place
    if above is not None and above.is_left_out:
        return above
    place = place_of(folder, name)
    if place is None:
        return above
    return _inside(place) or place


def is_shown(name: bytes, *, stores: bool = False) -> bool:
    """Tell whether a name that begins with a dot counts without --hidden: that of a folder of originals.

    With `stores`, the name of any place counts.
    """
    if not stores:
        return name.lower() in _SHOWN
    return is_trashed(name) or _DOTTED.fullmatch(os.fsdecode(name)) is not None


def is_trashed(name: bytes) -> bool:
    """Tell whether a file is in the trash of Android, by its name."""
    return name.lower().startswith(_TRASHED)


class Places:
    """What kinds of places files lie in; each folder is looked at once."""

    def __init__(self, root: str | None = None) -> None:
        """`root` is an absolute path that is taken whatever its name is, and whatever it lies in."""
        self._known: dict[str, Inner | Place | None] = {} if root is None else {root: start_of(root)}

    def of(self, path: str) -> Place | None:
        """Return the place that a file lies in, given by an absolute path below the root, or None.

        What lies in a bin lies in a bin, even if it is a library.
        """
        found = self._of(os.path.dirname(path))
        return found.place if isinstance(found, Inner) else found

    def leaves_out(self, path: str) -> bool:
        """Tell whether a file is left out, given by an absolute path below the root."""
        place = self.of(path)
        if place is not None and place.is_left_out:
            return True
        return is_trashed(os.fsencode(os.path.basename(path)))

    def _of(self, folder: str) -> Inner | Place | None:
        if folder not in self._known:
            above, name = os.path.split(folder)
            if above == folder:
                return None
            self._known[folder] = entered(self._of(above), above, name)
        return self._known[folder]


def start_of(root: str) -> Inner | None:
    """Return which folders of a library are not left out where the library itself is named as PATH."""
    place = place_of(*os.path.split(root))
    return None if place is None else _inside(place)


def _inside(place: Place) -> Inner | None:
    """Return which folders of a place that is left out are not."""
    if not place.originals:
        return None
    return Inner(place, [[_pattern(part) for part in path.split("/")] for path in place.originals])


def _originals_of(place: Place) -> Place:
    return Place(place.name, f"originals in a {place.what}", Treatment.ORIGINALS)


def _fits(place: Place, folder: str) -> bool:
    """Tell whether a folder, in which something of the right name lies, is as a place needs it."""
    above = place.name.split("/")[-2::-1]
    parts = folder.rstrip(os.sep).rsplit(os.sep, len(above))[:0:-1] if above else []
    if len(parts) < len(above) or not all(
        _pattern(pattern).fullmatch(part) for pattern, part in zip(above, parts, strict=True)
    ):
        return False
    return all(any(_is_there(folder, path) for path in paths.split("|")) for paths in place.beside)


def _is_there(folder: str, path: str) -> bool:
    where, name = os.path.split(os.path.join(folder, path))
    if "*" not in name:
        return os.path.lexists(os.path.join(where, name))
    try:
        return any(_pattern(name).fullmatch(found) for found in os.listdir(where))
    except OSError:  # what cannot be seen is no evidence
        return False


def _pattern(name: str) -> re.Pattern[str]:
    return re.compile(_regex(name), re.IGNORECASE | re.DOTALL)


def _regex(name: str) -> str:
    return ".*".join(re.escape(part) for part in name.split("*"))


def _last(place: Place) -> str:
    return place.name.rpartition("/")[2]


_EXACT: dict[str, list[Place]] = {}
for _place in PLACES:
    if "*" not in _last(_place):
        _EXACT.setdefault(_last(_place).lower(), []).append(_place)
_ROWS: dict[int, list[Place]] = {
    number: [place]
    for number, place in enumerate((place for place in PLACES if "*" in _last(place)), start=1)
}
_PATTERNS = re.compile(
    "|".join(f"({_regex(_last(place))})" for (place,) in _ROWS.values()), re.IGNORECASE | re.DOTALL
)
_NAMES = frozenset(map(os.fsencode, _EXACT))
_ENDS = tuple(
    os.fsencode(_last(place)[1:].lower()) for (place,) in _ROWS.values() if _last(place).startswith("*")
)
_BEGINNINGS = tuple(
    os.fsencode(_last(place).partition("*")[0].lower())
    for (place,) in _ROWS.values()
    if not _last(place).startswith("*")
)
_DOTTED = re.compile(
    "|".join(_regex(place.name) for place in PLACES if place.name.startswith(".") and "/" not in place.name),
    re.IGNORECASE | re.DOTALL,
)
_TRASHED = os.fsencode(TRASHED.removesuffix("*"))
_SHOWN = frozenset(
    os.fsencode(_last(place).lower())
    for place in PLACES
    if not place.is_left_out and place.name.startswith(".")
)
