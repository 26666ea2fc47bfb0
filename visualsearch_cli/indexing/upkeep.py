"""Keep an index sound: verify it, write its derived files again, forget what is gone."""

from __future__ import annotations

from typing import TYPE_CHECKING

from visualsearch_cli.errors import IndexStoreError, VisualSearchError
from visualsearch_cli.index.block_files import BlockFolder
from visualsearch_cli.index.derived import block_problems, update_derived
from visualsearch_cli.index.graph_files import GraphFolder
from visualsearch_cli.index.open import open_reader, open_writer

if TYPE_CHECKING:
    from visualsearch_cli.index.catalog import Catalog
    from visualsearch_cli.index.folder import IndexFolder
    from visualsearch_cli.progress import Progress


def problems_of(folder: IndexFolder) -> list[str]:
    """Verify every page, reference and checksum of an index, without the images; say what is wrong."""
    with open_reader(folder) as catalog, catalog.snapshot():
        problems = catalog.problems()
        manifest = catalog.manifest()
        store = GraphFolder(folder.path)
        for graph in manifest.graphs:
            wrong = store.verify(graph)
            if wrong is None:
                try:
                    store.load(graph, manifest.model.dim, manifest.params)
                except IndexStoreError as error:
                    wrong = str(error)
            if wrong is not None:
                problems.append(f"graph: {wrong}: run `visualsearch check --repair`")
        if not problems:  # else the catalog itself may be what is wrong
            problems += [
                f"vectors: {wrong}: run `visualsearch check --repair`"
                for wrong in block_problems(catalog, BlockFolder(folder.path))
            ]
    return problems


def repair(folder: IndexFolder, progress: Progress) -> None:
    """Write the derived files of an index again, from its catalog."""
    with folder.lock(), open_writer(folder) as catalog:
        update_derived(catalog, BlockFolder(folder.path), GraphFolder(folder.path), progress, rebuild=True)


def count_forgettable(folder: IndexFolder, root: str | None) -> int:
    """Return how many files `forget` would forget. Raises VisualSearchError if there is no such root."""
    with open_reader(folder) as catalog:
        root_id = _root_id(folder, catalog, root)
        counts = catalog.counts(root_id)
        return counts.missing if root_id is None else counts.images + counts.missing


def forget(folder: IndexFolder, root: str | None, progress: Progress) -> int:
    """Forget the missing files, or all files of a root, and vectors that nothing refers to. Returns how many.

    Raises VisualSearchError if there is no such root.
    """
    with folder.lock(), open_writer(folder) as catalog:
        forgotten = catalog.prune(_root_id(folder, catalog, root))
        update_derived(catalog, BlockFolder(folder.path), GraphFolder(folder.path), progress)
    return forgotten


def _root_id(folder: IndexFolder, catalog: Catalog, root: str | None) -> int | None:
    if root is None:
        return None
    roots = {known.path: known.id for known in catalog.roots()}
    if root not in roots:
        raise VisualSearchError(f"{root} is not a root of {folder.path}, which has {', '.join(roots)}")
    return roots[root]
