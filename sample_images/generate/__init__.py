"""Render the sample pictures: landscapes, still lifes, cities, and known copies of some of them.

Everything is computed from fixed seeds with numpy and Pillow; no photograph is involved.
Run ``python -m sample_images.generate`` from the root of the repository.
"""
