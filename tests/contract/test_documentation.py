"""What docs/api.md and README.md show can be typed in, and answers as shown."""

import json
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

from catalog.models import Movie
from tests.contract.examples import LEFT_OUT, Call, blocks, calls
from tests.engines import BASE_DIR
from tests.factories import GenreFactory, MovieFactory, RatingFactory, UserFactory

pytestmark = pytest.mark.contract
DOCUMENTED_HOST = "http://127.0.0.1:8000"
READ_TOKEN = r"""sed 's/.*"token":"\([^"]*\)".*/\1/'"""
# People and movies that the examples name.
ACCOUNTS = {"movielens-8": "demo", "movielens-2": "3b353896", "operator": "demo"}


@pytest.fixture
def documented_world(site: str) -> None:
    for username, password in ACCOUNTS.items():
        user = UserFactory(username=username, is_staff=username == "operator")
        user.is_superuser = user.is_staff
        user.set_password(password)
        user.save()
        RatingFactory(user=user, movie=Movie.objects.first(), stars=4.5)
    genres = [GenreFactory(name=name) for name in ("Drama", "Comedy", "Sci-Fi", "Action")]
    MovieFactory(pk=313, title="Titanic", year=1997, genres=genres)
    MovieFactory(pk=172, title="Empire Strikes Back, The", year=1980, genres=genres)


def differing_fields(documented: Any, answered: Any, path: str = "") -> list[str]:
    """The fields that only one of both has, but for those that the documentation says that it leaves out."""
    if isinstance(documented, dict) and isinstance(answered, dict):
        shown = documented.keys() - {LEFT_OUT}
        differing = shown - answered.keys() if LEFT_OUT in documented else shown ^ answered.keys()
        shared = sorted(shown & answered.keys())
        return [f"{path}.{name}" for name in sorted(differing)] + [
            field
            for name in shared
            for field in differing_fields(documented[name], answered[name], f"{path}.{name}")
        ]
    if isinstance(documented, list) and isinstance(answered, list) and documented and answered:
        return differing_fields(documented[0], answered[0], f"{path}.0")
    return []


def run_calls(site: str, found: list[Call]) -> list[str]:
    """What each command printed; all in one shell, so that variables of one serve the next."""
    divider = "-- next command --"
    lines = ["set -e", 'curl() { command curl --silent --show-error "$@"; }']
    for call in found:
        lines += [call.command.replace(DOCUMENTED_HOST, site), f"echo; echo '{divider}'"]
    done = subprocess.run(["bash", "-c", "\n".join(lines)], capture_output=True, text=True, timeout=120)
    assert done.returncode == 0, done.stderr
    return done.stdout.split(divider)[: len(found)]


def check(call: Call, printed: str) -> None:
    if call.documented is None:
        return
    answered = json.loads(printed[printed.find("{") :])
    assert differing_fields(call.documented, answered) == [], f"{call.command}\n{printed}"


def test_the_console_examples_answer_as_shown(site: str, documented_world: None) -> None:
    text = (BASE_DIR / "docs" / "api.md").read_text()
    found = with_real_tokens([call for block in blocks(text, "console") for call in calls(block)])
    assert len(found) >= 8
    for call, printed in zip(found, run_calls(site, found), strict=True):
        check(call, printed)


def with_real_tokens(found: list[Call]) -> list[Call]:
    """A documented token is an example: what logs in keeps the real one under the name given to it next."""
    changed = []
    for call, after in zip(found, [*found[1:], Call("", "")], strict=True):
        name, sign, _value = after.command.partition("=")
        if "/auth/token/" in call.command and sign and name.isidentifier():
            keep = f'answer=$({call.command}); echo "$answer"; {name}=$({READ_TOKEN} <<<"$answer")'
            changed.append(Call(keep, call.output))
        elif call.command.partition("=")[0].endswith("TOKEN") and " " not in call.command:
            changed.append(Call("true", ""))
        else:
            changed.append(call)
    return changed


def test_the_python_examples_run(site: str, documented_world: None, tmp_path: Path) -> None:
    examples = blocks((BASE_DIR / "docs" / "api.md").read_text(), "python")
    assert examples
    script = tmp_path / "examples.py"
    script.write_text("\n".join(examples).replace(DOCUMENTED_HOST, site))
    done = subprocess.run([sys.executable, script], capture_output=True, text=True, timeout=120)
    assert done.returncode == 0, done.stderr


def test_the_two_calls_of_the_readme_answer_as_shown(site: str, documented_world: None) -> None:
    text = (BASE_DIR / "README.md").read_text().partition("## The API in two calls")[2].partition("\n## ")[0]
    commands, outputs = blocks(text, "sh"), blocks(text, "json")
    log_in, ask = (command.replace("\\\n", "").strip() for command in commands)
    token = json.loads(run_calls(site, [Call(log_in, outputs[0])])[0])["token"]
    documented = json.loads(outputs[0])["token"]
    calls_made = [Call(log_in, outputs[0]), Call(ask.replace(documented, token), outputs[1])]
    for call, printed in zip(calls_made, run_calls(site, calls_made), strict=True):
        check(call, printed)
