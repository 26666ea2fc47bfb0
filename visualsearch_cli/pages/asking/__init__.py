"""How is the index asked from the page, by a picture or by words?

A picture that is asked with is in the index, or was given to the page: an **upload**, which lies in a folder
of its own until the server ends.
"""
