#!/usr/bin/env bash
# pillow-jxl-plugin 1.3.8: one and the same photograph, stored on its side with orientation 6, comes out of the plugin
# lying or upright, depending on a box that has nothing to do with how it looks. If the file holds what it takes to make
# the JPEG again (`jbrd`), the plugin opens that JPEG: its pixels lie, and EXIF says 6. If that box was left out (as
# `cjxl --lossless_jpeg=0` does; many programs drop it to save space), libjxl decodes the codestream and has turned it
# already: the pixels stand. If the file then also has an EXIF box, as ISO/IEC 18181-2 allows (its orientation is to be
# ignored), the plugin hands on orientation 6 with pixels that stand, so `ImageOps.exif_transpose`, which is right for
# every other format of Pillow's, lays the picture down.
#
# Output seen (stored 60 × 40, so upright is 40 × 60):
#   with jbrd: (60, 40), EXIF 6, after exif_transpose (40, 60)
#   without jbrd: (40, 60), EXIF None, after exif_transpose (40, 60)
#   without jbrd, with Exif: (40, 60), EXIF 6, after exif_transpose (60, 40)
#
# Ends with 0 while this is so, with 1 when it changes.
set -euo pipefail
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
python3 -m venv "$work/venv"
"$work/venv/bin/python" -m pip install --quiet pillow-jxl-plugin==1.3.8 pillow==13.0.0 packaging
cat > "$work/program.py" <<'PYTHON'
import io
import struct
import sys

import pillow_jxl  # noqa: F401 - registers the format
from PIL import Image, ImageOps

exif = Image.Exif()
exif[274] = 6
jpeg = sys.argv[1]
Image.radial_gradient("L").resize((60, 40)).convert("RGB").save(jpeg, exif=exif)
made = io.BytesIO()
Image.open(jpeg).save(made, "JXL", lossless_jpeg=True)


def boxes(data):
    at = 0
    while at < len(data):
        size, kind = struct.unpack_from(">I4s", data, at)
        size = size or len(data) - at
        yield kind, data[at + 8 : at + size]
        at += size


def joined(parts):
    return b"".join(struct.pack(">I4s", 8 + len(contents), kind) + contents for kind, contents in parts)


parts = list(boxes(made.getvalue()))
plain = [(kind, contents) for kind, contents in parts if kind not in (b"jbrd", b"brob", b"Exif")]
with_exif = [*plain, (b"Exif", bytes(4) + exif.tobytes().removeprefix(b"Exif\0\0"))]
for name, found in (("with jbrd", parts), ("without jbrd", plain), ("without jbrd, with Exif", with_exif)):
    image = Image.open(io.BytesIO(joined(found)))
    shown = ImageOps.exif_transpose(image).size
    print(f"{name}: {image.size}, EXIF {image.getexif().get(274)}, after exif_transpose {shown}")
PYTHON
found=$("$work/venv/bin/python" "$work/program.py" "$work/photograph.jpg")
echo "$found"
expected='with jbrd: (60, 40), EXIF 6, after exif_transpose (40, 60)
without jbrd: (40, 60), EXIF None, after exif_transpose (40, 60)
without jbrd, with Exif: (40, 60), EXIF 6, after exif_transpose (60, 40)'
[ "$found" = "$expected" ] || { echo "pillow-jxl-plugin behaves otherwise now" >&2; exit 1; }
