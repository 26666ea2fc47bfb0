"""An image tower and a text tower in files of ONNX, run by onnxruntime: CLIP and its like without torch.

What the exporters of such models agree on is enough: pictures are float (n, 3, height, width), texts are
token ids (n, length), with a mask where one is asked for, and the vector is the output of two dimensions.
"""

from __future__ import annotations

from collections.abc import Sequence
from functools import lru_cache
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
from PIL import Image

from visualsearch_cli.embedders.arrays import squash, unit_rows
from visualsearch_cli.embedders.embedder import ModelInput, ModelSpec
from visualsearch_cli.embedders.preparation import preparation_beside
from visualsearch_cli.embedders.specs import ONNX
from visualsearch_cli.embedders.weights import weights_id
from visualsearch_cli.errors import ModelUnavailable, is_of_memory
from visualsearch_cli.onnx_sessions import new_session
from visualsearch_cli.pictures.image import Pixels
from visualsearch_cli.vectors.index import Embeddings

if TYPE_CHECKING:
    import numpy.typing as npt
    from tokenizers import Tokenizer

SIDE = 224  # pixels, where the file leaves it open
LENGTH = 77  # tokens, likewise
BATCH = 32  # rows a run, where the file takes any number
TOKENS_KEPT = 4_096  # texts, each some hundred bytes

_TOWERS = "--weights image.onnx,text.onnx with both towers of one model"

_TYPES = {
    "tensor(float)": np.float32,
    "tensor(float16)": np.float16,
    "tensor(int64)": np.int64,
    "tensor(int32)": np.int32,
}


class OnnxImages:
    """The image tower."""

    def __init__(self, weights: Path, threads: int | None = None) -> None:
        """Raises ModelUnavailable if the file is no image tower, or cannot be read."""
        preparation = preparation_beside(weights)
        self._network = _Network(weights, threads)
        (picture,) = self._network.inputs if len(self._network.inputs) == 1 else (None,)
        if picture is None or len(picture.shape) != 4 or picture.shape[1] not in (3, "3"):
            raise self._network.misfit("one input of pictures, (n, 3, height, width)")
        self._input = picture
        self._height, self._width = (side if isinstance(side, int) else SIDE for side in picture.shape[2:])
        self._resample = Image.Resampling(preparation.resample)
        self._mean, self._std = (
            np.array(values, np.float32).reshape(1, 3, 1, 1) for values in (preparation.mean, preparation.std)
        )
        blank = np.zeros((self._height, self._width, 3), np.uint8)
        self.spec = ModelSpec(ONNX, weights_id(weights), preparation.name, self._run([blank]).shape[1])

    @property
    def input_side(self) -> int:
        """The longer side of the model's input, in pixels."""
        return max(self._height, self._width)

    def prepare(self, pixels: Pixels) -> ModelInput:
        """Squash one image to the model's sides, uint8 (height, width, 3). Thread-safe."""
        return squash(pixels, self._width, self._height, self._resample)

    def embed(self, batch: Sequence[ModelInput]) -> Embeddings:
        """Return float32 of shape (n, spec.dim), rows of unit length."""
        size = self._network.batch_size
        rows = [self._run(batch[start : start + size]) for start in range(0, len(batch), size)]
        return unit_rows(np.concatenate(rows)) if rows else np.empty((0, self.spec.dim), np.float32)

    def _run(self, part: Sequence[ModelInput]) -> npt.NDArray[np.float32]:
        x = np.stack(part).transpose(0, 3, 1, 2).astype(np.float32) / 255
        x = (x - self._mean) / self._std
        return self._network.run(
            {self._input.name: x.astype(_TYPES[self._input.type])},
            f"pictures of {self._width} × {self._height} pixels",
            "--weights image.onnx,text.onnx, the image tower first",
        )


class OnnxText:
    """The text tower, and the tokenizer that its texts go through."""

    def __init__(self, weights: Path, tokenizer: Path, threads: int | None = None) -> None:
        """Take a file of ONNX, and a tokenizer.json as the package `tokenizers` reads it.

        Raises ModelUnavailable if either is not what it should be.
        """
        self._path = tokenizer
        self._network = _Network(weights, threads)
        self._ids, self._mask = _inputs_of_text(self._network)
        length = self._ids.shape[1]
        self._tokenizer = _tokenizer(tokenizer, length if isinstance(length, int) else None)
        self._encoded = lru_cache(maxsize=TOKENS_KEPT)(self._tokenizer.encode)
        self._dim = 0

    def embed_texts(self, texts: Sequence[str]) -> Embeddings:
        """Return float32 of shape (n, dim), rows of unit length."""
        size = self._network.batch_size
        if not texts:
            self._dim = self._dim or self._run(["x"]).shape[1]
            return np.empty((0, self._dim), np.float32)
        rows = [self._run(texts[start : start + size]) for start in range(0, len(texts), size)]
        return unit_rows(np.concatenate(rows))

    def check_vocabulary(self) -> None:
        """Raise ModelUnavailable if the network does not know every token of the tokenizer: it belongs to
        another model then, which only words that come later would show."""
        known = self._tokenizer.get_vocab(with_added_tokens=False).values()
        ids = np.full((1, len(self._tokenizer.encode("x").ids)), max(known, default=0))
        self._run_ids(ids, np.ones_like(ids))

    def _run(self, part: Sequence[str]) -> npt.NDArray[np.float32]:
        encoded = [self._encoded(text) for text in part]
        return self._run_ids(
            np.array([one.ids for one in encoded]), np.array([one.attention_mask for one in encoded])
        )

    def _run_ids(self, ids: npt.NDArray[np.int64], mask: npt.NDArray[np.int64]) -> npt.NDArray[np.float32]:
        feed = {self._ids.name: ids.astype(_TYPES[self._ids.type])}
        if self._mask is not None:
            feed[self._mask.name] = mask.astype(_TYPES[self._mask.type])
        return self._network.run(
            feed,
            f"what {self._path} makes of texts, numbers up to {ids.max()}",
            "--weights image.onnx,text.onnx --tokenizer tokenizer.json, all three of one model",
        )


def check_text(text: Path | None, tokenizer: Path | None, image: Path, dim: int) -> None:
    """Open and try the files that are named beside an image tower, whose vectors have `dim` values.

    Raises ModelUnavailable if one is not what it should be, or belongs to another model, where that shows.
    """
    if text is None:
        if tokenizer is not None:
            _tokenizer(tokenizer, None)
        return
    if tokenizer is not None:
        tower = OnnxText(text, tokenizer)
        tower.check_vocabulary()
        found = tower.embed_texts([]).shape[1]
    else:
        network = _Network(text, None)
        ids, mask = _inputs_of_text(network)
        shape = (1, ids.shape[1] if isinstance(ids.shape[1], int) else LENGTH)
        feed = {node.name: np.ones(shape, _TYPES[node.type]) for node in (ids, mask) if node is not None}
        found = network.run(feed, "a text", _TOWERS).shape[1]
    if found != dim:
        raise ModelUnavailable(
            f"{text} makes vectors of {found} values, and {image} some of {dim}: pass {_TOWERS}"
        )


def _inputs_of_text(network: _Network) -> tuple[Any, Any | None]:
    """Return the input of token ids and that of a mask, if there is one. Raises ModelUnavailable."""
    ids = [node for node in network.inputs if "mask" not in node.name]
    if len(ids) != 1 or len(network.inputs) > 2 or len(ids[0].shape) != 2 or "int" not in ids[0].type:
        raise network.misfit("token ids, (n, length), and perhaps a mask")
    return ids[0], next((node for node in network.inputs if node is not ids[0]), None)


class _Network:
    """A file of ONNX that makes a vector of each row."""

    def __init__(self, path: Path, threads: int | None) -> None:
        self._path = path
        try:
            self._session = new_session(path, threads or 0, quiet=True)
        except Exception as error:  # its own kinds of errors are not of one tree
            if is_of_memory(error):
                raise
            raise ModelUnavailable(
                f"{path} cannot be run ({_first_line(error)}): pass --weights "
                "image.onnx,text.onnx with whole files of ONNX"
            ) from error
        self.inputs: list[Any] = self._session.get_inputs()
        outputs = [node for node in self._session.get_outputs() if len(node.shape or ()) == 2]
        if not outputs or any(node.type not in _TYPES for node in self.inputs):
            raise self.misfit("an output of vectors, (n, dim)")
        self._output = next((node for node in outputs if "embed" in node.name), outputs[0]).name
        rows = self.inputs[0].shape[0]
        self._is_fixed = isinstance(rows, int)
        self.batch_size: int = rows if self._is_fixed else BATCH

    def run(self, feed: dict[str, npt.NDArray[Any]], what: str, remedy: str) -> npt.NDArray[np.float32]:
        """Return the vectors of some rows, float32 (n, dim), of any length.

        Raises ModelUnavailable if the network fails: `what` it was given, and what to pass as a `remedy`.
        """
        count = len(next(iter(feed.values())))
        missing = self.batch_size - count if self._is_fixed else 0
        if missing:
            feed = {name: np.concatenate([rows, *([rows[-1:]] * missing)]) for name, rows in feed.items()}
        try:
            (found,) = self._session.run([self._output], feed)
        except Exception as error:  # likewise
            if is_of_memory(error):
                raise
            raise ModelUnavailable(
                f"{self._path} cannot be run with {what} ({_first_line(error)}): pass {remedy}"
            ) from error
        vectors = np.asarray(found, np.float32)
        if vectors.ndim != 2 or len(vectors) != count + missing:
            raise ModelUnavailable(
                f"{self._path} makes an array of the shape {vectors.shape} of {what}, expected a vector for "
                f"each of {count + missing}: pass {remedy}"
            )
        return vectors[:count]

    def misfit(self, expected: str) -> ModelUnavailable:
        """Return the error for a file that has other inputs and outputs than expected."""
        said = ", ".join(f"{node.name} {node.shape}" for node in self.inputs)
        return ModelUnavailable(
            f"{self._path} takes {said}, expected {expected}: pass --weights image.onnx,text.onnx, the image "
            "tower first"
        )


def _first_line(error: Exception) -> str:
    return (str(error).strip() or type(error).__name__).splitlines()[0][:200]


def _tokenizer(path: Path, length: int | None) -> Tokenizer:
    """Return a tokenizer whose texts have all the same length: that of the model, else its own, else 77."""
    try:
        from tokenizers import Tokenizer
    except ImportError as error:
        raise ModelUnavailable(
            f"{path} needs the package tokenizers, which is not installed: "
            "pip install 'visualsearch-cli[onnx]'"
        ) from error
    try:
        found = Tokenizer.from_file(str(path))
    except Exception as error:
        raise ModelUnavailable(
            f"{path} is no tokenizer ({_first_line(error)}): pass --tokenizer tokenizer.json of the model"
        ) from error
    padding, truncation = found.padding or {}, found.truncation or {}
    length = length or truncation.get("max_length") or padding.get("length") or LENGTH
    found.enable_truncation(length)
    found.enable_padding(
        length=length, pad_id=padding.get("pad_id", 0), pad_token=padding.get("pad_token", "[PAD]")
    )
    return found
