"""What holds for every page: faults are explained, nothing is loaded from elsewhere, nothing is inline."""

import re
from unittest import mock

import pytest
from django.template.loader import render_to_string
from django.test import Client
from django.views.defaults import bad_request, server_error
from pytest_django import Settings

from catalog.models import User
from tests.factories import GenreFactory, MovieFactory, RatingFactory

PUBLIC = ["/", "/movies/", "/movies/1/", "/accounts/login/", "/accounts/signup/", "/nothing-here/"]
PRIVATE = [
    "/",
    "/movies/",
    "/movies/1/",
    "/recommendations/",
    "/accounts/taste/",
    "/accounts/ratings/",
    "/accounts/watchlist/",
    "/accounts/my-taste/",
    "/accounts/import/",
    "/accounts/profile/",
    "/accounts/password/",
    "/accounts/delete/",
]


def test_the_icon_is_found_where_browsers_look_for_it_beside_json(client: Client) -> None:
    answer = client.get("/favicon.ico")
    assert (answer.status_code, answer["Location"]) == (302, "/static/icons/favicon.svg")


@pytest.fixture
def pages(member: Client, user: User) -> dict[str, str]:
    """The HTML of every page, by address and reader."""
    MovieFactory(pk=1, genres=["Drama"])
    RatingFactory(user=user, movie=MovieFactory(genres=["Comedy"]), stars=5.0)
    visitor = Client()
    shown = {f"visitor {path}": visitor.get(path).text for path in PUBLIC}
    return shown | {f"member {path}": member.get(path).text for path in PRIVATE}


def test_no_page_has_inline_scripts_styles_or_handlers(pages: dict[str, str]) -> None:
    for name, page in pages.items():
        assert not re.search(r"<script(?![^>]* src=)", page), name
        assert not re.search(r"<style|\sstyle=|\son[a-z]+=|hx-on|javascript:", page), name


def test_no_page_loads_anything_from_elsewhere(pages: dict[str, str]) -> None:
    for name, page in pages.items():
        assert not re.search(
            r'<(?:link|script|img|use|form|iframe)[^>]*(?:src|href|action)="(?:https?:)?//', page
        ), name


def test_every_page_has_one_main_heading_and_a_title(pages: dict[str, str]) -> None:
    for name, page in pages.items():
        assert page.count("<h1") == 1, name
        assert re.search(r"<title>\s*\S", page), name


def test_ids_are_unique_on_every_page(pages: dict[str, str]) -> None:
    for name, page in pages.items():
        ids = re.findall(r'\sid="([^"]*)"', page)
        assert len(ids) == len(set(ids)), name


@pytest.mark.django_db
def test_pages_forbid_everything_inline(client: Client) -> None:
    headers = client.get("/").headers
    assert "default-src 'self'" in headers["Content-Security-Policy"]
    assert "unsafe" not in headers["Content-Security-Policy"]
    assert headers["Referrer-Policy"] == "same-origin"
    assert headers["X-Frame-Options"] == "DENY"


@pytest.mark.django_db
def test_an_address_that_leads_nowhere_is_explained(client: Client) -> None:
    answer = client.get("/nothing-here/")
    assert answer.status_code == 404
    assert "Nothing here" in answer.text


@pytest.mark.parametrize("view", [bad_request, server_error])
def test_faults_are_explained_without_a_database(view: mock.Mock, rf: mock.Mock) -> None:
    arguments = (rf.get("/"), Exception()) if view is bad_request else (rf.get("/"),)
    answer = view(*arguments)
    assert "To the start page" in answer.content.decode()
    assert answer.status_code in (400, 500)


def test_the_page_of_a_fault_needs_no_manifest_of_static_files(settings: Settings) -> None:
    settings.STORAGES = settings.STORAGES | {
        "staticfiles": {"BACKEND": "whitenoise.storage.CompressedManifestStaticFilesStorage"}
    }
    assert "/static/css/error.css" in render_to_string("500.html")


@pytest.mark.django_db
def test_the_language_is_switched_by_a_form(client: Client) -> None:
    GenreFactory(name="Comedy")
    answer = client.post("/i18n/setlang/", {"language": "de", "next": "/movies/"}, follow=True)
    assert '<html lang="de">' in answer.text
    assert "Komödie" in answer.text


@pytest.mark.django_db
def test_german_pages_still_send_stars_with_a_point(member: Client) -> None:
    member.post("/i18n/setlang/", {"language": "de"})
    page = member.get(MovieFactory().get_absolute_url()).text
    assert 'value="4.5"' in page
    assert 'value="4,5"' not in page
