"""How do vectors travel without pictures?

A part is a file of embeddings (`vector_file`), made by `embed` (`embed_files`), of all files or of a shard of
them (`shards`). Parts, and other indexes, are taken into an index (`from_file`).
"""
