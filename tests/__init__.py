"""The tests; their folders mirror the tree.

What is set here is set before any library is loaded, for the tests and for every process they start.
"""

import os
import sys

# By default threads of OpenMP wait for each other in a loop. Where several test files want the cores, half a
# second of fitting became ten, most of them spent in that loop; asleep they wait as well.
os.environ.setdefault("OMP_WAIT_POLICY", "passive")

# Images of containers often forbid bytecode files; every process would compile again what it imports.
os.environ.pop("PYTHONDONTWRITEBYTECODE", None)
sys.dont_write_bytecode = False
