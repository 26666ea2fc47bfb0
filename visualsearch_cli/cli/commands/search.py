"""`visualsearch search`"""

from __future__ import annotations

import sys
from collections.abc import Sequence
from contextlib import ExitStack
from itertools import chain
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from visualsearch_cli.cli import options
from visualsearch_cli.cli.exit_codes import ExitCode
from visualsearch_cli.cli.locating import find_index
from visualsearch_cli.cli.narrowing import (
    After,
    Before,
    Camera,
    Distinct,
    Diverse,
    Exact,
    GpsNear,
    Hnsw,
    LargerThan,
    MinWidth,
    NeighborsPage,
    OfLabel,
    Open,
    OpenWith,
    Type,
    Within,
    check_viewer,
    method_of,
    where_of,
)
from visualsearch_cli.cli.output.console import MESSAGES, name_skipped
from visualsearch_cli.cli.output.formats import OutputFormat, chosen_format
from visualsearch_cli.cli.paths import given_paths
from visualsearch_cli.index.model import ModelChoice, Use, check_words
from visualsearch_cli.index.open import open_index
from visualsearch_cli.index.roots import absolute
from visualsearch_cli.search.filtering import ANYWHERE
from visualsearch_cli.wording import checked_text

if TYPE_CHECKING:
    import numpy as np
    import numpy.typing as npt

    from visualsearch_cli.search.answering import Answering
    from visualsearch_cli.search.wishes import Wish

SCHEMA = "visualsearch/search/1"


def search(
    words: Annotated[
        list[str] | None,
        typer.Argument(
            metavar="WORDS...",
            help="What pictures show; -WORDS: what they do not. - reads a search from each line of stdin.",
            show_default=False,
        ),
    ] = None,
    image: Annotated[
        list[str] | None,
        typer.Option(
            "--image", metavar="IMAGE", help="Like this picture, too; repeatable.", show_default=False
        ),
    ] = None,
    without: Annotated[
        list[str] | None,
        typer.Option(
            "--without", metavar="WORDS", help="The same as -WORDS; repeatable.", show_default=False
        ),
    ] = None,
    template: Annotated[
        list[str] | None,
        typer.Option(
            "--template",
            metavar="TEXT",
            help="What the model is told, with {} for the words, such as 'a photo of {}'; repeatable, then "
            "the mean counts. Default: the words.",
            show_default=False,
        ),
    ] = None,
    index: options.IndexDir = None,
    store: options.Store = None,
    map_: options.StoreMap = None,
    k: Annotated[int, typer.Option("-k", min=1, metavar="N", help="How many pictures.")] = 10,
    max_distance: options.MaxDistance = None,
    within: Within = None,
    after: After = None,
    before: Before = None,
    camera: Camera = None,
    type_: Type = None,
    min_width: MinWidth = 0,
    larger_than: LargerThan = "",
    label: OfLabel = None,
    gps_near: GpsNear = None,
    distinct: Distinct = True,
    diverse: Diverse = None,
    exact: Exact = False,
    hnsw: Hnsw = False,
    open_: Open = False,
    open_with: OpenWith = None,
    preview: options.Preview = False,
    html: NeighborsPage = None,
    format: options.Format = OutputFormat.TABLE,
    json: options.JsonFormat = False,
    null: options.Null = False,
    exit_code: Annotated[bool, typer.Option("--exit-code", help="Exit with 4 if nothing matched.")] = False,
    model: options.Model = None,
    weights: options.Weights = None,
    tokenizer: options.Tokenizer = None,
    device: options.DeviceOption = options.Device.AUTO,
    max_pixels: options.MaxPixels = None,
) -> ExitCode:
    """Print the pictures that are nearest to words, in an index whose model knows words.

    Words add up, and so do pictures beside them; words behind a minus are taken away:
    `search beach -people`. Copies of one picture are one row.
    """
    from visualsearch_cli.cli.output.query import QueryPrinter, check_page, show_found, write_page
    from visualsearch_cli.pictures.reader import Decoding
    from visualsearch_cli.search.answering import Answering, QueryOptions
    from visualsearch_cli.search.limits import Looks
    from visualsearch_cli.search.wishes import vectors_of

    method = method_of(exact=exact, hnsw=hnsw)
    check_viewer(open_with)
    check_page(html)
    wishes = _wishes(words or [], without or [], template or [], has_images=bool(image))
    pictures = [absolute(path) for path in given_paths(image, null=null)]
    where = where_of(within, after, before, camera, type_, min_width, larger_than, label, gps_near)
    address = options.store_of(store)
    if address is not None:
        from visualsearch_cli.cli.storing.asked_store import check_search  # late: few have a store

        check_search(labels=bool(label), exact=exact, hnsw=hnsw)
    asked = QueryOptions(
        k=k,
        max_distance=max_distance,
        where=where,
        method=method,
        looks=Looks.NONE,
        distinct=distinct,
        diverse=diverse,
        by_words=True,
    )
    results = []
    choice = ModelChoice(model, weights, device.value, tokenizer)
    decoding = Decoding(max_pixels)
    with ExitStack() as stack:
        if address is None:
            opening = open_index(find_index(index), choice, decoding, MESSAGES, Use.MEANING)
        else:
            from visualsearch_cli.cli.storing.asked_store import store_to_ask

            opening = store_to_ask(address, map_, choice, decoding)
        opened = stack.enter_context(opening)
        where_from = opened.folder.path if address is None else address.text
        manifest = opened.catalog.manifest()
        has_texts = any(wish.words or wish.without for wish in wishes)
        if has_texts:
            check_words(manifest, Path(where_from))
        hashes: set[str] = set()  # of the pictures that are beside the words: they are no answer
        answering = Answering(
            opened, asked, len(wishes), counts=lambda image: image.content_hash not in hashes
        )
        beside = _vectors(pictures, answering, hashes)
        tower = opened.embedder.text() if has_texts else None
        printer = QueryPrinter(
            chosen_format(format, json=json),
            where_from,
            manifest.model.name,
            null=null,
            far_too=True,
            schema=SCHEMA,
            filtered=where != ANYWHERE,
        )
        for wish, vector in zip(wishes, vectors_of(wishes, tower, beside), strict=True):
            text = " ".join([wish.text, *(f"+{path}" for path in pictures)]).strip()
            result = answering.of_vector(vector)._replace(words=text)
            printer.add([result])
            results.append(result)
        printer.finish()
        unseen = [] if html is None else write_page(results, opened, html)
    name_skipped(unseen)
    show_found(results, [result.matches for result in results], open_, open_with, preview)
    if unseen:
        return ExitCode.INCOMPLETE
    found = any(result.matches for result in results)
    return ExitCode.NOTHING_MATCHED if exit_code and not found else ExitCode.DONE


def _wishes(
    words: Sequence[str], without: Sequence[str], templates: Sequence[str], *, has_images: bool
) -> list[Wish]:
    """Return what is looked for: one thing, or one a line of stdin.

    Raises BadParameter for words that say nothing, and for nothing at all.
    """
    from visualsearch_cli.search.wishes import PLAIN, WORDS, Wish

    if words == ["-"]:
        read = sys.stdin.buffer.read().decode("utf-8", "surrogateescape")
        wanted = [[line.strip()] for line in read.splitlines() if line.strip()]
    else:
        wanted = [list(words)] if words or without or has_images else []
    try:
        for what, given in (("the words", chain(*wanted, without)), ("the template", templates)):
            for text in given:
                checked_text(text, what)
    except ValueError as error:
        raise typer.BadParameter(str(error)) from error
    for template in templates:
        if WORDS not in template:
            raise typer.BadParameter(f"--template '{template}' has no {WORDS}, where the words are put")
    if not wanted:
        raise typer.BadParameter("nothing to look for was given: name words, or a picture with --image")
    if not all(text.strip() for texts in (*wanted, without) for text in texts):
        raise typer.BadParameter("empty words were given: name what pictures show")
    return [Wish(tuple(each), tuple(without), tuple(templates) or PLAIN) for each in wanted]


def _vectors(
    pictures: Sequence[str], answering: Answering, hashes: set[str]
) -> npt.NDArray[np.float32] | None:
    """Return the vectors of pictures, float32 (n, dim), and add the hashes of their contents."""
    if not pictures:
        return None
    from pathlib import Path

    import numpy as np

    rows = []
    for picture in pictures:
        vector, content_hash = answering.vector_of_file(Path(picture))
        rows.append(vector)
        hashes.add(content_hash)
    return np.array(rows, np.float32)
