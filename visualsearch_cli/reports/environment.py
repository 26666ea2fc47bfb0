"""How all pages are made from templates."""

from __future__ import annotations

from typing import Any

from jinja2 import Environment, PackageLoader, StrictUndefined
from markupsafe import Markup

from visualsearch_cli.wording import printable


def environment(package: str) -> Environment:
    """Return what renders a package's templates: values are escaped and visible, and none may be missing."""
    return Environment(
        loader=PackageLoader(package),
        autoescape=True,
        undefined=StrictUndefined,
        finalize=_shown,
        trim_blocks=True,
        lstrip_blocks=True,
    )


def _shown(value: Any) -> Any:
    """Make what goes onto the page visible: stray bytes have no place in UTF-8, and controls act on text."""
    return value if isinstance(value, Markup) else printable(str(value))
