"""What differs between two laid-out pictures, place by place."""

from __future__ import annotations

import numpy as np
import pytest

from visualsearch_cli.verdicts.opencv.full_size import fitted


@pytest.mark.parametrize("large", [False, True])
def test_connected_parts_are_boxes_and_masks_in_pictures_of_any_size(
    large: bool, monkeypatch: pytest.MonkeyPatch
) -> None:
    if large:
        monkeypatch.setattr(fitted, "LARGE", 4 * 100)
    mask = np.zeros((31, 43), np.bool_)
    mask[2:5, 3:9] = mask[4:8, 8] = True  # bent
    mask[28:31, 40:43] = True  # at the corner, of odd sides
    mask[20, 21] = True
    found = {(box[0].start, box[1].start): (box, here) for box, here in fitted._components(mask)}
    assert len(found) == 3
    together = np.zeros_like(mask)
    for box, here in found.values():
        assert here.shape == together[box].shape == mask[box].shape
        assert not (together[box] & here).any()
        together[box] |= here
    assert np.array_equal(together, mask)
