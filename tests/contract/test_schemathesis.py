"""Thousands of generated requests, fit and unfit, alone and in a row, by a visitor, a user and an operator.

No answer may break the schema, what the schema forbids is refused, and nothing is a server error.
"""

import re
import subprocess
from collections.abc import Callable
from pathlib import Path

import pytest

from catalog.models import User
from tests.engines import BASE_DIR, BIN

pytestmark = [pytest.mark.contract, pytest.mark.timeout(600)]
FEWEST_CASES = 2_000
CONFIG = Path(__file__).with_name("schemathesis.toml")
SECONDS = 100  # at most, for each of the three; on an idle machine they end by themselves


def run(site: str, folder: Path, *, token: str | None) -> tuple[int, str, int]:
    """Exit status, output and number of cases of one run."""
    folder.mkdir()
    report = folder / "report.json"
    command = [BIN / "schemathesis", "--config-file", CONFIG, "run", f"{site}/api/v1/schema/?format=json"]
    command += ["--max-time", str(SECONDS), "--report", "json", "--report-json-path", report, "--no-color"]
    if token is not None:
        command += ["--header", f"Authorization: Token {token}"]
        command += ["--exclude-path-regex", "/auth/tokens/"]  # else it would revoke the token it asks with
    done = subprocess.run(command, cwd=BASE_DIR, capture_output=True, text=True, timeout=SECONDS + 60)
    generated = re.search(r"([\d,]+) generated", done.stdout)
    return done.returncode, done.stdout + done.stderr, int(generated[1].replace(",", "")) if generated else 0


def test_no_request_breaks_the_schema_or_the_server(
    site: str, fan: User, operator: User, token_of: Callable[[User], str], tmp_path: Path
) -> None:
    tokens = {"visitor": None, "user": token_of(fan), "operator": token_of(operator)}
    runs = {who: run(site, tmp_path / who, token=token) for who, token in tokens.items()}
    for who, (status, output, cases) in runs.items():
        print(f"schemathesis as {who}: {cases} cases, exit status {status}")  # noqa: T201
        assert status == 0, output
    total = sum(cases for _status, _output, cases in runs.values())
    print(f"schemathesis: {total} cases in all")  # noqa: T201
    assert total >= FEWEST_CASES
