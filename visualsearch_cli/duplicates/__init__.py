"""Which pictures are copies of each other, and which of them is kept?

Near pairs are found and judged (`find`), then grouped around the file to keep (`grouping`): each other
member is proved against that file, so nothing chains. A RAW beside its JPEG is a companion: both are one
item.
"""
