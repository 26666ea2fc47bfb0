"""Which models an index is made with, or brought up to date with: one, or two."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

from visualsearch_cli.embedders.registry import full_name, has_words
from visualsearch_cli.embedders.specs import ONNX, described
from visualsearch_cli.errors import IndexIncompatible, ModelMismatch
from visualsearch_cli.index.model import ModelChoice, Use
from visualsearch_cli.named_tuples import NamedTuple
from visualsearch_cli.vectors.index import FULL_BITS, IndexParams
from visualsearch_cli.wording import typed

if TYPE_CHECKING:
    from pathlib import Path

    from visualsearch_cli.index.folder import IndexFolder
    from visualsearch_cli.index.model import LazyEmbedder
    from visualsearch_cli.index.records import Manifest
    from visualsearch_cli.index.writer import CatalogWriter
    from visualsearch_cli.progress import Messages

MOST_MODELS = 2


class ChosenModels(NamedTuple):
    """What makes the vectors of a run."""

    first: LazyEmbedder
    second: LazyEmbedder | None = None  # None: there is none, or it is left to a later run

    def load(self) -> None:
        """Load all. Raises ModelUnavailable if one cannot be had."""
        for model in (self.first, self.second):
            if model is not None:
                model()

    def try_named(self) -> None:
        """Try the files that the user named just now, and remember them, also where nothing is embedded.

        Raises ModelUnavailable if one is not what it should be.
        """
        for model in (self.first, self.second):
            if model is not None:
                model.try_named()


def checked(choices: Sequence[ModelChoice]) -> list[ModelChoice]:
    """Return the models that were asked for, one or two: the one with words last, if only one has some. A
    tokenizer that was named for both is of the one that takes it.

    Raises ValueError for more, and for the same one twice.
    """
    names = [full_name(choice.name or "") for choice in choices]
    if len(choices) > MOST_MODELS:
        raise ValueError(
            f"{len(choices)} models were named ({', '.join(names)}), and an index has at most {MOST_MODELS}: "
            "one for copies and one for meaning"
        )
    files = [choice.weights for choice in choices]
    if len(choices) == MOST_MODELS and names[0] == names[1] and files[0] == files[1]:
        raise ValueError(f"{names[0]} was named twice: an index of two models has two different ones")
    takers = [choice for choice in choices if choice.name == ONNX]
    if takers:
        choices = [choice if choice in takers else choice.without_tokenizer() for choice in choices]
    return sorted(choices, key=lambda choice: has_words(full_name(choice.name or "")))


def new_models(choices: Sequence[ModelChoice], messages: Messages) -> ChosenModels:
    """Return the models of an index that is still to be made. `choices` are checked."""
    first, *others = (choice.new(messages) for choice in choices)
    return ChosenModels(first, others[0] if others else None)


def create_index(folder: IndexFolder, models: ChosenModels, bits: int | None = None) -> None:
    """Make an empty index for the vectors of one model, or of two, with so many bits a value; None: 32. The
    caller holds the lock."""
    second = models.second
    folder.create(
        models.first().spec,
        models.first.request.weights,
        IndexParams(),
        second=None if second is None else (second().spec, second.request.weights),
        bits=bits or FULL_BITS,
    )


def check_bits(manifest: Manifest, where: Path, bits: int | None) -> None:
    """Raise IndexIncompatible if an index keeps other bits of a value than were asked for, if any were."""
    if bits is not None and bits != manifest.bits:
        raise IndexIncompatible(
            f"{where} keeps {manifest.bits} bits of a value, and --bits asks for {bits}: leave --bits out, "
            "or make another index of this one with "
            f"`visualsearch index --from {typed(str(where))} --index DIR --bits {bits}`"
        )


def models_for(
    catalog: CatalogWriter, folder: IndexFolder, choices: Sequence[ModelChoice], messages: Messages
) -> ChosenModels:
    """Return the models to bring an index up to date with. If two were asked for and it has one of them, it
    has both from now on. If it has two and the first alone was asked for, this run leaves the second out.

    Raises ModelMismatch, before any model loads, if an index has another one than was asked for.
    """
    where = folder.path
    manifest = catalog.manifest()
    other = manifest.other
    if len(choices) == 1:
        (choice,) = choices
        if other is None:
            return ChosenModels(choice.of_index(manifest, where, messages))
        of_first, of_second = choice, choice
        if choice.name is not None or choice.weights is not None:
            if not choice.is_second(manifest, where, Use.COPIES):
                return ChosenModels(choice.of_index(manifest, where, messages))
            of_first = ModelChoice(device=choice.device)
        elif ONNX in (manifest.model.name, other.model.name):  # the tokenizer, if one was named, is of that
            plain = choice.without_tokenizer()
            of_first, of_second = (choice if each.model.name == ONNX else plain for each in (manifest, other))
        return ChosenModels(
            of_first.of_index(manifest, where, messages), of_second.of_index(other, where, messages)
        )
    for first, second in (choices, choices[::-1]):
        if not first.may_mean(manifest) or not (other is None or second.may_mean(other)):
            continue
        known = first.of_index(manifest, where, messages)
        if other is not None:
            return ChosenModels(known, second.of_index(other, where, messages))
        added = second.new(messages)
        catalog.set_second_model(added().spec, added.request.weights)
        messages.note(
            f"{where} has two models from now on: {manifest.model.name} and {added().spec.name}, whose "
            "vectors are made of all its pictures"
        )
        return ChosenModels(known, added)
    raise _other_models(manifest, choices, folder)


def _other_models(manifest: Manifest, choices: Sequence[ModelChoice], folder: IndexFolder) -> ModelMismatch:
    has = described(manifest.model)
    if manifest.other is not None:
        has += f", and with {described(manifest.other.model)}"
    asked = " and ".join(choice.name or str(choice.weights) for choice in choices)
    return ModelMismatch(
        f"{folder.path} was built with {has}, and {asked} were asked for: leave --model and --weights out, "
        "or build a new index with --index DIR"
    )
