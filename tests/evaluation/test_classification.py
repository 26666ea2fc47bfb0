from __future__ import annotations

import numpy as np
import numpy.typing as npt
import pytest

from visualsearch_cli.evaluation.classification import classify
from visualsearch_cli.progress import NoProgress


def plane(*degrees: float) -> npt.NDArray[np.float32]:
    """Return unit vectors of a plane, in one orientation each."""
    angles = np.radians(degrees)
    return np.stack([np.cos(angles), np.sin(angles)], axis=1).astype(np.float32)[:, np.newaxis]


def test_a_confusion_is_counted_by_hand() -> None:
    vectors = plane(0, 1, 2, 90, 91, 2.9)
    names = ["cat", "cat", "cat", "dog", "dog", "dog"]  # the last dog looks like a cat
    found = classify(vectors, np.arange(6), names, NoProgress(), k=1)
    assert found.confusion == ((2, 1), (1, 2)), "the cat at 2 degrees is nearest to the dog at 2.9"
    assert (found.k, found.pictures, found.accuracy) == (1, 6, 4 / 6)
    cat, dog = found.classes
    assert (cat.name, cat.pictures, cat.taken_for) == ("cat", 3, "dog")
    assert (cat.precision, cat.recall, cat.f1) == (2 / 3, 2 / 3, 2 / 3)
    assert (dog.precision, dog.recall) == (2 / 3, 2 / 3)


def test_more_neighbors_vote_a_stray_down() -> None:
    names = ["cat", "cat", "cat", "dog", "dog", "dog"]
    found = classify(plane(0, 1, 2, 90, 91, 2.9), np.arange(6), names, NoProgress(), k=3)
    assert found.confusion == ((3, 0), (1, 2))
    cat, dog = found.classes
    assert (cat.taken_for, cat.recall, cat.precision) == (None, 1, 3 / 4)
    assert (dog.precision, dog.recall, dog.taken_for) == (1, 2 / 3, "cat")


def test_pictures_without_a_class_and_classes_nobody_is_taken_for() -> None:
    names = ["cat", "cat", None, "bird"]
    found = classify(plane(0, 1, 0.5, 2), np.arange(4), names, NoProgress())
    assert found.pictures == 3
    assert [its.name for its in found.classes] == ["bird", "cat"]
    bird, cat = found.classes
    assert (bird.recall, bird.precision, bird.f1) == (0, None, 0)
    assert cat.recall == 1


def test_copies_name_each_other() -> None:
    found = classify(plane(0, 45), np.array([0, 0, 1, 1]), ["cat", "cat", "dog", "dog"], NoProgress(), k=1)
    assert found.accuracy == 1


def test_too_few() -> None:
    with pytest.raises(ValueError, match="fewer than two"):
        classify(plane(0, 1), np.arange(2), ["cat", None], NoProgress())
