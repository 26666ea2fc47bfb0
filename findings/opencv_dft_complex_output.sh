#!/usr/bin/env bash
# OpenCV 5.0.0 (opencv-python-headless 5.0.0.93, x86-64), dft of a real float32 plane: with DFT_COMPLEX_OUTPUT it takes
# eight to ten times as long as without (4.3 against 0.4 ms, 10.5 against 1.3 ms), though the packed result (CCS) has the
# very same numbers: the other half of a real plane's spectrum only mirrors it. Both are in one thread. To unpack it by
# hand, with NumPy, costs less than a quarter of what the flag costs.
#
# Output seen:
#   672 by 768: equal to 1e-6; with the flag at least 3 times as long: True; unpacked by hand less than half of it: True
#   1024 by 1024: equal to 1e-6; with the flag at least 3 times as long: True; unpacked by hand less than half of it: True
#
# Ends with 0 while this is so, with 1 when it changes.
set -euo pipefail
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
cat > "$work/program.py" <<'PYTHON'
import sys
import time

import cv2
import numpy as np

cv2.setNumThreads(1)


def unpacked(packed: np.ndarray) -> np.ndarray:
    """Return the left half of the spectrum, (h, w / 2 + 1), of a packed one of even sides."""
    height, width = packed.shape
    half = np.empty((height, width // 2 + 1), np.complex64)
    half[:, 1:-1] = packed[:, 1:-1:2] + 1j * packed[:, 2:-1:2]
    for column, numbers in ((0, packed[:, 0]), (-1, packed[:, -1])):
        pairs = numbers[1:-1:2] + 1j * numbers[2:-1:2]
        half[:, column] = np.concatenate([numbers[:1], pairs, numbers[-1:], pairs[::-1].conj()])
    return half


def fastest(work) -> float:
    found = []
    for _ in range(15):
        start = time.process_time()
        work()
        found.append(time.process_time() - start)
    return min(found)


for height, width in ((672, 768), (1024, 1024)):
    plane = np.random.default_rng(0).random((height, width), np.float32)
    whole = cv2.dft(plane, flags=cv2.DFT_COMPLEX_OUTPUT)[:, : width // 2 + 1]
    off = np.abs(unpacked(cv2.dft(plane)) - (whole[..., 0] + 1j * whole[..., 1])).max() / np.abs(whole).max()
    flag = fastest(lambda: cv2.dft(plane, flags=cv2.DFT_COMPLEX_OUTPUT))
    packed = fastest(lambda: cv2.dft(plane))
    by_hand = fastest(lambda: unpacked(cv2.dft(plane)))
    print(
        f"{height} by {width}: equal to {'1e-6' if off < 1e-6 else off}; with the flag at least 3 times as long: "
        f"{flag > 3 * packed}; unpacked by hand less than half of it: {by_hand < flag / 2}"
    )
    print(f"  ({1e3 * flag:.1f}, {1e3 * packed:.1f} and {1e3 * by_hand:.1f} ms)", file=sys.stderr)
PYTHON
expected='672 by 768: equal to 1e-6; with the flag at least 3 times as long: True; unpacked by hand less than half of it: True
1024 by 1024: equal to 1e-6; with the flag at least 3 times as long: True; unpacked by hand less than half of it: True'
python3 -m venv "$work/venv"
"$work/venv/bin/python" -m pip install --quiet opencv-python-headless==5.0.0.93 numpy==2.4.6
found=$("$work/venv/bin/python" "$work/program.py")
echo "$found"
[ "$found" = "$expected" ] || { echo "dft behaves otherwise now" >&2; exit 1; }
