"""What a web worker loads: it need not hold what only training and data frames need."""

import subprocess
import sys

LOAD = """
import sys
import movierec.wsgi
from django.urls import get_resolver
get_resolver().url_patterns
heavy = [name for name in ("paddle", "pandas", "pyarrow", "matplotlib", "scipy") if name in sys.modules]
sys.exit(f"loaded: {heavy}" if heavy else 0)
"""
THEN_PANDAS = """
import recommendations.vector_index
import pandas
assert pandas.DataFrame({"a": [1]}).a.sum() == 1
"""


def run(code: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=False)


def test_a_web_worker_loads_neither_paddle_nor_pandas() -> None:
    done = run(LOAD)
    assert done.returncode == 0, done.stderr


def test_pandas_can_be_imported_afterwards() -> None:
    done = run(THEN_PANDAS)
    assert done.returncode == 0, done.stderr
