#!/usr/bin/env bash
# Pillow 13.0.0: saving as AVIF takes the orientation out of the Exif object that the caller passed (it moves into the
# container as `irot` and `imir`, and is popped from the very object). The AVIF is right, but what comes after is not:
# the next format that is saved with this object lies on its side, and where the object is that of the picture, as in
# `image.save(..., exif=image.getexif())`, exif_transpose finds nothing to turn any more. The other formats leave the
# object as it was, so whether a picture stands depends on the order in which it is saved. Bytes (`exif.tobytes()`) are
# safe.
#
# Output seen (stored 60 × 40, so upright is 40 × 60):
#   JPEG (40, 60), WEBP (40, 60), AVIF (40, 60); the picture itself, turned after it: (60, 40)
#   AVIF (40, 60), WEBP (60, 40), JPEG (60, 40); the picture itself, turned after it: (60, 40)
#   as bytes: AVIF (40, 60), WEBP (40, 60), JPEG (40, 60); the picture itself, turned after it: (40, 60)
#
# Ends with 0 while this is so, with 1 when it changes.
set -euo pipefail
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
python3 -m venv "$work/venv"
"$work/venv/bin/python" -m pip install --quiet pillow==13.0.0
cat > "$work/program.py" <<'PYTHON'
import io

from PIL import Image, ImageOps

exif = Image.Exif()
exif[274] = 6
photograph = io.BytesIO()
Image.radial_gradient("L").resize((60, 40)).convert("RGB").save(photograph, "JPEG", exif=exif)


def saved(words, kinds, passed):
    image = Image.open(photograph)
    said = []
    for kind in kinds:
        copy = io.BytesIO()
        image.save(copy, kind, exif=passed(image.getexif()))
        said.append(f"{kind} {ImageOps.exif_transpose(Image.open(copy)).size}")
    print(f"{words}{', '.join(said)}; the picture itself, turned after it: {ImageOps.exif_transpose(image).size}")


saved("", ("JPEG", "WEBP", "AVIF"), lambda exif: exif)
saved("", ("AVIF", "WEBP", "JPEG"), lambda exif: exif)
saved("as bytes: ", ("AVIF", "WEBP", "JPEG"), lambda exif: exif.tobytes())
PYTHON
found=$("$work/venv/bin/python" "$work/program.py")
echo "$found"
expected='JPEG (40, 60), WEBP (40, 60), AVIF (40, 60); the picture itself, turned after it: (60, 40)
AVIF (40, 60), WEBP (60, 40), JPEG (60, 40); the picture itself, turned after it: (60, 40)
as bytes: AVIF (40, 60), WEBP (40, 60), JPEG (40, 60); the picture itself, turned after it: (40, 60)'
[ "$found" = "$expected" ] || { echo "Pillow behaves otherwise now" >&2; exit 1; }
