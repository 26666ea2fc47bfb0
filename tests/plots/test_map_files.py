"""How a map is written."""

from __future__ import annotations

import re

from visualsearch_cli.plots.map_files import UNLABELLED, color_of


def test_every_label_has_a_color_of_its_own() -> None:
    colors = [color_of(number) for number in range(200)]
    assert len({*colors, UNLABELLED}) == 201
    assert all(re.fullmatch("#[0-9a-f]{6}", color) for color in colors)


def test_colors_of_labels_that_follow_each_other_differ_plainly() -> None:
    for number in range(200):
        one, other = (
            [int(color[at : at + 2], 16) for at in (1, 3, 5)]
            for color in (color_of(number), color_of(number + 1))
        )
        assert max(abs(a - b) for a, b in zip(one, other, strict=True)) > 40
