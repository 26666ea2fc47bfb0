"""What would 10, 100 and 1,000 million pictures take, and a week of arrivals at 100 million? On paper.

    python -m benchmarks.scale.on_paper

Nothing is measured here: measured constants are multiplied, and each says where it comes from. The week is
played through hour by hour.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import NamedTuple

DIM = 256

# Measured with this program; the documents name the commands.
EMBED = 0.0357  # s of a core, a picture of 12 megapixels: docs/performance.md, "New files"
PICTURE = 2.7e6  # bytes, the same
PART = 1.53e3  # bytes that `embed` sends of a picture: 152.8 MB for 100,000, docs/beyond-one-machine.md
PAIR = 381 / 5e11  # s of a core with AMX: all pairs of a million, docs/performance.md, "All pairs"
JUDGED = 0.019  # s of a core, a pair of small photographs that is looked at: docs/verdicts.md
UPSERTS = 2291  # contents with files a second, Milvus Lite: docs/design/a-store-behind-a-port.md
FILES_READ = 5712  # files a second that are read out of Milvus Lite: the same
EXACT = 0.121e-6  # s of a core, a question and a vector: 121 ms a million, docs/scale-measured.md
LOCAL_DISK = 3.8e3  # bytes of an index, a picture: docs/scale-measured.md
GRAPH_QUERY, GRAPH_GROWTH = 0.020, 0.75  # s at a million, and the power it grows with: docs/scale-measured.md

# Of others.
HNSW_LINKS = 2 * 16 * 4  # bytes of links, a vector with M = 16: hnswlib, whose graph we write, too
DISKANN_MEMORY = 0.125 + 0.1  # of the vectors, codes and cached nodes: the defaults of Milvus 2.5
DISKANN_LINKS = 56 * 4  # bytes, the largest degree by default: Milvus 2.5
RABITQ = 1 / 32  # of the vectors: Milvus' page on IVF_RABITQ; 1/4 more for a refinement in eight bits

# Assumed, and not measured by anybody.
LOOKED_AT = 1.0  # pairs that are looked at, a new picture; 0.87 within 0.413 in a million drawn vectors
WRITERS, CORES = 16, 1  # writers, and cores of each
THERE, A_DAY = 100e6, 1e6
LOST = ((60, 0, 24), (60, 1, 24))  # at an hour, a writer, for some hours: both on the third day
EVERY = 6  # hours between two pushes of a writer


class Engine(NamedTuple):
    """What a kind of index takes for so many vectors."""

    name: str
    memory: float  # bytes a vector
    disk: float  # bytes a vector
    answers: str


VECTOR = 4.0 * DIM
ENGINES = (
    Engine("FLAT", VECTOR, VECTOR, "all"),
    Engine("HNSW, M = 16", VECTOR + HNSW_LINKS, VECTOR + HNSW_LINKS, "most; few under narrow filters"),
    Engine("IVF_RABITQ, refined in 8 bits", VECTOR * (RABITQ + 0.25), VECTOR * (1 + RABITQ + 0.25), "most"),
    Engine("DISKANN", VECTOR * DISKANN_MEMORY, VECTOR + DISKANN_LINKS, "most"),
)


def bytes_text(count: float) -> str:
    """Return a number of bytes for people."""
    for unit, size in (("PB", 1e15), ("TB", 1e12), ("GB", 1e9), ("MB", 1e6)):
        if count >= size:
            return f"{count / size:,.3g} {unit}"
    return f"{count:,.0f} bytes"


def time_text(seconds: float) -> str:
    """Return a time for people."""
    for unit, size in (("years", 365 * 86400), ("days", 86400), ("hours", 3600), ("minutes", 60), ("s", 1)):
        if seconds >= 1.5 * size:
            return f"{seconds / size:,.3g} {unit}"
    return f"{1000 * seconds:,.3g} ms"


def print_sizes() -> None:
    """Print what each size takes."""
    sizes = (10e6, 100e6, 1e9)
    rows: list[tuple[str, list[str]]] = [
        ("embedding, one core", [time_text(n * EMBED) for n in sizes]),
        ("embedding, 64 cores", [time_text(n * EMBED / 64) for n in sizes]),
        ("read for it", [bytes_text(n * PICTURE) for n in sizes]),
        ("sent by `embed`", [bytes_text(n * PART) for n in sizes]),
        ("written to Milvus Lite by one", [time_text(n / UPSERTS) for n in sizes]),
        ("files of an index", [bytes_text(n * LOCAL_DISK) for n in sizes]),
        ("a question, all vectors, one core", [time_text(n * EXACT) for n in sizes]),
        ("a question, graph", [time_text(GRAPH_QUERY * (n / 1e6) ** GRAPH_GROWTH) for n in sizes]),
        ("all pairs, one core", [time_text(n * n / 2 * PAIR) for n in sizes]),
        ("all pairs, 65 partitions of 16 cores", [time_text(n * n / 2 * PAIR / 65 / 16) for n in sizes]),
        ("1 % new beside all, one core", [time_text(n * n / 100 * PAIR) for n in sizes]),
        ("proof of a pair for each picture, one core", [time_text(n * LOOKED_AT * JUDGED) for n in sizes]),
    ]
    for engine in ENGINES:
        rows.append((f"{engine.name}: memory", [bytes_text(n * engine.memory) for n in sizes]))
        rows.append((f"{engine.name}: disk", [bytes_text(n * engine.disk) for n in sizes]))
    print("| | 10 million | 100 million | 1,000 million |\n|---|---|---|---|")
    for name, values in rows:
        print(f"| {name} | {' | '.join(values)} |")


@dataclass
class Writer:
    """A machine that embeds what arrives in its shard, and pushes it."""

    rows: float  # files of its roots in the store
    waiting: float = 0.0  # pictures that arrived and are not embedded
    ready: float = 0.0  # embedded, in its own index, not pushed
    lost_until: int = -1
    busy: float = 0.0  # seconds that its run of `index --store` still takes
    again: float = 0.0  # pictures that were embedded a second time


@dataclass
class Week:
    """What happened."""

    largest_backlog: float = 0.0
    oldest: float = 0.0  # hours until what arrived was in the store, at the most
    embedded_again: float = 0.0
    cpu: float = 0.0
    reading: float = 0.0  # share of the time of a writer in which it reads what the store knows
    in_store: float = THERE
    by_day: list[tuple[float, float]] = field(default_factory=list)


def week(every: int) -> Week:
    """Play a week of arrivals, hour by hour: those of day are three times those of night."""
    writers = [Writer(THERE / WRITERS) for _ in range(WRITERS)]
    found = Week()
    arrived: list[float] = []
    for hour in range(7 * 24):
        share = (1.5 if 8 <= hour % 24 < 20 else 0.5) / 24
        arrived.append((arrived[-1] if arrived else 0.0) + A_DAY * share)
        for at, number, hours in LOST:
            if hour == at:
                writers[number].lost_until = at + hours
                writers[number].again += EMBED**-1 * CORES  # at the most a second of work is not committed
        for number, writer in enumerate(writers):
            writer.waiting += A_DAY * share / WRITERS
            if hour < writer.lost_until:
                continue
            done = min(writer.waiting, 3600 * CORES / EMBED)
            found.cpu += done * EMBED
            writer.waiting -= done
            writer.ready += done
            if hour % every == number % every:  # in turns, so that the store is not asked by all at once
                reading = writer.rows / FILES_READ
                found.reading += reading / (7 * 24 * 3600 * WRITERS)
                found.in_store += writer.ready
                writer.rows += writer.ready
                writer.ready = 0.0
        backlog = sum(writer.waiting + writer.ready for writer in writers)
        found.largest_backlog = max(found.largest_backlog, backlog)
        slowest = max(writer.waiting + writer.ready for writer in writers) * WRITERS
        since = next(past for past, total in enumerate(arrived) if total >= arrived[-1] - slowest)
        found.oldest = max(found.oldest, hour - since)
        if hour % 24 == 23:
            found.by_day.append((found.in_store, backlog))
    found.embedded_again = sum(writer.again for writer in writers)
    return found


def print_week() -> None:
    """Print how the week goes, for some times between two pushes."""
    print("| a push every | 1 hour | 6 hours | 24 hours |\n|---|---|---|---|")
    weeks = [week(every) for every in (1, EVERY, 24)]
    rows = [
        ("until what arrives is in the store, at the most", [f"{each.oldest:.0f} hours" for each in weeks]),
        ("most that waits", [f"{each.largest_backlog:,.0f} pictures" for each in weeks]),
        ("of a writer's time, reading what the store knows", [f"{each.reading:.0%}" for each in weeks]),
        ("embedded twice", [f"{each.embedded_again:,.0f} pictures" for each in weeks]),
        ("in the store after a week", [f"{each.in_store:,.0f}" for each in weeks]),
        ("waiting after a week", [f"{each.by_day[-1][1]:,.0f}" for each in weeks]),
    ]
    for name, values in rows:
        print(f"| {name} | {' | '.join(values)} |")
    cores = weeks[0].cpu / (7 * 86400)
    new = A_DAY * THERE * PAIR
    print(f"\nEmbedding takes {cores:.1f} of {WRITERS * CORES} cores on average.", end=" ")
    print(f"A day's arrivals beside all: {time_text(new)} of a core, {time_text(new / 64)} of 64.", end=" ")
    print(f"Proof of {LOOKED_AT:g} pair for each: {time_text(A_DAY * LOOKED_AT * JUDGED)} of a core a day.")


def main() -> None:
    """Print both."""
    print_sizes()
    print()
    print_week()


if __name__ == "__main__":
    main()
