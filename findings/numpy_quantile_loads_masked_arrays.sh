#!/usr/bin/env bash
# numpy 2.4.6: the first np.median, np.quantile or np.unique of a plain array of floats imports numpy.ma, masked arrays,
# which `import numpy` leaves out, although no array is masked: a sixth of what `import numpy` takes (24 of 139 ms by
# `python -X importtime`, on a busy machine), in the middle of what a program measures. np.partition, of which
# a median can be made, imports nothing.
#
# Output seen:
#   import numpy: numpy.ma is not loaded
#   np.partition: numpy.ma is not loaded
#   np.median: numpy.ma is loaded
#   np.quantile: numpy.ma is loaded
#   np.unique: numpy.ma is loaded
#
# Ends with 0 while this is so, with 1 when it changes.
set -euo pipefail
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
python3 -m venv "$work/venv"
"$work/venv/bin/python" -m pip install --quiet numpy==2.4.6
ask() { # words, expression
  "$work/venv/bin/python" -c "
import sys
import numpy as np

values = np.arange(9.0)
$2
print('$1: numpy.ma is', 'loaded' if 'numpy.ma' in sys.modules else 'not loaded')"
}
found=$(
  ask "import numpy" ""
  ask "np.partition" "np.partition(values, 4)"
  ask "np.median" "np.median(values)"
  ask "np.quantile" "np.quantile(values, 0.5)"
  ask "np.unique" "np.unique(values)"
)
echo "$found"
expected='import numpy: numpy.ma is not loaded
np.partition: numpy.ma is not loaded
np.median: numpy.ma is loaded
np.quantile: numpy.ma is loaded
np.unique: numpy.ma is loaded'
[ "$found" = "$expected" ] || { echo "numpy behaves otherwise now" >&2; exit 1; }
