"""A photo library of a seed: shots, what belongs to them, copies, films, frames, bins, programs' stores."""

from __future__ import annotations

import io
import json
import os
import random
import struct
from collections.abc import Callable
from dataclasses import dataclass, field
from functools import cache
from pathlib import Path
from typing import Any
from xml.sax.saxutils import escape

from PIL import ExifTags, Image, ImageOps

SAMPLES = Path(__file__).parents[2] / "sample_images"
SIDE = 160  # pixels, the longer side: enough to tell which of two shows more
LOADED = 3 * SIDE  # of what shots are cut from: a cutting has at least its own size then

FOLDERS = (
    "DCIM/100APPLE", "DCIM/101CANON", "Takeout/Google Photos/Photos from 2019", "Pictures/2019/Sommer über",
    "Pictures/2020", "backup/phone (1)", "backup/old disk/DCIM", "Users/Ann/My Pictures", "WhatsApp Images",
    "album's \"best\"", "-export", "Bücher", "fotos.bak", "Lightroom/2018",
)  # fmt: skip
STORES = (
    "#recycle/2019", "@Recycle", "$RECYCLE.BIN/S-1-5", ".Trash-1000/files", "@eaDir/IMG_1.jpg",
    "Mine.photoslibrary/resources/derivatives", "Mine.photoslibrary/originals/A", "Catalog Previews.lrdata/0",
    "#snapshot/daily", ".stversions/2019",
)  # fmt: skip
EDITS = ("{} (1)", "{} - Copy", "{} copy", "{}-edited", "Kopie von {}", "{}~2", "{}_small")
STEMS = (
    "IMG_{:04}",
    "DSC{:05}",
    "PXL_20190703_{:09}",
    "IMG-20190703-WA{:04}",
    "Urlaub {} ä",
    "photo\n{}",
    "100% {}",
)
WORDS = ("sea", "Käse", "R&D", "a<b", "日本", "family, all", "sun")
NAMES = ("Anna", "Ben O'Neil", "Çelik", "<Rex>")
GAIN_MAP = (
    b'<x:xmpmeta xmlns:x="adobe:ns:meta/" xmlns:hdrgm="http://ns.adobe.com/hdr-gain-map/1.0/">'
    b'<gain hdrgm:Version="1.0"/></x:xmpmeta>'
)


@dataclass(slots=True)
class Truth:
    """What the files of a library are, by their paths from its root."""

    frames: dict[str, tuple[str, ...]] = field(default_factory=dict)  # of pictures
    owners: dict[str, list[str]] = field(default_factory=dict)  # of companions
    stores: list[str] = field(default_factory=list)  # folders in which nothing may change
    worse: set[str] = field(default_factory=set)  # pictures that show less than their shot


@dataclass(frozen=True, slots=True)
class Known:
    """What a file knows of its picture."""

    date: str = ""
    place: tuple[float, float] | None = None
    rating: int = 0
    title: str = ""
    caption: str = ""
    keywords: tuple[str, ...] = ()
    people: tuple[str, ...] = ()


@cache
def photographs() -> tuple[Image.Image, ...]:
    """Return the photographs that shots are cut from."""
    found = []
    for path in sorted([*SAMPLES.glob("phone/*.jpg"), *SAMPLES.glob("holiday/*.jpg")]):
        with Image.open(path) as image:
            picture = image.convert("RGB")
        picture.thumbnail((LOADED, LOADED))
        found.append(picture)
    return tuple(found)


class Library:
    """Writes a library below a folder."""

    def __init__(self, root: Path, seed: int) -> None:
        self.root = root
        self.random = random.Random(seed)
        self.truth = Truth()
        self._shots = 0
        self._written: list[str] = []  # pictures outside of stores

    def write(self, folders: int) -> Truth:
        """Write so many folders, and return what is in them."""
        for number in range(folders):
            name = self.random.choice(FOLDERS if self.random.random() < 0.8 else STORES)
            self._fill(
                f"{name}/{number}" if number >= len(FOLDERS) or self._taken(name) else name, name in STORES
            )
        return self.truth

    def _taken(self, folder: str) -> bool:
        return (self.root / folder).exists()

    def _fill(self, folder: str, is_store: bool) -> None:
        (self.root / folder).mkdir(parents=True, exist_ok=True)
        if is_store:
            self.truth.stores.append(folder.split("/")[0])
        for _ in range(self.random.randint(1, 3)):
            self._shoot(folder)
        for _ in range(self.random.randint(1, 4)):
            self._copy(folder)
        if self.random.random() < 0.3:
            self._put(f"{folder}/Thumbs.db", b"thumbs")
        if self.random.random() < 0.3:
            self._put(f"{folder}/._IMG_1.jpg", b"\0\5\x16\7side file")

    # Shots: what a camera wrote, with what belongs to it

    def _shoot(self, folder: str) -> None:
        self._shots += 1
        picture = self._picture()
        stem = self._free(folder, self.random.choice(STEMS).format(self.random.randint(1, 9999)))
        kinds = self._motion, self._pages, self._png, self._burst, self._gain_map, self._stereo, self._alpha
        kind = self.random.choice((*kinds, *4 * (self._jpeg,)))
        kind(folder, stem, picture, f"shot {self._shots}")

    def _picture(self) -> Image.Image:
        """Return cuttings of two photographs, one shining through the other, in colors of their own.

        Shots of one photograph would look alike, and comparing them is nearly all that a library would cost.
        """
        size = SIDE, round(SIDE * self.random.uniform(0.6, 1))
        shown = Image.blend(self._cutting(size), self._cutting(size), 0.5)
        return shown.transpose(Image.Transpose.ROTATE_90) if self.random.random() < 0.5 else shown

    def _cutting(self, size: tuple[int, int]) -> Image.Image:
        image = self.random.choice(photographs())
        width, height = (int(side * self.random.uniform(0.45, 0.75)) for side in image.size)
        left, top = self.random.randint(0, image.width - width), self.random.randint(0, image.height - height)
        cut = image.resize(size, box=(left, top, left + width, top + height))
        if self.random.random() < 0.5:
            cut = ImageOps.mirror(cut)
        channels = list(cut.split())
        self.random.shuffle(channels)
        return Image.merge("RGB", channels)

    def _jpeg(self, folder: str, stem: str, picture: Image.Image, shot: str) -> None:
        suffix = self.random.choice((".jpg", ".JPG", ".jpeg"))
        path = f"{folder}/{stem}{suffix}"
        self._put_picture(path, jpeg(picture, self.random.randint(88, 95), self._known()), (shot,))
        self._beside(folder, stem, suffix, path)

    def _burst(self, folder: str, stem: str, picture: Image.Image, shot: str) -> None:
        """Two shots between which something moved: each is a picture of its own."""
        moved = picture.rotate(3).crop((12, 12, picture.width - 12, picture.height - 12)).resize(picture.size)
        thing = self._picture().resize((picture.width // 4, picture.height // 3))
        for number, image in enumerate((picture.copy(), moved)):
            image.paste(thing, (picture.width // 8 + number * picture.width // 2, picture.height // 4))
            data = jpeg(image, 92, Known(date=f"2019-07-03T09:46:1{number}"))
            self._put_picture(f"{folder}/{stem}_{number}.jpg", data, (f"{shot} {number}",))

    def _motion(self, folder: str, stem: str, picture: Image.Image, shot: str) -> None:
        film = film_of(self.random)
        self._put_picture(f"{folder}/{stem}.MP.jpg", jpeg(picture, 90, self._known()) + film, (shot,))

    def _gain_map(self, folder: str, stem: str, picture: Image.Image, shot: str) -> None:
        brightness = ImageOps.grayscale(picture.resize((picture.width // 2, picture.height // 2)))
        stream = io.BytesIO()
        brightness.save(stream, "JPEG", xmp=GAIN_MAP)
        data = jpeg(picture, 90, self._known()) + stream.getvalue()
        self._put_picture(f"{folder}/{stem}.jpg", data, (shot, f"{shot}/gain map"))

    def _stereo(self, folder: str, stem: str, picture: Image.Image, shot: str) -> None:
        eye = picture.transform(picture.size, Image.Transform.AFFINE, (1, 0, 5, 0, 1, 0))
        stream = io.BytesIO()
        picture.save(stream, "MPO", save_all=True, append_images=[eye], quality=92)
        suffix = self.random.choice((".mpo", ".jpg"))
        self._put_picture(f"{folder}/{stem}{suffix}", stream.getvalue(), (shot, f"{shot}/second eye"))

    def _alpha(self, folder: str, stem: str, picture: Image.Image, shot: str) -> None:
        """A cut-out; its ground is there in the colors, and a copy without transparency shows it."""
        shape = (
            Image.radial_gradient("L").resize(picture.size).point(lambda value: 255 if value < 180 else 90)
        )
        picture = picture.copy()
        picture.putalpha(shape)
        stream = io.BytesIO()
        picture.save(stream, "PNG")
        self._put_picture(f"{folder}/{stem}.png", stream.getvalue(), (shot, f"{shot}/transparency"))

    def _pages(self, folder: str, stem: str, picture: Image.Image, shot: str) -> None:
        pages = [picture, *(self._picture().resize(picture.size) for _ in range(self.random.randint(1, 2)))]
        stream = io.BytesIO()
        if self.random.random() < 0.5:
            pages[0].save(stream, "TIFF", save_all=True, append_images=pages[1:], compression="tiff_lzw")
            suffix = ".tif"
        else:
            pages[0].save(stream, "WEBP", save_all=True, append_images=pages[1:], lossless=True, duration=200)
            suffix = ".webp"
        self._put_picture(
            f"{folder}/{stem}{suffix}", stream.getvalue(), tuple(f"{shot}/{n}" for n in range(len(pages)))
        )

    def _png(self, folder: str, stem: str, picture: Image.Image, shot: str) -> None:
        stream = io.BytesIO()
        picture.save(stream, "PNG")
        self._put_picture(f"{folder}/{stem}.png", stream.getvalue(), (shot,))
        self._beside(folder, stem, ".png", f"{folder}/{stem}.png")

    def _beside(self, folder: str, stem: str, suffix: str, owner: str) -> None:
        """Write some of what lies beside pictures."""
        chance = self.random.random
        if chance() < 0.25:
            self._put_companion(f"{folder}/{stem}.MOV", film_of(self.random), owner)
        if suffix != ".png" and chance() < 0.1:  # known by its name; `index` skips it
            raw = f"{folder}/{stem}{self.random.choice(('.CR3', '.nef', '.DNG'))}"
            self._put_companion(raw, self.random.randbytes(3000), owner)
        if chance() < 0.25:
            name = self.random.choice((f"{stem}{suffix}.xmp", f"{stem}.xmp"))
            self._put_companion(f"{folder}/{name}", xmp(self._known()).encode(), owner)
        if chance() < 0.2:
            self._put_companion(
                f"{folder}/{stem}.AAE", b"<plist>%d</plist>" % self.random.getrandbits(40), owner
            )
        if chance() < 0.2:
            self._put_companion(
                f"{folder}/{stem}{suffix}.json", takeout(self._known(), f"{stem}{suffix}"), owner
            )
        if chance() < 0.1:
            tail = "supplemental-metadata"[: self.random.randint(3, 21)]
            name = f"{stem}{suffix}.{tail}.json"
            if len(name) <= 51:
                self._put_companion(f"{folder}/{name}", takeout(self._known(), f"{stem}{suffix}"), owner)
        for ending in (f"{suffix}.pp3", f"{suffix}.dop", ".on1", ".vrd", ".WAV", ".THM"):
            if chance() < 0.05:
                data = b"%s %d" % (ending.encode(), self.random.getrandbits(40))
                self._put_companion(f"{folder}/{stem}{ending}", data, owner)

    def _known(self) -> Known:
        choose, chance = self.random.choice, self.random.random
        return Known(
            date=f"2019-0{self.random.randint(1, 9)}-1{self.random.randint(0, 9)}T09:46:12"
            if chance() < 0.5
            else "",
            place=(round(self.random.uniform(-80, 80), 4), round(self.random.uniform(-170, 170), 4))
            if chance() < 0.4
            else None,
            rating=self.random.randint(1, 5) if chance() < 0.4 else 0,
            title=choose(WORDS) if chance() < 0.2 else "",
            caption=choose(WORDS) if chance() < 0.3 else "",
            keywords=tuple(dict.fromkeys(self.random.choices(WORDS, k=2))) if chance() < 0.4 else (),
            people=(choose(NAMES),) if chance() < 0.3 else (),
        )

    # Copies: what people and programs made of them since

    def _copy(self, folder: str) -> None:
        is_managed = "originals" in folder  # where all is kept, whatever it shows: nothing worse is put there
        sources = [path for path in self._written if not (is_managed and path in self.truth.worse)]
        if not sources:
            return
        source = self.random.choice(sources)
        path = Path(source)
        stem = self.random.choice(EDITS).format(path.stem) if self.random.random() < 0.5 else path.stem
        stem = self._free(folder, stem)
        make: Callable[[str, str, str], None] = self.random.choice(
            (self._same_bytes, self._smaller, self._smaller, self._lossless, self._hard_link, self._symlink)
            + 3 * (self._with_all,)
        )
        (self._with_all if is_managed else make)(source, folder, stem)

    def _same_bytes(self, source: str, folder: str, stem: str) -> None:
        path = f"{folder}/{stem}{Path(source).suffix}"
        self._put_picture(path, self._data(source), self.truth.frames[source])
        self.truth.worse |= {path} if source in self.truth.worse else set()

    def _smaller(self, source: str, folder: str, stem: str) -> None:
        """The first frame, smaller or worse, with metadata of its own: what holds more must stay."""
        picture = self._opened(source)
        if self.random.random() < 0.6:
            picture = picture.resize(
                (picture.width * 3 // 4, picture.height * 3 // 4), Image.Resampling.LANCZOS
            )
        data = jpeg(picture, self.random.randint(70, 85), self._known())
        self._put_picture(f"{folder}/{stem}.jpg", data, self.truth.frames[source][:1])
        self.truth.worse.add(f"{folder}/{stem}.jpg")

    def _lossless(self, source: str, folder: str, stem: str) -> None:
        stream = io.BytesIO()
        self._opened(source).save(stream, "PNG")
        self._put_picture(f"{folder}/{stem}.png", stream.getvalue(), self.truth.frames[source][:1])
        self.truth.worse |= {f"{folder}/{stem}.png"} if source in self.truth.worse else set()

    def _hard_link(self, source: str, folder: str, stem: str) -> None:
        path = f"{folder}/{stem}{Path(source).suffix}"
        os.link(self.root / source, self.root / path)
        self._note(path, self.truth.frames[source])
        self.truth.worse |= {path} if source in self.truth.worse else set()

    def _symlink(self, source: str, folder: str, stem: str) -> None:
        os.symlink(self.root / source, self.root / folder / f"{stem} link{Path(source).suffix}")

    def _with_all(self, source: str, folder: str, stem: str) -> None:
        """A picture with all that belongs to it, as a backup has it, under the same names."""
        del stem
        names = [path for path, owners in self.truth.owners.items() if source in owners]
        if self._free(folder, Path(source).name) != Path(source).name or any(
            self._taken(f"{folder}/{Path(name).name}") for name in names
        ):
            return
        target = f"{folder}/{Path(source).name}"
        self._put_picture(target, self._data(source), self.truth.frames[source])
        self.truth.worse |= {target} if source in self.truth.worse else set()
        for name in names:
            self._put_companion(f"{folder}/{Path(name).name}", self._data(name), target)

    # Files

    def _free(self, folder: str, stem: str) -> str:
        """Return a stem that nothing in a folder has: what belongs to what is not decided by chance."""
        names = os.listdir(self.root / folder)
        number, found = 1, stem
        while any(
            name.lower().startswith(found.lower()) or found.lower().startswith(name.split(".")[0].lower())
            for name in names
        ):
            number += 1
            found = f"{number}. {stem}"
        return found

    def _opened(self, source: str) -> Image.Image:
        image = Image.open(io.BytesIO(self._data(source)))
        return image.convert("RGB")

    def _data(self, source: str) -> bytes:
        return (self.root / source).read_bytes()

    def _put(self, path: str, data: bytes) -> None:
        (self.root / path).write_bytes(data)
        moment = self.random.randint(10**9, 16 * 10**8) * 10**9 + self.random.randint(0, 10**9 - 1)
        os.utime(self.root / path, ns=(moment, moment))

    def _put_picture(self, path: str, data: bytes, frames: tuple[str, ...]) -> None:
        self._put(path, data)
        self._note(path, frames)

    def _note(self, path: str, frames: tuple[str, ...]) -> None:
        self.truth.frames[path] = frames
        if not any(path.startswith(store) for store in self.truth.stores):
            self._written.append(path)

    def _put_companion(self, path: str, data: bytes, owner: str) -> None:
        self._put(path, data)
        self.truth.owners[path] = [owner]


def jpeg(picture: Image.Image, quality: int, known: Known) -> bytes:
    """Return a JPEG that knows something: in EXIF what there is a field for, the rest in XMP."""
    exif = Image.Exif()
    if known.date:
        exif.get_ifd(ExifTags.IFD.Exif)[ExifTags.Base.DateTimeOriginal] = known.date.replace(
            "-", ":"
        ).replace("T", " ")
    if known.caption:
        exif[ExifTags.Base.ImageDescription] = known.caption.encode()
    if known.place:
        gps = exif.get_ifd(ExifTags.IFD.GPSInfo)
        for value, signs, at in zip(known.place, ("NS", "EW"), (1, 3), strict=True):
            degrees, rest = divmod(abs(value), 1)
            gps[at], gps[at + 1] = signs[value < 0], (degrees, round(rest * 60, 6), 0.0)
    options: dict[str, Any] = {"exif": exif}
    others = Known(rating=known.rating, title=known.title, keywords=known.keywords, people=known.people)
    if others != Known():
        options["xmp"] = xmp(others).encode()
    stream = io.BytesIO()
    picture.save(stream, "JPEG", quality=quality, **options)
    return stream.getvalue()


def xmp(known: Known) -> str:
    """Return XMP, as a program writes it."""
    about = f' xmp:Rating="{known.rating}"'
    if known.date:
        about += f' exif:DateTimeOriginal="{known.date}"'
    if known.place:
        for value, name, signs in zip(known.place, ("Latitude", "Longitude"), ("NS", "EW"), strict=True):
            degrees, rest = divmod(abs(value), 1)
            about += f' exif:GPS{name}="{int(degrees)},{rest * 60:.6f}{signs[value < 0]}"'
    inner = ""
    for name, text in (("title", known.title), ("description", known.caption)):
        if text:
            item = f'<rdf:li xml:lang="x-default">{escape(text)}</rdf:li>'
            inner += f"<dc:{name}><rdf:Alt>{item}</rdf:Alt></dc:{name}>"
    for name, words in (("dc:subject", known.keywords), ("Iptc4xmpExt:PersonInImage", known.people)):
        if words:
            items = "".join(f"<rdf:li>{escape(word)}</rdf:li>" for word in words)
            inner += f"<{name}><rdf:Bag>{items}</rdf:Bag></{name}>"
    return (
        '<x:xmpmeta xmlns:x="adobe:ns:meta/"><rdf:RDF xmlns:rdf="http://www.w3.org/1999/02/22-rdf-syntax-ns#">'
        '<rdf:Description rdf:about="" xmlns:dc="http://purl.org/dc/elements/1.1/"'
        ' xmlns:xmp="http://ns.adobe.com/xap/1.0/" xmlns:exif="http://ns.adobe.com/exif/1.0/"'
        ' xmlns:Iptc4xmpExt="http://iptc.org/std/Iptc4xmpExt/2008-02-29/"'
        f"{about}>{inner}</rdf:Description></rdf:RDF></x:xmpmeta>"
    )


def takeout(known: Known, title: str) -> bytes:
    """Return the JSON of Google Photos."""
    latitude, longitude = known.place or (0.0, 0.0)
    return json.dumps(
        {
            "title": title,
            "description": known.caption,
            "photoTakenTime": {"timestamp": "1562139972"},
            "geoData": {"latitude": latitude, "longitude": longitude, "altitude": 0.0},
            "people": [{"name": name} for name in known.people],
        }
    ).encode()


def film_of(random: random.Random) -> bytes:
    """Return a film without a track."""
    body = random.randbytes(random.randint(200, 2000))
    return (
        struct.pack(">I4s4sI4s", 20, b"ftyp", b"mp42", 0, b"mp42")
        + struct.pack(">I4s", 8 + len(body), b"mdat")
        + body
    )
