"""`visualsearch calibrate`"""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated, Any

import typer

from visualsearch_cli.calibration.levels import Calibration
from visualsearch_cli.cli import options, wiring
from visualsearch_cli.cli.distances import THIS_INDEX, described_levels
from visualsearch_cli.cli.exit_codes import ExitCode
from visualsearch_cli.cli.locating import find_index
from visualsearch_cli.cli.output.console import MESSAGES, RichProgress, note
from visualsearch_cli.cli.output.formats import to_json
from visualsearch_cli.errors import ImageError
from visualsearch_cli.index.model import embedder_of
from visualsearch_cli.index.open import open_writer

if TYPE_CHECKING:
    from collections.abc import Iterator
    from random import Random

    import numpy as np
    import numpy.typing as npt

    from visualsearch_cli.index.catalog import Catalog
    from visualsearch_cli.pictures.image import ImageReader, ImageRecord, Pixels
    from visualsearch_cli.progress import Advance
    from visualsearch_cli.vectors.index import Embeddings

SAMPLE = 50
DECODED = 512  # pixels, at least: edits are made of the picture, not of a model's input


def calibrate(
    index: options.IndexDir = None,
    sample: Annotated[
        int, typer.Option("--sample", min=1, metavar="N", help="Pictures to edit and find again.")
    ] = SAMPLE,
    weights: options.Weights = None,
    device: options.DeviceOption = options.Device.AUTO,
    max_pixels: options.MaxPixels = None,
    json: options.Json = False,
) -> ExitCode:
    """Learn from the index's own pictures which distances mean something, and save it with the index.

    How near different pictures come is seen in their distances, likely copies
    left out; how far copies come, by editing a sample of them. Nothing is
    written to any picture.
    """
    from random import Random

    from visualsearch_cli.calibration.edited_copies import edited_copies
    from visualsearch_cli.calibration.learning import levels_among, measured_copies

    folder = find_index(index)
    with folder.lock(), open_writer(folder) as catalog:
        manifest = catalog.manifest()
        embedder = embedder_of(manifest, None, weights, device.value, folder.path, MESSAGES)
        frames, regions = _vectors(catalog)
        full, of_regions, pictures = levels_among(frames, regions)
        records = _sample(catalog, sample, Random(0))
        with RichProgress().step("Editing a sample", len(records)) as advance:
            decoded = _decoded(records, wiring.image_reader(max_pixels), advance)
            copies = measured_copies(decoded, embedder(), edited_copies)
        catalog.set_calibration(Calibration(full, of_regions, pictures, THIS_INDEX, copies))
        kept = catalog.manifest().calibration  # rounded
    assert kept is not None
    document = described_levels(kept, len(frames))
    if json:
        head = {"schema": "visualsearch/calibration/1", "index": str(folder.path.absolute())}
        print(to_json({**head, **document}, indent=2))
    else:
        _print(document)
    return ExitCode.DONE


def _print(document: dict[str, Any]) -> None:
    print(
        f"calibrated on {document['pictures']} different pictures of {document['contents']}; "
        f"similar: distance {document['similar']:.3f} or less"
    )
    print()
    print(f"{'false pairs':>12}  {'distance':>8}  {'90 % interval':>13}  {'here':>8}  {'edited copies':>13}")
    for level in document["levels"]:
        low, high = level["interval"]
        one_in = f"1 in {1 / level['rate']:.0e}".replace("e+0", "e")
        found = f"{100 * level['edited_copies_found']:.1f} % found"
        print(
            f"{one_in:>12}  {level['distance']:>8.3f}  {f'{low:.3f}–{high:.3f}':>13}  "
            f"{level['false_pairs']:>8.3g}  {found:>13}"
        )


def _vectors(catalog: Catalog) -> tuple[Embeddings, npt.NDArray[np.float32] | None]:
    """Return present contents' full frames (n, dim), and with their regions (n, r, dim) if all have them."""
    import numpy as np

    from visualsearch_cli.index.records import Frames

    stored = catalog.vectors()
    if catalog.manifest().regions is None:
        return stored.vectors, None
    parts = catalog.vectors(frames=Frames.REGIONS)
    numbers = np.unique(parts.regions)
    order = np.lexsort((parts.regions, parts.content_ids))
    if len(parts.ids) != len(numbers) * len(stored.ids):
        note("some pictures have no vectors of their regions yet: `visualsearch index` makes them")
        return stored.vectors, None
    rows = np.argsort(stored.content_ids)
    frames = stored.vectors[rows]
    cut = parts.vectors[order].reshape(len(rows), len(numbers), -1)
    return frames, np.concatenate([frames[:, np.newaxis], cut], axis=1)


def _sample(catalog: Catalog, count: int, chance: Random) -> list[ImageRecord]:
    """Return one image of each of some contents, drawn by chance."""
    contents = sorted(set(catalog.vectors().content_ids.tolist()))
    drawn = chance.sample(contents, min(count, len(contents)))
    images = catalog.images_of(drawn)
    return [images[content][0] for content in drawn if images.get(content)]


def _decoded(
    records: list[ImageRecord], reader: ImageReader, advance: Advance
) -> Iterator[tuple[str, Pixels]]:
    """Yield the pictures that can be read; a disk that is not mounted leaves fewer."""
    from visualsearch_cli.pictures.reading import read_picture

    for record in records:
        try:
            yield record.content_hash, read_picture(record.path, reader, DECODED).pixels
        except ImageError as error:
            note(f"skipped {record.path}: {error}")
        advance(1)
