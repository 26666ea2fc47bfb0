"""From light to files: the sensor's mosaic and noise, the tone curve, JPEG and EXIF."""

from __future__ import annotations

from dataclasses import dataclass
from io import BytesIO
from random import Random

import cv2
import numpy as np
import numpy.typing as npt
from PIL import Image
from PIL.TiffImagePlugin import IFDRational

from benchmarks.documents.copies import File
from benchmarks.documents.sheet import Picture
from benchmarks.documents.shots.scenes import Light

FULL = 65535  # the sensor's white, as it is counted


@dataclass(frozen=True, slots=True)
class Camera:
    """How a camera sees.

    electrons: that a pixel holds when it is white: the fewer, the more shot noise.
    read_noise: electrons, whatever there is to see.
    sharpened: how much of what is finer than two pixels is added.
    contrast: of the tone curve, 0 for none.
    """

    electrons: float
    read_noise: float
    sharpened: float
    contrast: float
    maker: str
    model: str
    serial: str

    @staticmethod
    def drawn(chance: Random, *, dark: bool = False) -> Camera:
        """A camera by chance; set to a high sensitivity if it is dark."""
        return Camera(
            chance.uniform(300, 1500) if dark else chance.uniform(1500, 12_000),
            chance.uniform(2, 6),
            chance.uniform(0, 0.8),
            chance.uniform(0, 0.5),
            chance.choice(("Lumenar", "Okulus", "Camtec")),
            f"{chance.choice('ABDX')}{chance.randint(10, 900)}",
            str(chance.randint(10**6, 10**7)),
        )


@dataclass(frozen=True, slots=True)
class Moment:
    """What a camera writes about a shot."""

    seconds: float  # since the first of January 2024
    exposure: float  # seconds
    bias: float = 0.0  # EV

    def exif(self, camera: Camera) -> bytes:
        """As a part of a JPEG."""
        whole = int(self.seconds)
        day, rest = divmod(whole, 86_400)
        time = f"2024:01:{1 + day % 28:02} {rest // 3600:02}:{rest // 60 % 60:02}:{rest % 60:02}"
        exif = Image.Exif()
        exif[0x010F], exif[0x0110] = camera.maker, camera.model
        about = exif.get_ifd(0x8769)
        about[0x829A] = IFDRational(max(1, round(self.exposure * 1e6)), 10**6)
        about[0x9003] = about[0x9004] = time
        about[0x9204] = IFDRational(round(self.bias * 100), 100)
        about[0x9291] = f"{int(self.seconds % 1 * 100):02}"
        about[0xA431] = camera.serial
        return exif.tobytes()


def exposed(light: Light, camera: Camera, stops: float, rng: np.random.Generator | None) -> Picture:
    """Take a picture, brighter by so many stops. Each call with the same `rng` has noise of its own.

    None: without any noise, to see what two pictures differ in beside it.
    """
    height, width = light.shape[0] // 2 * 2, light.shape[1] // 2 * 2
    gain = np.float32(2.0**stops)
    mosaic = np.empty((height, width), np.float32)
    for row, column, channel in ((0, 0, 0), (0, 1, 1), (1, 0, 1), (1, 1, 2)):
        mosaic[row::2, column::2] = light[row:height:2, column:width:2, channel]
    mosaic *= gain
    if rng is not None:
        spread = np.sqrt(
            np.maximum(mosaic, 0) / camera.electrons + (camera.read_noise / camera.electrons) ** 2
        )
        mosaic += spread * rng.standard_normal(mosaic.shape, np.float32)
    counted = (np.clip(mosaic, 0, 1) * FULL + 0.5).astype(np.uint16)
    whole = cv2.cvtColor(counted, cv2.COLOR_BayerRGGB2RGB)
    shown = _curve(camera.contrast)[whole]
    if camera.sharpened:
        soft = cv2.GaussianBlur(shown, (0, 0), 1.0)
        shown = cv2.addWeighted(shown, 1 + camera.sharpened, soft, -camera.sharpened, 0)
    return Image.fromarray(shown)


def written(picture: Picture, quality: int, exif: bytes = b"") -> File:
    """As a camera saves it."""
    stream = BytesIO()
    picture.save(stream, "JPEG", quality=quality, exif=exif)
    return File(stream.getvalue(), ".jpg")


def _curve(contrast: float) -> npt.NDArray[np.uint8]:
    """From counts to levels: gamma, then an S."""
    linear = np.linspace(0, 1, FULL + 1)
    bright = np.where(linear <= 0.0031308, 12.92 * linear, 1.055 * linear ** (1 / 2.4) - 0.055)
    bent = bright + contrast * bright * (1 - bright) * (2 * bright - 1)
    levels: npt.NDArray[np.uint8] = (np.clip(bent, 0, 1) * 255 + 0.5).astype(np.uint8)
    return levels
