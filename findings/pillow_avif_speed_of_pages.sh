#!/usr/bin/env bash
# Pillow 13.0.0 (libavif 1.4.2): of a page of small type, AVIF at one quality is both larger and worse the faster it is
# written. At quality 60, speed 9 takes four times the bytes of speed 6, and leaves nearly three times its error; speed 8
# takes nearly three times the bytes for the same error, and speed 10 writes the bytes of speed 9. So a quality does not
# tell how much is lost, and who saves screenshots in a hurry pays twice.
#
# Output seen (x86-64, error in levels of luma, mean of all pixels):
#   speed 6: 10226 bytes, error 0.58
#   speed 7: 11491 bytes, error 0.59
#   speed 8: 28618 bytes, error 0.63
#   speed 9: 43797 bytes, error 1.64
#   speed 10: 43797 bytes, error 1.64
#
# Ends with 0 while this is so, with 1 when it changes.
set -euo pipefail
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
python3 -m venv "$work/venv"
"$work/venv/bin/pip" install --quiet --disable-pip-version-check pillow==13.0.0 > "$work/log" 2>&1 || {
  cat "$work/log" >&2
  exit 1
}
cat > "$work/program.py" <<'PYTHON'
import sys
from io import BytesIO
from random import Random

from PIL import Image, ImageChops, ImageDraw, ImageFont, ImageStat

page = Image.new("RGB", (640, 480), "white")
draw, font, random = ImageDraw.Draw(page), ImageFont.load_default(16), Random(1)
for row in range(20):
    for column in range(5):
        number = str(random.randrange(100_000, 999_999))
        draw.text((20 + 125 * column, 10 + 23 * row), number, (20, 20, 30), font)

sizes, errors = {}, {}
for speed in range(6, 11):
    stream = BytesIO()
    page.save(stream, "AVIF", quality=60, speed=speed)
    with Image.open(stream) as saved:
        off = ImageChops.difference(saved.convert("L"), page.convert("L"))
    sizes[speed], errors[speed] = len(stream.getvalue()), ImageStat.Stat(off).mean[0]
    print(f"speed {speed}: {sizes[speed]} bytes, error {errors[speed]:.2f}")

larger = sizes[9] > 3 * sizes[6] and sizes[8] > 2 * sizes[6]
worse = errors[9] > 2 * errors[6] and errors[8] < 1.3 * errors[6]
sys.exit(0 if larger and worse and sizes[10] == sizes[9] else 1)
PYTHON
"$work/venv/bin/python" "$work/program.py" || { echo "speed costs other bytes or errors now" >&2; exit 1; }
