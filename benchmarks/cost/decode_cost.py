"""What decoding a JPEG at a reduced scale costs, beside hashing its bytes and embedding it.

    python -m benchmarks.cost.decode_cost PHOTOS

PHOTOS is a folder of camera originals. Printed is the median over those of 8 to 16 megapixels, in CPU
milliseconds: the wall clock would also count what else the machine does. Embedding is by the bundled
network on one core: preparing its input from the reduced picture, and its share of a batch.
"""

from __future__ import annotations

import hashlib
import sys
import time
from collections.abc import Callable
from pathlib import Path
from statistics import median

from visualsearch_cli.embedders.embedder import Embedder
from visualsearch_cli.embedders.registry import ModelRequest, load
from visualsearch_cli.pictures.pillow import PillowReader

MIN_SIDE = 128
REPEATS = 7
MEGAPIXELS = range(8, 17)
BATCH = 32


def main() -> None:
    if len(sys.argv) != 2:
        sys.exit(__doc__)
    reader, embedder = PillowReader(), load(ModelRequest("bundled"), threads=1)
    costs: list[dict[str, float]] = []
    for path in sorted(Path(sys.argv[1]).glob("*.jpg")):
        data = path.read_bytes()
        image = reader.read(data, MIN_SIDE)
        if image.width * image.height // 1_000_000 in MEGAPIXELS:
            costs.append(measure(data, reader, embedder))
            row = ", ".join(f"{name} {cost:.2f}" for name, cost in costs[-1].items())
            print(f"{path.name}: {image.width} × {image.height}, {len(data) / 1e6:.1f} MB: {row}")
    if not costs:
        sys.exit(f"{sys.argv[1]} holds no JPEG of {MEGAPIXELS[0]} to {MEGAPIXELS[-1]} megapixels")
    medians = {name: median(cost[name] for cost in costs) for name in costs[0]}
    for name, cost in medians.items():
        print(f"{name:>16}: {cost:7.2f} ms, {cost / medians['reduced']:.3f} of decoding at a reduced scale")


def measure(data: bytes, reader: PillowReader, embedder: Embedder) -> dict[str, float]:
    """Return CPU milliseconds."""
    pixels = reader.read(data, MIN_SIDE).pixels
    batch = [embedder.prepare(pixels)] * BATCH
    return {
        "reduced": cpu(lambda: reader.read(data, MIN_SIDE)),
        "embed": cpu(lambda: embedder.prepare(pixels)) + cpu(lambda: embedder.embed(batch)) / BATCH,
        "full": cpu(lambda: reader.read(data)),
        "blake2b": cpu(lambda: hashlib.blake2b(data, digest_size=32).digest()),
        "sha256": cpu(lambda: hashlib.sha256(data).digest()),
    }


def cpu(step: Callable[[], object]) -> float:
    times = []
    for _ in range(REPEATS):
        start = time.process_time()
        step()
        times.append(time.process_time() - start)
    return median(times) * 1e3


if __name__ == "__main__":
    main()
