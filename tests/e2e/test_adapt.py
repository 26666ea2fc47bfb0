"""Learning from labels, by the installed program."""

from __future__ import annotations

import shutil
from pathlib import Path

import pytest

from tests.helpers.kinds import write_kinds
from tests.helpers.program import Program
from tests.helpers.reports_of_files import group, member, write_report
from visualsearch_cli.verdicts.verdict import Verdict


@pytest.fixture
def kinds(run: Program) -> Path:
    """~/Kinds, a folder a kind, indexed with `pixels`."""
    folder = write_kinds(run.home / "Kinds")
    run.env["VISUALSEARCH_INDEX"] = str(folder / ".visualsearch")
    run("index", folder, "--model", "pixels")
    return folder


def kind_of(path: str) -> str:
    return Path(path).parent.name


def test_a_model_is_adapted_and_an_index_derived(run: Program, kinds: Path) -> None:
    run("label", "--folders", kinds)
    found = run("adapt", "own.model", "--into", "adapted", "--json", "--dim", "32").json
    assert found["schema"] == "visualsearch/adaptation/1" and found["dim"] == 32
    assert (found["classes"], found["pictures"]) == ([24, 8, 8], 48)
    assert found["after"] > found["before"] + 0.2 and found["chance"] < 0.01
    run.env["VISUALSEARCH_INDEX"] = str(run.home / "adapted")
    manifest = run("info", "--json").json
    assert manifest["model"]["name"] == "adapted" and manifest["model"]["dim"] == 32
    assert run("check").out.endswith("nothing wrong\n")

    # A picture that the index does not know is embedded by the other model and projected to its copy.
    shutil.copy(kinds / "kind-03" / "0.png", run.home / "copy.png")
    copied = run("query", "copy.png", "-k", "1", "--no-verify", "--format", "jsonl").jsonl[0]["neighbors"][0]
    assert kind_of(copied["path"]) == "kind-03" and copied["distance"] < 1e-5
    # And what is added later is embedded so, too, by the file that was named once.
    shutil.copytree(kinds / "kind-04", run.home / "New")
    (run.home / "New" / "0.png").write_bytes((kinds / "kind-04" / "0.png").read_bytes() + b"\0")
    assert "1 embedded" in run("index", "New").out
    matched = run("match", kinds / "kind-05" / "0.png").out
    assert "kind-05" in matched


@pytest.mark.parametrize("loss", ["triplet", "pn", "multi-similarity", "circle"])
def test_each_loss_is_chosen_by_its_name(run: Program, kinds: Path, loss: str) -> None:
    run("label", "--folders", kinds)
    found = run("adapt", "own.model", "--loss", loss, "--json").json
    assert found["loss"] == loss and found["after"] > found["before"]
    assert "hinge" in run("adapt", "own.model", "--loss", "hinge", code=2).message


def test_vectors_do_not_become_longer(run: Program, kinds: Path) -> None:
    run("label", "--folders", kinds)
    message = run("adapt", "own.model", "--dim", "1000", code=1).message
    assert "the vectors have 432 values, and --dim asks for 1000" in message
    assert not (run.home / "own.model").exists()


def test_labels_that_say_nothing_are_refused(run: Program, kinds: Path) -> None:
    assert "has a label" in run("adapt", "own.model", code=1).message
    pictures = sorted(kinds.rglob("*.png"))
    rows = [f"{path},any-{number * 7 % 40}" for number, path in enumerate(pictures)]
    (run.home / "names.csv").write_text("\n".join(["file,label", *rows]))
    run("label", "--csv", "names.csv")
    message = run("adapt", "own.model", "--into", "adapted", code=1).message
    assert "nothing was learned that helps" in message and "Nothing is written" in message
    assert not (run.home / "own.model").exists() and not (run.home / "adapted").exists()


def test_groups_of_a_report_are_learned_from(run: Program, kinds: Path) -> None:
    groups = [
        group(first, *(member(path, Verdict.EDITED) for path in others), id=folder.name)
        for folder in sorted(kinds.glob("kind-*"))
        for first, *others in [sorted(folder.glob("*.png"))]
    ]
    write_report(run.home / "dupes.json", *groups)
    found = run("adapt", "own.model", "--groups", "dupes.json", "--json").json
    assert found["after"] > found["before"] and found["into"] is None
    few = write_report(run.home / "few.json", *groups[:4])
    message = run("adapt", "own.model", "--groups", few, code=1).message
    assert "expected 10 at least" in message and "Name a report with more groups" in message
    # What was written is a model, and nothing else is.
    picture = kinds / "kind-00" / "0.png"
    assert "it is left as it is" in run("adapt", picture, "--groups", "dupes.json", code=2).err
    assert (
        "no model that `visualsearch adapt` wrote"
        in run(
            "index", kinds / "kind-00", "--index", "new", "--model", "adapted", "--weights", picture, code=1
        ).message
    )


def test_vectors_become_shorter_without_labels(run: Program, kinds: Path) -> None:
    found = run("adapt", "short.model", "--pca", "--dim", "16", "--into", "short", "--json").json
    assert (found["dim"], found["pictures"], found["whitened"]) == (
        16,
        len(list(kinds.rglob("*.png"))),
        False,
    )
    assert 0.5 < found["variance"] < 1 and 0.3 < found["neighbors"] <= 1
    manifest = run("info", "--index", "short", "--json").json
    assert (manifest["model"]["name"], manifest["model"]["dim"]) == ("adapted", 16)
    assert manifest["vectors"] == found["pictures"]
    shutil.copy(kinds / "kind-03" / "0.png", run.home / "copy.png")
    asked = ("query", "copy.png", "-k", "1", "--no-verify", "--index", "short", "--format", "jsonl")
    (copied,) = run(*asked).jsonl[0]["neighbors"]
    assert kind_of(copied["path"]) == "kind-03" and copied["distance"] < 1e-5
    assert "% of the variance of" in run("adapt", "white.model", "--pca", "--whiten", "--dim", "16").out
    assert "name fewer" in run("adapt", "x.model", "--pca", "--dim", "432", code=1).message
    assert "--whiten is for --pca" in run("adapt", "x.model", "--whiten", code=2).message
    for loss in ("pn", "triplet"):
        message = run("adapt", "x.model", "--pca", "--loss", loss, code=2).message
        assert "--loss is for learning from labels or groups" in message
    assert not (run.home / "x.model").exists()


def test_an_index_has_shorter_vectors_from_the_start(run: Program, kinds: Path) -> None:
    made = run("index", kinds, "--index", "short", "--model", "pixels", "--dim", "16")
    assert "vectors of 16 values in place of 432" in made.err and "% of the ten nearest" in made.err
    manifest = run("info", "--index", "short", "--json").json
    assert (manifest["model"]["dim"], manifest["vectors"]) == (16, len(list(kinds.rglob("*.png"))))
    (run.home / "short").rename(run.home / "moved")  # it takes along what it needs
    shutil.copy(kinds / "kind-03" / "0.png", run.home / "copy.png")
    asked = ("query", "copy.png", "-k", "1", "--no-verify", "--format", "jsonl")
    run("index", "--from", "moved", "--index", "taken")
    for place in ("moved", "taken"):
        (copied,) = run(*asked, "--index", place).jsonl[0]["neighbors"]
        assert kind_of(copied["path"]) == "kind-03" and copied["distance"] < 1e-5
    (run.home / "copy.png").write_bytes((kinds / "kind-04" / "0.png").read_bytes() + b"\0")
    assert "1 embedded" in run("index", "copy.png", "--index", "moved", "--dim", "16").out
    message = run("index", "copy.png", "--index", "moved", "--dim", "8", code=12).message
    assert "has vectors of 16 values, and --dim asks for 8" in message
    assert (
        "adapt an index that has all values"
        in run("adapt", "x.model", "--pca", "--dim", "4", "--index", "moved", code=1).message
    )
    for wrong in (
        ("--whiten",),
        ("--dim", "8", "--from", "taken"),
        ("--dim", "8", "--model", "hog", "--model", "dct"),
    ):
        assert "--dim" in run("index", kinds, "--index", "new", *wrong, code=2).message
