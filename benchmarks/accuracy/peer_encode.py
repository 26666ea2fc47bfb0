"""Hash the pictures of a folder with another project's program, as its documentation says.

    PYTHON peer_encode.py imagededup|imagehash|difpy FOLDER PROCESSES

It runs in an environment of its own (`make peers`), and imports nothing of ours.
"""

from __future__ import annotations

import sys
from pathlib import Path
from types import ModuleType


def imagededup(folder: str, processes: int) -> None:
    """PHash encodings, without the search for duplicates.

    The package imports torch and torchvision for its networks (2 GB, and a second to import); its hashes use
    neither. Empty modules stand in for the two of its own modules that do, which is to its advantage.
    """
    for name, only in (("imagededup.utils.models", "CustomModel"), ("imagededup.methods.cnn", "CNN")):
        module = ModuleType(name)
        setattr(module, only, type(only, (), {}))
        sys.modules[name] = module
    from imagededup.methods import PHash

    PHash(verbose=False).encode_images(folder, num_enc_workers=processes if processes > 1 else 0)


def imagehash(folder: str, processes: int) -> None:
    """A loop over the files, which is all there is."""
    import imagehash
    from PIL import Image

    assert processes == 1
    for path in sorted(Path(folder).iterdir()):
        with Image.open(path) as image:
            imagehash.phash(image)


def difpy(folder: str, processes: int) -> None:
    """Build its tensors of all pictures, without the search."""
    import difPy

    difPy.build(folder, processes=processes, show_progress=False)


if __name__ == "__main__":
    {"imagededup": imagededup, "imagehash": imagehash, "difpy": difpy}[sys.argv[1]](
        sys.argv[2], int(sys.argv[3])
    )
