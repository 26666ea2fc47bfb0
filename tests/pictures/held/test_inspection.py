"""What a file holds beside the picture that it shows first, told from its bytes."""

from __future__ import annotations

import struct
import zlib
from io import BytesIO

import numpy as np
import numpy.typing as npt
import pytest
import tifffile
from PIL import Image, TiffImagePlugin

from visualsearch_cli.pictures.held.holdings import Holdings, reason_to_stay
from visualsearch_cli.pictures.held.inspection import holdings_of

GRADIENT = Image.linear_gradient("L").convert("RGB")
RED = Image.new("RGB", GRADIENT.size, "red")
FILM = b"\0\0\0\x18ftypmp42\0\0\0\0mp42isom" + b"\0\0\0\x08mdat" + bytes(100)
XMP = b"http://ns.adobe.com/xap/1.0/\0"
MORE_XMP = b"http://ns.adobe.com/xmp/extension/\0"


def saved(image: Image.Image, format_: str, **options: object) -> bytes:
    stream = BytesIO()
    image.save(stream, format_, **options)
    return stream.getvalue()


PLAIN = saved(GRADIENT, "JPEG")


def with_segment(jpeg: bytes, marker: int, content: bytes) -> bytes:
    return jpeg[:2] + struct.pack(">BBH", 0xFF, marker, len(content) + 2) + content + jpeg[2:]


def with_xmp(jpeg: bytes, text: str) -> bytes:
    return with_segment(jpeg, 0xE1, XMP + text.encode())


def with_pictures(jpeg: bytes, *further: tuple[bytes, int]) -> bytes:
    """Return a JPEG with others behind it, each with the type that MPF gives it."""
    size = 4 + 8 + 2 + 12 + 4 + 16 * (len(further) + 1)
    base = 2 + 4 + 4  # where the offsets of MPF count from
    at = len(jpeg) + 4 + size - base
    entries = struct.pack(">IIIHH", 0x030000, at + base, 0, 0, 0)
    for picture, kind in further:
        entries += struct.pack(">IIIHH", kind, len(picture), at, 0, 0)
        at += len(picture)
    mpf = b"MPF\0MM\0*" + struct.pack(">IHHHIII", 8, 1, 0xB002, 7, len(entries), 26, 0) + entries
    assert len(mpf) == size
    return with_segment(jpeg, 0xE2, mpf) + b"".join(picture for picture, _ in further)


@pytest.mark.parametrize("format_", ["JPEG", "PNG", "TIFF", "WEBP", "GIF", "BMP", "PPM", "JPEG2000"])
def test_a_plain_picture_holds_nothing_else(format_: str) -> None:
    assert holdings_of(saved(GRADIENT, format_)) == Holdings()


@pytest.mark.parametrize("format_", ["GIF", "TIFF", "WEBP", "PNG"])
def test_frames_and_pages(format_: str) -> None:
    data = saved(GRADIENT, format_, save_all=True, append_images=[RED, GRADIENT.rotate(90)])
    assert holdings_of(data) == Holdings(frames=3)


def test_a_preview_is_no_page() -> None:
    stream = BytesIO()
    reduced = TiffImagePlugin.ImageFileDirectory_v2()
    reduced[254] = 1
    with TiffImagePlugin.AppendingTiffWriter(stream) as writer:
        for image, tags in ((GRADIENT, {}), (GRADIENT.resize((32, 32)), reduced), (RED, {})):
            image.save(writer, "TIFF", tiffinfo=tags)
            writer.newFrame()
    assert holdings_of(stream.getvalue()).frames == 2


def test_a_film_behind_a_jpeg() -> None:
    film, other = holdings_of(PLAIN + FILM), holdings_of(PLAIN + FILM + b"longer")
    assert film.film and other.film and film.film != other.film
    assert film == Holdings(film=film.film)
    assert holdings_of(PLAIN + b"padding") == Holdings()


def test_a_film_counts_where_it_is_not_where_xmp_says() -> None:
    """Programs keep the XMP of a film that they drop."""
    film = b"\0\0\0\x10moov" + bytes(8)
    told = with_xmp(PLAIN, f'<x GCamera:MicroVideo="1" GCamera:MicroVideoOffset="{len(film)}"/>')
    assert holdings_of(told) == Holdings()
    assert holdings_of(told + film).film
    told = with_xmp(PLAIN, f'<Container:Item Item:Semantic="MotionPhoto" Item:Length="{len(FILM)}"/>')
    assert holdings_of(told) == Holdings()
    assert holdings_of(told + FILM).film


@pytest.mark.parametrize(
    ("sign", "expected"),
    [
        ('<x hdrgm:Version="1.0"/>', Holdings(gain_map=True)),
        ("<x>urn:com:apple:photo:2020:aux:hdrgainmap</x>", Holdings(gain_map=True)),
        ("<x>urn:com:apple:photo:2018:aux:disparity</x>", Holdings(depth=True)),
    ],
)
def test_what_a_picture_behind_says_of_itself(sign: str, expected: Holdings) -> None:
    further = with_xmp(saved(GRADIENT.resize((64, 64)), "JPEG"), sign)
    data = with_pictures(with_xmp(PLAIN, sign), (further, 0))
    assert holdings_of(data) == expected
    assert holdings_of(PLAIN + further) == expected  # also where MPF was dropped
    assert holdings_of(with_xmp(PLAIN, sign)) == Holdings()  # said, and not there
    assert holdings_of(data + FILM).film


def test_pictures_of_mpf() -> None:
    other = saved(RED, "JPEG")
    assert holdings_of(with_pictures(PLAIN, (other, 0x020002))) == Holdings(second_eye=True)
    assert holdings_of(with_pictures(PLAIN, (other, 0x010001))) == Holdings()  # a preview
    assert holdings_of(with_pictures(PLAIN, (other, 0), (other, 0x010002))) == Holdings(pictures=1)
    by_pillow = saved(GRADIENT, "MPO", save_all=True, append_images=[RED, RED])
    assert holdings_of(by_pillow) == Holdings(pictures=2)


def test_a_thumbnail_is_no_further_picture() -> None:
    thumbnail = saved(GRADIENT.resize((64, 64)), "JPEG")
    inside = with_segment(PLAIN, 0xE1, b"Exif\0\0" + thumbnail)
    assert holdings_of(inside) == Holdings()
    assert holdings_of(PLAIN + with_segment(saved(RED, "JPEG"), 0xE1, b"Exif\0\0" + thumbnail)).pictures == 1
    assert holdings_of(PLAIN + b"\xff\xd8\xff\xe0 nothing") == Holdings()


@pytest.mark.parametrize(
    ("name", "expected"),
    [
        ("GDepth", Holdings(depth=True)),
        ("GAudio", Holdings(audio=True)),
        ("GImage", Holdings(second_eye=True)),
    ],
)
def test_what_is_in_extended_xmp(name: str, expected: Holdings) -> None:
    """Also where two segments part its name."""
    text = f'<x {name}:Data="AAAA"/>'.encode()
    data = PLAIN
    for part in (text[9:], text[:9]):
        data = with_segment(data, 0xE1, MORE_XMP + b"0" * 32 + bytes(8) + part)
    assert holdings_of(data) == expected


@pytest.mark.parametrize("format_", ["PNG", "WEBP", "TIFF"])
def test_alpha_that_is_not_opaque(format_: str) -> None:
    image = GRADIENT.convert("RGBA")
    assert not holdings_of(saved(image, format_)).alpha
    image.putalpha(Image.linear_gradient("L"))
    assert holdings_of(saved(image, format_)) == Holdings(alpha=True)


@pytest.mark.parametrize("format_", ["PNG", "TIFF", "JPEG2000"])
def test_bits_a_channel(format_: str) -> None:
    levels = Image.fromarray(np.arange(0, 65536, 16, dtype=np.uint16).reshape(64, 64))
    assert holdings_of(saved(levels, format_)) == Holdings(bits=16)
    assert holdings_of(saved(levels.point(lambda v: v / 256).convert("L"), format_)) == Holdings()


def test_black_and_white_is_no_less_than_eight_bits() -> None:
    assert holdings_of(saved(GRADIENT.convert("1"), "PNG")) == Holdings()


def box(kind: bytes, content: bytes) -> bytes:
    return struct.pack(">I", len(content) + 8) + kind + content


def test_boxes_of_a_heic() -> None:
    """Also where nothing that decodes it is installed."""
    start = box(b"ftyp", b"heic\0\0\0\0mif1heic")
    item = box(b"infe", b"\2\0\0\0\0\1\0\0tmap\0")
    for content, expected in (
        (b"", Holdings()),
        (b"urn:com:apple:photo:2020:aux:hdrgainmap\0", Holdings(gain_map=True)),
        (item, Holdings(gain_map=True)),
        (b"urn:mpeg:hevc:2015:auxid:2\0", Holdings(depth=True)),
        (box(b"ster", bytes(8)), Holdings(second_eye=True)),
    ):
        assert holdings_of(start + box(b"meta", bytes(4) + content)) == expected
        assert holdings_of(start + box(b"mdat", content)) == Holdings()
    assert holdings_of(start + box(b"mpvd", FILM)).film
    assert not holdings_of(start + box(b"mpvd", FILM)[:-1]).film  # cut short


def test_a_film_behind_a_heic_without_a_box_of_its_own() -> None:
    """As Samsung's phones wrote motion photos for years: a note of its length, and then the film."""
    start = box(b"ftyp", b"heic\0\0\0\0mif1heic") + box(b"meta", bytes(4)) + box(b"mdat", b"ftypmp42" * 9)
    told = b"\0\0\x30\x0a\x10\0\0\0MotionPhoto_Data"
    film = holdings_of(start + told + FILM).film
    assert film == holdings_of(start + box(b"mpvd", FILM)).film
    assert not holdings_of(start + told).film
    assert not holdings_of(start + start).film  # another picture


@pytest.mark.parametrize("order", ["<", ">"])
def test_layers_of_photoshop_in_a_tiff(order: str) -> None:
    def block(kind: bytes, content: bytes) -> bytes:
        head = b"8BIM" + kind
        if order == "<":
            head = head[3::-1] + head[:3:-1]
        return head + struct.pack(f"{order}I", len(content)) + content + bytes(-len(content) % 4)

    note, layers = block(b"Patt", b"abcde"), block(b"Layr", struct.pack(f"{order}h", -3) + bytes(50))
    tags = TiffImagePlugin.ImageFileDirectory_v2()
    for blocks, frames in ((note + layers, 3), (note, 1), (layers[:12], 1), (b"8BIM", 1)):
        tags[37724] = b"Adobe Photoshop Document Data Block\0" + blocks
        tags.tagtype[37724] = 7
        data = saved(GRADIENT, "TIFF", tiffinfo=tags)
        assert holdings_of(data) == Holdings(frames=frames)


@pytest.mark.parametrize("size", [(40, 30), (33, 1)])
def test_sixteen_bits_that_say_no_more_than_eight(size: tuple[int, int]) -> None:
    """A picture of eight bits that was converted: each value twice, or with nothing below it."""
    values = np.random.default_rng(3).integers(0, 256, (size[1], size[0]), np.uint16)
    for wide, bits in ((257 * values, 8), (256 * values, 8), (257 * values + 1, 16)):
        for format_ in ("PNG", "TIFF"):
            data = saved(Image.fromarray(wide), format_)
            assert holdings_of(data).bits == bits
        assert holdings_of(color_png(np.repeat(wide[..., None], 3, axis=2))).bits == bits


def color_png(values: npt.NDArray[np.uint16]) -> bytes:
    """Return a PNG of three channels of 16 bits, which Pillow does not write."""
    rows = b"".join(b"\0" + row.astype(">u2").tobytes() for row in values)
    height, width = values.shape[:2]
    chunks = (
        (b"IHDR", struct.pack(">IIBBBBB", width, height, 16, 2, 0, 0, 0)),
        (b"IDAT", zlib.compress(rows)),
        (b"IEND", b""),
    )
    return b"\x89PNG\r\n\x1a\n" + b"".join(
        struct.pack(">I", len(content)) + kind + content + struct.pack(">I", zlib.crc32(kind + content))
        for kind, content in chunks
    )


def test_what_lies_behind_a_jpeg_and_is_no_picture() -> None:
    much = np.random.default_rng(4).bytes(100_000).replace(b"\xff\xd8\xff", b"")
    assert [holdings_of(PLAIN + data).behind != "" for data in (much, much[:9000], bytes(100_000))] == [
        True,
        False,
        False,
    ]
    assert holdings_of(PLAIN + much).behind != holdings_of(PLAIN + much[::-1]).behind
    assert holdings_of(PLAIN + much + FILM).behind == holdings_of(PLAIN + much).behind
    progressive = saved(GRADIENT, "JPEG", progressive=True)
    assert holdings_of(progressive + much).behind == holdings_of(PLAIN + much).behind
    assert holdings_of(PLAIN + b"RIFF\x10\0\0\0WAVEfmt ") == Holdings(audio=True)


def test_other_pictures_behind_are_told_apart() -> None:
    one, other = saved(RED, "JPEG"), saved(GRADIENT, "JPEG", quality=30)
    some = [holdings_of(PLAIN + behind) for behind in (one, other, one + bytes(9))]
    assert [held.pictures for held in some] == [1, 1, 1]
    assert reason_to_stay(some[0], some[1]) == "holds more than the kept file: a further picture"
    assert not reason_to_stay(some[0], some[2])


@pytest.mark.parametrize(
    "data", [b"", b"no picture", b"\xff\xd8\xff", PLAIN[:40], with_segment(PLAIN, 0xE2, b"MPF\0MM\0*")[:40]]
)
def test_damaged_files_hold_nothing(data: bytes) -> None:
    assert holdings_of(data) == Holdings()


def test_damaged_mpf_says_nothing_and_hides_nothing() -> None:
    data = with_pictures(PLAIN, (saved(RED, "JPEG"), 0x020002))
    assert holdings_of(data.replace(b"MPF\0MM\0*\0\0\0\x08", b"MPF\0MM\0*\0\0\xff\xff")) == Holdings(
        pictures=1
    )


def test_a_still_and_its_motion_photo() -> None:
    why = reason_to_stay(holdings_of(PLAIN + FILM), holdings_of(saved(GRADIENT, "JPEG", quality=97)))
    assert why == "holds more than the kept file: a film"


SPHERE = '<d xmlns:GPano="http://ns.google.com/photos/1.0/panorama/" GPano:ProjectionType="equirectangular"/>'


@pytest.mark.parametrize("sign", [b"FLIR\0\1\0\0", b"HDR_RI ver=10", bytes(range(256)) * 120])
def test_much_that_a_camera_keeps_in_segments_of_its_own(sign: bytes) -> None:
    """A FLIR keeps temperatures there, in several segments; a DJI likewise, without saying so."""
    whole = PLAIN
    for number in range(3):
        whole = with_segment(whole, 0xE3, sign + bytes([number]))
    held = holdings_of(whole)
    assert held.segments and held == Holdings(segments=held.segments)
    assert holdings_of(with_segment(whole, 0xE3, sign)).segments != held.segments
    preview = with_segment(with_segment(PLAIN, 0xE4, bytes(60_000)), 0xE4, PLAIN[:9_000])
    assert holdings_of(preview) == holdings_of(with_segment(PLAIN, 0xE3, b"Meta" + bytes(640))) == Holdings()


def test_a_sphere_says_that_it_is_one() -> None:
    assert holdings_of(with_xmp(PLAIN, SPHERE)) == Holdings(sphere=True)
    assert holdings_of(saved(GRADIENT, "WEBP", xmp=SPHERE.encode())) == Holdings(sphere=True)


def test_channels_beyond_color_and_transparency() -> None:
    values = np.dstack([np.asarray(GRADIENT)] * 2)  # as of a drone: red, green, blue, infrared and two more

    def tiff(count: int, *extra: str) -> bytes:
        stream = BytesIO()
        with tifffile.TiffWriter(stream) as writer:
            writer.write(values[:, :, :count], photometric="rgb", extrasamples=extra or None)
        return stream.getvalue()

    assert holdings_of(tiff(3)) == Holdings()
    assert holdings_of(tiff(4, "unspecified")) == Holdings(channels=1)
    assert holdings_of(tiff(4, "unassalpha")).channels == 0
    assert holdings_of(tiff(5, "unassalpha", "unspecified")).channels == 1


def test_masks_of_a_phone() -> None:
    heic = b"\0\0\0\x18ftypheic\0\0\0\0heicmif1"
    for named, masks in (
        (b"aux:portraiteffectsmatte", True),
        (b"aux:semanticskymatte", True),
        (b"aux:x", False),
    ):
        described = b"\0\0\0\0urn:com:apple:photo:2020:" + named + b"\0"
        whole = heic + struct.pack(">I4s", 8 + len(described), b"meta") + described
        assert holdings_of(whole).masks is masks


def test_what_was_spoken_into_a_camera_in_segments_of_its_own() -> None:
    """Ricoh's cameras keep a short sound in APP5, others in APP4: less than what is much."""
    sound = b"RIFF" + struct.pack("<I", 8036) + b"WAVEfmt " + bytes(8000)
    assert holdings_of(with_segment(PLAIN, 0xE5, b"RMETA\0\0\2" + sound)) == Holdings(audio=True)
    assert holdings_of(with_segment(PLAIN, 0xE4, sound)) == Holdings(audio=True)
    assert holdings_of(with_segment(PLAIN, 0xE4, bytes(8000))) == Holdings()


def below(*pictures: tuple[Image.Image, int], big: bool = False) -> bytes:
    """Return a TIFF of one page, with pictures of some kinds below it."""
    stream = BytesIO()
    with tifffile.TiffWriter(stream, bigtiff=big) as writer:
        writer.write(np.asarray(GRADIENT), photometric="rgb", subifds=len(pictures), metadata=None)
        for picture, kind in pictures:
            mask = picture.mode == "1"
            photometric = "mask" if mask else "rgb"
            writer.write(np.asarray(picture), photometric=photometric, subfiletype=kind, metadata=None)
    return stream.getvalue()


@pytest.mark.parametrize("big", [False, True])
def test_a_picture_below_a_page_of_a_tiff(big: bool) -> None:
    """No program shows it as a page, and the page may be no more than its preview."""
    larger = GRADIENT.resize((512, 512))
    held = holdings_of(below((larger, 0), big=big))
    assert held == Holdings(pictures=1) and len(held.which) == 1
    assert holdings_of(below((RED, 0), (larger, 0), big=big)).pictures == 2
    assert holdings_of(below((RED, 0), big=big)).which != held.which


@pytest.mark.filterwarnings("ignore:Corrupt EXIF data")
def test_previews_and_masks_below_a_page_are_no_further_pictures() -> None:
    small = GRADIENT.resize((64, 64))
    mask = Image.new("1", GRADIENT.size)
    assert holdings_of(below((small, 1), (RED, 1), (mask, 4), (small, 0))) == Holdings()
    damaged = below((RED, 0))
    assert holdings_of(damaged[: len(damaged) // 2]).pictures == 0
