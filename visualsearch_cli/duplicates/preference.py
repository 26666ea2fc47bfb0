"""Which of two copies is kept, and why: questions in the order in which they count.

Most are asked of two files that were laid onto each other, so a question may have no answer for other files.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass

from visualsearch_cli.duplicates.keeping import (
    DEFAULT_KEEP,
    LOSSLESS,
    Facts,
    Item,
    Key,
    value_of,
)
from visualsearch_cli.duplicates.renditions import (
    UPRIGHT,
    Answer,
    codecs_of,
    fidelity_of,
    frame_of,
    generation_of,
    looks_of,
    marks_of,
    noise_of,
    past_of,
    saved_of,
    sharpness_of,
    way_of,
)
from visualsearch_cli.pictures.held.holdings import what_more, without_credentials
from visualsearch_cli.pictures.quality.file_names import copy_word, edited_word
from visualsearch_cli.verdicts.evidence import Evidence
from visualsearch_cli.verdicts.one_sided import ALL, MOST_PALETTE
from visualsearch_cli.verdicts.verdict import Verdict
from visualsearch_cli.wording import counted


@dataclass(frozen=True, slots=True)
class Pair:
    """Two files of a group, and what was found when B was laid onto A; nothing if that was not done."""

    a: Item
    b: Item
    evidence: Evidence | None = None


@dataclass(frozen=True, slots=True)
class Decision:
    """Why one of two files is the one to keep."""

    rank: int  # of the question: smaller ones count more
    key: str
    a_wins: bool
    of_a: str  # the value of each
    of_b: str

    @property
    def is_by_place(self) -> bool:
        """Whether it rests on what no key outweighs: places, what files hold, and what lies beside them."""
        return self.rank < len(_PLACE)

    @property
    def is_by_origin(self) -> bool:
        """Whether it rests on a proof that the one was made of the other."""
        return MADE in (self.of_a, self.of_b)

    @property
    def is_by_holdings(self) -> bool:
        """Whether it rests on what files hold beside their picture."""
        return self.key == HOLDS

    @property
    def is_about_looks(self) -> bool:
        """Whether it rests on how a picture was probably toned."""
        return self.key == LOOKS

    def for_kept(self, other: str) -> str:
        """Say why A is kept rather than B, which is named so."""
        return f"{self.key}: {self.of_a} ({other}: {self.of_b})"

    @property
    def for_offered(self) -> str:
        """Say why B is offered and A is kept."""
        return f"{self.key}: {self.of_b} (kept: {self.of_a})"

    @classmethod
    def of_group(cls, evidence: Evidence | None) -> Decision:
        """Return why A is kept where a look at both alone would keep B: for what the group is like."""
        if evidence is not None and evidence.fit is not None and way_of(evidence.fit) != UPRIGHT:
            return cls(0, "upright", True, "as most of the group stand", "turned or mirrored")
        return cls(
            0, "center", True, "nearest to the others, which were compared with it", "farther from them"
        )


OF_DETAIL = frozenset(["detail", "noise"])
LOOKS = "tones"
HOLDS = "holds"
MADE = "made of the other one"
WIDER = 1.1  # times the colors; Display P3 has 1.3 times those of sRGB
SAME_QUALITY = 6  # of JPEG, that two measurements of one quality may differ by

Question = Callable[[Pair, Facts], "Answer | None"]


def decision(pair: Pair, keys: Sequence[Key], facts: Facts) -> Decision:
    """Return which of two files is kept, by the first question that has an answer."""
    for rank, (key, question) in enumerate(_questions(tuple(keys))):
        answer = question(pair, facts)
        if answer is not None:
            return Decision(rank, key, answer.a_wins, answer.of_a, answer.of_b)
    raise AssertionError("paths differ")


def best(items: Sequence[Item], keys: Sequence[Key], facts: Facts) -> Item:
    """Return the one to keep of files of which nothing is known but what each one tells.

    What stands behind any other by its place or by what it holds is not, so the order does not matter.
    """

    def is_behind(item: Item, other: Item) -> bool:
        found = decision(Pair(other, item), keys, facts)
        return found.a_wins and found.is_by_place

    left = [item for item in items if not any(is_behind(item, other) for other in items if other is not item)]
    kept, *others = sorted(left or items, key=lambda item: str(item.image.path))
    for item in others:
        if not decision(Pair(kept, item), keys, facts).a_wins:
            kept = item
    return kept


def is_strong(found: Decision, keys: Sequence[Key]) -> bool:
    """Tell whether a decision rests on more than circumstances, such as sizes and dates."""
    return found.rank < len(_PLACE) + (0 if tuple(keys) == DEFAULT_KEEP else len(keys)) + len(_PICTURE)


def is_of_detail(found: Decision) -> bool:
    """Tell whether a decision rests on detail that one has lost, or on noise that was added to it."""
    return found.key in OF_DETAIL


def _questions(keys: tuple[Key, ...]) -> list[tuple[str, Question]]:
    """Return all questions, with the user's keys after what no key outweighs."""
    if keys == DEFAULT_KEEP:
        return [*_PLACE, *_PICTURE, *_CIRCUMSTANCES]
    chosen = [question for key in keys for question in _of_key(key)]
    return [*_PLACE, *chosen, *_PICTURE, *_CIRCUMSTANCES]


def _of_key(key: Key) -> list[tuple[str, Question]]:
    if key is Key.DETAIL:
        return [*_DETAIL]
    if key is Key.ORIGINAL:
        return [*_ORIGINAL]
    if key is Key.RESOLUTION:
        return [(key.value, _resolution)]
    return [(key.value, _valued(key))]


def _valued(key: Key) -> Question:
    def ask(pair: Pair, facts: Facts) -> Answer | None:
        value_a, value_b = (value_of(key, item, facts) for item in (pair.a, pair.b))
        if value_a.order == value_b.order:
            return None
        texts = [value.text for value in (value_a, value_b)]
        if texts[0] == texts[1]:
            texts = [value.exact or value.text for value in (value_a, value_b)]
        return Answer(value_a.order > value_b.order, texts[0], texts[1])

    return ask


# What no key outweighs


def _standing(pair: Pair, facts: Facts) -> Answer | None:
    """Ask where the files are. It does not speak for what a program manages and shows less, or was saved from
    the other one: both stay."""
    names = {
        1: "protected",
        0: "in an ordinary place",
        -1: "in a bin, a snapshot, or kept or made by a program for itself",
    }
    found = _larger(pair.a.standing, pair.b.standing, names.__getitem__)
    if found is None or pair.evidence is None or min(pair.a.standing, pair.b.standing) < 0:
        return found
    kept = pair.a if found.a_wins else pair.b
    if not kept.managed:
        return found
    is_less = _shows_less(pair.evidence, is_a=found.a_wins) or _is_later(pair, facts, is_a=found.a_wins)
    return None if is_less else found


def _raw(pair: Pair, _: Facts) -> Answer | None:
    names = {2: "with its RAW", 1: "a RAW", 0: "no RAW"}
    return _larger(pair.a.raw_rank, pair.b.raw_rank, names.__getitem__)


def _holdings(pair: Pair, facts: Facts) -> Answer | None:
    """Ask what the files hold. A crop never stands for the whole picture, whatever it holds."""
    held_a, held_b = (without_credentials(facts.holdings(item.image)) for item in (pair.a, pair.b))
    more_a, more_b = what_more(held_a, held_b), what_more(held_b, held_a)
    if bool(more_a) is bool(more_b):
        return None
    fit = pair.evidence.fit if pair.evidence else None
    if fit is not None and (fit.covered_b if more_a else fit.covered_a) < ALL:
        return None
    return Answer(bool(more_a), ", ".join(more_a) or "no more", ", ".join(more_b) or "no more")


def _credentials(pair: Pair, facts: Facts) -> Answer | None:
    """Ask which has content credentials. Programs sign what they save, too, so better signs come first."""
    a, b = (facts.holdings(item.image).credentials for item in (pair.a, pair.b))
    if a is b:
        return None
    texts = ["content credentials" if its else "none" for its in (a, b)]
    return Answer(a, texts[0], texts[1])


def _company(pair: Pair, facts: Facts) -> Answer | None:
    """Ask what lies beside the files. It does not speak for one that shows less, nor sidecars for what was
    made of the other one, or saved from it: then both stay."""
    a, b = pair.a.company_rank, pair.b.company_rank
    if a == b:
        return None
    if pair.evidence is not None and _shows_less(pair.evidence, is_a=a > b):
        return None
    if a[0] == b[0] and _is_later(pair, facts, is_a=a > b):
        return None  # a camera writes films, and whoever saves a picture again may write a sidecar
    texts = [_beside(film, count) for film, count in (a, b)]
    return Answer(a > b, texts[0], texts[1])


def _is_later(pair: Pair, facts: Facts, *, is_a: bool) -> bool:
    """Tell whether one of two was made of the other one, lacks what a camera wrote into that, or was saved as
    the coarser JPEG."""
    answers = (question(pair, facts) for question in (_made, _origin, _past))
    first = next((answer for answer in answers if answer is not None), None)
    return first is not None and first.a_wins is not is_a


def _shows_less(evidence: Evidence, *, is_a: bool) -> bool:
    """Tell whether one of two is cut, drawn over, softer, smaller or worse compressed."""
    first = _what_shows(evidence)
    return first is not None and first.a_wins is not is_a


def shown_better(evidence: Evidence) -> str:
    """Return by what B shows more than A, which is kept for what it holds; nothing if it does not."""
    first = _what_shows(evidence)
    return "" if first is None or first.a_wins else f"{first.of_b} (kept: {first.of_a})"


def _what_shows(evidence: Evidence) -> Answer | None:
    answers = (
        frame_of(evidence),
        sharpness_of(evidence),
        marks_of(evidence),
        fidelity_of(evidence, doubtful=True),
    )
    return next((answer for answer in answers if answer is not None), None)


def _beside(film: bool, others: int) -> str:
    parts = ["a film"] if film else []
    parts += [counted(others, "kind") + " of sidecars"] if others else []
    return f"{' and '.join(parts) or 'nothing'} beside it"


# What the pictures show, measured on each other


def _made_lossless(pair: Pair, _: Facts) -> Answer | None:
    """A lossless file with the very pixels of a lossy one was made of it."""
    if pair.evidence is None or pair.evidence.verdict is not Verdict.PIXELS:
        return None
    lossless = [item.image.format in LOSSLESS for item in (pair.a, pair.b)]
    if lossless[0] is lossless[1]:
        return None
    texts = ["made of the same pixels" if its else "lossy, and as it was" for its in lossless]
    return Answer(lossless[1], texts[0], texts[1])


def _frame(pair: Pair, _: Facts) -> Answer | None:
    return None if pair.evidence is None else frame_of(pair.evidence)


def _marks(pair: Pair, _: Facts) -> Answer | None:
    return None if pair.evidence is None else marks_of(pair.evidence)


def _sharpness(pair: Pair, _: Facts) -> Answer | None:
    return None if pair.evidence is None else sharpness_of(pair.evidence)


def _fidelity(pair: Pair, facts: Facts) -> Answer | None:
    if pair.evidence is None:
        return None
    a, b = (facts.origin(item.image) for item in (pair.a, pair.b))
    doubtful = a.rank != b.rank or a.is_later_than(b) or b.is_later_than(a)
    return fidelity_of(pair.evidence, doubtful=doubtful)


def _past(pair: Pair, _: Facts) -> Answer | None:
    """Ask which has been the finer JPEG. What has a palette lost more than any JPEG by it."""
    shown = pair.evidence.renditions if pair.evidence else None
    if pair.evidence is None or shown is None:
        return None
    finer = max(shown, key=lambda its: its.quality)
    return None if finer.colors <= MOST_PALETTE else past_of(pair.evidence)


def _saved(pair: Pair, _: Facts) -> Answer | None:
    """One is just what its JPEG makes of the other one: that is nearer to what was there, whatever the first
    one knows."""
    return None if pair.evidence is None else saved_of(pair.evidence)


def _codecs(pair: Pair, _: Facts) -> Answer | None:
    return None if pair.evidence is None else codecs_of(pair.evidence)


def _kept_detail(pair: Pair, _: Facts) -> Answer | None:
    return None if pair.evidence is None else generation_of(pair.evidence)


def _noise(pair: Pair, _: Facts) -> Answer | None:
    return None if pair.evidence is None else noise_of(pair.evidence)


def _looks(pair: Pair, _: Facts) -> Answer | None:
    return None if pair.evidence is None else looks_of(pair.evidence)


def _resolution(pair: Pair, facts: Facts) -> Answer | None:
    """Ask for true pixels; two pictures that were laid onto each other were asked before."""
    a, b = pair.a.image, pair.b.image
    pixels = [image.width * image.height for image in (a, b)]
    if pixels[0] == pixels[1]:
        return None
    small, large = (a, b) if pixels[0] < pixels[1] else (b, a)
    enlarged = facts.is_enlarged(large, small.width, small.height)
    a_wins = (a is large) is not enlarged
    texts = [
        f"{image.width}×{image.height}{', enlarged' if enlarged and image is large else ''}"
        for image in (a, b)
    ]
    return Answer(a_wins, texts[0], texts[1])


# Originals


def _edited_name(pair: Pair, _: Facts) -> Answer | None:
    words = [edited_word(item.image.path) for item in (pair.a, pair.b)]
    return _without(words[0], words[1])


def _copy_name(pair: Pair, _: Facts) -> Answer | None:
    words = [copy_word(item.image.path) for item in (pair.a, pair.b)]
    return _without(words[0], words[1])


def _without(word_a: str, word_b: str) -> Answer | None:
    if bool(word_a) is bool(word_b):
        return None
    texts = [f"“{word}” in its name" if word else "an original's name" for word in (word_a, word_b)]
    return Answer(not word_a, texts[0], texts[1])


def _origin(pair: Pair, facts: Facts) -> Answer | None:
    a, b = (facts.origin(item.image) for item in (pair.a, pair.b))
    found = _larger(a.rank, b.rank, lambda rank: str(a if rank == a.rank else b))
    if found is None or not (a if found.a_wins else b).again or (b if found.a_wins else a).program:
        return found
    # EXIF around what a program wrote does not speak for a JPEG that is just the rounding of the other one.
    saved = _saved(pair, facts)
    return None if saved is not None and saved.a_wins is not found.a_wins else found


def _heic(pair: Pair, facts: Facts) -> Answer | None:
    """A phone writes HEIC; a JPEG of the same moment was exported from it."""
    a, b = (facts.origin(item.image) for item in (pair.a, pair.b))
    if a.is_heic is b.is_heic or a.taken is None or a.taken != b.taken or a.camera != b.camera:
        return None
    texts = ["HEIC, as the phone wrote it" if its.is_heic else "exported from a HEIC" for its in (a, b)]
    return Answer(a.is_heic, texts[0], texts[1])


def _written_again(pair: Pair, facts: Facts) -> Answer | None:
    """Of two with a camera's EXIF, ask around which picture a program wrote it."""
    a, b = (facts.origin(item.image) for item in (pair.a, pair.b))
    later = a.is_later_than(b), b.is_later_than(a)
    if later[0] is later[1]:
        return None
    texts = [its.again or "nothing that a program leaves" for its in (a, b)]
    return Answer(later[1], texts[0], texts[1])


def _made(pair: Pair, facts: Facts) -> Answer | None:
    """One shows what the other one's codec did: it was made of it, whatever else was done."""
    shown = pair.evidence.renditions if pair.evidence else None
    if shown is None or shown[0].is_made is shown[1].is_made:
        return None
    exported = _heic(pair, facts)
    if exported is not None and exported.a_wins is not shown[0].is_made:
        return exported
    texts = [MADE if its.is_made else "what the other was made of" for its in shown]
    return Answer(not shown[0].is_made, texts[0], texts[1])


def _generation(pair: Pair, _: Facts) -> Answer | None:
    """One that was a JPEG of the other's quality before was saved again."""
    shown = pair.evidence.renditions if pair.evidence else None
    if shown is None or bool(shown[0].before) is bool(shown[1].before):
        return None
    again, other = shown if shown[0].before else shown[::-1]
    if abs(again.before - other.quality) > SAME_QUALITY:
        return None  # what is gone from the other went with something that was done to it
    texts = [
        f"saved again, of quality {its.before} before" if its.before else "no trace of an earlier JPEG"
        for its in shown
    ]
    return Answer(not shown[0].before, texts[0], texts[1])


def _colors(pair: Pair, facts: Facts) -> Answer | None:
    """Ask which can name more colors: what was converted to sRGB has lost those beyond it, which no screen of
    sRGB shows, and no comparison of what is shown."""
    a, b = (facts.origin(item.image).gamut for item in (pair.a, pair.b))
    if max(a, b) < WIDER * min(a, b):
        return None
    texts = [f"{gamut:.2f} times the colors of sRGB" for gamut in (a, b)]
    return Answer(a > b, texts[0], texts[1])


def _steps(pair: Pair, facts: Facts) -> Answer | None:
    own = [facts.origin(item.image).own_steps for item in (pair.a, pair.b)]
    if None in own or own[0] is own[1]:
        return None
    texts = ["tables of a camera's own" if its else "tables of a program" for its in own]
    return Answer(bool(own[0]), texts[0], texts[1])


def _path(pair: Pair, _: Facts) -> Answer:
    a, b = (item.image.path for item in (pair.a, pair.b))
    return Answer((len(a.parts), str(a)) <= (len(b.parts), str(b)), str(a), str(b))


def _larger(a: int, b: int, text: Callable[[int], str]) -> Answer | None:
    return None if a == b else Answer(a > b, text(a), text(b))


_PLACE: tuple[tuple[str, Question], ...] = (
    ("place", _standing),
    ("RAW", _raw),
    (HOLDS, _holdings),
    ("companions", _company),
)
_DETAIL: tuple[tuple[str, Question], ...] = (
    ("detail", _sharpness),
    ("detail", _fidelity),
    ("resolution", _resolution),
)
_ORIGINAL: tuple[tuple[str, Question], ...] = (
    ("original", _made),
    ("original", _edited_name),
    ("original", _origin),
    ("original", _heic),
    ("original", _written_again),
    ("original", _generation),
    ("original", _steps),
    ("original", _copy_name),
)
_PICTURE: tuple[tuple[str, Question], ...] = (
    ("original", _made_lossless),
    ("original", _made),
    ("plain", _frame),
    ("detail", _sharpness),
    ("plain", _marks),
    ("detail", _fidelity),
    ("original", _edited_name),
    ("original", _origin),
    ("original", _heic),
    ("original", _written_again),
    ("original", _generation),
    ("noise", _noise),
)
_CIRCUMSTANCES: tuple[tuple[str, Question], ...] = (
    ("colors", _colors),
    ("quality", _saved),
    (LOOKS, _looks),
    ("resolution", _resolution),
    ("original", _steps),
    ("original", _credentials),
    ("exif", _valued(Key.EXIF)),
    ("quality", _codecs),
    ("quality", _past),
    ("format", _valued(Key.FORMAT)),
    ("quality", _valued(Key.QUALITY)),
    ("original", _copy_name),
    ("quality", _kept_detail),
    ("size", _valued(Key.SIZE)),
    ("oldest", _valued(Key.OLDEST)),
    ("shortest-path", _valued(Key.SHORTEST_PATH)),
    ("path", _path),
)
