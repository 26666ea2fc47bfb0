"""Make an exported network small and fast: `python quantize.py candidate.onnx TARS... --out bundled.onnx`.

The convolutions compute in 8-bit integers, which takes less than half the time and a third of the space. The
stem and the first block stay in float32: they hardly cost anything, and most of the error came from them.
"""

import argparse
import tempfile
from collections.abc import Iterator, Sequence
from pathlib import Path

import numpy as np
import numpy.typing as npt
import onnx
import onnxruntime
from data import read_photographs, split
from geometry import Pixels, shrink_to_square
from onnxruntime.quantization import CalibrationDataReader, QuantFormat, QuantType, quantize_static
from onnxruntime.quantization.shape_inference import quant_pre_process

from visualsearch_cli.embedders.channels import to_channels

SIDE = 128  # pixels
CALIBRATION = 200  # photographs whose activations give the ranges of the integers
CHECKED = 200  # held-out photographs
KEPT = ("stem", "blocks.0/")
"""Parts of the names of layers that stay in float32."""

Inputs = npt.NDArray[np.float32]


class Calibration(CalibrationDataReader):  # type: ignore[misc]
    """Photographs, one at a time."""

    def __init__(self, pictures: Sequence[Inputs]) -> None:
        self.pictures: Iterator[Inputs] = iter(pictures)

    def get_next(self) -> dict[str, Inputs] | None:
        picture = next(self.pictures, None)
        return None if picture is None else {"x": picture}


def to_input(pixels: Pixels) -> Inputs:
    """Return float32 (1, 4, SIDE, SIDE) of one photograph."""
    scaled = to_channels(shrink_to_square(pixels, SIDE)).astype(np.float32) / 127.5 - 1
    return np.ascontiguousarray(scaled.transpose(2, 0, 1)[None])


def session(path: Path, level: str, saved: Path | None = None) -> onnxruntime.InferenceSession:
    options = onnxruntime.SessionOptions()
    options.graph_optimization_level = getattr(onnxruntime.GraphOptimizationLevel, f"ORT_ENABLE_{level}")
    if saved is not None:
        options.optimized_model_filepath = str(saved)
    return onnxruntime.InferenceSession(path, options, providers=["CPUExecutionProvider"])


def quantize(source: Path, out: Path, pictures: Sequence[Inputs]) -> None:
    """Write `source` with 8-bit convolutions and additions, and its layers fused as at each start otherwise.

    The addition that pools the two sizes stays in float32: it adds third powers, whose range is far too wide.
    Weights have 7 bits, since processors without VNNI overflow on 8.
    """
    with tempfile.TemporaryDirectory() as folder:
        prepared, quantized = Path(folder) / "prepared.onnx", Path(folder) / "quantized.onnx"
        quant_pre_process(source, prepared, skip_symbolic_shape=True)
        nodes = onnx.load(prepared).graph.node
        pooling = [node.name for node in nodes if node.op_type == "Add"][-1]
        kept = [node.name for node in nodes if any(part in _plain(node.name) for part in KEPT)]
        quantize_static(
            prepared,
            quantized,
            Calibration(pictures),
            quant_format=QuantFormat.QDQ,
            op_types_to_quantize=["Conv", "Add", "Relu"],
            nodes_to_exclude=[*kept, pooling],
            per_channel=True,
            reduce_range=True,
            activation_type=QuantType.QUInt8,
            weight_type=QuantType.QInt8,
        )
        session(quantized, "EXTENDED", saved=out)
    _describe(out, onnx.load(source))


def _plain(name: str) -> str:
    """Undo what the exporter adds to the names of layers that run a second time: blocks.0_1 is blocks.0."""
    return name.replace("_1/", "/")


def _describe(path: Path, source: onnx.ModelProto) -> None:
    """Drop the operator sets that no layer uses, and note where the network comes from."""
    model = onnx.load(path)
    used = {node.domain for node in model.graph.node}
    sets = [item for item in model.opset_import if item.domain in used]
    del model.opset_import[:]
    model.opset_import.extend(sets)
    onnx.helper.set_model_props(model, {item.key: item.value for item in source.metadata_props})
    onnx.save(model, path)


def vectors(path: Path, pictures: Sequence[Inputs]) -> npt.NDArray[np.float32]:
    opened = session(path, "ALL")
    return np.concatenate([opened.run(["z"], {"x": picture})[0] for picture in pictures])


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("onnx", type=Path)
    parser.add_argument("tars", nargs="+", type=Path)
    parser.add_argument("--pairs", type=Path)
    parser.add_argument("--held-out", type=int, default=600, help="as it was in training")
    parser.add_argument("--out", type=Path, required=True)
    options = parser.parse_args()

    photographs = read_photographs(options.tars, options.pairs)
    trained, held_out = split(photographs, options.held_out)
    chosen = np.random.default_rng(0).choice(trained, CALIBRATION, replace=False)
    quantize(options.onnx, options.out, [to_input(photographs.pixels[row]) for row in chosen])
    checked = [to_input(photographs.pixels[row]) for row in held_out[:CHECKED]]
    distances = 1 - (vectors(options.onnx, checked) * vectors(options.out, checked)).sum(axis=1)
    size = options.out.stat().st_size / 1e6
    print(
        f"{options.out}: {size:.2f} MB, cosine distance from float32 {distances.mean():.4f} on average, "
        f"{distances.max():.4f} at most, over {len(checked)} held-out photographs"
    )


if __name__ == "__main__":
    main()
