"""What `search WORDS` costs among many vectors, whole process, beside `python -c "import numpy"`.

    python -m benchmarks.cost.words_cost [--count N] [--runs N]

The vectors are drawn, with 512 values. The towers are very small files of ONNX, so that what is measured is
all but the text tower: one of a hundred megabytes takes its own time beside it. Both commands are run in
turns; printed are medians, and medians of the ratios of neighboring runs.
"""

from __future__ import annotations

import argparse
import os
import shutil
import subprocess
import sys
import sysconfig
import tempfile
from pathlib import Path

import numpy as np

from benchmarks.cost.processes import Side, alternate
from benchmarks.cost.start_cost import BASE, said
from benchmarks.scale.filter_cost import build, facts
from tests.helpers.onnx_files import write_towers
from visualsearch_cli.embedders.embedder import ModelSpec
from visualsearch_cli.embedders.specs import ONNX, ONNX_PREPROCESSING
from visualsearch_cli.embedders.weights import weights_id
from visualsearch_cli.index.folder import IndexFolder

DIM = 512


def main() -> None:
    """Draw an index, and measure."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").partition("\n")[0])
    parser.add_argument("--count", type=int, default=100_000)
    parser.add_argument("--runs", type=int, default=11)
    options = parser.parse_args()
    program = shutil.which("visualsearch", path=sysconfig.get_path("scripts")) or "visualsearch"
    with tempfile.TemporaryDirectory() as work:
        os.environ["XDG_STATE_HOME"] = work  # the towers are remembered here, and gone with it
        write_towers(Path(work), dim=DIM)
        folder = IndexFolder(Path(work) / "Drawn" / ".visualsearch")
        spec = ModelSpec(ONNX, weights_id(Path(work) / "image.onnx"), ONNX_PREPROCESSING, DIM)
        build(folder, facts(np.zeros(options.count)), spec)
        command = [program, "search", "red", "--index", str(folder.path)]
        files = f"{work}/image.onnx,{work}/text.onnx"
        named = [*command, "--weights", files, "--tokenizer", f"{work}/tokenizer.json"]
        subprocess.run(named, check=True, stdout=subprocess.DEVNULL)
        sides = {
            BASE: Side([sys.executable, "-c", BASE], allowed=(0,)),
            "search": Side(command, allowed=(0,)),
        }
        costs = alternate(sides, options.runs)
    print(f"{options.count:,} vectors of {DIM} values, {options.runs} runs")
    print("\n".join(said(name, found, costs[BASE]) for name, found in costs.items()))


if __name__ == "__main__":
    main()
