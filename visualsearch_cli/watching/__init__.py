"""How does an index stay current while pictures come and go?

A root is told if the system tells of changes below it, and scanned if it has to be looked through for them.
What was told is pending until it is quiet; a file is settled once nobody writes to it any more.
"""
