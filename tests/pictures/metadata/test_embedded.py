"""What files know, in every format and by every standard; damaged ones know nothing."""

from __future__ import annotations

import io
import json
import struct
import time
from itertools import pairwise

import pytest
from PIL import ExifTags, Image, PngImagePlugin, TiffImagePlugin

from visualsearch_cli.pictures.metadata.embedded import metadata_of
from visualsearch_cli.pictures.metadata.sidecar_text import NEW, with_added
from visualsearch_cli.pictures.metadata.takeout_facts import LARGEST, metadata_of_takeout
from visualsearch_cli.pictures.metadata.values import GeoPoint, Metadata
from visualsearch_cli.pictures.metadata.xmp import XmpUnusable, metadata_of_xmp

IN_XMP = Metadata(rating=4, title="Lake", keywords=("sea",), people=("Anna",))


def with_exif() -> Image.Exif:
    exif = Image.Exif()
    exif[ExifTags.Base.Make], exif[ExifTags.Base.Model] = "Nikon", "D90"
    exif[ExifTags.Base.ImageDescription] = "Käse".encode()
    exif[0x4746] = 3
    exif[0x9C9E] = "sun; lake".encode("utf-16-le") + b"\0\0"
    details = exif.get_ifd(ExifTags.IFD.Exif)
    details[ExifTags.Base.DateTimeOriginal] = "2019:07:03 09:46:12"
    details[ExifTags.Base.SubsecTimeOriginal] = "25"
    details[ExifTags.Base.OffsetTimeOriginal] = "+02:00"
    gps = exif.get_ifd(ExifTags.IFD.GPSInfo)
    gps[ExifTags.GPS.GPSLatitudeRef], gps[ExifTags.GPS.GPSLatitude] = "S", (52.0, 30.0, 36.0)
    gps[ExifTags.GPS.GPSLongitudeRef], gps[ExifTags.GPS.GPSLongitude] = "E", (13.0, 24.0, 0.0)
    gps[ExifTags.GPS.GPSAltitude], gps[ExifTags.GPS.GPSAltitudeRef] = 34.0, b"\0"
    return exif


BY_EXIF = Metadata(
    captured="2019-07-03T09:46:12.25+02:00",
    gps=GeoPoint(-52.51, 13.4, 34.0),
    rating=3,
    caption="Käse",
    camera="D90",
    maker="Nikon",
    keywords=("sun", "lake"),
)


def saved(format: str, **options: object) -> bytes:
    stream = io.BytesIO()
    Image.new("RGB", (40, 30)).save(stream, format, **options)
    return stream.getvalue()


@pytest.mark.parametrize("format", ["JPEG", "PNG", "WEBP"])
def test_exif(format: str) -> None:
    found = metadata_of(saved(format, exif=with_exif()))
    assert found.gps and found.gps.latitude == pytest.approx(-52.51)
    assert found == BY_EXIF._replace(gps=found.gps)


@pytest.mark.parametrize("format", ["JPEG", "WEBP", "TIFF", "PNG"])
def test_xmp(format: str) -> None:
    packet = with_added(NEW, IN_XMP)
    options: dict[str, object] = {"xmp": packet}
    if format == "TIFF":
        tags = TiffImagePlugin.ImageFileDirectory_v2()
        tags[700] = packet
        tags.tagtype[700] = 1
        options = {"tiffinfo": tags}
    elif format == "PNG":
        text = PngImagePlugin.PngInfo()
        text.add_itxt("XML:com.adobe.xmp", packet.decode("utf-8"))
        text.add_text("Description", "By the sea")
        options = {"pnginfo": text}
    found = metadata_of(saved(format, **options))
    assert (found.rating, found.title, found.keywords, found.people) == (4, "Lake", ("sea",), ("Anna",))
    assert found.caption == ("By the sea" if format == "PNG" else "")


def with_extension(main: bytes, parts: list[tuple[bytes, int, int, bytes]]) -> bytes:
    """Return a JPEG with XMP, and parts of extensions: whose, of what length, from which byte on."""
    jpeg = saved("JPEG", xmp=main)
    segments = b""
    for name, length, offset, part in parts:
        content = b"http://ns.adobe.com/xmp/extension/\0" + name + struct.pack(">II", length, offset) + part
        segments += b"\xff\xe1" + struct.pack(">H", 2 + len(content)) + content
    return jpeg[:2] + segments + jpeg[2:]


@pytest.mark.parametrize("keyword", ["parameters", "prompt"])
def test_what_a_picture_was_asked_for_with_is_known(keyword: str) -> None:
    stream, text = io.BytesIO(), PngImagePlugin.PngInfo()
    text.add_text(keyword, "a castle, seed 5")
    Image.new("RGB", (8, 8)).save(stream, "PNG", pnginfo=text)
    assert metadata_of(stream.getvalue()).caption == "a castle, seed 5"


@pytest.mark.slow
def test_xmp_that_did_not_fit_into_one_segment_of_a_jpeg() -> None:
    more = with_added(NEW, Metadata(caption="At the lake", keywords=tuple(f"word {n}" for n in range(4000))))
    name, other = b"0123456789ABCDEF" * 2, b"F" * 32
    main = with_added(NEW, IN_XMP).replace(
        b"<rdf:Description",
        b'<rdf:Description xmlns:xmpNote="http://ns.adobe.com/xmp/note/" xmpNote:HasExtendedXMP="%s"' % name,
        1,
    )
    third = len(more) // 3
    cuts = [0, third, 2 * third, len(more)]
    parts = [(name, len(more), a, more[a:b]) for a, b in pairwise(cuts)]
    found = metadata_of(with_extension(main, [parts[2], (other, 9, 0, b"something"), parts[0], parts[1]]))
    assert (found.title, found.rating, found.caption) == ("Lake", 4, "At the lake")
    assert len(found.keywords) == 4001  # with those of the first segment
    for incomplete in ([], parts[:2], parts[1:]):
        assert metadata_of(with_extension(main, incomplete)).caption == ""
    assert metadata_of(with_extension(with_added(NEW, IN_XMP), parts)).caption == ""  # of another picture


def test_iptc() -> None:
    def dataset(number: int, value: bytes) -> bytes:
        return struct.pack(">BBBH", 0x1C, 2, number, len(value)) + value

    record = b"".join(
        (
            dataset(5, b"Lake"),
            dataset(25, "Größe".encode()),
            dataset(25, b"caf\xe9"),
            dataset(55, b"20190703"),
            dataset(60, b"094612+0200"),
            *(
                dataset(*place)
                for place in ((90, b"Rome"), (92, b"Trastevere"), (95, b"Lazio"), (101, b"Italy"))
            ),
            dataset(105, b"A day off"),
            dataset(120, b"At the lake"),
        )
    )
    block = b"8BIM\x04\x04\0\0" + struct.pack(">I", len(record)) + record + b"\0" * (len(record) % 2)
    segment = b"Photoshop 3.0\0" + block
    jpeg = saved("JPEG")
    data = jpeg[:2] + b"\xff\xed" + struct.pack(">H", 2 + len(segment)) + segment + jpeg[2:]
    assert metadata_of(data) == Metadata(
        captured="2019-07-03T09:46:12+02:00",
        title="Lake",
        caption="At the lake",
        keywords=("Größe", "café"),
        headline="A day off",
        location="Trastevere",
        city="Rome",
        state="Lazio",
        country="Italy",
    )


def test_what_cameras_write_for_a_caption_is_none() -> None:
    exif = Image.Exif()
    exif[ExifTags.Base.ImageDescription] = "OLYMPUS DIGITAL CAMERA         "
    assert metadata_of(saved("JPEG", exif=exif)) == Metadata()


@pytest.mark.parametrize("data", [b"", b"\xff\xd8\xff", saved("JPEG")[:100], b"II*\0" + b"\xff" * 60])
def test_damaged_files_know_nothing(data: bytes) -> None:
    assert metadata_of(data) == Metadata()


def test_damaged_xmp_hides_nothing_else() -> None:
    assert metadata_of(saved("JPEG", exif=with_exif(), xmp=b"<x")).camera == "D90"


FACES = """<x:xmpmeta xmlns:x="adobe:ns:meta/"><rdf:RDF xmlns:rdf="http://www.w3.org/1999/02/22-rdf-syntax-ns#">
<rdf:Description xmlns:m="http://www.metadataworkinggroup.com/schemas/regions/"
 xmlns:a="http://ns.microsoft.com/photo/1.2/t/Region#" xmlns:d="http://www.digikam.org/ns/1.0/"
 xmlns:dc="http://purl.org/dc/elements/1.1/">
 <m:Regions rdf:parseType="Resource"><m:RegionList><rdf:Bag>
  <rdf:li rdf:parseType="Resource"><m:Name>Anna</m:Name><m:Type>Face</m:Type></rdf:li>
  <rdf:li><rdf:Description m:Name="Ben" m:Type="Face"/></rdf:li>
  <rdf:li><rdf:Description m:Name="Rex" m:Type="Pet"/></rdf:li></rdf:Bag></m:RegionList></m:Regions>
 <a:Some><rdf:Bag><rdf:li a:PersonDisplayName="Cleo"/></rdf:Bag></a:Some>
 <d:TagsList><rdf:Seq><rdf:li>People/Anna</rdf:li><rdf:li>sea</rdf:li></rdf:Seq></d:TagsList>
 <dc:title><rdf:Alt><rdf:li xml:lang="de">See</rdf:li>
  <rdf:li xml:lang="x-default">Lake</rdf:li></rdf:Alt></dc:title>
</rdf:Description></rdf:RDF></x:xmpmeta>"""


@pytest.mark.parametrize("encoding", ["utf-8", "utf-16"])
def test_faces_and_languages(encoding: str) -> None:
    assert metadata_of_xmp(FACES.encode(encoding)) == Metadata(
        title="Lake", hierarchy=("People|Anna",), people=("Anna", "Ben", "Cleo")
    )


def test_takeout() -> None:
    document = {
        "title": "IMG_1.jpg",
        "description": "At the lake",
        "photoTakenTime": {"timestamp": "1562139972", "formatted": "Jul 3, 2019"},
        "geoData": {"latitude": 0.0, "longitude": 0.0, "altitude": 0.0},
        "geoDataExif": {"latitude": 52.5, "longitude": 13.4, "altitude": 34.0},
        "people": [{"name": "Anna"}, {}, "x"],
    }
    assert metadata_of_takeout(json.dumps(document).encode()) == Metadata(
        captured="2019-07-03T07:46:12Z",
        gps=GeoPoint(52.5, 13.4, 34.0),
        caption="At the lake",
        people=("Anna",),
    )


@pytest.mark.parametrize(
    "data",
    [
        b"",
        b"[]",
        b"{}",
        b'{"people": 1, "geoData": [], "photoTakenTime": {"timestamp": "x"}}',
        b'{"geoData": {"latitude": 1' + b"0" * 400 + b', "longitude": 1}}',  # an integer, and no float
        b'{"description": "x"' + b" " * LARGEST + b"}",
        b"[" * 200_000,
    ],
)
def test_other_json_knows_nothing(data: bytes) -> None:
    assert metadata_of_takeout(data) == Metadata()


def test_who_took_a_picture_and_how_it_was_marked() -> None:
    exif = Image.Exif()
    exif[ExifTags.Base.Artist], exif[ExifTags.Base.Copyright] = "Eva; Ana", "(c) Eva"
    assert metadata_of(saved("JPEG", exif=exif)) == Metadata(creators=("Eva", "Ana"), rights="(c) Eva")
    exif = Image.Exif()
    exif[0x9C9D] = "Eva".encode("utf-16-le") + b"\0\0"
    assert metadata_of(saved("JPEG", exif=exif)) == Metadata(creators=("Eva",))
    marked = Metadata(creators=("Eva", "Ana"), rights="(c) Eva", label="Red", city="Rome", country="Italy")
    assert metadata_of(saved("JPEG", xmp=with_added(NEW, marked))) == marked
    text = PngImagePlugin.PngInfo()
    text.add_text("Author", "Eva")
    text.add_text("Copyright", "(c) Eva")
    assert metadata_of(saved("PNG", pnginfo=text)) == Metadata(creators=("Eva",), rights="(c) Eva")


FRIEDA = "Tante Frieda, Bodensee 1962"


@pytest.mark.parametrize("format", ["JPEG", "GIF"])
def test_the_comment_of_a_file(format: str) -> None:
    assert metadata_of(saved(format, comment=FRIEDA.encode())).caption == FRIEDA
    for note in (
        *(
            "CREATOR: gd-jpeg v1.0 (using IJG JPEG v62), quality = 90",
            "Lavc58.54.100",
            "AppleMark",
            "*",
            "1 2",
        ),
        *("Created with GIMP", "Optimized by JPEGmini 3.9", "File written by Adobe Photoshop", "x\1\2abc"),
    ):
        assert metadata_of(saved(format, comment=note.encode())) == Metadata()


@pytest.mark.parametrize("charset", [b"ASCII\0\0\0", bytes(8), b"UNICODE\0"])
def test_the_comment_of_exif(charset: bytes) -> None:
    def commented(text: str) -> Image.Exif:
        exif = Image.Exif()
        data = text.encode("utf-16-le" if charset.startswith(b"U") else "utf-8")
        exif.get_ifd(ExifTags.IFD.Exif)[ExifTags.Base.UserComment] = charset + data
        return exif

    assert metadata_of(saved("JPEG", exif=commented(FRIEDA))).caption == FRIEDA
    prompt = "a castle, best quality\nNegative prompt: rain\nSteps: 20, Seed: 5"
    assert metadata_of(saved("JPEG", exif=commented(prompt))).caption == prompt
    for note in (
        "Screenshot",
        '{"mirror":false}',
        "filter: 0; fileterIntensity: 0.0; ",
        "   ",
        "\0\0\0",
        "\1\2abc",
    ):
        assert metadata_of(saved("JPEG", exif=commented(note))) == Metadata()


def xmp_of(inner: str, names: str = "") -> bytes:
    description = (
        f'<rdf:Description xmlns:dc="http://purl.org/dc/elements/1.1/" {names}>{inner}</rdf:Description>'
    )
    return (
        f'<rdf:RDF xmlns:rdf="http://www.w3.org/1999/02/22-rdf-syntax-ns#">{description}</rdf:RDF>'.encode()
    )


@pytest.mark.slow
def test_a_text_between_many_elements_is_read_in_no_time() -> None:
    """A text that is put together piece by piece is copied for each."""
    long = "x" * 10
    data = xmp_of(f"<dc:title>{f'{long}<a/>' * 190_000}</dc:title>")
    start = time.process_time()
    assert metadata_of_xmp(data).title == long * 190_000
    assert time.process_time() - start < 10


MANY_ATTRIBUTES = "".join(f" a{number}='x'" for number in range(250_000))


@pytest.mark.slow
@pytest.mark.parametrize(
    "inner",
    [pytest.param("<a/>" * 250_000, id="elements"), pytest.param(f"<a{MANY_ATTRIBUTES}/>", id="attributes")],
)
def test_xmp_of_more_parts_than_any_program_writes_is_refused(inner: str) -> None:
    """Each takes a hundred times the memory of its bytes."""
    with pytest.raises(XmpUnusable, match="more than 200000 elements"):
        metadata_of_xmp(xmp_of(inner))


@pytest.mark.parametrize("height", ["1e999", "nan", "-inf"])
def test_a_height_that_is_no_number_is_none(height: str) -> None:
    said = f'e:GPSLatitude="52,30N" e:GPSLongitude="13,24E" e:GPSAltitude="{height}"'
    data = xmp_of("", f'xmlns:e="http://ns.adobe.com/exif/1.0/" {said}')
    assert metadata_of_xmp(data).gps == GeoPoint(52.5, 13.4, None)
