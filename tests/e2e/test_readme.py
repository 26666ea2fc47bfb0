"""The documentation says nothing that the program does not do."""

from __future__ import annotations

import os
import re
import shutil
from pathlib import Path

import pytest

from tests.helpers.photographs import copy_of, write_cuttings
from tests.helpers.places import PROJECT, SAMPLES
from tests.helpers.program import Program
from tests.helpers.reports_of_files import group, member, write_report
from visualsearch_cli.cli.program import COMMANDS as REGISTERED
from visualsearch_cli.verdicts.verdict import Verdict

README = PROJECT / "README.md"
EXAMPLES = PROJECT / "docs" / "examples.md"
MEASURED = "-measured.md"  # written by benchmarks, in their own words
IN_DOCS = tuple(sorted((PROJECT / "docs").rglob("*.md")))
DOCUMENTS = (README, *(path for path in IN_DOCS if not path.name.endswith(MEASURED)))
LINKED = (
    README,
    PROJECT / "CONTRIBUTING.md",
    PROJECT / "CHANGELOG.md",
    PROJECT / "training" / "README.md",
    *IN_DOCS,
)
DATE = 1_720_958_400  # 2024-07-14 12:00 UTC, of the sample pictures in what the README shows
COMMANDS = tuple(REGISTERED)
OTHER_PROGRAMS = {
    "git",
    "pip",
    "apt",
    "make",
    "python",
    "pytest",
    "xcode-select",
    "hf",
    "curl",
    "find",
    "ls",
    "podman",
    "docker",
    "buildah",
}

DISTANCE = re.compile(r"\b[01]\.\d{4}\b")
OPTION = re.compile(r"(?<![\w-])--[a-z][a-z-]+")


def code_lines(path: Path) -> list[str]:
    """Return the lines of a document's code blocks."""
    blocks = re.findall(r"^```[^\n]*\n(.*?)^```", path.read_text(encoding="utf-8"), re.MULTILINE | re.DOTALL)
    return [line for block in blocks for line in block.splitlines() if line.strip()]


def code(path: Path) -> list[str]:
    """Return all pieces of code of a document: lines of blocks, and spans in the text."""
    text = path.read_text(encoding="utf-8")
    spans = re.findall(r"(?<!`)`([^`\n]+)`(?!`)", text)
    indented = re.findall(r"^    (\S.*)$", text, re.MULTILINE)
    return [*code_lines(path), *spans, *indented]


def command_lines(*documents: Path) -> list[str]:
    """Return the shell lines of documents that run the program."""
    return [
        line.split("  #")[0].rstrip()
        for path in documents
        for line in code_lines(path)
        if re.search(r"\bvisualsearch ", line) and not line.startswith("$")
    ]


def shown_commands(path: Path) -> list[tuple[str, str]]:
    """Return the commands of a document's console blocks, each with the output that is shown."""
    blocks = re.findall(r"^```console\n(.*?)^```", path.read_text(encoding="utf-8"), re.MULTILINE | re.DOTALL)
    return [
        (command, shown.strip("\n"))
        for block in blocks
        for command, shown in re.findall(r"^\$ (.*)\n((?:(?!\$ ).*\n)*)", block, re.MULTILINE)
    ]


def anchors_of(path: Path) -> set[str]:
    """Return the anchors that a document's headings have where it is shown."""
    headings = re.findall(r"^#+ (.+)$", path.read_text(encoding="utf-8"), re.MULTILINE)
    return {re.sub(r"[^\w\- ]", "", heading.lower()).replace(" ", "-") for heading in headings}


def options_of(text: str) -> set[str]:
    """Return the long options a text mentions."""
    return set(OPTION.findall(text))


@pytest.fixture(scope="module")
def helps(tmp_path_factory: pytest.TempPathFactory) -> dict[str, str]:
    """The help text of each command; of the program itself under the empty name."""
    run = Program(tmp_path_factory.mktemp("home"))
    wide = {"COLUMNS": "200"}
    helps = {command: run(command, "--help", env=wide).out for command in COMMANDS}
    return {**helps, "": run("--help", env=wide).out}


def clone_line(line: str) -> bool:
    """Tell whether a line only gets the program, or needs weights that are not here."""
    return "git clone" in line or "clip" in line


def test_the_readme_shows_what_the_commands_print(run: Program) -> None:
    clone = run.home / "visualsearch-cli"
    shutil.copytree(SAMPLES, clone / "sample_images", ignore=shutil.ignore_patterns("__pycache__"))
    for path in clone.rglob("*"):
        os.utime(path, (DATE, DATE))
    run.env["TZ"] = "UTC"
    folder = clone
    commands = shown_commands(README)
    assert {command.split()[1] for command, _ in commands if command.startswith("visualsearch")} == {
        "index",
        "query",
        "dupes",
    }
    for command, shown in commands:
        if command.startswith("cd "):
            folder /= command.removeprefix("cd ")
            continue
        damaged = command.startswith("visualsearch index")  # two of the samples are, on purpose
        result = run.shell(f"{command} 2>&1", code=3 if damaged else 0, cwd=folder)
        printed = result.out.strip("\n").replace(str(run.home), "~")
        assert DISTANCE.sub("D", printed) == DISTANCE.sub("D", shown), command
        apart = zip(DISTANCE.findall(printed), DISTANCE.findall(shown), strict=True)
        assert all(abs(float(a) - float(b)) < 0.005 for a, b in apart), "as processors and decoders differ"
    report = folder / "dupes.json"
    assert "visualsearch apply dupes.json" in README.read_text(encoding="utf-8")
    asked = run("apply", report, "--dry-run", cwd=folder)
    assert asked.out.count("\n") == 3, "the crop is only edited, and left"


@pytest.mark.parametrize("line", [line for line in command_lines(EXAMPLES) if not clone_line(line)])
def test_command_lines_of_the_examples_work(run: Program, indexed: Path, line: str) -> None:
    if "visualsearch index ~" in line:
        shutil.rmtree(indexed / ".visualsearch")
    else:
        run.env["VISUALSEARCH_INDEX"] = str(indexed)
    copy_of(indexed / "coffee.jpg", run.home / "x.jpg")
    copy_of(indexed / "coffee.jpg", run.home / "Downloads" / "x.jpg")
    copy_of(indexed / "rocket.jpg", run.home / "a folder" / "y.png")
    for name in ("a.jpg", "b.jpg"):
        copy_of(indexed / "coffee.jpg", run.home / name)
    if "report.json" in line:
        shutil.copy(indexed / "coffee.jpg", run.home / "copy.jpg")
        copy = member(run.home / "copy.jpg", Verdict.IDENTICAL)
        write_report(run.home / "report.json", group(indexed / "coffee.jpg", copy))
    if "sample_images" in line:
        shutil.copytree(SAMPLES, run.home / "sample_images")
    if "calibrate" in line:
        write_cuttings(indexed / "cuttings", 90)
        run("index", indexed)
    run.env["DISPLAY"] = ":0"
    viewers = run.home / "bin"
    viewers.mkdir()
    for name in ("xdg-open", "open"):
        (viewers / name).write_text(f'#!/bin/sh\necho "$@" > {run.home}/opened\n')
        (viewers / name).chmod(0o755)
    run.env["PATH"] = f"{viewers}:{run.env['PATH']}"
    damaged = "sample_images" in line  # two of them are, on purpose
    result = run.shell(f"set -e -o pipefail; {line}", code=3 if damaged else 0)
    hints = (
        "using ",
        "wrote ",
        "run `visualsearch index`",
        "`visualsearch undo ",
        "nothing was done: pass --yes",
    )
    errors = [text for text in result.err.splitlines() if not text.startswith(hints)]
    assert not errors or damaged or "embeddings of" in errors[0]
    assert result.out
    if "query" in line:
        assert "coffee.jpg" in result.out or "rocket.jpg" in result.out
    if "--open" in line:
        assert (run.home / "opened").read_text() == f"{indexed}/coffee.jpg\n"
    if "echo" in line:
        assert result.out.endswith("have it\n")


def test_the_examples_show_the_main_job() -> None:
    text = "\n".join(command_lines(EXAMPLES))
    for piece in ("index ~/Photos", "-k 5", "--open", "--format paths -0 | xargs -0", "query - -0", "--from"):
        assert piece in text


@pytest.mark.parametrize("line", [line for line in command_lines(*DOCUMENTS) if "clip" in line])
def test_command_lines_that_need_weights_name_options_that_exist(helps: dict[str, str], line: str) -> None:
    for part in re.findall(r"visualsearch ([a-z]+)([^&|]*)", line):
        command, rest = part
        assert options_of(rest) <= options_of(helps[command])


@pytest.mark.parametrize("path", DOCUMENTS, ids=lambda path: path.relative_to(PROJECT).as_posix())
def test_every_option_in_the_documentation_exists(helps: dict[str, str], path: Path) -> None:
    known = options_of(" ".join(helps.values()))
    mentioned = {
        option
        for piece in code(path)
        if re.sub(r"^\w+=\$\(", "", piece).split()[0] not in OTHER_PROGRAMS
        for option in options_of(piece)
    }
    assert mentioned <= known


@pytest.mark.parametrize("path", DOCUMENTS, ids=lambda path: path.relative_to(PROJECT).as_posix())
def test_every_command_in_the_documentation_exists(path: Path) -> None:
    mentioned = {
        name for piece in code(path) for name in re.findall(r"(?<![\w./-])visualsearch ([a-z]+)", piece)
    }
    assert mentioned <= set(COMMANDS)


@pytest.mark.parametrize("path", LINKED, ids=lambda path: path.relative_to(PROJECT).as_posix())
def test_every_link_in_the_documentation_leads_somewhere(path: Path) -> None:
    for target in re.findall(r"\]\(([^)]+)\)", path.read_text(encoding="utf-8")):
        if target.startswith("http"):
            continue
        name, _, anchor = target.partition("#")
        linked = path.parent / name if name else path
        assert linked.exists(), target
        assert not anchor or anchor in anchors_of(linked), target


@pytest.mark.parametrize("path", IN_DOCS, ids=lambda path: path.relative_to(PROJECT).as_posix())
def test_every_document_is_in_the_list_of_its_folder(path: Path) -> None:
    listing = path.parent / "README.md"
    if path == listing:
        listing = PROJECT / "docs" / "README.md" if path.parent.name == "design" else README
    links = re.findall(r"\]\(([^)#]+)\)", listing.read_text(encoding="utf-8"))
    assert path in [(listing.parent / link).resolve() for link in links]


@pytest.mark.parametrize(
    "path", sorted((PROJECT / "docs" / "design").glob("[a-z]*.md")), ids=lambda path: path.name
)
def test_every_page_on_a_decision_has_the_same_parts(path: Path) -> None:
    text = path.read_text(encoding="utf-8")
    assert re.findall(r"^## (.+)$", text, re.MULTILINE) == [
        "Goals",
        "Non-goals",
        "Decision",
        "Alternatives",
        "Figures",
    ]
    assert "\n**State:** " in text


@pytest.mark.parametrize("command", COMMANDS)
def test_every_command_has_help_and_is_in_the_readme(helps: dict[str, str], command: str) -> None:
    assert re.search(rf"^│ {command} +[A-Z].*\.", helps[""], re.MULTILINE), "one sentence in the overview"
    assert re.search(rf"\bvisualsearch {command}\b", README.read_text(encoding="utf-8"))
    for row in re.findall(r"^│ (--?\S+.*)│$", helps[command], re.MULTILINE):
        assert re.search(r" {2,}[A-Z(].*[.)\]]", row), f"{command}: no help for {row}"
