"""OpenCV compares two pictures: local features, the fit of one onto the other, and what is left over."""
