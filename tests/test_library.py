"""What programs are offered: complete, documented, and as good as its word."""

from __future__ import annotations

import contextlib
import dataclasses
import inspect
import io
import logging
import os
import re
import shutil
import subprocess
import sys
import threading
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from PIL import Image

from tests.helpers.places import PROJECT, SAMPLES
from tests.helpers.user_folders import give_folders
from visualsearch_cli import errors, library
from visualsearch_cli.library import Index, Verdict, compare, embed, open_index

PAGE = (PROJECT / "docs" / "api.md").read_text(encoding="utf-8")
EXAMPLES = re.findall(r"^```python\n(.*?)^```\n```text\n(.*?)^```", PAGE, re.MULTILINE | re.DOTALL)
HEAVY = {"numpy", "PIL", "torch", "onnxruntime", "cv2", "hnswlib", "sqlite3", "typer", "rich"}
DICE = "phone/red-dice.jpg"
CROP = "downloads/red-dice-crop.jpg"
ALBUM = (DICE, "backup/red dice (1).jpg", "phone/moon.jpg", "backup/moon.png", "holiday/alps.jpg")


@pytest.fixture
def album(tmp_path: Path) -> Path:
    """Five photographs, of three pictures."""
    for name in ALBUM:
        (tmp_path / "album" / name).parent.mkdir(parents=True, exist_ok=True)
        shutil.copy(SAMPLES / name, tmp_path / "album" / name)
    return tmp_path / "album"


@pytest.fixture
def index(album: Path) -> Iterator[Index]:
    """An index of them."""
    with open_index(album, create=True) as index:
        index.add(album)
        yield index


def names(answer: library.Answer) -> list[str]:
    """Return the names of what was found."""
    return [match.image.path.name for match in answer.matches]


def test_what_is_offered_is_complete() -> None:
    ours = {
        name: value
        for name, value in vars(library).items()
        if not name.startswith("_") and getattr(value, "__module__", "").startswith("visualsearch_cli.")
    }
    assert sorted(ours) == library.__all__
    for name in library.__all__:
        assert inspect.getdoc(ours[name]), name
        assert f"`{name}`" in PAGE or f"`{name}(" in PAGE, f"docs/api.md does not tell of {name}"
    for name, method in inspect.getmembers(Index, inspect.isfunction):
        if not name.startswith("_"):
            assert inspect.getdoc(method), name
            assert f"`Index.{name}(" in PAGE or f"`{name}()`" in PAGE, f"docs/api.md does not tell of {name}"


def test_what_comes_back_is_offered_too() -> None:
    """Whatever of ours a field of a result holds has a name for annotations."""
    for name in library.__all__:
        value = getattr(library, name)
        if dataclasses.is_dataclass(value):
            types = " ".join(str(field.type) for field in dataclasses.fields(value))
            missing = {*re.findall(r"\b[A-Z]\w+", types)} - {*library.__all__, "None", "Path", "NDArray"}
            assert missing <= {"Matrix", "Box"}, f"{name}: {missing}"  # these are tuples of numbers


@pytest.mark.slow
def test_the_examples_of_the_page_run(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    shutil.copytree(SAMPLES, tmp_path / "sample_images", ignore=shutil.ignore_patterns("__pycache__"))
    monkeypatch.chdir(tmp_path)
    give_folders(tmp_path / "user", monkeypatch)
    assert len(EXAMPLES) == PAGE.count("```python") >= 8
    known: dict[str, Any] = {}
    for code, shown in EXAMPLES:
        with contextlib.redirect_stdout(io.StringIO()) as out:
            exec(compile(code, "docs/api.md", "exec"), known)
        assert out.getvalue() == shown, code


@pytest.mark.slow
def test_importing_it_loads_nothing_heavy() -> None:
    code = "import sys, visualsearch_cli; print(*sorted(sys.modules)); import visualsearch_cli.library"
    code += "; print(*sorted(sys.modules))"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    alone, loaded = (set(line.split()) for line in done.stdout.splitlines())
    assert [name for name in alone if name.startswith("visualsearch_cli")] == ["visualsearch_cli"]
    assert "visualsearch_cli.library" in loaded and not loaded & HEAVY


def test_there_must_be_an_index_or_a_folder_for_one(album: Path) -> None:
    with pytest.raises(errors.IndexNotFound, match="create=True"):
        open_index(album)
    with pytest.raises(errors.IndexNotFound, match="not a folder"):
        open_index(album / "typo", create=True)
    assert not (album / "typo").exists() and not (album / ".visualsearch").exists()
    with pytest.raises(ValueError, match="empty path"):
        open_index("")


@pytest.mark.slow
def test_an_index_is_made_once_and_for_one_model(album: Path) -> None:
    for place in (album, album / ".visualsearch", str(album)):
        with open_index(place, create=True, model="dct") as index:
            assert index.path == album / ".visualsearch"
            assert index.model == "dct"
            index.add(album / "holiday")
    with pytest.raises(errors.ModelMismatch, match="dct"):
        open_index(album, model="bundled")
    with pytest.raises(errors.ModelUnavailable, match="did you mean"):
        open_index(album / "phone", create=True, model="bundeld")
    assert not (album / "phone" / ".visualsearch").exists()


@pytest.mark.slow
def test_adding(album: Path) -> None:
    (album / "broken.jpg").write_bytes(b"no picture")
    steps: list[tuple[str, int, int | None]] = []
    with open_index(album, create=True) as index:
        added = index.add(album, progress=lambda *step: steps.append(step))
        assert (added.found, added.embedded, added.reused, added.unchanged) == (6, 4, 1, 0)
        assert [Path(file.path).name for file in added.skipped] == ["broken.jpg"]
        assert ("Embedding", 6, 6) in steps and ("Embedding", 0, 6) in steps
        (album / DICE).unlink()
        added = index.add([album / "phone", str(album / "backup")])
        assert (added.found, added.unchanged, added.missing, added.offline) == (3, 3, 1, ())
        assert index.add([]).found == 0
        assert index.add(album, exclude=["*.png", "holiday/"]).found == 3
        with pytest.raises(errors.VisualSearchError, match="does not exist"):
            index.add(album / "typo")
        with open_index(album) as other, index_lock(other), pytest.raises(errors.IndexLocked):
            index.add(album)


@contextlib.contextmanager
def index_lock(index: Index) -> Iterator[None]:
    """Hold the lock of an index, as another process would."""
    from filelock import FileLock

    with FileLock(index.path / "lock"):
        yield


@pytest.mark.slow
def test_asking_for_a_picture(index: Index, album: Path) -> None:
    # Behind: "(1)" is the name of a copy.
    assert names(index.query(SAMPLES / CROP, k=2)) == ["red-dice.jpg", "red dice (1).jpg"]
    assert names(index.query(str(album / DICE), 1)) == ["red dice (1).jpg"]
    (match,) = index.query(SAMPLES / CROP, level="edited", within=album / "phone").matches
    assert (match.verdict, match.image.path) == (Verdict.EDITED, album / DICE)
    assert index.query(SAMPLES / CROP, level=Verdict.SAME).matches == ()
    assert index.query(SAMPLES / CROP, max_distance=0.01).matches == ()
    (identical,) = index.query(SAMPLES / "backup/moon.png", level="identical").matches
    assert (identical.distance, identical.image.path) == (0.0, album / "backup" / "moon.png")


@pytest.mark.slow
def test_a_neighbor_that_cannot_be_proved_is_named(index: Index, album: Path) -> None:
    (album / "holiday" / "alps.jpg").write_bytes(b"no picture any more")
    answer = index.query(SAMPLES / "downloads" / "alps-small.jpg", level="edited")
    assert answer.matches == ()
    assert [Path(file.path) for file in answer.skipped] == [album / "holiday" / "alps.jpg"]


@pytest.mark.slow
def test_values_that_cannot_be_meant(index: Index, album: Path) -> None:
    image = album / DICE
    with pytest.raises(ValueError, match="k is 0"):
        index.query(image, 0)
    with pytest.raises(ValueError, match=r"level is 'equal', expected one of identical, .*similar"):
        index.query(image, level="equal")  # type: ignore[arg-type]
    with pytest.raises(ValueError, match="transforms is 'turned'"):
        index.query(image, transforms="turned")  # type: ignore[arg-type]
    for distance in (-0.1, 2.1, float("nan")):
        with pytest.raises(ValueError, match="max_distance"):
            index.query(image, max_distance=distance)
    with pytest.raises(ValueError, match="edits"):
        index.duplicates("same", transforms="all")
    with pytest.raises(ValueError, match="'largest' is not a key"):
        index.duplicates(keep=["largest"])
    with pytest.raises(ValueError, match="paths is empty"):
        index.duplicates(paths=[])
    with pytest.raises(errors.ImageError, match=r"typo\.jpg"):
        index.query(album / "typo.jpg")
    with pytest.raises(errors.VisualSearchError, match="not inside the index"):
        index.query(image, within=album.parent)


@pytest.mark.slow
def test_asking_with_a_vector(index: Index, album: Path) -> None:
    embedded = embed(album / "holiday")
    assert embedded.paths == (album / "holiday" / "alps.jpg",)
    (match,) = index.query_vector(3 * embedded.vectors[0].astype(np.float64), 1).matches
    assert match.image.path == embedded.paths[0] and match.distance == pytest.approx(0, abs=1e-5)
    assert len(index.query_vector(embedded.vectors[0].tolist(), within=album / "phone").matches) == 2
    for wrong, why in ((embedded.vectors, r"\(1, 256\), expected \(256,\)"), (np.zeros(256), "no direction")):
        with pytest.raises(ValueError, match=why):
            index.query_vector(wrong)


@pytest.mark.slow
def test_duplicates(index: Index, album: Path) -> None:
    report = index.duplicates(references=[album / "backup"])
    found = {group.kept.path.name: [m.verdict for m in group.others] for group in report.groups}
    assert found == {"moon.png": [Verdict.PIXELS], "red dice (1).jpg": [Verdict.IDENTICAL]}
    assert report.index == index.path and report.level is Verdict.SAME
    assert len(index.duplicates("identical").groups) == 1
    assert index.duplicates(paths=album / "holiday").groups == ()
    with pytest.raises(errors.VisualSearchError, match="not a folder"):
        index.duplicates(references=album / DICE)


@pytest.mark.slow
def test_an_index_sees_what_others_write(index: Index, album: Path) -> None:
    crop = album / "new" / "crop.jpg"
    crop.parent.mkdir()
    shutil.copy(SAMPLES / CROP, crop)
    assert "crop.jpg" not in names(index.query(album / DICE))
    with open_index(album) as other:
        other.add(album / "new")
    assert names(index.query(album / DICE))[1] == "crop.jpg"
    album.rename(album.with_name("moved"))
    with open_index(album.with_name("moved")) as moved:
        assert album.with_name("moved") / crop.relative_to(album) in [
            match.image.path for match in moved.query(SAMPLES / DICE).matches
        ]


@pytest.mark.slow
def test_a_closed_index_and_one_of_another_thread_are_of_no_use(index: Index, album: Path) -> None:
    caught: list[Exception] = []

    def ask() -> None:
        try:
            index.query(album / DICE)
        except RuntimeError as error:
            caught.append(error)

    thread = threading.Thread(target=ask)
    thread.start()
    thread.join()
    assert "another thread" in str(caught[0])
    index.close()
    index.close()
    with pytest.raises(RuntimeError, match="closed"):
        index.add(album)


@pytest.mark.slow
def test_what_is_said_by_the_way_is_logged(
    index: Index, album: Path, caplog: pytest.LogCaptureFixture, capfd: pytest.CaptureFixture[str]
) -> None:
    with caplog.at_level(logging.INFO, logger="visualsearch_cli"):
        index.add(album, exclude=["nothing-like-this"])
    assert "nothing-like-this" in caplog.text
    assert capfd.readouterr() == ("", "")


@pytest.mark.slow
def test_comparing(album: Path) -> None:
    evidence = compare(album / DICE, str(SAMPLES / CROP))
    assert evidence.verdict is Verdict.EDITED and evidence.fit is not None
    assert compare(album / DICE, album / "backup" / "red dice (1).jpg").verdict is Verdict.IDENTICAL
    assert compare(album / DICE, album / "holiday" / "alps.jpg").verdict is None
    with pytest.raises(errors.ImageError, match=r"typo\.jpg"):
        compare(album / DICE, album / "typo.jpg")


def test_embedding(album: Path) -> None:
    (album / "broken.jpg").write_bytes(b"no picture")
    embedded = embed([album, SAMPLES / CROP], model="hog", exclude=["holiday/"])
    assert [path.name for path in embedded.paths] == [
        "moon.png", "red dice (1).jpg", "moon.jpg", "red-dice.jpg", "red-dice-crop.jpg",
    ]  # fmt: skip
    assert embedded.vectors.dtype == np.float32 and embedded.vectors.shape == (5, 576)
    np.testing.assert_allclose(np.linalg.norm(embedded.vectors, axis=1), 1, atol=1e-5)
    assert [Path(file.path).name for file in embedded.skipped] == ["broken.jpg"]
    (album / "empty").mkdir()
    assert embed(album / "empty", model="hog").vectors.shape == (0, 576)
    with pytest.raises(errors.VisualSearchError, match="does not exist"):
        embed(album / "typo")


@pytest.mark.slow
def test_stores_are_taken_in_if_asked_for(album: Path) -> None:
    (album / "#recycle").mkdir()
    shutil.copy(SAMPLES / DICE, album / "#recycle")
    with open_index(album, create=True) as index:
        assert index.add(album).found == len(ALBUM)
        assert index.add(album, include_stores=True).found == len(ALBUM) + 1
    assert len(embed(album).paths) == len(ALBUM)
    assert len(embed(album, include_stores=True).paths) == len(ALBUM) + 1


@pytest.mark.slow
def test_labels_are_of_pictures_and_vectors_that_are_some(index: Index) -> None:
    with pytest.raises(errors.ImageError, match=r"gone\.jpg is not there"):
        index.label([index.path.parent / DICE, index.path.parent / "gone.jpg"], "dice")
    assert index.labels == {}
    index.label([index.path.parent / DICE], "dice")
    for wrong in (np.zeros(256), np.full(256, np.nan)):
        with pytest.raises(ValueError, match="no direction"):
            index.match(wrong, max_distance=0.3)
    with pytest.raises(ValueError, match=r"of shape \(7,\), expected \(256,\)"):
        index.match(np.ones((2, 7)), max_distance=0.3)


@pytest.mark.slow
def test_a_map_is_drawn(index: Index, tmp_path: Path) -> None:
    index.label([index.path.parent / DICE], "dice")
    assert index.map(tmp_path / "map.svg") == ()
    text = (tmp_path / "map.svg").read_text(encoding="utf-8")
    assert text.count("<circle") == 4 + 2 and "dice (1)" in text  # of the legend: this label, and none
    assert index.map(tmp_path / "map.html", most=2) == ()
    assert "2 pictures, 2 more are left out" in (tmp_path / "map.html").read_text(encoding="utf-8")
    with pytest.raises(ValueError, match=r"neither \.html nor \.svg"):
        index.map(tmp_path / "map.png")


def run_notebook(folder: Path, **environment: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [sys.executable, PROJECT / "docs" / "notebook.py", folder],
        capture_output=True,
        text=True,
        timeout=240,
        check=False,
        env={**os.environ, **environment},
    )


@pytest.mark.slow
def test_the_notebook_runs_from_a_folder_to_a_plot(tmp_path: Path) -> None:
    for name, place in (
        ("holiday/sailing-1.jpg", "boats"),
        ("holiday/sailing-2.jpg", "boats"),
        (DICE, "dice"),
    ):
        (tmp_path / place).mkdir(exist_ok=True)
        shutil.copy(SAMPLES / name, tmp_path / place)
    run = run_notebook(tmp_path)
    assert run.returncode == 0, run.stderr
    assert "3 pictures found, 3 embedded, 0 skipped" in run.stdout
    assert "float32 (3, 256)" in run.stdout
    assert "the nearest are the pictures themselves: True" in run.stdout
    assert re.search(r"nearest to the middle of them, at 0\.\d+: sailing-[12]\.jpg", run.stdout)
    assert "by one vector: sailing-1.jpg" in run.stdout
    assert "67% of 3 pictures lie next to one of their folder" in run.stdout
    assert "precision at 1 and 2: [1.0, 0.5]" in run.stdout
    assert "what fits the first pictures: ['boats', 'boats', " in run.stdout
    assert re.search(r"map\.svg has \d{4,} bytes\n$", run.stdout)


@pytest.mark.slow
@pytest.mark.parametrize(
    "names", [["a.png"], ["a.png", "b.jpeg", "c.JPG"], ["one/a.png", "other/b.png"], []], ids=str
)
def test_the_notebook_runs_on_any_folder(names: list[str], tmp_path: Path) -> None:
    folder = tmp_path / "pictures"
    folder.mkdir()
    for number, name in enumerate(names):
        (folder / name).parent.mkdir(exist_ok=True)
        Image.linear_gradient("L").rotate(90 * number).save(folder / name)
    temporary = tmp_path / "temporary"
    temporary.mkdir()
    run = run_notebook(folder, TMPDIR=str(temporary))
    if names:
        assert (run.returncode, run.stderr) == (0, "") and "map.svg has" in run.stdout
    else:
        assert run.returncode == 1 and run.stderr == (
            f"{folder} holds no picture that can be read: name another folder\n"
        )
    assert not list(temporary.iterdir())
