"""Find the duplicates in photo folders: embeddings, an HNSW index and a catalog beside it."""

__version__ = "0.2.0.dev0"
