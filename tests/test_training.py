"""The recipe of the network runs: some steps on a few small pictures, stopped, gone on with, and measured."""

from __future__ import annotations

import re
import subprocess
import sys
import tarfile
from io import BytesIO
from pathlib import Path

import pytest

from tests.helpers.pictures import photograph
from tests.helpers.places import TRAINING

NAMES = ("coffee", "chelsea", "astronaut", "rocket")


@pytest.fixture(scope="module")
def photographs(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Return a tar of 24 parts of photographs, 96 pixels a side."""
    path = tmp_path_factory.mktemp("training") / "photographs.tar"
    with tarfile.open(path, "w") as tar:
        for name in NAMES:
            picture = photograph(name)
            for part in range(6):
                left, top = part % 3 * 96, part // 3 * 96
                packed = BytesIO()
                picture.crop((left, top, left + 96, top + 96)).save(packed, "PNG")
                member = tarfile.TarInfo(f"{name}/{part}.png")
                member.size = packed.tell()
                packed.seek(0)
                tar.addfile(member, packed)
    return path


def run(script: str, *arguments: str | Path) -> str:
    """Run a script of the recipe. Returns what it prints."""
    command = [sys.executable, TRAINING / script, *arguments]
    done = subprocess.run([*map(str, command)], capture_output=True, text=True, timeout=300, check=False)
    assert done.returncode == 0, done.stderr
    return done.stdout


def steps(weights: Path) -> int:
    """Return how many steps a run took until it saved these."""
    from safetensors import safe_open

    with safe_open(weights, "pt") as opened:
        return int(opened.metadata()["step"])


@pytest.mark.slow
def test_a_run_goes_on_where_it_stopped_and_can_be_measured(photographs: Path, tmp_path: Path) -> None:
    pytest.importorskip("torch")
    out = tmp_path / "run"
    weights = out / "average.safetensors"
    small = ("--batch", "8", "--small", "32", "--large", "32", "--held-out", "4", "--threads", "1")
    run("train.py", photographs, "--out", out, "--minutes", "0.03", *small)
    first = steps(weights)
    assert first > 0
    printed = run("train.py", photographs, "--out", out, "--minutes", "0.06", "--fix-statistics", *small)
    assert f"20 photographs, from step {first}" in printed
    assert steps(weights) > first

    edits = ("--edits", "grayscale", "crop to 75 %")
    held_out = ("--held-out", "4", "--side", "32", *edits)
    printed = run("evaluate.py", photographs, "--weights", weights, *held_out)
    assert re.search(r"micro-AP [01]\.\d{4}", printed)
    assert re.search(r"^crop to 75 % +[01]\.\d{3} ", printed, re.MULTILINE)


@pytest.mark.slow
@pytest.mark.xdist_group("torch")
def test_a_network_is_fine_tuned_on_classes_and_judged_on_others(tmp_path: Path) -> None:
    torch = pytest.importorskip("torch")
    timm = pytest.importorskip("timm", reason="needs the extra 'timm'")
    from safetensors.torch import save_file

    from visualsearch_cli.embedders.registry import ModelRequest, load

    torch.manual_seed(0)
    save_file(
        timm.create_model("mobilenetv3_small_050", pretrained=False).state_dict(), tmp_path / "w.safetensors"
    )
    for name in NAMES:
        picture = photograph(name)
        (tmp_path / "classes" / name).mkdir(parents=True)
        for part in range(4):
            left, top = part % 2 * 120, part // 2 * 120
            picture.crop((left, top, left + 120, top + 120)).save(tmp_path / "classes" / name / f"{part}.png")
    (tmp_path / "classes" / NAMES[0] / "broken.png").write_bytes(b"no picture")
    model = ("--model", "timm:mobilenetv3_small_050", "--weights", tmp_path / "w.safetensors")
    out = tmp_path / "tuned.safetensors"
    command = [sys.executable, TRAINING / "finetune.py", tmp_path / "classes", *model, "--out", out]
    command += ["--steps", "4", "--batch", "8", "--rate", "1e-3"]
    done = subprocess.run([*map(str, command)], capture_output=True, text=True, timeout=300, check=False)
    said = re.search(r"of the pictures of 2 unseen classes, (\S+) .* before\nand (\S+) do now", done.stdout)
    assert said, done.stdout + done.stderr
    assert "broken.png" in done.stdout and "step 4 of 4: loss" in done.stdout
    helped = float(said[2]) > float(said[1])
    assert (done.returncode == 0) is helped is out.exists()
    assert ("no gain: nothing is written" in done.stderr) is not helped
    assert sorted(path.name for path in tmp_path.iterdir() if path.name.startswith(".")) == []
    if helped:
        load(ModelRequest("timm:mobilenetv3_small_050", out, device="cpu"))
