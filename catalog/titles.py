"""Titles as people say them. MovieLens writes "Matrix, The" and "Seven Samurai (Shichinin no samurai)"."""

import re

ARTICLES = (
    *("the", "a", "an"),
    *("der", "die", "das", "ein", "eine"),
    *("le", "la", "les", "l'", "un", "une"),
    *("il", "lo", "gli", "el", "los", "las", "det", "den", "de", "het"),
)
ARTICLE_LAST = re.compile(rf"^(.+), ({'|'.join(ARTICLES)})$", re.IGNORECASE)
OTHER_TITLE = re.compile(r"^(.*\S)\s*\(([^()]*)\)\s*$")

GERMAN = re.compile(r"(der|die|das|ein|eine) .|.* (und|über|für|nicht|vom|auf|des) .", re.IGNORECASE)


def spoken_title(title: str) -> str:
    """With the article in front, also in the other title in brackets: "Amelie (Le fabuleux destin)"."""
    main, other = parted_title(title)
    return f"{main} ({other})" if other else main


def parted_title(title: str) -> tuple[str, str]:
    """The title and the other one that follows in brackets, each with its article in front."""
    match = OTHER_TITLE.match(title)
    main, other = match.groups() if match else (title, "")
    return _article_first(main), _article_first(other)


def parts_for(language: str, title: str) -> tuple[str, str]:
    """As `parted_title`; for German readers a German other title comes first."""
    main, other = parted_title(title)
    if language.startswith("de") and GERMAN.match(other) and not GERMAN.match(main):
        return other, main
    return main, other


def _article_first(title: str) -> str:
    match = ARTICLE_LAST.match(title)
    if match is None:
        return title
    head, article = match.groups()
    return f"{article}{head}" if article.endswith("'") else f"{article} {head}"
