"""What did a person decide about groups, and what report comes of it?

A **decision** is about one group: another file to keep, or what becomes of it (what is offered goes, all
stay, or its pictures are no duplicates of each other). An **act** is what was done at a time: one decision,
or those of a rule about a folder. Acts are kept in a **log** as they are made; what is undone stays in it.
"""
