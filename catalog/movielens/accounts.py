"""Finds the accounts of the users in a ratings file by their numbers; creates them if need be."""

from collections.abc import Sequence

from catalog.movielens.errors import RowRejected
from catalog.movielens.fields import parse_id
from catalog.movielens.report import Counts
from catalog.movielens.rows import UserRow
from catalog.movielens.users import create_users, imported_users, users_of_people


class Accounts:
    def __init__(self, *, may_create: bool) -> None:
        self._may_create = may_create
        self._created = 0
        self._met: set[str] = set()
        self._ids = ids_by_number()
        in_use = users_of_people().filter(movielens_id__isnull=False)
        self.of_people = frozenset(in_use.values_list("pk", flat=True))

    def number_of(self, text: str) -> str:
        """The plain number in `text`, such as "7" in "007"; RowRejected where there can be no such user."""
        if text in self._ids:
            return text
        number = str(parse_id(text, "user ID"))
        if not self._may_create and number not in self._ids:
            raise RowRejected(f"user ID '{number}' is not among the users")
        return number

    def ids_of(self, numbers: Sequence[str]) -> list[int]:
        """Primary keys of the users with these numbers; creates the users that do not exist yet."""
        met = dict.fromkeys(numbers)  # in order of appearance, which becomes the order of the accounts
        self._met |= met.keys()
        if missing := [int(number) for number in met if number not in self._ids]:
            create_users([UserRow(number, "", None, None, "") for number in missing])
            self._created += len(missing)
            self._ids |= ids_by_number(missing)
        return [self._ids[number] for number in numbers]

    @property
    def counts(self) -> Counts:
        return Counts(created=self._created, unchanged=len(self._met) - self._created)


def ids_by_number(numbers: Sequence[int] | None = None) -> dict[str, int]:
    """Primary keys by MovieLens number, of these or of all imported users."""
    users = imported_users() if numbers is None else imported_users().filter(movielens_id__in=numbers)
    return {str(number): user_id for user_id, number in users.values_list("pk", "movielens_id")}
