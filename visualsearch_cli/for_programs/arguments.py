"""What callers may give, and what is made of it."""

from __future__ import annotations

import logging
import os
from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from enum import Enum
from pathlib import Path
from typing import TYPE_CHECKING, Literal, TypeAlias, TypeVar

from visualsearch_cli.fields import LARGEST
from visualsearch_cli.progress import Messages
from visualsearch_cli.search.filtering import Where
from visualsearch_cli.verdicts.verdict import Verdict
from visualsearch_cli.wording import checked_text, several

if TYPE_CHECKING:
    import numpy.typing as npt

    from visualsearch_cli.embedders.embedder import ModelSpec
    from visualsearch_cli.index.model import ModelChoice
    from visualsearch_cli.indexing.scanner import Scanner
    from visualsearch_cli.progress import Advance
    from visualsearch_cli.vectors.index import Embeddings

E = TypeVar("E", bound=Enum)

AnyPath: TypeAlias = "str | os.PathLike[str]"
Level: TypeAlias = 'Verdict | Literal["identical", "pixels", "same", "edited", "similar"]'
Transforms: TypeAlias = Literal["none", "mirror", "all"]
Verify: TypeAlias = Literal["nearest", "all", "none"]
How: TypeAlias = Literal["auto", "exact", "hnsw"]
OnProgress: TypeAlias = "Callable[[str, int, int | None], None] | None"
"""Called with what is being done, how many items are, and of how many (None: nobody knows)."""

_logger = logging.getLogger("visualsearch_cli")
_logger.addHandler(logging.NullHandler())
MESSAGES = Messages(_logger.info, _logger.debug, _logger.warning)


@dataclass(frozen=True, slots=True)
class Steps:
    """Tells a function how far a step is."""

    tell: OnProgress

    @contextmanager
    def step(self, label: str, total: int | None = None) -> Iterator[Advance]:
        done = 0

        def advance(count: int) -> None:
            nonlocal done
            done += count
            if self.tell is not None:
                self.tell(label, done, total)

        advance(0)
        yield advance


def choices_of(
    model: str | Iterable[str] | None,
    weights: AnyPath | Iterable[AnyPath | None] | None,
    tokenizer: AnyPath | None,
    device: str,
) -> Sequence[ModelChoice]:
    """Return the models that are named, none of which is more than one without a name."""
    from visualsearch_cli.index.model import ModelChoice
    from visualsearch_cli.indexing.chosen_models import checked

    names: list[str | None] = [model] if model is None or isinstance(model, str) else list(model)
    files: list[AnyPath | None]
    if weights is None or isinstance(weights, (str, os.PathLike)):
        files = [weights, *[None] * (len(names) - 1)]
    else:
        files = list(weights)
    if not names or len(files) != len(names):
        raise ValueError(
            f"{len(files)} files of weights for {len(names)} models: expected one, or None, for each"
        )
    given = None if tokenizer is None else Path(tokenizer)
    paths = [None if file is None else Path(file) for file in files]
    return checked([ModelChoice(name, path, device, given) for name, path in zip(names, paths, strict=True)])


def scanner_of(exclude: str | Iterable[str], hidden: bool, follow_symlinks: bool, stores: bool) -> Scanner:
    from visualsearch_cli.indexing.scanner import Scanner, ScanOptions

    return Scanner(ScanOptions(hidden, follow_symlinks, several(exclude), stores))


def one_of(kind: type[E], value: str, name: str) -> E:
    try:
        return kind(value)
    except ValueError:
        known = ", ".join(str(member.value) for member in kind)
        raise ValueError(f"{name} is {value!r}, expected one of {known}") from None


def positive(k: int) -> int:
    return _count(k, "k")


def _count(number: int, name: str) -> int:
    if number < 1:
        raise ValueError(f"{name} is {number}, expected 1 or more")
    if number > LARGEST:
        raise ValueError(f"{name} is {number}, expected {LARGEST} at most")
    return number


def distance(value: float | None) -> float | None:
    if value is not None and not 0 <= value <= 2:
        raise ValueError(f"max_distance is {value}, expected 0 to 2")
    return value


def texts(given: str | Iterable[str], what: str = "the words") -> tuple[str, ...]:
    texts = several(given)
    if not all(text.strip() for text in texts):
        raise ValueError("empty words were given")
    return tuple(checked_text(text, what) for text in texts)


def label_named(name: str) -> str:
    """Return a label. Raises ValueError for an empty one, and for what is no text."""
    if not name.strip():
        raise ValueError("an empty label was given")
    return checked_text(name.strip(), "the label")


def candidates(ef_search: int | None) -> int | None:
    return None if ef_search is None else _count(ef_search, "ef_search")


def share(value: float | None) -> float | None:
    if value is not None and not 0 <= value <= 1:
        raise ValueError(f"diverse is {value}, expected 0 to 1")
    return value


def where_of(where: Where | None, within: AnyPath | None) -> Where:
    asked = (where or Where()).checked()
    if within is not None:
        asked = asked._replace(within=os.fspath(within))
    return asked if asked.within is None else asked._replace(within=absolute(asked.within))


def unit_vector(vector: npt.ArrayLike, model: ModelSpec) -> Embeddings:
    """Return a vector at unit length, float32 (dim,). Raises ValueError if it is of another shape, or has no
    direction."""
    import numpy as np

    array = np.asarray(vector, np.float64)
    if array.shape != (model.dim,):
        raise ValueError(f"a vector of shape {array.shape}, expected ({model.dim},) for {model.name}")
    length = float(np.linalg.norm(array))
    if not 0 < length < float("inf"):
        raise ValueError(f"a vector of length {length} has no direction")
    return (array / length).astype(np.float32)


def absolute(path: AnyPath) -> str:
    from visualsearch_cli.index.roots import absolute

    if not isinstance(path, (str, os.PathLike)):
        raise TypeError(
            f"{type(path).__name__} is no path: a picture is a file, named by a str or a Path; what is no "
            "file is asked for by its vector"
        )
    text = os.fspath(path)
    if not text:
        raise ValueError("an empty path was given")
    return absolute(text)


def all_absolute(paths: AnyPath | Iterable[AnyPath]) -> list[str]:
    given = [paths] if isinstance(paths, (str, os.PathLike)) else paths
    return [absolute(path) for path in given]
