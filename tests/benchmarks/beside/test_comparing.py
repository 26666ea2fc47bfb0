"""What differs by more than chance is called worse or better, by what the number counts."""

from __future__ import annotations

import pytest

from benchmarks.beside.comparing import WHOLE_RUN, Comparison, Run, Verdict, compare
from benchmarks.beside.table import table
from benchmarks.cost.processes import Cost

COST = Cost(wall=10.0, cpu=8.0, peak_bytes=100_000_000)


def compared(base: list[str], this: list[str], cost: Cost = COST) -> Comparison:
    return compare([Run.of(text, COST) for text in base], [Run.of(text, cost) for text in this])


def verdicts(comparison: Comparison) -> dict[str, Verdict]:
    return {figure.label: figure.verdict for figure in comparison.figures if figure.heading != WHOLE_RUN}


@pytest.mark.parametrize(
    ("line", "label", "verdict"),
    [
        ("query: {} ms by the clock", "query: # by the clock", Verdict.WORSE),
        ("query: 5 ms by the clock ({}.5)", "query: 5 ms by the clock (#)", Verdict.WORSE),
        ("index: 9 s of CPU; {}.25 and 1.5 of bare decode", "index: # and 1.5 of bare decode", Verdict.WORSE),
        ("index: 9 s of CPU, {} MB; 1.5 of bare decode", "index: memory", Verdict.WORSE),
        ("found: 10 s of CPU, {} groups", "found: # groups", Verdict.DIFFERENT),
        ("all pairs  recall {}.5", "all pairs recall", Verdict.BETTER),
        ("faces: weight {}.5", "faces: weight #", Verdict.DIFFERENT),
        ("| edit | recall@1 |\n|---|---|\n| crop | {}.125 |", "crop, recall@1", Verdict.BETTER),
        ("| format | CPU ms |\n|---|---|\n| HEIC | {} |", "HEIC, CPU ms", Verdict.WORSE),
        ("| index | queries/s |\n|---|---|\n| ours | {},000 |", "ours, queries/s", Verdict.BETTER),
    ],
)
def test_which_way_is_better_follows_from_unit_and_words(line: str, label: str, verdict: Verdict) -> None:
    lower, higher = line.format(200), line.format(300)
    assert verdicts(compared([lower] * 6, [higher] * 6)) == {label: verdict}
    turned = {Verdict.WORSE: Verdict.BETTER, Verdict.BETTER: Verdict.WORSE}.get(verdict, verdict)
    assert verdicts(compared([higher] * 6, [lower] * 6)) == {label: turned}


def test_noise_is_no_difference() -> None:
    base = [f"query: {ms} ms" for ms in (200, 210, 190, 205, 195, 203)]
    this = [f"query: {ms} ms" for ms in (205, 200, 195, 200, 200, 199)]
    comparison = compared(base, this)
    assert verdicts(comparison) == {"query": Verdict.EQUAL}
    assert not comparison.of(Verdict.WORSE)


def test_units_may_change_between_runs() -> None:
    comparison = compared(["query: 990 ms", "query: 1.01 s"], ["query: 1.98 s", "query: 2.02 s"])
    (figure,) = comparison.figures[-1:]
    assert figure.kind == "time"
    assert figure.ratio.median == pytest.approx(2.0)


def test_what_is_the_same_in_every_run_is_counted_and_names_what_is_not() -> None:
    base = ["120 files, 2 cores\n  index: 5.2 s of CPU, 147 MB"] * 3
    comparison = compared(base, [text.replace("5.2", "9.9") for text in base])
    assert [(figure.heading, figure.label) for figure in comparison.figures[3:]] == [
        ("120 files, 2 cores", "index: # of CPU")
    ]
    assert comparison.same == 3  # 120, 2 and 147


def test_the_sizes_in_a_line_stay_in_its_label() -> None:
    text = "10,000: build, {} s\n100,000: build, {} s"
    comparison = compared([text.format(3, 90)] * 6, [text.format(3, 180)] * 6)
    assert verdicts(comparison) == {"100,000: build, #": Verdict.WORSE}


def test_the_whole_run_counts_too() -> None:
    comparison = compared([""] * 6, [""] * 6, Cost(wall=10.0, cpu=9.0, peak_bytes=50_000_000))
    assert {figure.label: figure.verdict for figure in comparison.figures} == {
        "by the clock": Verdict.EQUAL,
        "CPU, user and system": Verdict.WORSE,
        "peak memory of its largest process": Verdict.BETTER,
    }


def test_what_would_be_shown_as_1_is_no_difference() -> None:
    comparison = compared([""] * 6, [""] * 6, Cost(wall=10.0, cpu=8.0, peak_bytes=100_040_000))
    assert not comparison.of(Verdict.WORSE)


def test_what_one_version_alone_prints_is_named() -> None:
    comparison = compared(["old: 3 s\nboth: 4 s"] * 2, ["both: 4 s\nnew figure: 5 s"] * 2)
    assert (comparison.only_base, comparison.only_this) == (["old: …"], ["new figure: …"])
    assert comparison.same == 1


def test_the_table_says_what_is_worse_and_how_sure_that_is() -> None:
    base, this = (
        ["query: 200 ms by the clock, recall 0.50"] * 6,
        ["query: 300 ms by the clock, recall 0.80"] * 6,
    )
    shown = table(compared(base, this), "v0.1.0")
    assert "97% interval" in shown
    assert "Worse than v0.1.0:\n  query: # by the clock: 1.500 times, 1.494 to 1.506\n" in shown
    assert "Better than v0.1.0:\n  query: recall #: 1.600 times" in shown
    assert "200 ms       300 ms        1.500  1.494 to 1.506  worse" in shown
    few = table(compared(base[:3], base[:3]), "v0.1.0")
    assert "Nothing is worse than v0.1.0." in few
    assert "take ROUNDS=6 or more" in " ".join(few.split())
