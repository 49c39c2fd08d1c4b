"""Names of the genres of MovieLens in the reader's language; a genre of another name keeps it."""

from django.utils.translation import gettext, gettext_noop

KNOWN = {
    gettext_noop("Action"),
    gettext_noop("Adventure"),
    gettext_noop("Animation"),
    gettext_noop("Children"),
    gettext_noop("Children's"),
    gettext_noop("Comedy"),
    gettext_noop("Crime"),
    gettext_noop("Documentary"),
    gettext_noop("Drama"),
    gettext_noop("Fantasy"),
    gettext_noop("Film-Noir"),
    gettext_noop("Horror"),
    gettext_noop("IMAX"),
    gettext_noop("Musical"),
    gettext_noop("Mystery"),
    gettext_noop("Romance"),
    gettext_noop("Sci-Fi"),
    gettext_noop("Thriller"),
    gettext_noop("War"),
    gettext_noop("Western"),
}


def translated_genre(name: str) -> str:
    return gettext(name) if name in KNOWN else name
