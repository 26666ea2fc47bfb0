"""What `info`, `check` and `prune` do with a store."""

from __future__ import annotations

import os
from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

from visualsearch_cli.cli.exit_codes import ExitCode
from visualsearch_cli.cli.output.console import RichProgress, fail, note
from visualsearch_cli.cli.output.formats import to_json
from visualsearch_cli.cli.storing.named_store import mounts_given, opened_store
from visualsearch_cli.wording import counted, printable

if TYPE_CHECKING:
    from visualsearch_cli.store.address import Address

MOST_NAMED = 20


def print_store(address: Address, map_: Sequence[str] | None, *, json: bool) -> ExitCode:
    """Say what is in a store."""
    mounts = mounts_given(map_)
    with opened_store(address) as store:
        manifest, counts = store.manifest(), store.counts()
        roots: list[dict[str, Any]] = [
            {
                "name": root,
                "path": mounts.here(root),
                "offline": not os.path.isdir(mounts.here(root)),
                "images": store.images_in(root),
            }
            for root in store.roots()
        ]
        document = {
            "schema": "visualsearch/store/1",
            "store": address.text,
            "engine": f"Milvus {store.version()}",
            "format_version": manifest.format_version,
            "created": manifest.created,
            "created_by": manifest.created_by,
            "model": manifest.model._asdict(),
            "images": counts.images,
            "missing": counts.missing,
            "skipped": counts.skipped,
            "contents": counts.contents,
            "roots": roots,
        }
    if json:
        print(to_json(document, indent=2))
        return ExitCode.DONE
    model = manifest.model
    lines = [
        ("store", f"{address.text} ({document['engine']})"),
        ("images", f"{counts.images} ({counts.contents} distinct contents)"),
        ("missing", f"{counts.missing}"),
        ("skipped", f"{counts.skipped}"),
        ("model", f"{model.name}, {model.dim} values, {model.preprocessing}, {model.weights[:19]}"),
        ("created", f"{manifest.created} by version {manifest.created_by}"),
    ]
    for root in roots:
        state = "offline, " if root["offline"] else ""
        called = "" if root["name"] == root["path"] else f", {root['name']} in the store"
        lines.append(("root", f"{root['path']} ({state}{counted(root['images'], 'image')}{called})"))
    for name, value in lines:
        print(printable(f"{name:8} {value}"))
    return ExitCode.DONE


def check_store(address: Address, map_: Sequence[str] | None, *, json: bool) -> ExitCode:
    """Compare a store with itself and with the files that are here."""
    from visualsearch_cli.store.soundness import soundness

    mounts = mounts_given(map_)
    with opened_store(address) as store:
        found = soundness(store, mounts, RichProgress())
    if json:
        document = {"schema": "visualsearch/check/1", "index": address.text, "problems": list(found.problems)}
        print(to_json({**document, "stale": list(found.stale), "unused": found.unused}))
    elif not found.problems:
        print(f"{printable(address.text)}: nothing wrong")
    for root in found.away:
        note(f"{root} is not here, so its files were not looked at: --map says where it is")
    if found.stale and not json:
        for path in found.stale[:MOST_NAMED]:
            note(f"{printable(path)} is not as the store knows it")
        note(
            f"{counted(len(found.stale), 'file')} changed or gone: "
            "`visualsearch index --store` tells the store"
        )
    if found.unused and not json:
        note(f"{counted(found.unused, 'content')} of no file: `visualsearch prune --store` forgets them")
    for problem in found.problems:
        fail(problem)
    return ExitCode.DAMAGED if found.problems else ExitCode.DONE


def prune_store(
    address: Address, map_: Sequence[str] | None, places: Sequence[str], *, dry_run: bool
) -> ExitCode:
    """Forget what is missing, or what is at some places, and contents that no file has."""
    from visualsearch_cli.store.soundness import forget_in_store, forgettable

    mounts = mounts_given(map_)
    with opened_store(address) as store:
        store.manifest()
        files = forgettable(store, mounts, places)
        images = sum(1 for file in files if file.content is not None)
        if dry_run:
            print(f"{counted(images, 'file')} would be forgotten")
            return ExitCode.DONE
        contents = forget_in_store(store, mounts, files, places)
    print(f"{counted(images, 'file')} forgotten, and {counted(contents, 'content')} that no other has")
    return ExitCode.DONE
