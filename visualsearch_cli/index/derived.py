"""What is derived from the catalog, brought up to date at the end of a run."""

from __future__ import annotations

from visualsearch_cli.blocks import BlockStore, update_blocks
from visualsearch_cli.graphs import GraphStore, update_graphs
from visualsearch_cli.index.records import WritableCatalog
from visualsearch_cli.progress import Progress


def update_derived(
    catalog: WritableCatalog,
    blocks: BlockStore,
    graphs: GraphStore,
    progress: Progress,
    *,
    rebuild: bool = False,
) -> None:
    """Summarize what changed, then write what is new to blocks and graphs, where that is worth it."""
    catalog.summarize(rebuild=rebuild)
    update_blocks(catalog, blocks, progress, rebuild=rebuild)
    update_graphs(catalog, graphs, progress, rebuild=rebuild)
