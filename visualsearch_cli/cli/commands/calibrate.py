"""`visualsearch calibrate`"""

from __future__ import annotations

from typing import Annotated, Any

import typer

from visualsearch_cli.cli import options
from visualsearch_cli.cli.distances import described_levels
from visualsearch_cli.cli.exit_codes import ExitCode
from visualsearch_cli.cli.locating import find_index
from visualsearch_cli.cli.output.console import MESSAGES, RichProgress
from visualsearch_cli.cli.output.formats import to_json
from visualsearch_cli.index.model import ModelChoice

SAMPLE = 50


def calibrate(
    index: options.IndexDir = None,
    model: options.ModelOfTwo = None,
    sample: Annotated[
        int, typer.Option("--sample", min=1, metavar="N", help="How many pictures to edit and find again.")
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
    from visualsearch_cli.indexing.calibrating import calibrate_index
    from visualsearch_cli.pictures.reader import AnyImageReader

    folder = find_index(index)
    choice = ModelChoice(model, weights, device.value)
    reader = AnyImageReader(max_pixels)
    levels, contents = calibrate_index(folder, choice, reader, sample, RichProgress(), MESSAGES)
    document = described_levels(levels, contents)
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
