#!/usr/bin/env bash
# milvus-lite 3.2.2 with pymilvus 3.0.2 (a FLAT index, loaded): until `flush` is called, a search among rows that were
# just written takes many times as long as after it, for the same rows and the same answers. No message says so, and
# twenty searches in a row do not bring it about: who writes some thousand vectors and then searches pays each time.
#
# Output seen (5,000 vectors of 256 values, twenty searches each):
#   the answers before and after flush are equal: True
#   a search before flush takes at least 5 times as long: True
#
# Ends with 0 while this is so, with 1 when it changes.
set -euo pipefail
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
python3 -m venv "$work/venv"
"$work/venv/bin/python" -m pip install --quiet pymilvus==3.0.2 milvus-lite==3.2.2
cat > "$work/show.py" <<'EOF'
import statistics, sys, time
import numpy as np
from pymilvus import DataType, MilvusClient

client = MilvusClient(sys.argv[1])
schema = client.create_schema(auto_id=False)
schema.add_field("id", DataType.INT64, is_primary=True)
schema.add_field("vector", DataType.FLOAT_VECTOR, dim=256)
index = client.prepare_index_params()
index.add_index("vector", index_type="FLAT", metric_type="IP")
client.create_collection("rows", schema=schema, index_params=index)
client.load_collection("rows")
vectors = np.random.default_rng(0).normal(size=(5000, 256)).astype(np.float32)
vectors /= np.linalg.norm(vectors, axis=1, keepdims=True)
for start in range(0, 5000, 1000):
    rows = [{"id": i, "vector": vectors[i].tolist()} for i in range(start, start + 1000)]
    client.upsert("rows", rows)

def searched():
    times, answers = [], []
    for number in range(20):
        began = time.perf_counter()
        found = client.search("rows", data=[vectors[number].tolist()], limit=5)
        times.append(time.perf_counter() - began)
        answers.append([hit["id"] for hit in found[0]])
    return statistics.median(times), answers

before, first = searched()
client.flush("rows")
after, second = searched()
print("the answers before and after flush are equal:", first == second)
print("a search before flush takes at least 5 times as long:", before >= 5 * after)
print(f"({1000 * before:.0f} ms and {1000 * after:.0f} ms)", file=sys.stderr)
sys.exit(not (first == second and before >= 5 * after))
EOF
"$work/venv/bin/python" "$work/show.py" "$work/rows.db" 2> "$work/err" || { cat "$work/err" >&2; exit 1; }
