"""recommend: one user's latest ratings beside their list."""

from argparse import ArgumentParser
from typing import Any

from django.core.management.base import BaseCommand, CommandError

from catalog.models import Rating, User
from recommendations.serving import ListRequest, Recommendation, recommend

LATEST = 10


class Command(BaseCommand):
    help = "Print the latest ratings of a user and what is recommended to them."

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("username")
        parser.add_argument("--limit", type=int, default=10, metavar="N")

    def handle(self, *args: Any, **options: Any) -> None:
        user = User.objects.filter(username=options["username"]).first()
        if user is None:
            raise CommandError(f"there is no user named {options['username']!r}")
        if not 1 <= options["limit"] <= 1000:
            raise CommandError("--limit must be from 1 to 1000")
        self.stdout.write(f"Latest ratings of {user.username}:")
        for rating in Rating.objects.of(user).newest_first().select_related("movie")[:LATEST]:
            self.stdout.write(f"  {rating.stars:3.1f}★  {rating.movie}")
        answer = recommend(user, ListRequest(limit=options["limit"]), store=False)
        version = f", model version {answer.model_version}" if answer.model_version else ""
        self.stdout.write(f"Recommended ({answer.source.label}{version}):")
        if answer.notice:
            self.stdout.write(f"  {answer.notice}")
        for place, recommendation in enumerate(answer.results, start=1):
            self.stdout.write(f"  {place:3}. {_line(recommendation)}")


def _line(recommendation: Recommendation) -> str:
    line = str(recommendation.movie)
    if recommendation.predicted_rating is not None:
        line += f"  (predicted {recommendation.predicted_rating:.1f}★)"
    if recommendation.because:
        line += "  because of " + ", ".join(reason.title for reason in recommendation.because)
    return line
