"""An index whose vectors are shorter than those of its model, from the start: the way of `index --dim`.

The axes are learned from some of the pictures (PCA), and the file with them lies in the folder of the index,
which can be moved as a whole.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

import numpy as np

from visualsearch_cli.embedders.projection import packed, read_header
from visualsearch_cli.embedders.registry import has_words, identity
from visualsearch_cli.embedders.specs import ADAPTED, adapted_spec, described
from visualsearch_cli.embedders.weights import weights_id
from visualsearch_cli.errors import IndexLocked, ModelMismatch
from visualsearch_cli.index.model import ModelChoice
from visualsearch_cli.index.open import open_reader
from visualsearch_cli.indexing.adding import no_images
from visualsearch_cli.indexing.parts.embed_files import FilesToEmbed
from visualsearch_cli.indexing.scanner import Scanner
from visualsearch_cli.learning.components import check_shorter, principal_components
from visualsearch_cli.vectors.index import FULL_BITS, IndexParams

if TYPE_CHECKING:
    from visualsearch_cli.index.folder import IndexFolder
    from visualsearch_cli.index.records import Manifest
    from visualsearch_cli.pictures.reader import Decoding
    from visualsearch_cli.progress import Messages, Progress

LEARNED_FROM = 2_000  # pictures at most, but four for each value: docs/adapting.md says what more would do


def shortened(
    folder: IndexFolder,
    paths: Sequence[str],
    choice: ModelChoice,
    scanner: Scanner,
    decoding: Decoding,
    dim: int,
    progress: Progress,
    messages: Messages,
    *,
    whiten: bool,
    bits: int | None = None,
) -> ModelChoice:
    """Make an empty index for vectors of `dim` values: those of a model, along the axes in which pictures at
    absolute paths differ most. If there is an index, it must be one. Returns what to add pictures with. Of a
    value a new one keeps so many bits, or 32.

    Raises VisualSearchError, and makes no index, if the model's vectors are no longer than that or too few
    pictures are there; ModelMismatch if the index has vectors of another length, or of another model.
    """
    if folder.exists():
        with open_reader(folder) as catalog:
            _check_same(catalog.manifest(), folder, choice, dim, whiten=whiten)
            is_own = choice.name is None and choice.weights is None
            own = choice.of_index(catalog.manifest(), folder.path, messages) if is_own else None
        (own or choice.new(messages)).try_named()  # and remembered: a folder that was moved asks for it
        return ModelChoice(device=choice.device)
    model = choice.new(messages)
    files = FilesToEmbed(paths, Scanner(scanner.options), messages)
    if not files.files:
        raise no_images(paths, scanner)
    base = model().spec
    check_shorter(base.dim, dim, whiten=whiten)
    files.thin_out(max(LEARNED_FROM, 4 * dim))
    records = files.records(model, decoding, progress, "Learning axes from")
    vectors = {record.content_hash: record.vector for record in records}
    rows = np.stack([*vectors.values()]) if vectors else np.empty((0, base.dim), np.float32)
    projection, kept = principal_components(rows, dim, whiten=whiten)
    with folder.lock():
        if folder.exists():
            raise IndexLocked(f"{folder.path} was made by another process meanwhile: run this again")
        file = folder.put_projection(packed(base, projection, kept._asdict()))
        folder.create(adapted_spec(base, weights_id(file), dim), None, IndexParams(), bits=bits or FULL_BITS)
    messages.note(f"{folder.path} has vectors of {dim} values in place of {base.dim}: {kept.said()}")
    if has_words(base.name):
        messages.note(f"shorter vectors of {base.name} know no words: `visualsearch search` needs all values")
    return ModelChoice(device=choice.device)


def _check_same(
    manifest: Manifest, folder: IndexFolder, choice: ModelChoice, dim: int, *, whiten: bool
) -> None:
    """Raise ModelMismatch if an index has other vectors than were asked for."""
    where, model = folder.path, manifest.model
    another = "or build a new index with --index DIR"
    if model.dim != dim or manifest.other is not None:
        two = "" if manifest.other is None else f" and {manifest.other.model.dim}, of two models"
        raise ModelMismatch(
            f"{where} has vectors of {model.dim} values{two}, and --dim asks for {dim}: leave --dim out, "
            + another
        )
    base, is_white = model, False
    if model.name == ADAPTED:
        file = ModelChoice().of_index(manifest, where).request.weights
        if file is None:
            return  # what needs it says so
        header = read_header(file)
        base, is_white = header.base, bool(header.learned.get("whitened"))
    if is_white != whiten:
        has, remedy = ("were", "add --whiten") if is_white else ("were not", "leave --whiten out")
        raise ModelMismatch(f"the vectors of {where} {has} whitened: {remedy}, {another}")
    if choice.name is not None or choice.weights is not None:
        asked = identity(choice.new().request)
        if not asked.matches(base):
            raise ModelMismatch(
                f"the vectors of {where} were made of those of {described(base)}, not of {described(asked)}: "
                f"leave --model and --weights out, {another}"
            )
