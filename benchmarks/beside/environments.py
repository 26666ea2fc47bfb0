"""An environment for each tree: its own package first, and the packages of the running one behind it.

Installing torch and the rest twice would take gigabytes and minutes. An environment made here holds two paths
and the launchers of the commands; of what the tree asks for and the running environment does not have, the
tree's Makefile knows nothing yet, and so it installs that, into this environment alone, before it measures.
"""

from __future__ import annotations

import sys
import sysconfig
import venv
from collections.abc import Mapping
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path
from typing import Any

from packaging.requirements import Requirement
from packaging.utils import canonicalize_name

if sys.version_info >= (3, 11):
    import tomllib
else:
    import tomli as tomllib

CORE = "core"
LAUNCHER = """#!{python}
import sys

from {module} import {function}

if __name__ == "__main__":
    sys.argv[0] = {name!r}
    sys.exit({function}())
"""

Project = Mapping[str, Any]


def make(tree: Path, folder: Path) -> dict[str, list[str]]:
    """Make the environment of a tree. Returns what it asks for and the running one lacks, by extra.

    The extra `core` stands for what the package cannot do without. An extra that lacks nothing gets the mark
    that the Makefile sets when it has installed it.
    """
    project: Project = tomllib.loads((tree / "pyproject.toml").read_text("utf-8"))["project"]
    venv.EnvBuilder(with_pip=False, clear=True, symlinks=True).create(folder)
    paths = {"base": str(folder), "platbase": str(folder)}
    packages = Path(sysconfig.get_path("purelib", "posix_prefix", paths))
    (packages / "tree.pth").write_text("\n".join([str(tree), *_shared()]) + "\n", "utf-8")
    for name, target in project.get("scripts", {}).items():
        module, _, function = target.partition(":")
        launcher = folder / "bin" / name
        text = LAUNCHER.format(python=folder / "bin" / "python", module=module, function=function, name=name)
        launcher.write_text(text, "utf-8")
        launcher.chmod(0o755)
    lacking = {extra: unmet(project, extra) for extra in (CORE, *project.get("optional-dependencies", {}))}
    for extra, names in lacking.items():
        if not names and not lacking[CORE]:
            (folder / "bin" / f".{extra}").touch()
    return {extra: names for extra, names in lacking.items() if names}


def unmet(project: Project, extra: str) -> list[str]:
    """Return the requirements of an extra that the running environment does not meet, with what is there."""
    asked = project.get("dependencies", []) if extra == CORE else project["optional-dependencies"][extra]
    found: list[str] = []
    for text in asked:
        requirement = Requirement(text)
        if requirement.marker and not requirement.marker.evaluate({"extra": extra}):
            continue
        if canonicalize_name(requirement.name) == canonicalize_name(project["name"]):
            for other in sorted(requirement.extras):
                found += unmet(project, other)
            continue
        try:
            installed = version(requirement.name)
        except PackageNotFoundError:
            found.append(f"{requirement.name} (not installed)")
            continue
        if not requirement.specifier.contains(installed, prereleases=True):
            found.append(f"{requirement.name}{requirement.specifier} (installed: {installed})")
    return found


def _shared() -> list[str]:
    return [entry for entry in sys.path if Path(entry).name in ("site-packages", "dist-packages")]
