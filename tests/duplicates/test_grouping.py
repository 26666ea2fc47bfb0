"""Groups: each member is proved against the kept file, nothing chains, nothing depends on chance."""

from __future__ import annotations

import random
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field, replace
from itertools import combinations, permutations, product
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.helpers.facts import NoFacts
from tests.helpers.renditions import rendition
from visualsearch_cli.duplicates.centers import Node, NodeGroup, Policy
from visualsearch_cli.duplicates.grouping import find_groups, node_of
from visualsearch_cli.duplicates.groups import group_of
from visualsearch_cli.duplicates.keeping import DEFAULT_KEEP, Item, Key, expected_order
from visualsearch_cli.duplicates.near_graph import NearGraph
from visualsearch_cli.pictures.held.holdings import Holdings
from visualsearch_cli.pictures.image import ImageRecord
from visualsearch_cli.reports.report import Companion, Group, is_removable
from visualsearch_cli.verdicts.evidence import CandidatePair, Evidence, Fit, Place, Rendition
from visualsearch_cli.verdicts.verdict import Verdict

Truth = dict[frozenset[str], tuple[Verdict, float]]
FILM = Holdings(film="a")
WHOLE = ((1.0, 0.0, 0.0), (0.0, 1.0, 0.0), (0.0, 0.0, 1.0))


def image(name: str, *, side: int = 100, size: int = 1000, mtime: int = 1, content: str = "") -> ImageRecord:
    """Return the record of a square picture; its content is named after it, if nothing else is said."""
    hash_ = (content or name).encode().hex()
    return ImageRecord(0, 0, Path("/p") / name, size, mtime, hash_, side, side, "JPEG")


@dataclass
class FakeJudge:
    """Says what the truth says, and counts what it is asked."""

    truth: Truth
    fits: dict[tuple[str, str], Fit] = field(default_factory=dict)
    shown: dict[str, Rendition] = field(default_factory=dict)
    differences: tuple[Place, ...] = ()
    asked: list[tuple[str, str]] = field(default_factory=list)

    def judge(self, pairs: Sequence[CandidatePair]) -> list[Evidence]:
        return [self._of(pair) for pair in pairs]

    def _of(self, pair: CandidatePair) -> Evidence:
        names = (bytes.fromhex(pair.a.content_hash).decode(), bytes.fromhex(pair.b.content_hash).decode())
        assert names[0] != names[1], "equal bytes need no judge"
        assert names not in self.asked, "asked twice"
        self.asked.append(names)
        verdict, distance = self.truth.get(frozenset(names), (None, 2.0))
        assert verdict is None or abs(pair.distance - distance) < 1e-6
        a, b = (self.shown.get(name) for name in names)
        return Evidence(
            verdict,
            pair.distance,
            self.fits.get(names),
            differences=self.differences,
            renditions=None if a is None or b is None else (a, b),
        )


class Enlarged(NoFacts):
    """Some files were enlarged."""

    def __init__(self, *names: str) -> None:
        super().__init__()
        self.names = names

    def is_enlarged(self, image: ImageRecord, width: int, height: int) -> bool:
        del width, height
        return image.path.name in self.names


def truth_of(*pairs: tuple[str, str, Verdict, float]) -> Truth:
    return {frozenset((a, b)): (verdict, distance) for a, b, verdict, distance in pairs}


def groups_of(
    items: Iterable[Item],
    truth: Truth,
    *,
    level: Verdict = Verdict.EDITED,
    keep: tuple[Key, ...] = DEFAULT_KEEP,
    judge: FakeJudge | None = None,
    facts: NoFacts | None = None,
) -> list[Group]:
    """Group items whose pairs have the verdicts and distances of the truth."""
    by_hash: dict[str, list[Item]] = {}
    for item in items:
        by_hash.setdefault(item.image.content_hash, []).append(item)
    nodes = sorted(
        (node_of(some, keep) for some in by_hash.values()), key=lambda node: expected_order(node.lead, keep)
    )
    number = {bytes.fromhex(n.lead.image.content_hash).decode(): i for i, n in enumerate(nodes)}
    edges = [
        (*(number[name] for name in sorted(names)), distance)
        for names, (_, distance) in truth.items()
        if names <= number.keys()
    ]
    random.shuffle(edges)
    a, b, lengths = zip(*edges, strict=True) if edges else ((), (), ())
    graph = NearGraph.of(
        len(nodes), np.array(a, np.int64), np.array(b, np.int64), np.array(lengths, np.float32)
    )
    policy = Policy(level, keep, 0.3, 0.45, central=keep == DEFAULT_KEEP)
    found = find_groups(nodes, graph, lambda *_: 2.0, judge or FakeJudge(truth), facts or NoFacts(), policy)
    check(found, nodes, truth)
    asked = facts or NoFacts()
    return sorted(
        (group_of(each, nodes, keep, asked) for each in found), key=lambda group: str(group.kept.path)
    )


def check(found_groups: Sequence[NodeGroup], nodes: Sequence[Node], truth: Truth) -> None:
    """Check what must always hold."""
    removable: list[int] = []
    for found in found_groups:
        group = group_of(found, nodes, DEFAULT_KEEP, NoFacts())
        assert len(group.members) > 1
        assert group.kept.keep and not any(member.keep for member in group.others)
        center = bytes.fromhex(group.kept.content_hash).decode()
        for member in group.others:
            name = bytes.fromhex(member.content_hash).decode()
            if name == center:
                assert (member.verdict, member.distance) == (Verdict.IDENTICAL, 0.0)
            else:
                verdict, _ = truth[frozenset((center, name))]
                assert member.verdict in (verdict, Verdict.SIMILAR)
            if member.protected:
                assert group.kept.protected or not is_removable(member)
        similar = {n for n, evidence in found.members.items() if evidence.verdict is Verdict.SIMILAR}
        removable += [number for number in found.nodes if number not in similar]
    assert len(removable) == len(set(removable)), "a picture is in two groups"


def names(groups: Iterable[Group]) -> list[list[str]]:
    return [[member.path.name for member in group.members] for group in groups]


@pytest.mark.slow
def test_equal_bytes_need_no_judge() -> None:
    items = [Item(image(f"{n}.jpg", content="x", mtime=n)) for n in range(200)]
    judge = FakeJudge({})
    (group,) = groups_of(items, {}, judge=judge, level=Verdict.IDENTICAL)
    assert len(group.members) == 200 and not judge.asked
    assert group.kept.path.name == "0.jpg"  # the oldest
    assert group.bytes_reclaimable == 199_000


@pytest.mark.slow
def test_two_hundred_versions_of_a_picture_are_one_group_and_199_questions() -> None:
    made = [f"{n}.jpg" for n in range(200)]
    truth = truth_of(*((a, b, Verdict.SAME, 0.01) for a, b in combinations(made, 2)))
    judge = FakeJudge(truth)
    items = [Item(image(name, side=300 - n)) for n, name in enumerate(made)]
    (group,) = groups_of(items, truth, judge=judge, level=Verdict.SAME)
    assert len(group.members) == 200
    assert len(judge.asked) == 199
    assert group.kept.path.name == "0.jpg"


def test_nothing_chains() -> None:
    """B is like A, and C like B, but C is not like A: then C is no member."""
    truth = truth_of(("a", "b", Verdict.SAME, 0.1), ("b", "c", Verdict.SAME, 0.1))
    items = [Item(image(name, side=side)) for name, side in (("a", 300), ("b", 200), ("c", 100))]
    assert names(groups_of(items, truth)) == [["a", "b"]]


def test_what_is_left_out_makes_groups_of_its_own() -> None:
    truth = truth_of(
        ("a", "b", Verdict.SAME, 0.1), ("b", "c", Verdict.SAME, 0.1), ("c", "d", Verdict.SAME, 0.1)
    )
    items = [Item(image(name, side=2000 - 10 * ord(name))) for name in "abcd"]
    assert names(groups_of(items, truth)) == [["a", "b"], ["c", "d"]]


def test_what_is_the_same_is_not_parted_by_an_edit() -> None:
    """The large edit could take the picture away from its copy, if the nearest pairs did not come first."""
    truth = truth_of(("edit", "picture", Verdict.EDITED, 0.4), ("picture", "copy", Verdict.SAME, 0.01))
    items = [Item(image(name, side=side)) for name, side in (("edit", 300), ("picture", 200), ("copy", 100))]
    assert names(groups_of(items, truth)) == [["picture", "copy"]]
    truth |= truth_of(("edit", "copy", Verdict.EDITED, 0.4))
    assert names(groups_of(items, truth)) == [["edit", "copy", "picture"]]


def test_an_edit_that_hides_the_others_is_not_kept() -> None:
    """A frame around a picture makes it larger; crops and turns are proved against the picture alone."""
    others = [f"edit{n}" for n in range(5)]
    truth = truth_of(
        ("framed", "original", Verdict.EDITED, 0.2), *(("original", o, Verdict.EDITED, 0.3) for o in others)
    )
    items = [Item(image("framed", side=300)), Item(image("original", side=200))]
    items += [Item(image(other, side=100)) for other in others]
    (group,) = groups_of(items, truth)
    assert group.kept.path.name == "original" and len(group.members) == 7
    assert names(groups_of(items, truth, keep=(Key.RESOLUTION,)))[0] == ["framed", "original"]


def test_the_edit_that_is_nearest_to_the_others_is_kept() -> None:
    """The others were made of it. An edit of the same size is a little farther from each of them."""
    made = ["captioned", "original", "gray", "toned"]
    near = dict.fromkeys(made, 0.3) | {"original": 0.1}
    truth = truth_of(*((a, b, Verdict.EDITED, min(near[a], near[b])) for a, b in combinations(made, 2)))
    items = [Item(image(name, mtime=number)) for number, name in enumerate(made)]
    (group,) = groups_of(items, truth)
    assert group.kept.path.name == "original" and len(group.members) == 4
    (group,) = groups_of(items, truth, keep=(Key.OLDEST,))
    assert group.kept.path.name == "captioned"


def test_a_plain_file_is_not_offered_for_one_that_is_covered_and_holds_more() -> None:
    """Two others, blurred and with a mosaic, are copies of the one with a bar, and too unlike the plain."""
    truth = truth_of(
        ("plain", "bar", Verdict.EDITED, 0.2),
        *(("bar", name, Verdict.EDITED, 0.1) for name in ("blur", "mosaic")),
        ("blur", "mosaic", Verdict.EDITED, 0.1),
    )
    judge = FakeJudge(
        truth,
        fits={
            pair: Fit(WHOLE, False, 0, 1.0, 1.0, 0.0, 1.0) for pair in (("plain", "bar"), ("bar", "plain"))
        },
        shown={"plain": rendition(), "bar": rendition(marked=1.0)},
        differences=(Place((0, 0, 9, 9), (0, 0, 9, 9)),),
    )
    sizes = {"plain": 1000, "bar": 2000, "blur": 900, "mosaic": 900}
    items = [Item(image(name, size=size)) for name, size in sizes.items()]
    left, found = groups_of(items, truth, judge=judge)
    assert [member.path.name for member in found.members] == ["plain", "bar"]
    assert {member.path.name for member in left.members} == {"blur", "mosaic"}


def test_a_picture_is_not_offered_for_a_page_that_shows_it_and_has_more_copies() -> None:
    """A screenshot is the largest file, and one edit of ten was proved against it alone."""
    names = tuple("abcdefghij")
    truth = truth_of(
        ("page", "plain", Verdict.EDITED, 0.05),
        *(("page", name, Verdict.EDITED, 0.06) for name in names),
        *(("plain", name, Verdict.EDITED, 0.1) for name in names[1:]),
        *((a, b, Verdict.EDITED, 0.1) for a, b in combinations(names[1:], 2)),
    )
    small = Fit(
        WHOLE, mirrored=False, inliers=50, covered_a=0.6, covered_b=1.0, residual=0.0, correlation=1.0
    )
    fits = {("page", "plain"): small, ("plain", "page"): small._replace(covered_a=1.0, covered_b=0.6)}
    for bordered, first, count in ((1.0, "plain", 11), (0.0, "page", 12)):
        shown = {"page": rendition(bordered=bordered), "plain": rendition()}
        items = [Item(image(name)) for name in ("page", "plain", *names)]
        found = groups_of(items, truth, judge=FakeJudge(truth, fits=fits, shown=shown))
        (group,) = (group for group in found if len(group.members) > 1)
        assert (group.kept.path.name, len(group.members)) == (first, count)


def test_a_sharp_file_is_not_offered_for_a_soft_one_that_has_more_copies() -> None:
    """Two others are the same as the soft one alone: they stay among themselves."""
    truth = truth_of(
        ("sharp", "soft", Verdict.SAME, 0.05),
        *(("soft", name, Verdict.SAME, 0.1) for name in ("a", "b")),
        ("a", "b", Verdict.SAME, 0.1),
    )
    judge = FakeJudge(truth, shown={"sharp": rendition(fine=8.0), "soft": rendition()})
    sizes = {"sharp": 1000, "soft": 2000, "a": 900, "b": 900}
    items = [Item(image(name, size=size)) for name, size in sizes.items()]
    left, found = groups_of(items, truth, judge=judge, level=Verdict.SAME)
    assert [member.path.name for member in found.members] == ["sharp", "soft"]
    assert {member.path.name for member in left.members} == {"a", "b"}


def test_an_original_is_not_offered_for_what_was_made_of_it_and_has_more_copies() -> None:
    truth = truth_of(
        ("original", "made", Verdict.SAME, 0.05),
        *(("made", name, Verdict.SAME, 0.1) for name in ("a", "b")),
        ("a", "b", Verdict.SAME, 0.1),
    )
    sizes = {"original": 1000, "made": 2000, "a": 900, "b": 900}
    items = [Item(image(name, size=size)) for name, size in sizes.items()]
    few = rendition(colors=256, variety=0.01)
    whole = Fit(WHOLE, mirrored=False, inliers=0, covered_a=1, covered_b=1, residual=0.0, correlation=1.0)
    for made, kept in (
        (rendition(is_made=True), {"a", "original"}),
        (few, {"a", "original"}),
        (rendition(), {"made"}),
    ):
        shown = {"original": rendition(), "made": made}
        judge = FakeJudge(truth, fits=dict.fromkeys(permutations(shown, 2), whole), shown=shown)
        found = groups_of(items, truth, judge=judge, level=Verdict.SAME)
        assert {group.kept.path.name for group in found} == kept


def test_a_file_that_shows_more_takes_no_group_apart() -> None:
    """Two of four edits were made of the part alone, which lies on half of the whole."""
    names = ("a", "b", "c", "d")
    truth = truth_of(
        ("part", "whole", Verdict.EDITED, 0.05),
        *(("part", name, Verdict.EDITED, 0.06) for name in names),
        *(("whole", name, Verdict.EDITED, 0.1) for name in ("a", "b")),
    )
    half = Fit(WHOLE, mirrored=False, inliers=50, covered_a=1.0, covered_b=0.5, residual=0.0, correlation=1.0)
    fits = {("part", "whole"): half, ("whole", "part"): half._replace(covered_a=0.5, covered_b=1.0)}
    judge = FakeJudge(truth, fits=fits, shown={"part": rendition(), "whole": rendition()})
    items = [Item(image(name)) for name in ("part", "whole", *names)]
    (found,) = groups_of(items, truth, judge=judge, level=Verdict.EDITED)
    assert next(member.path.name for member in found.members) == "part"
    assert {member.path.name for member in found.members} == {"part", "whole", *names}
    assert [member.path.name for member in found.members if member.protected] == ["whole"]


@pytest.mark.parametrize("toning", [{"color": 24.0}, {"red": 9.0}, {"light": 140.0}, {"tones": 180.0}])
def test_what_is_toned_unlike_the_others_is_not_kept(toning: dict[str, float]) -> None:
    """It is the largest file, and nothing else tells it from what all of them were made of."""
    names = {"original": 1200, "cut": 1000, "lettered": 1100, "toned": 1500}
    truth = truth_of(*((a, b, Verdict.EDITED, 0.1) for a, b in combinations(names, 2)))
    shown = {name: rendition(**(toning if name == "toned" else {})) for name in names}
    items = [Item(image(name, size=size)) for name, size in names.items()]
    (group,) = groups_of(items, truth, judge=FakeJudge(truth, shown=shown))
    assert group.kept.path.name == "original"
    few = [item for item in items if item.image.path.name in ("original", "toned")]
    (group,) = groups_of(few, truth, judge=FakeJudge(truth, shown=shown))
    assert group.kept.path.name == "toned", "of two, nobody knows"


def test_an_edit_that_shows_the_picture_smaller_is_not_kept() -> None:
    """A screenshot has more pixels than the picture in it, but fewer of that picture."""
    truth = truth_of(("screenshot", "original", Verdict.EDITED, 0.2))
    fit = Fit(WHOLE, mirrored=False, inliers=50, covered_a=0.2, covered_b=1.0, residual=0.0, correlation=1.0)
    items = [Item(image("screenshot", side=300)), Item(image("original", side=200))]
    judge = FakeJudge(truth, {("screenshot", "original"): fit})
    assert names(groups_of(items, truth, judge=judge)) == [["original", "screenshot"]]
    judge = FakeJudge(truth, {("screenshot", "original"): fit})
    found = groups_of(items, truth, judge=judge, facts=Enlarged("original"))
    assert names(found) == [["screenshot", "original"]]


def test_an_enlarged_copy_is_not_kept() -> None:
    truth = truth_of(("large", "original", Verdict.SAME, 0.01))
    items = [Item(image("large", side=400)), Item(image("original", side=200))]
    assert names(groups_of(items, truth)) == [["large", "original"]]
    assert names(groups_of(items, truth, facts=Enlarged("large"))) == [["original", "large"]]


def test_a_lossless_file_with_the_pixels_of_a_lossy_one_was_made_of_it() -> None:
    truth = truth_of(("png", "jpeg", Verdict.PIXELS, 0.0))
    items = [Item(image("png")._replace(format="PNG")), Item(image("jpeg"))]
    assert names(groups_of(items, truth)) == [["jpeg", "png"]]
    assert names(groups_of(items, truth, keep=(Key.FORMAT,))) == [["png", "jpeg"]]
    items[0] = replace(items[0], protected=True)
    assert names(groups_of(items, truth)) == [["png", "jpeg"]]


def test_a_protected_file_is_kept_whatever_its_size() -> None:
    truth = truth_of(("large", "small", Verdict.SAME, 0.01))
    items = [Item(image("large", side=400)), Item(image("small", side=200), protected=True)]
    (group,) = groups_of(items, truth)
    assert group.kept.path.name == "small" and group.bytes_reclaimable == 1000


def test_protected_members_are_not_offered() -> None:
    truth = truth_of(("large", "small", Verdict.SAME, 0.01))
    items = [Item(image(name, side=side), protected=True) for name, side in (("large", 400), ("small", 200))]
    (group,) = groups_of(items, truth)
    assert group.bytes_reclaimable == 0


def test_a_shot_with_its_raw_is_not_given_up_for_one_without(tmp_path: Path) -> None:
    raw = tmp_path / "small.cr2"
    raw.write_bytes(b"raw")
    truth = truth_of(("large", "small", Verdict.SAME, 0.01))
    small = Item(image("small", side=200), companions=(companion(raw),))
    (group,) = groups_of([Item(image("large", side=400)), small], truth)
    assert group.kept.path.name == "small"
    (group,) = groups_of([Item(image("large", side=400), protected=True), small], truth)
    assert group.kept.path.name == "large" and group.bytes_reclaimable == 0
    other = tmp_path / "large.cr2"
    for data, freed in ((b"raw", 1003), (b"RAW", 0)):
        other.write_bytes(data)
        (group,) = groups_of([Item(image("large", side=400), companions=(companion(other),)), small], truth)
        assert group.kept.path.name == "large" and group.bytes_reclaimable == freed


def companion(path: Path) -> Companion:
    return Companion(path, path.stat().st_size, path.stat().st_mtime_ns)


def raw_image(path: Path, data: bytes, *, side: int = 100) -> ImageRecord:
    """Write a RAW file; its content is named after its data."""
    path.parent.mkdir(exist_ok=True)
    path.write_bytes(data)
    record = image(path.name, side=side, size=len(data), content=data.decode())
    return record._replace(path=path, format="RAW")


def test_a_raw_is_offered_only_for_its_own_bytes(tmp_path: Path) -> None:
    """Another RAW of the same shot is another original: it has a group of its own, with its own copies."""
    truth = truth_of(("one", "two", Verdict.SAME, 0.01))
    raws = [("1.cr2", b"one"), ("1 copy.cr2", b"one"), ("2.cr2", b"two"), ("2 copy.cr2", b"two")]
    items = [Item(raw_image(tmp_path / name, data)) for name, data in raws]
    first, second = groups_of(items, truth)
    assert {member.content_hash for member in first.members} == {b"one".hex()}
    assert {member.content_hash for member in second.members} == {b"two".hex()}
    assert all(is_removable(member) for group in (first, second) for member in group.others)
    (alike,) = groups_of(
        [items[0], items[2]], truth_of(("one", "two", Verdict.SAME, 0.01)), level=Verdict.SIMILAR
    )
    assert [member.verdict for member in alike.others] == [Verdict.SIMILAR]


def test_a_raw_and_what_was_developed_from_it_are_both_kept(tmp_path: Path) -> None:
    truth = truth_of(
        *((a, b, Verdict.SAME, 0.01) for a, b in (("jpeg", "raw"), ("small", "raw"), ("jpeg", "small")))
    )
    raw = Item(raw_image(tmp_path / "away" / "a.cr2", b"raw"))
    jpegs = [Item(image("jpeg", side=400)), Item(image("small", side=300))]
    (group,) = groups_of([*jpegs, raw], truth)
    assert [member.path.name for member in group.members] == ["jpeg", "small"]
    (alike,) = groups_of([jpegs[0], raw], truth, level=Verdict.SIMILAR)
    assert [member.verdict for member in alike.others] == [Verdict.SIMILAR]
    assert not is_removable(alike.others[0])
    beside = raw_image(tmp_path / "a.cr2", b"RAW").path  # of the same kind and size: `apply` reads it
    (group,) = groups_of([Item(image("jpeg", side=400), companions=(companion(beside),)), raw], truth)
    assert group.kept.path.name == "jpeg" and is_removable(group.others[0])


def test_a_pair_is_not_given_up_for_another_raw_alone(tmp_path: Path) -> None:
    truth = truth_of(("jpeg", "raw", Verdict.SAME, 0.01))
    beside = raw_image(tmp_path / "pair.cr2", b"other raw").path
    pair = Item(image("jpeg"), companions=(companion(beside),))
    raw = Item(raw_image(tmp_path / "raw.cr2", b"raw"), protected=True)
    for data in (b"other raw", b"raw"):
        beside.write_bytes(data)
        assert not groups_of([pair, raw], truth)


def test_look_alikes_are_added_and_keep_their_own_groups() -> None:
    truth = truth_of(
        ("a", "a2", Verdict.SAME, 0.01),
        ("b", "b2", Verdict.SAME, 0.01),
        ("a", "b", Verdict.SIMILAR, 0.4),
        ("a", "c", Verdict.SIMILAR, 0.4),
        ("a", "far", Verdict.SIMILAR, 0.5),
    )
    items = [
        Item(image(name, side=400 - 10 * n)) for n, name in enumerate(["a", "b", "a2", "b2", "c", "far"])
    ]
    groups = groups_of(items, truth, level=Verdict.SIMILAR)
    assert names(groups) == [["a", "a2", "b", "c"], ["b", "b2"]]
    assert groups[0].bytes_reclaimable == 1000


def test_the_id_depends_on_the_pictures_alone() -> None:
    def id_of(where: str, *contents: str) -> str:
        items = [Item(image(f"{where}{c}.jpg", content=c, side=ord(c))) for c in contents]
        truth = truth_of(*((a, b, Verdict.SAME, 0.1) for a, b in combinations(contents, 2)))
        (group,) = groups_of(items, truth)
        return group.id

    assert id_of("here/", "a", "b") == id_of("there/", "b", "a")
    assert id_of("here/", "a", "b") != id_of("here/", "a", "b", "c")


def pictures(count: int) -> st.SearchStrategy[list[Item]]:
    one = st.builds(
        lambda side, mtime, content, protected: (side, mtime, content, protected),
        st.sampled_from([100, 200, 300]),
        st.integers(1, 3),
        st.integers(0, 9),
        st.booleans(),
    )
    return st.lists(one, min_size=count, max_size=count).map(
        lambda drawn: [
            Item(image(f"{n}.jpg", side=100 + 10 * content, mtime=mtime, content=f"c{content}"), protected)
            for n, (_, mtime, content, protected) in enumerate(drawn)
        ]
    )


@st.composite
def truths(draw: st.DrawFn) -> Truth:
    verdicts = [*Verdict, None, None]
    found: Truth = {}
    for a, b in combinations([f"c{n}" for n in range(10)], 2):
        verdict = draw(st.sampled_from(verdicts))
        if verdict is not None and verdict is not Verdict.IDENTICAL:
            distance = {"pixels": 0.0, "same": 0.1, "edited": 0.4, "similar": 0.42}[verdict.value]
            found[frozenset((a, b))] = (verdict, float(np.float32(distance)))
    return found


@pytest.mark.slow
@given(pictures(12), truths(), st.sampled_from(list(Verdict)), st.randoms(use_true_random=False))
@settings(max_examples=150, deadline=None)
def test_any_pictures_make_sound_groups_in_any_order(
    items: list[Item], truth: Truth, level: Verdict, chance: random.Random
) -> None:
    groups = groups_of(items, truth, level=level)
    for group in groups:
        assert all(member.verdict and member.verdict.reaches(level) for member in group.others)
    shuffled = list(items)
    chance.shuffle(shuffled)
    assert groups_of(shuffled, truth, level=level) == groups
    kept = {member.path for group in groups for member in group.members}
    for item in items:
        twins = [other for other in items if other.image.content_hash == item.image.content_hash]
        assert len(twins) == 1 or item.image.path in kept


def test_what_holds_more_is_kept_or_protected() -> None:
    """At any level, whatever the keys; but a crop never stands for the whole."""
    for level, keep in product((Verdict.SAME, Verdict.EDITED), (DEFAULT_KEEP, (Key.SIZE,))):
        truth = truth_of(("large", "film", level, 0.1))
        items = [Item(image("large", side=300, size=9000)), Item(image("film", side=200))]
        (group,) = groups_of(items, truth, keep=keep, facts=NoFacts(film=Holdings(film="a")))
        assert group.kept.path.name == "film" and is_removable(group.others[0])
        (group,) = groups_of(items, truth, keep=keep, facts=NoFacts(film=Holdings(bits=16), large=FILM))
        assert group.kept.path.name == "large" and group.others[0].protected and not group.bytes_reclaimable
        assert group.others[0].reason.endswith(
            "holds more than the kept file: 16 bits a channel instead of 8"
        )
    truth = truth_of(("large", "film", Verdict.EDITED, 0.1))
    for covered, kept in ((0.5, "large"), (1.0, "film")):
        fit = Fit(WHOLE, False, 50, covered_a=covered, covered_b=1.0, residual=0.0, correlation=1.0)
        judge = FakeJudge(truth, {("large", "film"): fit})
        (group,) = groups_of(items, truth, judge=judge, facts=NoFacts(film=FILM))
        assert group.kept.path.name == kept


def test_what_lies_below_a_reference_is_kept_whatever_it_lacks() -> None:
    truth = truth_of(("mine", "film", Verdict.EDITED, 0.1))
    items = [Item(image("mine"), protected=True), Item(image("film"))]
    (group,) = groups_of(items, truth, facts=NoFacts(film=FILM))
    assert group.kept.path.name == "mine" and not is_removable(group.others[0])


def test_what_is_turned_stands_behind_unless_its_place_says_otherwise() -> None:
    """Three of four stand upright. But a protected file is kept as it lies."""
    made = ["turned", "one", "two", "three"]
    half = ((-1.0, 0.0, 1.0), (0.0, -1.0, 1.0), (0.0, 0.0, 1.0))
    truth = truth_of(*((a, b, Verdict.EDITED, 0.1) for a, b in combinations(made, 2)))
    fits = {
        (a, b): Fit(half if "turned" in (a, b) else WHOLE, False, 50, 1.0, 1.0, 0.0, 1.0)
        for a, b in product(made, made)
        if a != b
    }
    items = [Item(image(name, side=400 - 10 * number)) for number, name in enumerate(made)]
    (group,) = groups_of(items, truth, judge=FakeJudge(truth, fits))
    assert group.kept.path.name != "turned" and len(group.members) == 4
    assert [m.why for m in group.others if m.path.name == "turned"] == [
        "upright: turned or mirrored (kept: as most of the group stand)"
    ]
    items[0] = replace(items[0], protected=True)
    (group,) = groups_of(items, truth, judge=FakeJudge(truth, fits))
    assert group.kept.path.name == "turned"
