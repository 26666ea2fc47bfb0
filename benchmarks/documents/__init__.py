"""Are verdicts right on what is no photograph? Drawn pages, screens and shots in pairs of known truth.

A *kind* is a sort of thing (an invoice, a chat); a *sheet* is one drawing of it; its *fields* are what can be
another in another sheet of the same *form*: words, crosses, signatures. A *case* is a pair of files and what
they are to each other.
"""
