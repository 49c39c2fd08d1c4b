"""Writes the users of a data set as accounts to which nobody can log in.

Once such an account has a password, it belongs to a person, and the import leaves it alone.
"""

from collections.abc import Iterable, Sequence

from django.contrib.auth.hashers import UNUSABLE_PASSWORD_PREFIX, make_password
from django.db import transaction
from django.db.models import Q, QuerySet

from catalog.models import User
from catalog.movielens.bulk import batched, update_rows
from catalog.movielens.report import Counts
from catalog.movielens.rows import UserRow

DEMOGRAPHICS = ("gender", "age_group", "occupation", "zip_code")
# Accounts that came with a data set and to which nobody can log in
NOBODY = Q(movielens_id__isnull=False, password__startswith=UNUSABLE_PASSWORD_PREFIX)


def imported_users() -> QuerySet[User]:
    """The users that came with a data set, also those that belong to a person by now."""
    return User.objects.filter(movielens_id__isnull=False)


def users_of_people() -> QuerySet[User]:
    """All accounts but those that were imported and have no password."""
    return User.objects.exclude(NOBODY)


@transaction.atomic
def write_users(rows: Iterable[tuple[int, UserRow]]) -> Counts:
    """Create or update the users; their demographics become what the rows say."""
    counts = Counts()
    for batch in batched(row for _line, row in rows):
        write_batch(batch, counts)
    return counts


def write_batch(rows: Sequence[UserRow], counts: Counts) -> None:
    users = imported_users().filter(movielens_id__in=[row.movielens_id for row in rows])
    stored = {user.movielens_id: user for user in users}
    edited = []
    for row in rows:
        user = stored.get(row.movielens_id)
        if user is None:
            continue
        demographics = row._asdict()
        del demographics["movielens_id"]
        if user.has_usable_password():
            counts.left_alone += 1
        elif demographics == {name: getattr(user, name) for name in DEMOGRAPHICS}:
            counts.unchanged += 1
        else:
            for name, value in demographics.items():
                setattr(user, name, value)
            edited.append(user)
    created = [row for row in rows if row.movielens_id not in stored]
    update_rows(User.objects.all(), edited, DEMOGRAPHICS)
    create_users(created)
    counts.updated += len(edited)
    counts.created += len(created)


def create_users(rows: Sequence[UserRow]) -> None:
    names = free_usernames([row.movielens_id for row in rows])
    User.objects.bulk_create(
        [
            User(username=names[row.movielens_id], password=make_password(None), **row._asdict())
            for row in rows
        ],
        batch_size=1000,
    )


def free_usernames(numbers: Sequence[int]) -> dict[int, str]:
    """`movielens-42`, or `movielens-42-2` and so on where a person signed up under that name.

    All get the next number where the database finds one to be taken that differs from each of them.
    """
    names = {number: f"movielens-{number}" for number in numbers}
    suffix = 1
    while taken := taken_usernames(names.values()):
        suffix += 1
        clashing = [number for number, name in names.items() if name.casefold() in taken] or numbers
        names |= {number: f"movielens-{number}-{suffix}" for number in clashing}
    return names


def taken_usernames(names: Iterable[str]) -> set[str]:
    """Which of these exist, in small letters; MySQL compares without regard to case, and to accents, too."""
    found = User.objects.filter(username__in=list(names)).values_list("username", flat=True)
    return {name.casefold() for name in found}
