"""Networks of timm with a file of weights, by the installed program."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.helpers.networks import write_network
from tests.helpers.photographs import copy_of
from tests.helpers.program import Program

pytestmark = pytest.mark.xdist_group("torch")  # so that what takes gigabytes runs one at a time


def test_a_copy_is_found_by_features_of_a_network(run: Program, photos: Path) -> None:
    pytest.importorskip("timm", reason="needs the extra 'timm'")
    write_network("resnet18", run.home / "resnet.pt")
    made = run(
        "index", photos, "--model", "timm:resnet18", "--weights", "resnet.pt", "--device", "cpu", "--json"
    )
    assert (made.json["embedded"], made.json["model"]) == (10, "timm:resnet18")
    assert run("info", "--json").json["model"]["dim"] == 512
    copy_of(photos / "coffee.jpg", run.home / "x.jpg")
    asked = ("query", "x.jpg", "-k", "1", "--no-verify", "--json")
    (found,) = run(*asked).json["results"][0]["neighbors"]  # by the file that was named once
    assert Path(found["path"]).name == "coffee.jpg"
    write_network("efficientnet_b0", run.home / "other.pt")
    other = ("--model", "timm:resnet18", "--weights", "other.pt")
    assert "was built with" in run(*asked, *other, code=12).message
    (run.home / "resnet.pt").unlink()
    assert "pass --weights FILE" in run(*asked, code=1).message
