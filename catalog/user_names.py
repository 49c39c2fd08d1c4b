"""User names as whoever compares them does."""

import unicodedata


def name_key(username: str) -> str:
    """The same for all spellings that may be one account's.

    Django takes blanks away and normalises a name, and MySQL compares without regard to case and accents.
    """
    plain = unicodedata.normalize("NFKD", username.strip())
    return "".join(letter for letter in plain if not unicodedata.combining(letter)).casefold()
