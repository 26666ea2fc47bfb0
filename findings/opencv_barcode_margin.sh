#!/usr/bin/env bash
# OpenCV 5.0.0 (and 4.12.0 alike), BarcodeDetector: an EAN-13 drawn cleanly, which fills the picture, is not found. The
# same drawing is found and read rightly as soon as noise of 12 levels is added to it, or 600 pixels of white around
# it; 300 pixels are too few. zxing-cpp reads all four. So a clean scan or an exported label, the easiest input there
# is, is reported as having no code, while a noisy photograph of it has one.
#
# Output seen:
#   clean: opencv reads nothing, zxing 4006381333931
#   noise of 12 levels: opencv reads 4006381333931, zxing 4006381333931
#   margin of 300 pixels: opencv reads nothing, zxing 4006381333931
#   margin of 600 pixels: opencv reads 4006381333931, zxing 4006381333931
#
# Ends with 0 while this is so, with 1 when it changes.
set -euo pipefail
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
python3 -m venv "$work/venv"
"$work/venv/bin/python" -m pip install --quiet \
  opencv-python-headless==5.0.0.93 'python-barcode[images]==0.15.1' zxing-cpp==3.1.1
cat > "$work/program.py" <<'PYTHON'
import barcode
import cv2
import numpy as np
import zxingcpp
from barcode.writer import ImageWriter

code = barcode.get("ean13", "400638133393", writer=ImageWriter())
clean = np.asarray(code.render({"module_width": 0.5, "dpi": 300}).convert("RGB"))
noisy = clean + np.random.default_rng(0).normal(0, 12, clean.shape)


def within(margin: int) -> np.ndarray:
    return cv2.copyMakeBorder(clean, *[margin] * 4, cv2.BORDER_CONSTANT, value=(255, 255, 255))


pictures = {
    "clean": clean,
    "noise of 12 levels": noisy.clip(0, 255).astype(np.uint8),
    "margin of 300 pixels": within(300),
    "margin of 600 pixels": within(600),
}
for name, picture in pictures.items():
    picture = np.ascontiguousarray(picture)
    _, read, *_ = cv2.barcode.BarcodeDetector().detectAndDecodeWithType(picture)
    others = [found.text for found in zxingcpp.read_barcodes(picture)]
    print(f"{name}: opencv reads {' '.join(filter(None, read)) or 'nothing'}, zxing {' '.join(others)}")
PYTHON
found=$("$work/venv/bin/python" "$work/program.py")
echo "$found"
expected='clean: opencv reads nothing, zxing 4006381333931
noise of 12 levels: opencv reads 4006381333931, zxing 4006381333931
margin of 300 pixels: opencv reads nothing, zxing 4006381333931
margin of 600 pixels: opencv reads 4006381333931, zxing 4006381333931'
[ "$found" = "$expected" ] || { echo "one of the two behaves otherwise now" >&2; exit 1; }
