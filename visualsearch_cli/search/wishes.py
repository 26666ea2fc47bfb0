"""From words, and pictures beside them, to a vector: what is wanted, less what is not."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import TYPE_CHECKING

from visualsearch_cli.errors import VisualSearchError
from visualsearch_cli.named_tuples import NamedTuple

if TYPE_CHECKING:
    from visualsearch_cli.embedders.embedder import TextTower
    from visualsearch_cli.vectors.index import Embeddings

WORDS = "{}"
"""What stands in a template for the words."""

PLAIN = (WORDS,)
"""The templates where none is asked for: the words as they are."""

_NOTHING = 1e-3  # the length of a sum that has no direction: what is wanted is what is not


class Wish(NamedTuple):
    """What is looked for. Each part counts as much as each other one."""

    words: Sequence[str] = ()  # none of them empty
    without: Sequence[str] = ()  # likewise: words for what pictures are not to show
    templates: Sequence[str] = PLAIN  # each with WORDS in it

    @property
    def text(self) -> str:
        """What is looked for, as it is shown: "beach −people"."""
        return " ".join([*self.words, *(f"−{words}" for words in self.without)])


def vectors_of(
    wishes: Sequence[Wish], tower: TextTower | None, pictures: Embeddings | None = None
) -> Embeddings:
    """Return the unit vectors of wishes, float32 (n, dim): the sum of the vectors of the words of each and of
    pictures that are like what is wanted, less those of the words for what is not. All texts are embedded at
    once.

    tower: needed where there are words. pictures: float32 (p, dim), unit rows; they belong to each wish.

    The vector of some words is the mean over the templates, at unit length again.

    Raises VisualSearchError if nothing is left of a wish.
    """
    import numpy as np

    texts = [
        template.replace(WORDS, text)
        for wish in wishes
        for text in (*wish.words, *wish.without)
        for template in wish.templates
    ]
    found: Iterator[Embeddings] = iter(())
    if texts:
        assert tower is not None
        found = iter(tower.embed_texts(texts))
    base = 0 if pictures is None else pictures.sum(axis=0, dtype=np.float64)
    rows = []
    for wish in wishes:
        total = base
        for position in range(len(wish.words) + len(wish.without)):
            mean = np.mean([next(found) for _ in wish.templates], axis=0, dtype=np.float64)
            total = total + mean / np.linalg.norm(mean) * (1 if position < len(wish.words) else -1)
        length = float(np.linalg.norm(total))
        if length < _NOTHING:
            raise VisualSearchError(f"nothing is left of {wish.text}: what is wanted is what is not wanted")
        rows.append(total / length)
    return np.array(rows, np.float32)
