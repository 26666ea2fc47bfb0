"""What a program asks an index for: pictures that are near to pictures, vectors and words."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from pathlib import Path
from typing import TYPE_CHECKING

from visualsearch_cli.for_programs.arguments import (
    AnyPath,
    How,
    Level,
    Transforms,
    Verify,
    absolute,
    all_absolute,
    candidates,
    distance,
    one_of,
    positive,
    share,
    texts,
    unit_vector,
    where_of,
)
from visualsearch_cli.for_programs.opened_index import OpenedIndex
from visualsearch_cli.for_programs.returned import Answer
from visualsearch_cli.verdicts.verdict import Verdict

if TYPE_CHECKING:
    import numpy as np
    import numpy.typing as npt

    from visualsearch_cli.search.answering import QueryOptions
    from visualsearch_cli.search.filtering import Where


class SearchedIndex(OpenedIndex):
    """An index that is searched."""

    def query(
        self,
        image: AnyPath,
        k: int = 10,
        *,
        level: Level | None = None,
        max_distance: float | None = None,
        within: AnyPath | None = None,
        where: Where | None = None,
        transforms: Transforms = "none",
        thorough: bool = False,
        verify: Verify = "nearest",
        region: str | Sequence[float] | None = None,
        distinct: bool = False,
        diverse: float | None = None,
        method: How = "auto",
        ef_search: int | None = None,
    ) -> Answer:
        """Return the k images of the index that are nearest to a picture, which need not be in it.

        What is proved to be a copy comes first, the best original before the others. A picture of the index
        is no match of itself.

        level: only matches of this verdict or a stronger one. From "pixels" to "edited" each is proved from
            the pictures.
        verify: where no level asks for proof, "nearest" looks at the nearest matches until one is the same
            picture, at most three in a tenth of a second; "all" at all that are near enough to be copies;
            "none" at none. `looked_at` of a match tells whether it was, and `reason` why it is what it is.
        max_distance: only matches up to this distance. within: only files at or below this path.
        where: only pictures for which all holds that it says.
        region: look for this part of the picture alone, "X,Y,W,H": left, top, width and height in pixels, or
            each in percent ("10%,10%,50%,50%"); or these four numbers of pixels. What reaches beyond the
            picture is cut off; `part` of the answer is what was left. Nothing is looked at in detail then.
        distinct: copies of one picture are one match, by their vectors; the others are in its `copies`.
        diverse: matches that differ from each other, too: how much nearness counts, 0 to 1.
        transforms: "mirror" also looks for the picture mirrored, "all" in all eight orientations.
        thorough: look closely: also for parts of the picture, as of a collage, for it turned by any angle
            and as a negative, and look at more of what is near, with proof.
        method: "exact" compares every vector, "hnsw" searches the graph, if there is one; "auto" takes what
            is cheaper. ef_search: how many candidates a search of the graph keeps.

        Raises ImageError if the picture cannot be read, VisualSearchError if the index knows nothing of
        `within`, or no distances for the model that a level needs.
        """
        from visualsearch_cli.errors import ImageUnreadable
        from visualsearch_cli.pictures.orientations import Transforms
        from visualsearch_cli.pictures.regions import Cutting
        from visualsearch_cli.search.answering import QueryOptions
        from visualsearch_cli.search.limits import Looks
        from visualsearch_cli.search.plan import Method

        if region is not None and level not in (None, Verdict.SIMILAR, "similar"):
            raise ValueError(
                f"with a region nothing can be proved: level is {level!r}, expected none or similar"
            )

        options = QueryOptions(
            k=positive(k),
            max_distance=distance(max_distance),
            level=None if level is None else one_of(Verdict, level, "level"),
            where=where_of(where, within),
            transforms=one_of(Transforms, transforms, "transforms"),
            thorough=thorough,
            looks=Looks.NONE if region is not None else one_of(Looks, verify, "verify"),
            cutting=None if region is None else Cutting.given(region),
            distinct=distinct,
            diverse=share(diverse),
            method=one_of(Method, method, "method"),
            ef_search=candidates(ef_search),
            stays=True,
        )
        path = Path(absolute(image))
        (answers,) = self._asked(options).of_files([path])
        (result,) = answers.results
        if result.error is not None:
            raise ImageUnreadable(f"{path}: {result.error}")
        return Answer(result.matches, tuple(answers.skipped), result.part)

    def query_vector(
        self,
        vector: npt.ArrayLike,
        k: int = 10,
        *,
        max_distance: float | None = None,
        within: AnyPath | None = None,
        where: Where | None = None,
        distinct: bool = False,
        diverse: float | None = None,
        method: How = "auto",
        ef_search: int | None = None,
    ) -> Answer:
        """Return the k images of the index that are nearest to a vector, such as one of `embed`.

        vector: of shape (dim,), made by the model of the index; it is scaled to unit length. The other
            arguments are those of `query`.

        Raises ValueError if it is of another shape, or has no direction.
        """
        unit = unit_vector(vector, self._opened.catalog.manifest().model)
        options = by_distance(k, max_distance, where_of(where, within), distinct, diverse, method, ef_search)
        return Answer(self._asked(options).of_vector(unit).matches, ())

    def search(
        self,
        words: str | Iterable[str] = (),
        k: int = 10,
        *,
        without: str | Iterable[str] = (),
        images: AnyPath | Iterable[AnyPath] = (),
        templates: str | Iterable[str] = ("{}",),
        max_distance: float | None = None,
        where: Where | None = None,
        distinct: bool = True,
        diverse: float | None = None,
        method: How = "auto",
        ef_search: int | None = None,
    ) -> Answer:
        """Return the k images of the index that are nearest to words, and to pictures beside them.

        The vectors of all words and pictures are added, those of `without` are subtracted. The pictures that
        are asked with are no matches. The text tower is loaded once for this index.

        templates: what the model is told, with {} for the words; of several the mean counts.
        max_distance, where, distinct, diverse, method, ef_search: as for `query`.

        Raises NoWords if the model of the index knows none, ModelUnavailable if its weights are not here,
        ImageError for a picture that cannot be read.
        """
        import numpy as np

        from visualsearch_cli.index.model import check_words
        from visualsearch_cli.search.answering import Answering
        from visualsearch_cli.search.wishes import Wish, vectors_of

        wish = Wish(texts(words), texts(without), texts(templates, "the template"))
        pictures = all_absolute(images)
        if not wish.words and not wish.without and not pictures:
            raise ValueError("nothing to look for was given: words, or images")
        if not wish.templates or not all("{}" in template for template in wish.templates):
            raise ValueError(f"templates are {wish.templates}, expected some with {{}} in each")
        index = self._meant
        tower = None
        if wish.words or wish.without:
            check_words(index.catalog.manifest(), index.folder.path)
            if self._tower is None:
                self._tower = index.embedder.text()
            tower = self._tower
        options = by_distance(
            k, max_distance, where_of(where, None), distinct, diverse, method, ef_search, by_words=True
        )
        if not pictures:
            (vector,) = vectors_of([wish], tower)
            return Answer(self._asked(options).of_vector(vector).matches, ())
        hashes: set[str] = set()
        answering = Answering(index, options, counts=lambda image: image.content_hash not in hashes)
        rows = []
        for picture in pictures:
            vector, content_hash = answering.vector_of_file(Path(picture))
            rows.append(vector)
            hashes.add(content_hash)
        (vector,) = vectors_of([wish], tower, np.array(rows))
        return Answer(answering.of_vector(vector).matches, ())

    def lookup(
        self,
        queries: AnyPath | Iterable[AnyPath] | npt.NDArray[np.float32],
        k: int = 5,
        *,
        max_distance: float | None = None,
        where: Where | None = None,
        distinct: bool = False,
        diverse: float | None = None,
        method: How = "auto",
        ef_search: int | None = None,
    ) -> tuple[Answer, ...]:
        """Return what `single_lookup` returns, for each of several pictures, or rows of vectors (n, dim).
        Pictures are searched for together."""
        import numpy as np

        from visualsearch_cli.errors import ImageUnreadable

        options = by_distance(k, max_distance, where_of(where, None), distinct, diverse, method, ef_search)
        if isinstance(queries, np.ndarray):
            model = self._opened.catalog.manifest().model
            units = [unit_vector(row, model) for row in np.atleast_2d(queries)]
            return tuple(Answer(self._asked(options).of_vector(unit).matches, ()) for unit in units)
        paths = [Path(path) for path in all_absolute(queries)]
        if len(paths) > 1:  # all in one go: how many they are says which way to search is cheaper
            options = options._replace(stays=False)
        asked = self._asked(options, len(paths))
        results = [result for answers in asked.of_files(paths) for result in answers.results]
        for result in results:
            if result.error is not None:
                raise ImageUnreadable(f"{result.query}: {result.error}")
        return tuple(Answer(result.matches, ()) for result in results)

    def single_lookup(
        self,
        query: AnyPath | npt.NDArray[np.float32],
        k: int = 5,
        *,
        max_distance: float | None = None,
        where: Where | None = None,
        distinct: bool = False,
        diverse: float | None = None,
        method: How = "auto",
        ef_search: int | None = None,
    ) -> Answer:
        """Return the k images that are nearest to a picture, or to a vector of shape (dim,), by distance
        alone: nothing is looked at in detail, as `query` does it. The other arguments are those of `query`.

        Raises ImageError if the picture cannot be read, ValueError if the vector is of another shape, or has
        no direction.
        """
        import numpy as np

        one = query[np.newaxis] if isinstance(query, np.ndarray) else [query]
        (answer,) = self.lookup(
            one,
            k,
            max_distance=max_distance,
            where=where,
            distinct=distinct,
            diverse=diverse,
            method=method,
            ef_search=ef_search,
        )
        return answer


def by_distance(
    k: int,
    max_distance: float | None,
    where: Where,
    distinct: bool,
    diverse: float | None,
    method: How,
    ef_search: int | None,
    *,
    by_words: bool = False,
) -> QueryOptions:
    """Return options where distances alone count. Raises ValueError for what cannot be meant."""
    from visualsearch_cli.search.answering import QueryOptions
    from visualsearch_cli.search.limits import Looks
    from visualsearch_cli.search.plan import Method

    return QueryOptions(
        k=positive(k),
        max_distance=distance(max_distance),
        where=where,
        method=one_of(Method, method, "method"),
        ef_search=candidates(ef_search),
        looks=Looks.NONE,
        distinct=distinct,
        diverse=share(diverse),
        by_words=by_words,
        stays=True,
    )
