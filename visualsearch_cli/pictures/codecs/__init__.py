"""Which library reads a file, and what has to be seen to before it does?

What a file is, is told by its beginning (`choosing`). What the libraries do not do is done here: crops of
AVIF, and files that Pillow is too strict for (`avif`), sizes of JPEG XL before it is decoded (`jpegxl`),
merged layers (`layers`), and what LibRaw writes to the terminal
(`heard`). Why a file could not be opened is said in words (`refusals`).
"""
