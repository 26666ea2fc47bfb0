"""What proving copies costs at full size: `dupes` on files of 12 megapixels, beside decoding those once.

    python -m benchmarks.cost.proof_cost PHOTOS [--count N]

Of N photographs with grain, as many copies again: first saved anew at a quality of 75, then half as large.
Beside it stands bare decoding, with Pillow, of each file that a proof needs, once. The limit is 1.
"""

from __future__ import annotations

import argparse
import sys
import tempfile
from pathlib import Path

from PIL import Image

from benchmarks.cost.processes import Cost, run
from benchmarks.cost.speed_folders import DISTINCT, camera_files

PROGRAM = [str(Path(sys.executable).with_name("visualsearch"))]
KINDS = ("saved anew", "half as large")


def main() -> int:
    """Measure each kind of copy by itself."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").partition("\n")[0])
    parser.add_argument("photos", type=Path)
    parser.add_argument("--count", type=int, default=12, help=f"photographs, at most {DISTINCT}")
    options = parser.parse_args()
    with tempfile.TemporaryDirectory(prefix="bench-proof-") as name:
        originals = Path(name) / "originals"
        originals.mkdir()
        camera_files(options.photos, originals, min(options.count, DISTINCT))
        made = sorted(originals.iterdir())
        for number, kind in enumerate(KINDS):
            folder = Path(name) / f"kind{number}"
            folder.mkdir()
            for path in made:
                (folder / path.name).hardlink_to(path)
                _copy(path, folder / f"{path.stem}-copy.jpg", kind)
            dupes, known, bare = _costs(folder)
            proofs = dupes.cpu - known.cpu
            print(
                f"{kind}, {len(made)} pairs: {proofs / len(made) * 1000:.0f} ms of CPU a pair, "
                f"{proofs / bare:.2f} of bare decoding; peak {dupes.peak:.0f} MB",
                flush=True,
            )
    return 0


def _copy(path: Path, copy: Path, kind: str) -> None:
    with Image.open(path) as image:
        if kind == "saved anew":
            image.save(copy, quality=75)
        else:
            half = image.resize((image.width // 2, image.height // 2), Image.Resampling.LANCZOS)
            half.save(copy, quality=90)


def _costs(folder: Path) -> tuple[Cost, Cost, float]:
    """Return what `dupes` takes, what it takes where all is known, and seconds of CPU of bare decoding."""
    index = folder.with_name(f"{folder.name}.index")
    where = ["--index", str(index), "-q"]
    run([*PROGRAM, "index", str(folder), *where])
    dupes = ["dupes", "--level", "edited", *where]
    first = run([*PROGRAM, *dupes])
    decode = "import sys\nfrom PIL import Image\nfor path in sys.argv[1:]: Image.open(path).load()"
    files = [str(path) for path in sorted(folder.iterdir())]
    bare = run([sys.executable, "-c", decode, *files]).cpu - run([sys.executable, "-c", decode]).cpu
    return first, run([*PROGRAM, *dupes]), bare


if __name__ == "__main__":
    sys.exit(main())
