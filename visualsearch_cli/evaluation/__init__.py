"""What is a model worth? Labelled pictures as queries, and how well each finds what belongs to it."""
