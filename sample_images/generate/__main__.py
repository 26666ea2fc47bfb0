"""Write all sample pictures and truth.csv: ``python -m sample_images.generate [FOLDER]``."""

import argparse
from pathlib import Path

from sample_images.generate.copies import COPIES, Copy
from sample_images.generate.scenes import SCENES, Scene
from sample_images.generate.truth import write_truth


def write_scene(scene: Scene, folder: Path) -> Path:
    return _write(folder / scene.file, scene.jpeg())


def write_copy(copy: Copy, folder: Path) -> Path:
    """Make a copy from its original, which must lie in the same folder."""
    data = (folder / copy.original).read_bytes() if copy.original else b""
    return _write(folder / copy.file, copy.remake(data))


def _write(path: Path, data: bytes) -> Path:
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(data)
    return path


def main() -> None:
    parser = argparse.ArgumentParser(prog="python -m sample_images.generate", description=__doc__)
    parser.add_argument(
        "folder",
        type=Path,
        nargs="?",
        default=Path(__file__).resolve().parents[1],
        help="where to write (default: the folder sample_images)",
    )
    folder: Path = parser.parse_args().folder
    written = [write_scene(scene, folder) for scene in SCENES]
    written += [write_copy(copy, folder) for copy in COPIES]
    write_truth(folder / "truth.csv")
    size = sum(path.stat().st_size for path in written)
    print(f"{len(written)} files, {size / 1e6:.1f} MB in {folder}")


if __name__ == "__main__":
    main()
