"""What `dupes` does in parts: one partition that is written to a file, and all of them taken from theirs."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING

import typer

from visualsearch_cli.cli.exit_codes import ExitCode
from visualsearch_cli.cli.output.console import MESSAGES, note
from visualsearch_cli.cli.paths import checked_output, files_and_places
from visualsearch_cli.named_tuples import NamedTuple
from visualsearch_cli.wording import counted

if TYPE_CHECKING:
    from visualsearch_cli.duplicates.of_index import Asked
    from visualsearch_cli.duplicates.partitioned.taken_pairs import TakenPairs
    from visualsearch_cli.index.open import OpenIndex
    from visualsearch_cli.indexing.parts.shards import Shard
    from visualsearch_cli.progress import Progress


class NamedPartition(NamedTuple):
    """A partition that is asked for."""

    partition: Shard
    output: Path


def named_partition(
    text: str | None, output: Path | None, others: Mapping[str, object]
) -> NamedPartition | None:
    """Return the partition of --partition, and the file of -o, which is looked at. `others` are options that
    do not go with it, and what they were given.

    Raises BadParameter, and OutputRefused for a file that is none of pairs.
    """
    if text is None:
        if output is not None:
            raise typer.BadParameter("-o is for --partition; groups are written by --report and --html")
        return None
    from visualsearch_cli.duplicates.partitioned.pair_files import PAIRS
    from visualsearch_cli.indexing.parts.shards import shard_given
    from visualsearch_cli.vectors.partitions import MOST_PARTITIONS

    if wrong := [name for name, given in others.items() if given]:
        raise typer.BadParameter(
            f"{', '.join(wrong)} with --partition, which finds no groups: that is for `dupes --from`"
        )
    if output is None:
        raise typer.BadParameter("--partition needs -o FILE.npz, to write to what it finds")
    try:
        partition = shard_given(text)
    except ValueError as error:
        raise typer.BadParameter(f"--partition: {error}") from error
    if partition.of > MOST_PARTITIONS:
        raise typer.BadParameter(f"--partition {text}: at most {MOST_PARTITIONS} partitions")
    checked_output("-o", output, PAIRS, (".npz",))
    return NamedPartition(partition, output)


def taken_from(named: Sequence[Path] | None, paths: Sequence[str]) -> tuple[TakenPairs | None, list[str]]:
    """Return what the files of --from hold, and the other paths. Raises PairFileError."""
    if not named:
        return None, list(paths)
    from visualsearch_cli.duplicates.partitioned.pair_files import PAIRS
    from visualsearch_cli.duplicates.partitioned.taken_pairs import TakenPairs

    files, places = files_and_places(named, paths, PAIRS)
    return TakenPairs(files, MESSAGES), places


def write_partition(index: OpenIndex, asked: Asked, named: NamedPartition, progress: Progress) -> ExitCode:
    """Compare one partition, and write what is near."""
    from visualsearch_cli.duplicates.partitioned.one_partition import pairs_of_index
    from visualsearch_cli.duplicates.partitioned.pair_files import write_pairs

    found = pairs_of_index(index, asked, named.partition, progress)
    write_pairs(named.output, found)
    note(
        f"partition {named.partition}: {counted(len(found.pairs), 'pair')} of contents at most "
        f"{found.max_distance:g} apart"
    )
    return ExitCode.DONE
