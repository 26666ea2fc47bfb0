"""Which pictures are sent to the page, and as what?

What is sent was decoded and encoded again, and lies in the index. Small pictures are kept on the disk of the
user, with a bound. A **cut** is a place of a picture, pixel for pixel.
"""
