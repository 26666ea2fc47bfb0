"""Draw pairs, judge them, and print what was said of each kind beside what they are."""

from __future__ import annotations

import argparse
import json
from collections.abc import Sequence
from dataclasses import asdict
from pathlib import Path
from typing import Any

from benchmarks.documents import report
from benchmarks.documents.cases import SPLITS
from benchmarks.documents.contact_sheet import write_contact_sheet
from benchmarks.documents.fonts import AILERON, faces_missing, faces_used
from benchmarks.documents.running import Outcome, Plan, all_kinds, case_of, judge_kind, new_pool, program_hash
from benchmarks.material.photographs import find_photographs


def main(words: Sequence[str] | None = None) -> None:
    """Print a table."""
    arguments = _arguments(words)
    if arguments.overview:
        write_contact_sheet(arguments.overview, arguments.split, arguments.seed)
        return
    photographs = tuple(find_photographs(arguments.photos)) if arguments.photos else ()
    if arguments.draw:
        _draw(arguments.draw[0], arguments.draw[1:], arguments.to, photographs)
        return
    kinds = _chosen(arguments.kinds, all_kinds(photographs))
    plan = Plan(arguments.split, arguments.seed, arguments.pairs, arguments.copies, photographs)
    about = {
        "split": plan.split,
        "seed": plan.seed,
        "pairs": plan.pairs,
        "copies": plan.copies,
        "photographs": len(photographs),
        "program": program_hash(),
        "fonts": faces_used(),
    }
    known = _known(arguments.json, about)
    print(
        f"{plan.pairs} pairs a kind that differ, {plan.copies} copies; split {plan.split}, seed {plan.seed}"
    )
    if missing := faces_missing():
        print(f"no typefaces for {', '.join(missing)}: {AILERON} stands in; matplotlib brings DejaVu")
    print(report.heading())
    outcomes: list[Outcome] = []
    with new_pool(arguments.processes) as pool:
        for kind in kinds:
            if kind not in known:
                known[kind] = list(judge_kind(kind, plan, pool))
                if arguments.json:
                    _write(arguments.json, about, known)
            outcomes += known[kind]
            print("\n".join(report.kind_lines(kind, known[kind])), flush=True)
    print("\nDrawn again with: python -m benchmarks.documents --draw KIND SEED --to DIR\n")
    for line in (*report.by_change(outcomes), "", *report.by_copy(outcomes), ""):
        print(line)
    for bound in report.bounds():
        print(bound.line(outcomes))


def _arguments(words: Sequence[str] | None) -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="python -m benchmarks.documents", description=__doc__)
    parser.add_argument("--kinds", default="", help="names, with commas between them; all if empty")
    parser.add_argument("--pairs", type=int, default=100, help="of a kind, that differ; half in one sign")
    parser.add_argument("--copies", type=int, default=32, help="of a kind")
    parser.add_argument("--split", choices=SPLITS, default="test", help="bounds are chosen on train alone")
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--photos", type=Path, help="a folder of photographs, to take scenes from as well")
    parser.add_argument("--processes", type=int, default=2)
    parser.add_argument(
        "--json", type=Path, help="write all outcomes; kinds that are there are not run again"
    )
    parser.add_argument("--draw", nargs="+", metavar=("KIND", "SEED"), help="write these pairs, judge none")
    parser.add_argument("--overview", type=Path, metavar="FILE", help="draw one of each kind, judge none")
    parser.add_argument("--to", type=Path, default=Path("."), help="where --draw writes")
    arguments = parser.parse_args(words)
    if arguments.draw and len(arguments.draw) < 2:
        parser.error("--draw needs a kind and a seed or more, as the table names them: test-1-0")
    return arguments


def _chosen(names: str, known: Sequence[str]) -> list[str]:
    chosen = [name.strip() for name in names.split(",") if name.strip()]
    unknown = [name for name in chosen if name not in known]
    if unknown:
        raise SystemExit(f"no kind is named {', '.join(unknown)}: there are {', '.join(known)}")
    return chosen or list(known)


def _draw(kind: str, seeds: Sequence[str], folder: Path, photographs: Sequence[Any]) -> None:
    folder.mkdir(parents=True, exist_ok=True)
    manifest = []
    for seed in seeds:
        case = case_of(kind, seed, photographs)
        names = []
        for letter, file in (("a", case.a), ("b", case.b)):
            path = folder / f"{kind} {seed.replace(':', ' ')} {letter}{file.suffix}"
            path.write_bytes(file.data)
            names.append(path.name)
        about = asdict(case)
        manifest.append({**about, "truth": case.truth.value, "a": names[0], "b": names[1]})
    (folder / "manifest.json").write_text(json.dumps(manifest, indent=1) + "\n", "utf-8")
    print(f"{2 * len(manifest)} files and manifest.json in {folder}")


def _known(file: Path | None, about: dict[str, Any]) -> dict[str, list[Outcome]]:
    """Return what an earlier run found, if it drew the same and judged with the same program."""
    if file is None or not file.is_file():
        return {}
    document = json.loads(file.read_text("utf-8"))
    other = [name for name, value in about.items() if document["about"][name] != value]
    if other:
        held = ", ".join(f"{name} {document['about'][name]}" for name in other)
        asked = ", ".join(f"{name} {about[name]}" for name in other)
        raise SystemExit(f"{file} holds another run ({held}; this one: {asked}): name another file")
    return {kind: [_outcome(one) for one in found] for kind, found in document["kinds"].items()}


def _outcome(written: dict[str, Any]) -> Outcome:
    boxes = {side: tuple(written[side]) if written[side] else None for side in ("box_a", "box_b")}
    return Outcome(**{**written, **boxes})


def _write(file: Path, about: dict[str, Any], known: dict[str, list[Outcome]]) -> None:
    kinds = {kind: [asdict(one) for one in found] for kind, found in known.items()}
    part = file.with_name(f"{file.name}.part")
    part.write_text(json.dumps({"about": about, "kinds": kinds}, indent=1) + "\n", "utf-8")
    part.replace(file)


if __name__ == "__main__":
    main()
