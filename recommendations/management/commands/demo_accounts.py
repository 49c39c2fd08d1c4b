"""demo_accounts: people to log in as on a demonstration, and one of them with their list."""

from typing import Any

from django.contrib.auth.hashers import make_password
from django.core.management import CommandError, call_command
from django.core.management.base import BaseCommand
from django.db.models import Count, QuerySet

from catalog.models import User
from movierec.environment import env

OPERATOR = "operator"
PEOPLE = 3
FEWEST, MOST = 40, 150  # ratings: a history that fills a screen and leaves many movies to recommend


class Command(BaseCommand):
    help = "Give three users of the data set and an operator the password DEMO_PASSWORD, and print them."

    def handle(self, *args: Any, **options: Any) -> None:
        password = env.str("DEMO_PASSWORD", default="")  # a command line could be read by everybody
        if not password:
            raise CommandError("DEMO_PASSWORD is not set")
        operator = _operator()
        people = list(_people())
        _set_first_password([operator, *people], password)
        for user in people:
            self.stdout.write(f"{_login(user, password)}   {user.ratings.count()} ratings")
        self.stdout.write(f"{_login(operator, password)}   the operator's panel at /admin/")
        if people:
            self.stdout.write("")
            call_command("recommend", people[0].username, stdout=self.stdout)


def _operator() -> User:
    operator, _created = User.objects.get_or_create(
        username=OPERATOR,
        defaults={"is_staff": True, "is_superuser": True, "password": make_password(None)},
    )
    return operator


def _people() -> QuerySet[User]:
    """Users of the data set with histories of a typical length, the same ones each time."""
    imported = User.objects.filter(movielens_id__isnull=False).annotate(given=Count("ratings"))
    typical = imported.filter(given__gte=FEWEST, given__lte=MOST).order_by("pk")[:PEOPLE]
    return typical if typical else imported.order_by("-given", "pk")[:PEOPLE]


def _set_first_password(users: list[User], password: str) -> None:
    """Only where there is none yet: whoever has changed theirs keeps it."""
    hashed = make_password(password)
    for user in users:
        if not user.has_usable_password():
            user.password = hashed
            user.save(update_fields=["password"])


def _login(user: User, password: str) -> str:
    known = password if user.check_password(password) else "as changed"
    return f"  {user.username:<16} password {known}"
