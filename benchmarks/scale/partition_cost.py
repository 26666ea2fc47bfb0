"""How much of all pairs do partitions compare, and how much of the vectors does each need?

    python -m benchmarks.scale.partition_cost [--count 20000] [--of 4 16] [--limits 0.45 0.1 0.02]

Rows are chosen, and nothing is compared. Vectors are drawn as those of photographs lie.
"""

from __future__ import annotations

import argparse

from tests.helpers.vectors import realistic_vectors
from visualsearch_cli.vectors.partitions import cuts_of, rows_of_partition


def main() -> None:
    """Measure, and print a table."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").partition("\n")[0])
    parser.add_argument("--count", type=int, default=20_000)
    parser.add_argument("--dim", type=int, default=256)
    parser.add_argument("--of", type=int, nargs="+", default=[4, 16])
    parser.add_argument("--limits", type=float, nargs="+", default=[0.45, 0.1, 0.02])
    options = parser.parse_args()
    vectors = realistic_vectors(options.count, options.dim, seed=1)
    pairs = options.count * (options.count - 1) / 2
    print("| partitions | up to | vectors of a partition | compared by all | by the largest |")
    print("|---|---|---|---|---|")
    for of in options.of:
        cuts = cuts_of(vectors, of)
        for limit in options.limits:
            rows = [rows_of_partition(vectors, cuts, cell, limit) for cell in range(of)]
            needed = sum(len(each.home) + len(each.border) for each in rows) / of / options.count
            work = [
                (len(each.home) * (len(each.home) - 1) / 2 + len(each.home) * len(each.border)) / pairs
                for each in rows
            ]
            print(f"| {of} | {limit:g} | {needed:.0%} | {sum(work):.0%} | {max(work):.1%} |")


if __name__ == "__main__":
    main()
