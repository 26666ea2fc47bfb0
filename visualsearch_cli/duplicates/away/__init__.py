"""Which copies lie on disks that are not mounted?

Nobody can look at them now, so all is said by what the index remembers: hashes, vectors, and what was found
when the disks were there.
"""
