"""compose.yaml and Dockerfile, as far as they can be held to something without a container engine."""

import json
import re
import runpy
import shlex
from itertools import pairwise
from typing import Any

import pytest
import yaml
from compose_spec import PyCompose

from bench.installation import WHOLE_SEGMENTS
from tests.engines import BASE_DIR

TEXT = (BASE_DIR / "compose.yaml").read_text()
COMPOSE = yaml.safe_load(TEXT)
SERVICES: dict[str, dict[str, Any]] = COMPOSE["services"]
DOCKERFILE = (BASE_DIR / "Dockerfile").read_text()
OWN = ("web", "worker-sync", "worker-training", "beat")
ENGINES = ("mysql", "redis", "etcd", "minio", "milvus")
ONE_OFF = "migrate"
READERS = ("movierec/environment.py", "movierec/settings.py", "movierec/health.py", "gunicorn.conf.py")
READ = re.compile(
    r"""\b(?:read_\w+|env\.\w+|environ\.get)\(\s*"([A-Z_]+)" | "([A-Z_]+)"\ (?:not\ )?in\ os\.environ""",
    re.VERBOSE,
)
NOT_FROM_ENV_FILE = {
    "DATABASE_URL": "the MySQL of this file",
    "CACHE_URL": "the Redis of this file",
    "CELERY_BROKER_URL": "the Redis of this file",
    "DEBUG": "never where people are served",
    "ENV_FILE": "the image has no such file",
    "VAR_DIR": "a folder of the image",
    "MODEL_DIR": "the volume of this file",
    "HOST": "inside the container",
    "PORT": "inside the container; the one of .env is published",
    "ACCESS_LOG": "the container's log",
    "PROMETHEUS_MULTIPROC_DIR": "the web server makes one",
}


def procfile_words(name: str) -> list[str]:
    lines = dict(line.split(": ", 1) for line in (BASE_DIR / "Procfile").read_text().splitlines())
    return shlex.split(lines[name].removeprefix("exec "))


def variables_read() -> set[str]:
    """Names of the environment variables that choose something for the server and the workers."""
    text = "\n".join((BASE_DIR / name).read_text() for name in READERS)
    return {match[1] or match[2] for match in READ.finditer(text)}


def comes_from_env_file(name: str, value: str | None) -> bool:
    """Whether compose takes the variable from .env; one without a value is passed on where it is set."""
    return value is None or f"${{{name}:" in value


def documented_commands() -> list[list[str]]:
    """The words of each `docker compose` command that docs/production.md tells to run in a container."""
    lines = (BASE_DIR / "docs" / "production.md").read_text().splitlines()
    return [shlex.split(line) for line in lines if re.match("docker compose (exec|run) ", line)]


def interpolated() -> str:
    """The file with its defaults, and with some text where the environment must have a value."""
    return re.sub(r"(?<!\$)\$\{\w+:(?:\?|-([^}]*))\}", lambda match: match[1] or "given", TEXT)


def test_the_file_is_valid_by_the_compose_specification() -> None:
    parsed = PyCompose.from_json(json.dumps(yaml.safe_load(interpolated())))
    parsed.validate()
    assert set(parsed.service_names()) == set(SERVICES)


def test_every_engine_and_process_of_production_is_there() -> None:
    assert set(SERVICES) == {*OWN, *ENGINES, ONE_OFF}


def test_only_the_web_server_is_published_and_only_on_loopback() -> None:
    published = {name: service["ports"] for name, service in SERVICES.items() if "ports" in service}
    assert published == {"web": ["127.0.0.1:${PORT:-8000}:8000"]}


@pytest.mark.parametrize("name", ENGINES)
def test_engines_are_reachable_from_the_containers_alone(name: str) -> None:
    assert SERVICES[name]["networks"] == ["engines"]
    assert COMPOSE["networks"]["engines"] == {"internal": True}


@pytest.mark.parametrize("name", [*ENGINES, "worker-sync", "worker-training", "beat"])
def test_every_service_that_stays_up_is_health_checked(name: str) -> None:
    assert SERVICES[name]["healthcheck"]["test"]


@pytest.mark.parametrize("name", SERVICES)
def test_no_log_grows_without_limit(name: str) -> None:
    logging = SERVICES[name]["logging"]
    assert logging["driver"] == "json-file"
    assert logging["options"] == {"max-size": "10m", "max-file": "5"}


def test_milvus_is_set_up_as_it_was_measured() -> None:
    environment = SERVICES["milvus"]["environment"]
    assert {name: environment.get(name) for name in WHOLE_SEGMENTS} == WHOLE_SEGMENTS


def test_the_image_checks_the_web_server_and_runs_without_root() -> None:
    last_stage = DOCKERFILE.rpartition("\nFROM ")[2]
    assert re.search(r"^HEALTHCHECK .*\n.*scripts/check_health.py", last_stage, re.MULTILINE)
    assert last_stage.index("\nUSER movierec\n") < last_stage.index("\nCMD ")


def test_the_image_starts_the_web_server_as_the_procfile_does() -> None:
    assert yaml.safe_load(DOCKERFILE.rpartition("\nCMD ")[2]) == procfile_words("web")
    assert SERVICES["web"]["command"] == procfile_words("web")


@pytest.mark.parametrize(("service", "process"), [("worker-sync", "sync"), ("worker-training", "training")])
def test_workers_start_as_in_the_procfile_with_beat_on_its_own(service: str, process: str) -> None:
    assert SERVICES[service]["command"] == [word for word in procfile_words(process) if word != "--beat"]


def test_there_is_one_beat() -> None:
    beats = [name for name, service in SERVICES.items() if "beat" in str(service.get("command"))]
    assert beats == ["beat"]


def test_the_web_server_is_not_killed_while_it_may_still_answer() -> None:
    settings = runpy.run_path(str(BASE_DIR / "gunicorn.conf.py"))
    assert int(SERVICES["web"]["stop_grace_period"].removesuffix("s")) > settings["graceful_timeout"] + 10


def test_no_secret_has_a_value_in_the_file() -> None:
    secrets = [
        (name, key, value)
        for name, service in SERVICES.items()
        for key, value in service.get("environment", {}).items()
        if re.search("PASSWORD|SECRET|TOKEN|_URL$|AUTH", key)
    ]
    assert len(secrets) > 10
    assert [entry for entry in secrets if entry[2] and not re.search(r"\$\{\w+:\?\}", entry[2])] == []


def test_the_web_server_is_told_every_setting_but_those_that_this_file_decides() -> None:
    environment = SERVICES["web"]["environment"]
    passed_on = {name for name, value in environment.items() if comes_from_env_file(name, value)}
    assert {"SECRET_KEY", "MILVUS_TOKEN", "ACCOUNT_GRACE_DAYS", "DRIFT_EMPTY_LISTS"} <= passed_on
    assert passed_on == variables_read() - NOT_FROM_ENV_FILE.keys()


@pytest.mark.parametrize("name", [*OWN, ONE_OFF])
def test_every_process_of_ours_is_told_the_same(name: str) -> None:
    of_the_web_server = SERVICES["web"]["environment"]
    assert SERVICES[name]["environment"] | {"WEB_CONCURRENCY": "${WEB_CONCURRENCY:-2}"} == of_the_web_server


def test_every_variable_is_documented() -> None:
    text = (BASE_DIR / "README.md").read_text() + (BASE_DIR / ".env.example").read_text()
    assert {name for name in variables_read() if not re.search(rf"\b{name}\b", text)} == set()


@pytest.mark.parametrize("words", documented_commands(), ids=" ".join)
def test_what_the_documents_run_in_a_container_is_there(words: list[str]) -> None:
    [service] = SERVICES.keys() & set(words)
    mounts = [volume.split(":")[1] for option, volume in pairwise(words) if option == "--volume"]
    arguments = words[words.index(service) + 1 :]
    assert arguments[:2] == ["python", "manage.py"]
    assert [word for word in arguments if word.startswith("/") and word not in mounts] == []


@pytest.mark.parametrize("name", ENGINES)
def test_images_of_engines_are_pinned(name: str) -> None:
    assert re.search(r":v?\d+\.\d+|:RELEASE", SERVICES[name]["image"])


@pytest.mark.parametrize("name", [*OWN, ONE_OFF])
def test_own_containers_can_write_nothing_but_models(name: str) -> None:
    service = SERVICES[name]
    assert service["read_only"] is True
    assert service["cap_drop"] == ["ALL"]
    assert service["volumes"] == ["models:/var/lib/movierec/models"]


def test_what_a_service_refers_to_exists() -> None:
    volumes = {v.partition(":")[0] for service in SERVICES.values() for v in service.get("volumes", [])}
    networks = {network for service in SERVICES.values() for network in service["networks"]}
    needed = {name for service in SERVICES.values() for name in service.get("depends_on", {})}
    assert volumes == set(COMPOSE["volumes"])
    assert networks == set(COMPOSE["networks"])
    assert needed <= set(SERVICES)
