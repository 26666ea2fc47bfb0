#!/usr/bin/env bash
# pillow-heif 1.8.1 (libheif 1.23.6 with x265 4.3 and libde265 1.1.3) writes pictures that it does not read. It codes a
# picture as one piece, and its decoder takes no piece of more than 16 MiB: no error when it is saved, and "did not give
# a decompressed image" when it is loaded. Where that begins depends on what is shown, not on its size in pixels: 10.6
# million pixels of noise at quality 95 are read, 10.9 million are not; a smooth picture of 50 million is. So a large,
# grained scan that was saved as HEIC has to be opened again before its original goes. Phones write tiles of 512 pixels,
# which stay far below.
#
# Output seen:
#   3250 × 3250, 16.5 MB: read
#   3300 × 3300, 16.9 MB: not read
#   8660 × 5774 without noise, below 1 MB: read
#
# Takes about a minute. Ends with 0 while this is so, with 1 when it changes.
set -euo pipefail
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
python3 -m venv "$work/venv"
"$work/venv/bin/python" -m pip install --quiet pillow-heif==1.8.1 pillow==13.0.0 numpy==2.4.6
cat > "$work/program.py" <<'PYTHON'
import io

import numpy as np
import pillow_heif
from PIL import Image

pillow_heif.register_heif_opener()


def told(name, image, quality):
    saved = io.BytesIO()
    image.save(saved, "HEIF", quality=quality)
    size = saved.tell() / 1e6
    saved.seek(0)
    try:
        Image.open(saved).load()
        found = "read"
    except ValueError:
        found = "not read"
    print(f"{name}, {f'{size:.1f} MB' if size >= 1 else 'below 1 MB'}: {found}")


for side in (3250, 3300):
    noise = np.random.default_rng(0).integers(0, 256, (side, side, 3), np.uint8)
    told(f"{side} × {side}", Image.fromarray(noise), 95)
told("8660 × 5774 without noise", Image.linear_gradient("L").resize((8660, 5774)).convert("RGB"), 50)
PYTHON
found=$("$work/venv/bin/python" "$work/program.py")
echo "$found"
expected='3250 × 3250, 16.5 MB: read
3300 × 3300, 16.9 MB: not read
8660 × 5774 without noise, below 1 MB: read'
[ "$found" = "$expected" ] || { echo "pillow-heif behaves otherwise now" >&2; exit 1; }
