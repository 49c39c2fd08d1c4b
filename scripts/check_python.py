"""Ends with one clear line unless this Python can run movierec; must parse under any Python 3."""

import sys

OLDEST, NEWEST = (3, 11), (3, 13)  # Django 5.2 and NumPy need 3.11; Paddle 3.3 has no wheel beyond 3.13

if not OLDEST <= sys.version_info[:2] <= NEWEST:
    version = ".".join(map(str, sys.version_info[:3]))
    line = "movierec needs Python 3.11, 3.12 or 3.13, and {} is {}; name another: make demo PYTHON=python3.12"
    sys.exit(line.format(sys.executable, version))
