"""The German translation is whole, and what is compiled is what is written."""

import gettext
import re
from pathlib import Path

import pytest
from django.conf import settings
from django.test import Client

from tests.factories import MovieFactory

FOLDER = Path(settings.LOCALE_PATHS[0]) / "de" / "LC_MESSAGES"


def entries() -> list[tuple[str, list[str]]]:
    """Each text of the .po file with its translations."""
    text = re.sub(r'"\n"', "", (FOLDER / "django.po").read_text())
    found = re.findall(r'^msgid "(.*)"\n(?:msgid_plural ".*"\n)?((?:msgstr.*\n?)+)', text, re.MULTILINE)
    return [(msgid, re.findall(r'^msgstr\S* "(.*)"', block, re.MULTILINE)) for msgid, block in found if msgid]


def test_every_text_is_translated() -> None:
    missing = [msgid for msgid, translations in entries() if not all(translations)]
    assert len(entries()) > 200
    assert not missing


def test_the_compiled_file_is_up_to_date() -> None:
    with (FOLDER / "django.mo").open("rb") as file:
        compiled = gettext.GNUTranslations(file)
    plain = {
        msgid: texts[0] for msgid, texts in entries() if len(texts) == 1 and "\\" not in msgid + texts[0]
    }
    assert {msgid: compiled.gettext(msgid) for msgid in plain} == plain


def test_placeholders_survive_the_translation() -> None:
    for msgid, translations in entries():
        for translation in translations:
            assert set(re.findall(r"%\(\w+\)", msgid)) == set(re.findall(r"%\(\w+\)", translation)), msgid


@pytest.mark.django_db
def test_numbers_and_pages_are_german(client: Client) -> None:
    client.post("/i18n/setlang/", {"language": "de"})
    movie = MovieFactory(genres=["Comedy"], rating_mean=3.5, rating_count=2)
    page = client.get("/movies/").text
    assert "Stöbern" in page
    assert "3,5" in page
    assert "Komödie" in client.get(movie.get_absolute_url()).text
