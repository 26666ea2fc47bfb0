"""What keeps an index that many machines write to and ask?

A *store* is an engine for vectors, named by an *address* such as `milvus:http://host:19530`. It holds
contents with their vectors, by their hashes, and files, by root and path. A local index is *pushed* into it,
and commands either ask it (the nearest contents) or *gather* from it, into an index in a temporary folder
that is asked as any other. A root has a name in the store, which is the path it has on the machine that
wrote it; *mounts* say where it is here.
"""
