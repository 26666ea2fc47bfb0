"""Pictures of instruments: of X-rays and of the sky at night."""

from __future__ import annotations

from random import Random

import numpy as np
import numpy.typing as npt
from PIL import Image, ImageFilter

from benchmarks.documents import words
from benchmarks.documents.sheet import NONE, Picture, Sheet
from benchmarks.documents.shots.scenes import fractal

PALE = (225, 228, 230)
Levels = npt.NDArray[np.floating]


def x_ray(sheet: Sheet) -> None:
    """A chest, with what the clinic writes beside it."""
    form, content = sheet.form, sheet.content
    sheet.page(78, 90, (0, 0, 0))
    sheet.picture.paste(_chest(sheet.picture.size, form))
    for _ in range(5):
        x, y = form.uniform(18, 56), form.uniform(22, 60)
        shown = f"nodule {form.randrange(1000)}" if content.random() < 0.25 else NONE
        other = NONE if shown else f"nodule {form.randrange(1000)}"
        side = form.uniform(3, 5)
        sheet.symbol((x, y, x + side, y + side), "nodule", shown, _nodule, others=(other,), stroke=4)
    line = 4.0
    for text in (
        words.name(content).upper(),
        f"Born {words.date(content)}",
        f"ID {words.digits(content, 8)}",
    ):
        sheet.write(2, line, text, family="sans", ink=PALE)
        line += 2.9
    sheet.write(
        76, 4, form.choice(("Northgate Clinic", "Elmstead Hospital")), family="sans", ink=PALE, anchor="r"
    )
    sheet.write(76, 6.9, f"{words.date(content)} {words.clock(content)}", family="sans", ink=PALE, anchor="r")
    sheet.write(
        2, 87.6, f"{content.randint(60, 125)} kV  {content.uniform(1, 9):.1f} mAs", family="sans", ink=PALE
    )
    sheet.write(70, 20, content.choice("LR"), size=2.4, family="sans bold", ink=PALE)
    sheet.write(76, 87.6, f"Im {content.randint(1, 9)} of 9", family="sans", ink=PALE, anchor="r")


def _chest(size: tuple[int, int], chance: Random) -> Picture:
    """Bright where bones and the heart are, dark where air is."""
    rng = np.random.default_rng(chance.getrandbits(64))
    x, y = np.meshgrid(*(np.linspace(-1, 1, side, dtype=np.float32) for side in size))

    def soft(distance: Levels, edge: float) -> Levels:
        inside: Levels = 1 / (1 + np.exp((distance - 1) / edge))
        return inside

    body = soft(np.hypot(x / 0.86, (y - 0.35) / 1.25), 0.03)
    level = 0.62 * body + 0.03
    lean = chance.uniform(-0.03, 0.03)
    for side in (-1, 1):
        lung = soft(np.hypot((x - side * 0.38 + lean) / 0.3, (y + 0.02) / 0.66), 0.05)
        level -= 0.42 * lung
    heart = soft(np.hypot((x - 0.12 + lean) / 0.3, (y - 0.28) / 0.32), 0.08)
    spine = np.exp(-(((x - lean) / 0.07) ** 2)) * (0.8 + 0.2 * np.sin(46 * y)) * body
    level += 0.25 * heart + 0.22 * spine
    for rib in range(9):
        middle = -0.62 + 0.15 * rib
        arc = middle + 0.34 * np.abs(x) ** 1.6 - 0.08 * np.abs(x)
        level += 0.11 * np.exp(-(((y - arc) / 0.022) ** 2)) * body * (np.abs(x) < 0.78)
    clavicle = -0.72 - 0.12 * np.abs(x)
    level += 0.2 * np.exp(-(((y - clavicle) / 0.02) ** 2)) * (np.abs(x) < 0.7) * (np.abs(x) > 0.06)
    level += 0.05 * fractal(size, rng) * body
    level += 0.012 * rng.standard_normal(level.shape, np.float32)
    grey = Image.fromarray((np.clip(level, 0, 1) * 255).astype(np.uint8))
    return grey.filter(ImageFilter.GaussianBlur(0.7)).convert("RGB")


def _nodule(part: Picture, _content: str) -> None:
    width, height = part.size
    x, y = np.meshgrid(np.linspace(-1, 1, width), np.linspace(-1, 1, height))
    glow = np.clip(1.2 - np.hypot(x, y) * 1.25, 0, 1) ** 1.5
    lit = np.asarray(part, np.float32) + 110 * glow[..., None]
    part.paste(Image.fromarray(lit.clip(0, 255).astype(np.uint8)))


def star_field(sheet: Sheet) -> None:
    """The sky through a telescope, with what the observatory writes below."""
    form, content = sheet.form, sheet.content
    sheet.page(96, 84, (0, 0, 0))
    rng = np.random.default_rng(form.getrandbits(64))
    width, height = sheet.picture.size
    sky = np.zeros((height, width, 3), np.float32) + np.array((10, 11, 15), np.float32)
    glow = np.clip(fractal((width, height), rng), 0, 2)[..., None]
    sky += glow * np.array([form.uniform(4, 30) for _ in range(3)], np.float32)
    faint = rng.random((height, width)) < 0.0035
    sky += (
        np.asarray(
            Image.fromarray((faint * 255).astype(np.uint8)).filter(ImageFilter.GaussianBlur(0.8)), np.float32
        )[..., None]
        * 3
        * rng.random((height, width, 1))
    )
    sky += rng.normal(0, 2.5, sky.shape)
    sheet.picture.paste(Image.fromarray(sky.clip(0, 255).astype(np.uint8)))
    for _ in range(form.randint(90, 150)):
        side = form.uniform(1.2, 2.4)
        x, y = form.uniform(0, 96 - side), form.uniform(0, 78 - side)
        light = f"{form.uniform(150, 420):.0f} {form.uniform(0.85, 1.15):.2f}"
        shown = light if content.random() < 0.85 else NONE
        sheet.symbol(
            (x, y, x + side, y + side),
            "star",
            shown,
            _star,
            others=(NONE if shown else light,),
            stroke=3,
            sign=True,
        )
    sheet.fill((0, 79, 96, 84), (0, 0, 0))
    field = f"{form.choice(('NGC', 'IC', 'M'))} {content.randint(1, 7800)}"
    with sheet.line():
        sheet.write(2, 82.4, field, family="sans bold", ink=PALE)
        sheet.write(
            22,
            82.4,
            f"{content.randint(0, 23)}h {content.randint(0, 59)}m  {content.randint(-89, 89):+}°",
            family="sans",
            ink=PALE,
        )
        sheet.write(50, 82.4, f"{content.choice((30, 60, 120, 300))} s", family="sans", ink=PALE)
        sheet.write(
            94, 82.4, f"{words.date(content)} {words.clock(content)}", family="sans", ink=PALE, anchor="r"
        )


def _star(part: Picture, content: str) -> None:
    peak, red = (float(number) for number in content.split())
    side = part.width
    middle = (side - 1) / 2
    rows = np.arange(side) - middle
    distance = np.hypot(rows[:, None], rows[None, : part.width])
    light = peak * np.exp(-((distance / (0.2 * side)) ** 2))[: part.height, :, None]
    color = np.array((red, 1.0, 2 - red))
    lit = np.asarray(part, np.float32)[: light.shape[0]] + light * color
    part.paste(Image.fromarray(lit.clip(0, 255).astype(np.uint8)))
