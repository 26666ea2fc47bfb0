"""What is told beside a picture is what its file says."""

from __future__ import annotations

import io

from PIL import Image

from visualsearch_cli.pages.beside import beside


def jpeg(**tags: object) -> bytes:
    exif = Image.Exif()
    exif[0x010F], exif[0x0110] = "Maker", "Camera 1"
    exif.get_ifd(0x8769).update({0x9003: "2024:05:06 07:08:09", **{int(k[1:]): v for k, v in tags.items()}})
    stream = io.BytesIO()
    Image.new("RGB", (8, 8)).save(stream, "JPEG", exif=exif)
    return stream.getvalue()


def test_what_the_camera_wrote() -> None:
    told = dict(beside(jpeg(_33434=1 / 250, _33437=2.8, _34855=400)).known)
    assert told["capture date"] == "2024-05-06T07:08:09"
    assert told["camera"] == "Camera 1"
    assert told["exposure"] == "1/250 s · f/2.8 · ISO 400"
    assert "exposure" not in dict(beside(jpeg(_33434=1 / 250)).known)
    assert dict(beside(jpeg(_33434=2.0, _33437=8.0, _34855=100)).known)["exposure"] == "2 s · f/8 · ISO 100"


def test_what_a_file_holds_besides() -> None:
    assert beside(jpeg()).holds == ()
    stream = io.BytesIO()
    frames = [Image.new("RGBA", (8, 8), (n * 60, 0, 0, 128)) for n in range(3)]
    frames[0].save(stream, "PNG", save_all=True, append_images=frames[1:])
    assert beside(stream.getvalue()).holds == ("3 frames, pages or layers instead of 1", "transparency")
    assert beside(b"no picture").known == ()
