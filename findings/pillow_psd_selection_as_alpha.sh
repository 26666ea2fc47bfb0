#!/usr/bin/env bash
# Pillow 12.0.0 and 13.0.0: of an RGB file of Photoshop's with a fourth channel, Pillow always says RGBA. But a fourth
# channel is the transparency of the merged picture only if the count of layers is below zero (Photoshop File Formats
# Specification, layer info: "the first alpha channel contains the transparency data for the merged result"). Else it is
# a selection that somebody kept ("Alpha 1"), which Photoshop does not show. So a flat, opaque photograph with a kept
# selection becomes invisible outside of it: converted to RGB on white, as viewers and web servers do, it is white.
#
# Output seen:
#   RGBA alpha 0..0: pixel on white (255, 255, 255), as Photoshop shows it (200, 100, 50)
#
# Ends with 0 while this is so, with 1 when it changes.
set -euo pipefail
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
python3 -m venv "$work/venv"
"$work/venv/bin/python" -m pip install --quiet "pillow==${PILLOW:-13.0.0}"
cat > "$work/program.py" <<'PYTHON'
import io
import struct

from PIL import Image

side, color = 8, (200, 100, 50)
head = struct.pack(">4sH6xHIIHH", b"8BPS", 1, 4, side, side, 8, 3)  # four channels of 8 bits, RGB
names = b"8BIM" + struct.pack(">HH", 1006, 0) + struct.pack(">I", 8) + b"\x07Alpha 1"  # names of alpha channels
selection = bytes(side * side)  # nothing is selected
planes = b"".join(bytes([value]) * side * side for value in color) + selection
empty = struct.pack(">I", 0)  # color mode data; layers: none, so nothing says that there is transparency
data = head + empty + struct.pack(">I", len(names)) + names + empty + struct.pack(">H", 0) + planes
image = Image.open(io.BytesIO(data))
image.load()
white = Image.new("RGBA", image.size, "white")
white.alpha_composite(image.convert("RGBA"))
low, high = image.getchannel("A").getextrema() if "A" in image.mode else (255, 255)
print(f"{image.mode} alpha {low}..{high}: pixel on white {white.getpixel((0, 0))[:3]}, as Photoshop shows it {color}")
PYTHON
found=$("$work/venv/bin/python" "$work/program.py")
echo "$found"
expected='RGBA alpha 0..0: pixel on white (255, 255, 255), as Photoshop shows it (200, 100, 50)'
[ "$found" = "$expected" ] || { echo "Pillow behaves otherwise now" >&2; exit 1; }
