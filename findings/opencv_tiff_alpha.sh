#!/usr/bin/env bash
# OpenCV 5.0.0 (and 4.12.0 alike), imread of a TIFF with straight alpha (ExtraSamples 2, as Pillow and tifffile
# write it) and 8 bits: the colors come out multiplied by alpha, with IMREAD_UNCHANGED too, and what was under alpha 0 is
# lost. The same pixels as PNG, as TIFF that OpenCV wrote (it leaves ExtraSamples out), or as TIFF of 16 bits read with
# IMREAD_UNCHANGED come out as they are stored. So a picture and its lossless copy differ, what is half transparent is
# darkened twice when it is laid onto something, and IMREAD_COLOR shows black where PNG shows the color. Nothing that is
# returned says which it is.
#
# Output seen (blue, green, red, alpha of one pixel of half alpha):
#   PNG of 8 bits by Pillow: 200 0 40 127; IMREAD_COLOR 200 0 40
#   TIFF of 8 bits by Pillow: 100 0 20 127; IMREAD_COLOR 100 0 20
#   TIFF of 8 bits by tifffile: 100 0 20 127; IMREAD_COLOR 100 0 20
#   TIFF of 8 bits by OpenCV: 200 0 40 127; IMREAD_COLOR 200 0 40
#   TIFF of 16 bits by tifffile: 51400 0 10280 32639; IMREAD_COLOR 100 0 20
#
# Ends with 0 while this is so, with 1 when it changes.
set -euo pipefail
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
python3 -m venv "$work/venv"
"$work/venv/bin/python" -m pip install --quiet \
  opencv-python-headless==5.0.0.93 pillow==13.0.0 tifffile==2026.3.3 numpy==2.4.6
cat > "$work/program.py" <<'PYTHON'
import os
import sys

import cv2
import numpy as np
import tifffile
from PIL import Image

os.chdir(sys.argv[1])
shown = np.full((4, 4, 4), (40, 0, 200, 127), np.uint8)  # red, green, blue, alpha
straight = {"photometric": "rgb", "extrasamples": ["unassalpha"]}
Image.fromarray(shown).save("8.png")
Image.fromarray(shown).save("8.tif")
tifffile.imwrite("8t.tif", shown, **straight)
cv2.imwrite("8c.tif", shown[:, :, [2, 1, 0, 3]])
tifffile.imwrite("16t.tif", shown.astype(np.uint16) * 257, **straight)
for words, name in (
    ("PNG of 8 bits by Pillow", "8.png"),
    ("TIFF of 8 bits by Pillow", "8.tif"),
    ("TIFF of 8 bits by tifffile", "8t.tif"),
    ("TIFF of 8 bits by OpenCV", "8c.tif"),
    ("TIFF of 16 bits by tifffile", "16t.tif"),
):
    unchanged, color = (cv2.imread(name, flag)[1, 1] for flag in (cv2.IMREAD_UNCHANGED, cv2.IMREAD_COLOR))
    print(f"{words}: {' '.join(map(str, unchanged))}; IMREAD_COLOR {' '.join(map(str, color))}")
PYTHON
found=$("$work/venv/bin/python" "$work/program.py" "$work" 2> /dev/null)
echo "$found"
expected='PNG of 8 bits by Pillow: 200 0 40 127; IMREAD_COLOR 200 0 40
TIFF of 8 bits by Pillow: 100 0 20 127; IMREAD_COLOR 100 0 20
TIFF of 8 bits by tifffile: 100 0 20 127; IMREAD_COLOR 100 0 20
TIFF of 8 bits by OpenCV: 200 0 40 127; IMREAD_COLOR 200 0 40
TIFF of 16 bits by tifffile: 51400 0 10280 32639; IMREAD_COLOR 100 0 20'
[ "$found" = "$expected" ] || { echo "OpenCV behaves otherwise now" >&2; exit 1; }
