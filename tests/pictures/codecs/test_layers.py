from __future__ import annotations

import io

import numpy as np
import pytest
from PIL import Image

from tests.helpers.images import scene
from tests.helpers.photoshop import psd
from visualsearch_cli.errors import ImageUnreadable
from visualsearch_cli.pictures.held.inspection import holdings_of
from visualsearch_cli.pictures.pillow import PillowReader
from visualsearch_cli.pictures.whole import whole_of

PICTURE = Image.fromarray(scene(60, 40))
MASK = Image.new("L", (60, 40), 0)
READER = PillowReader()


def test_the_merged_picture_is_read() -> None:
    decoded = READER.read(psd(PICTURE, layers=3))
    assert decoded.format == "PSD"
    np.testing.assert_array_equal(decoded.pixels, np.asarray(PICTURE))


def test_a_kept_selection_is_no_transparency() -> None:
    np.testing.assert_array_equal(READER.read(psd(PICTURE, fourth=MASK)).pixels, np.asarray(PICTURE))
    white = READER.read(psd(PICTURE, fourth=MASK, layers=1, transparent=True))
    assert (white.pixels == 255).all()


def test_without_a_merged_picture_it_is_named() -> None:
    with pytest.raises(ImageUnreadable, match="compatibility maximized"):
        READER.read(psd(PICTURE, layers=1, merged=False))
    with pytest.raises(ImageUnreadable, match="compressed in a way"):
        READER.read(psd(PICTURE, compression=3))


def test_layers_are_more_than_the_merged_picture() -> None:
    flat, layered = psd(PICTURE), psd(PICTURE, layers=3)
    assert holdings_of(flat).frames == 1
    assert holdings_of(layered).frames == 3
    assert whole_of(flat).hash != whole_of(layered).hash
    stream = io.BytesIO()
    PICTURE.save(stream, "PNG")
    assert whole_of(flat) == whole_of(stream.getvalue())  # nothing else is in it
    assert whole_of(layered) == whole_of(psd(PICTURE, layers=3))
