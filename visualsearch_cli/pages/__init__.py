"""How does a person look at what was found, decide, and act, in a browser?

A **review** is what the page shows: the groups of a report, what was decided about each, and how to go on.
It is served to this machine alone, by an address that nobody can guess; the **guard** refuses all other
requests. A picture is sent only if it lies in the index and still is the very file that the report speaks
of, and never as its own bytes: what was decoded is encoded again.
"""
