"""Chromium on the site as it is served: desktop and phone, light and dark, with and without JavaScript.

Every page must keep the console clean: a blocked style, a missing file or a fault of a script fails the test.
Screenshots of every page are kept in SCREENSHOTS, or else in a new folder, which the run names at its end.
"""

import os
import re
import tempfile
from collections.abc import Callable, Iterator
from functools import cache
from pathlib import Path

import pytest
from django.conf import settings
from django.test import Client
from playwright.sync_api import Browser, ConsoleMessage, Page, sync_playwright
from pytest_django import Settings
from pytest_django.live_server_helper import LiveServer

from catalog.models import Movie, User
from recommendations.live_model import forget_live_model
from recommendations.models import ModelVersion
from recommendations.promotion import promote
from tests import world
from tests.engines import EngineProcess
from tests.factories import MovieFactory, RatingFactory, UserFactory

CHROMIUM = os.environ.get("CHROMIUM", "/usr/bin/chromium")
ARGUMENTS = [
    "--headless",
    "--no-sandbox",
    "--disable-gpu",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
]
DESKTOP, PHONE = {"width": 1280, "height": 900}, {"width": 390, "height": 844}
TITLES = [
    ("Alien", 1979, ["Horror", "Sci-Fi"]),
    ("Matrix, The", 1999, ["Action", "Sci-Fi"]),
    ("Casablanca", 1942, ["Drama", "Romance"]),
    ("Toy Story", 1995, ["Animation", "Children", "Comedy"]),
    ("Fargo", 1996, ["Comedy", "Crime", "Thriller"]),
    ("Good, the Bad and the Ugly, The", 1966, ["Western"]),
    ("Chinatown", 1974, ["Film-Noir", "Mystery"]),
    ("Wizard of Oz, The", 1939, ["Adventure", "Musical"]),
    ("Hoop Dreams", 1994, ["Documentary"]),
    ("Princess Bride, The", 1987, ["Fantasy", "Comedy"]),
    ("Paths of Glory", 1957, ["War", "Drama"]),
    ("Amélie", 2001, ["Romance", "Comedy"]),
]
OpenPage = Callable[..., Page]


@cache
def screenshots() -> Path:
    folder = Path(os.environ.get("SCREENSHOTS") or tempfile.mkdtemp(prefix="movierec-screenshots-"))
    folder.mkdir(parents=True, exist_ok=True)
    return folder


def pytest_terminal_summary(terminalreporter: pytest.TerminalReporter) -> None:
    if screenshots.cache_info().currsize:
        terminalreporter.write_line(
            f"{len(list(screenshots().glob('*.jpg')))} screenshots in {screenshots()}"
        )


def keep_screenshot(page: Page, look: str) -> None:
    """The whole page under its address and `look`, such as "phone-dark"."""
    name = re.sub(r"[^a-z0-9]+", "-", page.url.split("/", 3)[3]).strip("-") or "home"
    path = screenshots() / f"{name}-{look}.jpg"
    page.screenshot(path=path, type="jpeg", quality=60, full_page=True, caret="initial")


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    here = Path(__file__).parent
    for item in items:
        if here in item.path.parents:
            item.add_marker(pytest.mark.browser)


@pytest.fixture(scope="session")
def chromium() -> Iterator[Browser]:
    os.environ["DJANGO_ALLOW_ASYNC_UNSAFE"] = "true"  # Playwright keeps an event loop in this thread
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=CHROMIUM, args=ARGUMENTS)
        yield browser
        browser.close()


@pytest.fixture(autouse=True)
def _static_files_without_manifest(settings: Settings) -> None:
    settings.PASSWORD_HASHERS = ["django.contrib.auth.hashers.MD5PasswordHasher", *settings.PASSWORD_HASHERS]
    settings.STORAGES = settings.STORAGES | {
        "staticfiles": {"BACKEND": "django.contrib.staticfiles.storage.StaticFilesStorage"}
    }


@pytest.fixture
def open_page(chromium: Browser, live_server: LiveServer) -> Iterator[OpenPage]:
    """`open_page("/movies/", phone=True, javascript=False)`: a page in a browser of its own."""
    complaints: list[str] = []
    pages: list[Page] = []

    def note(message: ConsoleMessage) -> None:
        if message.type == "error":
            complaints.append(message.text)

    def open_(
        path: str = "/",
        *,
        phone: bool = False,
        dark: bool = False,
        javascript: bool = True,
        complain: bool = True,
    ) -> Page:
        context = chromium.new_context(
            base_url=live_server.url,
            viewport=PHONE if phone else DESKTOP,
            has_touch=phone,
            color_scheme="dark" if dark else "light",
            java_script_enabled=javascript,
            locale="en",
        )
        page = context.new_page()
        page.set_default_timeout(10_000)
        if complain:
            page.on("console", note)
        page.on("pageerror", lambda error: complaints.append(str(error)))
        page.goto(path)
        pages.append(page)
        return page

    yield open_
    for page in pages:
        page.context.close()
    assert not complaints


@pytest.fixture
def movies(transactional_db: None) -> list[Movie]:
    """A dozen movies; the earlier ones are rated more often."""
    made = [MovieFactory(title=title, year=year, genres=genres) for title, year, genres in TITLES]
    for place, movie in enumerate(made):
        RatingFactory.create_batch(6 - place // 2, movie=movie, stars=3.0 + place % 5 / 2)
    return made


@pytest.fixture
def user(transactional_db: None) -> User:
    return UserFactory(username="ada")


@pytest.fixture
def live_world(milvus: EngineProcess, model_dir: Path, transactional_db: None) -> ModelVersion:
    """The catalogue of tests/world.py with a trained model that is live in Milvus."""
    world.store_world()
    forget_live_model()
    version = world.register_version()
    promote(version)
    return version


@pytest.fixture
def rater(live_world: ModelVersion, user: User) -> User:
    """Somebody who likes horror and no comedy, with a model at work."""
    for title, stars in (("Horror night 45", 5.0), ("Horror night 46", 4.0), ("Comedy night 16", 1.0)):
        RatingFactory(user=user, movie=Movie.objects.get(title=title), stars=stars)
    return user


def log_in(page: Page, user: User, *, then: str = "/") -> None:
    """Go to `then` with a session of `user`; the form has a test of its own."""
    client = Client()
    client.force_login(user)
    value = client.cookies[settings.SESSION_COOKIE_NAME].value
    root = "/".join(page.url.split("/")[:3])
    page.context.add_cookies([{"name": settings.SESSION_COOKIE_NAME, "value": value, "url": root}])
    page.goto(then)
