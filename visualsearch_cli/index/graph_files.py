"""The graph files in an index folder: hnsw.000007.bin is the graph of generation 7."""

from __future__ import annotations

import re
from collections.abc import Sequence
from pathlib import Path

from visualsearch_cli.atomic import remove_leftovers, replacing, sync_folder
from visualsearch_cli.errors import IndexCorrupt, IndexNotFound
from visualsearch_cli.index.records import GraphFile
from visualsearch_cli.vectors.index import IndexParams, VectorIndex

NAME = re.compile(r"hnsw\.\d{6,18}\.bin")


class GraphFolder:
    """The graph files of one index folder."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder

    def create(self, dim: int, params: IndexParams) -> VectorIndex:
        """Return an empty graph in memory. Raises GraphUnavailable without an hnswlib that runs here."""
        from visualsearch_cli.vectors.hnsw import (
            HnswIndex,  # late: to see that a graph is up to date takes no numpy
        )

        return HnswIndex(dim, params)

    def load(self, graph: GraphFile, dim: int, params: IndexParams) -> VectorIndex:
        """Return a saved graph.

        Raises IndexCorrupt, IndexNotFound if the file is not there, and GraphUnavailable.
        """
        from visualsearch_cli.vectors.hnsw import HnswIndex

        path = self.folder / graph.name
        if not NAME.fullmatch(graph.name):
            raise IndexCorrupt(f"{self.folder}: {graph.name!r} is not the name of a graph file")
        if not path.is_file():
            raise IndexNotFound(f"{path} is not there: `visualsearch index` builds it again")
        return HnswIndex.load(path, dim, graph.vectors, params, graph.checksum)

    def save(self, index: VectorIndex, generation: int, last_id: int) -> GraphFile:
        """Write a graph under the name of its generation. Nothing is at that name until it is whole."""
        from visualsearch_cli.vectors.checks import file_checksum
        from visualsearch_cli.vectors.hnsw import HnswIndex

        assert isinstance(index, HnswIndex)
        name = f"hnsw.{generation:06d}.bin"
        with replacing(self.folder / name) as partial:
            index.save(partial)
            checksum = file_checksum(partial)
        sync_folder(self.folder)
        return GraphFile(generation, name, checksum, len(index), last_id)

    def exists(self, graph: GraphFile) -> bool:
        """Tell whether the file of a graph is there; its checksum is verified when it is loaded."""
        return bool(NAME.fullmatch(graph.name)) and (self.folder / graph.name).is_file()

    def verify(self, graph: GraphFile) -> str | None:
        """Return what is wrong with a saved graph's file, if anything."""
        from visualsearch_cli.vectors.checks import file_checksum

        path = self.folder / graph.name
        if not self.exists(graph):
            return f"{graph.name} is not there"
        checksum = file_checksum(path)
        if checksum != graph.checksum:
            return f"{graph.name} has checksum {checksum[:12]}…, the catalog says {graph.checksum[:12]}…"
        return None

    def sweep(self, keep: Sequence[GraphFile]) -> None:
        """Delete the other graph files, and what an interrupted run left."""
        remove_leftovers(self.folder)
        kept = {graph.name for graph in keep}
        for path in self.folder.iterdir():
            if NAME.fullmatch(path.name) and path.name not in kept:
                path.unlink(missing_ok=True)
