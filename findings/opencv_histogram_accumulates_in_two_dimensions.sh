#!/usr/bin/env bash
# OpenCV (opencv-python-headless of PyPI), 4.8.0 to 5.0.0: cv2.calcHist(..., hist, accumulate=True) adds to the histogram
# that is given if it has one or two dimensions. With three, as colors need, nothing is added and nothing is said: what is
# returned counts the last pictures alone.
#
# Three times 100 pixels are counted; printed is how many the histogram has that is returned at last.
#
# Output seen:
#   4.8.0: 300 in 1 dimension, 300 in 2, 100 in 3
#   4.14.0: 300 in 1 dimension, 300 in 2, 100 in 3
#   5.0.0: 300 in 1 dimension, 300 in 2, 100 in 3
#
# Ends with 0 while this is so, with 1 when it changes.
set -euo pipefail
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
python3 -m venv "$work/venv"
count() {
  "$work/venv/bin/python" - <<'PY'
import cv2
import numpy as np

chance = np.random.default_rng(0)
counted = []
for dimensions in (1, 2, 3):
    bins, ranges = [4] * dimensions, [0, 256] * dimensions
    histogram = None
    for _ in range(3):
        planes = [chance.integers(0, 256, (10, 10), dtype=np.uint8) for _ in range(dimensions)]
        histogram = cv2.calcHist(
            planes, list(range(dimensions)), None, bins, ranges, hist=histogram, accumulate=histogram is not None
        )
    counted.append(int(histogram.sum()))
print(f"{cv2.__version__}: {counted[0]} in 1 dimension, {counted[1]} in 2, {counted[2]} in 3")
PY
}
found=$(
  for version in 4.8.0.76 4.14.0.94 5.0.0.93; do
    "$work/venv/bin/python" -m pip install --quiet "opencv-python-headless==$version" "numpy$([[ $version == 4.8* ]] && echo '<2')"
    count
  done
)
echo "$found"
expected='4.8.0: 300 in 1 dimension, 300 in 2, 100 in 3
4.14.0: 300 in 1 dimension, 300 in 2, 100 in 3
5.0.0: 300 in 1 dimension, 300 in 2, 100 in 3'
[ "$found" = "$expected" ] || { echo "OpenCV behaves otherwise now" >&2; exit 1; }
