"""Local features of a reduced picture: SIFT keypoints with their descriptors."""

from __future__ import annotations

import cv2
import numpy as np

from visualsearch_cli.pictures.image import Pixels
from visualsearch_cli.verdicts.comparison import LocalFeatures

SIDE = 256  # pixels of the longer side: SIFT takes time by the area, and finds enough here
MOST = 500  # features a picture
CONTRAST = 0.02  # half of OpenCV's default, so that pale skies and blurred copies have features too
_VALUES = 128  # of a descriptor


NO_FEATURES = LocalFeatures(np.empty((0, 2), np.float32), np.empty((0, _VALUES), np.uint8))


def detect(pixels: Pixels) -> LocalFeatures:
    """Find the features of a reduced picture. Thread-safe; the same pixels give the same features."""
    grey = cv2.cvtColor(pixels, cv2.COLOR_RGB2GRAY)
    factor = SIDE / max(grey.shape)
    if factor < 1:
        grey = cv2.resize(grey, None, fx=factor, fy=factor, interpolation=cv2.INTER_AREA)
    height, width = grey.shape
    sift = cv2.SIFT.create(nfeatures=MOST, contrastThreshold=CONTRAST)
    keypoints, descriptors = sift.detectAndCompute(grey, None)
    if descriptors is None or not keypoints:
        return NO_FEATURES
    order = np.argsort([-keypoint.response for keypoint in keypoints], kind="stable")[:MOST]
    points = np.array([keypoint.pt for keypoint in keypoints], np.float32)[order]
    unit = (points + np.float32(0.5)) / np.array([width, height], np.float32)
    return LocalFeatures(unit.astype(np.float32), descriptors[order].astype(np.uint8))
