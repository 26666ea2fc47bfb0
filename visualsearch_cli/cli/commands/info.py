"""`visualsearch info`"""

from __future__ import annotations

from dataclasses import asdict
from typing import TYPE_CHECKING, Annotated, Any

import typer

from visualsearch_cli.calibration.levels import THIS_INDEX
from visualsearch_cli.cli import options
from visualsearch_cli.cli.distances import described_levels
from visualsearch_cli.cli.exit_codes import ExitCode
from visualsearch_cli.cli.locating import find_index
from visualsearch_cli.cli.output.formats import to_json
from visualsearch_cli.index.open import calibration_of, open_reader
from visualsearch_cli.index.records import Frames

if TYPE_CHECKING:
    from pathlib import Path

    from visualsearch_cli.index.catalog import Catalog
    from visualsearch_cli.index.records import Manifest, PassedOver


def info(
    index: options.IndexDir = None,
    skipped: Annotated[bool, typer.Option("--skipped", help="List the files that were skipped.")] = False,
    json: options.Json = False,
) -> ExitCode:
    """Say what is in the index."""
    folder = find_index(index)
    with open_reader(folder) as catalog, catalog.snapshot():
        document = describe(catalog, folder.path)
        if skipped:
            document["skipped_files"] = [
                {"path": item.path, "reason": item.reason} for item in catalog.skipped()
            ]
    if json:
        print(to_json(document, indent=2))
    else:
        print_description(document)
    return ExitCode.DONE


def describe(catalog: Catalog, folder: Path) -> dict[str, Any]:
    """Return what is in an index, as JSON has it."""
    from visualsearch_cli.index.roots import is_offline

    manifest = catalog.manifest()
    counts = catalog.counts()
    calibration = calibration_of(manifest)
    exclude = catalog.exclude()
    return {
        "schema": "visualsearch/info/1",
        "index": str(folder.absolute()),
        "format_version": manifest.format_version,
        "created": manifest.created,
        "created_by": manifest.created_by,
        "model": asdict(manifest.model),
        "images": counts.images,
        "missing": counts.missing,
        "skipped": counts.skipped,
        "passed_over": _passed_over(catalog),
        "contents": counts.contents,
        "vectors": counts.vectors,
        "regions": None
        if manifest.regions is None
        else {
            "scheme": manifest.regions,
            "vectors": counts.region_vectors,
            "contents_without": len(catalog.contents_without_regions()),
        },
        "calibration": calibration and described_levels(calibration, counts.contents),
        "bytes": sum(path.stat().st_size for path in folder.iterdir() if path.is_file()),
        "block": _block(catalog, manifest, Frames.FULL),
        "region_block": _block(catalog, manifest, Frames.REGIONS),
        "graph": _graph(catalog, manifest, Frames.FULL),
        "region_graph": _graph(catalog, manifest, Frames.REGIONS),
        "roots": [
            {
                "path": root.path,
                "offline": is_offline(root, catalog),
                "images": catalog.counts(root.id).images,
                "exclude": exclude.get(root.id, []),
            }
            for root in catalog.roots()
        ],
    }


def _passed_over(catalog: Catalog) -> list[dict[str, Any]]:
    """Return what the last scan of each root left out, by reason."""
    from visualsearch_cli.indexing.stores import PLACES

    kinds = {place.name: place.what for place in reversed(PLACES)}
    roots = {root.id for root in catalog.roots()}
    found: dict[str, list[PassedOver]] = {}
    for root_id, of in catalog.passed_over().items():
        for reason, its in of.items() if root_id in roots else ():
            found.setdefault(reason, []).append(its)
    return [
        {
            "reason": reason,
            "what": kinds.get(reason, ""),
            "folders": sum(its.folders for its in parts),
            "files": sum(its.files for its in parts),
            "is_all": all(its.is_all for its in parts),
        }
        for reason, parts in sorted(found.items())
    ]


def _block(catalog: Catalog, manifest: Manifest, frames: Frames) -> dict[str, Any] | None:
    block = manifest.block_of(frames)
    if block is None:
        return None
    return {
        "file": block.name,
        "vectors": block.count,
        "beside": catalog.vector_count(block.last_id, frames),
    }


def _graph(catalog: Catalog, manifest: Manifest, frames: Frames) -> dict[str, Any] | None:
    graph = manifest.graph_of(frames)
    if graph is None:
        return None
    return {
        "generation": graph.generation,
        "file": graph.name,
        "vectors": graph.count,
        "beside": catalog.vector_count(graph.last_id, frames),
        "M": manifest.params.M,
        "ef_construction": manifest.params.ef_construction,
        "ef_search": manifest.params.ef_search,
    }


def print_description(document: dict[str, Any]) -> None:
    """Print what is in an index, for people."""
    from visualsearch_cli.wording import counted, printable, short_size

    model = document["model"]
    regions = document["regions"]
    lines = [
        ("index", f"{document['index']} ({short_size(document['bytes'])})"),
        ("images", f"{document['images']} ({document['contents']} distinct contents)"),
        ("missing", f"{document['missing']}"),
        ("skipped", f"{document['skipped']}"),
        (
            "model",
            f"{model['name']}, {model['dim']} values, {model['preprocessing']}, {model['weights'][:19]}",
        ),
        ("created", f"{document['created']} by version {document['created_by']}"),
    ]
    if regions:
        lacking = regions["contents_without"]
        without = f", {lacking} contents without" if lacking else ""
        lines.append(("regions", f"{regions['scheme']}, {regions['vectors']} vectors{without}"))
    for name, graph in (("graph", document["graph"]), ("", document["region_graph"])):
        if graph:
            shape = f"M {graph['M']}, ef_construction {graph['ef_construction']}"
            beside = f", {graph['beside']} beside it" if graph["beside"] else ""
            what = f"{graph['vectors']} vectors" if name else f"{graph['vectors']} vectors of regions"
            lines.append((name, f"generation {graph['generation']}, {what}{beside}, {shape}"))
    if levels := document["calibration"]:
        basis = f"by {levels['pictures']} pictures of {levels['source']}"
        if levels["source"] != THIS_INDEX:
            basis = f"by {levels['source']}; `visualsearch calibrate` uses your own pictures"
        lines.append(("similar", f"distance {levels['similar']:.3f} or less, {basis}"))
    for root in document["roots"]:
        state = "offline, " if root["offline"] else ""
        lines.append(("root", f"{root['path']} ({state}{root['images']} images)"))
        if root["exclude"]:
            lines.append(("", f"without {', '.join(root['exclude'])}"))
    for item in document["passed_over"]:
        what = f"{item['reason']} ({item['what']})" if item["what"] else item["reason"]
        number = counted(item["files"], "image")
        where = f" in {counted(item['folders'], 'folder')}" if item["folders"] else ""
        lines.append(("passed", f"{'' if item['is_all'] else 'at least '}{number}{where}: {what}"))
    for item in document.get("skipped_files", ()):
        lines.append(("skipped", f"{item['path']}: {item['reason']}"))
    for name, value in lines:
        print(f"{name:8} {printable(value)}")
