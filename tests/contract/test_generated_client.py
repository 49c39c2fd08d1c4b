"""A client that a public generator makes of the schema talks to a running server."""

import importlib
import subprocess
import sys
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import httpx
import pytest

from catalog.models import User
from tests.engines import BIN
from tests.factories import PASSWORD

pytestmark = pytest.mark.contract
CONFIG = """
package_name_override: generated_movierec
post_hooks: []
content_type_overrides:
  application/zip: application/octet-stream
"""


@pytest.fixture
def generated(site: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Callable[[str], Any]]:
    """`generated("api.ratings.ratings_update")`: a module of the client, made by openapi-python-client."""
    config = tmp_path / "config.yaml"
    config.write_text(CONFIG)
    schema = tmp_path / "schema.json"
    schema.write_bytes(httpx.get(f"{site}/api/v1/schema/?format=json", timeout=60).raise_for_status().content)
    command = [BIN / "openapi-python-client", "generate", "--path", schema]
    command += ["--meta", "none", "--config", config, "--output-path", tmp_path / "generated_movierec"]
    done = subprocess.run([*command, "--fail-on-warning"], capture_output=True, text=True, timeout=120)
    assert done.returncode == 0, done.stdout + done.stderr
    monkeypatch.syspath_prepend(str(tmp_path))
    yield lambda name: importlib.import_module(f"generated_movierec.{name}")
    for name in [name for name in sys.modules if name.startswith("generated_movierec")]:
        del sys.modules[name]


def operation(generated: Callable[[str], Any], tmp_path: Path, name: str) -> Any:
    """The module of an operation, whatever tag it is filed under."""
    path = next((tmp_path / "generated_movierec" / "api").glob(f"*/{name}.py"))
    return generated(f"api.{path.parent.name}.{name}")


def test_it_logs_in_rates_and_is_recommended_something(
    site: str, fan: User, operator: User, generated: Callable[[str], Any], tmp_path: Path
) -> None:
    client, models = generated("client"), generated("models")

    def call(name: str, client: Any, **arguments: Any) -> Any:
        answer = operation(generated, tmp_path, name).sync_detailed(client=client, **arguments)
        assert answer.status_code < 300, answer.content
        return answer.parsed

    def logged_in(user: User) -> Any:
        body = models.LogInRequest(username=user.username, password=PASSWORD)
        token = call("auth_token_create", client.Client(base_url=site), body=body).token
        return client.AuthenticatedClient(base_url=site, token=token, prefix="Token")

    person = logged_in(fan)
    best = call("recommendations_retrieve", person, limit=1).results[0]
    assert best.because
    rating = call("ratings_update", person, movie_id=best.movie.id, body=models.StarsRequest(stars=4.5))
    assert (rating.movie.id, rating.stars) == (best.movie.id, 4.5)
    again = call("recommendations_retrieve", person, limit=20)
    assert best.movie.id not in {found.movie.id for found in again.results}

    staff = logged_in(operator)
    versions = call("model_versions_list", staff).results
    assert [(version.number, version.live) for version in versions] == [(2, False), (1, True)]
