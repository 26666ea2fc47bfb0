"""What does a file hold beside the picture that it shows first?

Frames, a film, a gain map, depth, alpha, bits: `inspection` finds them in the bytes of a file, and `holdings`
says what one file has that another lacks.
"""
