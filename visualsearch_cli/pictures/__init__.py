"""What is in a picture file?

A file becomes bytes and a content hash (`reading`), bytes become pixels, upright and in sRGB (`reader`,
which chooses between `pillow` and `libraw`), and what a file tells beside its pixels are its facts
(`facts`). What it holds beside the picture that it shows first, such as a film, is found by `held`.
A picture is shown turned in eight orientations, cut into regions, and without its border.
Nothing is ever written.
"""
