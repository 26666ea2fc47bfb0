"""`visualsearch info`"""

from __future__ import annotations

import shutil
import sys
import textwrap
from dataclasses import asdict
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from visualsearch_cli.calibration.levels import THIS_INDEX
from visualsearch_cli.cli import options
from visualsearch_cli.cli.defaults import files, settings_in
from visualsearch_cli.cli.distances import described_levels
from visualsearch_cli.cli.exit_codes import ExitCode
from visualsearch_cli.cli.locating import find_index
from visualsearch_cli.cli.output.console import RichProgress
from visualsearch_cli.cli.output.formats import to_json
from visualsearch_cli.index.open import calibration_of, open_reader
from visualsearch_cli.index.records import Frames
from visualsearch_cli.vectors.index import FULL_BITS
from visualsearch_cli.wording import counted, printable, short_size

if TYPE_CHECKING:
    from visualsearch_cli.index.catalog import Catalog
    from visualsearch_cli.index.records import Manifest, PassedOver


def info(
    index: options.IndexDir = None,
    store: options.Store = None,
    map_: options.StoreMap = None,
    skipped: Annotated[bool, typer.Option("--skipped", help="List the files that were skipped.")] = False,
    statistics: Annotated[
        bool,
        typer.Option(
            "--statistics",
            help="Also count formats, years, cameras and copies of each root, or of each folder in the only "
            "root, and how many files of one are in another. Reads the header of each picture.",
        ),
    ] = False,
    settings: Annotated[
        bool,
        typer.Option("--settings", help="Say instead which defaults hold that files set, and by which file."),
    ] = False,
    json: options.Json = False,
) -> ExitCode:
    """Say what is in the index."""
    if settings:
        _print_settings(index, json=json)
        return ExitCode.DONE
    if (address := options.store_of(store)) is not None:
        from visualsearch_cli.cli.storing.kept_store import print_store
        from visualsearch_cli.cli.storing.named_store import refuse

        refuse({"--skipped": skipped, "--statistics": statistics}, "these are told of an index")
        return print_store(address, map_, json=json)
    folder = find_index(index)
    with open_reader(folder) as catalog, catalog.snapshot():
        document = describe(catalog, folder.path)
        if skipped:
            document["skipped_files"] = [
                {"path": item.path, "reason": item.reason} for item in catalog.skipped()
            ]
        if statistics:
            document["statistics"] = _statistics(catalog)
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
        "model": manifest.model._asdict(),
        "bits": manifest.bits,
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
            "contents_without": len(catalog.contents_without(Frames.REGIONS)),
        },
        "second_model": _second_model(catalog, manifest),
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


def _second_model(catalog: Catalog, manifest: Manifest) -> dict[str, Any] | None:
    """Return what is known of the second model of an index, if it has one."""
    if manifest.other is None:
        return None
    seen, own = catalog.seen(second=True), manifest.other
    contents = seen.counts().contents
    calibration = calibration_of(own)
    return {
        **own.model._asdict(),
        "vectors": seen.vector_count(),
        "contents_without": len(seen.contents_without(Frames.FULL)),
        "calibration": calibration and described_levels(calibration, contents),
        "block": _block(seen, own, Frames.FULL),
        "graph": _graph(seen, own, Frames.FULL),
    }


def _print_settings(index: Path | None, *, json: bool) -> None:
    """Print which files of settings there are, and what holds of what they say."""
    found = files(index)
    holding: set[tuple[str, str]] = set()
    records = []
    for file in found:
        for setting in settings_in(file):
            key = (setting.command, setting.option.replace("_", "-"))
            record = {"command": key[0], "option": key[1], "value": setting.value, "file": str(file)}
            records.append({**record, "holds": key not in holding})
            holding.add(key)
    places = [{"path": str(file), "exists": file.is_file()} for file in found]
    if json:
        document = {"schema": "visualsearch/settings/1", "files": places, "settings": records}
        print(to_json(document, indent=2))
        return
    for place in places:
        print(printable(f"{place['path']}{'' if place['exists'] else ' (not there)'}"))
    for record in records:
        why = "" if record["holds"] else ", which a file above says otherwise"
        text = f"[{record['command']}] {record['option']} = {record['value']!r}, by {record['file']}{why}"
        print(printable(text))


def _statistics(catalog: Catalog) -> dict[str, Any]:
    """Return what the folders of an index hold, as JSON has it."""
    from visualsearch_cli.index.statistics.counting import Shot, statistics
    from visualsearch_cli.pictures.facts import PictureFacts
    from visualsearch_cli.pictures.image import ImageRecord
    from visualsearch_cli.pictures.reader import Decoding

    facts = PictureFacts(Decoding().reader())

    def shot_of(image: ImageRecord) -> Shot:
        origin = facts.origin(image)
        return Shot(origin.taken.year if origin.taken else None, origin.camera)

    return asdict(statistics(catalog, shot_of, RichProgress()))


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
        "vectors": block.vectors,
        "beside": catalog.vector_count(block.last_id, frames),
    }


def _graph(catalog: Catalog, manifest: Manifest, frames: Frames) -> dict[str, Any] | None:
    graph = manifest.graph_of(frames)
    if graph is None:
        return None
    return {
        "generation": graph.generation,
        "file": graph.name,
        "vectors": graph.vectors,
        "beside": catalog.vector_count(graph.last_id, frames),
        "M": manifest.params.M,
        "ef_construction": manifest.params.ef_construction,
        "ef_search": manifest.params.ef_search,
    }


def print_description(document: dict[str, Any]) -> None:
    """Print what is in an index, for people."""
    model = document["model"]
    regions = document["regions"]
    rounded = "" if document["bits"] == FULL_BITS else f" of {document['bits']} bits"
    lines = [
        ("index", f"{document['index']} ({short_size(document['bytes'])})"),
        ("images", f"{document['images']} ({document['contents']} distinct contents)"),
        ("missing", f"{document['missing']}"),
        ("skipped", f"{document['skipped']}"),
        (
            "model",
            f"{model['name']}, {model['dim']} values{rounded}, {model['preprocessing']}, "
            f"{model['weights'][:19]}",
        ),
    ]
    if second := document["second_model"]:
        lacking = second["contents_without"]
        without = f", {lacking} contents without" if lacking else ""
        described = f"{second['name']}, {second['dim']} values{rounded}, {second['preprocessing']}"
        lines.append(("second", f"{described}, {second['weights'][:19]}{without}"))
    lines.append(("created", f"{document['created']} by version {document['created_by']}"))
    if regions:
        lacking = regions["contents_without"]
        without = f", {lacking} contents without" if lacking else ""
        lines.append(("regions", f"{regions['scheme']}, {regions['vectors']} vectors{without}"))
    graphs = [("graph", "vectors", document["graph"]), ("", "vectors of regions", document["region_graph"])]
    if second:
        graphs.append(("", f"vectors of {second['name']}", second["graph"]))
    for name, what, graph in graphs:
        if graph:
            shape = f"M {graph['M']}, ef_construction {graph['ef_construction']}"
            beside = f", {graph['beside']} beside it" if graph["beside"] else ""
            held = f"{graph['vectors']} {what}"
            lines.append((name, f"generation {graph['generation']}, {held}{beside}, {shape}"))
    if levels := document["calibration"]:
        basis = f"by {levels['pictures']} pictures of {levels['source']}"
        if levels["source"] != THIS_INDEX:
            basis = f"by {levels['source']}; `visualsearch calibrate` uses your own pictures"
        lines.append(("similar", f"distance {levels['similar']:.3f} or less, {basis}"))
    for root in document["roots"]:
        state = "offline, " if root["offline"] else ""
        lines.append(("root", f"{root['path']} ({state}{counted(root['images'], 'image')})"))
        if root["exclude"]:
            lines.append(("", f"without {', '.join(root['exclude'])}"))
    for item in document["passed_over"]:
        what = f"{item['reason']} ({item['what']})" if item["what"] else item["reason"]
        number = counted(item["files"], "image")
        where = f" in {counted(item['folders'], 'folder')}" if item["folders"] else ""
        lines.append(("passed", f"{'' if item['is_all'] else 'at least '}{number}{where}: {what}"))
    for item in document.get("skipped_files", ()):
        lines.append(("skipped", f"{item['path']}: {item['reason']}"))
    if "statistics" in document:
        lines += _lines_of(document["statistics"])
    for name, value in lines:
        print("\n".join(_in_columns(f"{name:8} ", printable(value))))


def _in_columns(name: str, value: str) -> list[str]:
    """Return a line, on a terminal in as many as its words need: it would break them anywhere."""
    columns = shutil.get_terminal_size().columns
    if not sys.stdout.isatty() or len(name + value) <= columns:
        return [(name + value).rstrip()]
    return textwrap.wrap(
        value,
        columns,
        initial_indent=name,
        subsequent_indent=" " * len(name),
        break_long_words=False,
        break_on_hyphens=False,
    )


def _lines_of(found: dict[str, Any]) -> list[tuple[str, str]]:
    """Return statistics as lines with a name each."""
    lines: list[tuple[str, str]] = []
    for number, folder in enumerate(found["folders"], start=1):
        copies = f", {folder['copies']:,} of them copies of others in it" if folder["copies"] else ""
        lines += [
            ("", ""),
            (f"folder {number}", f"{folder['path']}: {counted(folder['files'], 'file')}{copies}"),
        ]
        lines += [
            (name, ", ".join(f"{key} {count:,}" for key, count in folder[name].items()))
            for name in ("formats", "years", "cameras")
        ]
    numbers = range(1, len(found["folders"]) + 1)
    if len(numbers) > 1:
        width = max(len(f"in {len(numbers)}"), *(len(f"{n:,}") for row in found["overlap"] for n in row))
        heads = "  ".join(f"in {number}".rjust(width) for number in numbers)
        lines += [
            ("", ""),
            ("copies", "files of a folder (a row) that are also in another one (a column), byte by byte"),
            ("", heads),
        ]
        lines += [
            (f"of {number}", "  ".join(f"{count:>{width},}" for count in row))
            for number, row in zip(numbers, found["overlap"], strict=True)
        ]
    return lines
