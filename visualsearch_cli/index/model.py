"""The model that makes vectors for an index: the one asked for, or the index's own. It loads late."""

from __future__ import annotations

import os
from copy import copy
from enum import Enum
from pathlib import Path
from typing import TYPE_CHECKING

from visualsearch_cli.embedders.registry import (
    ModelRequest,
    full_name,
    has_words,
    identity,
    load,
    load_text,
)
from visualsearch_cli.embedders.specs import ADAPTED, BUILT_IN, OF_FILES, ONNX, described
from visualsearch_cli.embedders.weights import PROJECTION, projection_in, weights_id
from visualsearch_cli.errors import ModelMismatch, ModelUnavailable, NoWords
from visualsearch_cli.index.records import Manifest
from visualsearch_cli.progress import UNHEARD, Messages
from visualsearch_cli.remembered import WEIGHTS, remember_said, remembered
from visualsearch_cli.wording import typed

if TYPE_CHECKING:
    from visualsearch_cli.embedders.embedder import Embedder, TextTower

DEFAULT_MODEL = "bundled"
VARIABLE = "VISUALSEARCH_WEIGHTS"  # says what --weights says, where a model takes a file
TEXT_OF, TOKENIZER_OF = "text tower of ", "tokenizer of "
"""Before the id of an image tower's weights: under what the files are remembered that belong to it."""

ONNX_SUFFIX = ".onnx"
FILE = "sha256:"  # how the id of weights begins that are a file's


class Use(str, Enum):
    """What the vectors of an index are asked for. It tells which of two models is meant."""

    COPIES = "copies"
    MEANING = "meaning"


class ModelChoice:
    """The model that was asked for, if any. Each is loaded once, however often it is asked for."""

    def __init__(
        self,
        name: str | None = None,
        weights: Path | None = None,
        device: str = "auto",
        tokenizer: Path | None = None,
    ) -> None:
        """Take what --model, --weights, --device and --tokenizer say. Weights may be two files, of an image
        tower and of a text tower, with a comma between them."""
        self.weights: Path | None = weights
        self.text: Path | None = None
        if weights is not None:
            self.weights, self.text = _towers(weights)
        self.name = name or (ONNX if self.weights and self.weights.suffix == ONNX_SUFFIX else None)
        self.device = device
        self.tokenizer = tokenizer
        self._loaded: dict[ModelRequest, Embedder] = {}

    def new(self, messages: Messages = UNHEARD) -> LazyEmbedder:
        """Return a model that no index restricts: the default one, if none is asked for."""
        name = self.name or DEFAULT_MODEL
        weights = self.weights if self.weights or name in BUILT_IN else _from_environment()
        request = ModelRequest(name, weights, self.device, self.text, self.tokenizer)
        return self._lazy(request, None, messages)

    @property
    def _names_words(self) -> bool:
        """Whether the user named files that make vectors of words."""
        return self.text is not None or self.tokenizer is not None

    def without_tokenizer(self) -> ModelChoice:
        """Return the choice of the same model, where the tokenizer belongs to another one."""
        if self.tokenizer is None:
            return self
        other = copy(self)  # what is loaded for one is loaded for both
        other.tokenizer = None
        return other

    def _lazy(
        self, request: ModelRequest, index: tuple[Manifest, Path] | None, messages: Messages
    ) -> LazyEmbedder:
        return LazyEmbedder(
            request,
            index,
            messages,
            self._loaded,
            names_weights=self.weights is not None,
            names_words=self._names_words,
        )

    def of_index(self, manifest: Manifest, where: Path, messages: Messages = UNHEARD) -> LazyEmbedder:
        """Return the model to use with an index: the index's own, if none is asked for.

        A file of weights may be a program, and an index may come from anybody. So the file that is loaded
        is one that the user named, now or earlier, and that has the hash of the index's weights: never
        one that the index names. Only a projection, which is numbers, may lie in the folder of the index.
        Raises ModelMismatch, before any model loads, if another one is asked for.
        """
        weights, text, tokenizer = self.weights, self.text, self.tokenizer
        is_own = self.name is None or full_name(self.name) == manifest.model.name
        if _takes_file(manifest) and is_own:  # what was named earlier belongs to no other model
            if weights is None and manifest.model.name == ADAPTED:
                weights = projection_in(where, manifest.model.weights)
            weights = weights or _from_environment(manifest) or _named_earlier(manifest.model.weights)
            if manifest.model.name == ONNX:
                text = text or _named_earlier(TEXT_OF + manifest.model.weights)
                tokenizer = tokenizer or _named_earlier(TOKENIZER_OF + manifest.model.weights)
        request = ModelRequest(self.name or manifest.model.name, weights, self.device, text, tokenizer)
        is_choice = manifest.other is not None and weights is None  # a name that says which of two is meant
        if (self.name is not None and not is_choice) or self.weights is not None:
            check_model(request, manifest, where)
        return self._lazy(request, (manifest, where), messages)

    def is_second(self, manifest: Manifest, where: Path, use: Use) -> bool:
        """Tell whether the second model of an index is meant, and not the first, of which the manifest is: by
        what was asked for, else by the use. For words that is the model that knows some.

        Raises ModelMismatch if an index of two models has none that was asked for.
        """
        other = manifest.other
        if other is None:
            return False
        meant = [each for each in (manifest, other) if self.may_mean(each)]
        if not meant:
            asked = self.name or f"weights in {self.weights}"
            raise ModelMismatch(
                f"{where} was built with {described(manifest.model)}, and with {described(other.model)}, not "
                f"with {asked}: leave --model and --weights out, or build a new index with --index DIR"
            )
        if len(meant) == 1:
            return meant[0] is other
        is_for_meaning = has_words(other.model.name) or not has_words(manifest.model.name)
        return is_for_meaning == (use is Use.MEANING)

    def may_mean(self, manifest: Manifest) -> bool:
        """Tell whether what was asked for may be the model of an index, by its name and its file."""
        if self.name is not None and full_name(self.name) != manifest.model.name:
            return False
        if self.weights is None:
            return True
        return _takes_file(manifest) and weights_id(self.weights) == manifest.model.weights


def check_model(request: ModelRequest, manifest: Manifest, where: Path) -> None:
    """Refuse a model whose vectors cannot be compared with those of an index."""
    if request.weights is None and request.name == manifest.model.name and _takes_file(manifest):
        raise ModelUnavailable(
            f"{where} was built with a file of weights for {request.name} ({manifest.model.weights[:19]}), "
            f"and an index does not say which file to load: pass --weights FILE, or set {VARIABLE}"
        )
    if request.weights is None and request.name in OF_FILES:
        raise ModelMismatch(
            f"{where} was built with {described(manifest.model)}, not with {request.name}: leave --model "
            f"out, or build a new index with --index DIR --model {request.name} --weights FILE"
        )
    asked = identity(request)
    if asked.matches(manifest.model):
        return
    files = _as_typed(request)
    new = f"--model {asked.name}{files}"
    advice = f"leave --model and --weights out, or build a new index with --index DIR {new}"
    if asked.name != manifest.model.name and manifest.other is None:
        own = " --weights FILE" if _takes_file(manifest) else ""
        both = f"--model {manifest.model.name} --model {asked.name}{own}{files}"
        advice += f", or give this one both: `visualsearch index --index {typed(str(where))} {both}`"
    if asked.name == manifest.model.name and request.weights is None:
        advice = (
            f"this version has other weights of {asked.name}: delete {where}, or pass --index DIR, "
            "and index again"
        )
    raise ModelMismatch(
        f"{where} was built with {described(manifest.model)}, not with {described(asked)}: {advice}"
    )


def _towers(weights: Path) -> tuple[Path, Path | None]:
    """Return the files of an image tower and, if there is one, of a text tower. Raises ModelUnavailable for
    more than two."""
    image, comma, text = str(weights).rpartition(",")
    if not comma or weights.exists():
        return weights, None
    if "," in image and not Path(image).exists():  # a name may have commas, too
        raise ModelUnavailable(
            f"--weights {weights} names {str(weights).count(',') + 1} files: expected one, or two as "
            "image.onnx,text.onnx"
        )
    return Path(image), Path(text)


def _as_typed(request: ModelRequest) -> str:
    """Return the files of a request as options, with a blank before each."""
    named = "" if request.weights is None else f" --weights {typed(_joined(request.weights, request.text))}"
    return named + ("" if request.tokenizer is None else f" --tokenizer {typed(request.tokenizer)}")


def _joined(image: Path, text: Path | None) -> str:
    """Return the files of two towers, or one file, as --weights takes them."""
    return str(image) if text is None else f"{image},{text}"


def _takes_file(manifest: Manifest) -> bool:
    """Tell whether the weights of an index are those of a file, and not of the package or the hub."""
    return manifest.model.name not in BUILT_IN and manifest.model.weights.startswith(FILE)


def _from_environment(manifest: Manifest | None = None) -> Path | None:
    """Return the file of weights that the environment names. Of two models of an index, it is of one."""
    named = os.environ.get(VARIABLE)
    if not named:
        return None
    if manifest is not None and manifest.other is not None:
        return Path(named) if weights_id(Path(named)) == manifest.model.weights else None
    return Path(named)


def _named_earlier(weights: str) -> Path | None:
    """Return the file of these weights that the user named with --weights, or for them, if it is there."""
    path = remembered(WEIGHTS).get(weights)
    return Path(path) if path and os.path.isfile(path) else None


def check_words(manifest: Manifest, where: Path) -> None:
    """Raise NoWords if the model of an index knows no words."""
    if has_words(manifest.model.name):
        return
    name = manifest.model.name
    if manifest.other is None and name in BUILT_IN:
        raise NoWords(
            f"{where} was built with {name}, which knows pictures and no words: add a model that does, with "
            f"`visualsearch index --index {typed(str(where))} --model {name} --model clip`"
        )
    if manifest.other is not None and has_words(manifest.other.model.name):
        raise NoWords(f"{name} knows no words, and {manifest.other.model.name} does: leave --model out")
    # A third model is not possible, and one that lies in a file has to be named by it.
    built_with = (
        f"{name}, which knows"
        if manifest.other is None
        else f"{manifest.other.model.name} and {name}, which know"
    )
    raise NoWords(
        f"{where} was built with {built_with} pictures and no words: build another index, with "
        "`visualsearch index PATH --index DIR --model clip`"
    )


class LazyEmbedder:
    """Loads a model at the first call, if its vectors can be compared with those of the index."""

    def __init__(
        self,
        request: ModelRequest,
        index: tuple[Manifest, Path] | None = None,
        messages: Messages = UNHEARD,
        loaded: dict[ModelRequest, Embedder] | None = None,
        *,
        names_weights: bool = False,
        names_words: bool = False,
    ) -> None:
        """`index` is the manifest of the index and where it is, if there is one; `loaded` what was loaded
        for others. `names_weights`: the user named the file of weights just now; `names_words`: files that
        make vectors of words, which are tried before they take the place of others that were named earlier.
        """
        self.request = request
        self._names_weights = names_weights
        self._names_words = names_words
        self._index = index
        self._messages = messages
        self._loaded = {} if loaded is None else loaded
        self._embedder: Embedder | None = None

    def __call__(self) -> Embedder:
        """Return the model.

        Raises ModelMismatch if this version's model of that name is not the index's, ModelUnavailable
        if its weights are not here.
        """
        if self._embedder is None:
            if self._index is not None:
                check_model(self.request, *self._index)
            else:
                identity(self.request)  # a wrong name or a missing file shows before torch loads
            if self.request not in self._loaded:
                self._messages.detail(f"loading {self.request.name}")
                embedder = load(self.request)
                if self._names_words:
                    self._check_text(embedder.spec.dim)
                self._loaded[self.request] = embedder
                self._remember_weights()
            self._embedder = self._loaded[self.request]
        return self._embedder

    def try_named(self) -> None:
        """Load the model if the user named files of it just now, which are remembered then: a run that finds
        nothing to embed has no other use for it. Weights that are remembered were tried then.

        Raises what a call raises.
        """
        if self._names_words or (self._names_weights and not self._is_remembered()):
            self()

    def _is_remembered(self) -> bool:
        request = self.request
        if request.weights is None or request.name in BUILT_IN:
            return False
        return remembered(WEIGHTS).get(identity(request).weights) == os.path.abspath(request.weights)

    def _check_text(self, dim: int) -> None:
        """Raise ModelUnavailable if the files for words are none, or do not belong together: those that were
        named now, and of what was not, those that were named earlier."""
        request = self.request
        if request.name != ONNX or request.weights is None:
            return
        from visualsearch_cli.embedders.onnx_towers import check_text

        id = identity(request).weights
        text = request.text or _named_earlier(TEXT_OF + id)
        check_text(text, request.tokenizer or _named_earlier(TOKENIZER_OF + id), request.weights, dim)

    def _remember_weights(self) -> None:
        """Note which files of weights the user named, now that they have been of use."""
        request = self.request
        if request.weights is None or self._is_projection_of_index():
            return
        id = identity(request).weights
        for key, path in (
            (id, request.weights),
            (TEXT_OF + id, request.text),
            (TOKENIZER_OF + id, request.tokenizer),
        ):
            if path is not None:
                remember_said(WEIGHTS, key, os.path.abspath(path))

    def _is_projection_of_index(self) -> bool:
        """Tell whether the file is the one in the folder of the index, which nobody named."""
        return self._index is not None and self.request.weights == self._index[1] / PROJECTION

    def text(self) -> TextTower:
        """Return the text tower of the model.

        Raises NoWords if it has none, and what a call raises.
        """
        if self._index is not None:
            check_words(*self._index)
            check_model(self.request, *self._index)
        self._messages.detail(f"loading the text tower of {self.request.name}")
        tower = load_text(self.request)
        if self._index is not None:
            manifest, where = self._index
            dim = tower.embed_texts([]).shape[1]
            if dim != manifest.model.dim:
                raise ModelMismatch(
                    f"{where} holds vectors of {manifest.model.dim} values, and {self.request.text} makes "
                    f"some of {dim}: pass --weights image.onnx,text.onnx with both towers of one model"
                )
            if self._names_words:
                self._check_text(dim)
        self._remember_weights()
        return tower
