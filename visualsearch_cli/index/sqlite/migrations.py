"""The tables of the catalog, as numbered steps. A released step is never edited; a change is a new step."""

from __future__ import annotations

APPLICATION_ID = 0x76736C69  # "vsli": lets `file` and ourselves tell a catalog from any other database


def _forgetting(table: str, event: str, row: str) -> str:
    """Return a trigger that forgets the stretch in which a file lies, with any change of its row.

    `row` is NEW or OLD. Stretches of a root do not overlap, so it is the last that begins at or before it.
    """
    name = f"{table}_{event.split()[0].lower()}_{row.lower()}"
    return f"""CREATE TRIGGER {name} AFTER {event} ON {table} BEGIN
        DELETE FROM stretches WHERE root_id = {row}.root_id
            AND first = (SELECT first FROM stretches
                WHERE root_id = {row}.root_id AND first <= {row}.relpath ORDER BY first DESC LIMIT 1)
            AND (until IS NULL OR until > {row}.relpath); END"""


_STATE = "UPDATE OF root_id, relpath, size, mtime_ns, missing"  # what a summary is made of

MIGRATIONS: tuple[tuple[str, ...], ...] = (
    (
        # Key and value, so that a later version can add a key without a step.
        "CREATE TABLE manifest (key TEXT PRIMARY KEY, value TEXT NOT NULL) WITHOUT ROWID",
        # `location` is relative to the folder that holds the index where the root is that folder or
        # below it, so that both move together; else absolute.
        """CREATE TABLE roots (
            id INTEGER PRIMARY KEY AUTOINCREMENT,
            location BLOB NOT NULL UNIQUE,
            relative INTEGER NOT NULL,
            device TEXT NOT NULL,
            inode TEXT NOT NULL)""",
        """CREATE TABLE contents (
            id INTEGER PRIMARY KEY AUTOINCREMENT,
            hash BLOB NOT NULL UNIQUE,
            width INTEGER NOT NULL,
            height INTEGER NOT NULL,
            format TEXT NOT NULL)""",
        # Ids only grow (AUTOINCREMENT), so "not yet in the graph" is one comparison.
        """CREATE TABLE embeddings (
            id INTEGER PRIMARY KEY AUTOINCREMENT,
            content_id INTEGER NOT NULL REFERENCES contents (id) ON DELETE CASCADE,
            region INTEGER NOT NULL,
            crc32 INTEGER NOT NULL,
            vector BLOB NOT NULL,
            UNIQUE (content_id, region))""",
        # Paths are bytes: names need not be valid UTF-8.
        """CREATE TABLE images (
            id INTEGER PRIMARY KEY AUTOINCREMENT,
            root_id INTEGER NOT NULL REFERENCES roots (id) ON DELETE CASCADE,
            relpath BLOB NOT NULL,
            size INTEGER NOT NULL,
            mtime_ns INTEGER NOT NULL,
            content_id INTEGER NOT NULL REFERENCES contents (id),
            missing INTEGER NOT NULL DEFAULT 0,
            UNIQUE (root_id, relpath))""",
        "CREATE INDEX images_by_content ON images (content_id, missing)",
        """CREATE TABLE skipped (
            id INTEGER PRIMARY KEY AUTOINCREMENT,
            root_id INTEGER NOT NULL REFERENCES roots (id) ON DELETE CASCADE,
            relpath BLOB NOT NULL,
            size INTEGER NOT NULL,
            mtime_ns INTEGER NOT NULL,
            reason TEXT NOT NULL,
            UNIQUE (root_id, relpath))""",
    ),
    (
        # To count full frames, and regions, without a pass over their vectors.
        "CREATE INDEX embeddings_by_region ON embeddings (region)",
    ),
    (
        # Vectors of turned pictures, apart from `embeddings`, where a query would find them.
        """CREATE TABLE turned (
            id INTEGER PRIMARY KEY,
            content_id INTEGER NOT NULL REFERENCES contents (id) ON DELETE CASCADE,
            way INTEGER NOT NULL,
            crc32 INTEGER NOT NULL,
            vector BLOB NOT NULL,
            UNIQUE (content_id, way))""",
        # Pictures that the user said are no duplicates of each other, by what is in their files: a decision
        # outlives moves, and `prune`.
        """CREATE TABLE ignored (
            id INTEGER PRIMARY KEY AUTOINCREMENT,
            created TEXT NOT NULL)""",
        """CREATE TABLE ignored_contents (
            ignored_id INTEGER NOT NULL REFERENCES ignored (id) ON DELETE CASCADE,
            hash BLOB NOT NULL,
            files INTEGER NOT NULL,
            PRIMARY KEY (ignored_id, hash)) WITHOUT ROWID""",
        # The groups of the last `dupes`, so that one can be named by its id.
        """CREATE TABLE last_groups (
            group_id TEXT NOT NULL,
            hash BLOB NOT NULL,
            files INTEGER NOT NULL,
            PRIMARY KEY (group_id, hash)) WITHOUT ROWID""",
    ),
    (
        # A cache: rows may be missing, and are when nobody has compared the picture.
        """CREATE TABLE traits (
            id INTEGER PRIMARY KEY AUTOINCREMENT,
            content_id INTEGER NOT NULL UNIQUE REFERENCES contents (id) ON DELETE CASCADE,
            version TEXT NOT NULL,
            pixel_hash BLOB,
            features BLOB,
            crc32 INTEGER NOT NULL)""",
    ),
    (
        # A cache as well. Pairs are ordered: what B is to A.
        """CREATE TABLE findings (
            a INTEGER NOT NULL REFERENCES contents (id) ON DELETE CASCADE,
            b INTEGER NOT NULL REFERENCES contents (id) ON DELETE CASCADE,
            version TEXT NOT NULL,
            finding TEXT NOT NULL,
            crc32 INTEGER NOT NULL,
            PRIMARY KEY (a, b)) WITHOUT ROWID""",
        "CREATE INDEX findings_by_b ON findings (b)",  # for deleted contents
    ),
    (
        # Summaries of rows of `images` and `skipped`, from a path on up to another one.
        """CREATE TABLE stretches (
            root_id INTEGER NOT NULL REFERENCES roots (id) ON DELETE CASCADE,
            first BLOB NOT NULL,
            until BLOB,
            count INTEGER NOT NULL,
            skipped INTEGER NOT NULL,
            digest BLOB NOT NULL,
            PRIMARY KEY (root_id, first)) WITHOUT ROWID""",
        _forgetting("images", "INSERT", "NEW"),
        _forgetting("images", "DELETE", "OLD"),
        _forgetting("images", _STATE, "OLD"),
        _forgetting("images", _STATE, "NEW"),
        _forgetting("skipped", "INSERT", "NEW"),
        _forgetting("skipped", "DELETE", "OLD"),
        _forgetting("skipped", "UPDATE", "OLD"),
        _forgetting("skipped", "UPDATE", "NEW"),
    ),
    (
        # What a search filters by, apart from `contents`, and in narrow rows: to pass over all of them is
        # quick. The rest is learned from the files afterwards; until then `looked_at` is 0.
        """CREATE TABLE facts (
            content_id INTEGER PRIMARY KEY REFERENCES contents (id) ON DELETE CASCADE,
            looked_at INTEGER NOT NULL DEFAULT 0,
            width INTEGER NOT NULL,
            format TEXT NOT NULL,
            size INTEGER,
            captured TEXT,
            camera TEXT,
            latitude REAL,
            longitude REAL)""",
        "INSERT INTO facts (content_id, width, format) SELECT id, width, format FROM contents",
        "CREATE INDEX facts_to_look_at ON facts (content_id) WHERE looked_at = 0",
        """CREATE TRIGGER facts_of_contents AFTER INSERT ON contents BEGIN
        INSERT INTO facts (content_id, width, format) VALUES (NEW.id, NEW.width, NEW.format); END""",
        # What people call pictures, by what is in their files: a name outlives moves, and `prune`.
        """CREATE TABLE labels (
            label TEXT NOT NULL,
            hash BLOB NOT NULL,
            PRIMARY KEY (label, hash)) WITHOUT ROWID""",
        "CREATE INDEX labels_by_hash ON labels (hash)",
    ),
    (
        # Vectors of a second model, apart from those of the first: ids of these stay dense, as blocks and
        # graphs expect them, and no query meets a vector of another length.
        """CREATE TABLE second_embeddings (
            id INTEGER PRIMARY KEY AUTOINCREMENT,
            content_id INTEGER NOT NULL REFERENCES contents (id) ON DELETE CASCADE,
            region INTEGER NOT NULL,
            crc32 INTEGER NOT NULL,
            vector BLOB NOT NULL,
            UNIQUE (content_id, region))""",
        "CREATE INDEX second_embeddings_by_region ON second_embeddings (region)",
        """CREATE TABLE second_turned (
            id INTEGER PRIMARY KEY,
            content_id INTEGER NOT NULL REFERENCES contents (id) ON DELETE CASCADE,
            way INTEGER NOT NULL,
            crc32 INTEGER NOT NULL,
            vector BLOB NOT NULL,
            UNIQUE (content_id, way))""",
        # For filters that let little through: without them every row of `facts` is looked at. The first has
        # what is mostly asked for together with a date, so that no row need be looked up.
        """CREATE INDEX facts_by_captured ON facts (captured, camera, size, looked_at, width, format)
            WHERE captured <> ''""",
        "CREATE INDEX facts_by_camera ON facts (camera) WHERE camera <> ''",
        "CREATE INDEX facts_by_place ON facts (latitude, longitude) WHERE latitude IS NOT NULL",
    ),
)

FORMAT_VERSION = len(MIGRATIONS)
