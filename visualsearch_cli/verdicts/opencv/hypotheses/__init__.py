"""Ways in which one picture may lie in another, to try: matched features, maps they agree with, outlines."""
