"""An index that a program has opened."""

from __future__ import annotations

import os
from collections.abc import Iterable, Sequence
from contextlib import ExitStack
from pathlib import Path
from threading import get_ident
from typing import TYPE_CHECKING, Literal

from visualsearch_cli.errors import ImageUnreadable, VisualSearchError
from visualsearch_cli.for_programs.arguments import (
    MESSAGES,
    AnyPath,
    Level,
    OnProgress,
    Steps,
    Transforms,
    Verify,
    absolute,
    all_absolute,
    choices_of,
    distance,
    one_of,
    positive,
    scanner_of,
    share,
    texts,
    unit_vector,
    where_of,
)
from visualsearch_cli.for_programs.returned import Adapted, Added, Answer, Evaluated
from visualsearch_cli.pictures.image import SkippedImage
from visualsearch_cli.verdicts.verdict import Verdict

if TYPE_CHECKING:
    import numpy as np
    import numpy.typing as npt

    from visualsearch_cli.embedders.embedder import TextTower
    from visualsearch_cli.index.folder import IndexFolder
    from visualsearch_cli.index.model import ModelChoice
    from visualsearch_cli.index.open import OpenIndex
    from visualsearch_cli.pictures.reader import Decoding
    from visualsearch_cli.reports.report import Report
    from visualsearch_cli.search.answering import Answering, QueryOptions
    from visualsearch_cli.search.filtering import Where
    from visualsearch_cli.search.labelling import Cutoff, Matched


def open_index(
    folder: AnyPath,
    *,
    create: bool = False,
    model: str | Iterable[str] | None = None,
    weights: AnyPath | Iterable[AnyPath | None] | None = None,
    tokenizer: AnyPath | None = None,
    device: str = "auto",
    threads: int | None = None,
    max_pixels: int | None = None,
    dim: int | None = None,
    whiten: bool = False,
    learn_from: AnyPath | Iterable[AnyPath] | None = None,
) -> Index:
    """Open the index of a folder; with `create` one is made, empty, if there is none.

    The index is `folder` itself, or the `.visualsearch` in it, where a new one goes too. No other folder is
    looked in. Close it, or use it in a `with` statement.

    model: name of the embedder, see `visualsearch models`; None: the index's own, for a new one "bundled". Of
        two names, such as ["bundled", "clip"], both make vectors of what is added, and each picture is
        decoded once: queries take the one for copies, words and labels the other one. In an index of two,
        one name says which is meant for everything.
    weights: a file of weights for it, or "image.onnx,text.onnx", with a tokenizer.json as `tokenizer`; for
        two models one for each, or None.
    device: "auto", "cpu", "cuda" or "mps", for torch models.
    threads: that decode pictures; None: one per core, at most 8.
    max_pixels: larger images are refused; None: 250 million.
    dim: how many values a vector has, if a new index is to have shorter ones than its model: those along the
        axes in which pictures differ most (PCA), all of which count alike if it is to `whiten`. The axes are
        learned from pictures at `learn_from`, or in the folder that the index is in. An index that is there
        must be such a one.

    Raises IndexNotFound if there is none, or no folder for one, ModelMismatch if another model made it,
    IndexVersionUnsupported if a newer version did, IndexCorrupt if it is damaged, ModelUnavailable if a new
    one needs what is not here.
    """
    from visualsearch_cli.errors import IndexNotFound
    from visualsearch_cli.index.folder import IndexFolder
    from visualsearch_cli.index.records import INDEX_FOLDER
    from visualsearch_cli.pictures.reader import Decoding

    place = Path(absolute(folder))
    found = IndexFolder(place)
    choices = choices_of(model, weights, tokenizer, device)
    decoding = Decoding(max_pixels, threads)
    if whiten and dim is None:
        raise ValueError("whiten is for dim, which says how many axes there are")
    if dim is not None and (len(choices) != 1 or dim < 2):
        raise ValueError(f"dim is {dim}, of {len(choices)} models: expected 2 or more, of one model")
    if not found.exists():
        if not create:
            raise IndexNotFound(
                f"there is no index in {place}: pass create=True, or run `visualsearch index {place}` first"
            )
        inside = place if place.name == INDEX_FOLDER else place / INDEX_FOLDER
        if not inside.parent.is_dir():
            raise IndexNotFound(f"{inside.parent} is not a folder: make it first, then an index in it")
        found = IndexFolder(inside)
        if dim is None:
            _create(found, choices)
    if dim is not None:
        from visualsearch_cli.indexing.scanner import Scanner
        from visualsearch_cli.learning.shortening import shortened

        given = all_absolute(found.path.parent if learn_from is None else learn_from)
        unheard = Steps(None), MESSAGES
        choices = [shortened(found, given, choices[0], Scanner(), decoding, dim, *unheard, whiten=whiten)]
    return Index(found, choices, decoding)


class Index:
    """An index that `open_index` opened, for the thread that opened it. Each call sees what is in it then,
    also what other programs wrote."""

    def __init__(self, folder: IndexFolder, choices: Sequence[ModelChoice], decoding: Decoding) -> None:
        """Not to be called: `open_index` does."""
        from visualsearch_cli.index.model import ModelChoice

        self._folder = folder
        self._choices = choices
        # Where two were named, what is asked decides.
        self._choice = choices[0] if len(choices) == 1 else ModelChoice(device=choices[0].device)
        self._decoding = decoding
        self._thread = get_ident()
        self._stack = ExitStack()
        self._index: OpenIndex | None = None
        self._answering: tuple[QueryOptions, Answering] | None = None  # the last ones, while nobody writes
        self._tower: TextTower | None = None
        self._open()

    def __enter__(self) -> Index:
        """Return the index itself."""
        return self

    def __exit__(self, *_: object) -> None:
        """Close it."""
        self.close()

    def close(self) -> None:
        """Let go of its files. A closed index is of no more use; closing it again does nothing."""
        self._index, self._answering = None, None
        self._stack.close()

    @property
    def path(self) -> Path:
        """The folder of the index, with the name `.visualsearch` or another."""
        return self._opened.folder.path.absolute()

    @property
    def model(self) -> str:
        """The name of the model that `query` takes, which makes its vectors."""
        return self._opened.catalog.manifest().model.name

    def add(
        self,
        paths: AnyPath | Iterable[AnyPath],
        *,
        exclude: Iterable[str] = (),
        hidden: bool = False,
        follow_symlinks: bool = False,
        include_stores: bool = False,
        thorough: bool = False,
        retry_skipped: bool = False,
        progress: OnProgress = None,
    ) -> Added:
        """Bring the index up to date with images and folders: new and changed files are embedded, unchanged
        ones skipped, and what is gone is no longer found. It can be called again at any time.

        exclude: patterns of what is left out, as in a .gitignore file there, from now on: they are remembered
            in the index. hidden: also names that begin with a dot.
        follow_symlinks: also what symbolic links lead to.
        include_stores: also recycle bins, snapshots, thumbnails and what else other programs made.
        thorough: the vectors of five regions of every picture are kept as well, from now on for all: small
            crops are found by them, and it takes up to six times as long.
        retry_skipped: files that could not be read are tried again, though they did not change.
        progress: called with what is being done, how many are done, and of how many, or None.

        Once a second, what is done is committed: an interruption loses no more.

        Raises VisualSearchError if a path is not there, IndexLocked if another process writes to the index.
        """
        from visualsearch_cli.indexing.adding import add_paths

        index, given = self._opened, all_absolute(paths)
        if not given:
            return Added(0, 0, 0, 0, 0, (), ())
        report = add_paths(
            index.folder,
            given,
            self._choices,
            scanner_of(exclude, hidden, follow_symlinks, include_stores),
            self._decoding,
            Steps(progress),
            MESSAGES,
            thorough=thorough,
            retry_skipped=retry_skipped,
        ).report
        return Added(
            report.found,
            report.unchanged,
            report.embedded,
            report.reused,
            report.missing,
            tuple(report.skipped),
            tuple(Path(root.path) for root in report.offline),
        )

    def forget(self, paths: AnyPath | Iterable[AnyPath], *, progress: OnProgress = None) -> int:
        """Forget pictures, and all that is known of folders, whether they are there or not. No file is
        touched; what is there is taken in again by `add`. Returns how many files were forgotten.

        Raises VisualSearchError, and forgets nothing, if the index knows of nothing at a path, IndexLocked if
        another process writes to it.
        """
        from visualsearch_cli.indexing.upkeep import forget

        index, given = self._opened, list(dict.fromkeys(all_absolute(paths)))
        return forget(index.folder, given, Steps(progress), MESSAGES).files if given else 0

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
        region: str | None = None,
        distinct: bool = False,
        diverse: float | None = None,
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
            each in percent ("10%,10%,50%,50%"). Nothing is looked at in detail then.
        distinct: copies of one picture are one match, by their vectors; the others are in its `copies`.
        diverse: matches that differ from each other, too: how much nearness counts, 0 to 1.
        transforms: "mirror" also looks for the picture mirrored, "all" in all eight orientations.
        thorough: also look for five regions of the picture, which finds pictures that hold parts of it.

        Raises ImageError if the picture cannot be read, VisualSearchError if the index knows nothing of
        `within`, or no distances for the model that a level needs.
        """
        from visualsearch_cli.errors import ImageUnreadable
        from visualsearch_cli.pictures.orientations import Transforms
        from visualsearch_cli.pictures.regions import Cutting
        from visualsearch_cli.search.answering import QueryOptions
        from visualsearch_cli.search.limits import Looks

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
            cutting=None if region is None else Cutting.parsed(region),
            distinct=distinct,
            diverse=share(diverse),
            stays=True,
        )
        path = Path(absolute(image))
        (answers,) = self._asked(options).of_files([path])
        (result,) = answers.results
        if result.error is not None:
            raise ImageUnreadable(f"{path}: {result.error}")
        return Answer(result.matches, tuple(answers.skipped))

    def query_vector(
        self,
        vector: npt.ArrayLike,
        k: int = 10,
        *,
        max_distance: float | None = None,
        within: AnyPath | None = None,
        where: Where | None = None,
    ) -> Answer:
        """Return the k images of the index that are nearest to a vector, such as one of `embed`.

        vector: of shape (dim,), made by the model of the index; it is scaled to unit length.

        Raises ValueError if it is of another shape, or has no direction.
        """

        from visualsearch_cli.search.answering import QueryOptions

        unit = unit_vector(vector, self._opened.catalog.manifest().model)
        options = QueryOptions(
            k=positive(k),
            max_distance=distance(max_distance),
            where=where_of(where, within),
            stays=True,
        )
        return Answer(self._asked(options).of_vector(unit).matches, ())

    def search(
        self,
        words: str | Iterable[str] = (),
        k: int = 10,
        *,
        without: str | Iterable[str] = (),
        images: AnyPath | Iterable[AnyPath] = (),
        templates: Iterable[str] = ("{}",),
        where: Where | None = None,
        distinct: bool = True,
        diverse: float | None = None,
    ) -> Answer:
        """Return the k images of the index that are nearest to words, and to pictures beside them.

        The vectors of all words and pictures are added, those of `without` are subtracted. The pictures that
        are asked with are no matches. The text tower is loaded once for this index.

        templates: what the model is told, with {} for the words; of several the mean counts.
        where, distinct, diverse: as for `query`.

        Raises NoWords if the model of the index knows none, ModelUnavailable if its weights are not here,
        ImageError for a picture that cannot be read.
        """
        import numpy as np

        from visualsearch_cli.index.model import check_words
        from visualsearch_cli.search.answering import Answering, QueryOptions
        from visualsearch_cli.search.limits import Looks
        from visualsearch_cli.search.wishes import Wish, vectors_of

        wish = Wish(texts(words), texts(without), tuple(templates))
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
        options = QueryOptions(
            k=positive(k),
            where=where_of(where, None),
            looks=Looks.NONE,
            distinct=distinct,
            diverse=share(diverse),
            by_words=True,
            stays=True,
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

    def index(
        self,
        paths: AnyPath | Iterable[AnyPath],
        labels: str | Iterable[str] | None = None,
        *,
        progress: OnProgress = None,
    ) -> Added:
        """Add pictures and folders, as `add` does, and give them labels: one for all, or one for each."""
        given = [paths] if isinstance(paths, (str, os.PathLike)) else list(paths)
        names = [labels] * len(given) if isinstance(labels, str) else None if labels is None else list(labels)
        if names is not None and len(names) != len(given):
            raise ValueError(
                f"{len(names)} labels for {len(given)} paths: expected one for each, or one for all"
            )
        added = self.add(given, progress=progress)
        for path, name in zip(given, names or (), strict=bool(names)):
            self.label(path, str(name))
        return added

    def lookup(self, queries: Iterable[AnyPath] | npt.NDArray[np.float32], k: int = 5) -> tuple[Answer, ...]:
        """Return what `single_lookup` returns, for each of several pictures, or rows of vectors (n, dim).
        Pictures are searched for together."""
        import numpy as np

        from visualsearch_cli.errors import ImageUnreadable
        from visualsearch_cli.search.answering import QueryOptions
        from visualsearch_cli.search.limits import Looks

        if isinstance(queries, np.ndarray):
            return tuple(self.query_vector(row, k) for row in queries)
        paths = [Path(path) for path in all_absolute(queries)]
        asked = self._asked(QueryOptions(k=positive(k), looks=Looks.NONE))
        results = [result for answers in asked.of_files(paths) for result in answers.results]
        for result in results:
            if result.error is not None:
                raise ImageUnreadable(f"{result.query}: {result.error}")
        return tuple(Answer(result.matches, ()) for result in results)

    def single_lookup(self, query: AnyPath | npt.NDArray[np.float32], k: int = 5) -> Answer:
        """Return the k images that are nearest to a picture, or to a vector of shape (dim,), by distance
        alone: nothing is looked at in detail, as `query` does it."""
        import numpy as np

        if isinstance(query, np.ndarray):
            return self.query_vector(query, k)
        return self.lookup([query], k)[0]

    def label(self, paths: AnyPath | Iterable[AnyPath], name: str) -> int:
        """Give pictures, and those in folders, a label. It belongs to what is in the files, and is kept in
        the index. Returns how many distinct pictures are new to it.

        Raises ImageError if a picture cannot be read, IndexLocked if another process writes to the index.
        """
        from visualsearch_cli.index.open import open_labels
        from visualsearch_cli.indexing.scanner import Scanner
        from visualsearch_cli.search.naming import hash_at

        if not name.strip():
            raise ValueError("an empty label was given")
        index = self._opened
        places = all_absolute(paths)
        for place in places:
            if not os.path.exists(place):
                raise ImageUnreadable(f"{place} is not there")
        files = [file.path for place in places for file in Scanner().files(place)]
        hashes = {hash_at(path, index.catalog): [name.strip()] for path in files}
        return open_labels(index.folder, messages=MESSAGES).add(hashes)

    @property
    def labels(self) -> dict[str, int]:
        """The labels there are, and how many distinct pictures have each."""
        return self._opened.catalog.labels()

    def match(
        self,
        queries: AnyPath | Iterable[AnyPath] | npt.NDArray[np.float32],
        *,
        max_distance: float | None = None,
        k: int = 5,
    ) -> tuple[Matched, ...]:
        """Return for each picture, or row of vectors (n, dim), the label that its k nearest labelled pictures
        vote for; None if none is near enough. A picture has no say about itself.

        max_distance: how near that is; None: what `calibrate` returns.

        Raises VisualSearchError if no picture has a label, or nobody knows how near; ImageError if a picture
        cannot be read; ValueError if a vector is of another length, or has no direction.
        """
        import numpy as np

        from visualsearch_cli.pictures.orientations import Transforms
        from visualsearch_cli.search.naming import Matching
        from visualsearch_cli.search.queries import QueryReader

        index = self._meant
        matching = Matching(index, distance(max_distance), positive(k))
        if isinstance(queries, np.ndarray):
            model = index.catalog.manifest().model
            return tuple(matching.of(unit_vector(row, model)) for row in np.atleast_2d(queries))
        reader = QueryReader(index.catalog, index.embedder, index.reader, Transforms.NONE)
        found = [reader.read(Path(path)) for path in all_absolute(queries)]
        return tuple(matching.of(query.vectors[0], query.content_hash or "") for query in found)

    def calibrate(self) -> Cutoff | None:
        """Return the distance up to which the label of the nearest picture is best taken over, learned from
        the labels of the index, and how right it is. None: no two pictures share a label.

        Raises VisualSearchError if no picture has a label.
        """
        from visualsearch_cli.search.labelling import calibrated_cutoff
        from visualsearch_cli.search.naming import named_in

        named = named_in(self._meant)
        return calibrated_cutoff(named.vectors, named.names)

    def evaluate(self) -> Evaluated:
        """Return how well the pictures of the index that have just one label find each other.

        Raises VisualSearchError if no picture has a label, ValueError if no two of them share one.
        """
        import numpy as np

        from visualsearch_cli.evaluation.classification import classify
        from visualsearch_cli.evaluation.evaluation import evaluate
        from visualsearch_cli.search.naming import named_in

        named = named_in(self._meant)
        rows = [row for row, names in enumerate(named.names) if len(names) == 1]
        names = [named.names[row][0] for row in rows]
        oriented = named.vectors[rows][:, np.newaxis]
        contents = np.arange(len(rows))
        numbers = {name: number for number, name in enumerate(sorted(set(names)))}
        groups = np.array([numbers[name] for name in names])
        steps = Steps(None)
        overall = evaluate(oriented, contents, groups, names, [1], steps).overall
        told = classify(oriented, contents, names, steps)
        return Evaluated(
            len(rows),
            overall.hit_at_1,
            overall.mean_average_precision,
            told.accuracy,
            tuple(its.name for its in told.classes),
            tuple(its.precision for its in told.classes),
            tuple(its.recall for its in told.classes),
            np.array(told.confusion),
        )

    def adapt(
        self,
        file: AnyPath,
        *,
        loss: Literal["triplet", "pn", "multi-similarity", "circle"] = "triplet",
        dim: int = 128,
        into: AnyPath | None = None,
        progress: OnProgress = None,
    ) -> Adapted:
        """Learn from the labels of the index which pictures belong together, and write a model of it to a
        file: a projection of vectors to `dim` values. Returns what it is worth on labels that were held back.

        into: a folder in which an index of that model is made, without embedding a picture again.

        Raises VisualSearchError, and writes nothing, if it finds pictures of unseen labels no better, if
        there are too few labels, or if there is an index already; OutputRefused if another file is there.
        """
        from visualsearch_cli.atomic import check_output
        from visualsearch_cli.index.folder import IndexFolder
        from visualsearch_cli.learning.adapting import KIND, adapt, check_base, derive, save
        from visualsearch_cli.learning.classes import by_labels, parted
        from visualsearch_cli.learning.descent import Settings
        from visualsearch_cli.learning.losses import LOSSES

        if loss not in LOSSES or dim < 2:
            raise ValueError(
                f"loss is {loss!r}, dim {dim}: expected one of {', '.join(LOSSES)}, and 2 or more"
            )
        index, path, steps = self._meant, Path(absolute(file)), Steps(progress)
        base = index.catalog.manifest()
        check_base(base, index.folder.path)
        check_output(path, KIND)
        target = None if into is None else IndexFolder(Path(absolute(into)))
        if target is not None and target.exists():
            raise VisualSearchError(f"{target.path} is an index already: name another folder")
        projection, outcome = adapt(parted(by_labels(index)), Settings(loss, dim), steps)
        model = save(path, base.model, projection, outcome)
        if target is not None:
            derive(index.catalog, model, path, target, steps, MESSAGES)
        return Adapted(path, outcome.pictures, outcome.before, outcome.after, outcome.chance)

    def map(
        self, file: AnyPath, *, layout: Literal["pca", "tsne", "umap"] = "pca", most: int = 2000
    ) -> tuple[SkippedImage, ...]:
        """Draw the pictures of the index, so that what is alike lies together: as a page if the name of the
        file ends in .html, as SVG if in .svg. Returns the files that have no picture in it.

        Raises OutputRefused if another file is there, ValueError for another name, and VisualSearchError if
        the library for the layout is not installed.
        """
        from visualsearch_cli.plots.layout import Layout
        from visualsearch_cli.plots.map_files import write_page, write_svg
        from visualsearch_cli.plots.mapped import map_of

        path = Path(os.fspath(file))
        if path.suffix not in (".html", ".svg"):
            raise ValueError(f"{path} ends in neither .html nor .svg: name a page or a drawing")
        shown = map_of([self._opened], one_of(Layout, layout, "layout"), most)
        title = f"Map of {self.path.name}, {self.model}, {layout}"
        if path.suffix == ".svg":
            write_svg(shown, title, path)
            return ()
        return tuple(write_page(shown, title, self._opened.reader, path, Steps(None), self._opened.threads))

    def duplicates(
        self,
        level: Level | None = None,
        *,
        paths: AnyPath | Iterable[AnyPath] | None = None,
        references: AnyPath | Iterable[AnyPath] = (),
        keep: Iterable[str] | None = None,
        exclude: Iterable[str] = (),
        transforms: Transforms = "none",
        max_distance: float | None = None,
        progress: OnProgress = None,
    ) -> Report:
        """Return the groups of duplicates in the index: the file to keep, and what the others are to it.

        Groups that `visualsearch ignore` hides are left out. Nothing is removed.

        level: the weakest verdict that makes a duplicate. None: "same", or "edited" with transforms.
        paths: only what is indexed there; None: all. references: folders whose files are never offered for
            removal, and are kept before others.
        keep: what chooses the file to keep, first what counts most, as `visualsearch dupes --keep` has it.
        exclude: patterns of what is left out, as for `add`.
        transforms: "mirror" also looks for mirrored copies, "all" for turned ones too.
        max_distance: only pairs up to this distance are looked at; None: what is known of the model.
        progress: as for `add`.

        Raises VisualSearchError for a path that the index does not know, or a reference that is no folder.
        """
        from visualsearch_cli.duplicates.keeping import DEFAULT_KEEP, keys_named
        from visualsearch_cli.duplicates.of_index import Asked, report_duplicates
        from visualsearch_cli.index.scope import ScopeOptions
        from visualsearch_cli.pictures.orientations import Transforms

        places = () if paths is None else tuple(all_absolute(paths))
        if paths is not None and not places:
            raise ValueError("paths is empty: leave it out to look everywhere")
        ways = one_of(Transforms, transforms, "transforms")
        default = Verdict.SAME if ways is Transforms.NONE else Verdict.EDITED
        weakest = default if level is None else one_of(Verdict, level, "level")
        if weakest.reaches(Verdict.SAME) and ways is not Transforms.NONE:
            raise ValueError(f"turned copies are edits: with the level {weakest.value} none would be found")
        asked = Asked(
            weakest,
            DEFAULT_KEEP if keep is None else keys_named(keep),
            ScopeOptions(places, None, tuple(exclude)),
            tuple(all_absolute(references)),
            transforms=ways,
            max_distance=distance(max_distance),
        )
        return report_duplicates(self._opened, asked, __name__, Steps(progress))

    def _open(self) -> OpenIndex:
        from visualsearch_cli.index.open import open_index

        opened = open_index(self._folder, self._choice, self._decoding, MESSAGES)
        self._index = index = self._stack.enter_context(opened)
        self._version = index.catalog.version()
        return index

    @property
    def _opened(self) -> OpenIndex:
        """What is open, opened again if somebody has written to it since."""
        if self._index is None:
            raise RuntimeError(f"the index in {self._folder.path} is closed: open it again")
        if self._thread != get_ident():
            raise RuntimeError(
                f"the index in {self._folder.path} was opened in another thread: open it in this one too"
            )
        if self._index.catalog.version() == self._version:
            return self._index
        self.close()
        return self._open()

    @property
    def _meant(self) -> OpenIndex:
        """What is open, with the model for words and labels."""
        from visualsearch_cli.index.model import Use
        from visualsearch_cli.index.open import used_for

        return used_for(self._opened, self._choice, Use.MEANING)

    def _asked(self, options: QueryOptions) -> Answering:
        """Return what answers such queries, with what the last one of the same kind has opened."""
        from visualsearch_cli.duplicates.best_first import best_first
        from visualsearch_cli.search.answering import Answering

        index = self._meant if options.by_words else self._opened
        if self._answering is None or self._answering[0] != options:
            answering = Answering(index, options, arranged=lambda result: best_first(result, index.reader))
            self._answering = (options, answering)
        return self._answering[1]


def _create(folder: IndexFolder, choices: Sequence[ModelChoice]) -> None:
    from visualsearch_cli.indexing.chosen_models import create_index, new_models

    models = new_models(choices, MESSAGES)
    models.load()  # a model that cannot be had leaves no folder behind
    with folder.lock():
        if not folder.exists():
            create_index(folder, models)
