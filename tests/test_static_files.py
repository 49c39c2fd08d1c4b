"""Addresses of static files: with hashes, and asked of the manifest once."""

from pathlib import Path
from unittest import mock

import pytest
from django.core.checks import run_checks
from pytest_django import Settings
from whitenoise.storage import CompressedManifestStaticFilesStorage

from movierec.static_files import StaticFiles


@pytest.fixture
def files(settings: Settings, tmp_path: Path) -> StaticFiles:
    settings.DEBUG = False
    (tmp_path / "staticfiles.json").write_text(
        '{"version": "1.1", "paths": {"css/base.css": "css/base.1234.css"}, "hash": "1"}'
    )
    return StaticFiles(location=tmp_path, base_url="/static/")


def test_the_address_has_the_hash_of_the_file(files: StaticFiles) -> None:
    assert files.url("css/base.css") == "/static/css/base.1234.css"


def test_an_address_is_made_once(files: StaticFiles) -> None:
    with mock.patch.object(
        CompressedManifestStaticFilesStorage, "stored_name", autospec=True, return_value="css/base.1234.css"
    ) as stored_name:
        assert files.url("css/base.css") == files.url("css/base.css") == "/static/css/base.1234.css"
    stored_name.assert_called_once()


def test_a_file_that_is_not_there_is_a_fault_each_time(files: StaticFiles) -> None:
    for _ in range(2):
        with pytest.raises(ValueError, match="Missing staticfiles manifest entry"):
            files.url("css/gone.css")


def told_of_missing_files() -> list[str | None]:
    found = run_checks(include_deployment_checks=True)
    return [message.hint for message in found if message.id == "movierec.E003"]


def test_a_deployment_is_told_that_they_are_not_collected(settings: Settings, tmp_path: Path) -> None:
    settings.STATIC_ROOT = tmp_path
    assert told_of_missing_files() == ["manage.py collectstatic --no-input"]


def test_a_deployment_that_has_collected_them_is_told_nothing(settings: Settings, tmp_path: Path) -> None:
    settings.STATIC_ROOT = tmp_path
    (tmp_path / "staticfiles.json").write_text('{"version": "1.1", "paths": {}, "hash": "1"}')
    assert told_of_missing_files() == []
