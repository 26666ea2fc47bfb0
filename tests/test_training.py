"""The recipe of the network runs: some steps on a few small pictures, stopped, gone on with, and measured."""

from __future__ import annotations

import re
import runpy
import subprocess
import sys
import tarfile
from io import BytesIO
from pathlib import Path

import pytest

from tests.helpers.pictures import photograph
from tests.helpers.places import TRAINING
from tests.helpers.tiny_clip import TINY, write_tiny

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


@pytest.mark.long
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
    write_classes(tmp_path / "classes")
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


def write_classes(folder: Path) -> None:
    """Write four parts of each of some photographs, a class each."""
    for name in NAMES:
        picture = photograph(name)
        (folder / name).mkdir(parents=True)
        for part in range(4):
            left, top = part % 2 * 120, part // 2 * 120
            picture.crop((left, top, left + 120, top + 120)).save(folder / name / f"{part}.png")


@pytest.mark.slow
@pytest.mark.xdist_group("torch")
def test_an_image_tower_of_open_clip_is_fine_tuned(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    """In this process, which alone knows a model so small."""
    pytest.importorskip("open_clip", reason="needs the extra 'clip'")
    from visualsearch_cli.embedders.registry import ModelRequest, load

    weights = write_tiny(tmp_path).folder / "weights.safetensors"
    write_classes(tmp_path / "classes")
    out = tmp_path / "tuned.safetensors"
    name = f"open_clip:{TINY}"
    command = ["finetune.py", tmp_path / "classes", "--model", name, "--weights", weights, "--out", out]
    command += ["--steps", "4", "--batch", "8", "--rate", "1e-3"]
    monkeypatch.setattr(sys, "argv", [*map(str, command)])
    ended = None
    try:
        runpy.run_path(str(TRAINING / "finetune.py"), run_name="__main__")
    except SystemExit as error:
        ended = error.code
    printed = capsys.readouterr().out
    said = re.search(r"of the pictures of 2 unseen classes, (\S+) .* before\nand (\S+) do now", printed)
    assert said and "step 4 of 4: loss" in printed
    helped = float(said[2]) > float(said[1])
    assert ended == (None if helped else "that is no gain: nothing is written")
    assert out.exists() is helped
    if helped:
        load(ModelRequest(name, out, device="cpu"))


@pytest.mark.slow
@pytest.mark.xdist_group("torch")
def test_what_cannot_be_fine_tuned_is_said_in_a_sentence(tmp_path: Path) -> None:
    pytest.importorskip("timm", reason="needs the extra 'timm'")
    file = tmp_path / "w.safetensors"
    file.write_bytes(b"no weights")
    for folder, model, expected in (
        (tmp_path / "gone", "timm:resnet18", f"{tmp_path / 'gone'} is no folder: "),
        (tmp_path, "timm:resnet18", f"{file} "),
        (tmp_path, "bundled", "bundled: expected timm:MODEL or open_clip:MODEL"),
    ):
        command = [sys.executable, TRAINING / "finetune.py", folder, "--model", model, "--weights", file]
        command += ["--out", tmp_path / "tuned.safetensors"]
        done = subprocess.run([*map(str, command)], capture_output=True, text=True, timeout=300, check=False)
        assert done.returncode == 1
        assert done.stderr.startswith(expected) and done.stderr.count("\n") == 1
