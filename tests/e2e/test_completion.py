"""The Tab key, in each shell that Debian has; of PowerShell, which it has not, what is said to it."""

from __future__ import annotations

import shutil
from pathlib import Path

import pytest

from tests.helpers.program import Program

SOURCE = {
    "bash": 'eval "$(_VISUALSEARCH_COMPLETE=source_bash visualsearch)"',
    "zsh": 'autoload -U compinit; compinit -u; eval "$(_VISUALSEARCH_COMPLETE=source_zsh visualsearch)"',
    "fish": "_VISUALSEARCH_COMPLETE=source_fish visualsearch | source",
}
"""What docs/shells.md says to run."""


def completed_in_bash(run: Program, line: str) -> set[str]:
    words = line.split(" ")
    array = " ".join(f"'{word}'" for word in words)
    script = (
        f"{SOURCE['bash']}\nCOMP_WORDS=({array}); COMP_CWORD={len(words) - 1}\n"
        "$(complete -p visualsearch | sed 's/.*-F \\([^ ]*\\).*/\\1/') visualsearch; "
        'printf "%s\\n" "${COMPREPLY[@]}"'
    )
    return set(run.shell(script).out.split("\n")) - {""}


def completed_in_fish(run: Program, line: str) -> set[str]:
    script = f"{SOURCE['fish']}\ncomplete --do-complete '{line}'"
    out = run.shell(f"fish -c \"$(cat <<'END'\n{script}\nEND\n)\"").out
    return {each.split("\t")[0] for each in out.splitlines()}


def completed_in_zsh(run: Program, line: str) -> set[str]:
    """zsh completes in its line editor alone: one is run on a terminal, and what it adds is kept."""
    (run.home / "setup.zsh").write_text(
        f"""{SOURCE["zsh"]}
        compadd() {{ builtin compadd -O caught "$@"; print -l -- $caught >>caught.txt; builtin compadd "$@" }}
        """
    )
    (run.home / "driver.zsh").write_text(
        f"""zmodload zsh/zpty; zpty z zsh -f
        zpty -w z 'source setup.zsh; echo MA''RK'; zpty -r z out '*MARK*'
        zpty -w -n z $'{line}\\t'; repeat 100; do sleep 0.2; [ -s caught.txt ] && break; done
        sleep 0.5; zpty -d z"""
    )
    caught = run.home / "caught.txt"
    caught.write_text("")
    run.shell("timeout 60 zsh -f driver.zsh >/dev/null 2>&1; true")
    return set(caught.read_text().split("\n")) - {""}


COMPLETED = {"bash": completed_in_bash, "fish": completed_in_fish, "zsh": completed_in_zsh}


@pytest.fixture(params=COMPLETED)
def shell(request: pytest.FixtureRequest) -> str:
    """A shell that is here."""
    name = str(request.param)
    if shutil.which(name) is None:
        pytest.skip(f"there is no {name}")
    return name


def test_levels_keys_models_and_indexes(run: Program, indexed: Path, shell: str) -> None:
    completed = COMPLETED[shell]
    assert completed(run, "visualsearch dupes --level ") >= {
        "identical",
        "pixels",
        "same",
        "edited",
        "similar",
    }
    assert completed(run, "visualsearch dupes --keep size,o") == {"size,original", "size,oldest"}
    assert completed(run, "visualsearch index --model b") == {"bundled"}
    assert completed(run, f"visualsearch dupes --index {indexed}") >= {f"{indexed}/.visualsearch"}
    assert "dupes" in completed(run, "visualsearch du")


def test_powershell_gets_an_answer(run: Program) -> None:
    env = {
        "_VISUALSEARCH_COMPLETE": "complete_powershell",
        "_TYPER_COMPLETE_ARGS": "visualsearch dupes --level s",
        "_TYPER_COMPLETE_WORD_TO_COMPLETE": "s",
    }
    found = [line.split(":::")[0] for line in run(env=env).out.splitlines()]
    assert found == ["same", "similar"]
    script = run(env={"_VISUALSEARCH_COMPLETE": "source_powershell"}).out
    assert "Register-ArgumentCompleter -Native -CommandName visualsearch" in script
