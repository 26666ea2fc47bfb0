"""From pixels to a vector: one module for each kind of embedder.

`registry` names them all, and imports each only to load it. `specs` has what tells their vectors apart, known
without importing what makes them: only vectors of one model, weights and preprocessing are comparable.

From version 1.32 on, onnxruntime counts who uses it: it keeps an id of the machine and a database of what was
run in the user's cache, and sends that to its publisher. It is told not to before it is loaded, unless the
user said otherwise.
"""

import os

os.environ.setdefault("ORT_DISABLE_TELEMETRY", "1")
