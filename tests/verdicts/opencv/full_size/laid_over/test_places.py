"""What differs, parted into places."""

from __future__ import annotations

import numpy as np
import pytest

from visualsearch_cli.verdicts.opencv.full_size.laid_over import places


@pytest.mark.parametrize("large", [False, True])
def test_connected_parts_are_boxes_and_masks_in_pictures_of_any_size(
    large: bool, monkeypatch: pytest.MonkeyPatch
) -> None:
    if large:
        monkeypatch.setattr(places, "LARGE", 4 * 100)
    mask = np.zeros((31, 43), np.bool_)
    mask[2:5, 3:9] = mask[4:8, 8] = True  # bent
    mask[28:31, 40:43] = True  # at the corner, of odd sides
    mask[20, 21] = True
    found = {(box[0].start, box[1].start): (box, here) for box, here in places.parts_of(mask)}
    assert len(found) == 3
    together = np.zeros_like(mask)
    for box, here in found.values():
        assert here.shape == together[box].shape == mask[box].shape
        assert not (together[box] & here).any()
        together[box] |= here
    assert np.array_equal(together, mask)


def test_a_place_is_in_pixels_of_the_whole_picture() -> None:
    strength = np.zeros((20, 30), np.uint8)
    strength[4:6, 5] = 32
    strength[4, 8] = 64
    near = np.zeros((20, 30), np.bool_)
    near[2:8, 3:11] = True
    found = places.places_of(strength, strength > 20, near, (130, 43), unit=16, corner=(80, 4), rim=3)
    (only,) = found
    assert only.box_a == only.box_b == (80 + 10 - 3, 4 + 8 - 3, 80 + 18 + 3, 4 + 12 + 3)
    assert (only.strength, only.pixels, only.faint) == (4.0, 12, False)
    (cut,) = places.places_of(strength, strength > 20, near, (95, 13), unit=16, corner=(80, 4))
    assert cut.box_a == (90, 12, 95, 13)
