#!/usr/bin/env bash
# OpenCV 5.0.0: whether imread turns a picture upright depends on its format more than on the flag. A photograph stored
# on its side with orientation 6 is turned from JPEG, PNG and WebP, unless IMREAD_IGNORE_ORIENTATION or IMREAD_UNCHANGED
# is given, as documented. From TIFF it is turned always, with these flags too. From AVIF it is turned never: there the
# turn is in the container (`irot` and `imir`, which a reader has to apply; Pillow moves it from EXIF to there), and
# OpenCV reads neither. 4.12.0 is alike but for WebP, which it never turned.
#
# Output seen (stored 60 × 40, so upright is 40 × 60):
#   JPEG: COLOR 40 × 60, IGNORE_ORIENTATION 60 × 40, UNCHANGED 60 × 40
#   PNG: COLOR 40 × 60, IGNORE_ORIENTATION 60 × 40, UNCHANGED 60 × 40
#   WEBP: COLOR 40 × 60, IGNORE_ORIENTATION 60 × 40, UNCHANGED 60 × 40
#   TIFF: COLOR 40 × 60, IGNORE_ORIENTATION 40 × 60, UNCHANGED 40 × 60
#   AVIF: COLOR 60 × 40, IGNORE_ORIENTATION 60 × 40, UNCHANGED 60 × 40
#   upright by Pillow in all: True
#
# Ends with 0 while this is so, with 1 when it changes.
set -euo pipefail
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
python3 -m venv "$work/venv"
"$work/venv/bin/python" -m pip install --quiet opencv-python-headless==5.0.0.93 pillow==13.0.0
cat > "$work/program.py" <<'PYTHON'
import io

import cv2
import numpy as np
from PIL import Image, ImageOps

picture = Image.radial_gradient("L").resize((60, 40)).convert("RGB")
upright = set()
for kind in ("JPEG", "PNG", "WEBP", "TIFF", "AVIF"):
    exif = Image.Exif()
    exif[274] = 6
    saved = io.BytesIO()
    picture.save(saved, kind, exif=exif)
    said = []
    for name, flag in (
        ("COLOR", cv2.IMREAD_COLOR),
        ("IGNORE_ORIENTATION", cv2.IMREAD_COLOR | cv2.IMREAD_IGNORE_ORIENTATION),
        ("UNCHANGED", cv2.IMREAD_UNCHANGED),
    ):
        height, width = cv2.imdecode(np.frombuffer(saved.getvalue(), np.uint8), flag).shape[:2]
        said.append(f"{name} {width} × {height}")
    upright.add(ImageOps.exif_transpose(Image.open(saved)).size)
    print(f"{kind}: {', '.join(said)}")
print(f"upright by Pillow in all: {upright == {(40, 60)}}")
PYTHON
found=$("$work/venv/bin/python" "$work/program.py")
echo "$found"
expected='JPEG: COLOR 40 × 60, IGNORE_ORIENTATION 60 × 40, UNCHANGED 60 × 40
PNG: COLOR 40 × 60, IGNORE_ORIENTATION 60 × 40, UNCHANGED 60 × 40
WEBP: COLOR 40 × 60, IGNORE_ORIENTATION 60 × 40, UNCHANGED 60 × 40
TIFF: COLOR 40 × 60, IGNORE_ORIENTATION 40 × 60, UNCHANGED 40 × 60
AVIF: COLOR 60 × 40, IGNORE_ORIENTATION 60 × 40, UNCHANGED 60 × 40
upright by Pillow in all: True'
[ "$found" = "$expected" ] || { echo "OpenCV behaves otherwise now" >&2; exit 1; }
