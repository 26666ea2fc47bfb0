"""What lies beside a picture and belongs to it?

A companion is a file that means little without its picture: a sidecar, the film of a Live Photo, the RAW of
the same shot, Takeout's JSON. It is known by its name and, for Live Photos, by what is in both files. Here is
what each is called (`names`, `takeout`), what tells films apart (`live_photos`), and which files of a folder
belong to which picture (`company`).
"""
