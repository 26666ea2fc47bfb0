"""How does what a catalog knows get to another place, and back?

A *carried* content is one with its vector and what filters need; a carried file says where it lies by the
path of its root and the path below that, not by ids, which mean something in one catalog alone.
"""
