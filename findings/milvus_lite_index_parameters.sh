#!/usr/bin/env bash
# milvus-lite 3.2.2 with pymilvus 3.0.2: the parameters of an index, given as pymilvus documents it (`params={"M": 48}` or
# `M=48`), never arrive. pymilvus sends each by its own name, milvus-lite reads only what is named `params`, and what it
# does not know it leaves out without a word: an HNSW graph always has M 16, an IVF index always 128 lists. So nprobe of
# 32 with nlist of 32, which has to search everything, leaves neighbors out, and measurements of M or nlist all measure
# the same index. describe_index shows it only by having no `params`. Named twice, `params={"params": {"M": 48}}`, they
# arrive.
#
# Output seen:
#   HNSW, params={'M': 48}: M is 16
#   HNSW, M=48: M is 16
#   HNSW, params={'params': {'M': 48}}: M is 48
#   IVF_FLAT, params={'nlist': 32}: 128 lists, with nprobe of 32 all neighbors are found: False
#   IVF_FLAT, params={'params': {'nlist': 32}}: 32 lists, with nprobe of 32 all neighbors are found: True
#
# Ends with 0 while this is so, with 1 when it changes.
set -euo pipefail
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
python3 -m venv "$work/venv"
"$work/venv/bin/python" -m pip install --quiet pymilvus==3.0.2 milvus-lite==3.2.2 faiss-cpu==1.15.1 numpy==2.4.6
cat > "$work/program.py" <<'PYTHON'
import sys
import time
from pathlib import Path

import faiss
import numpy as np
from pymilvus import DataType, MilvusClient

vectors = np.random.default_rng(0).normal(size=(3000, 16)).astype(np.float32)
squared = ((vectors[:50, None] - vectors) ** 2).sum(axis=2)
nearest = np.argsort(squared, axis=1)[:, :10]
file = Path(sys.argv[1])
client = MilvusClient(str(file))


def made(name, kind, **told):
    """Make a collection with such an index, and return the index as faiss reads it."""
    schema = client.create_schema(auto_id=False)
    schema.add_field("id", DataType.INT64, is_primary=True)
    schema.add_field("vector", DataType.FLOAT_VECTOR, dim=16)
    index = client.prepare_index_params()
    index.add_index("vector", index_type=kind, metric_type="L2", **told)
    client.create_collection(name, schema=schema, index_params=index)
    client.load_collection(name)
    client.insert(name, [{"id": i, "vector": vector.tolist()} for i, vector in enumerate(vectors)])
    client.flush(name)
    for _ in range(300):  # it is built beside
        if client.describe_index(name, "vector")["pending_index_rows"] == 0:
            files = list((file / "collections" / name).rglob("*.idx"))
            if files:
                return faiss.read_index(str(files[0]))
        time.sleep(0.1)
    raise SystemExit("no index was built")


def words(told):
    return ", ".join(f"{name}={value}" for name, value in told.items())


for number, told in enumerate(({"params": {"M": 48}}, {"M": 48}, {"params": {"params": {"M": 48}}})):
    index = made(f"hnsw{number}", "HNSW", **told)
    print(f"HNSW, {words(told)}: M is {index.hnsw.nb_neighbors(1)}")
for number, told in enumerate(({"params": {"nlist": 32}}, {"params": {"params": {"nlist": 32}}})):
    index = made(f"ivf{number}", "IVF_FLAT", **told)
    hits = client.search(
        f"ivf{number}", data=vectors[:50].tolist(), limit=10, search_params={"params": {"nprobe": 32}}
    )
    every = all({hit["id"] for hit in found} == set(row.tolist()) for found, row in zip(hits, nearest))
    print(f"IVF_FLAT, {words(told)}: {index.nlist} lists, with nprobe of 32 all neighbors are found: {every}")
PYTHON
found=$("$work/venv/bin/python" "$work/program.py" "$work/rows.db" 2> "$work/err" | grep -v '^WARNING clustering') ||
  { cat "$work/err" >&2; exit 1; }
echo "$found"
expected="HNSW, params={'M': 48}: M is 16
HNSW, M=48: M is 16
HNSW, params={'params': {'M': 48}}: M is 48
IVF_FLAT, params={'nlist': 32}: 128 lists, with nprobe of 32 all neighbors are found: False
IVF_FLAT, params={'params': {'nlist': 32}}: 32 lists, with nprobe of 32 all neighbors are found: True"
[ "$found" = "$expected" ] || { echo "milvus-lite behaves otherwise now" >&2; exit 1; }
