"""Remove the rest of the groups, safely, and take it back.

What is to be done is selected from a report, checked on the disk as it is now, noted in the journal, and
done in small steps, each of which can be undone (`undoing`), also after a crash.
"""
