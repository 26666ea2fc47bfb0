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
from visualsearch_cli.errors import ModelUnavailable
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
        return self._network.run({self._input.name: x.astype(_TYPES[self._input.type])})


class OnnxText:
    """The text tower, and the tokenizer that its texts go through."""

    def __init__(self, weights: Path, tokenizer: Path, threads: int | None = None) -> None:
        """Take a file of ONNX, and a tokenizer.json as the package `tokenizers` reads it.

        Raises ModelUnavailable if either is not what it should be.
        """
        self._network = _Network(weights, threads)
        names = [node.name for node in self._network.inputs]
        ids = [node for node in self._network.inputs if "mask" not in node.name]
        if len(ids) != 1 or len(names) > 2 or len(ids[0].shape) != 2 or "int" not in ids[0].type:
            raise self._network.misfit("token ids, (n, length), and perhaps a mask")
        self._ids = ids[0]
        self._mask = next((node for node in self._network.inputs if node is not ids[0]), None)
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

    def _run(self, part: Sequence[str]) -> npt.NDArray[np.float32]:
        encoded = [self._encoded(text) for text in part]
        feed = {self._ids.name: np.array([one.ids for one in encoded], _TYPES[self._ids.type])}
        if self._mask is not None:
            masks = [one.attention_mask for one in encoded]
            feed[self._mask.name] = np.array(masks, _TYPES[self._mask.type])
        return self._network.run(feed)


class _Network:
    """A file of ONNX that makes a vector of each row."""

    def __init__(self, path: Path, threads: int | None) -> None:
        self._path = path
        try:
            self._session = new_session(path, threads or 0, quiet=True)
        except Exception as error:  # its own kinds of errors are not of one tree
            raise ModelUnavailable(
                f"{path} cannot be run ({str(error).strip().splitlines()[0][:200]}): pass --weights "
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

    def run(self, feed: dict[str, npt.NDArray[Any]]) -> npt.NDArray[np.float32]:
        """Return the vectors of some rows, float32 (n, dim), of any length."""
        missing = self.batch_size - len(next(iter(feed.values()))) if self._is_fixed else 0
        if missing:
            feed = {name: np.concatenate([rows, *([rows[-1:]] * missing)]) for name, rows in feed.items()}
        (found,) = self._session.run([self._output], feed)
        return np.asarray(found, np.float32)[: len(found) - missing]

    def misfit(self, expected: str) -> ModelUnavailable:
        """Return the error for a file that has other inputs and outputs than expected."""
        said = ", ".join(f"{node.name} {node.shape}" for node in self.inputs)
        return ModelUnavailable(
            f"{self._path} takes {said}, expected {expected}: pass --weights image.onnx,text.onnx, the image "
            "tower first"
        )


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
            f"{path} is no tokenizer ({str(error).strip().splitlines()[0][:200]}): pass --tokenizer "
            "tokenizer.json of the model"
        ) from error
    padding, truncation = found.padding or {}, found.truncation or {}
    length = length or truncation.get("max_length") or padding.get("length") or LENGTH
    found.enable_truncation(length)
    found.enable_padding(
        length=length, pad_id=padding.get("pad_id", 0), pad_token=padding.get("pad_token", "[PAD]")
    )
    return found
