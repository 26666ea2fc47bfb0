"""RAW files: by the preview where it will do, else developed; upright, in the size of the sensor's frame."""

from __future__ import annotations

import io
import subprocess
import sys
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from PIL import Image, ImageOps

from tests.helpers.dng import Preview, bitmap_preview, dng, jpeg_preview
from tests.helpers.pictures import photograph
from visualsearch_cli.errors import ImageError, ImageTooLarge, ImageUnreadable
from visualsearch_cli.pictures import reader as image_reader
from visualsearch_cli.pictures.image import Pixels
from visualsearch_cli.pictures.pillow import PillowReader
from visualsearch_cli.pictures.raw_files import is_raw, may_be_cut_short
from visualsearch_cli.pictures.reader import AnyImageReader

pytest.importorskip("rawpy", reason="the extra `formats` is not installed")

from visualsearch_cli.pictures import libraw

# pytest replaces the filters that the reader sets, and LibRaw's own words about damage are not Python's.
pytestmark = pytest.mark.filterwarnings(r"ignore:::PIL\.")

READER = AnyImageReader()
PHOTOGRAPH = photograph("coffee", 240)  # 240 × 160
OTHER = photograph("chelsea", 240).resize((120, 80))  # what no sensor's data below shows
SIDE = 40


def difference(pixels: Pixels, picture: Image.Image) -> float:
    """Return how far pixels are from a picture at the size of a stamp, 0 to 255."""
    small = [
        np.asarray(p.resize((12, 12), Image.Resampling.BOX), float)
        for p in (Image.fromarray(pixels), picture)
    ]
    return float(np.abs(small[0] - small[1]).mean())


def upright(picture: Image.Image, orientation: int) -> Image.Image:
    exif = Image.Exif()
    exif[0x0112] = orientation
    buffer = io.BytesIO()
    picture.save(buffer, "PNG", exif=exif)
    return ImageOps.exif_transpose(Image.open(buffer))


@pytest.mark.parametrize(
    ("orientation", "said"),
    [
        *((orientation, said) for orientation in (1, 3, 6, 8) for said in (None, "its own")),
        *((orientation, 1) for orientation in (1, 6, 8)),  # half a turn does not show in its sides
    ],
)
def test_the_preview_is_taken_upright(orientation: int, said: int | str | None) -> None:
    """Whether it says how it is stored, says nothing, or wrongly that it is upright."""
    preview = jpeg_preview(
        OTHER, orientation if said == "its own" else said if isinstance(said, int) else None
    )
    image = READER.read(dng(PHOTOGRAPH, preview, orientation=orientation), SIDE)
    assert difference(image.pixels, upright(OTHER, orientation)) < 8
    sides = (160, 240) if orientation in (6, 8) else (240, 160)
    assert (image.width, image.height, image.format) == (*sides, "RAW")
    assert min(image.pixels.shape[:2]) >= SIDE


def test_a_preview_may_be_upright_already() -> None:
    preview = jpeg_preview(OTHER.rotate(-90, expand=True))
    image = READER.read(dng(PHOTOGRAPH, preview, orientation=6), SIDE)
    assert difference(image.pixels, OTHER.rotate(-90, expand=True)) < 8


@pytest.mark.parametrize("orientation", [1, 6])
def test_a_bitmap_preview_is_taken_too(orientation: int) -> None:
    image = READER.read(dng(PHOTOGRAPH, bitmap_preview(OTHER), orientation=orientation), SIDE)
    assert difference(image.pixels, upright(OTHER, orientation)) < 8


@pytest.mark.slow
@pytest.mark.parametrize(
    "preview",
    [
        None,
        jpeg_preview(OTHER.resize((54, 36))),  # smaller than asked for
        jpeg_preview(OTHER.resize((160, 120))),  # of another frame, as letterboxed ones are
        jpeg_preview(OTHER.resize((480, 320))),
        Preview(120, 80, jpeg=b"\xff\xd8\xff\xe0 damaged"),
    ],
    ids=["none", "tiny", "letterboxed", "larger than the sensor", "damaged"],
)
@pytest.mark.parametrize("orientation", [1, 3, 6, 8])
def test_without_a_preview_that_will_do_it_is_developed(preview: Preview | None, orientation: int) -> None:
    data = dng(PHOTOGRAPH, preview, orientation=orientation)
    image = READER.read(data, SIDE)
    assert difference(image.pixels, upright(PHOTOGRAPH, orientation)) < 20
    assert max(image.pixels.shape[:2]) == 120  # half the scale is enough
    assert max(READER.read(data, 100).pixels.shape[:2]) == 240  # and here it is not


@pytest.mark.parametrize("preview", [None, jpeg_preview(OTHER)])
def test_all_pixels_are_the_sensors(preview: Preview | None) -> None:
    data = dng(PHOTOGRAPH, preview, margin=6, orientation=6)
    image = READER.read(data)
    assert image.pixels.shape == (240, 160, 3)
    assert (image.width, image.height) == (160, 240)  # not what is stored around it
    assert difference(image.pixels, upright(PHOTOGRAPH, 6)) < 20


def test_the_size_is_that_of_the_frame_whatever_its_margin() -> None:
    image = READER.read(dng(PHOTOGRAPH, jpeg_preview(OTHER), margin=12), SIDE)
    assert (image.width, image.height) == PHOTOGRAPH.size
    assert difference(image.pixels, OTHER) < 8


@pytest.mark.slow
def test_reads_in_many_threads_agree() -> None:
    data = [dng(PHOTOGRAPH, preview) for preview in (None, jpeg_preview(OTHER))] * 6
    alone = [READER.read(d, side).pixels for d in data for side in (None, SIDE)]
    with ThreadPoolExecutor(4) as pool:
        together = list(
            pool.map(lambda job: READER.read(*job).pixels, [(d, s) for d in data for s in (None, SIDE)])
        )
    assert all(np.array_equal(a, b) for a, b in zip(alone, together, strict=True))


def test_pillow_alone_would_take_the_thumbnail_for_the_picture() -> None:
    """This is why the files are told apart before Pillow sees them."""
    data = dng(PHOTOGRAPH, bitmap_preview(OTHER))
    assert PillowReader().read(data).width == 120
    assert READER.read(data).width == 240


@pytest.mark.parametrize("preview", [None, jpeg_preview(OTHER)])
@pytest.mark.parametrize("share", [0.1, 0.5, 0.99])
def test_truncated_files_are_unreadable(
    preview: Preview | None, share: float, capfd: pytest.CaptureFixture[str]
) -> None:
    """Also where the preview is whole: who keeps such a file keeps nothing. LibRaw would print a line."""
    data = dng(PHOTOGRAPH, preview)
    for side in (None, SIDE):
        with pytest.raises(ImageUnreadable, match=r"the file ends before|not an image"):
            READER.read(data[: int(len(data) * share)], side)
    assert capfd.readouterr().err == ""


def test_the_limit_is_one_of_the_sensors_pixels() -> None:
    data = dng(PHOTOGRAPH, jpeg_preview(OTHER))
    assert AnyImageReader(max_pixels=240 * 160).read(data, SIDE).width == 240
    with pytest.raises(ImageTooLarge, match="--max-pixels"):
        AnyImageReader(max_pixels=240 * 160 - 1).read(data, SIDE)


def test_without_the_package_its_extra_is_named(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(image_reader, "find_spec", lambda _: None)
    reader = AnyImageReader()
    with pytest.raises(
        ImageUnreadable, match=r"rawpy: pip install 'visualsearch-cli\[formats\]'.*--retry-skipped"
    ):
        reader.read(dng(PHOTOGRAPH, bitmap_preview(OTHER)), SIDE)
    buffer = io.BytesIO()
    OTHER.save(buffer, "TIFF")
    assert reader.read(buffer.getvalue()).format == "TIFF"


def test_a_file_of_no_known_camera_is_unreadable() -> None:
    with pytest.raises(ImageUnreadable, match="LibRaw"):
        READER.read(b"FUJIFILMCCD-RAW 0201" + bytes(2000))


SMALL = dng(PHOTOGRAPH.resize((48, 32)), jpeg_preview(PHOTOGRAPH.resize((24, 16))))


@pytest.mark.slow
@settings(max_examples=100, deadline=None)
@given(data=st.data())
def test_any_damage_gives_an_image_or_an_image_error(data: st.DataObject) -> None:
    content = bytearray(SMALL)
    for _ in range(data.draw(st.integers(1, 8))):
        end = len(content) - 1
        content[data.draw(st.integers(0, 600) | st.integers(0, end))] = data.draw(st.integers(0, 255))
    cut = data.draw(st.none() | st.integers(0, len(content)))
    for side in (None, 8):
        try:
            image = AnyImageReader(max_pixels=10**6).read(bytes(content[:cut]), side)
        except ImageError:
            continue
        assert image.pixels.ndim == 3 and image.pixels.shape[2] == 3 and image.pixels.dtype == np.uint8


class Gate:
    """Notes what is taken."""

    def __init__(self) -> None:
        self.taken: list[int] = []

    def taking(self, needed: int) -> Gate:
        self.taken.append(needed)
        return self

    def __enter__(self) -> None: ...

    def __exit__(self, *_: object) -> None: ...


def test_memory_is_asked_for_before_it_is_taken(monkeypatch: pytest.MonkeyPatch) -> None:
    gate = Gate()
    monkeypatch.setattr(libraw, "GATE", gate)
    READER.read(dng(PHOTOGRAPH), SIDE)
    assert gate.taken == [240 * 160 * libraw.DEVELOPED_BYTES]
    READER.read(dng(PHOTOGRAPH, jpeg_preview(OTHER)), SIDE)
    assert len(gate.taken) == 1, "a preview is not developed"


@pytest.mark.skipif(sys.platform != "linux", reason="reads /proc")
@pytest.mark.parametrize("side", ["None", "128"])
@pytest.mark.slow
def test_developing_takes_no_more_memory_than_it_asks_for(side: str, tmp_path: Path) -> None:
    width, height = 3000, 2000
    (tmp_path / "a.dng").write_bytes(dng(PHOTOGRAPH.resize((width, height)), orientation=6))
    code = (
        "import sys\n"
        "from visualsearch_cli.pictures.reader import AnyImageReader\n"
        "from visualsearch_cli.pictures import libraw\n"
        "def peak():\n"
        "    line = next(line for line in open('/proc/self/status') if 'VmHWM' in line)\n"
        "    return int(line.split()[1]) * 1024\n"
        "data = open(sys.argv[1], 'rb').read()\n"
        "before = peak()\n"
        f"AnyImageReader().read(data, {side})\n"
        "print((peak() - before) / libraw.DEVELOPED_BYTES)\n"
    )
    done = subprocess.run(
        [sys.executable, "-c", code, str(tmp_path / "a.dng")], capture_output=True, text=True, check=True
    )
    assert 0.1 * width * height < float(done.stdout) < width * height


@pytest.mark.parametrize("preview", [None, jpeg_preview(OTHER), bitmap_preview(OTHER)])
def test_a_raw_is_known_by_what_is_in_it(preview: Preview | None) -> None:
    data = dng(PHOTOGRAPH, preview)
    assert is_raw(data) and not may_be_cut_short(data)
    assert may_be_cut_short(data[:-1])


@pytest.mark.parametrize(
    "start",
    [
        b"II*\0\x10\0\0\0CR\x02\0",
        b"\0\0\0\x18ftypcrx \0\0\0\x01crx isom",
        b"FUJIFILMCCD-RAW 0201FF393101",
        b"IIU\0\x18\0\0\0",
        b"IIRO\x08\0\0\0",
        b"MMOR\0\0\0\x08",
        b"II*\0IIII",
        b"\0MRM\0\0",
        b"FOVb\0\0",
    ],
)
def test_formats_of_their_own_are_known_by_their_marks(start: bytes) -> None:
    data = start.replace(b"*\0IIII", b"*\0\0\0\0\0IIII") + bytes(500)
    assert is_raw(data)
    may_be_cut_short(data)
    with pytest.raises(ImageError):
        READER.read(data)


@pytest.mark.parametrize("size", [3, 2000])
def test_boxes_and_headers_tell_how_much_there_should_be(size: int) -> None:
    cr3 = b"\0\0\0\x18ftypcrx " + bytes(12) + (size + 16).to_bytes(4, "big") + b"mdat" + bytes(8 + size)
    assert not may_be_cut_short(cr3)
    assert may_be_cut_short(cr3[:-1])
    raf = bytearray(b"FUJIFILMCCD-RAW ".ljust(108, b"\0") + bytes(size))
    raf[100:108] = (108).to_bytes(4, "big") + size.to_bytes(4, "big")
    assert not may_be_cut_short(bytes(raf))
    assert may_be_cut_short(bytes(raf[:-1]))


def test_a_raw_without_a_version_of_dng_is_known_by_its_sensor() -> None:
    """As NEF and ARW are: a thumbnail first, and the sensor's data in a directory inside."""
    data = dng(PHOTOGRAPH, bitmap_preview(OTHER))
    version, other = (tag.to_bytes(2, "little") for tag in (50706, 50707))
    assert is_raw(data.replace(version, other, 1))
    sensor, grey = (b"\x06\x01\x03\0\x01\0\0\0" + kind.to_bytes(2, "little") for kind in (32803, 1))
    assert not is_raw(data.replace(version, other, 1).replace(sensor, grey))


def test_a_tiff_is_no_raw() -> None:
    for options in ({}, {"compression": "tiff_lzw"}, {"save_all": True, "append_images": [OTHER] * 20}):
        buffer = io.BytesIO()
        OTHER.save(buffer, "TIFF", **options)
        assert not is_raw(buffer.getvalue())
    assert not is_raw(b"II*\0\x08\0\0\0") and not is_raw(b"") and not is_raw(b"MM\0*\xff\xff\xff\xff")
