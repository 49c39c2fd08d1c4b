"""Which account a user name stands for."""

import unicodedata

from catalog.models import User


def account_key(username: str) -> str:
    """The same for all names under which one logs in to one account; the name itself where there is none.

    Django takes blanks away and normalises a name, and the database says which one it is: MySQL compares
    without regard to case, accents and letters that mean nothing.
    """
    name = unicodedata.normalize("NFKC", username.strip()).encode(errors="replace").decode()
    account = User.objects.filter(username=name).values_list("pk", flat=True).first()
    return f"account {account}" if account else f"name {name.casefold()}"
