"""Bringing one's ratings along: choose a file, look at what was found, confirm, read the report.

Between the steps the matches wait in the session; nothing is written before the owner confirms.
"""

from collections import Counter
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.http import HttpResponse, QueryDict
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _

from catalog.forms import RatingsFileForm
from catalog.models import Movie
from catalog.own_ratings.errors import RatingsFileRejected
from catalog.own_ratings.matching import Match, State, match_rows
from catalog.own_ratings.reading import read_ratings
from catalog.own_ratings.writing import NewRating, add_ratings
from catalog.views.access import MemberRequest, member_required

WAITING = "ratings_import"  # keys in the session
REPORT = "ratings_import_report"


@dataclass(frozen=True)
class Doubt:
    """A row for which its owner chooses the movie."""

    place: int
    title: str
    year: int | None
    stars: float
    candidates: list[Movie]

    @property
    def likely(self) -> Movie | None:
        """The candidate to propose: of the same year or one beside it, as sites disagree on premières."""
        first = self.candidates[0]
        near = self.year is not None and first.year is not None and abs(first.year - self.year) <= 1
        return first if near else None


@member_required
def choose_file(request: MemberRequest) -> HttpResponse:
    form = RatingsFileForm(request.POST or None, request.FILES or None)
    if request.method == "POST" and form.is_valid():
        try:
            matches = match_rows(request.user, read_ratings(form.cleaned_data["file"].read()))
        except RatingsFileRejected as error:
            form.add_error("file", str(error))
        else:
            request.session[WAITING] = [_as_json(match) for match in matches]
            return redirect("confirm-import")
    return render(request, "accounts/import.html", {"form": form})


@member_required
def confirm_import(request: MemberRequest) -> HttpResponse:
    waiting: list[dict[str, Any]] | None = request.session.get(WAITING)
    if waiting is None:
        sent_twice = request.method == "POST" and REPORT in request.session
        return redirect("import-report" if sent_twice else "import-ratings")
    if request.method == "POST":
        chosen = _chosen(waiting, request.POST)
        del request.session[WAITING]
        request.session[REPORT] = _report(
            waiting, added=add_ratings(request.user, chosen), chosen=len(chosen)
        )
        return redirect("import-report")
    return render(request, "accounts/import_preview.html", _preview(waiting))


@member_required
def import_report(request: MemberRequest) -> HttpResponse:
    report: dict[str, Any] | None = request.session.get(REPORT)
    if report is None:
        return redirect("import-ratings")
    return render(request, "accounts/import_report.html", {"report": report})


def _report(waiting: list[dict[str, Any]], *, added: int, chosen: int) -> dict[str, Any]:
    """What became of each row; a movie rated while its owner looked at the preview stays as it is."""
    states = Counter(row["state"] for row in waiting)
    left_out = states[State.SURE] + states[State.DOUBTFUL] - chosen
    unknown = [{"title": r["title"], "year": r["year"]} for r in waiting if r["state"] == State.UNKNOWN]
    rated = states[State.RATED] + chosen - added
    return {"added": added, "rated": rated, "left_out": left_out, "unknown": unknown}


def _as_json(match: Match) -> dict[str, Any]:
    row = match.row
    return {
        "title": row.title or row.imdb_id or str(row.movielens_id or ""),
        "year": row.year,
        "stars": row.stars,
        "rated_at": row.rated_at.isoformat() if row.rated_at else None,
        "state": match.state.value,
        "candidates": list(match.candidates),
    }


def _chosen(waiting: list[dict[str, Any]], form: QueryDict) -> dict[int, NewRating]:
    """The sure matches, and of the doubtful ones those for which a candidate was chosen."""
    chosen = {}
    for place, row in enumerate(waiting):
        wanted = str(row["candidates"][0]) if row["state"] == State.SURE else form.get(f"row-{place}", "")
        if wanted in map(str, row["candidates"]):
            when = datetime.fromisoformat(row["rated_at"]) if row["rated_at"] else None
            chosen[int(wanted)] = NewRating(row["stars"], when)
    return chosen


def _preview(waiting: list[dict[str, Any]]) -> dict[str, Any]:
    by_state = {state: [row for row in waiting if row["state"] == state] for state in State}
    doubtful = [(place, row) for place, row in enumerate(waiting) if row["state"] == State.DOUBTFUL]
    movies = Movie.objects.in_bulk(
        {pk for row in waiting if row["state"] != State.RATED for pk in row["candidates"]}
    )
    doubts = [
        Doubt(
            place,
            row["title"],
            row["year"],
            row["stars"],
            [movies[pk] for pk in row["candidates"] if pk in movies],
        )
        for place, row in doubtful
    ]
    sure = [row | {"movie": movies.get(row["candidates"][0])} for row in by_state[State.SURE]]
    return {"sure": sure, "doubts": doubts, "unknown": by_state[State.UNKNOWN]} | {
        "rated": by_state[State.RATED],
        "nothing": _("Nothing in this file is new here.") if not (sure or doubts) else "",
    }
