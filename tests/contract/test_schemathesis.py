"""Thousands of generated requests, fit and unfit, alone and in a row, by a visitor, a user and an operator.

No answer may break the schema, what the schema forbids is refused, and nothing is a server error.
"""

import os
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
HOOKS = "tests.contract.stateful_hooks"
ALONE, IN_A_ROW = "examples,coverage,fuzzing", "stateful"  # phases
SECONDS = {ALONE: 50, IN_A_ROW: 20}  # at most; on an idle machine they end by themselves


def run(site: str, token: str | None, phases: str) -> int:
    """The number of cases of one run, all of which were answered as the schema says."""
    command = [BIN / "schemathesis", "--config-file", CONFIG, "run", f"{site}/api/v1/schema/?format=json"]
    command += ["--phases", phases, "--max-time", str(SECONDS[phases]), "--no-color"]
    if token is not None:
        command += ["--header", f"Authorization: Token {token}"]
        command += ["--exclude-path-regex", "/auth/tokens/"]  # else it would revoke the token it asks with
    limit = SECONDS[phases] + 60
    env = os.environ | ({"SCHEMATHESIS_HOOKS": HOOKS} if phases == IN_A_ROW else {})
    done = subprocess.run(command, cwd=BASE_DIR, env=env, capture_output=True, text=True, timeout=limit)
    assert done.returncode == 0, done.stdout + done.stderr
    generated = re.search(r"([\d,]+) generated", done.stdout)
    return int(generated[1].replace(",", "")) if generated else 0


def test_no_request_breaks_the_schema_or_the_server(
    site: str, fan: User, operator: User, token_of: Callable[[User], str]
) -> None:
    tokens = {"visitor": None, "user": token_of(fan), "operator": token_of(operator)}
    cases = {(who, ALONE): run(site, token, ALONE) for who, token in tokens.items()}
    cases |= {(who, IN_A_ROW): run(site, tokens[who], IN_A_ROW) for who in ("user", "operator")}
    for (who, phases), number in cases.items():
        print(f"schemathesis as {who}, {phases}: {number} cases")  # noqa: T201
        assert number > 0
    print(f"schemathesis: {sum(cases.values())} cases in all")  # noqa: T201
    assert sum(cases.values()) >= FEWEST_CASES
