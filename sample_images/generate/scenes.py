"""The list of original pictures: where each lies, who renders it, how large."""

import io
from collections.abc import Callable
from dataclasses import dataclass
from functools import partial

from PIL import Image

from sample_images.generate import (
    balloons,
    city,
    dice,
    landscapes,
    leaves,
    night,
    plants,
    sailing,
    shore,
    stilllife,
    textures,
)


@dataclass(frozen=True)
class Scene:
    """An original; `burst_of` names the first frame of the burst that it belongs to."""

    file: str
    render: Callable[[int, int], Image.Image]
    width: int
    height: int
    quality: int = 88
    burst_of: str = ""

    def jpeg(self) -> bytes:
        buffer = io.BytesIO()
        self.render(self.width, self.height).save(buffer, "JPEG", quality=self.quality)
        return buffer.getvalue()


_FIRST_FRAME = "holiday/sailing-1.jpg"

SCENES = (
    Scene("holiday/alps.jpg", landscapes.alps, 960, 640),
    Scene("holiday/misty-hills.jpg", landscapes.misty_hills, 800, 533),
    Scene("holiday/dunes.jpg", landscapes.dunes, 768, 512),
    Scene("holiday/lake-panorama.jpg", landscapes.lake_panorama, 1400, 420, 84),
    Scene("holiday/country-road.jpg", landscapes.country_road, 720, 540, 84),
    Scene("holiday/sunset.jpg", shore.sunset, 1024, 683),
    Scene("holiday/beach.jpg", shore.beach, 720, 540),
    Scene("holiday/mountain-lake.jpg", shore.mountain_lake, 600, 800),
    Scene(_FIRST_FRAME, sailing.sailing, 720, 540),
    Scene("holiday/sailing-2.jpg", partial(sailing.sailing, moment=1.0), 720, 540, 88, _FIRST_FRAME),
    Scene("holiday/sailing-3.jpg", partial(sailing.sailing, moment=2.2), 720, 540, 88, _FIRST_FRAME),
    Scene("holiday/milky-way.jpg", night.milky_way, 600, 800, 85),
    Scene("holiday/northern-lights.jpg", night.northern_lights, 768, 512),
    Scene("holiday/München Straße.jpg", city.old_street, 720, 540),
    Scene("holiday/balloons.jpg", balloons.balloons, 720, 540),
    Scene("phone/skyline.jpg", city.skyline, 800, 533),
    Scene("phone/bokeh.jpg", city.bokeh, 640, 480),
    Scene("phone/wet-window.jpg", city.wet_window, 640, 480),
    Scene("phone/candle.jpg", night.candle, 480, 640),
    Scene("phone/fireworks.jpg", night.fireworks, 640, 480),
    Scene("phone/moon.jpg", night.moon, 560, 560),
    Scene("phone/oranges.jpg", stilllife.oranges, 640, 480),
    Scene("phone/pears.jpg", stilllife.pears, 480, 640),
    Scene("phone/baubles.jpg", stilllife.baubles, 640, 480),
    Scene("phone/coffee.jpg", stilllife.coffee, 600, 600),
    Scene("phone/dice-on-felt.jpg", dice.dice_on_felt, 640, 480),
    Scene("phone/red-dice.jpg", dice.red_dice, 640, 480),
    Scene("phone/dice-tower.jpg", dice.dice_tower, 480, 640),
    Scene("phone/boards.jpg", textures.boards, 640, 480, 80),
    Scene("phone/pebbles.jpg", textures.pebbles, 640, 480, 84),
    Scene("phone/tartan.jpg", textures.tartan, 600, 450, 80),
    Scene("phone/bricks.jpg", textures.bricks, 640, 480, 80),
    Scene("phone/leaves.jpg", leaves.leaves, 640, 480, 84),
    Scene("phone/meadow.jpg", plants.meadow, 720, 540),
    Scene("phone/sunflower.jpg", plants.sunflower, 600, 600),
    Scene("phone/birches.jpg", plants.birches, 640, 480),
)
