#!/usr/bin/env bash
# OpenBLAS in numpy 2.4.6 (scipy-openblas 0.3.31.188.0), Linux: where a process may not have the memory for its
# threads (RLIMIT_AS, as `ulimit -v`, batch systems and containers set it), `import numpy` raises KeyboardInterrupt.
# Nobody pressed a key: OpenBLAS prints "pthread_create failed" and raises SIGINT in its own process. A program that takes
# an interrupt for the user's wish ends as if it had been asked to. With OPENBLAS_NUM_THREADS=1 the same import in the
# same memory is fine.
#
# Output seen:
#   as it is: KeyboardInterrupt
#   one thread: imported
#
# Ends with 0 while this is so, with 1 when it changes. The limit is looked for between 100 and 1,600 MB, since how much
# is needed grows with the processors.
set -euo pipefail
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
python3 -m venv "$work/venv"
"$work/venv/bin/python" -m pip install --quiet numpy==2.4.6
cat > "$work/program.py" <<'PYTHON'
try:
    import numpy
except KeyboardInterrupt:
    print("KeyboardInterrupt")
except BaseException as error:
    print(type(error).__name__)
else:
    print("imported" if numpy.ones(3).sum() == 3 else "wrong")
PYTHON
limited() { # megabytes, threads
  (ulimit -v $((1024 * $1)); OPENBLAS_NUM_THREADS=$2 timeout 60 "$work/venv/bin/python" "$work/program.py" 2> /dev/null) || true
}
for megabytes in $(seq 100 10 1600); do
  as_it_is=$(limited "$megabytes" 8 | tail -1)
  if [ "$as_it_is" = KeyboardInterrupt ]; then
    alone=$(limited "$megabytes" 1 | tail -1)
    [ "$alone" = imported ] || continue
    echo "as it is: $as_it_is"
    echo "one thread: $alone"
    exit 0
  fi
done
echo "an import of numpy is not interrupted any more" >&2
exit 1
