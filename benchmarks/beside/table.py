"""The comparison of two versions, to be read: a table of figures, and sentences."""

from __future__ import annotations

from collections import Counter
from itertools import groupby
from textwrap import fill

from benchmarks.beside.comparing import DIGITS, Comparison, Figure, Verdict
from benchmarks.beside.printed import Kind
from benchmarks.beside.ratios import CONFIDENCE

THIS = "this tree"
SHOWN = 8  # of what one version alone stated
WIDTH = 13
STEPS: dict[Kind, tuple[tuple[float, str], ...]] = {
    "time": ((3600, "h"), (1, "s"), (1e-3, "ms"), (1e-6, "µs")),
    "memory": ((1e9, "GB"), (1e6, "MB"), (1e3, "kB"), (1, "bytes")),
    "": (),
}


def table(comparison: Comparison, base: str) -> str:
    """Return the table, then what is worse, better, or in one version alone."""
    interval = f"{comparison.confidence:.0%} interval"
    columns = (base, THIS, "ratio", interval)
    label_width = max(len(figure.label) for figure in comparison.figures) + 2
    lines = [" " * label_width + "".join(f"{column:>{_wide(column)}}" for column in columns)]
    for heading, figures in groupby(comparison.figures, lambda figure: figure.heading):
        lines.append(heading)
        for figure in figures:
            cells = [_value(figure.base, figure.kind), _value(figure.this, figure.kind)]
            cells += [f"{figure.ratio.median:.{DIGITS}f}", _interval(figure)]
            row = "".join(f"{cell:>{_wide(name)}}" for cell, name in zip(cells, columns, strict=True))
            lines.append(f"  {figure.label:{label_width - 2}}{row}  {figure.verdict.value}".rstrip())
    return "\n".join([*lines, "", *_sentences(comparison, base)])


def _sentences(comparison: Comparison, base: str) -> list[str]:
    said = {
        f"Worse than {base}": comparison.of(Verdict.WORSE),
        f"Better than {base}": comparison.of(Verdict.BETTER),
        f"Different from {base}, for better or worse": comparison.of(Verdict.DIFFERENT),
    }
    labels = Counter(figure.label for figure in comparison.figures)
    lines = [] if comparison.of(Verdict.WORSE) else [f"Nothing is worse than {base}."]
    for what, figures in said.items():
        if figures:
            lines.append(f"{what}:")
        for figure in figures:
            under = f" ({figure.heading})" if labels[figure.label] > 1 else ""
            lines.append(
                f"  {figure.label}{under}: {figure.ratio.median:.{DIGITS}f} times, {_interval(figure)}"
            )
    equal = len(comparison.of(Verdict.EQUAL))
    lines.append(f"No difference is shown for {equal} figures: their interval holds 1.")
    if comparison.same:
        lines.append(f"{comparison.same} more numbers were the same in every run.")
    for name, only in ((base, comparison.only_base), (THIS, comparison.only_this)):
        if only:
            more = f" | and {len(only) - SHOWN} more" if len(only) > SHOWN else ""
            lines.append(f"Not in every run of both, but in {name}: {' | '.join(only[:SHOWN])}{more}")
    return [*lines, "", _about(comparison)]


def _about(comparison: Comparison) -> str:
    """Say what an interval is worth."""
    judged = len(comparison.figures)
    missed = 1 - comparison.confidence
    about = (
        f"A ratio is the median of {comparison.rounds} rounds, in each of which both versions ran once. Its "
        "interval is that of order statistics, widened by what the printed digits leave open. It misses the "
        f"true median in {missed:.1%} of all cases: by chance alone {missed / 2 * judged:.1f} of {judged} "
        "figures would be called worse, and as many better. Run again, with more rounds, what matters."
    )
    if comparison.confidence < CONFIDENCE:
        about += f" {comparison.rounds} rounds are too few for {CONFIDENCE:.0%}: take ROUNDS=6 or more."
    return fill(about, 100)


def _interval(figure: Figure) -> str:
    return f"{figure.ratio.low:.{DIGITS}f} to {figure.ratio.high:.{DIGITS}f}"


def _value(value: float, kind: Kind) -> str:
    for size, unit in STEPS[kind]:
        if value >= size:
            return f"{value / size:.4g} {unit}"
    return f"{value:.4g}"


def _wide(column: str) -> int:
    return max(WIDTH, len(column) + 2, len("0.000 to 0.000") + 2 if "interval" in column else 0)
