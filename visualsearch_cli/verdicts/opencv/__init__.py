"""Hidden: OpenCV compares two pictures by local features, the fit, and what is left over."""
