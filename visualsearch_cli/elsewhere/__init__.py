"""Which files of a folder are only there, and how are they taken over?

A *copy* of a file is another file, in a *place*: a folder of the index outside of the folder that is asked
about. It was read a moment ago, and nothing would be lost if the file were gone: not the picture in this
quality, not what it holds beside it, not what lies beside it. Where there is any doubt, it is only here.
"""
