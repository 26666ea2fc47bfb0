"""What a picture of 12 megapixels costs to decode for the bundled network, by the format it is stored in.

    python -m benchmarks.cost.format_cost PHOTOS

Camera files are made of the first photographs of PHOTOS, and of each a RAW (an uncompressed DNG) and a HEIC,
with and without a smaller picture inside. Printed are medians of milliseconds of decoding, CPU and by the
clock, and how far the embedding is from that of the JPEG.
"""

from __future__ import annotations

import io
import sys
import tempfile
import time
from pathlib import Path
from statistics import median

from PIL import Image

from benchmarks.cost.speed_folders import camera_files
from tests.helpers.dng import Preview, dng
from visualsearch_cli.embedders.embedder import Embedder
from visualsearch_cli.embedders.registry import ModelRequest, load
from visualsearch_cli.pictures.image import ImageReader
from visualsearch_cli.pictures.reader import AnyImageReader
from visualsearch_cli.vectors.index import Embeddings

COUNT = 3
REPEATS = 3
THUMBNAIL = 320  # pixels, of the longer side: what telephones write


def main() -> None:
    if len(sys.argv) != 2:
        sys.exit(__doc__)
    reader, embedder = AnyImageReader(), load(ModelRequest("bundled"), threads=1)
    costs: dict[str, list[tuple[float, float, float]]] = {}
    with tempfile.TemporaryDirectory() as folder:
        camera_files(Path(sys.argv[1]), Path(folder), COUNT)
        for path in sorted(Path(folder).iterdir()):
            files = stored(path.read_bytes())
            embedding = embedded(files["JPEG"], reader, embedder)
            for name, data in files.items():
                distance = 1 - float((embedded(data, reader, embedder) * embedding).sum())
                costs.setdefault(name, []).append((*cost(data, reader, embedder.input_side), distance))
    print("| format | CPU ms | wall ms | distance from the JPEG |\n|---|---|---|---|")
    for name, rows in costs.items():
        cpu, wall, distance = (median(column) for column in zip(*rows, strict=True))
        print(f"| {name} | {cpu:.1f} | {wall:.1f} | {distance:.4f} |")


def stored(jpeg: bytes) -> dict[str, bytes]:
    """Return a picture in each format, the JPEG as it is."""
    import pillow_heif

    picture = Image.open(io.BytesIO(jpeg)).convert("RGB")
    files = {
        "JPEG": jpeg,
        "RAW by its preview": dng(picture, Preview(*picture.size, jpeg=jpeg)),
        "RAW developed": dng(picture),
    }
    for name, thumbnails in (("HEIC by its thumbnail", [THUMBNAIL]), ("HEIC decoded", [])):
        stream = io.BytesIO()
        pillow_heif.from_pillow(picture).save(
            stream, quality=70, thumbnails=thumbnails, tile_size=512, enc_params={"preset": "ultrafast"}
        )
        files[name] = stream.getvalue()
    return files


def embedded(data: bytes, reader: ImageReader, embedder: Embedder) -> Embeddings:
    """Return the embedding of a picture, of shape (1, dim)."""
    return embedder.embed([embedder.prepare(reader.read(data, embedder.input_side).pixels)])


def cost(data: bytes, reader: ImageReader, side: int) -> tuple[float, float]:
    """Return milliseconds of CPU, and by the clock."""
    times = []
    for _ in range(REPEATS):
        wall, cpu = time.perf_counter(), time.process_time()
        reader.read(data, side)
        times.append((time.process_time() - cpu, time.perf_counter() - wall))
    return median(cpu for cpu, _ in times) * 1e3, median(wall for _, wall in times) * 1e3


if __name__ == "__main__":
    main()
