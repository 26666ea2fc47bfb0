"""The image reader: orientation, scale, formats, and files made to harm or to confuse it."""

from __future__ import annotations

import io
import struct
import subprocess
import sys
import time
import zlib
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from PIL import Image, ImageCms

from tests.helpers.places import PROJECT, SHARED
from tests.helpers.sweeps import sweep
from visualsearch_cli.errors import ImageError, ImageTooLarge, ImageUnreadable
from visualsearch_cli.pictures import pillow
from visualsearch_cli.pictures.codecs import choosing
from visualsearch_cli.pictures.codecs.choosing import FORMATS
from visualsearch_cli.pictures.formats import PICTURE_EXTENSIONS
from visualsearch_cli.pictures.image import DecodedImage, Pixels
from visualsearch_cli.pictures.pillow import PillowReader, shown

# pytest replaces the filters that the reader sets; that they hold is a test of its own below.
pytestmark = pytest.mark.filterwarnings(r"ignore:::PIL\.")

READER = PillowReader()


def picture(width: int = 96, height: int = 64) -> Image.Image:
    """Return a picture with no symmetry: red grows to the right, green downwards, the top left is blue."""
    x, y = np.meshgrid(np.linspace(0, 255, width), np.linspace(0, 255, height))
    pixels = np.stack([x, y, np.zeros_like(x)], axis=-1).astype(np.uint8)
    pixels[: height // 4, : width // 4, 2] = 255
    return Image.fromarray(pixels)


def encoded(image: Image.Image, format_: str, **options: Any) -> bytes:
    buffer = io.BytesIO()
    image.save(buffer, format_, **options)
    return buffer.getvalue()


def difference(one: Pixels, other: Pixels) -> float:
    """Return the mean absolute difference, in levels of 255."""
    return float(np.abs(one.astype(np.int16) - other.astype(np.int16)).mean())


def png(width: int, height: int, *chunks: tuple[bytes, bytes], pixels: bytes = b"") -> bytes:
    """Return a grey PNG whose header may promise more than there is."""
    header = struct.pack(">IIBBBBB", width, height, 8, 0, 0, 0, 0)
    data = b"\x89PNG\r\n\x1a\n"
    for name, body in ((b"IHDR", header), *chunks, (b"IDAT", zlib.compress(pixels)), (b"IEND", b"")):
        data += struct.pack(">I", len(body)) + name + body + struct.pack(">I", zlib.crc32(name + body))
    return data


ENCODINGS: dict[str, Callable[[], bytes]] = {
    "jpeg": lambda: encoded(picture(), "JPEG", quality=95),
    "progressive": lambda: encoded(picture(), "JPEG", quality=95, progressive=True),
    "png": lambda: encoded(picture(), "PNG"),
    "png-palette": lambda: encoded(picture().quantize(256, dither=Image.Dither.NONE), "PNG"),
    "webp": lambda: encoded(picture(), "WEBP", lossless=True),
    "gif": lambda: encoded(picture(), "GIF"),
    "bmp": lambda: encoded(picture(), "BMP"),
    "tiff": lambda: encoded(picture(), "TIFF"),
    "tiff-lzw": lambda: encoded(picture(), "TIFF", compression="tiff_lzw"),
    "tiff-jpeg": lambda: encoded(picture(), "TIFF", compression="jpeg"),
    "avif": lambda: encoded(picture(), "AVIF", quality=95),
    "jp2": lambda: encoded(picture(), "JPEG2000"),
    "ppm": lambda: encoded(picture(), "PPM"),
    "cmyk": lambda: encoded(picture().convert("CMYK"), "JPEG", quality=95),
    "cmyk-tiff": lambda: encoded(picture().convert("CMYK"), "TIFF"),
    "mpo": lambda: encoded(picture(), "MPO", save_all=True, append_images=[picture(10, 10)]),
}


@pytest.mark.parametrize("name", ENCODINGS)
@pytest.mark.parametrize("min_side", [None, 8])
def test_formats(name: str, min_side: int | None) -> None:
    image = READER.read(ENCODINGS[name](), min_side)
    assert (image.width, image.height) == (96, 64)
    assert min_side or image.pixels.shape == (64, 96, 3)
    assert image.pixels.dtype == np.uint8
    height, width, _ = image.pixels.shape
    expected = np.asarray(picture().resize((width, height), Image.Resampling.BOX))
    assert difference(image.pixels, expected) < 12


def test_the_format_is_named() -> None:
    assert READER.read(ENCODINGS["jpeg"]()).format == "JPEG"
    assert READER.read(ENCODINGS["png"]()).format == "PNG"


def exif(orientation: int) -> bytes:
    tags = Image.Exif()
    tags[0x0112] = orientation
    return tags.tobytes()


BACK = [
    None,
    Image.Transpose.FLIP_LEFT_RIGHT,
    Image.Transpose.ROTATE_180,
    Image.Transpose.FLIP_TOP_BOTTOM,
    Image.Transpose.TRANSPOSE,
    Image.Transpose.ROTATE_90,
    Image.Transpose.TRANSVERSE,
    Image.Transpose.ROTATE_270,
]
"""What a camera does to an upright picture before it writes the orientations 1 to 8."""


@pytest.mark.parametrize("orientation", range(1, 9))
@pytest.mark.parametrize("format_", ["JPEG", "PNG", "WEBP", "TIFF", "AVIF"])
@pytest.mark.parametrize("min_side", [None, 16])
def test_orientation(orientation: int, format_: str, min_side: int | None) -> None:
    turn = BACK[orientation - 1]
    stored = picture() if turn is None else picture().transpose(turn)
    image = READER.read(encoded(stored, format_, exif=exif(orientation), quality=90), min_side)
    height, width, _ = image.pixels.shape
    assert (image.width, image.height) == (96, 64)
    assert width > height
    expected = np.asarray(picture().resize((width, height), Image.Resampling.BOX))
    assert difference(image.pixels, expected) < 10


@pytest.mark.parametrize(
    "value", [exif(0), exif(9), exif(60000), b"", b"Exif\0\0", b"Exif\0\0II*\0\xff\xff\xff\xff"]
)
@pytest.mark.parametrize("format_", ["JPEG", "PNG", "WEBP"])
def test_a_wrong_orientation_is_none(value: bytes, format_: str) -> None:
    image = READER.read(encoded(picture(), format_, exif=value))
    assert image.pixels.shape == (64, 96, 3)


@pytest.mark.slow
@pytest.mark.parametrize(("width", "height"), [(1000, 700), (700, 1000), (2000, 130), (999, 501), (40, 30)])
@pytest.mark.parametrize("min_side", [1, 33, 64, 128, 10_000])
@pytest.mark.parametrize("format_", ["JPEG", "PNG"])
def test_no_side_falls_below_min_side(width: int, height: int, min_side: int, format_: str) -> None:
    data = encoded(picture(width, height), format_, exif=exif(6))
    image = READER.read(data, min_side)
    assert (image.width, image.height) == (height, width)
    assert min(image.pixels.shape[:2]) >= min(min_side, width, height)
    if min_side == 64 and min(width, height) >= 512:
        assert min(image.pixels.shape[:2]) < min(width, height)


def photographs() -> list[Any]:
    """Return the paths of photographs that come with the test packages."""
    skimage = Path(pytest.importorskip("skimage").__file__).parent / "data"
    sklearn = Path(pytest.importorskip("sklearn").__file__).parent / "datasets" / "images"
    names = ["rocket.jpg", "retina.jpg", "coffee.png", "astronaut.png", "chelsea.png", "camera.png"]
    return [*(skimage / name for name in names), sklearn / "china.jpg", sklearn / "flower.jpg"]


@pytest.mark.slow
@pytest.mark.parametrize("index", range(8))
def test_a_reduced_photograph_is_the_full_one_averaged(index: int) -> None:
    data = photographs()[index].read_bytes()
    full, reduced = READER.read(data), READER.read(data, 64)
    assert full.pixels.shape == (full.height, full.width, 3)
    assert (reduced.width, reduced.height) == (full.width, full.height)
    small = [
        np.asarray(Image.fromarray(image.pixels).resize((64, 64), Image.Resampling.BILINEAR))
        for image in (full, reduced)
    ]
    assert difference(*small) < 2.5


MODES = ("RGB", "L", "1", "P", "RGBA", "LA", "CMYK", "I;16")


@pytest.mark.parametrize("orientation", range(1, 9))
@pytest.mark.parametrize("mode", MODES)
def test_in_strips_a_picture_looks_as_in_the_whole(
    mode: str, orientation: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    image = Image.fromarray((np.arange(64 * 600) * 7 % 65536).astype(np.uint16).reshape(600, 64))
    if mode != "I;16":
        image = picture(64, 600)
        image.putalpha(Image.linear_gradient("L").resize(image.size))
        image = (image if mode in ("RGBA", "LA") else image.convert("RGB")).convert(mode)
    whole, small = (shown(image, side, orientation) for side in (None, 8))
    monkeypatch.setattr(pillow, "LARGE", 0)
    assert np.array_equal(shown(image, None, orientation), whole)
    reduced = shown(image, 8, orientation)
    assert 16 <= min(reduced.shape[:2]) < 32
    if small.shape == reduced.shape:  # of other modes, only a large picture is reduced
        assert difference(small, reduced) < 1


@pytest.mark.skipif(sys.platform != "linux", reason="reads /proc")
@pytest.mark.parametrize(("side", "most"), [(128, 500), (None, 1300)])
@pytest.mark.slow
def test_a_large_bitmap_takes_little_more_than_it_shows(side: int | None, most: int, tmp_path: Path) -> None:
    """250 million pixels of a bit each, in 31 kB; converted at once they took 2.75 GB."""
    Image.new("1", (15_800, 15_800)).save(tmp_path / "bits.png")
    code = (
        "from visualsearch_cli.pictures.pillow import PillowReader\n"
        f"data = open({str(tmp_path / 'bits.png')!r}, 'rb').read()\n"
        f"PillowReader().read(data, {side})\n"
        "line = next(line for line in open('/proc/self/status') if 'VmHWM' in line)\n"
        "print(int(line.split()[1]) // 1024)"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, timeout=100, check=True)
    assert int(done.stdout) < most


def test_the_first_frame_is_read() -> None:
    red, blue = Image.new("RGB", (8, 8), "red"), Image.new("RGB", (8, 8), "blue")
    for format_ in ("GIF", "PNG", "WEBP", "AVIF", "TIFF"):
        image = READER.read(encoded(red, format_, save_all=True, append_images=[blue, blue]))
        assert image.pixels[4, 4].tolist() == pytest.approx([255, 0, 0], abs=8), format_


def test_transparency_becomes_white() -> None:
    clear = Image.new("RGBA", (8, 8), (0, 0, 0, 0))
    for format_ in ("PNG", "WEBP", "GIF", "TIFF", "AVIF", "JPEG2000"):
        assert READER.read(encoded(clear, format_)).pixels.min() >= 250, format_
        assert READER.read(encoded(clear.resize((80, 80)), format_), 4).pixels.min() >= 250, format_


@pytest.mark.parametrize("format_", ["PNG", "TIFF", "PPM"])
def test_gray_of_16_bits_is_scaled(format_: str) -> None:
    levels = np.linspace(0, 65535, 64, dtype=np.uint16).reshape(8, 8)
    image = READER.read(encoded(Image.fromarray(levels), format_))
    np.testing.assert_allclose(image.pixels[..., 0], levels / 257, atol=1)


def test_float_tiff() -> None:
    levels = np.linspace(0, 1, 64, dtype=np.float32).reshape(8, 8)
    image = READER.read(encoded(Image.fromarray(levels), "TIFF"))
    np.testing.assert_allclose(image.pixels[..., 0], levels * 255, atol=1)


def test_profiles_apply_to_files() -> None:
    lab = ImageCms.ImageCmsProfile(ImageCms.createProfile("LAB")).tobytes()
    for profile in (ImageCms.ImageCmsProfile(ImageCms.createProfile("sRGB")).tobytes(), lab, b"broken"):
        for format_ in ("JPEG", "PNG", "TIFF", "WEBP"):
            image = READER.read(encoded(picture(), format_, icc_profile=profile, quality=95), 16)
            assert image.width == 96


def test_large_text_in_a_png_hides_no_pixels() -> None:
    text = (b"zTXt", b"history\0\0" + zlib.compress(b"x" * 5_000_000))
    assert READER.read(png(2, 2, text, pixels=b"\0ab\0cd")).width == 2


@pytest.mark.parametrize(
    "data",
    [
        png(100_000, 100_000),
        b"BM" + struct.pack("<IIIIiiHHIIIIII", 0, 0, 54, 40, 60_000, 60_000, 1, 24, 0, 0, 0, 0, 0, 0),
        b"GIF89a"
        + struct.pack("<HHBBB", 65535, 65535, 0, 0, 0)
        + b","
        + struct.pack("<HHHHB", 0, 0, 1, 1, 0)
        + b"\2\2D\1\0;",
        b"P6 99999 99999 255\n",
    ],
    ids=["png", "bmp", "gif", "ppm"],
)
def test_bombs_are_refused_before_they_are_decoded(data: bytes) -> None:
    start = time.process_time()
    with pytest.raises(ImageTooLarge, match=r"the limit is 250,000,000: .*--max-pixels"):
        READER.read(data, 128)
    assert time.process_time() - start < 1


def test_the_limit_names_both_values() -> None:
    data = encoded(picture(), "PNG")
    assert PillowReader(max_pixels=96 * 64).read(data).width == 96
    with pytest.raises(ImageTooLarge, match=r"96 × 64 = 6,144 pixels, the limit is 6,143"):
        PillowReader(max_pixels=96 * 64 - 1).read(data)


@pytest.mark.slow
def test_the_limit_can_be_raised_beyond_that_of_pillow() -> None:
    data = png(14_000, 13_000, pixels=bytes(14_001 * 13_000))
    image = PillowReader(max_pixels=14_000 * 13_000).read(data, 16)
    assert (image.width, image.height) == (14_000, 13_000)


@pytest.mark.parametrize(
    ("data", "reason"),
    [
        (b"", "empty"),
        (b"just some text\n" * 20, "not an image"),
        (b"\0" * 1000, "not an image"),
        (b"%!PS-Adobe-3.0 EPSF-3.0\n%%BoundingBox: 0 0 100 100\n", "not an image"),
        (b"\xff\xd8\xff", "damaged"),
        (png(0, 10), "."),
        (b"\0\0\0\x18ftypheic\0\0\0\0mif1heic", "pillow-heif"),
        (b"\0\0\0\x18ftypisom\0\0\2\0isommp42", "a film"),
    ],
)
def test_other_files_are_unreadable(data: bytes, reason: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(choosing, "find_spec", lambda _: None)
    with pytest.raises(ImageUnreadable, match=reason) as caught:
        READER.read(data)
    assert len(str(caught.value)) < 200
    assert "\n" not in str(caught.value)
    assert "0x" not in str(caught.value)


@pytest.mark.parametrize("name", sorted(ENCODINGS.keys() - {"mpo"}))  # its first frame may be whole
@pytest.mark.parametrize("share", [0.1, 0.5, 0.8])
def test_truncated_files_are_unreadable(name: str, share: float) -> None:
    data = ENCODINGS[name]()
    with pytest.raises(ImageUnreadable):
        READER.read(data[: int(len(data) * share)])


@pytest.mark.slow
@given(st.binary(max_size=2000))
def test_any_bytes_give_an_image_or_an_image_error(data: bytes) -> None:
    assert_survives(data)


@pytest.mark.slow
@settings(max_examples=400)
@given(name=st.sampled_from(sorted(ENCODINGS)), data=st.data())
def test_any_damage_gives_an_image_or_an_image_error(name: str, data: st.DataObject) -> None:
    content = bytearray(ENCODINGS[name]())
    for _ in range(data.draw(st.integers(1, 8))):
        # Headers are small and their fields matter most.
        end = len(content) - 1
        at = data.draw(st.integers(0, min(end, 200)) | st.integers(0, end))
        content[at] = data.draw(st.integers(0, 255))
    cut = data.draw(st.none() | st.integers(0, len(content)))
    assert_survives(bytes(content[:cut]))


def assert_survives(data: bytes) -> None:
    for min_side in (None, 16):
        try:
            image = PillowReader(max_pixels=10**7).read(data, min_side)
        except ImageError:
            continue
        assert isinstance(image, DecodedImage)
        assert image.pixels.ndim == 3
        assert image.pixels.shape[2] == 3
        assert image.pixels.dtype == np.uint8


@pytest.mark.slow
def test_reads_in_many_threads_agree() -> None:
    data = [ENCODINGS[name]() for name in ENCODINGS] * 8
    alone = [READER.read(d, 16).pixels for d in data]
    with ThreadPoolExecutor(8) as pool:
        together = list(pool.map(lambda d: READER.read(d, 16).pixels, data))
    assert all(np.array_equal(a, b) for a, b in zip(alone, together, strict=True))


@pytest.mark.slow
def test_nothing_is_printed(tmp_path: Path) -> None:
    # In a process of its own: pytest sets the warning filters anew for every test.
    samples: list[bytes] = []
    for name in ("tiff", "tiff-lzw", "tiff-jpeg") if sys.platform != "win32" else ():
        data = ENCODINGS[name]()
        samples += [data[:at] + b"\xff\xff\xff" + data[at + 3 :] for at in range(8, len(data), 97)]
        samples += [data[:-at] for at in range(1, 300, 7)]
    samples += [png(20_000, 20_000), encoded(picture(), "JPEG", exif=b"Exif\0\0II*\0\x08\0\0\0\x09\0\x12\1")]
    for number, sample in enumerate(samples):
        (tmp_path / f"{number}.bin").write_bytes(sample)
    code = (
        "import sys, pathlib\n"
        "from visualsearch_cli.errors import ImageError\n"
        "from visualsearch_cli.pictures.pillow import PillowReader\n"
        "for path in pathlib.Path(sys.argv[1]).iterdir():\n"
        "    try: PillowReader(max_pixels=10**9).read(path.read_bytes(), 128)\n"
        "    except ImageError: pass\n"
    )
    done = subprocess.run(
        [sys.executable, "-W", "always", "-c", code, str(tmp_path)],
        capture_output=True,
        text=True,
        cwd=PROJECT,
    )
    assert (done.returncode, done.stdout, done.stderr) == (0, "", "")


def test_suffixes_and_formats_agree() -> None:
    known = Image.registered_extensions()
    plugins = {".mpo", ".heic", ".heics", ".heif", ".heifs", ".hif", ".jxl"}
    for suffix in PICTURE_EXTENSIONS - plugins - {".insp", ".jps"}:  # JPEGs by another name
        assert known[suffix] in FORMATS


def shared(folder: str) -> list[Path]:
    """Return the files of a folder of photographs that is not part of the project."""
    paths = sorted((SHARED / folder).glob("*.jpg"))
    if not paths:
        pytest.skip(f"no folder {folder} in $VISUALSEARCH_SHARED")
    return paths


@pytest.mark.slow
def test_files_damaged_on_purpose() -> None:
    for path in shared("damaged"):
        for min_side in (None, 128):
            start = time.process_time()
            with suppress(ImageError):
                assert READER.read(path.read_bytes(), min_side).pixels.dtype == np.uint8
            assert time.process_time() - start < 5, path.name


@pytest.mark.slow
def test_originals_of_cameras() -> None:
    for path in shared("camera"):
        data = path.read_bytes()
        image = READER.read(data, 128)
        with Image.open(io.BytesIO(data)) as stored:
            assert {image.width, image.height} == set(stored.size), path.name
        height, width, _ = image.pixels.shape
        assert (width > height) == (image.width > image.height), path.name
        assert min(width, height) >= min(128, image.width, image.height), path.name
        assert width / height == pytest.approx(image.width / image.height, rel=0.02), path.name


@pytest.mark.parametrize("orientation", [1, 6])
def test_heic_is_read_upright(orientation: int) -> None:
    heif = pytest.importorskip("pillow_heif", reason="the extra `formats` is not installed")
    pixels = np.zeros((64, 96, 3), np.uint8)
    pixels[:32, :48] = (255, 0, 0)  # red at the top left of what is stored
    exif = Image.Exif()
    exif[0x0112] = orientation
    stored = heif.from_pillow(Image.fromarray(pixels))
    data = io.BytesIO()
    stored.save(data, quality=90, exif=exif.tobytes())
    image = READER.read(data.getvalue())
    upright = (64, 96) if orientation == 6 else (96, 64)
    assert (image.width, image.height, image.format) == (*upright, "HEIF")
    corner = image.pixels[4, -4] if orientation == 6 else image.pixels[4, 4]
    assert corner[0] > 200
    assert corner[1] < 60


def heic(picture: Image.Image, thumbnail: int, orientation: int = 1) -> bytes:
    """Return a HEIC file with a thumbnail inside, as telephones write it."""
    heif = pytest.importorskip("pillow_heif", minversion="1.8", reason="the extra `formats` is not installed")
    exif = Image.Exif()
    exif[0x0112] = orientation
    data = io.BytesIO()
    heif.from_pillow(picture).save(data, quality=80, thumbnails=[thumbnail], exif=exif.tobytes())
    return data.getvalue()


@pytest.mark.slow
@pytest.mark.parametrize("orientation", sweep([6, 1, 3, 8]))
def test_a_thumbnail_inside_a_heic_will_do_where_it_is_large_enough(orientation: int) -> None:
    data = heic(picture(960, 640), 240, orientation)
    full = READER.read(data)
    reduced = READER.read(data, 64)
    assert (full.width, full.height) == (reduced.width, reduced.height) == full.pixels.shape[1::-1]
    assert {full.width, full.height} == {960, 640}
    assert sorted(reduced.pixels.shape[:2]) == [160, 240]
    small = Image.fromarray(full.pixels).resize(reduced.pixels.shape[1::-1], Image.Resampling.BOX)
    assert difference(reduced.pixels, np.asarray(small)) < 4
    assert min(READER.read(data, 161).pixels.shape[:2]) > 161  # where it is not, it is not taken


@pytest.mark.slow
def test_of_a_heic_that_is_cut_short_the_thumbnail_is_not_believed() -> None:
    data = heic(picture(960, 640), 240)
    for share in (0.1, 0.5, 0.9):
        for min_side in (None, 64):
            with pytest.raises(ImageUnreadable):
                READER.read(data[: int(len(data) * share)], min_side)
    assert READER.read(data[:-10], 64).pixels.shape == (640, 960, 3), "what is missing may not be pixels"
