"""What does an index hold, in numbers: which formats, years and cameras, and how many copies of what?"""
