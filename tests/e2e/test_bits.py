"""Indexes that keep fewer bits of a value, by the installed program."""

from __future__ import annotations

import shutil
from pathlib import Path
from typing import Any

import pytest
from PIL import Image

from tests.e2e.test_crash import VECTORS, write_vectors
from tests.helpers.kinds import write_kinds
from tests.helpers.onnx_files import write_towers
from tests.helpers.photographs import copy_of
from tests.helpers.program import Program
from tests.helpers.stores import milvus_address

SAMPLES = Path(__file__).parents[2] / "sample_images"
LEVELS = ("identical", "pixels", "same", "edited", "similar")


@pytest.fixture
def samples(run: Program) -> Path:
    """~/Samples, with indexes of 32, 16 and 8 bits beside it, named by them."""
    folder = run.home / "Samples"
    shutil.copytree(SAMPLES, folder, ignore=shutil.ignore_patterns("generate", "__pycache__", "*.py"))
    for bits in ("32", "16", "8"):
        run("index", folder, "--index", bits, "--bits", bits, code=3)
    return folder


def nearest(run: Program, index: str, picture: Path, *options: str) -> list[Any]:
    """Return the first three neighbors of a picture."""
    found = run("query", picture, "--index", index, "-k", "3", "--json", *options).json
    neighbors: list[Any] = found["results"][0]["neighbors"]
    return neighbors


def groups(run: Program, index: str, *options: str) -> list[list[tuple[str, str, bool]]]:
    """Return what `dupes` finds: each file, what it is and whether it is kept; the distances apart."""
    found = run("dupes", "--index", index, "--json", *options).json["groups"]
    return sorted(
        sorted((each["path"], each["verdict"], each["keep"]) for each in group["members"]) for group in found
    )


@pytest.mark.slow
@pytest.mark.usefixtures("samples")
def test_the_same_duplicates_are_found_at_every_level(run: Program) -> None:
    for level in LEVELS:
        whole = groups(run, "32", "--level", level)
        assert whole, level
        for bits in ("16", "8"):
            assert groups(run, bits, "--level", level) == whole, (level, bits)
    turned = ("--level", "edited", "--transforms", "all")
    whole = groups(run, "32", *turned)
    for bits in ("16", "8"):
        first = run("dupes", "--index", bits, "--json", *turned).json["groups"]
        again = run("dupes", "--index", bits, "--json", *turned).json["groups"]
        assert again == first, "turned vectors that are kept say what fresh ones did"
        assert groups(run, bits, *turned) == whole


def test_an_index_keeps_fewer_bits(run: Program, samples: Path) -> None:
    known = {bits: run("info", "--index", bits, "--json").json for bits in ("32", "16", "8")}
    assert [known[bits]["bits"] for bits in known] == [32, 16, 8]
    catalogs = [(run.home / bits / "catalog.sqlite").stat().st_size for bits in known]
    assert catalogs == sorted(catalogs, reverse=True) and catalogs[2] < catalogs[0]
    assert ", 256 values of 8 bits, " in run("info", "--index", "8").out
    assert ", 256 values, " in run("info", "--index", "32").out
    assert run("check", "--index", "8").out == "8: nothing wrong\n"

    asked = copy_of(samples / "holiday" / "beach.jpg", run.home / "x.jpg")
    own = next(each for each in (samples / "phone").iterdir() if each.suffix == ".jpg")
    whole = nearest(run, "32", asked)
    for bits, most in (("16", 2e-5), ("8", 5e-3)):
        for one, other in zip(nearest(run, bits, asked), whole, strict=True):
            assert (one["path"], one["verdict"]) == (other["path"], other["verdict"])
            assert one["distance"] == pytest.approx(other["distance"], abs=most)
        by_graph, by_all = (nearest(run, bits, asked, how) for how in ("--hnsw", "--exact"))
        for one, other in zip(by_graph, by_all, strict=True):
            assert one["path"] == other["path"]
            assert one["distance"] == pytest.approx(other["distance"], abs=2e-6), "a graph sums in float32"
        found, loaded = run.modules("query", own, "--index", bits, "-k", "1", "--json")
        assert "onnxruntime" not in loaded, "what is indexed needs no model"
        assert found.json["results"][0]["neighbors"]

    copy_of(samples / "holiday" / "beach.jpg", samples / "new.jpg", scale=0.7)
    assert "1 embedded" in run("index", samples, "--index", "8", "--bits", "8", code=3).out
    assert "0 embedded" in run("index", samples, "--index", "8", code=3).out
    (samples / "again.jpg").write_bytes((samples / "new.jpg").read_bytes())
    run("index", samples, "--index", "8", code=3)
    known_copies = {Path(each["path"]).name: each for each in nearest(run, "8", samples / "new.jpg")}
    assert known_copies["again.jpg"]["verdict"] == "identical" and known_copies["again.jpg"]["distance"] == 0
    assert run("check", "--index", "8").out == "8: nothing wrong\n"
    images = run("info", "--index", "8", "--json").json["images"]
    for name in ("again.jpg", "new.jpg"):
        (samples / name).unlink()
    run("index", samples, "--index", "8", code=3)
    run("prune", "--index", "8", "--yes")
    after = run("info", "--index", "8", "--json").json
    assert (after["images"], after["missing"], after["bits"]) == (images - 2, 0, 8)


def test_other_bits_are_refused(run: Program, samples: Path) -> None:
    before = (run.home / "8" / "catalog.sqlite").read_bytes()
    where = run.home / "8"
    said = f"{where} keeps 8 bits of a value, and --bits asks for 16: leave --bits out, or make another index"
    run("embed", samples / "holiday", "-o", "holiday.npz")
    for source in ((samples,), ("--from", "32"), ("--from", "holiday.npz")):
        message = run("index", *source, "--index", where, "--bits", "16", code=12).message
        assert said in message and f"`visualsearch index --from {where} --index DIR --bits 16`" in message
    assert (run.home / "8" / "catalog.sqlite").read_bytes() == before
    for wrong in ("4", "64", "eight"):
        assert "'8', '16', '32'" in run("index", samples, "--index", "new", "--bits", wrong, code=2).message
    assert not (run.home / "new").exists()


def test_indexes_are_made_of_others_with_other_bits(run: Program, samples: Path) -> None:
    run("index", "--from", "8", "--index", "as they are", code=3)
    run("index", "--from", "8", "--index", "whole", "--bits", "32", code=3)
    run("index", "--from", "32", "--index", "rounded", "--bits", "8", code=3)
    run("embed", samples, "-o", "all.npz", code=3)
    run("index", "--from", "all.npz", "--index", "of a file", "--bits", "8")
    asked = copy_of(samples / "holiday" / "beach.jpg", run.home / "x.jpg")
    whole, rounded = nearest(run, "32", asked), nearest(run, "8", asked)
    assert rounded != whole
    for name, bits in (("as they are", 8), ("whole", 32), ("rounded", 8), ("of a file", 8)):
        assert run("info", "--index", name, "--json").json["bits"] == bits
        assert run("check", "--index", name).out == f"{name}: nothing wrong\n"
        assert nearest(run, name, asked) == rounded, name
    for name, bits in (("as they are", 8), ("whole", 32)):  # and into one that is there
        run("index", samples / "phone", "--index", f"{name} again", "--bits", str(bits))
        run("index", "--from", "16", "--index", f"{name} again", code=3)
        known = run("info", "--index", f"{name} again", "--json").json
        assert (known["bits"], known["vectors"]) == (
            bits,
            run("info", "--index", "8", "--json").json["vectors"],
        )
        assert run("check", "--index", f"{name} again").out == f"{name} again: nothing wrong\n"


def test_indexes_of_other_bits_are_asked_together(run: Program, samples: Path) -> None:
    run("index", samples / "phone", "--index", "a", "--bits", "8")
    run("index", samples / "backup", "--index", "b")
    both = run("dupes", "--index", "a", "--index", "b", "--json").json["groups"]
    run("index", samples / "phone", samples / "backup", "--index", "one")
    one = run("dupes", "--index", "one", "--json").json["groups"]
    names = [
        sorted(sorted((each["path"], each["verdict"]) for each in group["members"]) for group in found)
        for found in (both, one)
    ]
    assert names[0] == names[1] and names[0]


def test_fewer_bits_of_fewer_values_and_what_is_learned_from_them(run: Program) -> None:
    kinds = write_kinds(run.home / "Kinds")
    pictures = len(list(kinds.rglob("*.png")))
    run("index", kinds, "--index", "short", "--model", "pixels", "--dim", "16", "--bits", "8")
    known = run("info", "--index", "short", "--json").json
    assert (known["model"]["dim"], known["bits"], known["vectors"]) == (16, 8, pictures)
    copy = run.home / "copy.png"
    copy.write_bytes((kinds / "kind-03" / "0.png").read_bytes() + b"\0")
    (found,) = run("query", copy, "--index", "short", "-k", "1", "--json").json["results"]
    assert Path(found["neighbors"][0]["path"]).parent.name == "kind-03"
    assert run("check", "--index", "short").out == "short: nothing wrong\n"

    run.env["VISUALSEARCH_INDEX"] = str(run.home / "rounded")
    run("index", kinds, "--model", "pixels", "--bits", "8")
    run("label", "--folders", kinds)
    assert run("match", copy, "--max-distance", "1").out
    run("adapt", "own.model", "--into", "adapted", "--dim", "32")
    adapted = run("info", "--index", "adapted", "--json").json
    assert (adapted["model"]["dim"], adapted["bits"], adapted["vectors"]) == (32, 8, pictures)
    assert run("check", "--index", "adapted").out == "adapted: nothing wrong\n"
    run("map", "map.html")
    assert (run.home / "map.html").stat().st_size
    share = run("eval", kinds, "--model", "pixels", "--json").json
    assert share
    shutil.copytree(kinds / "kind-03", run.home / "Elsewhere")
    assert run("only", run.home / "Elsewhere", "--format", "paths").out == ""
    assert run("calibrate", "--json").json


def test_words_and_a_second_model_with_fewer_bits(run: Program, photos: Path) -> None:
    pytest.importorskip("tokenizers", reason="needs the extra 'onnx'")
    write_towers(run.home)
    two = ("--model", "bundled", "--model", "onnx", "--weights", "image.onnx,text.onnx")
    found = {}
    for bits in ("32", "8"):
        run("index", photos, "--index", bits, "--bits", bits)
        run("index", photos, "--index", bits, "--bits", bits, *two, "--tokenizer", "tokenizer.json")
        asked = run("search", "red", "-k", "3", "--index", bits, "--json").json
        found[bits] = asked["results"][0]["neighbors"]
        assert run("check", "--index", bits).out == f"{bits}: nothing wrong\n"
    assert "onnx, 16 values of 8 bits" in run("info", "--index", "8").out
    for one, other in zip(found["8"], found["32"], strict=True):
        assert one["path"] == other["path"]
        assert one["distance"] == pytest.approx(other["distance"], abs=5e-3)


def test_copies_are_one_answer_and_crops_are_found(run: Program, photos: Path) -> None:
    copy_of(photos / "coffee.jpg", photos / "coffee again.jpg", scale=1, quality=97)
    run("index", photos, "--index", "thorough", "--bits", "8", "--thorough")
    known = run("info", "--index", "thorough", "--json").json
    assert known["regions"]["vectors"] == 5 * known["vectors"]
    names = [Path(each["path"]).name for each in nearest(run, "thorough", photos / "rocket.jpg")]
    assert len(names) == 3
    asked = ("search", "--image", photos / "rocket.jpg", "-k", "20", "--index", "thorough", "--json")
    counts = [len(run(*asked, *more).json["results"][0]["neighbors"]) for more in ((), ("--no-distinct",))]
    assert counts[1] == counts[0] + 1, "the two of coffee are one answer"
    (crop,) = run(
        *("query", photos / "chelsea.jpg", "--region", "30%,30%,40%,40%", "-k", "1", "--json"),
        *("--index", "thorough"),
    ).json["results"]
    assert crop["neighbors"]
    with Image.open(photos / "coffee.jpg") as picture:
        width, height = picture.size
        picture.crop((0, 0, width * 3 // 5, height * 3 // 5)).save(run.home / "corner.jpg", quality=95)
    found = run("query", "corner.jpg", "-k", "2", "--index", "thorough", "--json").json["results"][0]
    assert {Path(each["path"]).name for each in found["neighbors"]} == {"coffee.jpg", "coffee again.jpg"}
    assert run("check", "--index", "thorough").out == "thorough: nothing wrong\n"
    (group,) = run("dupes", "--index", "thorough", "--level", "edited", "--json").json["groups"]
    assert len(group["members"]) == 2


def test_the_file_of_vectors_is_mapped_and_mended(run: Program) -> None:
    write_vectors(run.home / "Photos", run.home / "vectors.npz")
    sizes = {}
    for bits, kind in (("32", "f32"), ("8", "i8")):
        run("index", "--from", "vectors.npz", "--index", bits, "--bits", bits)
        (block,) = (run.home / bits).glob("vectors.*")
        assert block.suffix == f".{kind}"
        sizes[bits] = (block.stat().st_size - 64) // VECTORS
    assert sizes["32"] - sizes["8"] == 3 * (sizes["32"] - 32) // 4
    asked = run.home / "Photos" / "00007.jpg"
    expected = nearest(run, "8", asked, "--exact")
    assert nearest(run, "8", asked, "--hnsw") == expected
    assert nearest(run, "8", asked, "--within", str(run.home / "Photos")) == expected
    with block.open("r+b") as file:
        at = 64 + 100 * sizes["8"] + 40
        file.seek(at)
        (value,) = file.read(1)
        file.seek(at)
        file.write(bytes([value ^ 1]))
    assert nearest(run, "8", asked, "--exact") == expected
    assert "vectors.000001.i8 has 1 vectors that differ" in run("check", "--index", "8", code=13).err
    run("check", "--repair", "--index", "8")
    assert run("check", "--index", "8").out == "8: nothing wrong\n"
    assert nearest(run, "8", asked, "--exact") == expected


def test_settings_are_for_new_indexes(run: Program, photos: Path) -> None:
    folder = run.home / ".config" / "visualsearch"
    folder.mkdir(parents=True)
    (folder / "visualsearch.toml").write_text("[index]\nbits = 8\n")
    run("index", photos, "--index", "whole", "--bits", "32")
    run("index", photos, "--index", "rounded")
    run("index", photos, "--index", "whole")
    assert run("info", "--index", "whole", "--json").json["bits"] == 32
    assert run("info", "--index", "rounded", "--json").json["bits"] == 8
    (folder / "visualsearch.toml").write_text("[index]\nbits = 7\n")
    assert "[index] bits = 7" in run("index", photos, "--index", "third", code=2).message


def test_a_store_takes_what_was_rounded(run: Program, photos: Path) -> None:
    run.env.pop("VISUALSEARCH_STORE", None)
    store = milvus_address(run.home)
    copy = copy_of(photos / "coffee.jpg", run.home / "x.jpg", scale=0.8)
    run("index", photos, "--bits", "8", "--store", store)
    here = run("query", copy, "-k", "3", "--json").json["results"]
    there = run("query", copy, "-k", "3", "--json", "--store", store).json["results"]
    assert there == here and here[0]["neighbors"]
    assert "nothing wrong" in run("check", "--store", store).out
