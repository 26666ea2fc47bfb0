"""Folders to measure speed on: camera-like files made of photographs, and a tree of hard links."""

from __future__ import annotations

import os
import shutil
from pathlib import Path

SIZE = (4000, 3000)  # 12 megapixels
HUGE = (12000, 9000)  # 108 megapixels
LARGE = ((6000, 4000), (7360, 4912), (8256, 5504), (8660, 5774))  # 24 to 50 megapixels
SCENES, COPIES = 6, 8  # of large pictures, and how many of each are made; others repeat with another end
QUALITY = 92
NOISE = 5.0  # standard deviation, of 255 levels: an enlarged photograph has no detail that costs a decoder
DISTINCT = 30


def jpegs(photos: Path) -> list[Path]:
    """Return the JPEGs of a folder, sorted. Raises SystemExit if there is none."""
    found = sorted(photos.glob("*.jpg"))
    if not found:
        raise SystemExit(f"{photos} holds no *.jpg")
    return found


def camera_files(photos: Path, folder: Path, count: int) -> None:
    """Write JPEGs of 12 megapixels (4:2:0), 2 to 3 MB each, as cameras write them.

    Each is a photograph, enlarged, with the noise of a sensor. Beyond DISTINCT, files repeat with another
    end, which makes them other contents of the same pixels: each is read, hashed, decoded and embedded.
    """
    import numpy as np
    from PIL import Image

    noise = np.random.default_rng(0).normal(0, NOISE, (SIZE[1], SIZE[0], 3)).astype(np.float32)
    made: list[bytes] = []
    for number, photo in enumerate(jpegs(photos)[: min(count, DISTINCT)]):
        with Image.open(photo) as image:
            large = np.asarray(image.convert("RGB").resize(SIZE, Image.Resampling.BICUBIC), np.float32)
        grained = np.clip(large + np.roll(noise, (37 * number, 91 * number), (0, 1)), 0, 255).astype(np.uint8)
        path = folder / f"IMG_{number:05}.jpg"
        Image.fromarray(grained).save(path, quality=QUALITY, subsampling="4:2:0")
        made.append(path.read_bytes())
    for number in range(len(made), count):
        (folder / f"IMG_{number:05}.jpg").write_bytes(made[number % len(made)] + b"%d" % number)


def huge_files(photos: Path, folder: Path, count: int) -> None:
    """Write pictures of 108 megapixels, JPEGs and PNGs by turns: as big sensors and panoramas give.

    They are one photograph, enlarged; each file has another end, which makes it a content of its own.
    """
    from PIL import Image

    with Image.open(jpegs(photos)[0]) as image:
        large = image.convert("RGB").resize(HUGE, Image.Resampling.BICUBIC)
    for turn, (suffix, options) in enumerate(
        ((".jpg", {"quality": QUALITY}), (".png", {"compress_level": 1}))
    ):
        first = folder / f"{turn:06}{suffix}"
        large.save(first, **options)
        for number in range(turn + 2, count, 2):
            copy = folder / f"{number:06}{suffix}"
            shutil.copy(first, copy)
            with copy.open("ab") as file:
                file.write(b"%d" % number)


def large_copies(photos: Path, folder: Path, count: int) -> None:
    """Write copies of a few scenes, of 24 to 50 megapixels: coarser, smaller, cropped, toned, PNG and HEIC.

    Beyond SCENES times COPIES, files repeat with another end, which makes them other contents of the same
    pixels.
    """
    import numpy as np
    import pillow_heif
    from PIL import Image

    pillow_heif.register_heif_opener()
    noise = np.random.default_rng(0).normal(0, NOISE, (1024, 1024)).astype(np.float32)
    made: list[Path] = []
    photo = jpegs(photos)
    for number in range(min(count, SCENES * COPIES)):
        scene, kind = divmod(number, COPIES)
        size = LARGE[-1 - scene % 2]
        if kind == 0:  # one scene after the other, or all of them would be in memory
            with Image.open(photo[scene * len(photo) // SCENES]) as image:
                original = image.convert("RGB").resize(size, Image.Resampling.BICUBIC)
            for top in range(0, size[1], 1024):  # in strips, for the same reason
                for left in range(0, size[0], 1024):
                    part = original.crop((left, top, min(left + 1024, size[0]), min(top + 1024, size[1])))
                    grain = noise[: part.height, : part.width, None]
                    grained = np.clip(np.asarray(part, np.float32) + grain, 0, 255).astype(np.uint8)
                    original.paste(Image.fromarray(grained), (left, top))
        copy, options, suffix = original, {"quality": QUALITY}, ".jpg"
        if kind in (1, 5):
            options = {"quality": 80 - 10 * (kind == 5)}
        elif kind in (2, 6):
            copy = original.resize(LARGE[(scene + kind // 4) % 2], Image.Resampling.LANCZOS)
        elif kind == 3:
            copy = original.crop((size[0] // 20, size[1] // 30, size[0], size[1]))
        elif kind == 4:
            copy = original.point([min(255, round(255 * (level / 255) ** 0.8)) for level in range(256)] * 3)
        elif kind == 7:
            suffix = ".heic" if scene == 0 else ".png"  # a HEIC takes a minute to write
            options = {"compress_level": 1} if suffix == ".png" else {"quality": 40}  # of less than 16 MiB
        path = folder / f"{scene:02}-{kind}{suffix}"
        copy.save(path, **options)
        made.append(path)
    for number in range(len(made), count):
        source = made[number % len(made)]
        copied = folder / f"{source.stem}-{number:04}{source.suffix}"
        shutil.copy(source, copied)
        with copied.open("ab") as file:
            file.write(b"%d" % number)


def copies(photos: Path, folder: Path, count: int) -> None:
    """Copy photographs, each as a content of its own: beyond their number they repeat with another end."""
    found = jpegs(photos)
    for number in range(count):
        data = found[number % len(found)].read_bytes()
        again = b"%d" % number if number >= len(found) else b""
        (folder / f"{number:06}.jpg").write_bytes(data + again)


def flat_links(photos: Path, folder: Path, count: int) -> None:
    """Make one folder of hard links to a few photographs."""
    links(photos, folder, count, per_folder=max(count, 1))


def links(photos: Path, folder: Path, count: int, per_folder: int = 1000) -> None:
    """Make a tree of hard links to a few photographs, which are copied to lie on the same disk."""
    originals = folder.parent / f"{folder.name}-originals"
    originals.mkdir()
    kept = [Path(shutil.copy(photo, originals)) for photo in jpegs(photos)[:20]]
    for number in range(count):
        inner = folder / f"{number // per_folder:04}"
        if number % per_folder == 0:
            inner.mkdir(parents=True)
        os.link(kept[number % len(kept)], inner / f"IMG_{number:06}.jpg")
